/** What listHooks() asks, against what nft(8) asked. */

import { describe, expect, it } from 'vitest'
import { getHooks } from '../../src/nftables/hook-attributes.js'
import { listHooks, type NftHookFilter } from '../../src/nftables/list-hooks.js'
import { dissect } from '../golden/dissect.js'
import { differenceFrom, findGolden } from '../golden/golden.js'
import { sentBy } from './sent-by.js'

const CASES: readonly [string, NftHookFilter, skipped: number, more: number][] = [
  ['ip', { family: 'ip' }, 1, 0],
  ['ip6', { family: 'ip6' }, 1, 0],
  // nft leaves out forward, which is of frames that a bridge hands on.
  ['arp', { family: 'arp' }, 1, 1],
  ['bridge', { family: 'bridge' }, 1, 0],
  // It asked no further: the kernel had refused ingress.
  ['netdev', { device: 'eth' }, 0, 1],
]

describe('hooks', () => {
  it.each(CASES)('of the family %s are asked for as nft does', (family, filter, skipped, more) => {
    const theirs = findGolden('nft-hook', `nft-hooks-${family}`)
      .messages.filter(({ bytes }) => dissect(bytes).type === getHooks.number)
      .slice(skipped)
    const ours = sentBy(listHooks(filter))
    expect(ours).toHaveLength(theirs.length + more)
    expect(theirs.map((message, i) => differenceFrom(message, ours[i]!))).toEqual(theirs.map(() => null))
  })

  it('are asked for of every family but those of devices, each once, where nothing is given', () => {
    const ofAll = CASES.flatMap(([, filter]) =>
      filter.device === undefined ? [sentBy(listHooks(filter))] : [],
    )
    expect(sentBy(listHooks())).toEqual(ofAll.flat())
    expect(sentBy(listHooks({ hook: 'forward' }))).toEqual(ofAll.map((sent) => sent[2]))
  })

  it.each<[NftHookFilter, string]>([
    [
      { family: 'inet' as 'ip' },
      "family: 'inet' is not one of ip, ip6, arp, bridge, netdev; chains of 'inet' are",
    ],
    [{ family: 'netdev' }, "device: the hooks of the family 'netdev' are those of one, which is needed"],
    [{ family: 'ip', device: 'eth0' }, "device: the hooks of the family 'ip' are not of a device"],
    [{ family: 'arp', hook: 'prerouting' }, "hook: 'prerouting' is none of arp"],
    [{ hook: 'ingress' }, 'ingress and egress are those of a device, which is needed'],
    [{ device: 'eth0', hook: 'input' }, "hook: 'input' is none of netdev"],
    [{ device: 'sixteen-letters-' }, 'device: '],
    [{ name: 'x' } as NftHookFilter, 'listHooks: '],
  ])('%j is refused before anything is sent', (filter, message) => {
    expect(() => sentBy(listHooks(filter))).toThrow(message)
  })
})
