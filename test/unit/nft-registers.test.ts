/** What rules keep in registers, of which the kernel has 64 bytes: nothing is overwritten before it is read, and nothing read that is not there. */

import { describe, expect, it } from 'vitest'
import type { Compiler, Statement } from '../../src/nftables/builder/compiler.js'
import { compileRule } from '../../src/nftables/builder/rule.js'
import { type Datatype, type DatatypeName, datatypes as t } from '../../src/nftables/datatypes.js'
import {
  accept,
  addElement,
  concat,
  ct,
  dnat,
  dup,
  type Expr,
  fwd,
  icmp,
  ip,
  ip6,
  jhash,
  masq,
  meta,
  queue,
  redirect,
  set,
  snat,
  tcp,
  tproxy,
  updateElement,
  useObject,
  vlan,
} from '../../src/nftables/public.js'
import { lengthOf } from '../../src/nftables/set-shape.js'

const LAST_REGISTER = 4
const BYTES = 64
const NFPROTO_INET = 1
const NFPROTO_BRIDGE = 7

const NAMED: Readonly<Record<string, readonly [key: readonly Datatype[], data: readonly Datatype[]]>> = {
  marks: [[t.mark], [t.ipv4_addr]],
  ports: [[t.ipv4_addr], [t.inet_service]],
  pairs: [[t.inet_service, t.mark], []],
  sixes: [[t.ipv6_addr, t.ipv6_addr], [t.mark]],
  routes: [[t.ipv4_addr], [t.iface_index]],
}

function shapeOf(name: string) {
  const [key, data] = NAMED[name]!
  const plain = { interval: false, concat: false, timeout: false, dataInterval: false }
  return { ...plain, key, data: data.length === 0 ? null : data }
}

function compiled(family: number, ...statements: readonly Statement[]): Compiler {
  let id = 0
  return compileRule(
    { statements },
    {
      family,
      table: 't',
      ifindex: () => 7,
      nextId: () => ++id,
      madeSet: (name) => ({ id: undefined, shape: shapeOf(name) }),
    },
  )
}

/** Attributes of all the expressions that are run. */
type Loose = Readonly<
  Record<'dreg' | 'sreg' | 'len' | 'setId' | 'sregKey' | 'sregData' | 'setSreg' | 'sregQnum', number> &
    Record<'regAddrMin' | 'regAddrMax' | 'regProtoMin' | 'regProtoMax', number | undefined> &
    Record<'regAddr' | 'regPort' | 'sregAddr' | 'sregDev', number | undefined> &
    Record<'key' | 'family' | 'set' | 'setName', string> &
    Record<'data', { value?: Uint8Array }>
>
type Used = readonly (readonly [register: number | undefined, length: number])[]

/** Bytes of the keys of meta and ct that the rules here have. */
const FACTS: Readonly<Record<string, number>> = { nfproto: 1, l4proto: 1, protocol: 2, iiftype: 2, mark: 4 }

/** The registers that an expression reads and those that it writes, as the files of net/netfilter have it. */
function usedBy(name: string, data: Loose, { sets }: Compiler): { reads: Used; writes: Used } {
  const lengths = () => {
    const made = sets.map(({ body }) => body.attributes).find((one) => one?.id === data.setId)
    if (data.setId !== undefined && made !== undefined)
      return { key: Number(made.keyLen), value: Number(made.dataLen ?? 0) }
    const [key, value] = NAMED[data.set ?? data.setName]!
    return { key: lengthOf(key), value: value.length === 0 ? 0 : lengthOf(value) }
  }
  const address = data.family === 'ip6' ? 16 : 4
  const { dreg, sreg, len } = data
  if (name === 'immediate') return { reads: [], writes: [[dreg, data.data.value?.length ?? 0]] }
  if (name === 'meta' || name === 'ct')
    return { reads: [[sreg, FACTS[data.key]!]], writes: [[dreg, FACTS[data.key]!]] }
  if (name === 'payload') return { reads: [[sreg, len]], writes: [[dreg, len]] }
  if (name === 'bitwise' || name === 'byteorder') return { reads: [[sreg, len]], writes: [[dreg, len]] }
  if (name === 'cmp') return { reads: [[sreg, data.data.value!.length]], writes: [] }
  if (name === 'hash') return { reads: [[sreg, len]], writes: [[dreg, 4]] }
  if (name === 'lookup') return { reads: [[sreg, lengths().key]], writes: [[dreg, lengths().value]] }
  const reads: Record<string, () => Used> = {
    nat: () => [
      [data.regAddrMin, address],
      [data.regAddrMax, address],
      [data.regProtoMin, 2],
      [data.regProtoMax, 2],
    ],
    masq: () => [[data.regProtoMin, 2]],
    redir: () => [[data.regProtoMin, 2]],
    tproxy: () => [
      [data.regAddr, address],
      [data.regPort, 2],
    ],
    dup: () => [
      [data.sregAddr, 4],
      [data.sregDev, 4],
    ],
    fwd: () => [
      [data.sregAddr, 4],
      [data.sregDev, 4],
    ],
    queue: () => [[data.sregQnum, 2]],
    objref: () => [[data.setSreg, lengths().key]],
    dynset: () => [
      [data.sregKey, lengths().key],
      [data.sregData, lengths().value],
    ],
  }
  return { reads: reads[name]!(), writes: [] }
}

/** What is lost of what is kept in registers, and what is read that is not there. */
function faults(compiler: Compiler): string[] {
  const found: string[] = []
  /** For each byte the expression that wrote it, and whether another one has read it. */
  const kept: ({ by: string; read: boolean } | undefined)[] = Array(BYTES).fill(undefined)
  const bytes = ([register, length]: Used[number]) => {
    if (register === undefined || register === 0) return []
    const first = register <= LAST_REGISTER ? 16 * (register - 1) : 4 * (register - 8)
    const end = first + 4 * Math.ceil(length / 4)
    if (!(end <= BYTES)) throw new Error(`register ${register} has no ${length} bytes`)
    return Array.from({ length: end - first }, (_, i) => first + i)
  }
  for (const [i, { name, data }] of compiler.expressions.entries()) {
    const by = `${i} ${name}`
    const { reads, writes } = usedBy(name, data as unknown as Loose, compiler)
    for (const at of reads.flatMap(bytes)) {
      if (kept[at] === undefined) found.push(`${by} reads byte ${at}, which nothing wrote`)
      else kept[at].read = true
    }
    for (const at of writes.flatMap(bytes)) {
      if (kept[at]?.read === false) found.push(`${by} overwrites byte ${at} of ${kept[at].by}`)
      kept[at] = { by, read: false }
    }
  }
  for (const [at, one] of kept.entries())
    if (one?.read === false) found.push(`nothing reads byte ${at} of ${one.by}`)
  return found
}

/** A map of a field that not every packet has to a value of a type. */
type Mapping = (value: string | number, type?: DatatypeName) => Expr
const hashed = jhash(concat(ip.saddr, tcp.dport), { modulus: 2 })
const MAPPINGS: Readonly<Record<string, Mapping>> = {
  'ip saddr': (value, type) => ip.saddr.map([['10.0.0.1', value]], type),
  'ip dscp': (value, type) => ip.dscp.map([['cs1', value]], type),
  'tcp dport': (value, type) => tcp.dport.map([[22, value]], type),
  'vlan id': (value, type) => vlan.id.map([[22, value]], type),
  'ip saddr . tcp dport': (value, type) => concat(ip.saddr, tcp.dport).map([[['10.0.0.1', 22], value]], type),
  jhash: (value, type) => jhash(ip.saddr, { modulus: 2 }).map([[0, value]], type),
  'jhash ip saddr . tcp dport': (value, type) => hashed.map([[0, value]], type),
  'tcp dport . jhash': (value, type) => concat(tcp.dport, hashed).map([[[22, 0], value]], type),
  'jhash . tcp dport': (value, type) => concat(hashed, tcp.dport).map([[[0, 22], value]], type),
}
const ALONE: Readonly<Record<string, Mapping>> = {
  ...MAPPINGS,
  'icmp id': (value, type) => icmp.id.map([[5, value]], type),
  'icmp sequence . icmp id': (value, type) => concat(icmp.sequence, icmp.id).map([[[1, 5], value]], type),
}

const IP6 = { 'tcp dport': MAPPINGS['tcp dport']!, 'vlan id': MAPPINGS['vlan id']! }

/** As elsewhere a port is for a protocol that the rule says. */
const portsOf = (fields: string) => (/tcp|icmp/.test(fields) ? [] : [meta.l4proto('tcp')])

const one: Readonly<Record<string, (map: Mapping) => Statement>> = {
  'dnat to an address': (map) => dnat('10.0.0.1', { port: map(4040) }),
  'dnat to a range': (map) => dnat('10.0.0.1-10.0.0.9', { port: map(4040) }),
  'snat to an address': (map) => snat('10.0.0.1', { port: map(4040) }),
  'dnat to what a map has': (map) => dnat(map('10.1.1.1', 'ipv4_addr')),
  masq: (map) => masq({ ports: map(4040) }),
  redirect: (map) => redirect({ to: map(4040) }),
  'tproxy to an address': (map) => tproxy({ address: '127.0.0.1', port: map(4040) }),
  'tproxy to a port': (map) => tproxy({ address: map('127.0.0.1', 'ipv4_addr'), port: 80 }),
  'dup out of a device': (map) => dup({ address: map('10.1.1.1', 'ipv4_addr'), dev: 'eth1' }),
  'dup to an address': (map) => dup({ address: '10.1.1.1', dev: map('eth1', 'iface_index') }),
  fwd: (map) => fwd('eth1', { address: map('10.1.1.1', 'ipv4_addr') }),
  queue: (map) => queue({ to: map(5) }),
  'addElement with a plain key': (map) =>
    addElement(set('marks'), meta.mark, { value: map('10.1.1.1', 'ipv4_addr') }),
  'updateElement with a key': (map) =>
    updateElement(set('routes'), ip.saddr, { value: map('eth1', 'iface_index') }),
  'addElement with a key of two registers': (map) =>
    addElement(set('sixes'), concat(ip6.saddr, ip6.daddr), { value: map(5, 'mark') }),
  'meta mark': (map) => meta.mark.set(map(5)),
  'ct mark': (map) => ct.mark.set(map(5)),
  'tcp dport': (map) => tcp.dport.set(map(5)),
}

const two: Readonly<Record<string, (first: Mapping, second: Mapping) => Statement>> = {
  dnat: (first, second) => dnat(first('10.1.1.1', 'ipv4_addr'), { port: second(4040) }),
  tproxy: (first, second) => tproxy({ address: first('127.0.0.1', 'ipv4_addr'), port: second(4040) }),
  dup: (first, second) =>
    dup({ address: first('10.1.1.1', 'ipv4_addr'), dev: second('eth1', 'iface_index') }),
  fwd: (first, second) => fwd(first('eth1', 'iface_index'), { address: second('10.1.1.1', 'ipv4_addr') }),
}

const others: Readonly<Record<string, () => Statement>> = {
  'a map of ranges': () => dnat(ip.saddr.map([['10.0.0.1', '10.1.1.1-10.1.1.9']], 'ipv4_addr')),
  'addElement with a field': () => addElement(set('ports'), ip.saddr, { value: tcp.dport }),
  'addElement with a field that is calculated': () =>
    addElement(set('ports'), ip.saddr, { value: tcp.dport.or(1) }),
  'addElement with a hash of a key': () =>
    addElement(set('sixes'), concat(ip6.saddr, ip6.daddr), { value: jhash(ip6.saddr, { modulus: 4 }) }),
  'a set of a field and a hash': () => concat(tcp.dport, jhash(ip.saddr, { modulus: 4 }))(set('pairs')),
  'a list of a field and a hash': () => concat(tcp.dport, hashed)([22, 0]),
  'verdicts of a field and a hash': () => concat(tcp.dport, hashed).vmap([[[22, 0], 'drop']]),
  'a hash of a hash': () => meta.mark.set(jhash(concat(hashed, tcp.dport), { modulus: 4 })),
  useObject: () => useObject([[['10.0.0.1', 5], 'first']], concat(ip.saddr, icmp.id), 'counter'),
  'a field of another header': () => tcp.dport.set(ip.id),
}

const families = [
  ['inet', NFPROTO_INET],
  ['bridge', NFPROTO_BRIDGE],
] as const

describe.each(families)('operands of statements in the family %s', (_, family) => {
  it.each(Object.entries(one))('%s, and a map', (name, statement) => {
    // The rule is about IPv6, or about TCP.
    const maps = { 'addElement with a key of two registers': IP6, 'tcp dport': MAPPINGS }[name] ?? ALONE
    for (const [key, map] of Object.entries(maps))
      expect([key, faults(compiled(family, ...portsOf(key), statement(map), accept()))]).toEqual([key, []])
  })

  it.each(Object.entries(two))('%s, and two maps', (_, statement) => {
    for (const [first, one] of Object.entries(MAPPINGS))
      for (const [second, other] of Object.entries(MAPPINGS)) {
        const compiler = compiled(family, ...portsOf(first + second), statement(one, other))
        expect([first, second, faults(compiler)]).toEqual([first, second, []])
      }
  })

  it.each(Object.entries(others))('%s', (_, statement) => {
    expect(faults(compiled(family, statement()))).toEqual([])
  })
})
