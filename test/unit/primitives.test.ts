/** Descriptors that are handed to the caller: whatever fails before they are, they are closed. */

import { describe, expect, it } from 'vitest'
import { handOver } from '../../src/netlink/primitives.js'

describe('a descriptor that is handed over', () => {
  it.each([
    ['the call was aborted', 0],
    ['it cannot be released', 1],
  ])('is closed where %s', (_, before) => {
    const operation = handOver(7)
    let { value } = operation.next()
    for (let i = 0; i < before; i++) value = operation.next().value
    expect(value).toMatchObject(before === 0 ? { kind: 'checkpoint' } : { name: 'releaseSocket', args: [7] })
    const fault = new Error('fault')
    // Whatever comes meanwhile.
    expect(operation.throw(fault).value).toEqual({ kind: 'shield', up: true })
    expect(operation.next().value).toMatchObject({ name: 'closeSocket', args: [7] })
    expect(operation.next().value).toEqual({ kind: 'shield', up: false })
    expect(() => operation.next()).toThrow(fault)
  })
})
