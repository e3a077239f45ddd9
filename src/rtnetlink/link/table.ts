/** RTM_NEWLINK, RTM_GETLINK and RTM_DELLINK: struct ifinfomsg (linux/rtnetlink.h) and enum IFLA_* (linux/if_link.h). */

import {
  alignedAttributes,
  attributes,
  bool8,
  bytes,
  enumeration,
  flagged,
  flags,
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
import { afSpecAttributes } from './af-spec.js'
import * as c from './constants.js'
import { kindTable, portTable } from './kinds/index.js'
import { linkStats, linkStats64 } from './stats.js'
import { uint, unterminated } from './types.js'
import { portAttributes, vfInfoListAttributes, vfPortsAttributes } from './vf.js'
import { xdpAttributes } from './xdp.js'

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

/** struct ifinfomsg */
export const ifinfomsg = struct({
  family: u8,
  pad: padding(1),
  type: u16,
  index: s32,
  flags: flags(u32, linkFlags),
  change: flags(u32, linkFlags),
})

/** struct rtnl_link_ifmap: where the device lies in the machine. */
export const linkMap = struct({
  memStart: u64,
  memEnd: u64,
  baseAddr: u64,
  irq: u16,
  dma: u8,
  port: u8,
  pad: padding(4),
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
/** What an interface can do at the moment (RFC 2863). */
export type OperState = keyof typeof operStates.numbers

/** linux/if.h, IF_LINK_MODE_*: what an interface becomes when its carrier comes. */
export const linkModes = names({ default: 0, dormant: 1, testing: 2 })
/**
 * What an interface becomes when its carrier comes: up, or 'dormant' or 'testing' until a program says more. IF_LINK_MODE_* of linux/if.h.
 */
export type LinkMode = keyof typeof linkModes.numbers

/** IFLA_EVENT_*: why a link is announced. */
export const linkEvents = names({
  none: 0,
  reboot: 1,
  features: 2,
  'bonding-failover': 3,
  'notify-peers': 4,
  'igmp-resend': 5,
  'bonding-options': 6,
})

/** Why a link is announced; 'none' is not sent. */
export type LinkEventReason = keyof typeof linkEvents.numbers

/** struct can_device_stats of linux/can/netlink.h, IFLA_INFO_XSTATS of kind 'can': no other kind has any. */
export const canDeviceStats = struct({
  busError: u32,
  errorWarning: u32,
  errorPassive: u32,
  busOff: u32,
  arbitrationLost: u32,
  restarts: u32,
})

/** enum IFLA_INFO_* */
export const linkinfoAttributes = attributes('IFLA_INFO', {
  kind: [c.IFLA_INFO_KIND, string],
  data: [c.IFLA_INFO_DATA, selected('kind', kindTable)],
  xstats: [c.IFLA_INFO_XSTATS, bytes],
  slaveKind: [c.IFLA_INFO_SLAVE_KIND, string],
  slaveData: [c.IFLA_INFO_SLAVE_DATA, selected('slaveKind', portTable)],
})

/** What IFLA_PROP_LIST holds. */
export const propertyAttributes = attributes('IFLA', { altIfname: [c.IFLA_ALT_IFNAME, repeated(text(127))] })

/** enum IFLA_PROTO_DOWN_REASON_* */
export const protoDownReasonAttributes = attributes('IFLA_PROTO_DOWN_REASON', {
  mask: [c.IFLA_PROTO_DOWN_REASON_MASK, u32],
  value: [c.IFLA_PROTO_DOWN_REASON_VALUE, u32],
})

/** linux/dpll.h: the synchronisation pin of the port. */
export const dpllPinAttributes = attributes('DPLL_A_PIN', { id: [1, u32] })

/** linux/devlink.h, the attributes by which devlink tells its ports apart (devlink_nl_port_handle_fill() of the kernel). */
export const devlinkPortAttributes = attributes('DEVLINK_ATTR', {
  busName: [1, string],
  devName: [2, string],
  portIndex: [3, u32],
})

/** enum IFLA_* */
export const linkAttributes = alignedAttributes('IFLA', c.IFLA_PAD, {
  address: [c.IFLA_ADDRESS, mac],
  broadcast: [c.IFLA_BROADCAST, mac],
  ifname: [c.IFLA_IFNAME, text(15)],
  mtu: [c.IFLA_MTU, u32],
  link: [c.IFLA_LINK, u32],
  qdisc: [c.IFLA_QDISC, string],
  stats: [c.IFLA_STATS, linkStats],
  cost: [c.IFLA_COST, string],
  priority: [c.IFLA_PRIORITY, string],
  master: [c.IFLA_MASTER, u32],
  wireless: [c.IFLA_WIRELESS, bytes],
  protinfo: [c.IFLA_PROTINFO, bytes],
  txqlen: [c.IFLA_TXQLEN, u32],
  map: [c.IFLA_MAP, linkMap],
  weight: [c.IFLA_WEIGHT, u32],
  operstate: [c.IFLA_OPERSTATE, enumeration(u8, operStates)],
  linkmode: [c.IFLA_LINKMODE, enumeration(u8, linkModes)],
  linkinfo: [c.IFLA_LINKINFO, nested(linkinfoAttributes)],
  netNsPid: [c.IFLA_NET_NS_PID, u32],
  // A NUL at the end would count as a character, and would not remove the alias.
  ifalias: [c.IFLA_IFALIAS, unterminated(255)],
  numVf: [c.IFLA_NUM_VF, u32],
  vfinfoList: [c.IFLA_VFINFO_LIST, nested(vfInfoListAttributes)],
  stats64: [c.IFLA_STATS64, linkStats64],
  vfPorts: [c.IFLA_VF_PORTS, nested(vfPortsAttributes)],
  portSelf: [c.IFLA_PORT_SELF, nested(portAttributes)],
  afSpec: [c.IFLA_AF_SPEC, nested(afSpecAttributes)],
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
  xdp: [c.IFLA_XDP, nested(xdpAttributes)],
  event: [c.IFLA_EVENT, enumeration(u32, linkEvents)],
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
  protoDownReason: [c.IFLA_PROTO_DOWN_REASON, flagged(nested(protoDownReasonAttributes))],
  parentDevName: [c.IFLA_PARENT_DEV_NAME, string],
  parentDevBusName: [c.IFLA_PARENT_DEV_BUS_NAME, string],
  groMaxSize: [c.IFLA_GRO_MAX_SIZE, u32],
  tsoMaxSize: [c.IFLA_TSO_MAX_SIZE, u32],
  tsoMaxSegs: [c.IFLA_TSO_MAX_SEGS, u32],
  allmulti: [c.IFLA_ALLMULTI, u32],
  devlinkPort: [c.IFLA_DEVLINK_PORT, nested(devlinkPortAttributes)],
  gsoIpv4MaxSize: [c.IFLA_GSO_IPV4_MAX_SIZE, u32],
  groIpv4MaxSize: [c.IFLA_GRO_IPV4_MAX_SIZE, u32],
  dpllPin: [c.IFLA_DPLL_PIN, nested(dpllPinAttributes)],
  maxPacingOffloadHorizon: [c.IFLA_MAX_PACING_OFFLOAD_HORIZON, uint],
  netnsImmutable: [c.IFLA_NETNS_IMMUTABLE, bool8],
  headroom: [c.IFLA_HEADROOM, u16],
  tailroom: [c.IFLA_TAILROOM, u16],
})

export const newLink = message('RTM_NEWLINK', c.RTM_NEWLINK, ifinfomsg, linkAttributes)
export const getLinkMessage = message('RTM_GETLINK', c.RTM_GETLINK, ifinfomsg, linkAttributes)
export const delLink = message('RTM_DELLINK', c.RTM_DELLINK, ifinfomsg, linkAttributes)
export const newLinkProp = message('RTM_NEWLINKPROP', c.RTM_NEWLINKPROP, ifinfomsg, linkAttributes)
export const delLinkProp = message('RTM_DELLINKPROP', c.RTM_DELLINKPROP, ifinfomsg, linkAttributes)
