/** Compares attribute tables with the kernel's own descriptions: names, numbers, types, byte order, structs, enums and nesting. */

import type { Type } from '../../src/codec/index.js'
import type { Table } from '../../src/codec/table.js'
import { NO_SIBLINGS } from '../../src/codec/type.js'
import { entriesOf, numbered, type Spec, type SpecAttribute, type SpecDefinition } from './spec.js'

/** Our tables by the names of the sets that describe them. */
export type Tables = Readonly<Record<string, Table>>

/** Differences in words: 'link-attrs.cost: is missing'. */
export function compareSet(spec: Spec, setName: string, tables: Tables): string[] {
  const set = spec['attribute-sets'].find(({ name }) => name === setName)
  if (set === undefined) return [`${setName}: is not described`]
  const table = tables[setName]
  if (table === undefined) return [`${setName}: has no table`]
  const described = numbered(spec, set)
  const differences: string[] = []
  for (const attribute of described) {
    const where = `${setName}.${attribute.name}`
    if (attribute.type === 'pad' || attribute.type === 'unused' || attribute.name === 'pad') {
      // Those of another name are numbers that nobody uses any more.
      if (attribute.name === 'pad' && table.pad !== attribute.number)
        differences.push(`${where}: ${attribute.number} is ${table.pad}`)
      continue
    }
    const field = table.byNumber(attribute.number)
    if (field === undefined) {
      differences.push(`${where}: ${attribute.number} is missing`)
      continue
    }
    if (field.name !== camel(attribute.name)) differences.push(`${where}: is called '${field.name}'`)
    for (const said of compareType(spec, attribute, field.type, tables)) differences.push(`${where}: ${said}`)
  }
  for (const [name, [number]] of Object.entries(table.fields))
    if (!described.some((attribute) => attribute.number === number))
      differences.push(`${setName}: '${name}' (${number}) is not described`)
  return differences
}

function camel(name: string): string {
  return name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

/** Labels of our types that lie in the message as one of the description's types does. */
const SAME: Record<string, readonly string[]> = {
  u8: ['u8', 'bool8'],
  u16: ['u16'],
  u32: ['u32', 'bool32'],
  u64: ['u64'],
  s8: ['s8'],
  s16: ['s16'],
  s32: ['s32'],
  s64: ['s64'],
  'u16 big-endian': ['be16'],
  'u32 big-endian': ['be32'],
  'u64 big-endian': ['be64'],
  's32 big-endian': ['beS32'],
  uint: ['uint'],
  string: ['string'],
  flag: ['flag'],
  nest: ['nested'],
  'sub-message': ['selected'],
  'indexed-array': ['array'],
}

/** 'enum u8' lies in a message as u8 does, 'seconds u32' as u32. */
function layoutOf(label: string): string {
  return label.replace(/^(enum|flags|seconds|milliseconds) /, '')
}

function describedAs(attribute: SpecAttribute): string {
  // A list's byte order is its elements'.
  const order =
    attribute['byte-order'] === 'big-endian' && attribute.type !== 'indexed-array' ? ' big-endian' : ''
  return `${attribute.type}${order}`
}

function compareType(spec: Spec, attribute: SpecAttribute, type: Type<unknown>, tables: Tables): string[] {
  const label = layoutOf(type.label)
  const said: string[] = []
  if ((attribute['multi-attr'] ?? false) !== (type.repeated ?? false))
    said.push(type.repeated ? 'comes once, and is read as a list' : 'comes many times, and is read once')
  if (attribute.type === 'binary') return [...said, ...compareBinary(spec, attribute, type, tables)]
  const allowed = SAME[describedAs(attribute)] ?? []
  if (!allowed.includes(label)) return [...said, `${describedAs(attribute)} is read as ${type.label}`]
  if (attribute.type === 'nest') said.push(...compareNested(attribute['nested-attributes']!, type, tables))
  if (attribute.type === 'indexed-array') said.push(...compareElement(spec, attribute, type, tables))
  if (attribute.enum !== undefined) said.push(...compareNames(definitionOf(spec, attribute.enum), type))
  return said
}

/** The set inside has to be the very table that is compared under that name. */
function compareNested(setName: string, type: Type<unknown>, tables: Tables): string[] {
  const inner = type.inner?.(NO_SIBLINGS)
  return inner === tables[setName] ? [] : [`holds ${inner?.name ?? 'nothing'} instead of ${setName}`]
}

/** Arrays by position: `comparePositions` compares their names. */
const ARRAYS: Record<string, string> = { u32: 'settings', u64: 'counters' }

const ADDRESSES: Record<string, readonly string[]> = {
  mac: ['mac'],
  ipv4: ['ipv4'],
  ipv6: ['ipv6'],
  'ipv4-or-v6': ['ip'],
}

function compareBinary(spec: Spec, attribute: SpecAttribute, type: Type<unknown>, tables: Tables): string[] {
  const { struct, 'display-hint': hint, 'sub-type': element } = attribute
  if (struct !== undefined) return compareStruct(spec, definitionOf(spec, struct), type, tables)
  const allowed = hint === undefined ? ['bytes'] : (ADDRESSES[hint] ?? ['bytes'])
  if (element === undefined ? allowed.includes(type.label) : ARRAYS[element] === type.label) return []
  return [
    `binary${hint === undefined ? '' : ` (${hint})`}${element === undefined ? '' : ` of ${element}`} is read as ${type.label}`,
  ]
}

function compareElement(spec: Spec, attribute: SpecAttribute, type: Type<unknown>, tables: Tables): string[] {
  const element = type.inner?.(NO_SIBLINGS)?.byNumber(1)?.type
  if (element === undefined) return ['is a list of nothing']
  const { 'sub-type': subType, 'display-hint': hint, ...rest } = attribute
  // A number that is shown as an address is read as one.
  if (subType === 'u32' && hint === 'ipv4')
    return element.label === 'ipv4' ? [] : [`element ipv4 is read as ${element.label}`]
  const described: SpecAttribute = {
    ...rest,
    type: subType!,
    ...(hint !== undefined && { 'display-hint': hint }),
  }
  return compareType(spec, described, element, tables).map((said) => `element ${said}`)
}

function definitionOf(spec: Spec, name: string): SpecDefinition {
  const definition = spec.definitions.find((one) => one.name === name)
  if (definition === undefined) throw new Error(`${name} is not defined`)
  return definition
}

interface WithMembers {
  readonly members: Readonly<Record<string, Type<unknown>>>
  readonly offsets: Readonly<Record<string, number>>
}

/** Structs member by member: name, place, type. Padding is ours to know where the description leaves it out. */
export function compareStruct(
  spec: Spec,
  definition: SpecDefinition,
  type: Type<unknown>,
  tables: Tables,
  prefix = '',
): string[] {
  if (!('members' in type)) return [`struct ${definition.name} is read as ${type.label}`]
  // A type with members is a struct.
  const { members, offsets } = type as unknown as WithMembers
  const said: string[] = []
  let at = 0
  const seen: string[] = []
  for (const member of definition.members ?? []) {
    const size = sizeOf(member)
    if (member.type === 'pad') {
      at += size
      continue
    }
    // As a C compiler lays it out.
    if (member.type !== 'binary') at = Math.ceil(at / size) * size
    const name = Object.keys(offsets).find((one) => offsets[one] === at && members[one]!.label !== 'pad')
    at += size
    if (name === undefined) {
      said.push(`${definition.name}.${member.name} is missing at ${at - size}`)
      continue
    }
    seen.push(name)
    if (name !== camel(member.name.slice(member.name.startsWith(prefix) ? prefix.length : 0)))
      said.push(`${definition.name}.${member.name} is called '${name}'`)
    const found = members[name]!
    if (member.type === 'binary' && found.size === size) continue
    for (const more of compareType(spec, member, found, tables))
      said.push(`${definition.name}.${member.name} ${more}`)
  }
  for (const [name, member] of Object.entries(members))
    if (member.label !== 'pad' && !seen.includes(name)) said.push(`${definition.name} has no '${name}'`)
  return said
}

function sizeOf({ type, len }: SpecAttribute): number {
  if (type === 'pad' || type === 'binary') return Number(len ?? 1)
  return Number(/\d+$/.exec(type ?? '')?.[0] ?? 0) / 8
}

/** Names as they are compared: 'point-to-point' is 'pointtopoint', '802.1Q' is '8021q'. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '')
}

/** Every name of an enum or of flags, by decoding its number. */
export function compareNames(definition: SpecDefinition, type: Type<unknown>): string[] {
  const said: string[] = []
  for (const { name, value } of entriesOf(definition)) {
    const read = nameOf(type, value)
    if (read === undefined || plain(read) !== plain(name))
      said.push(`${definition.name} ${name} (${value}) is '${read}'`)
  }
  return said
}

/** What our type calls a number: decoded as one value, as the only flag, or as the only switch that is on. */
function nameOf(type: Type<unknown>, value: number): string | undefined {
  const bytes = new Uint8Array(8)
  const view = new DataView(bytes.buffer)
  const big = layoutOf(type.label).startsWith('be')
  if (type.size === 2) view.setUint16(0, value, !big)
  else if (type.size === 1) view.setUint8(0, value)
  else view.setUint32(0, value, !big)
  // Switches have their mask behind the bits.
  if (type.size === 8) view.setUint32(4, value, true)
  const read = type.decode(bytes, 0, type.size, NO_SIBLINGS)
  if (Array.isArray(read)) return read.map(String).join()
  if (typeof read === 'object' && read !== null)
    return Object.keys(read)
      .filter((key) => (read as Record<string, unknown>)[key])
      .join()
  return String(read)
}

/** The names of an array by position (settings, counters), by decoding one whose elements tell their positions. */
export function comparePositions(definition: SpecDefinition, type: Type<unknown>, size: number): string[] {
  const entries = entriesOf(definition)
  const bytes = new Uint8Array(entries.length * size)
  const view = new DataView(bytes.buffer)
  for (let index = 0; index < entries.length; index++) view.setUint32(index * size, index, true)
  const read = Object.entries(type.decode(bytes, 0, bytes.length, NO_SIBLINGS) as Record<string, number>)
  return entries.flatMap(({ name }, index) => {
    const ours = read.find(([, position]) => position === index)?.[0]
    return ours !== undefined && plain(ours) === plain(name)
      ? []
      : [`${definition.name} ${name} (${index}) is '${ours}'`]
  })
}
