/** Values of the fields of rules at random, as nft(8) writes them and as the builder has them. */

import fc from 'fast-check'
import type * as nft from '../src/nftables/public.js'

/** The same twice: as a text of nft(8), and as what the builder takes. */
export interface Pair<T> {
  readonly text: string
  readonly ours: T
}
export type Pairs<T> = fc.Arbitrary<Pair<T>>
const { constantFrom: one, oneof, tuple } = fc

export const same = (...values: readonly (string | number)[]): Pairs<string | number> =>
  one(...values).map((value) => ({ text: `${value}`, ours: value }))
export const quoted = (...values: readonly string[]): Pairs<string> =>
  one(...values).map((value) => ({ text: `"${value}"`, ours: value }))
export const number = (max: number, ...named: readonly string[]): Pairs<string | number> => {
  const plain = oneof(fc.integer({ min: 0, max }), one(0, 1, max - 1, max)).map((value) => ({
    text: `${value}`,
    ours: value as string | number,
  }))
  return named.length === 0 ? plain : oneof(plain, same(...named))
}

/** What a field can be compared with. */
export interface Values {
  readonly single: Pairs<string | number>
  /** Values that have an order, in it: for ranges. */
  readonly range?: Pairs<unknown>
  readonly prefix?: Pairs<string>
  /** A mask, and a value within it. */
  readonly masked?: fc.Arbitrary<readonly [Pair<number | readonly string[]>, Pair<string | number>]>
  /** Names of which each is a bit. */
  readonly bits?: readonly string[]
  /** No lists, no maps. */
  readonly alone?: true
  /** The name of the type that sets of it have. */
  readonly type?: nft.DatatypeName
}

export function numbers(max: number, type?: nft.DatatypeName, ...named: readonly string[]): Values {
  return {
    single: number(max, ...named),
    range: tuple(fc.integer({ min: 0, max }), fc.integer({ min: 0, max }))
      .filter(([from, to]) => from !== to)
      .map((ends) => ends.sort((a, b) => a - b))
      .map(([from, to]) => ({ text: `${from}-${to}`, ours: `${from}-${to}` })),
    masked: tuple(fc.integer({ min: 1, max: Math.max(1, max - 1) }), fc.integer({ min: 0, max })).map(
      ([mask, value]) => {
        const within = Number(BigInt(mask) & BigInt(value))
        return [
          { text: `${mask}`, ours: mask },
          { text: `${within}`, ours: within },
        ] as const
      },
    ),
    ...(type !== undefined && { type }),
  }
}

function addresses(
  type: 'ipv4_addr' | 'ipv6_addr',
  [length, from, to]: readonly [number, fc.Arbitrary<string>, fc.Arbitrary<string>],
  nets: (from: string, length: number) => string,
): Values {
  return {
    type,
    single: oneof(from, to).map((text) => ({ text, ours: text })),
    range: tuple(from, to).map(([first, last]) => ({ text: `${first}-${last}`, ours: `${first}-${last}` })),
    prefix: tuple(from, fc.integer({ min: 1, max: length - 1 })).map(([address, bits]) => {
      const text = nets(address, bits)
      return { text, ours: text }
    }),
    masked: tuple(from, to).map(([address, mask]) => [
      { text: mask, ours: [mask] },
      { text: address, ours: address },
    ]),
  }
}

const v4 = (first: number) =>
  tuple(fc.nat(255), fc.nat(255), fc.nat(255)).map((rest) => [first, ...rest].join('.'))
export const ipv4 = addresses(
  'ipv4_addr',
  [32, oneof(v4(10), one('0.0.0.0')), oneof(v4(192), one('255.255.255.255'))],
  (from, bits) => {
    const number = from.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
    const cut = Math.floor(number / 2 ** (32 - bits)) * 2 ** (32 - bits)
    return `${[24, 16, 8, 0].map((by) => Math.floor(cut / 2 ** by) % 256).join('.')}/${bits}`
  },
)
const v6 = (first: string) => fc.nat(0xffff).map((last) => `${first}::${(last + 1).toString(16)}`)
export const ipv6 = addresses(
  'ipv6_addr',
  [128, oneof(v6('2001:db8'), one('::')), oneof(v6('fd00'), one('ffff::'))],
  (from, bits) =>
    `${from.split('::')[0] || '::'}`.includes(':') && !from.startsWith('::')
      ? `${bits < 32 ? '2000' : '2001:db8'}::/${Math.max(bits, 3)}`
      : `::/${bits}`,
)

const mac = (first: string) =>
  tuple(fc.nat(255), fc.nat(255)).map((rest) =>
    [first, '00', '00', '00', ...rest.map((it) => it.toString(16).padStart(2, '0'))].join(':'),
  )
export const macs: Values = {
  type: 'ether_addr',
  single: mac('02').map((text) => ({ text, ours: text })),
  range: tuple(mac('02'), mac('06')).map(([from, to]) => ({ text: `${from}-${to}`, ours: { from, to } })),
  masked: tuple(mac('02'), one('ff:ff:ff:00:00:00', '01:00:00:00:00:00')).map(([, mask]) => [
    { text: mask, ours: [mask] },
    { text: '02:00:00:00:00:00', ours: '02:00:00:00:00:00' },
  ]),
}
export const names: Values = { type: 'ifname', single: quoted('eth0', 'lo', 'eth*', 'averylongname15') }
export const plainNames: Values = { single: quoted('ftp', 'sip', 'Linux') }
export const kinds: Values = { single: quoted('veth', 'vlan') }
export const index: Values = { single: quoted('lo', 'eth0', 'eth1') }
export const exists: Values = { single: same('exists', 'missing'), alone: true }
export const u8 = numbers(0xff)
export const u16 = numbers(0xffff)
export const u32 = numbers(0xffffffff)
export const u64 = numbers(Number.MAX_SAFE_INTEGER)
export const port = numbers(0xffff, 'inet_service')
export const mark = numbers(0xffffffff, 'mark')
export const proto = numbers(
  0xff,
  'inet_proto',
  'tcp',
  'udp',
  'icmp',
  'icmpv6',
  'esp',
  'ah',
  'comp',
  'sctp',
  'dccp',
  'udplite',
)
export const etherType: Values = {
  type: 'ether_type',
  single: oneof(same('ip', 'arp', 'ip6', 'vlan', '8021ad'), number(0xffff)),
}
export const dscp = numbers(63, 'dscp', 'cs1', 'ef', 'af11')
export const ecn: Values = { single: same('not-ect', 'ect0', 'ect1', 'ce') }
export const bits = (type: nft.DatatypeName | undefined, all: readonly string[]): Values => ({
  ...(type !== undefined && { type }),
  single: same(...all),
  bits: all,
  masked: tuple(fc.subarray([...all], { minLength: 1 }), fc.nat()).map(([mask, at]) => [
    { text: `(${mask.join(' | ')})`, ours: mask },
    { text: mask[at % mask.length]!, ours: mask[at % mask.length]! },
  ]),
})
export const time: Values = {
  single: same('2026-06-06 17:00:00', '2026-06-06', '2026-01-01 00:00:30').map(({ ours }) => ({
    text: `"${ours}"`,
    ours,
  })),
  range: one({ text: '"2026-01-01"-"2026-02-01"', ours: { from: '2026-01-01', to: '2026-02-01' } }),
}
export const day: Values = {
  single: one('Sunday', 'Monday', 'Saturday').map((it) => ({ text: `"${it}"`, ours: it.toLowerCase() })),
}
export const hour: Values = {
  single: quoted('17:00', '00:00', '23:59:59'),
  range: one(
    { text: '"09:00"-"17:30:15"', ours: '09:00-17:30:15' },
    { text: '"00:00"-"23:59"', ours: '00:00-23:59' },
  ),
}
export const priority: Values = {
  single: tuple(fc.nat(0xffff), fc.nat(0xffff))
    .filter(([a, b]) => a + b > 0)
    .map(([major, minor]) => {
      const text = `${major.toString(16)}:${minor.toString(16)}`
      return { text, ours: minor % 2 === 0 ? text : major * 65536 + minor }
    }),
}
export const seconds: Values = {
  single: fc.integer({ min: 1, max: 4_000_000 }).map((it) => ({ text: `${it}s`, ours: it * 1000 })),
  range: one({ text: '1m-2m', ours: '60000-120000' }),
}
/** Addresses that nft(8) has as numbers. */
export const numbered: Values = {
  single: one({ text: '0x0a000001', ours: '10.0.0.1' }, { text: '0xe0000001', ours: '224.0.0.1' }),
}
