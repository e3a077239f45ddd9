/** Rules at random, each as a text of nft(8) and as a call of the builder. */

import fc from 'fast-check'
import type { NftFamily } from '../src/nftables/names.js'
import * as nft from '../src/nftables/public.js'
import { MORE, MORE_NATS } from './nft-random-computed.js'
import { FIELDS, type Field, type Network } from './nft-random-fields.js'
import { fixed, matchesOf, type Part, several, together } from './nft-random-matches.js'
import { bitsOf, NUMERIC, OF_TABLE } from './nft-random-more.js'
import { marks, marksOf, NATS, OTHERS, WRITABLE, writes } from './nft-random-statements.js'

const { constantFrom: one, oneof, tuple } = fc

/** Each statement by its place in a rule and the packets it is about. */
const isOf = (field: Field, network: Network | undefined, transport: string | undefined) =>
  (field.network === undefined || field.network === network) &&
  (field.transport === undefined || field.transport === transport)

export interface RandomRule {
  readonly family: NftFamily
  readonly chain: string
  readonly text: string
  readonly ours: () => nft.RuleBody
  /** For what fast-check says. */
  toString(): string
}

/** The chains of each family. */
export const CHAINS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  inet: {
    c_in: 'type filter hook input priority 0',
    c_out: 'type filter hook output priority 0',
    c_pre: 'type filter hook prerouting priority -300',
    c_post: 'type filter hook postrouting priority 0',
    c_fwd: 'type filter hook forward priority 0',
    c_ingress: 'type filter hook ingress device "eth0" priority 0',
    c_natpre: 'type nat hook prerouting priority -100',
    c_natpost: 'type nat hook postrouting priority 100',
    c_route: 'type route hook output priority -150',
  },
  ip: {
    c_in: 'type filter hook input priority 0',
    c_pre: 'type filter hook prerouting priority -300',
    c_natpre: 'type nat hook prerouting priority -100',
    c_natpost: 'type nat hook postrouting priority 100',
    c_natin: 'type nat hook input priority 100',
  },
  ip6: {
    c_in: 'type filter hook input priority 0',
    c_out: 'type filter hook output priority 0',
    c_natpre: 'type nat hook prerouting priority -100',
    c_natpost: 'type nat hook postrouting priority 100',
  },
  arp: { c_in: 'type filter hook input priority 0', c_out: 'type filter hook output priority 0' },
  bridge: {
    c_pre: 'type filter hook prerouting priority 0',
    c_in: 'type filter hook input priority 0',
    c_fwd: 'type filter hook forward priority 0',
  },
  netdev: {
    c_ingress: 'type filter hook ingress device "eth0" priority 0',
    c_egress: 'type filter hook egress device "eth0" priority 0',
  },
}
const PLACES = Object.entries(CHAINS).flatMap(([family, chains]) =>
  Object.keys(chains).map((chain) => [family as NftFamily, chain] as const),
)
const NETWORKS: Record<string, readonly (Network | undefined)[]> = {
  ip: ['ip'],
  ip6: ['ip6'],
  arp: ['arp'],
  inet: ['ip', 'ip6', undefined],
  bridge: ['ip', 'ip6', 'arp', undefined],
  netdev: ['ip', 'ip6', 'arp', undefined],
}
const TRANSPORTS: Record<string, readonly (string | undefined)[]> = {
  ip: ['tcp', 'udp', 'icmp', 'igmp', 'sctp', 'dccp', 'ah', 'esp', 'comp', 'udplite', undefined],
  ip6: ['tcp', 'udp', 'icmpv6', 'sctp', 'dccp', 'ah', 'esp', 'comp', 'udplite', undefined],
  arp: [undefined],
}

export const RULES: fc.Arbitrary<RandomRule> = one(...PLACES).chain(([family, chain]) =>
  one(...NETWORKS[family]!).chain((network) =>
    one(...(TRANSPORTS[network ?? 'ip6'] ?? [])).chain((transport) => {
      const right = FIELDS.filter((field) => isOf(field, network, transport))
      // Of what the packets are, most of the time.
      const special = right.filter((field) => field.network !== undefined || field.transport !== undefined)
      const field = oneof(
        ...(special.length > 0 ? [{ arbitrary: one(...special), weight: 12 }] : []),
        { arbitrary: one(...right), weight: 12 },
        { arbitrary: one(...FIELDS), weight: 1 },
      )
      const joined = oneof(
        ...[special, right]
          .map((some) => some.filter(({ joins }) => joins))
          .filter((some) => some.length > 0)
          .map((some) => one(...some)),
      )
      const numeric = NUMERIC.filter((it) => isOf(it, network, transport))
      const writable = WRITABLE.filter((it) => isOf(it, network, transport))
      const match = oneof(
        { arbitrary: field.chain((it) => matchesOf(it, family === 'inet')), weight: 6 },
        { arbitrary: several(joined, 2, 3).chain(together), weight: 2 },
        { arbitrary: one(...numeric).chain((it) => bitsOf(it, family === 'inet')), weight: 1 },
        // Comparisons are not moved past it.
        { arbitrary: fixed('counter', () => nft.counter()), weight: 1 },
      )
      const nat = chain.includes('nat')
      const end = oneof(
        { arbitrary: fixed('accept', () => nft.accept()), weight: 4 },
        { arbitrary: nat ? NATS : OTHERS, weight: nat ? 8 : 4 },
        { arbitrary: OTHERS, weight: 2 },
        { arbitrary: NATS, weight: nat ? 4 : 1 },
        { arbitrary: MORE, weight: 2 },
        ...(family === 'inet' ? [{ arbitrary: OF_TABLE, weight: 3 }] : []),
        { arbitrary: MORE_NATS, weight: nat ? 6 : 1 },
        { arbitrary: one(...writable).chain(writes), weight: 1 },
        { arbitrary: marks, weight: 1 },
        {
          arbitrary: field
            .filter(({ values }) => !values.alone)
            .chain((it) => marksOf(it, family === 'inet')),
          weight: 2,
        },
      )
      return tuple(several(match, 0, 4), end).map(([matches, last]) =>
        ruleOf(family, chain, [...matches, last]),
      )
    }),
  ),
)

/** Each field that can be written, once, with a value at random. */
export const WRITES: fc.Arbitrary<readonly RandomRule[]> = tuple(
  ...WRITABLE.map((field) =>
    writes(field).map((one) =>
      field.network === 'arp' ? ruleOf('arp', 'c_in', [one]) : ruleOf('inet', 'c_pre', [one]),
    ),
  ),
)

function ruleOf(family: NftFamily, chain: string, all: readonly Part[]): RandomRule {
  const text = all.map((one) => one.text).join(' ')
  return {
    ...{ family, chain, text },
    ours: () => nft.rule(...all.map(({ ours }) => ours())),
    toString: () => `${family} ${chain} ${text}`,
  }
}
