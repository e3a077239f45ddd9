/** More of what rules look at, at random: bits of fields in lists and maps, keys of several fields in sets with a name, objects. */

import fc from 'fast-check'
import * as nft from '../src/nftables/public.js'
import { FIELDS, type Field } from './nft-random-fields.js'
import { ANY, type Any, fixed, keyed, type Parts, part } from './nft-random-matches.js'
import type { Pair, Pairs } from './nft-random-values.js'

const { constantFrom: one, oneof, tuple } = fc

const listed = (all: readonly Pair<unknown>[]) => `{ ${all.map(({ text }) => text).join(', ')} }`
export const mappedTo = (all: readonly Pair<unknown>[], to: (i: number) => string | number) =>
  `{ ${all.map(({ text }, i) => `${text} : ${to(i)}`).join(', ')} }`

/** Some bits of a field, compared in all ways. */
export function bitsOf(field: Field, sets: boolean): Parts {
  const { text, values } = field
  const ours = ANY(field)
  const within = (mask: number) => keyed(fc.nat(0xffff).map((value) => numberPair((value & mask) >>> 0)))
  const masks = values.masked!.map(([mask]) => Number(mask.ours) & 0xffff).filter((mask) => mask > 0)
  return masks.chain((mask) => {
    const some: Parts[] = [
      within(mask).map((all) =>
        part(`${text} & ${mask} ${listed(all)}`, () => ours.mask(mask)(all.map((it) => it.ours))),
      ),
      within(mask).map((all) =>
        part(`${text} & ${mask} != ${listed(all)}`, () => ours.mask(mask).not(all.map((it) => it.ours))),
      ),
      within(mask).map((all) =>
        part(`${text} & ${mask} vmap ${mappedTo(all, () => 'drop')}`, () =>
          ours.mask(mask).vmap(all.map((it) => [it.ours, 'drop'])),
        ),
      ),
      within(mask).map((all) =>
        part(`ct mark set ${text} & ${mask} map ${mappedTo(all, (i) => i)}`, () =>
          nft.ct.mark.set(ours.mask(mask).map(all.map((it, i) => [it.ours, i]))),
        ),
      ),
      tuple(one(['<', 'lt'], ['<=', 'lte'], ['>', 'gt'], ['>=', 'gte']), fc.nat(mask)).map(
        ([[op, call], it]) => part(`${text} & ${mask} ${op} ${it}`, () => ours.mask(mask)[call!](it)),
      ),
      tuple(fc.nat(mask - 1), fc.boolean()).map(([from, not]) =>
        part(`${text} & ${mask} ${not ? '!= ' : ''}${from}-${mask}`, () =>
          not ? ours.mask(mask).not(`${from}-${mask}`) : ours.mask(mask)(`${from}-${mask}`),
        ),
      ),
      tuple(one(['|', 'or'], ['^', 'xor']), values.single, fc.boolean()).map(([[op, call], it, not]) =>
        part(`${text} ${op} ${mask} ${not ? '!=' : '=='} ${it.text}`, () =>
          not ? ours[call!](mask).not(it.ours) : ours[call!](mask)(it.ours),
        ),
      ),
    ]
    if (sets && values.type !== undefined && TYPED.includes(values.type))
      some.push(
        fixed(`${text} & ${mask} @s_${values.type}`, () => ours.mask(mask)(nft.set(`s_${values.type}`))),
      )
    return oneof(...some)
  })
}
const TYPED = ['inet_service', 'mark']
export const numberPair = (ours: number): Pair<number> => ({ text: `${ours}`, ours })

/** Fields that are plain numbers. */
export const NUMERIC: readonly Field[] = FIELDS.filter(
  ({ values: { masked, bits, prefix } }) =>
    masked !== undefined && bits === undefined && prefix === undefined,
).filter(({ text }) => !/ether|saddr/.test(text))

/** Keys of several fields, of which the table inet has sets and maps with names. */
const KEYS: Readonly<Record<string, readonly [string, nft.Concatenation]>> = {
  a: ['ip saddr . tcp dport', nft.concat(nft.ip.saddr, nft.tcp.dport)],
  b: ['ip daddr . meta mark . ip ttl', nft.concat(nft.ip.daddr, nft.meta.mark, nft.ip.ttl)],
  c: ['iifname . ip6 saddr', nft.concat(nft.meta.iifname, nft.ip6.saddr)],
  d: ['ip dscp . ether saddr', nft.concat(nft.ip.dscp, nft.ether.saddr)],
  e: ['ct state . meta l4proto', nft.concat(nft.ct.state, nft.meta.l4proto)],
}
const KEY_TYPES: Readonly<Record<string, string>> = {
  a: 'ipv4_addr . inet_service',
  b: 'typeof ip daddr . meta mark . ip ttl',
  c: 'ifname . ipv6_addr',
  d: 'dscp . ether_addr',
  e: 'ct_state . inet_proto',
}
const typed = (key: string) => KEY_TYPES[key]!.replace(/^(?!typeof)/, 'type ')
/** Those sets; maps from an address to others; objects. */
export const MORE_SETS: readonly string[] = [
  ...Object.keys(KEYS).flatMap((key) => [
    `add set inet t cs_${key} { ${typed(key)}; }`,
    `add set inet t ci_${key} { ${typed(key)}; flags interval; }`,
    `add set inet t cd_${key} { ${typed(key)}; flags dynamic,timeout; }`,
    `add map inet t cv_${key} { ${typed(key)} : verdict; flags interval; }`,
    `add map inet t cm_${key} { ${typed(key)} : ${key === 'b' ? 'meta mark' : 'mark'}; }`,
    `add map inet t dm_${key} { ${typed(key)} : ${key === 'b' ? 'meta mark' : 'mark'}; flags dynamic,timeout; }`,
  ]),
  'add map inet t to_addr { type ipv4_addr : ipv4_addr; }',
  'add map inet t to_addr6 { type ipv6_addr : ipv6_addr; }',
  'add map inet t to_port { type ipv4_addr : inet_service; }',
  'add map inet t to_both { type ipv4_addr : ipv4_addr . inet_service; }',
  'add map inet t to_range { type ipv4_addr : interval ipv4_addr; flags interval; }',
  'add map inet t to_mac { type ipv4_addr : ether_addr; }',
  'add counter inet t n1',
  'add quota inet t q1 { 100 mbytes }',
  'add limit inet t l1 { rate 5/second }',
  'add map inet t to_counter { type ipv4_addr : counter; }',
]

const keys: Parts = one(...Object.keys(KEYS)).chain((key) => {
  const [text, ours] = KEYS[key]!
  const at = (name: string) => nft.set(`${name}_${key}`)
  return oneof(
    tuple(one('cs', 'ci'), fc.boolean()).map(([name, not]) =>
      part(`${text} ${not ? '!= ' : ''}@${name}_${key}`, () =>
        not ? ours.not(at(name)) : (ours as Any)(at(name)),
      ),
    ),
    fixed(`${text} vmap @cv_${key}`, () => ours.vmap(at('cv'))),
    fixed(`meta mark set ${text} map @cm_${key}`, () => nft.meta.mark.set(ours.map(at('cm')))),
    tuple(one('add' as const, 'update' as const), elementOptions).map(([op, options]) =>
      part(`${op} @cd_${key} { ${text}${options.text} }`, () =>
        (op === 'add' ? nft.addElement : nft.updateElement)(at('cd'), ours, options.ours),
      ),
    ),
    fixed(`delete @cd_${key} { ${text} }`, () => nft.deleteElement(at('cd'), ours)),
    tuple(one('add' as const, 'update' as const), values).map(([op, value]) =>
      part(`${op} @dm_${key} { ${text} : ${value.text} }`, () =>
        (op === 'add' ? nft.addElement : nft.updateElement)(at('dm'), ours, { value: value.ours }),
      ),
    ),
  )
})
const STATES: readonly Pair<() => nft.Statement>[] = [
  { text: 'counter', ours: () => nft.counter() },
  { text: 'counter packets 3 bytes 100', ours: () => nft.counter({ packets: 3, bytes: 100 }) },
  { text: 'limit rate 10/second burst 5 packets', ours: () => nft.limit({ rate: 10 }) },
  {
    text: 'limit rate over 10 bytes/hour burst 1 kbytes',
    ours: () => nft.limit({ rate: 10, unit: 'bytes', per: 'hour', over: true, burst: 1024 }),
  },
  { text: 'quota over 1 kbytes', ours: () => nft.quota({ bytes: 1024, over: true }) },
  { text: 'ct count 20', ours: () => nft.connectionLimit(20) },
]
const elementOptions: fc.Arbitrary<Pair<nft.DynamicOptions>> = tuple(
  fc.option(fc.integer({ min: 1, max: 4_000_000 }), { nil: undefined }),
  fc.subarray([...STATES], { maxLength: 3 }),
).map(([timeout, states]) => ({
  text: `${timeout === undefined ? '' : ` timeout ${timeout}ms`}${states.map(({ text }) => ` ${text}`).join('')}`,
  ours: {
    timeout,
    ...(states.length > 0 && { expressions: nft.stateful(...states.map(({ ours }) => ours())) }),
  },
}))
const values: Pairs<nft.Expr> = one<Pair<nft.Expr>>(
  { text: '5', ours: nft.constant('mark', 5) },
  { text: 'ct mark', ours: nft.ct.mark },
  { text: 'meta mark', ours: nft.meta.mark },
  { text: 'ct mark & 255', ours: nft.ct.mark.mask(255) },
  { text: 'numgen inc mod 7', ours: nft.numgen('incremental', 7) },
  {
    text: 'ct mark map { 1 : 2, 3 : 4 }',
    ours: nft.ct.mark.map(
      [
        [1, 2],
        [3, 4],
      ],
      'mark',
    ),
  },
)

const objects: Parts = oneof(
  fixed('counter name "n1"', () => nft.counter({ name: 'n1' })),
  fixed('quota name "q1"', () => nft.quota({ name: 'q1' })),
  fixed('limit name "l1"', () => nft.limit({ name: 'l1' })),
  fixed('counter name ip saddr map @to_counter', () => nft.useObject(nft.set('to_counter'), nft.ip.saddr)),
  fixed('counter name tcp dport map { 80 : "n1", 443-500 : "n1" }', () =>
    nft.useObject(
      [
        [80, 'n1'],
        ['443-500', 'n1'],
      ],
      nft.tcp.dport,
      'counter',
    ),
  ),
)

/** Those that use what the table inet has. */
export const OF_TABLE: Parts = oneof(keys, objects)
