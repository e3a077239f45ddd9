/** The events of a monitor. */

import type { OneOf } from '../codec/index.js'
import type { Address } from '../rtnetlink/address/address.js'
import type { AnycastAddress, MulticastAddress } from '../rtnetlink/address/joined.js'
import type { FdbEntry } from '../rtnetlink/bridge/fdb/entry.js'
import type { MdbEntry, MdbRouterPort } from '../rtnetlink/bridge/mdb/entry.js'
import type { BridgePort } from '../rtnetlink/bridge/port/port.js'
import type { BridgeVlan, GlobalBridgeVlan } from '../rtnetlink/bridge/vlan/vlan.js'
import type { InterfaceInet6 } from '../rtnetlink/link/inet6.js'
import type { Link } from '../rtnetlink/link/link.js'
import type { InterfaceOffload } from '../rtnetlink/link/offload-stats.js'
import type { MplsRoute } from '../rtnetlink/mpls/mpls-route.js'
import type { MulticastRoute } from '../rtnetlink/multicast-route/multicast-route.js'
import type { Neighbour, NeighbourMiss } from '../rtnetlink/neighbour/neighbour.js'
import type { Netconf } from '../rtnetlink/netconf/netconf.js'
import type { NexthopBucket } from '../rtnetlink/nexthop/bucket.js'
import type { Nexthop } from '../rtnetlink/nexthop/nexthop.js'
import type { Route, RouteDeletionReason } from '../rtnetlink/route/route.js'
import type { NdUserOptions } from '../rtnetlink/router-advertisement/nd-user-option.js'
import type { AdvertisedPrefix } from '../rtnetlink/router-advertisement/prefix.js'
import type { Rule } from '../rtnetlink/rule/rule.js'
import type { VxlanVni } from '../rtnetlink/vxlan-vni/vni.js'
import type { ResyncEvent } from '../socket/event-socket.js'

/** 'new': it was made, or it changed. 'delete': it is gone; the event shows it as it was. */
export type EventAction = 'new' | 'delete'

/**
 * An interface was made or changed (RTM_NEWLINK), or is gone (RTM_DELLINK). The kernel does not tell of everything that a list would show: the
 * first event of a veth pair's first end has no `link` yet; nothing is told of `alias`, `group` and the carrier of an interface that is
 * down, of `promiscuity`, of `headroom` and `tsoMaxSize`, which a bridge and its ports inherit from each other, and of a port's `portData`.
 */
export interface LinkEvent {
  readonly type: 'link'
  readonly action: EventAction
  readonly link: Link
}

/**
 * What IPv6 keeps of an interface was changed (RTM_NEWLINK of AF_INET6): by routers that advertise, for which `ra_managed` and `ra_othercnf`
 * stand in its flags, by its coming up, by its token. Of single settings `netconf` tells.
 */
export interface Inet6Event {
  readonly type: 'inet6'
  readonly inet6: InterfaceInet6
}

/**
 * What is to be counted in the hardware of an interface was changed (RTM_NEWSTATS), by setLinkStats() or by a driver that begins or ends to
 * count; the counters themselves are those of getLinkStats(). Linux 5.18.
 */
export interface LinkStatsEvent {
  readonly type: 'linkStats'
  readonly linkStats: InterfaceOffload
}

/** An interface got an address or it changed (RTM_NEWADDR), or lost it (RTM_DELADDR). */
export interface AddressEvent {
  readonly type: 'address'
  readonly action: EventAction
  readonly address: Address
}

/**
 * A route was put into a table (RTM_NEWROUTE) or taken out (RTM_DELROUTE). Of IPv4 routes that go together with an interface, or because
 * it goes down, or with their nexthop object, the kernel tells nothing, nor before Linux 6.6 of those that go with their source address:
 * list again when `link`, `nexthop` or `address` tells of it.
 */
export interface RouteEvent {
  readonly type: 'route'
  readonly action: EventAction
  /**
   * How a new one came. 'replace': in the place of another to the same destination, of which no 'delete' is told. 'append': behind such others;
   * IPv6 makes one route with several nexthops of them, which is told whole. Null for a 'delete', and where flags alone have changed.
   */
  readonly change: 'add' | 'append' | 'replace' | null
  /**
   * Why the kernel deleted an IPv6 route by itself: its time was over ('expired'), or its router took it back ('ra-withdrawn'). Null where
   * nothing is told of it, as of every 'new' and before Linux 7.3.
   */
  readonly reason: OneOf<RouteDeletionReason> | null
  readonly route: Route
}

/**
 * An entry of the ARP or NDP table is new or changed (RTM_NEWNEIGH), or is gone (RTM_DELNEIGH). Of those that the kernel makes for multicast
 * groups (`type: 'multicast'`) nothing is told.
 */
export interface NeighbourEvent {
  readonly type: 'neighbour'
  readonly action: EventAction
  readonly neighbour: Neighbour
}

/**
 * The kernel has something to send and asks programs where it goes (RTM_GETNEIGH): a vxlan device made with `l2miss` or `l3miss`, and the
 * ARP and NDP tables of interfaces whose parameter `appProbes` is not 0. addNeighbour() or addFdbEntry() answers.
 */
export interface NeighbourMissEvent {
  readonly type: 'neighbourMiss'
  readonly neighbourMiss: NeighbourMiss
}

/**
 * An entry of a forwarding table is new or changed (RTM_NEWNEIGH of the family AF_BRIDGE), or is gone (RTM_DELNEIGH): of a bridge, which
 * learns and forgets by itself, or of a vxlan device. Nothing is told of entries of an interface itself (`self`) that go with it, of the addresses and groups that an
 * interface listens to, nor where a bridge's entry for the address of one of its ports becomes that of another port; a vxlan device's entry
 * that is replaced has no 'delete'. One that a program adds to a vxlan device, or deletes from it, Linux before 6.13 tells
 * twice, the second time without `dst`, `port` and `vni`.
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
 * A port of a bridge came or changed, its state in the spanning tree say (RTM_NEWLINK of the family AF_BRIDGE), or has left its bridge
 * (RTM_DELLINK): then `data` is empty.
 */
export interface BridgePortEvent {
  readonly type: 'bridgePort'
  readonly action: EventAction
  readonly port: BridgePort
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

/**
 * A routing rule was added (RTM_NEWRULE) or deleted (RTM_DELRULE), one of multicast routing too. That its interface comes or goes (the flags
 * 'iif-detached' and 'oif-detached') is not told.
 */
export interface RuleEvent {
  readonly type: 'rule'
  readonly action: EventAction
  readonly rule: Rule
}

/**
 * A nexthop object was made or changed (RTM_NEWNEXTHOP), or deleted (RTM_DELNEXTHOP). Of those that go with their interface, or because it goes
 * down or loses its carrier, nothing is told, nor of the groups that lose them: list again when `link` tells of it.
 */
export interface NexthopEvent {
  readonly type: 'nexthop'
  readonly action: EventAction
  readonly nexthop: Nexthop
}

/**
 * A bucket of a resilient group has gone over to another member because it was idle, or the group out of balance for too long
 * (RTM_NEWNEXTHOPBUCKET). Of those that go over at once when the group is changed the kernel tells nothing. Linux 5.13.
 */
export interface NexthopBucketEvent {
  readonly type: 'nexthopBucket'
  readonly nexthopBucket: NexthopBucket
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

/** What a monitor tells; `type` says which it is. See monitor(), rtnetlink(7). */
export type MonitorEvent =
  | LinkEvent
  | LinkStatsEvent
  | Inet6Event
  | AddressEvent
  | RouteEvent
  | NeighbourEvent
  | NeighbourMissEvent
  | FdbEvent
  | MdbEvent
  | BridgePortEvent
  | BridgeVlanEvent
  | VxlanVniEvent
  | MulticastAddressEvent
  | AnycastAddressEvent
  | MplsRouteEvent
  | RuleEvent
  | NexthopEvent
  | NexthopBucketEvent
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
