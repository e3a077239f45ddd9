/** Matches and targets of x_tables, as iptables-nft puts them into rules: linux/netfilter/nf_tables_compat.h. */

import { attributes, be32, bytes, text } from '../../codec/index.js'

/** NFT_COMPAT_NAME_MAX counts the NUL. */
const name = text(31)

/** enum nft_match_attributes */
export const match = () =>
  attributes('NFTA_MATCH', {
    name: [1, name],
    rev: [2, be32],
    info: [3, bytes],
  })

/** enum nft_target_attributes */
export const target = () =>
  attributes('NFTA_TARGET', {
    name: [1, name],
    rev: [2, be32],
    info: [3, bytes],
  })
