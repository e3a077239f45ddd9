/** Adds elements to a set, or takes them out, as packets come: enum nft_dynset_attributes. */

import {
  alignedAttributes,
  be32,
  enumeration,
  flagged,
  flags,
  names,
  nested,
  string,
} from '../../codec/index.js'
import { exprAttributes, exprList } from '../expression-table.js'
import { beSafe64 } from '../types.js'

/** enum nft_dynset_ops */
export const dynsetOps = names({ add: 0, update: 1, delete: 2 })
/** enum nft_dynset_flags */
export const dynsetFlags = names({ invert: 1, expr: 2 })

/** `timeout` is milliseconds. */
export const dynset = () =>
  alignedAttributes('NFTA_DYNSET', 8, {
    setName: [1, string],
    setId: [2, be32],
    op: [3, enumeration(be32, dynsetOps)],
    sregKey: [4, be32],
    sregData: [5, be32],
    timeout: [6, beSafe64],
    expr: [7, flagged(nested(exprAttributes))],
    flags: [9, flags(be32, dynsetFlags)],
    expressions: [10, flagged(nested(exprList))],
  })
