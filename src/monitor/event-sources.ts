/** How each event of a monitor is read: a table of groups. */

import type { Message } from '../codec/index.js'
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_REPLACE } from '../netlink/constants.js'
import { flagsOf } from '../netlink/nlmsg.js'
import { readAddress } from '../rtnetlink/address/address.js'
import { readAnycast, readMulticast } from '../rtnetlink/address/joined.js'
import {
  delAddress,
  delAnycast,
  delMulticast,
  newAddress,
  newAnycast,
  newMulticast,
} from '../rtnetlink/address/table.js'
import { readFdbEntry } from '../rtnetlink/bridge/fdb/entry.js'
import { readMdbEvent } from '../rtnetlink/bridge/mdb/entry.js'
import { delMdb, newMdb } from '../rtnetlink/bridge/mdb/table.js'
import { readBridgePort } from '../rtnetlink/bridge/port/port.js'
import { delVlan, newVlan } from '../rtnetlink/bridge/vlan/table.js'
import { readVlanEvent } from '../rtnetlink/bridge/vlan/vlan.js'
import { AF_BRIDGE, AF_INET6, AF_UNSPEC, familyName } from '../rtnetlink/family.js'
import * as group from '../rtnetlink/groups.js'
import { readInet6 } from '../rtnetlink/link/inet6.js'
import { isWirelessEvent, readLink } from '../rtnetlink/link/link.js'
import { readOffload } from '../rtnetlink/link/offload-stats.js'
import { newStats, readStatsGroups } from '../rtnetlink/link/stats-table.js'
import { delLink, newLink } from '../rtnetlink/link/table.js'
import { readMplsRoute } from '../rtnetlink/mpls/mpls-route.js'
import { delMplsRoute, newMplsRoute } from '../rtnetlink/mpls/table.js'
import { readMulticastRoute } from '../rtnetlink/multicast-route/multicast-route.js'
import { delMulticastRoute, newMulticastRoute } from '../rtnetlink/multicast-route/table.js'
import { readNeighbour, readNeighbourMiss } from '../rtnetlink/neighbour/neighbour.js'
import { delNeighbour, getNeighbour, newNeighbour } from '../rtnetlink/neighbour/table.js'
import { readNetconf } from '../rtnetlink/netconf/netconf.js'
import { delNetconf, newNetconf } from '../rtnetlink/netconf/table.js'
import { readBucket } from '../rtnetlink/nexthop/bucket.js'
import { readNexthop } from '../rtnetlink/nexthop/nexthop.js'
import { delNexthop, newNexthop, newNexthopBucket } from '../rtnetlink/nexthop/table.js'
import { readNsid } from '../rtnetlink/nsid/request.js'
import { delNsid, newNsid } from '../rtnetlink/nsid/table.js'
import { deletionReason, readRoute } from '../rtnetlink/route/route.js'
import { delRoute, newRoute } from '../rtnetlink/route/table.js'
import { readNdUserOptions } from '../rtnetlink/router-advertisement/nd-user-option.js'
import { readPrefix } from '../rtnetlink/router-advertisement/prefix.js'
import { newNdUserOption, newPrefix } from '../rtnetlink/router-advertisement/table.js'
import { readRule } from '../rtnetlink/rule/rule.js'
import { delRule, newRule } from '../rtnetlink/rule/table.js'
import { delTunnel, newTunnel } from '../rtnetlink/vxlan-vni/table.js'
import { readVxlanVnis } from '../rtnetlink/vxlan-vni/vni.js'
import type { NameOf } from '../socket/event-socket.js'
import type { EventAction, MonitorEvent, MonitorGroup, RouteEvent } from './events.js'

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
  // The same group has the state of bridge ports (bridgePort).
  if (bytes[start] !== AF_UNSPEC || isWirelessEvent(bytes, start, end)) return null
  return { type: 'link', action, link: readLink(bytes, start, end) }
}

const inet6: Read = (_action, bytes, start, end) => {
  if (bytes[start] !== AF_INET6) return null
  return { type: 'inet6', inet6: readInet6(bytes, start, end) }
}

const linkStats: Read = (_action, bytes, start, end, nameOf) => {
  const { ifindex, groups } = readStatsGroups(bytes, start, end)
  return { type: 'linkStats', linkStats: { ifindex, dev: nameOf(ifindex), offload: readOffload(groups) } }
}

const address: Read = (action, bytes, start, end, nameOf) => {
  const found = readAddress(bytes, start, end, nameOf)
  return found && { type: 'address', action, address: found }
}

const route: Read = (action, bytes, start, end, nameOf) => {
  // Multicast routes have the same messages.
  if (familyName(bytes[start]!) === null) return null
  const change = changeOf(flagsOf(bytes, start))
  const reason = action === 'delete' ? deletionReason(bytes, start, end) : null
  return { type: 'route', action, change, reason, route: readRoute(bytes, start, end, nameOf) }
}

function changeOf(flags: number): RouteEvent['change'] {
  if (flags & NLM_F_REPLACE) return 'replace'
  if (flags & NLM_F_APPEND) return 'append'
  return flags & NLM_F_CREATE ? 'add' : null
}

const neighbour: Read = (action, bytes, start, end, nameOf) => {
  const found = readNeighbour(bytes, start, end, nameOf)
  return found && { type: 'neighbour', action, neighbour: found }
}

const neighbourMiss: Read = (_action, bytes, start, end, nameOf) => ({
  type: 'neighbourMiss',
  neighbourMiss: readNeighbourMiss(bytes, start, end, nameOf),
})

const fdb: Read = (action, bytes, start, end, nameOf) => {
  // Neighbours have the same messages and group.
  if (bytes[start] !== AF_BRIDGE) return null
  return { type: 'fdb', action, entry: readFdbEntry(bytes, start, end, nameOf) }
}

const mdb: Read = (action, bytes, start, end, nameOf) => ({
  type: 'mdb',
  action,
  ...readMdbEvent(bytes, start, end, nameOf),
})

const bridgePort: Read = (action, bytes, start, end, nameOf) => {
  if (bytes[start] !== AF_BRIDGE) return null
  const port = readBridgePort(bytes, start, end, nameOf, action === 'delete')
  return port && { type: 'bridgePort', action, port }
}

const bridgeVlan: Read = (action, bytes, start, end, nameOf) => ({
  type: 'bridgeVlan',
  action,
  ...readVlanEvent(bytes, start, end, nameOf),
})

const vxlanVni: Read = (action, bytes, start, end, nameOf) => ({
  type: 'vxlanVni',
  action,
  vnis: readVxlanVnis(bytes, start, end, nameOf, false),
})

const multicastAddress: Read = (action, bytes, start, end, nameOf) => {
  const found = readMulticast(bytes, start, end, nameOf)
  return found && { type: 'multicastAddress', action, multicastAddress: found }
}

const anycastAddress: Read = (action, bytes, start, end, nameOf) => {
  const found = readAnycast(bytes, start, end, nameOf)
  return found && { type: 'anycastAddress', action, anycastAddress: found }
}

const mplsRoute: Read = (action, bytes, start, end, nameOf) => {
  const found = readMplsRoute(bytes, start, end, nameOf)
  return found && { type: 'mplsRoute', action, mplsRoute: found }
}

const rule: Read = (action, bytes, start, end) => {
  const found = readRule(bytes, start, end)
  return found && { type: 'rule', action, rule: found }
}

const nexthop: Read = (action, bytes, start, end, nameOf) => ({
  type: 'nexthop',
  action,
  nexthop: readNexthop(bytes, start, end, nameOf),
})

const nexthopBucket: Read = (_action, bytes, start, end) => ({
  type: 'nexthopBucket',
  nexthopBucket: readBucket(bytes, start, end),
})

const multicastRoute: Read = (action, bytes, start, end, nameOf) => {
  const found = readMulticastRoute(bytes, start, end, nameOf)
  return found && { type: 'multicastRoute', action, multicastRoute: found }
}

const netconf: Read = (action, bytes, start, end, nameOf) => {
  const found = readNetconf(bytes, start, end, nameOf)
  return found && { type: 'netconf', action, netconf: found }
}

const prefix: Read = (_action, bytes, start, end, nameOf) => {
  const found = readPrefix(bytes, start, end, nameOf)
  return found && { type: 'prefix', prefix: found }
}

const ndUserOptions: Read = (_action, bytes, start, end, nameOf) => {
  const found = readNdUserOptions(bytes, start, end, nameOf)
  return found && { type: 'ndUserOptions', ndUserOptions: found }
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
  neighbourMiss: { groups: [group.RTNLGRP_NEIGH], new: getNeighbour, read: neighbourMiss },
  fdb: { groups: [group.RTNLGRP_NEIGH], new: newNeighbour, delete: delNeighbour, read: fdb },
  mdb: { groups: [group.RTNLGRP_MDB], new: newMdb, delete: delMdb, read: mdb },
  bridgePort: { groups: [group.RTNLGRP_LINK], new: newLink, delete: delLink, read: bridgePort },
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
  nexthopBucket: { groups: [group.RTNLGRP_NEXTHOP], new: newNexthopBucket, read: nexthopBucket },
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
  linkStats: { groups: [group.RTNLGRP_STATS], new: newStats, read: linkStats },
  inet6: { groups: [group.RTNLGRP_IPV6_IFINFO], new: newLink, read: inet6 },
  prefix: { groups: [group.RTNLGRP_IPV6_PREFIX], new: newPrefix, read: prefix },
  ndUserOptions: { groups: [group.RTNLGRP_ND_USEROPT], new: newNdUserOption, read: ndUserOptions },
  nsid: { groups: [group.RTNLGRP_NSID], new: newNsid, delete: delNsid, read: nsid },
}
