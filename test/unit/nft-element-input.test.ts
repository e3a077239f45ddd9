/** What is wrong with a property of an element is told with its place among the elements. */

import { describe, expect, it } from 'vitest'
import type { NftElementInput, NftSetInput } from '../../src/nftables/public.js'
import { accept, ip, rule } from '../../src/nftables/public.js'
import { sentByCalls } from './nft-sent.js'
import { refusal } from './refusal.js'

const inT = { family: 'inet', table: 't' } as const
const SETS = {
  plain: { type: 'ipv4_addr' },
  timed: { type: 'ipv4_addr', flags: ['timeout'] },
  ranges: { type: 'ipv4_addr', flags: ['interval'] },
  merging: { type: 'ipv4_addr', flags: ['interval'], autoMerge: true },
  pairs: { type: ['ipv4_addr', 'inet_service'] },
  map: { type: 'ipv4_addr', map: 'inet_service' },
  verdicts: { type: 'ipv4_addr', map: 'verdict' },
  objects: { type: 'ipv4_addr', map: 'counter' },
} as const satisfies Record<string, Omit<NftSetInput, 'family' | 'table' | 'name'>>
type Name = keyof typeof SETS

/** What each has besides its key. */
const MAPPED: Partial<Record<Name, object>> = {
  map: { value: 80 },
  verdicts: { value: 'accept' },
  objects: { object: 'o' },
}
const keyOf = (name: Name, last: number) => (name === 'pairs' ? [`10.0.0.${last}`, 80] : `10.0.0.${last}`)
const ALL = Object.keys(SETS) as Name[]
const LONG = 'é'.repeat(64)
const counter = { name: 'counter', data: { packets: 1n, bytes: 1n } }

/** A property, bad values, and what is said of each behind its place. */
const BAD: [property: string, sets: readonly Name[], value: unknown, text: string][] = [
  ['key', ['plain', 'timed', 'map', 'verdicts', 'objects'], 'x', ".key: 'x' is not an IPv4 address"],
  ['key', ['ranges', 'merging'], '10.0.0.9-10.0.0.1', ".key: '10.0.0.9-10.0.0.1' "],
  ['key', ['pairs'], ['10.0.0.1', 70_000], '.key[1]: 70000 is not '],
  ['key', ['plain', 'ranges'], undefined, '.key: undefined is not an IPv4 address'],
  ['value', ['plain', 'pairs', 'ranges'], 80, '.value: the elements of a set have none'],
  ['value', ['objects'], 80, '.value: the elements of a map to objects have none'],
  ['value', ['map'], 'x', ".value: 'x' is not a number"],
  ['value', ['verdicts'], { jump: 5 }, '.value.jump: 5 is not a string'],
  ['object', ALL, 5, '.object: 5 is not a string'],
  ['object', ['objects'], 'é'.repeat(128), '.object: '],
  ['timeout', ['plain', 'map'], 5, ".timeout: the set lacks the flag 'timeout'"],
  ['timeout', ['timed'], -5, '.timeout: -5 is not a time in milliseconds'],
  ['timeout', ['timed'], '5s', ".timeout: '5s' is not a time in milliseconds"],
  ['expires', ['plain', 'map'], 5, ".expires: the set lacks the flag 'timeout'"],
  ['expires', ['timed'], 1.5, '.expires: 1.5 is not a time in milliseconds'],
  ['expressions', ALL, counter, '.expressions: { name, data } is not an array of expressions'],
  ['expressions', ALL, [{}], '.expressions[0]: {} is not an expression { name, data }'],
  [
    'expressions',
    ALL,
    [counter, { name: 'limit', data: { rate: 'x' } }],
    ".expressions[1].data.rate: 'x' is not a bigint",
  ],
  ['expressions', ALL, [{ name: 'counter', data: { x: 1 } }], '.expressions[0].data.x: no such attribute'],
  ['expressions', ALL, [{ name: 'nobody’s', data: {} }], '.expressions[0].data: {} is not a Uint8Array'],
  ['comment', ALL, 5, '.comment: 5 is not a string'],
  ['comment', ALL, LONG, `.comment: '${LONG.slice(0, 40)}…' has 128 bytes; it has at most 127`],
  ['comment', ALL, '', '.comment: it cannot be empty'],
  ['userdata', ALL, 'x', ".userdata: 'x' is not a Uint8Array"],
  ['userdata', ALL, new Uint8Array(257), '.userdata: it has 257 bytes; it has at most 256'],
  ['unknown', ALL, 5, '.unknown: 5 is not an array of attributes that were read'],
  ['unknown', ALL, [5], '.unknown[0]: 5 is not an attribute { type, data }'],
  ['unknown', ALL, [{ type: 70_000, data: new Uint8Array() }], '.unknown[0]: 70000 is not an attribute type'],
  ['colour', ALL, 5, ": unknown option 'colour'"],
]

const rows = BAD.flatMap(([property, sets, value, text]) =>
  sets.map((name) => ({ property, name, value, text })),
)

describe.each(['addSet', 'deleteElements'] as const)('%s', (verb) => {
  it.each(rows)('$property of $name: $text', ({ property, name, value, text }) => {
    const others = MAPPED[name]
    const bad = { key: keyOf(name, 2), ...others, [property]: value } as NftElementInput
    const elements = [{ key: keyOf(name, 1), ...others } as NftElementInput, bad]
    const set = { ...inT, name, ...SETS[name] }
    const call = () =>
      sentByCalls((tx) => {
        tx.addSet(set, verb === 'addSet' ? elements : [])
        if (verb === 'deleteElements') tx.deleteElements({ ...inT, set: name, elements })
      })
    const beginning = `elements[1]${text}`
    expect(refusal(call).message.slice(0, beginning.length)).toBe(beginning)
  })
})

/** Values of a rule's own list have a comment and expressions. */
const LISTED: [what: string, list: readonly unknown[], text: string][] = [
  ['a comment', ['10.0.0.1', { key: '10.0.0.2', comment: LONG }], `ip saddr[1].comment: '`],
  [
    'a comment in a list of ranges',
    ['10.0.0.0/24', { key: '10.0.2.0/24', comment: LONG }],
    `ip saddr[1].comment: '`,
  ],
  [
    'an expression',
    ['10.0.0.1', { key: '10.0.0.2', expressions: [{ name: 'counter', data: { x: 1 } }] }],
    'ip saddr[1].expressions[0].data.x: no such attribute',
  ],
  [
    'an expression in a list of ranges, which is sorted',
    ['10.0.0.0/24', { key: '10.0.2.0/24', expressions: [{ name: 'counter', data: { x: 1 } }] }],
    'ip saddr.expressions[0].data.x: no such attribute',
  ],
]

it.each(LISTED)('%s of a value in a rule', (_, list, text) => {
  const call = () =>
    sentByCalls((tx) => tx.addRule({ ...inT, chain: 'c', rule: rule(ip.saddr(list as never), accept()) }))
  expect(refusal(call).message.slice(0, text.length)).toBe(text)
})
