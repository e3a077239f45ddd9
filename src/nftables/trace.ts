/** What a packet met on its way: enum nft_trace_attributes of linux/netfilter/nf_tables.h. */

import type { AnyOf, Body, OneOf } from '../codec/index.js'
import type { ctDirections } from './expressions/ct.js'
import type { trace } from './messages.js'
import { families, type NftFamily } from './names.js'
import { showVerdict, type Verdict } from './value.js'
import type { ctStates, ctStatuses } from './value-names.js'

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
  /** What the packet is of, where chains of `family` have several: 'ip' or 'ip6' in inet. */
  readonly nfproto: OneOf<NftFamily> | null
  /** Ifindexes. */
  readonly iif: number | null
  readonly oif: number | null
  /** ARPHRD_* of linux/if_arp.h: 1 is Ethernet. */
  readonly iiftype: number | null
  readonly oiftype: number | null
  /**
   * Of the packet's connection, as `ct.id` and the like of rules, with the first step in each base chain alone; null without one, and before
   * Linux 6.16. An empty status is that of a connection that nothing has happened to yet.
   */
  readonly ctId: number | null
  readonly ctDirection: OneOf<keyof typeof ctDirections.numbers> | null
  readonly ctStatus: AnyOf<keyof typeof ctStatuses.numbers> | null
  readonly ctState: AnyOf<keyof typeof ctStates.numbers> | null
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
    nfproto: found.nfproto ?? null,
    iif: found.iif ?? null,
    oif: found.oif ?? null,
    iiftype: found.iiftype ?? null,
    oiftype: found.oiftype ?? null,
    ctId: found.ctId ?? null,
    ctDirection: found.ctDirection ?? null,
    ctStatus: found.ctStatus ?? null,
    ctState: found.ctState ?? null,
    linkLayerHeader: found.llHeader ?? null,
    networkHeader: found.networkHeader ?? null,
    transportHeader: found.transportHeader ?? null,
  }
}
