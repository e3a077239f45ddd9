/** Values that operations on links refuse. */

import { expect } from 'vitest'
import type { Operation } from '../../src/netlink/operation.js'

/** The first step of an operation: bad input has to be found before it, so that nothing has been opened or sent. */
export function begin(operation: Operation<unknown>): void {
  const { value } = operation.next()
  throw new Error(`went on to ${JSON.stringify(value)}`)
}

/** What bad values are refused with; `shows` is how the value stands in the message. */
export interface Bad {
  value: unknown
  error: typeof RangeError | typeof TypeError
  shows: string
}

export const range = (value: unknown, shows = String(value)): Bad => ({ value, error: RangeError, shows })

export const type = (value: unknown, shows = String(value)): Bad => ({ value, error: TypeError, shows })

export const IFNAMES: Bad[] = [
  range('', 'cannot be empty'),
  range('abcdefghijklmnop', "'abcdefghijklmnop' has 16 bytes"),
  range('ääääääää', "'ääääääää' has 16 bytes"),
  range('.', "'.'"),
  range('..', "'..'"),
  range('a/b', "'a/b'"),
  range('a:b', "'a:b'"),
  range('a b', "'a b'"),
  range('a\tb', "'a\\tb'"),
  range('a\u00a0b', 'a\u00a0b'),
  range('a\n', "'a\\n'"),
  range('a\0', "'a\\u0000'"),
  type(7),
  type(null),
  type({}, '{}'),
]

/** Names that no interface can have, new or there already. */
export const OF_SYSCTL: Bad[] = [range('all', "'all' is no name"), range('default', "'default' is no name")]

/** Names of what is there already have no number to be found. */
export const NEW_NAMES: Bad[] = [
  ...IFNAMES,
  ...OF_SYSCTL,
  range(
    'eth%d',
    "'eth%d' is a pattern to the kernel, which does not tell the name that it makes of it; createLink(),",
  ),
]

export const DEVS: Bad[] = [
  range('', 'cannot be empty'),
  range('a/b', "'a/b'"),
  range('x'.repeat(128), 'has 128 bytes'),
  range(0),
  range(-1),
  range(1.5),
  range(Number.NaN),
  range(2 ** 31),
  type(true),
  type(null),
  type({}, '{}'),
]

export const MACS: Bad[] = [
  range('', "''"),
  range('02:00:00:00:00', "'02:00:00:00:00'"),
  range('02:00:00:00:00:01:02', "'02:00:00:00:00:01:02'"),
  range('02:00:00:00:00:0g', "'02:00:00:00:00:0g'"),
  range('020000000001', "'020000000001'"),
  range('01:00:5e:00:00:01', 'multicast'),
  range('ff:ff:ff:ff:ff:ff', 'multicast'),
  range(2, '2'),
]

export const MTUS: Bad[] = [
  range(-1),
  range(2 ** 32),
  range(Number.NaN),
  range(1500.5),
  type('1500', "'1500'"),
  type(1500n, '1500n'),
]

export const NUMBERS: Bad[] = [
  range(-1),
  range(2 ** 32),
  range(0.5),
  range(Number.NaN),
  type('1', "'1'"),
  type(null),
]

export const BOOLEANS: Bad[] = [type(1), type('on', "'on'"), type(null), type(0)]

/** Options of a link, and what each refuses. */
export const OPTIONS: Record<string, Bad[]> = {
  mac: MACS,
  mtu: MTUS,
  txQueueLength: NUMBERS,
  group: NUMBERS,
  gsoMaxSize: NUMBERS,
  gsoMaxSegs: NUMBERS,
  groMaxSize: NUMBERS,
  gsoIpv4MaxSize: NUMBERS,
  groIpv4MaxSize: NUMBERS,
  broadcast: [range('x', "'x'"), range(5)],
  up: BOOLEANS,
  arp: BOOLEANS,
  multicast: BOOLEANS,
  allMulticast: BOOLEANS,
  promiscuous: BOOLEANS,
  trailers: BOOLEANS,
  dynamic: BOOLEANS,
  linkMode: [range('sleepy', "'sleepy'"), range(256), type(true), range('constructor', "'constructor'")],
  operState: [
    range('gone', "'gone'"),
    range(-1),
    range('down', "'down'"),
    range('unknown', "'unknown'"),
    range(77),
  ],
  addrGenMode: [range('eui48', "'eui48'"), type(null), range(1.5)],
}

// biome-ignore lint/suspicious/noExplicitAny: what the type checker refuses is what these calls are about
export type Loose = any

export function cases(table: Record<string, Bad[]>) {
  return Object.entries(table).flatMap(([field, bad]) => bad.map((one) => ({ field, ...one })))
}

export function expectRefused(
  operation: () => Operation<unknown>,
  field: string,
  { error, shows }: Omit<Bad, 'value'>,
): void {
  let thrown: unknown
  try {
    begin(operation())
  } catch (cause) {
    thrown = cause
  }
  expect(thrown).toBeInstanceOf(error)
  expect(String(thrown)).toContain(field)
  expect(String(thrown)).toContain(shows)
}
