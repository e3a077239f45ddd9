import { delAddress, getAddress, newAddress } from '../rtnetlink/address/table.js'
import { setBridgeLink } from '../rtnetlink/bridge/link-table.js'
import { delMdb, getMdb, newMdb } from '../rtnetlink/bridge/mdb/table.js'
import { getVlan, newVlan } from '../rtnetlink/bridge/vlan/table.js'
import { delLink, delLinkProp, getLinkMessage, newLink, newLinkProp } from '../rtnetlink/link/table.js'
import { delNeighbour, getNeighbour, newNeighbour } from '../rtnetlink/neighbour/table.js'
import { delNexthop, getNexthopMessage, newNexthop } from '../rtnetlink/nexthop/table.js'
import { delNsid, getNsidMessage, newNsid } from '../rtnetlink/nsid/table.js'
import { delRoute, getRouteMessage, newRoute } from '../rtnetlink/route/table.js'
import { delRule, getRuleMessage, newRule } from '../rtnetlink/rule/table.js'

/**
 * The messages of NETLINK_ROUTE that the library knows, by the kernel's names: for replies, and for reading requests. RTM_NEWMDB is the
 * request: the kernel's answers have other attributes (MDBA_*).
 */
export const messages = {
  RTM_NEWLINK: newLink,
  RTM_DELLINK: delLink,
  RTM_GETLINK: getLinkMessage,
  RTM_SETLINK: setBridgeLink,
  RTM_NEWLINKPROP: newLinkProp,
  RTM_DELLINKPROP: delLinkProp,
  RTM_NEWADDR: newAddress,
  RTM_DELADDR: delAddress,
  RTM_GETADDR: getAddress,
  RTM_NEWROUTE: newRoute,
  RTM_DELROUTE: delRoute,
  RTM_GETROUTE: getRouteMessage,
  RTM_NEWNEIGH: newNeighbour,
  RTM_DELNEIGH: delNeighbour,
  RTM_GETNEIGH: getNeighbour,
  RTM_NEWRULE: newRule,
  RTM_DELRULE: delRule,
  RTM_GETRULE: getRuleMessage,
  RTM_NEWNEXTHOP: newNexthop,
  RTM_DELNEXTHOP: delNexthop,
  RTM_GETNEXTHOP: getNexthopMessage,
  RTM_NEWVLAN: newVlan,
  RTM_GETVLAN: getVlan,
  RTM_NEWMDB: newMdb,
  RTM_DELMDB: delMdb,
  RTM_GETMDB: getMdb,
  RTM_NEWNSID: newNsid,
  RTM_DELNSID: delNsid,
  RTM_GETNSID: getNsidMessage,
} as const
