/** What the protocols of NETLINK_NETFILTER share (linux/netfilter/nfnetlink.h, linux/netfilter.h): struct nfgenmsg and numbers. */

import { be16, struct, u8 } from '../codec/index.js'
import { type Channel, type NetnsLike, type OpenNetns, type Operation, withChannel } from './operation.js'

/** linux/netlink.h */
export const NETLINK_NETFILTER = 12

/** withChannel() of this protocol. `sendBuffer`: bytes that one sendmsg has, where that may be more than usual. */
export function withNetfilter<T>(
  netns: NetnsLike | OpenNetns | undefined,
  work: (channel: Channel) => Operation<T>,
  sendBuffer?: number,
): Operation<T> {
  return withChannel(netns, work, NETLINK_NETFILTER, sendBuffer)
}

export const NFNL_SUBSYS_CTNETLINK = 1
export const NFNL_SUBSYS_CTNETLINK_EXP = 2
export const NFNL_SUBSYS_NFTABLES = 10
export const NFNL_SUBSYS_HOOK = 12

/** Multicast groups: enum nfnetlink_groups. */
export const NFNLGRP_CONNTRACK_NEW = 1
export const NFNLGRP_CONNTRACK_UPDATE = 2
export const NFNLGRP_CONNTRACK_DESTROY = 3
export const NFNLGRP_CONNTRACK_EXP_NEW = 4
export const NFNLGRP_CONNTRACK_EXP_DESTROY = 6
export const NFNLGRP_NFTABLES = 7
export const NFNLGRP_NFTRACE = 9

/** enum in linux/netfilter.h: families of netfilter; those of IP have the numbers of the socket families. */
export const NFPROTO_UNSPEC = 0
export const NFPROTO_INET = 1
export const NFPROTO_IPV4 = 2
export const NFPROTO_ARP = 3
export const NFPROTO_NETDEV = 5
export const NFPROTO_BRIDGE = 7
export const NFPROTO_IPV6 = 10

/** The header of every message: struct nfgenmsg. `version` is NFNETLINK_V0 (0). */
export const nfgenmsg = struct({ family: u8, version: u8, resId: be16 })

/** nlmsg_type of a message of a subsystem: NFNL_SUBSYS_* in the high byte. */
export function nfnlType(subsystem: number, type: number): number {
  return (subsystem << 8) | type
}
