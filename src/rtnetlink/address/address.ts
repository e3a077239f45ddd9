/** An address as callers see it, and how one is read out of an RTM_NEWADDR or RTM_DELADDR. */

import { getU32 } from '../../codec/bytes.js'
import { type AnyOf, Attributes, malformed, type OneOf } from '../../codec/index.js'
import type { NameOf } from '../devnames.js'
import { AF_INET6, type Family, familyName } from '../family.js'
import { routeScopes } from '../route/table.js'
import type { AddressFlag, AddressProtocol, AddressScope, Lifetime } from './options.js'
import { addressAttributes, ifaddrmsg } from './table.js'

/**
 * An address of an interface. What it does not have is null. It is accepted where an address is given: `deleteAddress(a.ifindex, a)`.
 * See rtnetlink(7), linux/if_addr.h.
 */
export interface Address {
  readonly family: Family
  /** The interface's own address, with the prefix length: '192.168.15.1/24'. */
  readonly address: string
  /** The address at the other end of a point-to-point link, without the prefix length, which is its own: '192.168.15.2'. */
  readonly peer: string | null
  readonly broadcast: string | null
  /** IPv4; the interface's name where nothing else was given. */
  readonly label: string | null
  readonly scope: OneOf<AddressScope>
  readonly flags: AnyOf<AddressFlag>
  /** Seconds until the address is deprecated. */
  readonly preferredLifetime: Lifetime
  /** Seconds until the kernel removes it. */
  readonly validLifetime: Lifetime
  readonly ifindex: number
  /** The interface's name; null where the interface came or went while the list was made. */
  readonly dev: string | null
  /** The metric of the route to the prefix. */
  readonly metric: number | null
  /** Who made it; always null before Linux 5.18. */
  readonly protocol: OneOf<AddressProtocol> | null
  /** When it was made, in seconds since the machine started (the kernel's counter starts again after 497 days). */
  readonly created: number | null
  /** When it was last changed, counted in the same way. */
  readonly updated: number | null
}

let reused: Attributes | undefined
const at = ifaddrmsg.offsets

/** Reads an address: `start` is its struct ifaddrmsg. Null for a family that is not IPv4 or IPv6. */
export function readAddress(bytes: Uint8Array, start: number, end: number, nameOf: NameOf): Address | null {
  const ifindex = getU32(bytes, start + at.index)
  const family = familyName(bytes[start + at.family]!)
  if (family === null) return null
  reused ??= new Attributes(addressAttributes)
  const found = reused.load(bytes, start + ifaddrmsg.size, end)
  const field = addressAttributes.field
  const far = found.get(field.address)
  const local = found.get(field.local) ?? far
  if (local === null) throw malformed('no address', start)
  const times = found.get(field.cacheinfo)
  const flags = flagsOf(bytes[start + at.family]!, found.get(field.flags) ?? [])
  return {
    family,
    address: `${local}/${bytes[start + at.prefixlen]}`,
    peer: far === local ? null : far,
    broadcast: found.get(field.broadcast),
    label: found.get(field.label),
    scope: routeScopes.toName(bytes[start + at.scope]!),
    flags,
    // The kernel says 'forever' of an IPv4 address that is deprecated and valid for ever.
    preferredLifetime: flags.includes('deprecated') ? 0 : (times?.prefered ?? 'forever'),
    validLifetime: times?.valid ?? 'forever',
    ifindex,
    dev: nameOf(ifindex),
    metric: found.get(field.rtPriority),
    protocol: found.get(field.proto),
    created: times?.cstamp ?? null,
    updated: times?.tstamp ?? null,
  }
}

function flagsOf(family: number, flags: AnyOf<AddressFlag>): AnyOf<AddressFlag> {
  if (family !== AF_INET6) return flags
  return flags.map((name) => (name === 'secondary' ? 'temporary' : name))
}
