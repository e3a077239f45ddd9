/** What the kernel tells of some expressions and does not take back: what was read can be written again all the same. */

import type { Expression } from './expression.js'

type Data = Readonly<Record<string, unknown>>
type Mend = (data: Data) => Data

/**
 * Options that are written or taken out: nft_exthdr_tcp_set_init() and nft_exthdr_tcp_strip_init() of net/netfilter/nft_exthdr.c refuse
 * what nft_exthdr_dump_common() tells.
 */
function exthdr(data: Data): Data {
  if (data['dreg'] !== undefined) return data
  const { flags: _, ...written } = data
  if (data['sreg'] !== undefined) return written
  const { offset: __, len: ___, ...reset } = written
  return reset
}

/**
 * nft_dynset_dump() of net/netfilter/nft_dynset.c leaves out NFT_DYNSET_F_EXPR, without which several expressions are refused, and tells a
 * timeout of 0, which a set without timeouts refuses.
 */
function dynset(given: Data): Data {
  const { timeout, ...rest } = given
  const data = Number(timeout) > 0 ? given : rest
  if (data['expressions'] === undefined) return data
  const flags = (data['flags'] ?? []) as readonly (string | number)[]
  return { ...data, flags: [...new Set([...flags, 'expr'])] }
}

/** nft_osf_init() of net/netfilter/nft_osf.c takes no flags or NFT_OSF_F_VERSION; nft_osf_dump() tells 0. */
function osf(data: Data): Data {
  const { flags, ...rest } = data
  return Array.isArray(flags) && flags.length === 0 ? rest : data
}

/** nft_quota_do_init() of net/netfilter/nft_quota.c refuses NFT_QUOTA_F_DEPLETED; what is used up is so again by what was used of it. */
function quota(data: Data): Data {
  const { flags } = data
  return Array.isArray(flags) ? { ...data, flags: flags.filter((flag) => flag !== 'depleted') } : data
}

const MENDS: Readonly<Record<string, Mend>> = { exthdr, dynset, osf, quota }

/** The expression as the kernel takes it. */
export function writable(expression: Expression): Expression {
  const { name, data } = expression
  const mend = Object.hasOwn(MENDS, name) ? MENDS[name] : undefined
  if (mend === undefined || data === undefined || data instanceof Uint8Array) return expression
  return { name, data: mend(data as Data) } as Expression
}
