/** A payload or meta expression inside a tunnel's packet: enum nft_inner_attributes (Linux 6.2). */

import { attributes, be32, enumeration, flagged, flags, names, nested } from '../../codec/index.js'
import { exprAttributes } from '../expression-table.js'

/** enum nft_inner_type */
export const innerTypes = names({ unspec: 0, vxlan: 1, geneve: 2 })
/** enum nft_inner_flags */
export const innerFlags = names({ hdrsize: 1, ll: 2, nh: 4, th: 8 })

export const inner = () =>
  attributes('NFTA_INNER', {
    num: [1, be32],
    type: [2, enumeration(be32, innerTypes)],
    flags: [3, flags(be32, innerFlags)],
    hdrsize: [4, be32],
    expr: [5, flagged(nested(exprAttributes))],
  })
