/** The settings of an interface as callers see them, and how they are read out of an RTM_NEWNETCONF. */

import { align } from '../../codec/bytes.js'
import { Attributes, type OneOf } from '../../codec/index.js'
import type { NameOf } from '../devnames.js'
import { AF_MPLS, type Family, familyName } from '../family.js'
import { NETCONFA_IFINDEX_ALL, NETCONFA_IFINDEX_DEFAULT } from './constants.js'
import { netconfAttributes, netconfmsg, type reversePathFilters } from './table.js'

/**
 * How strictly the source addresses of packets are checked (RFC 3704): 'strict' takes them only from where an answer would go, 'loose'
 * from anywhere that a route leads to.
 */
export type ReversePathFilter = keyof typeof reversePathFilters.numbers

/**
 * What an address family does on an interface, as in /proc/sys/net/ipv4/conf/NAME. Null is what the kernel did not tell: what a family
 * does not have; in an event, what did not change. See ip-netconf(8), linux/netconf.h.
 */
export interface Netconf {
  readonly family: Family | 'mpls'
  /** 'all' and 'default' are the settings of that name, not interfaces. Null where the interface has just gone. */
  readonly dev: string | null
  /** Null for 'all' and 'default'. */
  readonly ifindex: number | null
  readonly forwarding: boolean | null
  /** IPv4. */
  readonly rpFilter: OneOf<ReversePathFilter> | null
  /** Of multicast packets. */
  readonly mcForwarding: boolean | null
  /** IPv4: proxy_arp; IPv6: proxy_ndp. */
  readonly proxyNeigh: boolean | null
  readonly ignoreRoutesWithLinkdown: boolean | null
  /** MPLS: labelled packets are taken. */
  readonly input: boolean | null
  /** IPv4: of packets to the broadcast address of a network. */
  readonly bcForwarding: boolean | null
  /** IPv6: whatever `forwarding` of 'all' says. Linux 6.17. */
  readonly forceForwarding: boolean | null
}

const GENERAL: Readonly<Record<number, string>> = {
  [NETCONFA_IFINDEX_ALL]: 'all',
  [NETCONFA_IFINDEX_DEFAULT]: 'default',
}

/** Reads settings: `start` is their struct netconfmsg. Null for a family that is not known. */
export function readNetconf(bytes: Uint8Array, start: number, end: number, nameOf: NameOf): Netconf | null {
  const number = bytes[start]!
  const family = number === AF_MPLS ? 'mpls' : familyName(number)
  if (family === null) return null
  const found = new Attributes(netconfAttributes).load(bytes, start + align(netconfmsg.size), end)
  const field = netconfAttributes.field
  const ifindex = found.get(field.ifindex)
  const isOn = (name: Exclude<keyof typeof field, 'ifindex' | 'rpFilter'>) => {
    const value = found.get(field[name])
    return value === null ? null : value !== 0
  }
  return {
    family,
    dev: ifindex === null ? null : (GENERAL[ifindex] ?? nameOf(ifindex)),
    ifindex: ifindex !== null && ifindex > 0 ? ifindex : null,
    forwarding: isOn('forwarding'),
    rpFilter: found.get(field.rpFilter),
    mcForwarding: isOn('mcForwarding'),
    proxyNeigh: isOn('proxyNeigh'),
    ignoreRoutesWithLinkdown: isOn('ignoreRoutesWithLinkdown'),
    input: isOn('input'),
    bcForwarding: isOn('bcForwarding'),
    forceForwarding: isOn('forceForwarding'),
  }
}
