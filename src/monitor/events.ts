/** The events of a monitor, and how each is read: a table of groups. */

import type { Message } from '../codec/index.js'
import { type Address, readAddress } from '../rtnetlink/address/address.js'
import { delAddress, newAddress } from '../rtnetlink/address/table.js'
import { type FdbEntry, readFdbEntry } from '../rtnetlink/bridge/fdb/entry.js'
import { AF_BRIDGE, AF_UNSPEC, familyName } from '../rtnetlink/family.js'
import { type Link, readLink } from '../rtnetlink/link/link.js'
import { delLink, newLink } from '../rtnetlink/link/table.js'
import {
  type MulticastRoute,
  readMulticastRoute,
  withNames,
} from '../rtnetlink/multicast-route/multicast-route.js'
import { delMulticastRoute, newMulticastRoute } from '../rtnetlink/multicast-route/table.js'
import { type Neighbour, readNeighbour } from '../rtnetlink/neighbour/neighbour.js'
import { delNeighbour, newNeighbour } from '../rtnetlink/neighbour/table.js'
import { type Netconf, readNetconf, withDev } from '../rtnetlink/netconf/netconf.js'
import { delNetconf, newNetconf } from '../rtnetlink/netconf/table.js'
import { type Nexthop, readNexthop } from '../rtnetlink/nexthop/nexthop.js'
import { delNexthop, newNexthop } from '../rtnetlink/nexthop/table.js'
import { readNsid } from '../rtnetlink/nsid/request.js'
import { delNsid, newNsid } from '../rtnetlink/nsid/table.js'
import { nameDevices, type Route, readRoute } from '../rtnetlink/route/route.js'
import { delRoute, newRoute } from '../rtnetlink/route/table.js'
import { type NdUserOptions, readNdUserOptions } from '../rtnetlink/router-advertisement/nd-user-option.js'
import { type AdvertisedPrefix, readPrefix } from '../rtnetlink/router-advertisement/prefix.js'
import { newNdUserOption, newPrefix } from '../rtnetlink/router-advertisement/table.js'
import { type Rule, readRule } from '../rtnetlink/rule/rule.js'
import { delRule, newRule } from '../rtnetlink/rule/table.js'
import type { Loss, NameOf } from '../socket/event-socket.js'
import * as group from './groups.js'

/** 'new': it was made, or it changed. 'delete': it is gone; the event shows it as it was. */
export type EventAction = 'new' | 'delete'

/** An interface was made or changed (RTM_NEWLINK), or is gone (RTM_DELLINK). */
export interface LinkEvent {
  readonly type: 'link'
  readonly action: EventAction
  readonly link: Link
}

/** An interface got an address or it changed (RTM_NEWADDR), or lost it (RTM_DELADDR). */
export interface AddressEvent {
  readonly type: 'address'
  readonly action: EventAction
  readonly address: Address
}

/** A route was put into a table (RTM_NEWROUTE) or taken out (RTM_DELROUTE). */
export interface RouteEvent {
  readonly type: 'route'
  readonly action: EventAction
  readonly route: Route
}

/** An entry of the ARP or NDP table is new or changed (RTM_NEWNEIGH), or is gone (RTM_DELNEIGH). */
export interface NeighbourEvent {
  readonly type: 'neighbour'
  readonly action: EventAction
  readonly neighbour: Neighbour
}

/**
 * An entry of a forwarding table is new or changed (RTM_NEWNEIGH of the family AF_BRIDGE), or is gone (RTM_DELNEIGH): of a bridge, which
 * learns and forgets by itself, or of a vxlan device.
 */
export interface FdbEvent {
  readonly type: 'fdb'
  readonly action: EventAction
  readonly entry: FdbEntry
}

/** A routing rule was added (RTM_NEWRULE) or deleted (RTM_DELRULE). */
export interface RuleEvent {
  readonly type: 'rule'
  readonly action: EventAction
  readonly rule: Rule
}

/** A nexthop object was made or changed (RTM_NEWNEXTHOP), or deleted (RTM_DELNEXTHOP). */
export interface NexthopEvent {
  readonly type: 'nexthop'
  readonly action: EventAction
  readonly nexthop: Nexthop
}

/** A multicast route was made, changed or resolved (RTM_NEWROUTE), or is gone (RTM_DELROUTE). */
export interface MulticastRouteEvent {
  readonly type: 'multicastRoute'
  readonly action: EventAction
  readonly multicastRoute: MulticastRoute
}

/** A setting of an interface changed (RTM_NEWNETCONF): the rest of it is null. 'delete': the interface has lost the address family. */
export interface NetconfEvent {
  readonly type: 'netconf'
  readonly action: EventAction
  readonly netconf: Netconf
}

/** A router has advertised a prefix (RTM_NEWPREFIX), again and again. */
export interface PrefixEvent {
  readonly type: 'prefix'
  readonly prefix: AdvertisedPrefix
}

/** A router has advertised what is for programs: DNS servers and the like (RTM_NEWNDUSEROPT), again and again. */
export interface NdUserOptionsEvent {
  readonly type: 'ndUserOptions'
  readonly ndUserOptions: NdUserOptions
}

/** Another namespace got an id here (see getNsid), or the namespace that had it is gone. */
export interface NsidEvent {
  readonly type: 'nsid'
  readonly action: EventAction
  readonly nsid: number
}

/**
 * Events are missing before this one: what was known must be listed again. 'ENOBUFS': the kernel's buffer overflowed because events
 * came faster than they were read.
 */
export interface ResyncEvent {
  readonly type: 'resync'
  readonly reason: Loss
}

/** What a monitor tells; `type` says which it is. See monitor(), rtnetlink(7). */
export type MonitorEvent =
  | LinkEvent
  | AddressEvent
  | RouteEvent
  | NeighbourEvent
  | FdbEvent
  | RuleEvent
  | NexthopEvent
  | MulticastRouteEvent
  | NetconfEvent
  | PrefixEvent
  | NdUserOptionsEvent
  | NsidEvent
  | ResyncEvent

/** What monitor() can be asked for. */
export type MonitorGroup = Exclude<MonitorEvent['type'], 'resync'>

/** What a monitor of some groups tells. */
export type EventOf<G extends MonitorGroup> = Extract<MonitorEvent, { type: G }> | ResyncEvent

/** Makes an event of a message whose fixed struct starts at `start`; null for one that is something else. */
type Read = (
  action: EventAction,
  bytes: Uint8Array,
  start: number,
  end: number,
  nameOf: NameOf,
) => MonitorEvent | null

export interface EventSource {
  readonly groups: readonly number[]
  readonly new: Message
  /** What never goes away has none. */
  readonly delete?: Message
  readonly read: Read
}

const link: Read = (action, bytes, start, end) => {
  // The same group has the state of bridge ports (AF_BRIDGE), and there RTM_DELLINK says only that a port left its bridge.
  if (bytes[start] !== AF_UNSPEC) return null
  return { type: 'link', action, link: readLink(bytes, start, end) }
}

const address: Read = (action, bytes, start, end, nameOf) => {
  const found = readAddress(bytes, start, end)
  return found && { type: 'address', action, address: { ...found, dev: nameOf(found.ifindex) } }
}

const route: Read = (action, bytes, start, end, nameOf) => {
  // Multicast routes have the same messages.
  if (familyName(bytes[start]!) === null) return null
  const found = readRoute(bytes, start, end)
  nameDevices(found, nameOf)
  return { type: 'route', action, route: found }
}

const neighbour: Read = (action, bytes, start, end, nameOf) => {
  const found = readNeighbour(bytes, start, end)
  if (found === null) return null
  const dev = found.ifindex === null ? null : nameOf(found.ifindex)
  return { type: 'neighbour', action, neighbour: { ...found, dev } }
}

const fdb: Read = (action, bytes, start, end, nameOf) => {
  // Neighbours have the same messages and group.
  if (bytes[start] !== AF_BRIDGE) return null
  return { type: 'fdb', action, entry: readFdbEntry(bytes, start, end, nameOf) }
}

const rule: Read = (action, bytes, start, end) => {
  // The same groups have the rules of multicast routing.
  if (familyName(bytes[start]!) === null) return null
  return { type: 'rule', action, rule: readRule(bytes, start, end) }
}

const nexthop: Read = (action, bytes, start, end, nameOf) => {
  const found = readNexthop(bytes, start, end)
  const dev = found.ifindex === null ? null : nameOf(found.ifindex)
  return { type: 'nexthop', action, nexthop: { ...found, dev } }
}

const multicastRoute: Read = (action, bytes, start, end, nameOf) => {
  const found = readMulticastRoute(bytes, start, end)
  return found && { type: 'multicastRoute', action, multicastRoute: withNames(found, nameOf) }
}

const netconf: Read = (action, bytes, start, end, nameOf) => {
  const found = readNetconf(bytes, start, end)
  return found && { type: 'netconf', action, netconf: withDev(found, nameOf) }
}

const prefix: Read = (_action, bytes, start, end, nameOf) => {
  const found = readPrefix(bytes, start, end)
  return found && { type: 'prefix', prefix: { ...found, dev: nameOf(found.ifindex) } }
}

const ndUserOptions: Read = (_action, bytes, start, end, nameOf) => {
  const found = readNdUserOptions(bytes, start, end)
  return found && { type: 'ndUserOptions', ndUserOptions: { ...found, dev: nameOf(found.ifindex) } }
}

const nsid: Read = (action, bytes, start, end) => {
  const id = readNsid(bytes, start, end)
  return id === null ? null : { type: 'nsid', action, nsid: id }
}

export const EVENT_SOURCES: Readonly<Record<MonitorGroup, EventSource>> = {
  link: { groups: [group.RTNLGRP_LINK], new: newLink, delete: delLink, read: link },
  address: {
    groups: [group.RTNLGRP_IPV4_IFADDR, group.RTNLGRP_IPV6_IFADDR],
    new: newAddress,
    delete: delAddress,
    read: address,
  },
  route: {
    groups: [group.RTNLGRP_IPV4_ROUTE, group.RTNLGRP_IPV6_ROUTE],
    new: newRoute,
    delete: delRoute,
    read: route,
  },
  neighbour: { groups: [group.RTNLGRP_NEIGH], new: newNeighbour, delete: delNeighbour, read: neighbour },
  fdb: { groups: [group.RTNLGRP_NEIGH], new: newNeighbour, delete: delNeighbour, read: fdb },
  rule: {
    groups: [group.RTNLGRP_IPV4_RULE, group.RTNLGRP_IPV6_RULE],
    new: newRule,
    delete: delRule,
    read: rule,
  },
  nexthop: { groups: [group.RTNLGRP_NEXTHOP], new: newNexthop, delete: delNexthop, read: nexthop },
  multicastRoute: {
    groups: [group.RTNLGRP_IPV4_MROUTE, group.RTNLGRP_IPV6_MROUTE],
    new: newMulticastRoute,
    delete: delMulticastRoute,
    read: multicastRoute,
  },
  netconf: {
    groups: [group.RTNLGRP_IPV4_NETCONF, group.RTNLGRP_IPV6_NETCONF, group.RTNLGRP_MPLS_NETCONF],
    new: newNetconf,
    delete: delNetconf,
    read: netconf,
  },
  prefix: { groups: [group.RTNLGRP_IPV6_PREFIX], new: newPrefix, read: prefix },
  ndUserOptions: { groups: [group.RTNLGRP_ND_USEROPT], new: newNdUserOption, read: ndUserOptions },
  nsid: { groups: [group.RTNLGRP_NSID], new: newNsid, delete: delNsid, read: nsid },
}
