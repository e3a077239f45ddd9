/** The events of a monitor, and how each is read: a table of groups. */

import type { Message } from '../codec/index.js'
import { type Address, readAddress } from '../rtnetlink/address/address.js'
import {
  type AnycastAddress,
  type MulticastAddress,
  readAnycast,
  readMulticast,
} from '../rtnetlink/address/joined.js'
import {
  delAddress,
  delAnycast,
  delMulticast,
  newAddress,
  newAnycast,
  newMulticast,
} from '../rtnetlink/address/table.js'
import { type FdbEntry, readFdbEntry } from '../rtnetlink/bridge/fdb/entry.js'
import { type MdbEntry, type MdbRouterPort, readMdb, readRouterPorts } from '../rtnetlink/bridge/mdb/entry.js'
import { delMdb, newMdb } from '../rtnetlink/bridge/mdb/table.js'
import { delVlan, newVlan } from '../rtnetlink/bridge/vlan/table.js'
import {
  type BridgeVlan,
  type GlobalBridgeVlan,
  readGlobalVlans,
  readVlans,
} from '../rtnetlink/bridge/vlan/vlan.js'
import { AF_BRIDGE, AF_UNSPEC, familyName } from '../rtnetlink/family.js'
import { type Link, readLink } from '../rtnetlink/link/link.js'
import { delLink, newLink } from '../rtnetlink/link/table.js'
import { type MplsRoute, readMplsRoute, withNames as withMplsNames } from '../rtnetlink/mpls/mpls-route.js'
import { delMplsRoute, newMplsRoute } from '../rtnetlink/mpls/table.js'
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
import { delTunnel, newTunnel } from '../rtnetlink/vxlan-vni/table.js'
import { readVxlanVnis, type VxlanVni } from '../rtnetlink/vxlan-vni/vni.js'
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

/**
 * Ports of a bridge got multicast groups or lost them, or became ports behind which there are multicast routers, or are it no more
 * (RTM_NEWMDB, RTM_DELMDB).
 */
export interface MdbEvent {
  readonly type: 'mdb'
  readonly action: EventAction
  readonly entries: readonly MdbEntry[]
  readonly routerPorts: readonly MdbRouterPort[]
}

/**
 * VLANs of a port of a bridge, or of the bridge itself, were added or changed, or are gone (RTM_NEWVLAN, RTM_DELVLAN); what the bridge has for
 * them on all its ports stands in `globalVlans`. Linux 5.6.
 */
export interface BridgeVlanEvent {
  readonly type: 'bridgeVlan'
  readonly action: EventAction
  /** The event does not tell whether the interface is the bridge itself. */
  readonly vlans: readonly Omit<BridgeVlan, 'self'>[]
  readonly globalVlans: readonly GlobalBridgeVlan[]
}

/** A vxlan device with a filter takes part in networks, or no more (RTM_NEWTUNNEL, RTM_DELTUNNEL). Linux 5.18. */
export interface VxlanVniEvent {
  readonly type: 'vxlanVni'
  readonly action: EventAction
  readonly vnis: readonly VxlanVni[]
}

/** An interface has joined a multicast group (RTM_NEWMULTICAST), or left it (RTM_DELMULTICAST). Linux 6.14. */
export interface MulticastAddressEvent {
  readonly type: 'multicastAddress'
  readonly action: EventAction
  readonly multicastAddress: MulticastAddress
}

/** An interface got an anycast address (RTM_NEWANYCAST), or lost it (RTM_DELANYCAST). Linux 6.14. */
export interface AnycastAddressEvent {
  readonly type: 'anycastAddress'
  readonly action: EventAction
  readonly anycastAddress: AnycastAddress
}

/** The route of an MPLS label was made or changed (RTM_NEWROUTE of AF_MPLS), or is gone (RTM_DELROUTE). */
export interface MplsRouteEvent {
  readonly type: 'mplsRoute'
  readonly action: EventAction
  readonly mplsRoute: MplsRoute
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
  | MdbEvent
  | BridgeVlanEvent
  | VxlanVniEvent
  | MulticastAddressEvent
  | AnycastAddressEvent
  | MplsRouteEvent
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

const mdb: Read = (action, bytes, start, end, nameOf) => {
  const entries = readMdb(bytes, start, end, nameOf)
  return { type: 'mdb', action, entries, routerPorts: readRouterPorts(bytes, start, end, nameOf) }
}

const bridgeVlan: Read = (action, bytes, start, end, nameOf) => {
  const vlans = readVlans(bytes, start, end, nameOf, false)
  return { type: 'bridgeVlan', action, vlans, globalVlans: readGlobalVlans(bytes, start, end, nameOf) }
}

const vxlanVni: Read = (action, bytes, start, end, nameOf) => ({
  type: 'vxlanVni',
  action,
  vnis: readVxlanVnis(bytes, start, end, nameOf, false),
})

const multicastAddress: Read = (action, bytes, start, end, nameOf) => {
  const found = readMulticast(bytes, start, end)
  return (
    found && { type: 'multicastAddress', action, multicastAddress: { ...found, dev: nameOf(found.ifindex) } }
  )
}

const anycastAddress: Read = (action, bytes, start, end, nameOf) => {
  const found = readAnycast(bytes, start, end)
  return found && { type: 'anycastAddress', action, anycastAddress: { ...found, dev: nameOf(found.ifindex) } }
}

const mplsRoute: Read = (action, bytes, start, end, nameOf) => {
  const found = readMplsRoute(bytes, start, end)
  return found && { type: 'mplsRoute', action, mplsRoute: withMplsNames(found, nameOf) }
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
  mdb: { groups: [group.RTNLGRP_MDB], new: newMdb, delete: delMdb, read: mdb },
  bridgeVlan: { groups: [group.RTNLGRP_BRVLAN], new: newVlan, delete: delVlan, read: bridgeVlan },
  vxlanVni: { groups: [group.RTNLGRP_TUNNEL], new: newTunnel, delete: delTunnel, read: vxlanVni },
  multicastAddress: {
    groups: [group.RTNLGRP_IPV4_MCADDR, group.RTNLGRP_IPV6_MCADDR],
    new: newMulticast,
    delete: delMulticast,
    read: multicastAddress,
  },
  anycastAddress: {
    groups: [group.RTNLGRP_IPV6_ACADDR],
    new: newAnycast,
    delete: delAnycast,
    read: anycastAddress,
  },
  mplsRoute: {
    groups: [group.RTNLGRP_MPLS_ROUTE],
    new: newMplsRoute,
    delete: delMplsRoute,
    read: mplsRoute,
  },
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
