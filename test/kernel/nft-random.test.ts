/**
 * Rules at random, as texts for nft(8) and as calls of the builder: the kernel holds the same of both, or both are refused. Where ours is
 * another one, a table says why. What nft made is read, deleted and made again as it was read.
 */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { listRuleset, transaction } from '../../src/nftables-sync.js'
import { RULES } from '../nft-random-rules.js'
import { needNftables } from './needs.js'
import { compare, held, nftEach, type Outcome, TABLES } from './nft-compare.js'
import { again } from './nft-support.js'
import { hasTool, ip, withNetns } from './support.js'

needNftables()

const RUNS = Number(process.env['NFT_RUNS'] ?? 6)
const SEED = Number(process.env['NFT_SEED'] ?? 1)
/** Rules of a run. */
const MOST = 40

interface Difference {
  readonly why: string
  readonly text?: RegExp
  readonly ours?: RegExp
  readonly theirs?: RegExp
}

const REFUSED = /^refused/
const TAKEN = /^(?!refused)/

const DIFFERENCES: readonly Difference[] = [
  {
    why: 'what nft itself refuses, by its grammar or its types, the kernel has not seen',
    theirs: /^refused: (?!.*Could not process rule)/,
    ours: TAKEN,
  },
  {
    why: 'bits of two bytes: nft shifts them as the host has numbers, ours as packets have them',
    text: /ip6 dscp|frag frag-off/,
    ours: TAKEN,
  },
  {
    why: 'this nft writes one byte of a tag, of which the kernel takes two',
    text: /vlan (dei|pcp) set/,
    ours: TAKEN,
  },
  {
    why: 'this nft makes a checksum of none of UDP, and leaves that of UDP-Lite as it is',
    text: /udp(lite)? \S+ set/,
    ours: TAKEN,
  },
  {
    why: 'a range of all addresses is a prefix of none for ours',
    text: /0\.0\.0\.0-255\.255\.255\.255/,
    ours: TAKEN,
  },
  {
    why: 'some bits of fields that are some bits are not to be had here',
    ours: /^refused: TypeError: .*\.mask: the field is some bits already/,
  },
  {
    why: 'nft takes the first four of eight bytes',
    text: /mark set ct \S+( \S+)?$/,
    ours: /^refused: TypeError: .* \(8 bytes\), which is no mark/,
  },
  {
    why: 'no packet of one protocol has the header of the other',
    text: /ip6|icmp|igmp|arp/,
    ours: /^refused: (Type|Range)Error: .*(the rule is about|is no address for) (ip6?|arp) packets/,
  },
  {
    why: 'no packet of one type has the header of the other',
    text: /(ether|vlan) type/,
    ours: /^refused: TypeError: .*the rule is about packets of ethertype/,
  },
  {
    why: 'nft takes a list of protocols for the last one in it',
    text: /(protocol|nexthdr|l4proto) \{/,
    ours: TAKEN,
  },
  {
    why: 'nft takes the protocol of a connection for that of the packet',
    text: /l3proto/,
    ours: TAKEN,
  },
  {
    why: 'nft joins the type of a frame to addresses beside it; ours looks for the protocol of the packet',
    text: /ether [sd]addr/,
    ours: TAKEN,
  },
  {
    why: 'of some bits nft joins numbers before it shifts them, and leaves the end of an interval out that is the largest',
    text: /(version|hdrlength|dscp|vlan \S+|doff|reserved|more-fragments|flowlabel|subtype)( !=| v?map)? \{.*-/,
    ours: TAKEN,
  },
  {
    why: 'nft takes a list of one for the one; of flags ours is the whole then',
    text: /(ct (state|status)|tcp flags) (!= )?\{ \S+ \}/,
    ours: TAKEN,
  },
  {
    why: 'nft joins bytes side by side none of which is to be a value: one of them can be then',
    text: /!= .* != /,
    theirs: /"op":"neq"/,
    ours: TAKEN,
  },
  {
    why: 'nft writes into packets of any type of ICMP',
    text: /icmp(v6)? (id|sequence|mtu|gateway|max-delay|parameter-problem) set/,
    ours: TAKEN,
  },
]

const isSame = ({ ours, theirs }: Outcome) => ours === theirs || (REFUSED.test(ours) && REFUSED.test(theirs))
function isExplained({ rule, ours, theirs }: Outcome): boolean {
  const all = { text: rule.text, ours, theirs }
  return DIFFERENCES.some((one) =>
    (['text', 'ours', 'theirs'] as const).every((part) => one[part]?.test(all[part]) ?? true),
  )
}

async function inTwo<T>(work: (netns: { theirs: string; ours: string }) => T | Promise<T>): Promise<T> {
  return withNetns((theirs) =>
    withNetns((ours) => {
      for (const netns of [theirs, ours]) {
        ip('link add eth0 index 10 type veth peer name eth1 index 11', netns)
        nftEach(netns, TABLES)
      }
      return work({ theirs, ours })
    }),
  )
}

describe.skipIf(!hasTool('nft'))('rules at random', () => {
  it('are the same of nft and of the builder', { timeout: RUNS * 60_000 }, () =>
    inTwo(async (netns) => {
      let taken = 0
      let all = 0
      const same = fc.property(fc.array(RULES, { minLength: MOST, maxLength: MOST }), (rules) => {
        const outcomes = compare(rules, netns)
        all += outcomes.length
        taken += outcomes.filter((one) => isSame(one) && TAKEN.test(one.ours)).length
        expect(outcomes.filter((one) => !isSame(one) && !isExplained(one)).map(shown)).toEqual([])
        const before = held(netns.theirs)
        const listed = listRuleset({ netns: netns.theirs })
        transaction((tx) => again(tx, listed), { netns: netns.theirs })
        expect(held(netns.theirs)).toEqual(before)
      })
      fc.assert(same, { numRuns: RUNS, seed: SEED, endOnFailure: true })
      // Not all are refused by both.
      expect(taken).toBeGreaterThan(all / 4)
    }),
  )
})

function shown({ rule, ours, theirs }: Outcome) {
  return { rule: `${rule.family} ${rule.chain} ${rule.text}`, ours, theirs }
}
