/** What a packet met on its way: enum nft_trace_attributes of linux/netfilter/nf_tables.h. */

import type { Body, OneOf } from '../codec/index.js'
import type { trace } from './messages.js'
import { families, type NftFamily } from './names.js'
import { showVerdict, type Verdict } from './value.js'

/** One step of a packet that a rule traces (`meta.nftrace.set(1)`). Headers come with the first step of each packet alone. */
export interface NftTrace {
  /** The same for all steps of a packet. */
  readonly id: number
  readonly family: OneOf<NftFamily>
  readonly table: string
  readonly chain: string
  /** A rule matched, the end of a chain was reached, or the policy of a chain decided. */
  readonly step: 'rule' | 'return' | 'policy' | 'unspec' | number
  /** The handle of the rule; null where it is none: newer kernels (6.18 does) tell the end of a chain as a 'rule' without one. */
  readonly rule: number | null
  readonly verdict: Verdict | null
  readonly policy: string | number | null
  readonly mark: number | null
  /** Ifindexes. */
  readonly iif: number | null
  readonly oif: number | null
  readonly linkLayerHeader: Uint8Array | null
  readonly networkHeader: Uint8Array | null
  readonly transportHeader: Uint8Array | null
}

/** Reads a NFT_MSG_TRACE. */
export function traceOf({ header, attributes: found }: Body<typeof trace>): NftTrace {
  return {
    id: found.id ?? 0,
    family: families.toName(header.family ?? 0),
    table: found.table ?? '',
    chain: found.chain ?? '',
    step: found.type ?? 'unspec',
    rule: found.ruleHandle ?? null,
    verdict: found.verdict === undefined ? null : showVerdict({ verdict: found.verdict }),
    policy: found.policy ?? null,
    mark: found.mark ?? null,
    iif: found.iif ?? null,
    oif: found.oif ?? null,
    linkLayerHeader: found.llHeader ?? null,
    networkHeader: found.networkHeader ?? null,
    transportHeader: found.transportHeader ?? null,
  }
}
