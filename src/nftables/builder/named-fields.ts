/** The builder's fields by the names that they have there, as sets with a name are made of them and listed with them. */

import { show } from '../../codec/fault.js'
import type { FieldName } from '../set.js'
import { dataLength } from '../set-shape.js'
import { calledField, nameOfCalled } from './called-fields.js'
import { icmp, icmpv6, igmp } from './control.js'
import { ct, meta } from './facts.js'
import { socket } from './lookups.js'
import { rt } from './more.js'
import { extensionHeaders, ipOptions, sctpChunks, tcpOptions } from './option-fields.js'
import { ah, arp, comp, dccp, esp, ether, ip, ip6, sctp, tcp, th, udp, udplite, vlan } from './protocols.js'
import { isExpr, type Selector, sourceOf } from './selector.js'
import { plainOf, type Source } from './source.js'
import { fieldText } from './typeof.js'

interface NamedField {
  readonly name: FieldName
  readonly source: Source
}

interface NamedFields {
  readonly byName: ReadonlyMap<string, Source>
  /** By what nft(8) keeps of them. */
  readonly byText: ReadonlyMap<string, NamedField>
}

let made: NamedFields | undefined

function namedFields(): NamedFields {
  if (made !== undefined) return made
  const byName = new Map<string, Source>()
  const byText = new Map<string, NamedField>()
  const roots = {
    ah,
    arp,
    comp,
    ct,
    dccp,
    esp,
    ether,
    extensionHeaders,
    icmp,
    icmpv6,
    igmp,
    ip,
    ip6,
    ipOptions,
    meta,
    rt,
    sctp,
    sctpChunks,
    socket,
    tcp,
    tcpOptions,
    th,
    udp,
    udplite,
    vlan,
  }
  const add = (value: unknown, name: string): void => {
    if (isField(value)) {
      const source = plainOf(value.source)
      const text = fieldText(source)
      if (text === null) return
      byName.set(name, source)
      if (!byText.has(text)) byText.set(text, { name: name as FieldName, source })
    } else if (typeof value === 'object')
      for (const [key, one] of Object.entries(value!)) add(one, name === '' ? key : `${name}.${key}`)
  }
  add(roots, '')
  made = { byName, byText }
  return made
}

function isField(value: unknown): value is Selector {
  return isExpr(value) && 'source' in value
}

/** Fields or their names; null where they are none. Throws RangeError or TypeError naming the property. */
export function fieldsOf(given: unknown, property: string): readonly Source[] | null {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given]
  if (!list.some((one) => isField(one) || isName(one))) return null
  return list.map((one) => {
    if (!isName(one)) return sourceOf(one as Selector, property)
    const source = namedFields().byName.get(one) ?? calledField(one)
    if (source === null) throw new RangeError(`${property}: ${show(one)} is not a field such as 'vlan.id'`)
    return source
  })
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.includes('.')
}

/** The names of fields that have a length together, of ranges from and to; null where one is not known. */
export function namesOfFields(
  texts: readonly string[],
  length: number,
  interval = false,
): FieldName | readonly FieldName[] | null {
  const fields = texts.map((text) => namedFields().byText.get(text) ?? calledBy(text))
  if (!fields.every((one) => one !== null)) return null
  const types = fields.map(({ source }) => source.type)
  if (types.length === 0 || dataLength(types, interval) !== length) return null
  const names = fields.map(({ name }) => name)
  return names.length === 1 ? names[0]! : names
}

/** The field that a call makes, of what nft(8) keeps of it; null where there is none, or where it is not all that nft(8) keeps. */
function calledBy(text: string): NamedField | null {
  const name = nameOfCalled(text)
  const source = name === null ? null : calledField(name)
  return source !== null && fieldText(source) === text ? { name: name as FieldName, source } : null
}
