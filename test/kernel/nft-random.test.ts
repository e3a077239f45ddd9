/**
 * Rules at random, as texts for nft(8) and as calls of the builder: the kernel holds the same of both, or both are refused. Where ours is
 * another one, a table says why. What nft made is read, deleted and made again as it was read.
 */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { accept, counter, ether, ip as ipv4, rule, vlan } from '../../src/nftables.js'
import { listRuleset, transaction } from '../../src/nftables-sync.js'
import { type RandomRule, RULES, WRITES } from '../nft-random-rules.js'
import { needNftables } from './needs.js'
import { compare, held, nftEach, type Outcome, TABLES } from './nft-compare.js'
import { isRight, isTaken } from './nft-differences.js'
import { again } from './nft-support.js'
import { PATIENCE } from './patience.js'
import { hasTool, ip, withNetns } from './support.js'

needNftables()

const RUNS = Number(process.env['NFT_RUNS'] ?? 6)
const SEED = Number(process.env['NFT_SEED'] ?? 1)
/** What was found once. */
const EXAMPLES: [RandomRule[]][] = [
  [
    [
      {
        ...{ family: 'ip', chain: 'c_in', text: 'ip frag-off 65534 counter ip id { 65535 } counter accept' },
        ours: () => rule(ipv4.fragOff(65534), counter(), ipv4.id([65535]), counter(), accept()),
      },
      {
        ...{ family: 'inet', chain: 'c_ingress', text: 'ether type { 0, ip } ip saddr 10.0.0.1 accept' },
        ours: () => rule(ether.type([0, 'ip']), ipv4.saddr('10.0.0.1'), accept()),
      },
      {
        ...{ family: 'bridge', chain: 'c_in', text: 'vlan pcp | 2 == 3 vlan dei ^ 1 != 0 accept' },
        ours: () => rule(vlan.pcp.or(2)(3), vlan.dei.xor(1).not(0), accept()),
      },
    ],
  ],
]
/** Rules of a run. */
const MOST = 40

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
  it('are the same of nft and of the builder', { timeout: RUNS * 60_000 * PATIENCE }, () =>
    inTwo(async (netns) => {
      let taken = 0
      let all = 0
      const same = fc.property(fc.array(RULES, { minLength: MOST, maxLength: MOST }), (rules) => {
        const outcomes = compare(rules, netns)
        all += outcomes.length
        taken += outcomes.filter(isTaken).length
        expect(outcomes.filter((one) => !isRight(one)).map(shown)).toEqual([])
        const before = held(netns.theirs)
        const listed = listRuleset({ netns: netns.theirs })
        transaction((tx) => again(tx, listed), { netns: netns.theirs })
        expect(held(netns.theirs)).toEqual(before)
      })
      fc.assert(same, {
        ...{ numRuns: RUNS + EXAMPLES.length, examples: EXAMPLES },
        ...{ seed: SEED, endOnFailure: true },
      })
      // Not all are refused by both.
      expect(taken).toBeGreaterThan(all / 4)
    }),
  )

  it('are the same of each field that is written', () =>
    inTwo((netns) => {
      const same = fc.property(WRITES, (rules) => {
        const outcomes = compare(rules, netns)
        expect(outcomes.filter((one) => !isRight(one)).map(shown)).toEqual([])
        expect(outcomes.filter(isTaken).length).toBeGreaterThan(rules.length / 2)
      })
      fc.assert(same, { numRuns: 1, seed: SEED, endOnFailure: true })
    }))
})

function shown({ rule, ours, theirs }: Outcome) {
  return { rule: `${rule.family} ${rule.chain} ${rule.text}`, ours, theirs }
}
