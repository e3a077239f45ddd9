/** Values of tables and types by chance, for properties that hold of all of them. */

import fc from 'fast-check'
import { ipv6, type Type, Writer } from '../../src/codec/index.js'
import type { Table } from '../../src/codec/table.js'
import { NO_SIBLINGS } from '../../src/codec/type.js'
import { expressions } from '../../src/nftables/expressions/registry.js'
import { objects } from '../../src/nftables/objects/registry.js'
import { kinds, portKinds } from '../../src/rtnetlink/link/kinds/index.js'
import type { Bounded } from '../../src/rtnetlink/link/types.js'
import { encapTables } from '../../src/rtnetlink/route/encap/table.js'

type Any = fc.Arbitrary<unknown>

/** What stands for a type whose encoder is not the opposite of its decoder, and why. */
const ONE_WAY: Readonly<Record<string, string>> = {
  settings: 'the kernel sends an array and takes a nested set (inet_fill_link_af(), inet_set_link_af())',
  counters: 'the kernel takes none',
}

function isOneWay({ label }: Type<unknown>): boolean {
  return Object.hasOwn(ONE_WAY, label)
}

const bytesUpTo = (maxLength: number): Any => fc.uint8Array({ maxLength })
const ipv4 = fc.ipV4()
const decoded = (type: Type<unknown>, bytes: Uint8Array) => type.decode(bytes, 0, bytes.length, NO_SIBLINGS)

/** Values of fixed size: what all kinds of bytes are read as, small numbers often. */
function sized(type: Type<unknown>): Any {
  const { size, label } = type
  const { min, max } = type as Partial<Bounded>
  if (min !== undefined) return fc.integer({ min, max: max! })
  const small = fc.nat({ max: 0x7f })
  // Times of 64 bits, and what nf_tables counts, are numbers: those that a number holds exactly.
  const exact = size === 8 && /^(seconds |milliseconds |be64)/.test(label) ? 6 : size
  const first = label === 'be64' ? size - exact : 0
  const bytes = fc.oneof(
    fc.uint8Array({ minLength: exact, maxLength: exact }),
    fc.tuple(fc.nat({ max: exact - 1 }), small).map(([at, value]) => {
      const one = new Uint8Array(exact)
      one[at] = value
      return one
    }),
  )
  const values = bytes.map((part) => {
    const whole = new Uint8Array(size)
    whole.set(part, first)
    const value = decoded(type, whole)
    // What a bridge's spanning tree is by the kernel's own word; it is sent as true.
    return label === 'bool32' && value === 'user' ? true : value
  })
  // Some bits of a tunnel's flags the kernel refuses.
  return label === 'flags be16' ? values.filter((value) => isTaken(type, value)) : values
}

function isTaken(type: Type<unknown>, value: unknown): boolean {
  try {
    type.encode(new Writer(type.size), value, NO_SIBLINGS)
    return true
  } catch {
    return false
  }
}

/** In the form of RFC 5952, as they are read. */
const address6 = () => sized(ipv6 as Type<unknown>)

const segments = (...keys: string[]): Any =>
  fc.record(
    {
      segments: fc.array(address6(), { minLength: 1, maxLength: 4 }),
      hmac: fc.integer({ min: 1, max: 0xffffffff }),
      ...Object.fromEntries(keys.map((key) => [key, fc.constantFrom('inline', 'encap', 'l2encap', 9)])),
    },
    { requiredKeys: ['segments', ...keys] as never[] },
  )

/** Types whose size depends on the value. */
const BY_LABEL: Readonly<Record<string, (type: Type<unknown>, depth: number) => Any>> = {
  string: () => fc.stringMatching(/^[a-zA-Z0-9 äß€._-]{0,4}$/),
  bytes: () => bytesUpTo(40),
  flag: () => fc.constant(true),
  uint: () => fc.oneof(fc.nat(), fc.maxSafeNat()),
  mac: (type) => fc.uint8Array({ minLength: 6, maxLength: 6 }).map((it) => decoded(type, it)),
  ip: () => fc.oneof(ipv4, address6()),
  rtvia: (type) =>
    fc
      .oneof(
        fc.tuple(fc.constant(2), fc.constant(4)),
        fc.tuple(fc.constant(10), fc.constant(16)),
        fc.tuple(fc.constant(17), fc.constant(6)),
      )
      .chain(([family, length]) =>
        fc
          .uint8Array({ minLength: length, maxLength: length })
          .map((it) => decoded(type, Uint8Array.of(family, 0, ...it))),
      ),
  nested: (type, depth) => valuesOf(type.inner!(NO_SIBLINGS)!, depth - 1),
  array: (type, depth) =>
    fc.array(typeValue(type.inner!(NO_SIBLINGS)!.byNumber(1)!.type, depth), { maxLength: 3 }),
  'struct[]': (type) =>
    fc
      .array(fc.uint8Array({ minLength: 8, maxLength: 8 }), { maxLength: 3 })
      .map((it) => decoded(type, Uint8Array.from(it.flatMap((one) => [...one])))),
  'u16[]': () => fc.array(fc.nat({ max: 0xffff }), { maxLength: 4 }),
  'u32[]': () => fc.array(fc.nat({ max: 0xffffffff }), { maxLength: 4 }),
  multipath: () =>
    fc.array(
      fc.record({
        flags: fc.nat({ max: 255 }),
        hops: fc.nat({ max: 255 }),
        ifindex: fc.nat(),
        attributes: fc.record({ gateway: ipv4, flow: fc.nat() }, { requiredKeys: [] }),
      }),
      { maxLength: 3 },
    ),
  ioam6_trace_hdr: () =>
    fc.record({
      type: fc.nat({ max: 0xffffff }),
      namespace: fc.nat({ max: 0xffff }),
      size: fc.nat({ max: 61 }).map((n) => n * 4),
    }),
  labels: () => fc.array(fc.nat({ max: 0xfffff }), { maxLength: 4 }),
  peer: () =>
    fc.record({
      ifindex: fc.nat(),
      attributes: fc.record({ ifname: fc.constant('eth0'), mtu: fc.nat() }, { requiredKeys: [] }),
    }),
  'struct and attributes': (type) =>
    fc
      .record({ header: fc.nat({ max: 255 }), attributes: fc.constant({}) })
      .map(({ header }) => decoded(type, Uint8Array.of(header, 0, 0, 0))),
  seg6_iptunnel_encap: () => segments('mode'),
  ipv6_sr_hdr: () => segments(),
  ipv6_rpl_sr_hdr: () => fc.array(address6(), { minLength: 1, maxLength: 4 }),
}

/** A value of a type. Throws for one that it does not know, so that none is left out. */
function typeValue(type: Type<unknown>, depth: number): Any {
  const make = BY_LABEL[type.label]
  if (type.size > 0 && type.label !== 'ioam6_trace_hdr') return sized(type)
  if (make === undefined) throw new Error(`no values for '${type.label}'`)
  return make(type, depth)
}

/** What chooses a set in the tables of netfilter. */
const NETFILTER: Readonly<Record<string, readonly string[]>> = {
  NFTA_EXPR: Object.keys(expressions),
  NFTA_OBJ: Object.keys(objects),
  NFTA_CT_TIMEOUT: ['tcp', 'udp'],
}

/** Sets that a sibling chooses: which sibling, and the tables by its values. */
function choicesOf(type: Type<unknown>, table: Table): Readonly<Record<string, Table | null>> {
  if (type.by === 'encapType') return encapTables
  const choices = NETFILTER[table.name]
  if (choices !== undefined)
    return Object.fromEntries(choices.map((name) => [name, type.inner!({ [type.by!]: name })]))
  const chosen = table.name === 'IFLA_INFO' && type.by === 'slaveKind' ? portKinds : kinds
  return Object.fromEntries(
    Object.entries(chosen).map(([name, kind]) => [name, kind().table as Table | null]),
  )
}

const MAX_FIELDS = 6

/** Values of a table: some of its attributes, and some that it does not know. */
export function valuesOf(table: Table, depth = 3): fc.Arbitrary<Record<string, unknown>> {
  const names = Object.keys(table.fields).filter((name) => {
    const type = table.fields[name]![1] as Type<unknown>
    return !isOneWay(type) && (depth > 0 || !['nested', 'array', 'selected'].includes(type.label))
  })
  const free = [0x3ff0, 0x3ff1].filter((number) => table.byNumber(number) === undefined)
  const unknown = fc.array(fc.record({ type: fc.constantFrom(...free), data: bytesUpTo(8) }), {
    minLength: 1,
    maxLength: 2,
  })
  return fc
    .tuple(
      fc.subarray(names, { maxLength: Math.min(MAX_FIELDS, names.length) }),
      fc.option(unknown, { freq: 4 }),
    )
    .chain(([some, more]) =>
      fc.tuple(...some.map((name) => fieldOf(table, name, depth))).map((parts) => ({
        ...Object.assign({}, ...parts),
        ...(more !== null && { unknown: more }),
      })),
    )
}

/** One attribute, with the sibling that it depends on. */
function fieldOf(table: Table, name: string, depth: number): fc.Arbitrary<Record<string, unknown>> {
  const type = table.fields[name]![1] as Type<unknown>
  if (type.label === 'selected') {
    const choices = Object.entries(choicesOf(type, table)).filter(
      (one): one is [string, Table] => one[1] !== null,
    )
    return fc
      .constantFrom(...choices)
      .chain(([choice, inner]) =>
        valuesOf(inner, depth - 1).map((value) => ({ [type.by!]: choice, [name]: value })),
      )
  }
  const one = typeValue({ ...type, repeated: false }, depth)
  return (type.repeated ? fc.array(one, { minLength: 1, maxLength: 3 }) : one).map((value) => ({
    [name]: value,
  }))
}
