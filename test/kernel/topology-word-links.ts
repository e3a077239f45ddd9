/** Links at random that say much of themselves: their settings, and the options of a kind. */

import fc from 'fast-check'
import { someOf } from './some-of.js'

const { constantFrom: one, subarray: some, integer, boolean } = fc
/** A record most keys of which are missing. */
export const few = (keys: Record<string, fc.Arbitrary<unknown>>) =>
  someOf(keys, Math.min(5, Object.keys(keys).length))
export const u32 = one(1, 9, 10, 16, 77, 255, 1000, 65_537, 0x7fffffff, 0xfffffffe)
/** Seconds, in hundredths. */
const time = (least: number, most: number) =>
  integer({ min: least * 100, max: most * 100 }).map((n) => n / 100)

export const settings = few({
  mac: one('02:00:00:00:00:AA', '02-00-00-00-00-ab'),
  broadcast: one('ff:ff:ff:ff:ff:fe'),
  mtu: one(1280, 1300, 1400),
  txQueueLength: one(0, 5, 10),
  group: one(0, 7, 10, 16),
  gsoMaxSize: one(30_000),
  gsoMaxSegs: one(10, 100),
  groMaxSize: one(30_000),
  linkMode: one('default', 'dormant', 1),
  addrGenMode: one('eui64', 'none', 'random'),
  queues: one(1, 4, { tx: 3 }, { rx: 2 }, { tx: 2, rx: 3 }),
  up: boolean(),
  arp: boolean(),
  multicast: boolean(),
  allMulticast: boolean(),
  promiscuous: boolean(),
  trailers: boolean(),
  dynamic: boolean(),
})
export const bridge = few({
  forwardDelay: time(2, 30),
  helloTime: time(1, 10),
  maxAge: time(6, 40),
  ageingTime: time(0, 400),
  stp: boolean(),
  priority: one(0, 10, 4096, 65_535),
  vlanFiltering: boolean(),
  vlanProtocol: one('802.1Q', '802.1ad'),
  vlanDefaultPvid: one(0, 1, 10),
  vlanStats: boolean(),
  vlanStatsPerPort: boolean(),
  groupFwdMask: one(0, 8, 16, 65_528),
  groupAddress: one('01:80:c2:00:00:0e'),
  fdbFlush: one(true),
  mcastRouter: one('disabled', 'query', 'permanent', 0, 1, 2),
  mcastSnooping: boolean(),
  mcastQueryUseIfaddr: boolean(),
  mcastQuerier: boolean(),
  mcastHashMax: one(512, 1024),
  mcastLastMemberCount: u32,
  mcastStartupQueryCount: u32,
  mcastLastMemberInterval: time(0, 9),
  mcastMembershipInterval: time(0, 900),
  mcastQuerierInterval: time(0, 900),
  mcastQueryInterval: time(1, 900),
  mcastQueryResponseInterval: time(0, 90),
  mcastStartupQueryInterval: time(1, 90),
  nfCallIptables: boolean(),
  nfCallIp6tables: boolean(),
  nfCallArptables: boolean(),
  mcastStats: boolean(),
  mcastIgmpVersion: one(2, 3),
  mcastMldVersion: one(1, 2),
  multiBoolopt: few({ no_ll_learn: boolean(), mcast_vlan_snooping: boolean(), mst_enable: boolean() }),
})
const macs = ['02:00:00:00:00:05', '02:00:00:00:00:0F']
export const macvlan = fc
  .tuple(
    one('private', 'vepa', 'bridge', 'passthru', 'source'),
    few({
      flags: one([], ['nopromisc']),
      bcQueueLen: one(10, 500),
      macaddrData: some(macs, { minLength: 1 }),
    }),
    one('x', 'y', 'a.5'),
    one('macvlan', 'macvtap'),
  )
  .map(([mode, { flags, ...rest }, link, kind]) => ({
    ...{ kind, mode, link, ...rest },
    // ip(8) takes the other in mode 'passthru' alone.
    ...(mode === 'passthru' && flags !== undefined && { flags }),
  }))
export const vxlan = fc
  .tuple(
    one(1, 2, 10, 0xffffff),
    few({
      ttl: one(0, 1, 9, 10, 255),
      tos: one(0, 1, 4, 16, 255),
      learning: boolean(),
      ageing: one(10, 100),
      limit: one(0, 10, 500),
      portRange: one({ low: 1000, high: 2000 }, { low: 0, high: 0 }),
      dstport: one(4789, 8472, 10),
      proxy: boolean(),
      rsc: boolean(),
      l2miss: boolean(),
      l3miss: boolean(),
      udpCsum: boolean(),
      udpZeroCsum6Tx: boolean(),
      udpZeroCsum6Rx: boolean(),
      remcsumTx: boolean(),
      remcsumRx: boolean(),
      gbp: boolean(),
      gpe: boolean(),
      label: one(0, 10, 0xfffff),
      ttlInherit: boolean(),
      df: one('unset', 'set', 'inherit', 1),
      vnifilter: boolean(),
    }),
    one(
      { local: '10.1.0.1', remote: '10.1.0.2' },
      { local: 'fd00::1', remote: 'fd00::2' },
      { remote: '239.1.1.1', link: 'x' },
      { remote: 'FF05::1', link: 'x' },
      { remote: 'ff::1' },
      { link: 'a.5' },
      { collectMetadata: true },
      { collectMetadata: false },
      {},
    ),
  )
  .map(([id, rest, ends]) => ({
    kind: 'vxlan',
    ...('collectMetadata' in ends && ends.collectMetadata ? {} : { id }),
    ...rest,
    ...ends,
  }))
