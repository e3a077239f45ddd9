/** What the messages have in common that make sets. */

import { show } from '../codec/fault.js'
import { checkInteger } from '../netlink/check.js'
import { byteorderOf } from './builder/typeof.js'
import type { AttributesOf } from './change.js'
import { concatId, type Datatype } from './datatypes.js'
import type { newSet } from './messages.js'
import type { ObjectType } from './names.js'
import type { NftSetInput } from './set.js'
import { dataLength, MERGE_ELEMENTS, type SetShape, VERDICT } from './set-shape.js'
import {
  commentRecord,
  MAX_USERDATA,
  numberRecord,
  SET_COMMENT,
  type UserRecord,
  userdataFor,
  userdataOf,
} from './userdata.js'

/** The lengths of the values of a key. */
export function partsOfKey(types: readonly Datatype[]): { elem: { len: number }[] } {
  return { elem: types.map(({ size }) => ({ len: size })) }
}

/** What a map has for its keys. */
export function dataAttributes(
  input: Partial<NftSetInput>,
  { data, dataInterval }: SetShape,
): AttributesOf<typeof newSet> {
  if (dataInterval && !Array.isArray(data))
    throw new TypeError(`mapInterval: a map to values has ranges, not ${show(input.map)}`)
  if (data === null) return {}
  if (data === 'verdict') return { dataType: VERDICT, dataLen: 0 }
  if (data === 'object') return { objType: input.map as ObjectType }
  if (data === 'bytes') {
    return {
      dataType: checkInteger(input.dataType, 'dataType', 0, 0xffffffff),
      dataLen: checkInteger(input.dataLen, 'dataLen', 1, 64),
    }
  }
  return { dataType: concatId(data), dataLen: dataLength(data, dataInterval) }
}

/** Records of nft(8): how the bytes of keys and values lie, by which it shows them. */
const KEY_BYTEORDER = 0
const DATA_BYTEORDER = 1
const DATA_INTERVAL = 6

/** The records that nft(8) keeps with a set; `origin` are those of the fields that its types come from. */
export function setUserdata(
  input: Partial<NftSetInput>,
  { key, keyFields, data, dataFields, dataInterval }: SetShape,
  origin: readonly UserRecord[] = [],
): Uint8Array | undefined {
  if (input.userdata != null) return userdataFor(input, SET_COMMENT)
  const records: UserRecord[] = []
  if (key !== null) records.push(numberRecord(KEY_BYTEORDER, byteorder(key, keyFields)))
  if (data !== null && data !== 'object' && data !== 'bytes')
    records.push(numberRecord(DATA_BYTEORDER, data === 'verdict' ? 0 : byteorder(data, dataFields)))
  if (input.autoMerge) records.push(numberRecord(MERGE_ELEMENTS, 1))
  records.push(...origin)
  if (data !== null) records.push(numberRecord(DATA_INTERVAL, dataInterval ? 1 : 0))
  if (input.comment != null) records.push(commentRecord(input.comment, SET_COMMENT))
  const userdata = userdataOf(records)
  if (userdata.length > MAX_USERDATA)
    throw new RangeError(
      `type: what nft(8) keeps of the fields and the comment has ${userdata.length} bytes; the kernel keeps at most ${MAX_USERDATA}`,
    )
  return records.length === 0 ? undefined : userdata
}

/** enum byteorder of nft(8): host, network, or neither where it makes no difference. */
function byteorder(types: readonly Datatype[], fields: SetShape['keyFields']): number {
  if (types.length > 1) return 0
  if (fields != null) return byteorderOf(fields[0]!)
  if (types[0]!.size === 1) return 0
  return types[0]!.order === 'network' ? 2 : 1
}
