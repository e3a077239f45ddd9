/** Sets and maps at random, and what is added to them and taken out of them: as texts of nft(8) and as calls. */

import fc from 'fast-check'
import type * as nft from '../src/nftables/public.js'
import type { Transaction } from '../src/nftables/recorder.js'
import {
  dscp,
  etherType,
  ipv4,
  ipv6,
  macs,
  mark,
  type Pair,
  type Pairs,
  port,
  proto,
  same,
  type Values,
} from './nft-random-values.js'

const { constantFrom: one, oneof, tuple } = fc

const quoted = (...values: string[]): Pairs<string> =>
  one(...values).map((ours) => ({ text: `"${ours}"`, ours }))
const TYPES: Readonly<Record<string, Values>> = {
  ipv4_addr: ipv4,
  ipv6_addr: ipv6,
  ether_addr: macs,
  inet_service: port,
  mark,
  inet_proto: proto,
  ether_type: etherType,
  dscp,
  ecn: { single: same('ce', 'ect0', 'ect1', 'not-ect') },
  nf_proto: { single: same('ipv4', 'ipv6') },
  ct_state: { single: same('new', 'established', 'related', 'invalid') },
  ifname: { single: quoted('eth0', 'eth1', 'lo'), prefix: quoted('eth*', 'veth*', 'e*') },
}

/** Few, so that they meet. */
const FEW: Readonly<Record<string, Values>> = {
  ipv4_addr: {
    single: one('10.0.0.0', '10.0.0.1', '10.0.0.2', '10.0.0.255', '0.0.0.0', '255.255.255.255').map(
      (text) => ({ text, ours: text }),
    ),
    range: one(
      '10.0.0.0-10.0.0.1',
      '10.0.0.1-10.0.0.9',
      '10.0.0.5-10.0.1.3',
      '0.0.0.0-9.255.255.255',
      '240.0.0.0-255.255.255.255',
    ).map((text) => ({ text, ours: text })),
    prefix: one('10.0.0.0/24', '10.0.1.0/24', '10.0.0.0/23', '10.0.0.128/25', '0.0.0.0/1', '128.0.0.0/1').map(
      (text) => ({ text, ours: text }),
    ),
  },
  inet_service: {
    single: one(0, 1, 80, 81, 65534, 65535).map((ours) => ({ text: `${ours}`, ours })),
    range: one('0-79', '80-90', '81-82', '91-100', '85-95', '65000-65535', '0-65535').map((text) => ({
      text,
      ours: text,
    })),
  },
}

interface Element {
  readonly text: string
  readonly ours: nft.NftElementInput
}
type Act = Pair<(tx: Transaction) => void>

/** What happens to a set from its beginning, each in a transaction of its own. */
export interface RandomSet {
  readonly acts: readonly Act[]
}

const intervals = ({ single, range, prefix }: Values, interval: boolean): Pairs<unknown> =>
  oneof(
    { arbitrary: single as Pairs<unknown>, weight: 3 },
    ...(interval && range ? [{ arbitrary: range, weight: 2 }] : []),
    ...(interval && prefix ? [{ arbitrary: prefix as Pairs<unknown>, weight: 2 }] : []),
  )

const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined, freq: 2 })
const rarely = (times: number) => fc.nat(times).map((it) => it === 0)

interface MapOf {
  readonly map: nft.MapType
  readonly text: string
  readonly mapInterval?: true
  readonly values: Pairs<unknown>
}
const VERDICTS = one<Pair<unknown>>(
  { text: 'accept', ours: 'accept' },
  { text: 'drop', ours: 'drop' },
  { text: 'jump d', ours: { jump: 'd' } },
  { text: 'goto d', ours: { goto: 'd' } },
  { text: 'return', ours: 'return' },
)
const SERVICES = tuple(ipv4.single, port.single).map(([a, b]) => ({
  text: `${a.text} . ${b.text}`,
  ours: [a.ours, b.ours],
}))
const MAPS: readonly MapOf[] = [
  { map: 'verdict', text: 'verdict', values: VERDICTS },
  { map: 'mark', text: 'mark', values: mark.single },
  { map: 'ipv4_addr', text: 'ipv4_addr', values: ipv4.single },
  { map: ['ipv4_addr', 'inet_service'], text: 'ipv4_addr . inet_service', values: SERVICES },
  { map: 'counter', text: 'counter', values: quoted('n1', 'n2') },
  { map: 'ipv4_addr', text: 'interval ipv4_addr', mapInterval: true, values: intervals(ipv4, true) },
]

const OPTIONS = fc.record({
  interval: fc.boolean(),
  timeoutFlag: fc.boolean(),
  constant: rarely(9),
  dynamic: rarely(5),
  few: fc.boolean(),
  autoMerge: rarely(3),
  timeout: maybe(fc.integer({ min: 1, max: 100_000 })),
  gcInterval: maybe(fc.integer({ min: 1, max: 1000 })),
  size: maybe(fc.integer({ min: 1, max: 100 })),
  policy: maybe(one('memory' as const, 'performance' as const)),
  comment: maybe(one('hello', 'x y')),
})
type Options = typeof OPTIONS extends fc.Arbitrary<infer T> ? T : never

/**
 * What belongs together: nft merges with what the set has already, counts the ends of constant intervals, and takes no other size of what is
 * constant, and no policy. It crashes when it lists intervals of bits.
 */
function sound(types: readonly string[], map: MapOf | undefined, given: Options): Options {
  const { autoMerge, timeoutFlag, timeout, size, policy } = given
  const interval = given.interval && String(types) !== 'ct_state'
  const constant = given.constant && !interval
  const merges = autoMerge && interval && types.length === 1 && map === undefined
  return {
    ...given,
    interval,
    constant,
    size: constant ? undefined : size,
    policy: constant ? undefined : policy,
    autoMerge: merges,
    timeoutFlag: timeoutFlag && !merges,
    timeout: merges ? undefined : timeout,
  }
}

const FAMILY = { family: 'inet', table: 't' } as const
const NAMED = { ...FAMILY, set: 's' } as const

/** The call that makes it, with elements. */
function making(
  types: readonly string[],
  map: MapOf | undefined,
  o: Options,
  first: readonly Element[],
): Act {
  const flags = [
    ...(o.constant ? (['constant'] as const) : []),
    ...(o.interval ? (['interval'] as const) : []),
    ...(o.timeoutFlag ? (['timeout'] as const) : []),
    ...(o.dynamic ? (['dynamic'] as const) : []),
  ]
  const parts = [
    `type ${types.join(' . ')}${map === undefined ? '' : ` : ${map.text}`}`,
    flags.length > 0 && `flags ${flags.join(',')}`,
    o.timeout !== undefined && `timeout ${o.timeout}s`,
    o.gcInterval !== undefined && `gc-interval ${o.gcInterval}s`,
    o.size !== undefined && `size ${o.size}`,
    o.policy !== undefined && `policy ${o.policy}`,
    o.autoMerge && 'auto-merge',
    o.comment !== undefined && `comment "${o.comment}"`,
    first.length > 0 && `elements = ${listed(first)}`,
  ]
  const input: nft.NftSetInput = {
    ...FAMILY,
    name: 's',
    type: (types.length === 1 ? types[0] : types) as nft.DatatypeName,
    map: map?.map,
    mapInterval: map?.mapInterval,
    flags,
    timeout: o.timeout === undefined ? undefined : o.timeout * 1000,
    gcInterval: o.gcInterval === undefined ? undefined : o.gcInterval * 1000,
    size: o.size,
    policy: o.policy,
    autoMerge: o.autoMerge,
    comment: o.comment,
  }
  const text = `add ${map === undefined ? 'set' : 'map'} inet t s { ${parts.filter(Boolean).join('; ')}; }`
  return {
    text,
    ours: (tx) =>
      tx.addSet(
        input,
        first.map(({ ours }) => ours),
      ),
  }
}

const listed = (all: readonly { readonly text: string }[]) => `{ ${all.map(({ text }) => text).join(', ')} }`

function adding(how: 'add' | 'create', elements: readonly Element[]): Act {
  const input = { ...NAMED, elements: elements.map(({ ours }) => ours) }
  return {
    text: `${how} element inet t s ${listed(elements)}`,
    ours: (tx) => (how === 'add' ? tx.addElements(input) : tx.createElements(input)),
  }
}

function deleting(keys: readonly Pair<unknown>[]): Act {
  const elements = keys.map(({ ours }) => ({ key: ours as nft.ElementKey }))
  return {
    text: `delete element inet t s ${listed(keys)}`,
    ours: (tx) => tx.deleteElements({ ...NAMED, elements }),
  }
}

/** Up to the last value: where the set has others in it already nft looks for them, ours does not. */
const ENDLESS = /-(65535|255\.255\.255\.255)|128\.0\.0\.0\/1/

/** An element of a key that is not another's. */
function elementsOf(key: Pairs<unknown>, map: MapOf | undefined, o: Options) {
  const hasTimeout = o.timeoutFlag || o.timeout !== undefined
  return tuple(
    oneof(
      { arbitrary: key, weight: 12 },
      { arbitrary: fc.constant<Pair<unknown>>({ text: '*', ours: null }), weight: 1 },
    ),
    hasTimeout ? maybe(fc.integer({ min: 60, max: 100_000 })) : fc.constant(undefined),
    o.autoMerge ? fc.constant(undefined) : maybe(one('first', 'second one')),
    map === undefined ? fc.constant(undefined) : map.values,
  ).map(([key, timeout, comment, value]) => {
    const parts = [
      key.text,
      timeout !== undefined && `timeout ${timeout}s`,
      comment !== undefined && `comment "${comment}"`,
      value !== undefined && `: ${value.text}`,
    ]
    const ours: nft.NftElementInput = {
      key: key.ours as nft.ElementKey,
      timeout: timeout === undefined ? undefined : timeout * 1000,
      comment,
      ...(map?.map === 'counter'
        ? { object: value!.ours as string }
        : { value: value?.ours as nft.ElementValue }),
    }
    return { key, text: parts.filter(Boolean).join(' '), ours }
  })
}

const HOST: readonly string[] = ['mark', 'ct_state']

/** One type more often, of which values meet. */
const KEYS = oneof(
  { arbitrary: one('ipv4_addr', 'inet_service').map((it) => [it]), weight: 3 },
  { arbitrary: one(...Object.keys(TYPES)).map((it) => [it]), weight: 3 },
  { arbitrary: fc.array(one(...Object.keys(TYPES)), { minLength: 2, maxLength: 3 }), weight: 3 },
)

export const SETS_AT_RANDOM: fc.Arbitrary<RandomSet> = tuple(
  KEYS,
  fc.option(one(...MAPS), { nil: undefined, freq: 1 }),
  OPTIONS,
).chain(([types, map, given]) => {
  const o = sound(types, map, given)
  const values = types.map((type) => intervals((o.few ? FEW[type] : undefined) ?? TYPES[type]!, o.interval))
  const key: Pairs<unknown> =
    types.length === 1
      ? values[0]!
      : tuple(...values).map((all) => ({
          text: all.map((it) => it.text).join(' . '),
          ours: all.map((it) => it.ours),
        }))
  const element = elementsOf(key, map, o)
  const elements = (of: typeof element, minLength: number, maxLength: number) =>
    fc.uniqueArray(of, { minLength, maxLength, selector: (it) => it.key.text })
  const more = elements(
    element.filter(({ key }) => !o.interval || !ENDLESS.test(key.text)),
    1,
    3,
  )
  const adds = tuple(one('add' as const, 'create' as const), more).map(([how, all]) => adding(how, all))
  // Of intervals of several values this nft turns the bytes of none that the host has the other way round.
  const hosts = types.length > 1 && o.interval && types.some((type) => HOST.includes(type))
  return elements(element, 0, 5).chain((first) => {
    const keys = oneof(...(first.length > 0 ? [one(...first.map((it) => it.key))] : []), key)
    const deletes = fc.array(keys, { minLength: 1, maxLength: 2 }).map(deleting)
    return fc
      .array(hosts ? adds : oneof({ arbitrary: adds, weight: 3 }, { arbitrary: deletes, weight: 2 }), {
        maxLength: o.autoMerge ? 0 : 4,
      })
      .map((later) => ({ acts: [making(types, map, o, first), ...later] }))
  })
})
