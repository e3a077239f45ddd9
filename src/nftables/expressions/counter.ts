/** Counts packets and bytes: enum nft_counter_attributes. Also the data of a counter object and of a base chain's counters. */

import { alignedAttributes, be64 } from '../../codec/index.js'

export const counterAttributes = alignedAttributes('NFTA_COUNTER', 3, {
  bytes: [1, be64],
  packets: [2, be64],
})

export const counter = () => counterAttributes
