/** The prefix of a router advertisement, and how it is read out of an RTM_NEWPREFIX. */

import { getU32 } from '../../codec/bytes.js'
import { Attributes, malformed } from '../../codec/index.js'
import type { Lifetime } from '../address/options.js'
import type { NameOf } from '../devnames.js'
import { AF_INET6 } from '../family.js'
import * as c from './constants.js'
import { prefixAttributes, prefixmsg } from './table.js'

/** A prefix that a router has advertised (RFC 4861, section 4.6.2). See rtnetlink(7). */
export interface AdvertisedPrefix {
  /** '2001:db8::/64' */
  readonly prefix: string
  readonly ifindex: number
  /** The interface by which the advertisement came; null where it has just gone. */
  readonly dev: string | null
  /** Addresses of the prefix are reached without a router. */
  readonly onlink: boolean
  /** Addresses may be made of it. */
  readonly autoconf: boolean
  /** Seconds. */
  readonly preferredLifetime: Lifetime
  readonly validLifetime: Lifetime
}

const at = prefixmsg.offsets
/** The kernel's own bits and those of the advertisement do not overlap. */
const ONLINK = c.IF_PREFIX_ONLINK | c.ND_OPT_PI_FLAG_ONLINK
const AUTOCONF = c.IF_PREFIX_AUTOCONF | c.ND_OPT_PI_FLAG_AUTO

/** Reads a prefix: `start` is its struct prefixmsg. Null for a family that is not IPv6. */
export function readPrefix(
  bytes: Uint8Array,
  start: number,
  end: number,
  nameOf: NameOf,
): AdvertisedPrefix | null {
  if (bytes[start + at.family] !== AF_INET6) return null
  const found = new Attributes(prefixAttributes).load(bytes, start + prefixmsg.size, end)
  const address = found.get(prefixAttributes.field.address)
  if (address === null) throw malformed('no address', start)
  const times = found.get(prefixAttributes.field.cacheinfo)
  const flags = bytes[start + at.flags]!
  const ifindex = getU32(bytes, start + at.ifindex)
  return {
    prefix: `${address}/${bytes[start + at.len]}`,
    ifindex,
    dev: nameOf(ifindex),
    onlink: (flags & ONLINK) !== 0,
    autoconf: (flags & AUTOCONF) !== 0,
    preferredLifetime: times?.preferredTime ?? 'forever',
    validLifetime: times?.validTime ?? 'forever',
  }
}
