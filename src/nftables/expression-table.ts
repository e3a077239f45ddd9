/** One expression of a rule: its name, and attributes that the name chooses. enum nft_expr_attributes, enum nft_list_attributes. */

import { attributes, flagged, nested, repeated, selected, string, type Table } from '../codec/index.js'
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

export const exprList = attributes('NFTA_LIST', {
  elem: [c.NFTA_LIST_ELEM, repeated(flagged(nested(exprAttributes)))],
})
