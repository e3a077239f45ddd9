/**
 * What the kernel makes of settings of a link of which nothing is said when it is made. One that is not in these tables is the kernel's to
 * choose: an address at random, as many queues as there are processors, what a parameter of a module says (all of a bond).
 */

export type Unsaid = Readonly<Record<string, unknown>>

/** ETH_DATA_LEN */
export const DEFAULT_MTU = 1500

/** GSO_LEGACY_MAX_SIZE, GRO_LEGACY_MAX_SIZE and GSO_MAX_SEGS; of what is sent by a device that can do less, what it can (netif_set_tso_max_size()). */
export const MAX_SIZE = 65536
export const MAX_SEGS = 65535

/** alloc_netdev_mqs() of net/core/dev.c. */
const ANY: Unsaid = {
  group: 0,
  allMulticast: false,
  promiscuous: false,
  trailers: true,
  dynamic: false,
  linkMode: 'default',
}

/** DEFAULT_TX_QUEUE_LEN of net/pkt_sched.h, ether_setup() of net/ethernet/eth.c. */
const ETHERNET: Unsaid = {
  ...ANY,
  txQueueLength: 1000,
  arp: true,
  multicast: true,
  broadcast: 'ff:ff:ff:ff:ff:ff',
}
const WITH_MTU: Unsaid = { ...ETHERNET, mtu: DEFAULT_MTU }

/** br_dev_setup() of net/bridge/br_device.c, br_multicast_init() of br_multicast.c, br_vlan_init() of br_vlan.c. */
const BRIDGE: Unsaid = {
  ...ETHERNET,
  forwardDelay: 15,
  helloTime: 2,
  maxAge: 20,
  ageingTime: 300,
  stp: false,
  priority: 32768,
  vlanFiltering: false,
  vlanProtocol: '802.1Q',
  groupFwdMask: 0,
  mcastRouter: 'query',
  mcastSnooping: true,
  mcastQueryUseIfaddr: false,
  mcastQuerier: false,
  mcastHashMax: 4096,
  mcastLastMemberCount: 2,
  mcastStartupQueryCount: 2,
  mcastLastMemberInterval: 1,
  mcastMembershipInterval: 260,
  mcastQuerierInterval: 255,
  mcastQueryInterval: 125,
  mcastQueryResponseInterval: 10,
  mcastStartupQueryInterval: 31.25,
  nfCallIptables: false,
  nfCallIp6tables: false,
  nfCallArptables: false,
  vlanDefaultPvid: 1,
  vlanStats: false,
  mcastStats: false,
  mcastIgmpVersion: 2,
  mcastMldVersion: 1,
  vlanStatsPerPort: false,
  multiBoolopt: {
    no_ll_learn: false,
    mcast_vlan_snooping: false,
    mst_enable: false,
    mdb_offload_fail_notification: false,
    fdb_local_vlan_0: false,
  },
  fdbMaxLearned: 0,
}

/** macvlan_common_newlink() of drivers/net/macvlan.c. */
const MACVLAN: Unsaid = { ...ETHERNET, mode: 'vepa', flags: [], bcQueueLen: 1000 }

/** vxlan_nl2conf() of drivers/net/vxlan/vxlan_core.c; addresses that are none are not told. */
const VXLAN: Unsaid = {
  ...ETHERNET,
  remote: '0.0.0.0',
  local: '0.0.0.0',
  ttl: 0,
  tos: 0,
  learning: true,
  ageing: 300,
  limit: 0,
  portRange: { low: 0, high: 0 },
  proxy: false,
  rsc: false,
  l2miss: false,
  l3miss: false,
  udpCsum: true,
  udpZeroCsum6Tx: false,
  udpZeroCsum6Rx: false,
  remcsumTx: false,
  remcsumRx: false,
  gbp: false,
  remcsumNopartial: false,
  label: 0,
  gpe: false,
  ttlInherit: false,
  df: 'unset',
  vnifilter: false,
  localbypass: true,
  labelPolicy: 'fixed',
}

/** vlan_setup() and vlan_newlink() of net/8021q. */
const VLAN: Unsaid = {
  ...ANY,
  txQueueLength: 1000,
  protocol: '802.1Q',
  flags: { reorder_hdr: true, gvrp: false, loose_binding: false, mvrp: false, bridge_binding: false },
  egressQos: [],
  ingressQos: [],
}

/** ipgre_netlink_parms() of net/ipv4/ip_gre.c, ip6gre_netlink_parms() of net/ipv6/ip6_gre.c. */
const GRE: Unsaid = { iflags: [], oflags: [] }

const OF_KIND: ReadonlyMap<string, Unsaid> = new Map([
  ['bond', WITH_MTU],
  ['bridge', BRIDGE],
  // dummy_setup() of drivers/net/dummy.c
  ['dummy', { ...WITH_MTU, arp: false, multicast: false }],
  ['erspan', { ...ANY, ...GRE }],
  ['geneve', ETHERNET],
  ['gre', { ...ANY, ...GRE }],
  ['gretap', { ...ETHERNET, ...GRE }],
  // ifb_setup() of drivers/net/ifb.c
  ['ifb', { ...WITH_MTU, arp: false, multicast: false, txQueueLength: 32 }],
  ['ip6erspan', { ...ANY, ...GRE }],
  ['ip6gre', { ...ANY, ...GRE }],
  ['ip6gretap', { ...ANY, ...GRE }],
  ['macvlan', MACVLAN],
  // TUN_READQ_SIZE of linux/if_tap.h
  ['macvtap', { ...MACVLAN, txQueueLength: 500 }],
  ['team', WITH_MTU],
  ['veth', WITH_MTU],
  ['vlan', VLAN],
  ['vxlan', VXLAN],
])

export function unsaidOfKind(kind: string): Unsaid {
  return OF_KIND.get(kind) ?? ANY
}
