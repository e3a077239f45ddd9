/**
 * A message that the library does not know, from a table of one's own: how a namespace forwards IPv4 packets, for each interface
 * (RTM_GETNETCONF, as `ip netconf`), and every change of it.
 */
import { type NetnsLike, openNetlinkSocket } from 'netlink-ts'
import { attributes, message, s32, struct, u8 } from 'netlink-ts/codec'

const AF_INET = 2
/** linux/rtnetlink.h */
const NETLINK_ROUTE = 0
const RTNLGRP_IPV4_NETCONF = 24

/** linux/netconf.h: struct netconfmsg and enum NETCONFA_*. */
const netconfmsg = struct({ family: u8 })
const netconf = attributes('NETCONFA', {
  ifindex: [1, s32],
  forwarding: [2, s32],
  rpFilter: [3, s32],
})
const newNetconf = message('RTM_NEWNETCONF', 80, netconfmsg, netconf)
const getNetconf = message('RTM_GETNETCONF', 82, netconfmsg, netconf)

/** Whether each interface forwards, by ifindex; -1 stands for all together, -2 for interfaces yet to come. */
export async function forwarding(netns: NetnsLike): Promise<Map<number, boolean>> {
  await using socket = await openNetlinkSocket(NETLINK_ROUTE, { netns })
  const answers = await socket.dump(getNetconf, { header: { family: AF_INET }, attributes: {} })
  return new Map(answers.map(({ attributes: of }) => [of.ifindex ?? 0, of.forwarding === 1]))
}

/** The reverse path filter of one interface: 0, 1 or 2. */
export async function rpFilter(netns: NetnsLike, ifindex: number): Promise<number | undefined> {
  await using socket = await openNetlinkSocket(NETLINK_ROUTE, { netns })
  const body = { header: { family: AF_INET }, attributes: { ifindex } }
  const [answer] = await socket.request(getNetconf, body)
  return answer?.attributes.rpFilter
}

/** Every change from the call on: `for await (const event of await watchNetconf('red'))`. The subscription outlives the socket. */
export async function watchNetconf(netns: NetnsLike) {
  await using socket = await openNetlinkSocket(NETLINK_ROUTE, { netns })
  return await socket.subscribe([RTNLGRP_IPV4_NETCONF], [newNetconf])
}
