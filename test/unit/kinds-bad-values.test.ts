/**
 * Every option of every kind of link, and of every kind of port, with values that its type cannot have: an error that names the option
 * and says what stands there, before anything is asked of the system. An option of a type that is not listed here fails.
 */

import { describe, expect, it } from 'vitest'
import { createLink } from '../../src/rtnetlink/link/create.js'
import { kinds, portKinds } from '../../src/rtnetlink/link/kinds/index.js'
import type { Kind } from '../../src/rtnetlink/link/kinds/kind.js'
import { setLink } from '../../src/rtnetlink/link/set.js'
import type { Bounded } from '../../src/rtnetlink/link/types.js'
import { ENOUGH, type Loose } from './kinds-enough.js'
import { refusal } from './refusal.js'

/** What no type of an option takes. */
const NEVER = [null, Symbol('symbol'), () => 1]
const NO_NUMBER = ['1', true, {}, [], 1n]
const NO_ADDRESS = ['nowhere', '', '192.0.2.1/24', 5, {}, []]

const integer = (min: number, max: number) => [min - 1, max + 1, 1.5, Number.NaN, Infinity, ...NO_NUMBER]
/** Numbers that no name is known of are taken: the kernel may be newer. */
const enumeration = (max: number) => [-1, max + 1, 1.5, 'no-such-name', 'toString', '', {}, ['x'], true]
const flags = (max: number) => [
  ...['no-such-name', 5, {}, true],
  ...[['no-such-name'], ['toString'], [max + 1], [-1], [1.5], [{}], [null]],
]
/** `little` is less than half of the unit: 0, which is for ever or off, would be sent. */
const duration = (max: number, little: number) => [-1, little, max + 1, Number.NaN, Infinity, ...NO_NUMBER]

const U64 = 2n ** 64n

/** By the label of a type. */
const BAD: Readonly<Record<string, readonly unknown[]>> = {
  u8: integer(0, 0xff),
  u16: integer(0, 0xffff),
  u32: integer(0, 0xffffffff),
  s32: integer(-0x80000000, 0x7fffffff),
  be16: integer(0, 0xffff),
  be32: integer(0, 0xffffffff),
  be64: [-1n, U64, 1, '1', true, {}],
  'enum u8': enumeration(0xff),
  'enum u16': enumeration(0xffff),
  'enum be16': enumeration(0xffff),
  'enum u32': enumeration(0xffffffff),
  'enum u64': ['no-such-name', 'toString', '', -1n, U64, {}, true],
  'flags u16': flags(0xffff),
  'flags be16': flags(0xffff),
  'flags u32': flags(0xffffffff),
  switches: [{ 'no-such-name': true }, { toString: true }, ['gvrp'], 5, 'on', true],
  can_ctrlmode: [{ 'no-such-name': true }, { toString: true }, { fd: 1 }, ['fd'], 5, 'on', true],
  can_bittiming: [5, 'text', [1], { 'no-such-name': 1 }, { bitrate: -1 }, { samplePoint: '0.875' }],
  nested: [5, 'text', [1], { 'no-such-name': 1 }, { tdco: -1 }, true],
  bool8: [0, 1, 'on', '', {}, []],
  bool32: [0, 1, 'on', '', {}, []],
  flag: [0, 1, 'on', '', {}, []],
  ipv4: [...NO_ADDRESS, '192.0.2.256', '192.0.2', '2001:db8::g'],
  ipv6: [...NO_ADDRESS, '192.0.2.1', '2001:db8::g', '1:2:3:4:5:6:7:8:9'],
  mac: ['', '02:00:00', '02:00:00:00:00:0g', 5, {}, []],
  string: [5, {}, [], true, 'a\0b'],
  array: [5, {}, 'text', '192.0.2.1', [5], [null], [{}], ['nowhere']],
  struct: [
    5,
    'text',
    [1, 2],
    { 'no-such-name': 1 },
    {},
    { low: 1 },
    { low: -1, high: 1 },
    { low: 1, high: 'text' },
  ],
  'bytes(8)': [5, 'text', [], {}, new Uint8Array(7), new Uint8Array(9)],
  'milliseconds u32': duration(0x100000000 / 1000, 0.0004),
  'seconds u32': duration(0x100000000 / 100, 0.004),
  'seconds u64': duration(2 ** 64, 0.004),
  /** An interface: null is none. */
  dev: [0, -1, 1.5, 2 ** 31, Number.NaN, '', 'a/b', 'a b', '.', 'x'.repeat(128), true, {}, [], 1n],
}
/** What stands for nothing there. */
const TAKES_NULL = ['dev']

interface Bad {
  option: string
  value: unknown
}

function badOf(kind: Kind): Bad[] {
  return kind.options.flatMap((option) => {
    const { type } = kind.table!.byName(option)!
    const label = kind.devs?.includes(option) ? 'dev' : type.label
    const { min, max } = type as Partial<Bounded>
    const values = min === undefined ? BAD[label] : [...BAD[label]!, ...integer(min, max!)]
    if (values === undefined) throw new Error(`${kind.name}.${option}: no bad values of type '${label}'`)
    // An address of either family goes into an attribute of its own.
    const isTwin = kind.twins?.[option] !== undefined
    const never = TAKES_NULL.includes(label) ? NEVER.slice(1) : NEVER
    return [...values, ...never, ...(isTwin ? ['::g', '1:2'] : [])].map((value) => ({ option, value }))
  })
}

function expectNamed(thrown: unknown, option: string, about: string): void {
  expect(thrown, about).toBeInstanceOf(Error)
  expect(thrown instanceof RangeError || thrown instanceof TypeError, `${about}: ${String(thrown)}`).toBe(
    true,
  )
  // 'createLink: ', 'setLink port: ' or nothing, then the option and where in it.
  const named = new RegExp(`^([\\w ]+: )?${option}[^:]*: `)
  expect((thrown as Error).message, about).toMatch(named)
}

const all = Object.entries(kinds).map(([name, find]) => [name, find() as Kind] as const)
const ports = Object.entries(portKinds).map(([name, find]) => [name, find() as Kind] as const)

describe('a bad value of any option is refused by its name,', () => {
  it.each(all)('by createLink, of kind %s', (name, kind) => {
    // They are not made by netlink, whatever is said of them.
    if (kind.notMade !== undefined) return
    for (const { option, value } of badOf(kind)) {
      const options = { name: 'new0', kind: name, ...ENOUGH[name], [option]: value }
      expectNamed(
        refusal(() => createLink(options as Loose)),
        option,
        `${option} = ${shown(value)}`,
      )
    }
  })

  it.each(all)('by setLink, of kind %s', (name, kind) => {
    for (const { option, value } of badOf(kind)) {
      const thrown = refusal(() => setLink('eth0', { kind: name, [option]: value } as Loose))
      expectNamed(thrown, option, `${option} = ${shown(value)}`)
    }
  })

  it.each(ports)('by setLink, of a port of kind %s', (name, kind) => {
    for (const { option, value } of badOf(kind)) {
      const thrown = refusal(() => setLink('eth0', { port: { kind: name, [option]: value } } as Loose))
      expectNamed(thrown, option, `${option} = ${shown(value)}`)
    }
  })
})

function shown(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value)
}

describe('what is missing, or not known, is refused by its name,', () => {
  it.each(all)('of kind %s', (name, kind) => {
    for (const option of [...(kind.required ?? []), ...(kind.needsLink ? ['link'] : [])]) {
      const { [option]: _, ...rest } = ENOUGH[name] as Record<string, unknown>
      expectNamed(
        refusal(() => createLink({ name: 'new0', kind: name, ...rest } as Loose)),
        option,
        option,
      )
    }
    for (const option of ['no-such-option', 'toString', ...(kind.readOnly ?? [])]) {
      // Of every interface; that of a TUN device is one of users.
      if (option === 'group') continue
      const unknown = {
        name: 'TypeError',
        message: expect.stringContaining(`unknown option '${option}'`),
      }
      const created = createLink({ name: 'new0', kind: name, ...ENOUGH[name], [option]: 1 } as Loose)
      // Of a kind that is not made its options are beside the point.
      expect(refusal(() => created)).toMatchObject(
        kind.notMade === undefined ? unknown : { name: 'TypeError', message: `kind: ${kind.notMade}` },
      )
      expect(refusal(() => setLink('eth0', { kind: name, [option]: 1 } as Loose))).toMatchObject(unknown)
    }
  })

  it.each(ports)('of a port of kind %s', (name, kind) => {
    for (const option of ['no-such-option', 'toString', ...(kind.readOnly ?? [])])
      expect(refusal(() => setLink('eth0', { port: { kind: name, [option]: 1 } } as Loose))).toMatchObject({
        name: 'TypeError',
        message: expect.stringContaining(`unknown option '${option}'`),
      })
  })
})

describe('what does not go together in a new ERSPAN is refused by its name,', () => {
  // The kernel looks at these where the version is 1 or 2, which a new one has (erspan_validate()).
  it.each([
    ['erspan', { iflags: ['seq', 'csum'] }, 'iflags'],
    ['erspan', { iflags: [0x8000] }, 'iflags'],
    ['ip6erspan', { oflags: ['csum'] }, 'oflags'],
    ['erspan', { iflags: ['key'] }, 'iflags'],
    ['erspan', { iflags: undefined }, 'iflags'],
  ])('of a new %s %j', (kind, options, field) => {
    const thrown = refusal(() => createLink({ name: 'new0', kind, ...ENOUGH[kind], ...options } as Loose))
    expect(String(thrown)).toContain(`${field}: `)
  })
})
