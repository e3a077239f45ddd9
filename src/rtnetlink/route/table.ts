/** RTM_NEWROUTE, RTM_GETROUTE and RTM_DELROUTE: struct rtmsg and enum RTA_* (linux/rtnetlink.h). */

import {
  alignedAttributes,
  attributes,
  be16,
  be32,
  bytes,
  enumeration,
  flags,
  ip,
  message,
  names,
  nested,
  s32,
  string,
  struct,
  u8,
  u32,
  u64,
} from '../../codec/index.js'
import * as c from './constants.js'
import { encap, encapType } from './encap/table.js'
import { eighths, multipathOf, quarters, via } from './types.js'

export { type IpProtocol, ipProtocols } from '../../netlink/protocols.js'

/** RTN_*, as `ip route` prints them. */
export const routeTypes = names({
  unspec: c.RTN_UNSPEC,
  unicast: c.RTN_UNICAST,
  local: c.RTN_LOCAL,
  broadcast: c.RTN_BROADCAST,
  anycast: c.RTN_ANYCAST,
  multicast: c.RTN_MULTICAST,
  blackhole: c.RTN_BLACKHOLE,
  unreachable: c.RTN_UNREACHABLE,
  prohibit: c.RTN_PROHIBIT,
  throw: c.RTN_THROW,
  nat: c.RTN_NAT,
  xresolve: c.RTN_XRESOLVE,
})

/** RTPROT_*, who made a route, as `ip route` prints them; other numbers belong to other programs. */
export const routeProtocols = names({
  unspec: c.RTPROT_UNSPEC,
  redirect: c.RTPROT_REDIRECT,
  kernel: c.RTPROT_KERNEL,
  boot: c.RTPROT_BOOT,
  static: c.RTPROT_STATIC,
  gated: c.RTPROT_GATED,
  ra: c.RTPROT_RA,
  mrt: c.RTPROT_MRT,
  zebra: c.RTPROT_ZEBRA,
  bird: c.RTPROT_BIRD,
  dnrouted: c.RTPROT_DNROUTED,
  xorp: c.RTPROT_XORP,
  ntk: c.RTPROT_NTK,
  dhcp: c.RTPROT_DHCP,
  mrouted: c.RTPROT_MROUTED,
  keepalived: c.RTPROT_KEEPALIVED,
  babel: c.RTPROT_BABEL,
  ovn: c.RTPROT_OVN,
  openr: c.RTPROT_OPENR,
  bgp: c.RTPROT_BGP,
  isis: c.RTPROT_ISIS,
  ospf: c.RTPROT_OSPF,
  rip: c.RTPROT_RIP,
  eigrp: c.RTPROT_EIGRP,
})

/** enum rt_scope_t, as `ip route` prints it: how far away the destination is. */
export const routeScopes = names({
  global: c.RT_SCOPE_UNIVERSE,
  site: c.RT_SCOPE_SITE,
  link: c.RT_SCOPE_LINK,
  host: c.RT_SCOPE_HOST,
  nowhere: c.RT_SCOPE_NOWHERE,
})

/** RTNH_F_* */
export const nexthopFlags = names({
  dead: c.RTNH_F_DEAD,
  pervasive: c.RTNH_F_PERVASIVE,
  onlink: c.RTNH_F_ONLINK,
  offload: c.RTNH_F_OFFLOAD,
  linkdown: c.RTNH_F_LINKDOWN,
  unresolved: c.RTNH_F_UNRESOLVED,
  trap: c.RTNH_F_TRAP,
})

/** rtm_flags: RTNH_F_* of the only nexthop, RTM_F_* of the route. */
const commonFlags = {
  ...nexthopFlags.numbers,
  notify: c.RTM_F_NOTIFY,
  cloned: c.RTM_F_CLONED,
  equalize: c.RTM_F_EQUALIZE,
  prefix: c.RTM_F_PREFIX,
  'lookup-table': c.RTM_F_LOOKUP_TABLE,
  'fib-match': c.RTM_F_FIB_MATCH,
  'rt-offload': c.RTM_F_OFFLOAD,
  'rt-trap': c.RTM_F_TRAP,
}
export const routeFlags = names({ ...commonFlags, 'rt-offload-failed': c.RTM_F_OFFLOAD_FAILED })

/** rtm_flags of the answer to a lookup, whose RTCF_* share bits with flags of a table's routes. */
export const lookupFlags = names({
  ...commonFlags,
  'cache-notify': c.RTCF_NOTIFY,
  'direct-dst': c.RTCF_DIRECTDST,
  redirected: c.RTCF_REDIRECTED,
  tproxy: c.RTCF_TPROXY,
  broadcast: c.RTCF_BROADCAST,
  multicast: c.RTCF_MULTICAST,
  reject: c.RTCF_REJECT,
  local: c.RTCF_LOCAL,
})

/** RFC 4191; linux/icmpv6.h */
export const routePreferences = names({
  low: c.ICMPV6_ROUTER_PREF_LOW,
  medium: c.ICMPV6_ROUTER_PREF_MEDIUM,
  high: c.ICMPV6_ROUTER_PREF_HIGH,
  invalid: c.ICMPV6_ROUTER_PREF_INVALID,
})

/** RTAX_FEATURE_* */
export const metricFeatures = names({
  ecn: c.RTAX_FEATURE_ECN,
  sack: c.RTAX_FEATURE_SACK,
  timestamp: c.RTAX_FEATURE_TIMESTAMP,
  allfrag: c.RTAX_FEATURE_ALLFRAG,
  'tcp-usec-ts': c.RTAX_FEATURE_TCP_USEC_TS,
})

/** RTAX_LOCK: the metrics that the kernel must not change, a bit for each RTAX_*. */
export const metricLocks = names({
  mtu: 1 << c.RTAX_MTU,
  window: 1 << c.RTAX_WINDOW,
  rtt: 1 << c.RTAX_RTT,
  rttvar: 1 << c.RTAX_RTTVAR,
  ssthresh: 1 << c.RTAX_SSTHRESH,
  cwnd: 1 << c.RTAX_CWND,
  advmss: 1 << c.RTAX_ADVMSS,
  reordering: 1 << c.RTAX_REORDERING,
  hoplimit: 1 << c.RTAX_HOPLIMIT,
  initcwnd: 1 << c.RTAX_INITCWND,
  features: 1 << c.RTAX_FEATURES,
  rtoMin: 1 << c.RTAX_RTO_MIN,
  initrwnd: 1 << c.RTAX_INITRWND,
  quickack: 1 << c.RTAX_QUICKACK,
  ccAlgo: 1 << c.RTAX_CC_ALGO,
  fastopenNoCookie: 1 << c.RTAX_FASTOPEN_NO_COOKIE,
})

/** RTA_METRICS. mtu and advmss are bytes, windows packets (`window` bytes), times milliseconds. */
export const metricAttributes = attributes('RTAX', {
  lock: [c.RTAX_LOCK, flags(u32, metricLocks)],
  mtu: [c.RTAX_MTU, u32],
  window: [c.RTAX_WINDOW, u32],
  rtt: [c.RTAX_RTT, eighths],
  rttvar: [c.RTAX_RTTVAR, quarters],
  ssthresh: [c.RTAX_SSTHRESH, u32],
  cwnd: [c.RTAX_CWND, u32],
  advmss: [c.RTAX_ADVMSS, u32],
  reordering: [c.RTAX_REORDERING, u32],
  hoplimit: [c.RTAX_HOPLIMIT, u32],
  initcwnd: [c.RTAX_INITCWND, u32],
  features: [c.RTAX_FEATURES, flags(u32, metricFeatures)],
  rtoMin: [c.RTAX_RTO_MIN, u32],
  initrwnd: [c.RTAX_INITRWND, u32],
  quickack: [c.RTAX_QUICKACK, u32],
  ccAlgo: [c.RTAX_CC_ALGO, string],
  fastopenNoCookie: [c.RTAX_FASTOPEN_NO_COOKIE, u32],
})

/** The attributes that follow each struct rtnexthop in RTA_MULTIPATH. */
export const hopAttributes = attributes('RTA', {
  gateway: [c.RTA_GATEWAY, ip],
  flow: [c.RTA_FLOW, u32],
  via: [c.RTA_VIA, via],
  newdst: [c.RTA_NEWDST, bytes],
  encapType: [c.RTA_ENCAP_TYPE, encapType],
  encap: [c.RTA_ENCAP, encap],
  ttlPropagate: [c.RTA_TTL_PROPAGATE, u8],
})

/** RT_DEL_REASON_* */
export const deletionReasons = names({
  unspec: c.RT_DEL_REASON_UNSPEC,
  expired: c.RT_DEL_REASON_EXPIRED,
  'ra-withdrawn': c.RT_DEL_REASON_RA_WITHDRAWN,
})

/** struct rta_cacheinfo; times are clock ticks of 1/100 s. */
export const routeCacheinfo = struct({
  clntref: u32,
  lastuse: u32,
  expires: s32,
  error: u32,
  used: u32,
  id: u32,
  ts: u32,
  tsage: u32,
})

/** struct rta_mfc_stats, of a multicast route */
export const mfcStats = struct({ packets: u64, bytes: u64, wrongIf: u64 })

export const rtmsg = struct({
  family: u8,
  dstLen: u8,
  srcLen: u8,
  tos: u8,
  table: u8,
  protocol: enumeration(u8, routeProtocols),
  scope: enumeration(u8, routeScopes),
  type: enumeration(u8, routeTypes),
  flags: flags(u32, routeFlags),
})

export const routeAttributes = alignedAttributes('RTA', c.RTA_PAD, {
  dst: [c.RTA_DST, ip],
  src: [c.RTA_SRC, ip],
  iif: [c.RTA_IIF, u32],
  oif: [c.RTA_OIF, u32],
  gateway: [c.RTA_GATEWAY, ip],
  priority: [c.RTA_PRIORITY, u32],
  prefsrc: [c.RTA_PREFSRC, ip],
  metrics: [c.RTA_METRICS, nested(metricAttributes)],
  multipath: [c.RTA_MULTIPATH, multipathOf(hopAttributes)],
  protoinfo: [c.RTA_PROTOINFO, bytes],
  flow: [c.RTA_FLOW, u32],
  cacheinfo: [c.RTA_CACHEINFO, routeCacheinfo],
  session: [c.RTA_SESSION, bytes],
  mpAlgo: [c.RTA_MP_ALGO, bytes],
  table: [c.RTA_TABLE, u32],
  mark: [c.RTA_MARK, u32],
  mfcStats: [c.RTA_MFC_STATS, mfcStats],
  via: [c.RTA_VIA, via],
  newdst: [c.RTA_NEWDST, bytes],
  pref: [c.RTA_PREF, enumeration(u8, routePreferences)],
  encapType: [c.RTA_ENCAP_TYPE, encapType],
  encap: [c.RTA_ENCAP, encap],
  expires: [c.RTA_EXPIRES, u32],
  uid: [c.RTA_UID, u32],
  ttlPropagate: [c.RTA_TTL_PROPAGATE, u8],
  ipProto: [c.RTA_IP_PROTO, u8],
  sport: [c.RTA_SPORT, be16],
  dport: [c.RTA_DPORT, be16],
  nhId: [c.RTA_NH_ID, u32],
  flowlabel: [c.RTA_FLOWLABEL, be32],
  delReason: [c.RTA_DEL_REASON, enumeration(u32, deletionReasons)],
})

export const newRoute = message('RTM_NEWROUTE', c.RTM_NEWROUTE, rtmsg, routeAttributes)
export const delRoute = message('RTM_DELROUTE', c.RTM_DELROUTE, rtmsg, routeAttributes)
export const getRouteMessage = message('RTM_GETROUTE', c.RTM_GETROUTE, rtmsg, routeAttributes)
