/** One expression of a rule: its name, and attributes that the name chooses. enum nft_expr_attributes, enum nft_list_attributes. */

import { align, getU16 } from '../codec/bytes.js'
import { attributeLength, decodeField } from '../codec/decode.js'
import {
  attributes,
  flagged,
  type Infer,
  nested,
  repeated,
  selected,
  string,
  type Table,
  type Type,
} from '../codec/index.js'
import { NLA_TYPE_MASK } from '../codec/table.js'
import { NO_SIBLINGS } from '../codec/type.js'
import * as c from './constants.js'
import { expressions } from './expressions/registry.js'

const built = new Map<string, Table>()

/** The table of an expression; undefined for one that is not known, whose data stays bytes. */
export function expressionTable(name: string): Table | undefined {
  let table = built.get(name)
  if (table === undefined && Object.hasOwn(expressions, name)) {
    table = expressions[name as keyof typeof expressions]() as Table
    built.set(name, table)
  }
  return table
}

export const exprAttributes = attributes('NFTA_EXPR', {
  name: [c.NFTA_EXPR_NAME, string],
  data: [c.NFTA_EXPR_DATA, flagged(selected('name', expressionTable))],
})

type Attributes = Infer<typeof exprAttributes>

const anyOrder: Type<Attributes> = nested(exprAttributes)

/** Most of a dump of rules. The kernel puts the name before the data, and nothing else: an object made in one step, for V8 adds properties slowly. */
const expression: Type<Attributes> = {
  ...anyOrder,
  decode(bytes, start, end, siblings) {
    const { name, data } = exprAttributes.field
    const nameLength = lengthOf(name.number, bytes, start, end)
    const next = start + align(nameLength)
    const dataLength = lengthOf(data.number, bytes, next, end)
    if (nameLength === 0 || dataLength === 0 || next + align(dataLength) < end)
      return anyOrder.decode(bytes, start, end, siblings)
    const found: Attributes = {
      name: decodeField(name, bytes, start + 4, start + nameLength, NO_SIBLINGS),
      data: undefined,
    }
    found.data = decodeField(data, bytes, next + 4, next + dataLength, found)
    return found
  },
}

/** The length of the attribute at `at`; 0 where it is not of this number. */
function lengthOf(number: number, bytes: Uint8Array, at: number, end: number): number {
  if (at + 4 > end || (getU16(bytes, at + 2) & NLA_TYPE_MASK) !== number) return 0
  return attributeLength(bytes, at, end)
}

export const exprList = attributes('NFTA_LIST', {
  elem: [c.NFTA_LIST_ELEM, repeated(flagged(expression))],
})
