/** RTM_NEWLINK, RTM_GETLINK and RTM_DELLINK: struct ifinfomsg (linux/rtnetlink.h) and enum IFLA_* (linux/if_link.h). */

import {
  attributes,
  bool8,
  bytes,
  enumeration,
  flagged,
  mac,
  message,
  names,
  nested,
  padding,
  repeated,
  s32,
  selected,
  string,
  struct,
  text,
  u8,
  u16,
  u32,
  u64,
} from '../../codec/index.js'
import * as c from './constants.js'
import { kindTable, portTable } from './kinds/index.js'

export const ifinfomsg = struct({
  family: u8,
  pad: padding(1),
  type: u16,
  index: s32,
  flags: u32,
  change: u32,
})

/** struct rtnl_link_stats64 (linux/if_link.h): packets and bytes since the interface was made. */
export const linkStats64 = struct({
  rxPackets: u64,
  txPackets: u64,
  rxBytes: u64,
  txBytes: u64,
  rxErrors: u64,
  txErrors: u64,
  rxDropped: u64,
  txDropped: u64,
  multicast: u64,
  collisions: u64,
  rxLengthErrors: u64,
  rxOverErrors: u64,
  rxCrcErrors: u64,
  rxFrameErrors: u64,
  rxFifoErrors: u64,
  rxMissedErrors: u64,
  txAbortedErrors: u64,
  txCarrierErrors: u64,
  txFifoErrors: u64,
  txHeartbeatErrors: u64,
  txWindowErrors: u64,
  rxCompressed: u64,
  txCompressed: u64,
  rxNohandler: u64,
  rxOtherhostDropped: u64,
})

/** RFC 2863, linux/if.h */
export const operStates = names({
  unknown: 0,
  notpresent: 1,
  down: 2,
  lowerlayerdown: 3,
  testing: 4,
  dormant: 5,
  up: 6,
})

/** Interface flags as `ip link` prints them (linux/if.h). */
export const linkFlags = names({
  up: c.IFF_UP,
  broadcast: c.IFF_BROADCAST,
  debug: c.IFF_DEBUG,
  loopback: c.IFF_LOOPBACK,
  pointopoint: c.IFF_POINTOPOINT,
  notrailers: c.IFF_NOTRAILERS,
  running: c.IFF_RUNNING,
  noarp: c.IFF_NOARP,
  promisc: c.IFF_PROMISC,
  allmulti: c.IFF_ALLMULTI,
  master: c.IFF_MASTER,
  slave: c.IFF_SLAVE,
  multicast: c.IFF_MULTICAST,
  portsel: c.IFF_PORTSEL,
  automedia: c.IFF_AUTOMEDIA,
  dynamic: c.IFF_DYNAMIC,
  'lower-up': c.IFF_LOWER_UP,
  dormant: c.IFF_DORMANT,
  echo: c.IFF_ECHO,
})

export const linkinfoAttributes = attributes('IFLA_INFO', {
  kind: [c.IFLA_INFO_KIND, string],
  data: [c.IFLA_INFO_DATA, selected('kind', kindTable)],
  xstats: [c.IFLA_INFO_XSTATS, bytes],
  slaveKind: [c.IFLA_INFO_SLAVE_KIND, string],
  slaveData: [c.IFLA_INFO_SLAVE_DATA, selected('slaveKind', portTable)],
})

const propertyAttributes = attributes('IFLA', { altIfname: [c.IFLA_ALT_IFNAME, repeated(text(127))] })

export const linkAttributes = attributes('IFLA', {
  address: [c.IFLA_ADDRESS, mac],
  broadcast: [c.IFLA_BROADCAST, mac],
  ifname: [c.IFLA_IFNAME, text(15)],
  mtu: [c.IFLA_MTU, u32],
  link: [c.IFLA_LINK, u32],
  qdisc: [c.IFLA_QDISC, string],
  stats: [c.IFLA_STATS, bytes],
  master: [c.IFLA_MASTER, u32],
  protinfo: [c.IFLA_PROTINFO, bytes],
  txqlen: [c.IFLA_TXQLEN, u32],
  map: [c.IFLA_MAP, bytes],
  operstate: [c.IFLA_OPERSTATE, enumeration(u8, operStates)],
  linkmode: [c.IFLA_LINKMODE, u8],
  linkinfo: [c.IFLA_LINKINFO, nested(linkinfoAttributes)],
  netNsPid: [c.IFLA_NET_NS_PID, u32],
  ifalias: [c.IFLA_IFALIAS, text(255)],
  numVf: [c.IFLA_NUM_VF, u32],
  stats64: [c.IFLA_STATS64, linkStats64],
  afSpec: [c.IFLA_AF_SPEC, bytes],
  group: [c.IFLA_GROUP, u32],
  netNsFd: [c.IFLA_NET_NS_FD, u32],
  extMask: [c.IFLA_EXT_MASK, u32],
  promiscuity: [c.IFLA_PROMISCUITY, u32],
  numTxQueues: [c.IFLA_NUM_TX_QUEUES, u32],
  numRxQueues: [c.IFLA_NUM_RX_QUEUES, u32],
  carrier: [c.IFLA_CARRIER, bool8],
  physPortId: [c.IFLA_PHYS_PORT_ID, bytes],
  carrierChanges: [c.IFLA_CARRIER_CHANGES, u32],
  physSwitchId: [c.IFLA_PHYS_SWITCH_ID, bytes],
  linkNetnsid: [c.IFLA_LINK_NETNSID, s32],
  physPortName: [c.IFLA_PHYS_PORT_NAME, string],
  protoDown: [c.IFLA_PROTO_DOWN, bool8],
  gsoMaxSegs: [c.IFLA_GSO_MAX_SEGS, u32],
  gsoMaxSize: [c.IFLA_GSO_MAX_SIZE, u32],
  event: [c.IFLA_EVENT, u32],
  newNetnsid: [c.IFLA_NEW_NETNSID, s32],
  targetNetnsid: [c.IFLA_TARGET_NETNSID, s32],
  carrierUpCount: [c.IFLA_CARRIER_UP_COUNT, u32],
  carrierDownCount: [c.IFLA_CARRIER_DOWN_COUNT, u32],
  newIfindex: [c.IFLA_NEW_IFINDEX, s32],
  minMtu: [c.IFLA_MIN_MTU, u32],
  maxMtu: [c.IFLA_MAX_MTU, u32],
  propList: [c.IFLA_PROP_LIST, flagged(nested(propertyAttributes))],
  altIfname: [c.IFLA_ALT_IFNAME, text(127)],
  permAddress: [c.IFLA_PERM_ADDRESS, mac],
  parentDevName: [c.IFLA_PARENT_DEV_NAME, string],
  parentDevBusName: [c.IFLA_PARENT_DEV_BUS_NAME, string],
  groMaxSize: [c.IFLA_GRO_MAX_SIZE, u32],
  tsoMaxSize: [c.IFLA_TSO_MAX_SIZE, u32],
  tsoMaxSegs: [c.IFLA_TSO_MAX_SEGS, u32],
  allmulti: [c.IFLA_ALLMULTI, u32],
  gsoIpv4MaxSize: [c.IFLA_GSO_IPV4_MAX_SIZE, u32],
  groIpv4MaxSize: [c.IFLA_GRO_IPV4_MAX_SIZE, u32],
  netnsImmutable: [c.IFLA_NETNS_IMMUTABLE, bool8],
})

export const newLink = message('RTM_NEWLINK', c.RTM_NEWLINK, ifinfomsg, linkAttributes)
export const getLinkMessage = message('RTM_GETLINK', c.RTM_GETLINK, ifinfomsg, linkAttributes)
export const delLink = message('RTM_DELLINK', c.RTM_DELLINK, ifinfomsg, linkAttributes)
export const newLinkProp = message('RTM_NEWLINKPROP', c.RTM_NEWLINKPROP, ifinfomsg, linkAttributes)
export const delLinkProp = message('RTM_DELLINKPROP', c.RTM_DELLINKPROP, ifinfomsg, linkAttributes)
