/**
 * What nft(8) keeps with a set of which fields its keys and its values are (`typeof`): without it they are shown by their types, which for
 * numbers, whose type has no length, shows other values than there are. The kernel does not look at it.
 */

import { toHex } from '../../codec/index.js'
import type { Datatype } from '../datatypes.js'
import { metaKeys } from '../expressions/meta.js'
import type { SetShape } from '../set-shape.js'
import { numberRecord, recordsOf, type UserRecord, userdataOf } from '../userdata.js'
import { type Described, describe, EXTHDR, INTEGER, META, PAYLOAD } from './described.js'
import type { Source } from './source.js'

/** enum expr_types of nft(8) */
const VERDICT = 1
const CONCAT = 13
/** NFTNL_UDATA_SET_KEY_TYPEOF and NFTNL_UDATA_SET_DATA_TYPEOF of libnftnl */
export const KEY_TYPEOF = 3
export const DATA_TYPEOF = 4

/** A field of each type that values of maps have. */
const fieldsOfTypes: Readonly<Record<string, Described>> = {
  ipv4_addr: [PAYLOAD, [0, 12], [1, 11]],
  ipv6_addr: [PAYLOAD, [0, 13], [1, 8]],
  inet_service: [PAYLOAD, [0, 8], [1, 2]],
  ether_addr: [PAYLOAD, [0, 17], [1, 2]],
  mark: [META, [0, metaKeys.numbers.mark]],
  classid: [META, [0, metaKeys.numbers.priority]],
  iface_index: [META, [0, metaKeys.numbers.oif]],
  ifname: [META, [0, metaKeys.numbers.oifname]],
}

/**
 * The records of the fields that are the keys of a rule's set: none of a single field, whose type tells enough, nor where nft(8) has no numbers
 * for one of them. They are few enough to fit: a rule has registers for five.
 */
export function originOf(sources: readonly Source[], data: SetShape['data']): readonly UserRecord[] {
  if (sources.length === 1) return []
  const fields = sources.map(describe)
  if (!fields.every((one) => one !== null)) return []
  const key = { type: KEY_TYPEOF, value: together(fields) }
  if (data === 'verdict') return [key, ofVerdicts()]
  // It looks at the fields of a map's keys where it is told one for the values, too: for numbers alone, since it tells none itself.
  const values =
    Array.isArray(data) && sources.some(({ type }) => type.id === INTEGER)
      ? (data as readonly Datatype[]).map(({ name }) => fieldsOfTypes[name])
      : [undefined]
  if (!values.every((one) => one !== undefined)) return [key]
  return [key, { type: DATA_TYPEOF, value: together(values) }]
}

/** The records of a set with a name. Throws TypeError for a field that nft(8) has no numbers for. */
export function originOfSet({ keyFields, dataFields, data }: SetShape): readonly UserRecord[] {
  const records: UserRecord[] = []
  if (keyFields != null) records.push({ type: KEY_TYPEOF, value: recordOf(keyFields, 'type') })
  if (dataFields != null) records.push({ type: DATA_TYPEOF, value: recordOf(dataFields, 'map') })
  else if (keyFields != null && data === 'verdict') records.push(ofVerdicts())
  return records
}

function recordOf(sources: readonly Source[], field: string): Uint8Array {
  const fields = sources.map((source) => {
    const one = describe(source)
    if (one === null || UNLISTED.has(source.name))
      throw new TypeError(`${field}: sets cannot be of ${source.name}, which nft(8) has no numbers for`)
    return one
  })
  return together(fields)
}

/** nft(8) lists nothing of a table where it finds them. */
const UNLISTED: ReadonlySet<string> = new Set(['ct labels'])

/** enum byteorder of nft(8) of one field: host, or network. */
export function byteorderOf(source: Source): number {
  const { order, size } = source.type
  const isOfPacket = [PAYLOAD, EXTHDR].includes(describe(source)?.[0] ?? 0)
  return isOfPacket || (order === 'network' && size > 1) ? 2 : 1
}

/** A single field as a text, for tables of them. */
export function fieldText(source: Source): string | null {
  const one = UNLISTED.has(source.name) ? null : describe(source)
  return one === null ? null : toHex(ofKind(one))
}

/** The same of what nft(8) keeps: one text for each field, none where there are none. */
export function fieldTexts(records: readonly UserRecord[], type: number): readonly string[] {
  const record = records.find((one) => one.type === type)?.value
  if (record === undefined) return []
  const [kind, parts] = recordsOf(record)
  const isOne = toHex(kind?.value ?? NONE) !== toHex(numberRecord(0, CONCAT).value)
  return isOne ? [toHex(record)] : recordsOf(parts?.value ?? NONE).map(({ value }) => toHex(value))
}

const NONE = new Uint8Array(0)

/** One field, or several as one key. */
function together(fields: readonly Described[]): Uint8Array {
  if (fields.length === 1) return ofKind(fields[0]!)
  return withKind(CONCAT, userdataOf(fields.map((field, type) => ({ type, value: ofKind(field) }))))
}

function ofKind([kind, ...numbers]: Described): Uint8Array {
  return withKind(kind, userdataOf(numbers.map(([of, value]) => numberRecord(of, value))))
}

function withKind(kind: number, value: Uint8Array): Uint8Array {
  return userdataOf([numberRecord(0, kind), { type: 1, value }])
}

function ofVerdicts(): UserRecord {
  return { type: DATA_TYPEOF, value: ofKind([VERDICT]) }
}
