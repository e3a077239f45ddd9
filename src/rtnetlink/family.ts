/** Address families as operations name them (linux/socket.h). */

import { show } from '../codec/fault.js'

export const AF_UNSPEC = 0
export const AF_INET = 2
export const AF_INET6 = 10
export const AF_BRIDGE = 7
export const AF_PACKET = 17
export const AF_MPLS = 28
/** Of multicast routing: linux/rtnetlink.h. */
export const RTNL_FAMILY_IPMR = 128
export const RTNL_FAMILY_IP6MR = 129

/** Of addresses, routes, neighbours. */
export type Family = 'ipv4' | 'ipv6'

/** The family of an address in text. */
export function familyOf(address: string): number {
  return address.includes(':') ? AF_INET6 : AF_INET
}

export function familyNumber(family: Family | undefined): number {
  if (family === undefined) return AF_UNSPEC
  if (family === 'ipv4') return AF_INET
  if (family === 'ipv6') return AF_INET6
  throw new RangeError(`family: ${show(family)} is not 'ipv4' or 'ipv6'`)
}

export function familyName(number: number): Family | null {
  return number === AF_INET ? 'ipv4' : number === AF_INET6 ? 'ipv6' : null
}
