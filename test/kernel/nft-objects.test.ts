/** Objects that connections and SYNs get, and the rules that use them by name, beside those that nft(8) makes of their texts. */

import { describe, expect, it } from 'vitest'
import {
  ct,
  ip,
  type NftTableContents,
  namedObject,
  type ObjectData,
  quota,
  rule,
  tcp,
} from '../../src/nftables.js'
import { IS_GUEST, needNftables } from './needs.js'
import { again, NFT_FACES, nftIn, plainRuleset, rulesetIn } from './nft-support.js'
import { hasTool, withNetns } from './support.js'

needNftables()

const inT = { family: 'inet', table: 't' } as const
const inC = { ...inT, chain: 'c' } as const
const TCP = { l3proto: 2, l4proto: 'tcp' } as const

const TEXT = `table inet t {
  ct helper ftp { type "ftp" protocol tcp; l3proto ip; }
  ct timeout short { protocol tcp; l3proto ip; policy = { established : 100, close : 5 }; }
  ct expectation back { protocol tcp; dport 9876; timeout 2m; size 12; l3proto ip; }
  synproxy front { mss 1460; wscale 7; timestamp sack-perm; }
  chain c {
    type filter hook input priority filter;
    tcp dport 21 ct helper set "ftp"
    tcp dport 22 ct timeout set "short"
    tcp dport 23 ct expectation set "back"
    tcp dport 80 ct state invalid,untracked synproxy name "front"
    ip saddr 10.0.0.0/8 ct label set 70
  }
}
`

describe.skipIf(!hasTool('nft')).each(NFT_FACES)('objects ($face)', ({ nft }) => {
  it('and the rules that use them are what nft makes of their texts, and come back', () =>
    withNetns((theirs) =>
      withNetns(async (netns) => {
        nftIn(theirs, TEXT)
        const timeouts = {
          ...{ synSent: 120, synRecv: 60, established: 100, finWait: 120, closeWait: 60, lastAck: 30 },
          ...{ timeWait: 120, close: 5, synSent2: 120, retrans: 300, unack: 300 },
        }
        await nft.transaction(
          (tx) => {
            tx.addTable({ family: 'inet', name: 't' })
            tx.addObject({ ...inT, name: 'ftp', type: 'ct-helper', data: { ...TCP, name: 'ftp' } })
            tx.addObject({ ...inT, name: 'short', type: 'ct-timeout', data: { ...TCP, data: timeouts } })
            const back = { ...TCP, dport: 9876, timeout: 120_000, size: 12 }
            tx.addObject({ ...inT, name: 'back', type: 'ct-expect', data: back })
            const flags = ['mss', 'wscale', 'sack-perm', 'timestamp'] as const
            tx.addObject({ ...inT, name: 'front', type: 'synproxy', data: { mss: 1460, wscale: 7, flags } })
            tx.addChain({ ...inT, name: 'c', type: 'filter', hook: 'input', priority: 'filter' })
            for (const one of [
              rule(tcp.dport(21), namedObject('ct-helper', 'ftp')),
              rule(tcp.dport(22), namedObject('ct-timeout', 'short')),
              rule(tcp.dport(23), namedObject('ct-expect', 'back')),
              rule(tcp.dport(80), ct.state('invalid', 'untracked'), namedObject('synproxy', 'front')),
              rule(ip.saddr('10.0.0.0/8'), ct.label.set(70)),
            ])
              tx.addRule({ ...inC, rule: one })
          },
          { netns },
        )
        const shown = plainRuleset(theirs)
        expect(plainRuleset(netns)).toEqual(shown)

        const [{ chains, objects, sets, flowtables, ...table }] = (await nft.listRuleset({ netns: theirs }))
          .tables as [NftTableContents]
        expect([sets, flowtables]).toEqual([[], []])
        await nft.transaction(
          (tx) => {
            tx.deleteTable(table)
            tx.addTable(table)
            for (const one of objects) tx.addObject(one)
            for (const { rules, ...chain } of chains) {
              tx.addChain(chain)
              for (const one of rules) tx.addRule(one)
            }
          },
          { netns: theirs },
        )
        expect(plainRuleset(theirs)).toEqual(shown)
      }),
    ))

  it('and expressions that are used up come back, used up', () =>
    withNetns(async (netns) => {
      const used = 'over 10 bytes used 10 bytes'
      nftIn(
        netns,
        `table ip t {
          quota q { ${used} }
          set s { type ipv4_addr; quota ${used}; }
          chain c { quota ${used}; quota name "q"; }
        }`,
      )
      const shown = rulesetIn(netns)
      const before = await nft.listRuleset({ netns })
      expect(before.tables[0]!.objects).toMatchObject([{ data: { flags: ['invert', 'depleted'] } }])
      await nft.transaction((tx) => again(tx, before), { netns })
      expect(rulesetIn(netns)).toEqual(shown)
      expect(shown.match(/used 10 bytes/g)).toHaveLength(2)
    }))

  it('and quotas of no bytes, and of the most, are what nft makes of them', () =>
    withNetns(async (netns) => {
      const quotas = [{ bytes: 0 }, { bytes: 0n, over: true }, { bytes: 2n ** 63n - 1n, used: 5 }]
      nftIn(
        netns,
        'table ip t { chain theirs { quota 0 bytes; quota over 0 bytes; quota 9223372036854775807 bytes used 5 bytes; }; chain ours { }; }',
      )
      await nft.transaction(
        (tx) => {
          for (const one of quotas)
            tx.addRule({ family: 'ip', table: 't', chain: 'ours', rule: rule(quota(one)) })
        },
        { netns },
      )
      const shown = (chain: string) => nftIn(netns, `list chain ip t ${chain}`).match(/quota .*/g)
      expect(shown('ours')).toHaveLength(3)
      expect(shown('ours')).toEqual(shown('theirs'))
    }))
})

const inNetdev = { family: 'netdev', table: 't' } as const
const TUNNEL = {
  ...{ id: 7, ip: { src: '192.0.2.1', dst: '192.0.2.2' }, tos: 4, ttl: 9, sport: 1, dport: 4789 },
  flags: ['dont-fragment'],
} as const
const geneve = [3, 4].map((type) => ({ class: 0x102, type, data: Uint8Array.of(1, 2, 3, 4) }))
const PLAIN: [string, ObjectData][] = [
  ['of IPv4', TUNNEL],
  ['of IPv6', { id: 8, ip6: { src: '2001:db8::1', dst: '2001:db8::2', flowlabel: 0x12345 } }],
]
/** Not for this machine's kernel: options of routes' tunnels stop some (checkEncap()), and these are kept in the same struct. */
const WITH_OPTIONS: [string, ObjectData][] = [
  ['vxlan', { ...TUNNEL, opts: { vxlan: { gbp: 0x10002 } } }],
  ['erspan', { ...TUNNEL, opts: { erspan: { version: 1, v1Index: 0x12345 } } }],
  ['erspan of version 2', { ...TUNNEL, opts: { erspan: { version: 2, v2Hwid: 5, v2Dir: 1 } } }],
  ['geneve', { ...TUNNEL, opts: { geneve } }],
]

/** nft(8) of 1.0.6 knows no such objects: the kernel tells what it has made of them. */
describe.each(NFT_FACES)('tunnels ($face)', ({ nft }) => {
  it.for([...PLAIN, ...(IS_GUEST ? WITH_OPTIONS : [])])('%s: the kernel has what it was given', ([, data]) =>
    withNetns(async (netns) => {
      await nft.transaction(
        (tx) => {
          tx.addTable({ family: 'netdev', name: 't' })
          tx.addObject({ ...inNetdev, name: 'tunnel', type: 'tunnel', data })
        },
        { netns },
      )
      const before = await nft.listRuleset({ netns })
      expect(before.tables[0]!.objects).toMatchObject([{ name: 'tunnel', type: 'tunnel', data }])
      await nft.transaction((tx) => again(tx, before), { netns })
      const after = await nft.listRuleset({ netns })
      expect(after.tables[0]!.objects[0]!.data).toEqual(before.tables[0]!.objects[0]!.data)
    }),
  )
})
