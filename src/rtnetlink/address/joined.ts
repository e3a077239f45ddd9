/** Multicast groups that interfaces have joined, and anycast addresses: how they are read. */

import { getU32 } from '../../codec/bytes.js'
import { Attributes, type Field, malformed } from '../../codec/index.js'
import type { NameOf } from '../devnames.js'
import { type Family, familyName } from '../family.js'
import { addressAttributes, ifaddrmsg } from './table.js'

/** A multicast group that an interface has joined. See ip-maddress(8), rtnetlink(7), linux/if_addr.h. */
export interface MulticastAddress {
  readonly family: Family
  /** '224.0.0.1', 'ff02::1' */
  readonly address: string
  readonly ifindex: number
  /** The interface's name; null where the interface went away while the list was made. */
  readonly dev: string | null
  /** When it was joined, in seconds since the machine started (the kernel's counter starts again after 497 days). */
  readonly created: number | null
  /** When that was last changed, counted in the same way. */
  readonly updated: number | null
}

/** An anycast address of an interface, which others may have as well; IPv6 alone has them. See rtnetlink(7), linux/if_addr.h. */
export interface AnycastAddress extends MulticastAddress {}

const at = ifaddrmsg.offsets

function reader(fieldOf: () => Field<string>) {
  return (bytes: Uint8Array, start: number, end: number, nameOf: NameOf): MulticastAddress | null => {
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
    }
  }
}

/** Reads the group of an RTM_NEWMULTICAST: `start` is its struct ifaddrmsg. */
export const readMulticast = reader(() => addressAttributes.field.multicast)
/** Reads the address of an RTM_NEWANYCAST, in the same way. */
export const readAnycast = reader(() => addressAttributes.field.anycast)
