/**
 * What user space keeps with an object: records of type, length and value (libnftnl's udata). nft(8) puts comments there; the kernel does
 * not look at it.
 */

import { copyOf, putU32 } from '../codec/bytes.js'
import { show } from '../codec/fault.js'
import { checkText } from './input.js'

/** NFT_USERDATA_MAXLEN */
export const MAX_USERDATA = 256
/** NFTNL_UDATA_COMMENT_MAXLEN counts the NUL. */
export const MAX_COMMENT = 127

/** The type of the record that holds the comment: sets have another than the rest. */
const COMMENT = 0
export const SET_COMMENT = 7

export interface UserRecord {
  readonly type: number
  readonly value: Uint8Array
}

const toUtf8 = new TextEncoder()
const fromUtf8 = new TextDecoder()

/** The records of user data; what is none of their form is an empty list. */
export function recordsOf(userdata: Uint8Array): UserRecord[] {
  const records: UserRecord[] = []
  for (let at = 0; at < userdata.length; ) {
    const length = userdata[at + 1]
    if (length === undefined || at + 2 + length > userdata.length) return []
    records.push({ type: userdata[at]!, value: copyOf(userdata, at + 2, at + 2 + length) })
    at += 2 + length
  }
  return records
}

/** User data of records. */
export function userdataOf(records: readonly UserRecord[]): Uint8Array {
  let size = 0
  for (const { value } of records) size += 2 + value.length
  const out = new Uint8Array(size)
  let at = 0
  for (const { type, value } of records) {
    out[at] = type
    out[at + 1] = value.length
    out.set(value, at + 2)
    at += 2 + value.length
  }
  return out
}

/** A number as a record: four bytes of this machine's order. */
export function numberRecord(type: number, value: number): UserRecord {
  const bytes = new Uint8Array(4)
  putU32(bytes, 0, value)
  return { type, value: bytes }
}

/** A comment as a record; `field` is its name in errors. */
export function commentRecord(comment: string, type = COMMENT, field = 'comment'): UserRecord {
  checkText(comment, field, MAX_COMMENT)
  return { type, value: utf8Of(`${comment}\0`) }
}

/** Of a short ASCII text: a third of the time that a TextEncoder takes, which is asked for any other. */
function utf8Of(text: string): Uint8Array {
  const out = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c > 0x7f) return toUtf8.encode(text)
    out[i] = c
  }
  return out
}

/** The comment in user data; null where there is none. */
export function commentOf(userdata: Uint8Array | undefined, type = COMMENT): string | null {
  if (userdata === undefined || userdata.length === 0) return null
  const record = recordsOf(userdata).find((one) => one.type === type)
  if (record === undefined) return null
  const end = record.value.indexOf(0)
  return fromUtf8.decode(end < 0 ? record.value : record.value.subarray(0, end))
}

/** What a caller gives of user data. A listed object has both, which then agree. */
export interface UserdataInput {
  /** A text for people, of at most 127 bytes, as nft(8) shows it. */
  comment?: string | null | undefined
  /** Bytes that the kernel keeps, of at most 256, instead of a comment. */
  userdata?: Uint8Array | null | undefined
}

/** The user data to send; undefined for none. `prefix` stands before the names in errors. Throws RangeError or TypeError. */
export function userdataFor(
  { comment, userdata }: UserdataInput,
  type = COMMENT,
  prefix = '',
): Uint8Array | undefined {
  if (userdata == null)
    return comment == null ? undefined : userdataOf([commentRecord(comment, type, `${prefix}comment`)])
  if (!(userdata instanceof Uint8Array))
    throw new TypeError(`${prefix}userdata: ${show(userdata)} is not a Uint8Array`)
  if (userdata.length > MAX_USERDATA)
    throw new RangeError(`${prefix}userdata: it has ${userdata.length} bytes; it has at most ${MAX_USERDATA}`)
  if (comment != null && comment !== commentOf(userdata, type))
    throw new TypeError(`${prefix}comment: userdata is given too, and holds another`)
  return userdata
}
