import { decodeAttributes } from '../../codec/decode.js'
import { encodeAttributes } from '../../codec/encode.js'
import {
  align,
  type Infer,
  type Members,
  type Struct,
  type StructValue,
  type Table,
  type Type,
} from '../../codec/index.js'
import type { Fields } from '../../codec/table.js'

/** A struct and the attributes behind it. */
export interface Headed<M extends Members, F extends Fields> {
  header: StructValue<M>
  attributes: Infer<Table<F>>
}

/** A struct with attributes behind it in one payload: the kernel's answers about multicast are made like that. */
export function headed<M extends Members, F extends Fields>(
  header: Struct<M>,
  table: Table<F>,
): Type<Headed<M, F>> {
  return {
    label: 'struct and attributes',
    size: 0,
    encode(out, value, siblings) {
      header.encode(out, value.header, siblings)
      encodeAttributes(table, out, value.attributes as Readonly<Record<string, unknown>>)
    },
    decode(bytes, start, end, siblings) {
      const from = Math.min(end, start + align(header.size))
      return {
        header: header.decode(bytes, start, end, siblings),
        attributes: decodeAttributes(table, bytes, from, end) as Infer<Table<F>>,
      }
    },
  }
}
