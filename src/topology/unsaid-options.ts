/** What the kernel makes of options of a link of which nothing is said: one that a later value leaves out is that again. */

import type { LinkModel } from './network.js'

type Table = Readonly<Record<string, unknown>>

/** Of every link. */
const OF_ALL: Table = {
  group: 0,
  allMulticast: false,
  promiscuous: false,
  trailers: true,
  dynamic: false,
  linkMode: 'default',
}

/** Kinds whose settings are nobody else's affair: what these are of others goes by other links, or by their kind. */
export const INDEPENDENT: readonly string[] = [
  ...['veth', 'bridge', 'dummy', 'macvlan', 'vxlan', 'gretap', 'geneve', 'bond'],
]

/** Of those (ether_setup() of net/ethernet/eth.c, alloc_netdev_mqs() of net/core/dev.c). */
const USUAL: Table = {
  txQueueLength: 1000,
  arp: true,
  multicast: true,
  broadcast: 'ff:ff:ff:ff:ff:ff',
  addrGenMode: 'eui64',
}

/** Of kinds that are made otherwise (dummy_setup() of drivers/net/dummy.c, ifb_setup() of drivers/net/ifb.c). */
const OF_KIND: Readonly<Record<string, Table>> = {
  dummy: { arp: false, multicast: false },
  ifb: { ...USUAL, txQueueLength: 32, arp: false, multicast: false },
  vlan: { protocol: '802.1Q' },
  vxlan: { learning: true },
}

/** Kinds whose own sizes go by no other link. */
const ALONE = ['veth', 'dummy', 'ifb']
const SIZES: Table = {
  mtu: 1500,
  gsoMaxSize: 65_536,
  gsoMaxSegs: 65_535,
  groMaxSize: 65_536,
  gsoIpv4MaxSize: 65_536,
  groIpv4MaxSize: 65_536,
}

/** br_dev_setup() of net/bridge/br_device.c, br_multicast_ctx_init() of net/bridge/br_multicast.c. Times are in seconds. */
const OF_BRIDGE: Table = {
  forwardDelay: 15,
  helloTime: 2,
  maxAge: 20,
  ageingTime: 300,
  stp: false,
  priority: 32_768,
  vlanFiltering: false,
  vlanProtocol: '802.1Q',
  vlanDefaultPvid: 1,
  vlanStatsEnabled: false,
  vlanStatsPerPort: false,
  groupFwdMask: 0,
  groupAddress: '01:80:c2:00:00:00',
  fdbMaxLearned: 0,
  mcastRouter: 'query',
  mcastSnooping: true,
  mcastQueryUseIfaddr: false,
  mcastQuerier: false,
  mcastStats: false,
  mcastHashMax: 4096,
  mcastLastMemberCount: 2,
  mcastStartupQueryCount: 2,
  mcastIgmpVersion: 2,
  mcastMldVersion: 1,
  mcastLastMemberInterval: 1,
  mcastMembershipInterval: 260,
  mcastQuerierInterval: 255,
  mcastQueryInterval: 125,
  mcastQueryResponseInterval: 10,
  mcastStartupQueryInterval: 31.25,
  nfCallIptables: false,
  nfCallIp6tables: false,
  nfCallArptables: false,
}

/** Undefined where it goes by something else. */
export function unsaidOption(kind: string, key: string): unknown {
  const tables = [
    OF_KIND[kind],
    kind === 'bridge' ? OF_BRIDGE : undefined,
    ALONE.includes(kind) ? SIZES : undefined,
    INDEPENDENT.includes(kind) ? USUAL : undefined,
    OF_ALL,
  ]
  return tables.find((table) => table !== undefined && key in table)?.[key]
}

/** Options that the value before gave, and that this one does not: with what they are to be again, undefined where that is not known. */
export function leftOptions(
  before: LinkModel | undefined,
  { kind, options }: LinkModel,
): Record<string, unknown> {
  if (before === undefined || before.kind !== kind) return {}
  const left = Object.keys(before.options).filter((key) => !(key in options))
  return Object.fromEntries(left.map((key) => [key, unsaidOption(kind, key)]))
}
