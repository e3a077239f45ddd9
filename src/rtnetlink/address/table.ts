/** RTM_NEWADDR, RTM_NEWMULTICAST, RTM_NEWANYCAST and what belongs to them: struct ifaddrmsg and enum IFA_* (linux/if_addr.h). */

import {
  attributes,
  enumeration,
  flags,
  ip,
  message,
  names,
  s32,
  struct,
  text,
  u8,
  u32,
} from '../../codec/index.js'
import { routeScopes } from '../route/table.js'
import { seconds32 } from '../time.js'
import * as c from './constants.js'

/** IFA_F_*, as `ip address` prints them. `secondary` of an IPv6 address is called `temporary`. */
export const addressFlags = names({
  secondary: c.IFA_F_SECONDARY,
  nodad: c.IFA_F_NODAD,
  optimistic: c.IFA_F_OPTIMISTIC,
  dadfailed: c.IFA_F_DADFAILED,
  home: c.IFA_F_HOMEADDRESS,
  deprecated: c.IFA_F_DEPRECATED,
  tentative: c.IFA_F_TENTATIVE,
  permanent: c.IFA_F_PERMANENT,
  mngtmpaddr: c.IFA_F_MANAGETEMPADDR,
  noprefixroute: c.IFA_F_NOPREFIXROUTE,
  autojoin: c.IFA_F_MCAUTOJOIN,
  'stable-privacy': c.IFA_F_STABLE_PRIVACY,
})

/** IFAPROT_*: who made the address, where it was the kernel; other numbers belong to programs. */
export const addressProtocols = names({
  kernel_lo: c.IFAPROT_KERNEL_LO,
  kernel_ra: c.IFAPROT_KERNEL_RA,
  kernel_ll: c.IFAPROT_KERNEL_LL,
})

export const ifaddrmsg = struct({
  family: u8,
  prefixlen: u8,
  flags: flags(u8, addressFlags),
  scope: enumeration(u8, routeScopes),
  index: u32,
})

/** Seconds from now. */
export const lifetime = enumeration(u32, names({ forever: c.INFINITY_LIFE_TIME }))

/** struct ifa_cacheinfo, in the kernel's spelling; the stamps count from the machine's start. */
export const addressCacheinfo = struct({
  prefered: lifetime,
  valid: lifetime,
  cstamp: seconds32,
  tstamp: seconds32,
})

export const addressAttributes = attributes('IFA', {
  address: [c.IFA_ADDRESS, ip],
  local: [c.IFA_LOCAL, ip],
  label: [c.IFA_LABEL, text(15)],
  broadcast: [c.IFA_BROADCAST, ip],
  anycast: [c.IFA_ANYCAST, ip],
  cacheinfo: [c.IFA_CACHEINFO, addressCacheinfo],
  multicast: [c.IFA_MULTICAST, ip],
  flags: [c.IFA_FLAGS, flags(u32, addressFlags)],
  rtPriority: [c.IFA_RT_PRIORITY, u32],
  targetNetnsid: [c.IFA_TARGET_NETNSID, s32],
  proto: [c.IFA_PROTO, enumeration(u8, addressProtocols)],
  mcUsers: [c.IFA_MC_USERS, u32],
})

export const newAddress = message('RTM_NEWADDR', c.RTM_NEWADDR, ifaddrmsg, addressAttributes)
export const delAddress = message('RTM_DELADDR', c.RTM_DELADDR, ifaddrmsg, addressAttributes)
export const getAddress = message('RTM_GETADDR', c.RTM_GETADDR, ifaddrmsg, addressAttributes)
export const newMulticast = message('RTM_NEWMULTICAST', c.RTM_NEWMULTICAST, ifaddrmsg, addressAttributes)
export const delMulticast = message('RTM_DELMULTICAST', c.RTM_DELMULTICAST, ifaddrmsg, addressAttributes)
export const getMulticast = message('RTM_GETMULTICAST', c.RTM_GETMULTICAST, ifaddrmsg, addressAttributes)
export const newAnycast = message('RTM_NEWANYCAST', c.RTM_NEWANYCAST, ifaddrmsg, addressAttributes)
export const delAnycast = message('RTM_DELANYCAST', c.RTM_DELANYCAST, ifaddrmsg, addressAttributes)
export const getAnycast = message('RTM_GETANYCAST', c.RTM_GETANYCAST, ifaddrmsg, addressAttributes)
