/** Many elements that are keys alone are written in another way than others: what is sent is the same, and so are mistakes. */

import { describe, expect, it } from 'vitest'
import type { NftElementsInput } from '../../src/nftables/element.js'
import { keysOf } from '../../src/nftables/keys.js'
import { shapeOfInput } from '../../src/nftables/set.js'
import { sentByCalls } from './nft-sent.js'

const T = { family: 'inet', table: 't' } as const
const address = (i: number) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`
const BOTH = ['ipv4_addr', 'inet_service'] as const

const CASES: [
  name: string,
  type: 'ipv4_addr' | 'inet_service' | 'ifname' | typeof BOTH,
  key: (i: number) => unknown,
][] = [
  ['addresses', 'ipv4_addr', address],
  ['ports', 'inet_service', (i) => i],
  ['names', 'ifname', (i) => `eth${i}`],
  ['concatenations', BOTH, (i) => [address(i), i]],
]

describe('many keys', () => {
  it.each(CASES)('%s', (_, type, key) => {
    const set = { ...T, name: 's', type }
    for (const count of [256, 12_000]) {
      const keys = Array.from({ length: count }, (_, i) => key(i)) as NftElementsInput['elements']
      const objects = keys.map((one) => ({ key: one })) as NftElementsInput['elements']
      expect(keysOf(shapeOfInput(set), keys)).toHaveLength(count)
      expect(keysOf(shapeOfInput(set), objects)).toBeNull()
      const sent = (elements: NftElementsInput['elements']) =>
        sentByCalls((tx) => {
          tx.addSet(set, elements)
          tx.addElements({ ...T, set: 's', elements })
          tx.deleteElements({ ...T, set: 's', elements })
        }).map((bytes) => Buffer.from(bytes).toString('hex'))
      expect(sent(keys)).toEqual(sent(objects))
    }
  })

  it('but not of intervals, few, or of a type that is not known', () => {
    const keys = Array.from({ length: 300 }, (_, i) => address(i))
    expect(keysOf(shapeOfInput({ type: 'ipv4_addr', flags: ['interval'] }), keys)).toBeNull()
    expect(keysOf(shapeOfInput({ type: 'ipv4_addr' }), keys.slice(0, 255))).toBeNull()
    expect(keysOf(shapeOfInput({ type: null }), keys)).toBeNull()
  })

  it('a mistake says which it is', () => {
    const keys = Array.from({ length: 300 }, (_, i) => (i === 299 ? '10.0.0.256' : address(i)))
    expect(() => sentByCalls((tx) => tx.addSet({ ...T, name: 's', type: 'ipv4_addr' }, keys))).toThrow(
      "elements[299]: '10.0.0.256' is not an IPv4 address",
    )
  })
})
