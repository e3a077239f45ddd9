/** Which protocol the matches and targets of x_tables in a rule are for: the kernel asks for it and does not tell it. */

import { getU16 } from '../codec/bytes.js'
import { isRecord } from '../codec/fault.js'
import * as nf from '../netlink/netfilter.js'
import type { Expression } from './expression.js'

/** NFTA_RULE_COMPAT: a number of IP protocols, in tables of bridges that of the frame as the host reads it, and NFT_RULE_COMPAT_F_INV. */
export interface RuleCompat {
  readonly proto: number
  readonly flags: number
}

const NFT_RULE_COMPAT_F_INV = 2

type Data = Readonly<Record<string, unknown>>

/** What is compared with a protocol, and how many bytes it has. */
type Source = readonly [name: string, size: number, data: Data]

const L4PROTO: Source = ['meta', 1, { key: 'l4proto' }]

/** By the family of the table. The protocol in the header itself is what iptables-nft compared once, and reads still. */
const SOURCES: Readonly<Record<number, readonly Source[]>> = {
  [nf.NFPROTO_IPV4]: [L4PROTO, ['payload', 1, { base: 'network-header', offset: 9, len: 1 }]],
  [nf.NFPROTO_IPV6]: [L4PROTO, ['payload', 1, { base: 'network-header', offset: 6, len: 1 }]],
  [nf.NFPROTO_BRIDGE]: [['payload', 2, { base: 'link-layer-header', offset: 12, len: 2 }]],
}

/**
 * What iptables-nft and ebtables-nft tell of a rule that looks for its protocol, or for all others; undefined for a rule without matches
 * and targets of x_tables. nf_tables_fill_rule_info() of net/netfilter/nf_tables_api.c leaves it out, and without it checkentry() of those
 * that are for one protocol refuses them (EINVAL).
 */
export function compatOf(family: number, expressions: readonly Expression[]): RuleCompat | undefined {
  if (!expressions.some(({ name }) => name === 'match' || name === 'target')) return undefined
  const found = expressions.flatMap((load, i) => {
    const size = SOURCES[family]?.find((one) => isLoad(load, one))?.[1]
    return size === undefined ? [] : (compared(load, expressions[i + 1], size) ?? [])
  })
  // Which one it is says more than which it is not.
  return found.find(({ flags }) => flags === 0) ?? found[0]
}

function isLoad({ name, data }: Expression, [its, , fields]: Source): boolean {
  return (
    name === its &&
    isRecord(data) &&
    Object.entries(fields).every(([key, value]) => (data as Data)[key] === value)
  )
}

function compared(load: Expression, next: Expression | undefined, size: number): RuleCompat | undefined {
  if (next?.name !== 'cmp' || !isRecord(next.data)) return undefined
  const { sreg, op, data } = next.data as { sreg?: unknown; op?: unknown; data?: { value?: Uint8Array } }
  const value = data?.value
  if ((op !== 'eq' && op !== 'neq') || value?.length !== size) return undefined
  if (sreg !== (load.data as Data)['dreg']) return undefined
  return { proto: size === 1 ? value[0]! : getU16(value, 0), flags: op === 'eq' ? 0 : NFT_RULE_COMPAT_F_INV }
}
