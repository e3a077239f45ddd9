/** What callers give for a neighbour, and the checks on it. */

import { toBits } from '../../codec/choice.js'
import { show } from '../../codec/fault.js'
import { type AnyOf, guarded, type OneOf } from '../../codec/index.js'
import { checkBoolean } from '../../netlink/check.js'
import { checkDev, checkIfindex, checkIp, checkLinkAddress, checkOneOf } from '../input.js'
import type { Dev } from '../link/request.js'
import { routeProtocols } from '../route/table.js'
import { neighbourFlags, neighbourStates } from './table.js'

/**
 * What the kernel knows of a neighbour: 'reachable', 'stale', 'failed' …; 'permanent' and 'noarp' it never asks for. NUD_* of
 * linux/neighbour.h.
 */
export type NeighbourState = keyof typeof neighbourStates.numbers
/** A proxy entry is told by the option `proxy`. */
export type NeighbourFlag = keyof typeof neighbourFlags.numbers

/** Which entry: the address, the interface and the table, of neighbours or of proxies. */
export interface NeighbourKey {
  /** '192.168.15.9' or '2001:db8::9', without a prefix length. */
  to: string
  /**
   * Only a proxy entry can do without: then it counts for every interface. Delete such an entry before its namespace: the kernel
   * (6.18) forgets to, and a namespace that is made later may have it.
   */
  dev?: Dev | null | undefined
  /** Used where there is no `dev`. */
  ifindex?: number | null | undefined
  /** An address that this machine answers for, instead of a neighbour (see net.ipv4.conf.*.proxy_arp, net.ipv6.conf.*.proxy_ndp). */
  proxy?: boolean | undefined
}

/** A neighbour to be put into the table. Null is the same as leaving out, so that a listed `Neighbour` fits. */
export interface NeighbourInput extends NeighbourKey {
  /**
   * '02:00:00:00:00:09'; of an IP tunnel the address of the other end as such bytes; as long as those of the interface, which is asked where
   * it has more than six. Not of a proxy, nor needed with the flags 'use' and 'managed', with a
   * state that has none, and with any state on an interface without link-layer addresses (tun, wireguard).
   */
  mac?: string | null | undefined
  /**
   * By name or number; without it 'permanent' if there is a `mac`, or of a proxy, else 'none'. A proxy that is not permanent goes when the
   * interface loses its carrier, in older kernels any does; listed, it is always 'none'.
   */
  state?: OneOf<NeighbourState> | undefined
  /**
   * 'use' (the kernel asks for the address now), 'managed' (and keeps it fresh), 'router', 'extern_learn', 'extern_valid'. Before Linux 5.16
   * the kernel passes over 'managed': the entry is there, and its `flags` lack it.
   */
  flags?: AnyOf<NeighbourFlag> | undefined
  /** Who makes it: 'static', 'zebra', … or a number from 0 to 255. */
  protocol?: OneOf<keyof typeof routeProtocols.numbers> | null | undefined
}

/** All properties of a listed neighbour are known; those that are not in NeighbourInput are not sent. */
export const NEIGHBOUR_KEYS = [
  ...['to', 'dev', 'ifindex', 'proxy', 'mac', 'state', 'flags', 'protocol'],
  ...['family', 'type', 'probes', 'cacheinfo'],
]

/** @throws RangeError, TypeError naming the option */
export function checkNeighbourKey({ to, dev, ifindex, proxy }: NeighbourKey): void {
  checkIp(to, 'to')
  if (proxy !== undefined) checkBoolean(proxy, 'proxy')
  if (ifindex != null) checkIfindex(ifindex, 'ifindex')
  if (dev != null) checkDev(dev, 'dev')
  else if (ifindex == null && proxy !== true)
    throw new TypeError('dev: a neighbour is one of an interface; give its name or ifindex')
}

/** States without a link-layer address: all that is not NUD_VALID of net/neighbour.h. */
const UNKNOWN: AnyOf<NeighbourState> = ['none', 'incomplete', 'failed']

/** Throws RangeError, TypeError naming the option. */
export function checkNeighbourInput(input: NeighbourInput): void {
  checkNeighbourKey(input)
  const { mac, state, flags = [], protocol, proxy } = input
  // It may be a multicast one: of a cluster, or the kernel's own entries for multicast groups.
  if (mac != null) checkLinkAddress(mac, 'mac')
  if (mac != null && proxy)
    throw new TypeError(`mac: ${show(mac)} is not for a proxy, which answers with that of the interface`)
  if (state !== undefined) checkState(state, 'state')
  checkFlags(flags, 'flags')
  checkTaken(flags)
  if (protocol != null) checkOneOf(routeProtocols, protocol, 'protocol')
  if (state === undefined && lacksMac(input)) throw new TypeError('mac: a neighbour needs one')
}

/** Whether a new entry of an interface that has link-layer addresses would need one. */
export function lacksMac({ mac, state, flags = [], proxy }: NeighbourInput): boolean {
  if (mac != null || proxy === true || flags.includes('use') || flags.includes('managed')) return false
  return state === undefined || !UNKNOWN.includes(neighbourStates.normal(state))
}

/** What neigh_add() of net/core/neighbour.c does nothing about. */
const OF_BRIDGES = ['self', 'master', 'sticky'] as const

function checkTaken(flags: AnyOf<NeighbourFlag>): void {
  const names = neighbourFlags.toNames(toBits(neighbourFlags, flags))
  for (const name of OF_BRIDGES)
    if (names.includes(name)) throw new RangeError(`flags: ${show(name)} is for forwarding tables alone`)
}

export function checkFlags(flags: AnyOf<NeighbourFlag>, field: string): void {
  guarded(field, () => toBits(neighbourFlags, flags))
}

export function checkState(state: OneOf<NeighbourState>, field: string): void {
  checkOneOf(neighbourStates, state, field, 0xffff)
}
