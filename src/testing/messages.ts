import type { Message } from '../codec/index.js'
import { NETLINK_ROUTE } from '../netlink/constants.js'
import { NETLINK_NETFILTER } from '../netlink/netfilter.js'
import {
  delAddress,
  delAnycast,
  delMulticast,
  getAddress,
  getAnycast,
  getMulticast,
  newAddress,
  newAnycast,
  newMulticast,
} from '../rtnetlink/address/table.js'
import { delAddressLabel, getAddressLabel, newAddressLabel } from '../rtnetlink/address-label/table.js'
import { deleteBridgeLink, getBridgeLink, setBridgeLink } from '../rtnetlink/bridge/link-table.js'
import { delMdb, getMdb, newMdb } from '../rtnetlink/bridge/mdb/table.js'
import { delVlan, getVlan, newVlan } from '../rtnetlink/bridge/vlan/table.js'
import { AF_BRIDGE, AF_MPLS, RTNL_FAMILY_IP6MR, RTNL_FAMILY_IPMR } from '../rtnetlink/family.js'
import { getStats, newStats, setStats } from '../rtnetlink/link/stats-table.js'
import { delLink, delLinkProp, getLinkMessage, newLink, newLinkProp } from '../rtnetlink/link/table.js'
import { delMplsRoute, getMplsRoute, newMplsRoute } from '../rtnetlink/mpls/table.js'
import {
  delMulticastRoute,
  getMulticastRoute,
  newMulticastRoute,
} from '../rtnetlink/multicast-route/table.js'
import { delNeighbour, getNeighbour, newNeighbour } from '../rtnetlink/neighbour/table.js'
import {
  getNeighbourTableMessage,
  newNeighbourTable,
  setNeighbourTableMessage,
} from '../rtnetlink/neighbour-table/table.js'
import { delNetconf, getNetconfMessage, newNetconf } from '../rtnetlink/netconf/table.js'
import {
  delNexthop,
  delNexthopBucket,
  getNexthopBucketMessage,
  getNexthopMessage,
  newNexthop,
  newNexthopBucket,
} from '../rtnetlink/nexthop/table.js'
import { delNsid, getNsidMessage, newNsid } from '../rtnetlink/nsid/table.js'
import { delRoute, getRouteMessage, newRoute } from '../rtnetlink/route/table.js'
import { newNdUserOption, newPrefix } from '../rtnetlink/router-advertisement/table.js'
import { delRule, getRuleMessage, newRule } from '../rtnetlink/rule/table.js'
import { delTunnel, getTunnel, newTunnel } from '../rtnetlink/vxlan-vni/table.js'
import { netfilterMessages } from './netfilter-messages.js'

/** RTM_NEWMDB is the request: the kernel's answers have other attributes (MDBA_*). */
const routeMessages = {
  RTM_NEWLINK: newLink,
  RTM_DELLINK: delLink,
  RTM_GETLINK: getLinkMessage,
  RTM_SETLINK: setBridgeLink,
  RTM_NEWLINKPROP: newLinkProp,
  RTM_DELLINKPROP: delLinkProp,
  RTM_NEWSTATS: newStats,
  RTM_GETSTATS: getStats,
  RTM_SETSTATS: setStats,
  RTM_NEWADDR: newAddress,
  RTM_DELADDR: delAddress,
  RTM_GETADDR: getAddress,
  RTM_NEWADDRLABEL: newAddressLabel,
  RTM_DELADDRLABEL: delAddressLabel,
  RTM_GETADDRLABEL: getAddressLabel,
  RTM_NEWMULTICAST: newMulticast,
  RTM_DELMULTICAST: delMulticast,
  RTM_GETMULTICAST: getMulticast,
  RTM_NEWANYCAST: newAnycast,
  RTM_DELANYCAST: delAnycast,
  RTM_GETANYCAST: getAnycast,
  RTM_NEWROUTE: newRoute,
  RTM_DELROUTE: delRoute,
  RTM_GETROUTE: getRouteMessage,
  RTM_NEWNEIGH: newNeighbour,
  RTM_DELNEIGH: delNeighbour,
  RTM_GETNEIGH: getNeighbour,
  RTM_NEWNEIGHTBL: newNeighbourTable,
  RTM_GETNEIGHTBL: getNeighbourTableMessage,
  RTM_SETNEIGHTBL: setNeighbourTableMessage,
  RTM_NEWRULE: newRule,
  RTM_DELRULE: delRule,
  RTM_GETRULE: getRuleMessage,
  RTM_NEWNEXTHOP: newNexthop,
  RTM_DELNEXTHOP: delNexthop,
  RTM_GETNEXTHOP: getNexthopMessage,
  RTM_NEWNEXTHOPBUCKET: newNexthopBucket,
  RTM_DELNEXTHOPBUCKET: delNexthopBucket,
  RTM_GETNEXTHOPBUCKET: getNexthopBucketMessage,
  RTM_NEWVLAN: newVlan,
  RTM_DELVLAN: delVlan,
  RTM_GETVLAN: getVlan,
  RTM_NEWTUNNEL: newTunnel,
  RTM_DELTUNNEL: delTunnel,
  RTM_GETTUNNEL: getTunnel,
  RTM_NEWMDB: newMdb,
  RTM_DELMDB: delMdb,
  RTM_GETMDB: getMdb,
  RTM_NEWNETCONF: newNetconf,
  RTM_DELNETCONF: delNetconf,
  RTM_GETNETCONF: getNetconfMessage,
  RTM_NEWPREFIX: newPrefix,
  RTM_NEWNDUSEROPT: newNdUserOption,
  RTM_NEWNSID: newNsid,
  RTM_DELNSID: delNsid,
  RTM_GETNSID: getNsidMessage,
} as const

/** The messages that the library knows, by the kernel's names: for replies, and for reading requests. */
export const messages = { ...routeMessages, ...netfilterMessages }

const multicastRoutes: readonly Message[] = [newMulticastRoute, delMulticastRoute, getMulticastRoute]

/** Those that have other attributes in a family, the first byte of their fixed struct. */
const OF_FAMILY: Readonly<Record<number, readonly Message[]>> = {
  [AF_BRIDGE]: [getBridgeLink, deleteBridgeLink],
  [AF_MPLS]: [newMplsRoute, delMplsRoute, getMplsRoute],
  [RTNL_FAMILY_IPMR]: multicastRoutes,
  [RTNL_FAMILY_IP6MR]: multicastRoutes,
}

const PROTOCOLS: Readonly<Record<number, Readonly<Record<string, Message>>>> = {
  [NETLINK_ROUTE]: routeMessages,
  [NETLINK_NETFILTER]: netfilterMessages,
}
const byNumber = new Map<number, ReadonlyMap<number, Message>>()

/** The message of a number, which other protocols have for other ones, and a family; null where the library has no table of it. */
export function messageOf(protocol: number, type: number, family: number): Message | null {
  let known = byNumber.get(protocol)
  if (known === undefined) {
    known = new Map(Object.values(PROTOCOLS[protocol] ?? {}).map((message) => [message.number, message]))
    byNumber.set(protocol, known)
  }
  const special = protocol === NETLINK_ROUTE ? OF_FAMILY[family] : undefined
  return special?.find(({ number }) => number === type) ?? known.get(type) ?? null
}
