/** struct rta_cacheinfo as callers see it: how a route is used, and until when. */

import { getU32 } from '../../codec/bytes.js'
import { routeCacheinfo } from './table.js'

/** How a route that packets take is used. */
export interface RouteCacheinfo {
  /** By how many in the kernel it is held. */
  readonly users: number
  /** How often it was looked up. */
  readonly used: number
  /** Seconds since it was used last. */
  readonly lastUsed: number
  /** What packets get that take it, as a negative error number; 0: they are sent. */
  readonly error: number
}

const cached = routeCacheinfo.offsets
/** USER_HZ: in a second. */
const TICKS = 100

/**
 * Seconds from now, rounded up; null where it stays. One whose time is over stays until the kernel next clears up, at intervals, and
 * counts on below 0 meanwhile.
 */
export function readExpires(bytes: Uint8Array, start: number): number | null {
  const expires = getU32(bytes, start + cached.expires) | 0
  if (expires === 0) return null
  return expires < 0 ? 0 : Math.ceil(expires / TICKS)
}

/** Null where there is nothing but when it expires: entries of IPv6 tables have no more (rtnl_put_cacheinfo() of net/core/rtnetlink.c). */
export function readCacheinfo(bytes: Uint8Array, start: number): RouteCacheinfo | null {
  const users = getU32(bytes, start + cached.clntref)
  const used = getU32(bytes, start + cached.used)
  const lastUse = getU32(bytes, start + cached.lastuse)
  const error = getU32(bytes, start + cached.error) | 0
  if (users === 0 && used === 0 && lastUse === 0 && error === 0) return null
  return { users, used, lastUsed: lastUse / TICKS, error }
}
