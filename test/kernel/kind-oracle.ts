/** What `ip -j -d link` prints of a kind's data, in terms of what this library reads. */

import { routerNumber } from './read-back.js'

export type Names = (ifindex: number) => string | undefined
type Data = Readonly<Record<string, unknown>>
type Convert = (value: unknown, names: Names, data: Data) => unknown

/** Which field a key of ip's stands for, and how ip prints it. */
export interface DataKey {
  field: string
  show?: Convert
  /** What ip prints where the attribute is not there. */
  absent?: unknown
}

const hundredths: Convert = (seconds) => Math.round(Number(seconds) * 100)
const thousandths: Convert = (seconds) => Math.round(Number(seconds) * 1000)
const time = (field: string): DataKey => ({ field, show: hundredths })
const milliseconds = (field: string): DataKey => ({ field, show: thousandths })

const RUNS = 'a timer, which runs on'

/** ip prints each byte of the address without its leading zero. */
const bridgeId: Convert = (id) => {
  const { priority, mac } = id as { priority: number; mac: string }
  const bytes = mac.split(':').map((byte) => Number.parseInt(byte, 16).toString(16))
  return `${priority.toString(16)}.${bytes.join(':')}`
}
/** As printf's %#x: no prefix before a zero. */
const hex: Convert = (value) => (value === 0 ? '0' : `0x${Number(value).toString(16)}`)
const prefixedHex =
  (digits = 1): Convert =>
  (value) =>
    `0x${Number(value).toString(16).padStart(digits, '0')}`
const at =
  (field: string): Convert =>
  (value) =>
    (value as Data)[field]
const has =
  (flag: string): Convert =>
  (value) =>
    (value as unknown[]).includes(flag)
const upper: Convert = (value) => String(value).toUpperCase()
const device: Convert = (ifindex, names) => names(ifindex as number)
const orAny: Convert = (address) => (address === '0.0.0.0' || address === '::' ? 'any' : address)
const dotted: Convert = (key) => [24, 16, 8, 0].map((shift) => (Number(key) >>> shift) & 0xff).join('.')

const link: DataKey = { field: 'link', show: device }
const tos: DataKey = { field: 'tos', show: prefixedHex() }
const fwmark: DataKey = { field: 'fwmark', show: prefixedHex() }
const external: DataKey = { field: 'collectMetadata' }
const endpoints = { remote: { field: 'remote', show: orAny }, local: { field: 'local', show: orAny } }
const keys = { ikey: { field: 'ikey', show: dotted }, okey: { field: 'okey', show: dotted } }

/** Who asks for groups: without a port the bridge itself, of which there is no timer. */
const querier =
  (family: string, prefix: string): Convert =>
  (state) => ({ [`mcast_querier_${family}_addr`]: (state as Data)[`${prefix}Address`] })

const router: DataKey = { field: 'mcastRouter', show: routerNumber }

const BRIDGE: Record<string, DataKey | string> = {
  forward_delay: time('forwardDelay'),
  hello_time: time('helloTime'),
  max_age: time('maxAge'),
  ageing_time: time('ageingTime'),
  stp_state: { field: 'stp' },
  bridge_id: { field: 'bridgeId', show: bridgeId },
  root_id: { field: 'rootId', show: bridgeId },
  hello_timer: RUNS,
  tcn_timer: RUNS,
  topology_change_timer: RUNS,
  gc_timer: RUNS,
  group_fwd_mask: { field: 'groupFwdMask', show: hex },
  group_fwd_mask_str: { field: 'groupFwdMask', show: prefixedHex() },
  group_addr: { field: 'groupAddress' },
  mcast_router: router,
  no_linklocal_learn: { field: 'multiBoolopt', show: at('no_ll_learn') },
  mcast_vlan_snooping: { field: 'multiBoolopt', show: at('mcast_vlan_snooping') },
  mcast_last_member_cnt: { field: 'mcastLastMemberCount' },
  mcast_startup_query_cnt: { field: 'mcastStartupQueryCount' },
  mcast_last_member_intvl: time('mcastLastMemberInterval'),
  mcast_membership_intvl: time('mcastMembershipInterval'),
  mcast_querier_intvl: time('mcastQuerierInterval'),
  mcast_query_intvl: time('mcastQueryInterval'),
  mcast_query_response_intvl: time('mcastQueryResponseInterval'),
  mcast_startup_query_intvl: time('mcastStartupQueryInterval'),
  mcast_stats_enabled: { field: 'mcastStats' },
  mcast_querier_ipv4_addr: { field: 'mcastQuerierState', show: at('ipAddress') },
  mcast_querier_ipv4_port: { field: 'mcastQuerierState', show: at('ipPort') },
  mcast_querier_ipv6_addr: { field: 'mcastQuerierState', show: at('ipv6Address') },
  mcast_querier_ipv6_port: { field: 'mcastQuerierState', show: at('ipv6Port') },
  // Since ip 6.15, one object for each family.
  mcast_querier_state_ipv4: { field: 'mcastQuerierState', show: querier('ipv4', 'ip') },
  mcast_querier_state_ipv6: { field: 'mcastQuerierState', show: querier('ipv6', 'ipv6') },
  vlan_stats_enabled: { field: 'vlanStats' },
  fdb_n_learned: { field: 'fdbLearned' },
  mst_enabled: { field: 'multiBoolopt', show: at('mst_enable') },
}

const BRIDGE_PORT: Record<string, DataKey | string> = {
  fastleave: { field: 'fastLeave' },
  id: { field: 'id', show: hex },
  no: { field: 'number', show: hex },
  bridge_id: { field: 'bridgeId', show: bridgeId },
  root_id: { field: 'rootId', show: bridgeId },
  hold_timer: RUNS,
  message_age_timer: RUNS,
  forward_delay_timer: RUNS,
  multicast_router: router,
  group_fwd_mask: { field: 'groupFwdMask', show: hex },
  group_fwd_mask_str: { field: 'groupFwdMask', show: prefixedHex() },
  backup_port: { field: 'backupPort', show: device },
}

const VLAN: Record<string, DataKey> = {
  flags: {
    field: 'flags',
    show: (flags) =>
      Object.entries(flags as Data)
        .filter(([, on]) => on)
        .map(([name]) => name.toUpperCase()),
  },
}

const MACVLAN: Record<string, DataKey> = {
  nopromisc: { field: 'flags', show: has('nopromisc') },
  nodst: { field: 'flags', show: has('nodst') },
  bcqueuelen: { field: 'bcQueueLen' },
  usedbcqueuelen: { field: 'bcQueueLenUsed' },
}

const IPVLAN: Record<string, DataKey> = {
  private: { field: 'flags', show: has('private') },
  vepa: { field: 'flags', show: has('vepa') },
  bridge: { field: 'flags', show: (flags) => (flags as unknown[]).length === 0 },
}

const VXLAN: Record<string, DataKey> = {
  group: { field: 'remote' },
  group6: { field: 'remote' },
  remote6: { field: 'remote' },
  local6: { field: 'local' },
  link,
  port: { field: 'dstport' },
  tos,
  label: { field: 'label', show: prefixedHex() },
  external,
  ttl_inherit: { field: 'ttlInherit' },
  reserved_bits: {
    field: 'reservedBits',
    show: (bits) => `0x${Buffer.from(bits as Uint8Array).toString('hex')}`,
  },
  udp_zero_csum6_tx: { field: 'udpZeroCsum6Tx' },
  udp_zero_csum6_rx: { field: 'udpZeroCsum6Rx' },
}

const TUNNEL: Record<string, DataKey> = { ...endpoints, link, tos, fwmark, external }

/** `flowinfo` of IPv6: the traffic class and the flow label. */
const TUNNEL6: Record<string, DataKey> = {
  ...TUNNEL,
  tclass: {
    field: 'flowinfo',
    show: (info, names, data) => prefixedHex(2)((Number(info) >>> 20) & 0xff, names, data),
  },
  flowlabel: {
    field: 'flowinfo',
    show: (info, names, data) => prefixedHex(5)(Number(info) & 0xfffff, names, data),
  },
  ip6_tnl_f_ign_encap_limit: { field: 'flags', show: has('ign_encap_limit') },
  ip6_tnl_f_use_orig_tclass: { field: 'flags', show: has('use_orig_tclass') },
  ip6_tnl_f_use_orig_flowlabel: { field: 'flags', show: has('use_orig_flowlabel') },
  ip6_tnl_f_mip6_dev: { field: 'flags', show: has('mip6_dev') },
  ip6_tnl_f_rcv_dscp_copy: { field: 'flags', show: has('rcv_dscp_copy') },
  ip6_tnl_f_use_orig_fwmark: { field: 'flags', show: has('use_orig_fwmark') },
}

const GRE_HEADER: Record<string, DataKey> = {
  ...keys,
  iseq: { field: 'iflags', show: has('seq') },
  icsum: { field: 'iflags', show: has('csum') },
  oseq: { field: 'oflags', show: has('seq') },
  ocsum: { field: 'oflags', show: has('csum') },
  erspan_hwid: { field: 'erspanHwid', show: prefixedHex() },
}

const protocols = (names: Data): DataKey => ({ field: 'proto', show: (proto) => names[String(proto)] })
const IPIP: Record<string, DataKey> = {
  ...TUNNEL,
  proto: protocols({ any: 'any', ipv4: 'ipip', ipv6: 'ip6ip', mpls: 'mplsip' }),
  isatap: { field: 'flags', show: has('isatap') },
  prefix: { field: 'sixRdPrefix' },
  prefixlen: { field: 'sixRdPrefixLength' },
  relay_prefix: { field: 'sixRdRelayPrefix' },
  relay_prefixlen: { field: 'sixRdRelayPrefixLength' },
}
const IP6TNL: Record<string, DataKey> = {
  ...TUNNEL6,
  proto: protocols({ any: 'any', ipv4: 'ipip6', ipv6: 'ip6ip6', mpls: 'mplsip6' }),
}

const BOND: Record<string, DataKey> = {
  active_slave: { field: 'activeSlave', show: device },
  primary: { field: 'primary', show: device },
  miimon: milliseconds('miimon'),
  updelay: milliseconds('updelay'),
  downdelay: milliseconds('downdelay'),
  arp_interval: milliseconds('arpInterval'),
  peer_notify_delay: milliseconds('peerNotifDelay'),
  arp_missed_max: { field: 'missedMax' },
  arp_validate: { field: 'arpValidate', show: (value) => (value === 'none' ? null : value) },
  ns_ip6_target: { field: 'nsIp6Target' },
  ad_lacp_active: { field: 'adLacpActive', show: (active) => (active ? 'on' : 'off') },
  ad_info: {
    field: 'adInfo',
    show: (info) => {
      const { aggregator, numPorts, actorKey, partnerKey, partnerMac } = info as Data
      return {
        aggregator,
        num_ports: numPorts,
        actor_key: actorKey,
        partner_key: partnerKey,
        partner_mac: partnerMac,
      }
    },
  },
}

const LACP = [
  'active',
  'short_timeout',
  'aggregating',
  'in_sync',
  'collecting',
  'distributing',
  'defaulted',
  'expired',
]
const bits: Convert = (states) =>
  (states as string[]).reduce((sum, state) => sum | (1 << LACP.indexOf(state)), 0)
const BOND_PORT: Record<string, DataKey> = {
  state: { field: 'state', show: upper },
  mii_status: { field: 'miiStatus', show: upper },
  ad_actor_oper_port_state: { field: 'adActorOperPortState', show: bits },
  ad_actor_oper_port_state_str: { field: 'adActorOperPortState' },
  ad_partner_oper_port_state: { field: 'adPartnerOperPortState', show: bits },
  ad_partner_oper_port_state_str: { field: 'adPartnerOperPortState' },
}

const MACSEC: Record<string, DataKey> = {
  cipher_suite: { field: 'cipherSuite', show: upper },
  sci: { field: 'sci', show: (sci) => (sci as bigint).toString(16).padStart(16, '0') },
}

const HSR: Record<string, DataKey> = {
  slave1: { field: 'slave1', show: device },
  slave2: { field: 'slave2', show: device },
  proto: { field: 'protocol', show: (protocol) => ['hsr', 'prp'].indexOf(protocol as string) },
}

const BAREUDP: Record<string, DataKey> = {
  ethertype: { field: 'ethertype', show: (type) => (type === 'ipv4' ? 'ip' : type) },
  srcportmin: { field: 'srcportMin' },
  multiproto: { field: 'multiprotoMode', absent: false },
}

const AMT: Record<string, DataKey> = {
  link,
  local: { field: 'localIp' },
  remote: { field: 'remoteIp' },
  discovery: { field: 'discoveryIp' },
}

const NETKIT: Record<string, DataKey> = {
  type: { field: 'primary', show: (primary) => (primary ? 'primary' : 'peer') },
}

const TUN: Record<string, DataKey> = {
  user: { field: 'owner' },
  numqueues: { field: 'numQueues' },
  numdisabled: { field: 'numDisabledQueues' },
}

const GRE = { ...TUNNEL, ...GRE_HEADER }
const GRE6 = { ...TUNNEL6, ...GRE_HEADER }

/** Keys of ip that are not ours in snake case, by kind; or why a key is compared nowhere. */
export const DATA_KEYS: Readonly<Record<string, Readonly<Record<string, DataKey | string>>>> = {
  bridge: BRIDGE,
  'bridge port': BRIDGE_PORT,
  vlan: VLAN,
  macvlan: MACVLAN,
  macvtap: MACVLAN,
  ipvlan: IPVLAN,
  ipvtap: IPVLAN,
  vxlan: VXLAN,
  geneve: VXLAN,
  gre: GRE,
  gretap: GRE,
  erspan: GRE,
  ip6gre: GRE6,
  ip6gretap: GRE6,
  ip6erspan: GRE6,
  ipip: IPIP,
  sit: IPIP,
  ip6tnl: IP6TNL,
  vti: { ...TUNNEL, ...keys },
  vti6: { ...TUNNEL, ...keys },
  gtp: { hsize: { field: 'pdpHashsize' } },
  macsec: MACSEC,
  bareudp: BAREUDP,
  amt: AMT,
  xfrm: { if_id: { field: 'ifId', show: prefixedHex() } },
  tun: TUN,
  netkit: NETKIT,
  wwan: { linkid: { field: 'linkId' } },
  hsr: HSR,
  bond: BOND,
  'bond port': BOND_PORT,
}
