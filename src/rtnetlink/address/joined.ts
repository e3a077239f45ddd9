/** Multicast groups that interfaces have joined, and anycast addresses: how they are read. */

import { getU32 } from '../../codec/bytes.js'
import { Attributes, type Field, malformed } from '../../codec/index.js'
import type { NameOf } from '../devnames.js'
import { type Family, familyName } from '../family.js'
import { addressAttributes, ifaddrmsg } from './table.js'

/** An anycast address of an interface, which others may have as well; IPv6 alone has them. See rtnetlink(7), linux/if_addr.h. */
export interface AnycastAddress {
  readonly family: Family
  readonly address: string
  readonly ifindex: number
  /** The interface's name; null where the interface went away while the list was made. */
  readonly dev: string | null
  /** When it was joined, in seconds since the machine started (the kernel's counter starts again after 497 days). */
  readonly created: number | null
  /** When that was last changed, counted in the same way. */
  readonly updated: number | null
}

/** A multicast group that an interface has joined: '224.0.0.1', 'ff02::1'. See ip-maddress(8), rtnetlink(7), linux/if_addr.h. */
export interface MulticastAddress extends AnycastAddress {
  /** How many sockets, and parts of the kernel, have joined it there; null of a kernel that does not tell. */
  readonly users: number | null
}

const at = ifaddrmsg.offsets

function reader<More extends object>(fieldOf: () => Field<string>, moreOf: (found: Attributes) => More) {
  return (bytes: Uint8Array, start: number, end: number, nameOf: NameOf): (AnycastAddress & More) | null => {
    const family = familyName(bytes[start + at.family]!)
    if (family === null) return null
    const found = new Attributes(addressAttributes).load(bytes, start + ifaddrmsg.size, end)
    const address = found.get(fieldOf())
    if (address === null) throw malformed('no address', start)
    const times = found.get(addressAttributes.field.cacheinfo)
    const ifindex = getU32(bytes, start + at.index)
    return {
      family,
      address,
      ifindex,
      dev: nameOf(ifindex),
      created: times?.cstamp ?? null,
      updated: times?.tstamp ?? null,
      ...moreOf(found),
    }
  }
}

/** Reads the group of an RTM_NEWMULTICAST: `start` is its struct ifaddrmsg. */
export const readMulticast = reader(
  () => addressAttributes.field.multicast,
  (found) => ({ users: found.get(addressAttributes.field.mcUsers) }),
)
/** Reads the address of an RTM_NEWANYCAST, in the same way. */
export const readAnycast = reader(
  () => addressAttributes.field.anycast,
  () => ({}),
)
