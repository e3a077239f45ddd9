/** What errors of rules that change sets say, and of sets whose elements have expressions: what they say is so. */

import { describe, expect, it } from 'vitest'
import {
  addElement,
  connectionLimit,
  counter,
  ct,
  type DynamicOptions,
  ip,
  limit,
  type NftSetInput,
  quota,
  rule,
  set,
  stateful,
  type Transaction,
} from '../../src/nftables.js'
import { needNftables } from './needs.js'
import { NFT_FACES, rulesetIn } from './nft-support.js'
import { hasTool, withNetns } from './support.js'

needNftables()

const inT = { family: 'inet', table: 't' } as const
const DYNAMIC = ['dynamic'] as const
const SETS: Readonly<Record<string, Partial<NftSetInput>>> = {
  plain: {},
  intervals: { flags: ['interval'] },
  constants: { flags: ['constant'] },
  seen: { flags: DYNAMIC },
  timed: { flags: ['dynamic', 'timeout'] },
  counted: { flags: DYNAMIC, expressions: stateful(counter()) },
  sized: { size: 9 },
  ports: { type: 'inet_service' },
  marks: { flags: DYNAMIC, map: 'mark' },
  verdicts: { flags: DYNAMIC, map: 'verdict' },
}
function makeSets(tx: Transaction): void {
  tx.addTable({ family: 'inet', name: 't' })
  tx.addChain({ ...inT, name: 'c' })
  for (const [name, more] of Object.entries(SETS)) tx.addSet({ ...inT, name, type: 'ipv4_addr', ...more })
}

const LIMITS = stateful(limit({ rate: 5 }))
const BUSY = stateful(connectionLimit(5))
const THREE = stateful(counter(), limit({ rate: 5 }), quota({ bytes: 5 }))
const adds = (name: string, options?: DynamicOptions) => (tx: Transaction) =>
  tx.addRule({ ...inT, chain: 'c', rule: rule(addElement(set(name), ip.saddr, options)) })
const element = (name: string, expressions: DynamicOptions['expressions']) => (tx: Transaction) =>
  tx.addElements({ ...inT, set: name, elements: [{ key: '10.0.0.1', expressions }] })
const makes = (more: Partial<NftSetInput>) => (tx: Transaction) =>
  tx.addSet({ ...inT, name: 'other', type: 'ipv4_addr', ...more })

const AT_MOST = 'an element has two expressions of its own at most'
const NO_LIMIT =
  "elements have no connection limit of their own in sets with the flag 'timeout', nor in those with a size, or with keys of one or two bytes, that have neither the flag 'dynamic' nor 'interval'"
const CASES: readonly [string, (tx: Transaction) => void, string, string][] = [
  ['intervals', adds('intervals'), 'EOPNOTSUPP', "set 'intervals' lacks the flag 'dynamic'"],
  ['constants', adds('constants'), 'EBUSY', "set 'constants' has the flag 'constant'"],
  [
    'a time',
    adds('seen', { timeout: 5 }),
    'EOPNOTSUPP',
    "set 'seen' lacks the flag 'dynamic', or 'timeout' for elements with a timeout",
  ],
  [
    'an expression of a set that no rule changes',
    adds('plain', { expressions: LIMITS }),
    'EINVAL',
    "set 'plain' lacks the flag 'dynamic', without which elements have no expressions, or is a map, and the element has no value, or is of other types than what the rule has for it",
  ],
  [
    'another expression than that of all',
    adds('counted', { expressions: LIMITS }),
    'EOPNOTSUPP',
    "set 'counted' has other expressions for all its elements, or lacks the flag 'dynamic'",
  ],
  [
    'connections beside times',
    adds('timed', { expressions: BUSY }),
    'EOPNOTSUPP',
    `set 'timed' has other expressions for all its elements, or lacks the flag 'dynamic', or ${NO_LIMIT}`,
  ],
  ['three expressions', adds('seen', { expressions: THREE }), 'E2BIG', AT_MOST],
  [
    'no value for a map',
    adds('marks'),
    'EINVAL',
    "set 'marks' is a map, and the element has no value, or is of other types than what the rule has for it",
  ],
  [
    'a value for no map',
    adds('seen', { value: ct.mark }),
    'EOPNOTSUPP',
    "set 'seen' is no map of values, or lacks the flag 'dynamic'",
  ],
  [
    'a value for verdicts',
    adds('verdicts', { value: ct.mark }),
    'EOPNOTSUPP',
    "set 'verdicts' is no map of values, or lacks the flag 'dynamic'",
  ],
  ['a set of three', makes({ flags: DYNAMIC, expressions: THREE }), 'E2BIG', AT_MOST],
  ['a set of connections beside times', makes({ timeout: 5000, expressions: BUSY }), 'EOPNOTSUPP', NO_LIMIT],
  ['a set of a size of connections', makes({ size: 9, expressions: BUSY }), 'EOPNOTSUPP', NO_LIMIT],
  [
    'an element of connections in a set of ports',
    (tx) => tx.addElements({ ...inT, set: 'ports', elements: [{ key: 80, expressions: BUSY }] }),
    'EOPNOTSUPP',
    `elements[0], 80: the set has other expressions for all its elements, or ${NO_LIMIT}`,
  ],
  [
    'an element of connections in a set of a size',
    element('sized', BUSY),
    'EOPNOTSUPP',
    `elements[0], '10.0.0.1': the set has other expressions for all its elements, or ${NO_LIMIT}`,
  ],
  ['an element of three', element('seen', THREE), 'E2BIG', `elements[0], '10.0.0.1': ${AT_MOST}`],
  [
    'an element of connections beside times',
    element('timed', BUSY),
    'EOPNOTSUPP',
    `elements[0], '10.0.0.1': the set has other expressions for all its elements, or ${NO_LIMIT}`,
  ],
  [
    'an element with another expression',
    element('counted', LIMITS),
    'EOPNOTSUPP',
    "elements[0], '10.0.0.1': the set has other expressions for all its elements",
  ],
]

describe.skipIf(!hasTool('nft')).each(NFT_FACES)('what errors say of elements ($face)', ({ nft }) => {
  it.each(CASES)('%s', (_, record, code, advice) =>
    withNetns(async (netns) => {
      await nft.transaction(makeSets, { netns })
      const before = rulesetIn(netns)
      await expect(async () => nft.transaction(record, { netns })).rejects.toMatchObject({ code, advice })
      expect(rulesetIn(netns)).toBe(before)
    }),
  )
})
