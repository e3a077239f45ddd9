/** Turns on a channel. */

import { describe, expect, it } from 'vitest'
import { Aborted, type Channel, type Turn } from '../../src/netlink/operation.js'
import { takeTurn } from '../../src/socket/turns.js'

describe('turns', () => {
  const channel = () => ({}) as Channel
  const settled = () => new Promise(setImmediate)

  it('are had at once where nobody has one, and otherwise in order', async () => {
    const [one, other] = [channel(), channel()]
    const first = takeTurn(one, undefined)
    expect(first).not.toBeInstanceOf(Promise)
    expect(takeTurn(other, undefined)).not.toBeInstanceOf(Promise)
    const had: string[] = []
    const wait = (name: string) =>
      Promise.resolve(takeTurn(one, undefined)).then((turn) => {
        had.push(name)
        return turn
      })
    const [second, third] = [wait('second'), wait('third')]
    await settled()
    expect(had).toEqual([])
    ;(first as Turn).end()
    const turn = await second
    await settled()
    expect(had).toEqual(['second'])
    turn.end()
    ;(await third).end()
    expect(takeTurn(one, undefined)).not.toBeInstanceOf(Promise)
  })

  it('are given up by an abort, and go to who is behind', async () => {
    const one = channel()
    const first = takeTurn(one, undefined) as Turn
    const controller = new AbortController()
    const second = takeTurn(one, controller.signal)
    const third = takeTurn(one, controller.signal)
    const fourth = takeTurn(one, undefined)
    controller.abort(new Error('no more'))
    for (const given of [second, third]) await expect(given).rejects.toBeInstanceOf(Aborted)
    first.end()
    ;(await fourth).end()
    expect(takeTurn(one, undefined)).not.toBeInstanceOf(Promise)
  })

  it('that are had are not taken away by an abort', async () => {
    const one = channel()
    const first = takeTurn(one, undefined) as Turn
    const controller = new AbortController()
    const second = takeTurn(one, controller.signal)
    first.end()
    controller.abort()
    ;(await second).end()
    expect(takeTurn(one, undefined)).not.toBeInstanceOf(Promise)
  })
})
