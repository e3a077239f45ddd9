/** Mistakes that only the kernel sees: each error says what it means, and the ruleset is as before. */

import { describe, expect, it } from 'vitest'
import {
  accept,
  addElement,
  ct,
  dnat,
  dup,
  fib,
  flowOffload,
  fwd,
  ip,
  jump,
  masq,
  meta,
  type NftChainInput,
  type RuleBody,
  raw,
  redirect,
  reject,
  rule,
  set,
  snat,
  synproxy,
  type Transaction,
  tcp,
  tproxy,
} from '../../src/nftables.js'
import { expectRefused, lacksNetdevReject, needNftables, since } from './needs.js'
import { NFT_FACES, nftIn, rulesetIn } from './nft-support.js'
import { spawnSync } from './programs.js'
import { hasTool, withNetns } from './support.js'

needNftables()

const inT = { family: 'inet', table: 't' } as const
const BEFORE = `add table inet t; add table inet sleeps { flags dormant; }; add set inet t old { type ipv4_addr; }; add set inet t six { type ipv6_addr; };
  add set inet t nets { type ipv4_addr; flags interval; elements = { 10.0.0.0/8 } };
  add chain inet t base { type filter hook input priority 0; }`

/** Rules in a chain of their own. */
const rules =
  (type: string, hook: string, ...bodies: readonly RuleBody[]) =>
  (tx: Transaction) => {
    tx.addChain({ ...inT, name: 'c', type, hook, priority: 0 } as NftChainInput)
    for (const body of bodies) tx.addRule({ ...inT, chain: 'c', rule: body })
  }
const rulesAt = (type: string, hook: string, priority: number) => (tx: Transaction) =>
  tx.createChain({ ...inT, name: 'c', type, hook, priority } as NftChainInput)
const toPort = tcp.dport(80)
const SOURCE = { name: 'payload', data: { dreg: 1, base: 'network-header', offset: 12, len: 4 } } as const

type Case = readonly [string, (tx: Transaction) => void, string, string]
/** From Linux 6.9 on, and where that was mended in older ones later. */
const WAKING = [
  'a chain of a table that wakes',
  (tx) => {
    tx.addTable({ family: 'inet', name: 'sleeps', flags: [] })
    tx.addChain({ ...inT, table: 'sleeps', name: 'c', type: 'filter', hook: 'input', priority: 0 })
  },
  'EINVAL',
  "a transaction that wakes a table with the flag 'dormant', or puts it to sleep, adds no chain",
] satisfies Case

const CASES: readonly Case[] = [
  ...(since(6, 9) ? [WAKING] : []),
  [
    'masquerade at prerouting',
    rules('nat', 'prerouting', rule(masq())),
    'EOPNOTSUPP',
    "'masq' is for chains of type 'nat' at postrouting",
  ],
  [
    'masquerade in a filter',
    rules('filter', 'postrouting', rule(masq())),
    'EOPNOTSUPP',
    "'masq' is for chains of type 'nat' at postrouting",
  ],
  [
    'redirect at input',
    rules('nat', 'input', rule(toPort, redirect({ to: 1 }))),
    'EOPNOTSUPP',
    "'redir' is for chains of type 'nat' at prerouting and output",
  ],
  [
    'dnat at postrouting',
    rules('nat', 'postrouting', rule(toPort, dnat('10.0.0.1'))),
    'EOPNOTSUPP',
    "'dnat' is for chains of type 'nat' at prerouting and output",
  ],
  [
    'snat at prerouting',
    rules('nat', 'prerouting', rule(ip.saddr('10.0.0.1'), snat('10.0.0.2'))),
    'EOPNOTSUPP',
    "'snat' is for chains of type 'nat' at postrouting and input",
  ],
  [
    'reject at postrouting',
    rules('filter', 'postrouting', rule(reject())),
    'EOPNOTSUPP',
    "'reject' is for prerouting, input, forward, output and ingress",
  ],
  [
    'reject at egress',
    (tx) => {
      const inN = { family: 'netdev', table: 'n' } as const
      tx.addTable({ family: 'netdev', name: 'n' })
      tx.addChain({ ...inN, name: 'c', type: 'filter', hook: 'egress', priority: 0, devices: ['lo'] })
      tx.addRule({ ...inN, chain: 'c', rule: rule(reject()) })
    },
    ...(lacksNetdevReject()
      ? (['ENOENT', "this kernel has no expression 'reject', or not in tables of this family"] as const)
      : (['EOPNOTSUPP', "'reject' is for ingress"] as const)),
  ],
  [
    'the device of a VRF at output',
    rules('filter', 'output', rule(meta.sdif(1))),
    'EOPNOTSUPP',
    "'meta sdif' is for input and forward",
  ],
  [
    'a kind of packets that is set at output, behind others that are read',
    rules('filter', 'output', rule(meta.pkttype('unicast'), meta.pkttype.set('host'))),
    'EOPNOTSUPP',
    "'meta pkttype set' is for prerouting",
  ],
  [
    'IPsec around packets that leave',
    rules('filter', 'output', rule(meta.secpath('exists'))),
    'EOPNOTSUPP',
    "'meta secpath' is for prerouting, input and forward",
  ],
  [
    'the route of packets that come, by their interface',
    rules('filter', 'output', rule(fib(['saddr', 'iif'], 'oif')('missing'))),
    'EOPNOTSUPP',
    "'fib with iif' is for prerouting, input and forward",
  ],
  [
    'a chain that is jumped to and is for another hook',
    (tx) => {
      tx.addChain({ ...inT, name: 'c' })
      tx.addRule({ ...inT, chain: 'c', rule: rule(masq()) })
      tx.addRule({ ...inT, chain: 'base', rule: rule(jump('c')) })
    },
    'EOPNOTSUPP',
    'a chain that it goes on in has an expression that is not for this hook or type of chains',
  ],
  [
    'tproxy at input',
    rules('filter', 'input', rule(toPort, tproxy(':1'))),
    'EOPNOTSUPP',
    "'tproxy' is for prerouting",
  ],
  [
    'synproxy at output',
    rules('filter', 'output', rule(toPort, synproxy())),
    'EOPNOTSUPP',
    "'synproxy' is for input and forward",
  ],
  [
    'fwd in a filter',
    rules('filter', 'prerouting', rule(fwd('lo'))),
    'ENOENT',
    "no expression 'fwd', or not in tables of this family",
  ],
  [
    'a flowtable that is not there',
    rules('filter', 'forward', rule(flowOffload('f'))),
    'ENOENT',
    'the table has no flowtable of that name',
  ],
  [
    'a jump to a chain with a hook',
    rules('filter', 'input', rule(jump('base'))),
    'EOPNOTSUPP',
    'a chain with a hook is not jumped to',
  ],
  [
    'a chain without a name in another',
    rules('filter', 'input', rule(jump([rule(jump([rule(accept())]))]))),
    'EOPNOTSUPP',
    'nor is there one without a name in another',
  ],
  [
    'chains that lead back',
    (tx) => {
      for (const name of ['a', 'b']) tx.addChain({ ...inT, name })
      tx.addRule({ ...inT, chain: 'a', rule: rule(jump('b')) })
      tx.addRule({ ...inT, chain: 'b', rule: rule(jump('a')) })
      tx.addRule({ ...inT, chain: 'base', rule: rule(jump('a')) })
    },
    'EMLINK',
    'its chains lead back to where they come from',
  ],
  [
    'elements that end in a set without',
    rules('filter', 'input', rule(addElement(set('old'), ip.saddr, { timeout: 1 }))),
    'EOPNOTSUPP',
    "set 'old' lacks the flag 'dynamic', or 'timeout'",
  ],
  // Older kernels look in bytes of the register that nothing was written to.
  ...(since(6, 5)
    ? [
        [
          'a set of other addresses',
          rules('filter', 'input', rule(raw(SOURCE), raw({ name: 'lookup', data: { sreg: 1, set: 'six' } }))),
          'EINVAL|ENODATA',
          "set 'six' is of other types",
        ] as const,
      ]
    : []),
  [
    'a set that there is with another type',
    (tx) => tx.addSet({ ...inT, name: 'old', type: 'mark' }),
    'EEXIST',
    "there is a set 'old' with other types, flags or sizes",
  ],
  [
    'a chain that there is with another hook',
    (tx) => tx.addChain({ ...inT, name: 'base', type: 'filter', hook: 'output', priority: 0 }),
    'EEXIST|EOPNOTSUPP',
    "there is a chain 'base' with another type, hook, priority or device",
  ],
  [
    'a range that overlaps another',
    (tx) =>
      tx.addElements({ ...inT, set: 'nets', elements: ['192.0.2.1', '192.0.2.8-192.0.2.9', '10.1.0.0/16'] }),
    'EEXIST',
    "elements[2], '10.1.0.0/16': the set has it, or a range that overlaps it",
  ],
  [
    'elements of which one is not there',
    (tx) => tx.deleteElements({ ...inT, set: 'old', elements: ['10.0.0.1', '10.0.0.2'] }),
    'ENOENT',
    "elements[0], '10.0.0.1': the set has no such element",
  ],
  [
    'an element of a map that is there with another value',
    (tx) => {
      tx.addSet({ ...inT, name: 'map', type: 'mark', map: 'mark' }, [{ key: 7, value: 1 }])
      tx.addElements({
        ...inT,
        set: 'map',
        elements: [
          { key: 8, value: 1 },
          { key: 7, value: 2 },
        ],
      })
    },
    'EEXIST',
    'elements[1], 7: the set has it',
  ],
  [
    'an element with a timeout that is there',
    (tx) => {
      tx.addSet({ ...inT, name: 'timed', type: 'ipv4_addr', flags: ['timeout'] }, ['10.0.0.1'])
      tx.createElements({ ...inT, set: 'timed', elements: [{ key: '10.0.0.1', timeout: 5000 }] })
    },
    'EEXIST',
    "elements[0], '10.0.0.1': the set has it",
  ],
  [
    'a chain whose rules its device would take',
    (tx) => {
      tx.addTable({ family: 'netdev', name: 'n' })
      tx.createChain({
        ...{ family: 'netdev', table: 'n', name: 'c', type: 'filter', hook: 'ingress', priority: 0 },
        ...{ devices: ['lo'], flags: ['hw-offload'] },
      } as NftChainInput)
    },
    'EOPNOTSUPP',
    'nothing is offloaded to lo',
  ],
  [
    'NAT before connection tracking',
    rulesAt('nat', 'prerouting', -200),
    'EOPNOTSUPP',
    "a chain of type 'nat' has a priority above -200",
  ],
  [
    'a copy in the family inet',
    rules('filter', 'input', rule(dup({ address: '10.0.0.1' }))),
    'ENOENT',
    "this kernel has no expression 'dup', or not in tables of this family",
  ],
  [
    'a limit that is none',
    rules(
      'filter',
      'input',
      rule(raw({ name: 'limit', data: { rate: 2n ** 64n - 1n, unit: 1n, burst: 5 } })),
    ),
    'EOVERFLOW',
    'its rate or its burst is more than the kernel can count',
  ],
  [
    'a connection of ARP',
    (tx) => {
      const inA = { family: 'arp', table: 'a' } as const
      tx.addTable({ family: 'arp', name: 'a' })
      tx.addChain({ ...inA, name: 'c', type: 'filter', hook: 'input', priority: 0 })
      tx.addRule({ ...inA, chain: 'c', rule: rule(ct.state('new')) })
    },
    'EPROTO',
    'no connections are tracked in tables of this family',
  ],
  [
    'one too many',
    (tx) => tx.addSet({ ...inT, name: 'small', type: 'mark', size: 2 }, [1, 2, 3]),
    'ENFILE',
    'elements[2], 3: the set is full (its size)',
  ],
  [
    'a quota of nothing',
    (tx) => tx.addObject({ ...inT, name: 'q', type: 'quota' }),
    'EINVAL',
    "objects of type 'quota' need data",
  ],
  [
    'a table that is not there',
    (tx) => tx.addChain({ ...inT, table: 'u', name: 'c' }),
    'ENOENT',
    "there is no table inet 'u'",
  ],
  [
    'a chain that is not there',
    (tx) => tx.addRule({ ...inT, chain: 'd', rule: rule(accept()) }),
    'ENOENT',
    "the table has no chain 'd'",
  ],
]

describe.skipIf(!hasTool('nft')).each(NFT_FACES)('what errors say ($face)', ({ nft }) => {
  it.each(CASES)('%s', (_, record, code, advice) =>
    withNetns(async (netns) => {
      nftIn(netns, BEFORE)
      const before = rulesetIn(netns)
      await expect(async () => nft.transaction(record, { netns })).rejects.toMatchObject({
        code: expect.stringMatching(new RegExp(`^(${code})$`)),
        advice: expect.stringContaining(advice),
      })
      expect(rulesetIn(netns)).toBe(before)
    }),
  )

  it.each<[string, RuleBody]>([
    ['a route', rule(fib(['daddr'], 'type')('local'), meta.sdif(1))],
    ['a refusal', rule(meta.pkttype.set('host'), reject())],
  ])('nothing about %s that is where it belongs, where something else is not', (_, body) =>
    withNetns(async (netns) => {
      nftIn(netns, BEFORE)
      await expect(async () =>
        nft.transaction(rules('filter', 'output', body), { netns }),
      ).rejects.toMatchObject({
        code: 'EOPNOTSUPP',
        extack: { path: null },
        advice: expect.not.stringContaining(' is for '),
      })
    }),
  )

  it('nothing of bridges is tracked by kernels without it, as nft says', () =>
    withNetns(async (netns) => {
      const inB = { family: 'bridge', table: 'b' } as const
      nftIn(
        netns,
        'add table bridge b; add chain bridge b c { type filter hook forward priority 0; }; add chain bridge b theirs',
      )
      const theirs = spawnSync('ip', ['netns', 'exec', netns, 'nft', 'add rule bridge b theirs ct state new'])
      const add = async () =>
        nft.transaction((tx) => tx.addRule({ ...inB, chain: 'c', rule: rule(ct.state('new')) }), { netns })
      if (theirs.status !== 0) {
        expect(theirs.stderr).toContain('Protocol error')
        await expectRefused(add, {
          code: 'EPROTO',
          advice: 'this kernel tracks no connections that pass a bridge (nf_conntrack_bridge)',
        })
        return
      }
      await add()
      expect(rulesetIn(netns).match(/ct state new/g)).toHaveLength(2)
    }))
})
