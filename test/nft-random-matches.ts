/** What rules look at, at random: as texts of nft(8) and as calls of the builder. */

import fc from 'fast-check'
import * as nft from '../src/nftables/public.js'
import type { Field } from './nft-random-fields.js'
import type { Pair, Pairs, Values } from './nft-random-values.js'

const { constantFrom: one, oneof, tuple } = fc
/** Made late: a call that throws is a rule that is refused. */
export type Part = Pair<() => nft.RuleBody['statements'][number]>
export type Parts = fc.Arbitrary<Part>

export const part = (text: string, ours: Part['ours']): Part => ({ text, ours })

// biome-ignore lint/suspicious/noExplicitAny: values of any field
export type Any = any
export const ANY = (field: Field): Any => field.ours

export const several = <T>(of: fc.Arbitrary<T>, min = 1, max = 3) =>
  fc.array(of, { minLength: min, maxLength: max })
/** Each once: in maps nft(8) takes the same twice. */
export const keyed = <T>(of: Pairs<T>, min = 1, max = 3) =>
  fc.uniqueArray(of, { minLength: min, maxLength: max, selector: ({ text }) => text })
const listed = (all: readonly Pair<unknown>[]) => `{ ${all.map(({ text }) => text).join(', ')} }`

/** A single value, a range or a prefix. */
export const intervals = ({ single, range, prefix }: Values): Pairs<unknown> =>
  oneof(
    { arbitrary: single as Pairs<unknown>, weight: 2 },
    ...(range ? [range] : []),
    ...(prefix ? [prefix] : []),
  )

const VERDICTS: Pairs<nft.Verdict> = one<Pair<nft.Verdict>>(
  { text: 'accept', ours: 'accept' },
  { text: 'drop', ours: 'drop' },
  { text: 'jump d', ours: { jump: 'd' } },
  { text: 'goto d', ours: { goto: 'd' } },
  { text: 'return', ours: 'return' },
  { text: 'continue', ours: 'continue' },
)

/** With `sets` those of the table, too. */
export function matchesOf(field: Field, sets: boolean): Parts {
  const { text, values } = field
  const { single, range, prefix, masked, bits, type } = values
  const ours = ANY(field)
  const some: Parts[] = [
    single.map((it) => part(`${text} ${it.text}`, () => ours(it.ours))),
    // Of flags nft(8) compares all at once then.
    single.map((it) => part(`${text} ${bits ? '!' : '!='} ${it.text}`, () => ours.not(it.ours))),
  ]
  if (!values.alone)
    some.push(
      keyed(intervals(values)).map((all) =>
        part(`${text} ${listed(all)}`, () => ours(all.map((it) => it.ours))),
      ),
      keyed(intervals(values)).map((all) =>
        part(`${text} != ${listed(all)}`, () => ours.not(all.map((it) => it.ours))),
      ),
      tuple(keyed(intervals(values)), VERDICTS, VERDICTS)
        .map(([keys, ...verdicts]) => keys.map((key, i) => [key, verdicts[i % 2]!] as const))
        .map((all) =>
          part(
            `${text} vmap { ${all.map(([it, verdict]) => `${it.text} : ${verdict.text}`).join(', ')} }`,
            () => ours.vmap(all.map(([it, verdict]) => [it.ours, verdict.ours])),
          ),
        ),
    )
  for (const way of [range, prefix]) {
    if (way === undefined) continue
    some.push(
      way.map((it) => part(`${text} ${it.text}`, () => ours(it.ours))),
      way.map((it) => part(`${text} != ${it.text}`, () => ours.not(it.ours))),
    )
  }
  if (range !== undefined)
    some.push(
      tuple(one(['<', 'lt'], ['<=', 'lte'], ['>', 'gt'], ['>=', 'gte']), single).map(([[op, call], it]) =>
        part(`${text} ${op} ${it.text}`, () => ours[call!](it.ours)),
      ),
    )
  if (masked !== undefined)
    some.push(
      tuple(masked, fc.boolean()).map(([[mask, it], not]) =>
        part(`${text} & ${mask.text} ${not ? '!=' : '=='} ${it.text}`, () =>
          not ? ours.mask(mask.ours).not(it.ours) : ours.mask(mask.ours)(it.ours),
        ),
      ),
    )
  if (bits !== undefined)
    some.push(
      fc
        .subarray([...bits], { minLength: 2 })
        .map((all) => part(`${text} ${all.join(',')}`, () => ours(...all))),
      fc
        .subarray([...bits], { minLength: 1 })
        .map((all) => part(`${text} ! ${all.join(',')}`, () => ours.not(...all))),
    )
  if (sets && type !== undefined && SET_TYPES.includes(type))
    some.push(
      tuple(one(`s_${type}`, `i_${type}`), fc.boolean()).map(([name, not]) =>
        part(`${text} ${not ? '!= ' : ''}@${name}`, () =>
          not ? ours.not(nft.set(name)) : ours(nft.set(name)),
        ),
      ),
      one(`v_${type}`, `w_${type}`).map((name) =>
        part(`${text} vmap @${name}`, () => ours.vmap(nft.set(name))),
      ),
    )
  return oneof(...some)
}

/** Several fields as one key. */
export function together(fields: readonly Field[]): Parts {
  const text = fields.map((field) => field.text).join(' . ')
  const ours = () => nft.concat(...(fields.map((field) => field.ours) as [nft.Selector])) as Any
  const tuples = (way: (values: Values) => Pairs<unknown>) =>
    tuple(...fields.map(({ values }) => way(values))).map((all) => ({
      text: all.map((it) => it.text).join(' . '),
      ours: all.map((it) => it.ours),
    }))
  const either = oneof(
    tuples(({ single }) => single as Pairs<unknown>),
    tuples(intervals),
  )
  return oneof(
    keyed(either).map((all) => part(`${text} ${listed(all)}`, () => ours()(all.map((it) => it.ours)))),
    keyed(either).map((all) => part(`${text} != ${listed(all)}`, () => ours().not(all.map((it) => it.ours)))),
    tuple(keyed(either), VERDICTS, VERDICTS)
      .map(([keys, ...verdicts]) => keys.map((key, i) => [key, verdicts[i % 2]!] as const))
      .map((all) =>
        part(
          `${text} vmap { ${all.map(([it, verdict]) => `${it.text} : ${verdict.text}`).join(', ')} }`,
          () => ours().vmap(all.map(([it, verdict]) => [it.ours, verdict.ours])),
        ),
      ),
    keyed(either).map((all) =>
      part(`meta mark set ${text} map { ${all.map((it, i) => `${it.text} : ${i}`).join(', ')} }`, () =>
        nft.meta.mark.set(ours().map(all.map((it, i) => [it.ours, i]))),
      ),
    ),
  )
}

export const fixed = (text: string, ours: Part['ours']): Parts => fc.constant(part(text, ours))

/** The types of which the table inet has sets: s_ of values, i_ of intervals, d_ for rules to add to; v_ and w_ are maps to verdicts, m_ to marks. */
export const SET_TYPES: readonly string[] = [
  ...['ipv4_addr', 'ipv6_addr', 'ether_addr', 'inet_service', 'mark', 'ifname', 'ct_state', 'dscp'],
]
export const SETS: readonly string[] = SET_TYPES.flatMap((type) => [
  `add set inet t s_${type} { type ${type}; }`,
  `add set inet t i_${type} { type ${type}; flags interval; }`,
  `add set inet t d_${type} { type ${type}; flags dynamic,timeout; }`,
  `add map inet t v_${type} { type ${type} : verdict; }`,
  `add map inet t w_${type} { type ${type} : verdict; flags interval; }`,
  `add map inet t m_${type} { type ${type} : mark; }`,
])
