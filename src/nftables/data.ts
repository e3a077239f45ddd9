/** A value of a register or of a set's element: enum nft_data_attributes, enum nft_verdict_attributes. */

import { attributes, be32, bytes, enumeration, flagged, type Infer, nested, string } from '../codec/index.js'
import * as c from './constants.js'
import { verdicts } from './names.js'

export const verdictAttributes = attributes('NFTA_VERDICT', {
  code: [c.NFTA_VERDICT_CODE, enumeration(be32, verdicts)],
  chain: [c.NFTA_VERDICT_CHAIN, string],
  chainId: [c.NFTA_VERDICT_CHAIN_ID, be32],
})

export const dataAttributes = attributes('NFTA_DATA', {
  value: [c.NFTA_DATA_VALUE, bytes],
  verdict: [c.NFTA_DATA_VERDICT, flagged(nested(verdictAttributes))],
})

/** Bytes in the byte order in which packets have them, or a verdict. */
export interface NftData extends Infer<typeof dataAttributes> {}

export const data = flagged(nested(dataAttributes))
