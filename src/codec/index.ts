export { Attributes } from './attributes.js'
export { align, toHex } from './bytes.js'
export { type AnyOf, bitfield32, enumeration, flags, type Names, names, type OneOf } from './choice.js'
export { decodeAttributes } from './decode.js'
export { encodeAttributes } from './encode.js'
export { DecodeError, Fault, guarded, malformed, outOfRange, wrongType } from './fault.js'
export { formatIp, formatIpv4, formatIpv6, parseIp, parseIpv4, parseIpv6 } from './ip.js'
export { type Body, decodeBody, encodeBody, type Message, message } from './message.js'
export { array, type Chosen, flagged, nested, repeated, selected } from './nested.js'
export { be16, be32, be64, bool8, flag, s8, s16, s32, s64, sbe32, u8, u16, u32, u64 } from './scalar.js'
export { type Members, padding, type Struct, type StructValue, struct } from './struct.js'
export {
  alignedAttributes,
  attributes,
  type Field,
  type Fields,
  type Infer,
  NLA_F_NESTED,
  type RawAttribute,
  type Table,
} from './table.js'
export { bytes, bytesOf, ip, ipv4, ipv6, mac, parseMac, string, text } from './text.js'
export type { Siblings, Type, ValueOf } from './type.js'
export { Writer } from './writer.js'
