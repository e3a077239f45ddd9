/**
 * Rows of docs/from-ip.md whose command is run too: what it leaves is what the call leaves. Each has what both begin with, and what ip or
 * bridge shows of the effect; a row that reads has a check of what it returned.
 */

import { expect } from 'vitest'
import * as netlink from '../../src/index.js'
import type { Row } from './document-rows.js'
import {
  bridgeJson,
  DEFAULT_LABELS,
  DEFAULT_RULES,
  ENTRY,
  FILTERING,
  GATEWAY,
  GROUP,
  HOP,
  HOP2,
  kindRow,
  labels,
  lackingMdb,
  MPLS,
  MPLS_ROW,
  NO_MULTICAST_RULES,
  PORTS,
  RESILIENT,
  ROUTE,
  RULES,
  SHOW_FDB,
  SHOW_MDB,
  SHOW_VLANS,
  STALE,
  TREES,
  TUN_ROW,
  TWO,
  UP,
  VETH,
  VID,
  VLANS_ROW,
  VX,
} from './document-worlds.js'
import { since } from './needs.js'
import { execFileSync } from './programs.js'
import { hasKind, ip, ipJson, type Printed } from './support.js'

export const ROWS: Record<string, Row> = {
  'ip maddr add 33:33:00:00:00:07 dev veth-red': { given: [VETH], like: ['maddr show dev veth-red'] },
  'ip maddr del 33:33:00:00:00:07 dev veth-red': {
    given: [VETH, 'maddr add 33:33:00:00:00:07 dev veth-red'],
    like: ['maddr show dev veth-red'],
  },
  'sysctl -w net.ipv4.conf.veth-red.rp_filter=2': { given: [VETH], like: ['netconf show dev veth-red'] },
  'ip token set ::7 dev veth-red': { given: [VETH, 'link set veth-red up'], like: ['token list'] },
  'ip token get dev veth-red': {
    given: [VETH, 'link set veth-red up', 'token set ::7 dev veth-red'],
    check: (token) => expect(token).toBe(ipJson('token get dev veth-red')[0]!['token']),
  },
  'ip -n red addr save dev v-net-0 >/run/saved; ip -n blue addr restore </run/saved': {
    given: [
      ...TWO,
      '-n red addr add 192.168.15.1/24 brd + dev v-net-0 label v-net-0:a',
      '-n red addr add 192.168.15.2/24 dev v-net-0',
    ],
    like: ['-n blue addr show dev v-net-0'],
  },
  'ip -n red route save table 100 >/run/saved; ip -n blue route restore </run/saved': {
    given: [
      ...TWO,
      ...['red', 'blue'].map((netns) => `-n ${netns} addr add 192.168.15.1/24 dev v-net-0`),
      `-n red ${ROUTE} table 100 metric 7 mtu lock 1400`,
      '-n red route add 192.168.2.0/24 table 100 nexthop via 192.168.15.6 weight 3 nexthop via 192.168.15.7',
      // Listed the other way about.
      '-n red route add 10.9.0.0/24 dev v-net-0 table 100',
      '-n red route add default via 10.9.0.1 table 100',
    ],
    like: ['-n blue route show table all'],
  },
  'ip -n red rule save >/run/saved; ip -n blue rule restore </run/saved': {
    given: [...TWO, '-n red rule add not fwmark 0x10/0xff iif v-net-0 lookup 100 priority 1000 realms 3/4'],
    // ip adds the kernel's own rules once more.
    like: ['-n blue -4 rule show table 100'],
  },
  'ip netns exec red sysctl -n net.ipv4.ip_forward': {
    given: ['netns add red'],
    check: (value) => expect(value).toBe(ip('netns exec red cat /proc/sys/net/ipv4/ip_forward').trim()),
  },
  'ip netns set red 10': {
    given: ['netns add red'],
    check: () => expect(ipJson('netns list-id')).toContainEqual({ nsid: 10, name: 'red' }),
  },
  'ip netns list-id': {
    // Ids of namespaces that were deleted stay until the kernel has taken them down: each row has its own.
    given: ['netns add red', 'netns set red 71'],
    check: (ids: netlink.Nsid[]) => expect(ids).toContainEqual({ nsid: 71, current: null, name: 'red' }),
  },
  'ip netns list-id nsid 70': {
    given: ['netns add red', 'netns set red 70', 'netns add blue', 'netns set blue 80'],
    check: (ids: netlink.Nsid[]) => expect(ids).toEqual([{ nsid: 70, current: null, name: 'red' }]),
  },
  'ip netns monitor': {
    meanwhile: 'netns add red',
    check: (event) => expect(event).toMatchObject({ type: 'name', action: 'new', name: 'red' }),
  },
  'ip link show type bridge_slave': {
    given: [VETH, 'link add v-net-0 type bridge', 'link set veth-blue master v-net-0'],
    check: (list: netlink.Link[]) => expect(list.map(({ name }) => name)).toEqual(['veth-blue']),
  },
  'ip -s link show veth-red': {
    given: [VETH],
    check: ({ stats }: netlink.Link) =>
      expect(stats!.rxPackets).toBe(ipJson('-s link show veth-red')[0]!['stats64']['rx']['packets']),
  },
  'ip stats show dev veth-red group link': {
    given: [VETH],
    check: ({ dev, stats }: netlink.InterfaceStats) =>
      expect([dev, stats!.txBytes]).toEqual([
        'veth-red',
        ipJson('stats show dev veth-red group link')[0]!['stats64']['tx']['bytes'],
      ]),
  },
  'ip stats show group link': {
    given: [VETH],
    check: (list: netlink.InterfaceStats[]) =>
      expect(list.map(({ dev }) => dev)).toEqual(ipJson('stats show group link').map(({ ifname }) => ifname)),
  },
  'ip stats set dev veth-red l3_stats on': { given: [VETH], like: ['stats show dev veth-red group offload'] },
  'ip stats show dev veth-red group offload': {
    given: [VETH, 'stats set dev veth-red l3_stats on'],
    check: ({ offload }: netlink.InterfaceStats) => {
      const printed = ipJson('stats show dev veth-red group offload')
      const l3 = printed.find(({ subgroup }) => subgroup === 'l3_stats')!
      expect({ request: offload!.l3!.request, used: offload!.l3!.used }).toEqual(l3['info'])
      expect(offload!.l3!.stats!.rxPackets).toBe(l3['stats64']['rx']['packets'])
    },
  },
  'ip link xstats type bridge dev v-net-0': {
    given: ['link add v-net-0 type bridge mcast_stats_enabled 1'],
    check: ({ extended }: netlink.InterfaceStats) => {
      const [{ multicast }] = ipJson('link xstats type bridge dev v-net-0') as [Printed]
      expect(multicast['igmp_parse_errors']).toBe(extended!.bridge!.mcast!.igmpParseErrors)
      expect(multicast['mld_leaves']).toEqual(extended!.bridge!.mcast!.mldLeaves)
    },
  },
  'ip link add br%d type bridge': { like: ['link show dev br0'] },
  'ip link add vx0 type vxlan id 42 remote 10.0.0.2 dstport 4789': {
    lacking: kindRow('vxlan'),
    like: ['link show dev vx0'],
  },
  'ip link add mac0 link veth-red type macvlan mode bridge': {
    lacking: kindRow('macvlan'),
    given: [VETH],
    like: ['link show dev mac0'],
  },
  'ip tuntap add dev tap0 mode tap user 1000': {
    lacking: TUN_ROW,
    like: ['tuntap show', 'link show dev tap0'],
  },
  'ip link set veth-red address 02:00:00:00:00:07': {
    given: [VETH],
    check: () => expect(ipJson('link show dev veth-red')[0]!['address']).toBe('02:00:00:00:00:07'),
  },
  'ip link set veth-red name eth0': { given: [VETH], like: ['link show dev eth0'] },
  'ip link set veth-red alias uplink': { given: [VETH], like: ['link show dev veth-red'] },
  'ip link set veth-red txqueuelen 100 arp off promisc on': {
    given: [VETH],
    like: ['link show dev veth-red'],
  },
  'ip link property add dev veth-red altname to-blue': { given: [VETH], like: ['link show dev to-blue'] },
  'ip link set group 7 up': { given: [VETH, 'link set veth-blue group 7'], like: ['link show'] },
  'ip link set group 7 netns red': {
    given: ['netns add red', VETH, 'link set veth-red group 7', 'link set veth-blue group 7'],
    like: ['-n red link show'],
  },
  'ip link delete group 7': {
    given: [VETH, 'link set veth-blue group 7', 'link add v-net-0 type bridge'],
    like: ['link show'],
  },
  'ip addr replace 192.168.15.5/24 dev v-net-0 valid_lft 600 preferred_lft 300': {
    given: ['link add v-net-0 type bridge', 'addr add 192.168.15.5/24 dev v-net-0'],
    check: () => {
      const [info] = ipJson('-4 addr show dev v-net-0')[0]!['addr_info']
      expect(info['valid_life_time']).toBeGreaterThan(590)
      expect(info['preferred_life_time']).toBeGreaterThan(290)
      expect(info['preferred_life_time']).toBeLessThanOrEqual(300)
    },
  },
  'ip maddr show dev v-net-0': {
    given: GATEWAY,
    check: (list: netlink.MulticastAddress[]) =>
      expect(list.filter(({ family }) => family === 'ipv4').map(({ address }) => address)).toEqual(
        // Those of IPv4 are told since then; ip reads them from /proc.
        since(6, 15)
          ? (ipJson('-4 maddr show dev v-net-0')[0]!['maddr'] as Printed[]).map(({ address }) => address)
          : [],
      ),
  },
  'cat /proc/net/anycast6': {
    given: [...GATEWAY, 'netns add red', '-n red link set lo up'],
    check: async (list: netlink.AnycastAddress[]) => {
      const text = execFileSync('cat', ['/proc/net/anycast6'])
      expect(list).toHaveLength(text.trim().split('\n').filter(Boolean).length)
    },
  },
  'ip route replace 192.168.1.0/24 via 192.168.15.6': { given: [...GATEWAY, ROUTE], like: ['route show'] },
  'ip route change 192.168.1.0/24 via 192.168.15.6': { given: [...GATEWAY, ROUTE], like: ['route show'] },
  'ip route prepend 192.168.1.0/24 via 192.168.15.7': { given: [...GATEWAY, ROUTE], like: ['route show'] },
  'ip route append 192.168.1.0/24 via 192.168.15.7': { given: [...GATEWAY, ROUTE], like: ['route show'] },
  'ip route add 192.168.2.0/24 nexthop via 192.168.15.6 weight 2 nexthop via 192.168.15.7': {
    given: GATEWAY,
    like: ['route show'],
  },
  'ip route add blackhole 192.168.3.0/24': {
    like: ['route show'],
    undo: ['route del blackhole 192.168.3.0/24'],
  },
  'ip route add 192.168.1.0/24 via 192.168.15.6 table 100 metric 50 mtu 1400': {
    given: GATEWAY,
    like: ['route show table 100'],
  },
  'ip route flush table 100': {
    given: [...GATEWAY, `${ROUTE} table 100`, `${ROUTE} table 101`],
    like: ['route show table all'],
  },
  'ip route get connected 192.168.15.2': {
    given: [...GATEWAY, 'addr add 192.168.15.2/24 dev v-net-0'],
    check: (result: netlink.RouteLookup) => {
      const printed = ipJson(`route get 192.168.15.2 from ${result.src ?? result.from}`)[0]!
      expect(result).toMatchObject({ type: 'local', from: printed['from'], dev: printed['dev'] })
    },
  },
  'ip mroute show': {
    check: (list) => expect(list).toHaveLength(ipJson('mroute show').length),
  },
  'ip -f mpls route add 100 as 200 via inet 192.168.15.6': {
    lacking: MPLS_ROW,
    given: [labels, ...GATEWAY],
    like: MPLS,
  },
  'ip -f mpls route replace 100 via inet 192.168.15.7': {
    lacking: MPLS_ROW,
    given: [labels, ...GATEWAY, '-f mpls route add 100 as 200 via inet 192.168.15.6'],
    like: MPLS,
  },
  'ip -f mpls route change 100 via inet 192.168.15.7': {
    lacking: MPLS_ROW,
    given: [labels, ...GATEWAY, '-f mpls route add 100 as 200 via inet 192.168.15.6'],
    like: MPLS,
  },
  'ip -f mpls route flush proto static': {
    lacking: { ...MPLS_ROW, refused: 0 },
    given: [
      labels,
      ...GATEWAY,
      '-f mpls route add 100 as 200 via inet 192.168.15.6 proto static',
      '-f mpls route add 101 as 200 via inet 192.168.15.6',
    ],
    like: MPLS,
  },
  'ip -f mpls route del 100': {
    lacking: MPLS_ROW,
    given: [labels, ...GATEWAY, '-f mpls route add 100 as 200 via inet 192.168.15.6'],
    like: MPLS,
  },
  'ip -f mpls route get 100': {
    lacking: MPLS_ROW,
    given: [labels, ...GATEWAY, '-f mpls route add 100 as 200 via inet 192.168.15.6'],
    check: (result: netlink.MplsRoute) =>
      expect(String(result.as)).toBe(ipJson('-f mpls route get 100')[0]!['to']),
  },
  'ip -f mpls route': {
    lacking: { ...MPLS_ROW, refused: [] },
    given: [labels, ...GATEWAY, '-f mpls route add 100 as 200 via inet 192.168.15.6'],
    check: (list: netlink.MplsRoute[]) =>
      expect(list.map(({ label }) => String(label))).toEqual(
        ipJson('-f mpls route show').map(({ dst }) => dst),
      ),
  },
  'ip netconf show dev v-net-0': {
    given: GATEWAY,
    check: (list: netlink.Netconf[]) =>
      expect(list.map(({ family, forwarding }) => [family, forwarding])).toEqual(
        ipJson('netconf show dev v-net-0').map(({ family, forwarding }) => [
          { inet: 'ipv4', inet6: 'ipv6', mpls: 'mpls' }[family as string],
          forwarding ?? null,
        ]),
      ),
  },
  'ip neigh replace 192.168.15.9 lladdr 02:00:00:00:00:0a dev v-net-0 nud permanent': {
    given: [...GATEWAY, 'neigh add 192.168.15.9 lladdr 02:00:00:00:00:09 dev v-net-0'],
    like: ['-4 neigh show dev v-net-0'],
  },
  'ip neigh change 192.168.15.9 lladdr 02:00:00:00:00:0a dev v-net-0': {
    given: [...GATEWAY, 'neigh add 192.168.15.9 lladdr 02:00:00:00:00:09 dev v-net-0'],
    like: ['-4 neigh show dev v-net-0'],
  },
  'ip neigh add proxy 192.168.15.8 dev v-net-0': { given: GATEWAY, like: ['neigh show proxy'] },
  'ip neigh get 192.168.15.9 dev v-net-0': {
    given: [...GATEWAY, 'neigh add 192.168.15.9 lladdr 02:00:00:00:00:09 dev v-net-0'],
    check: ({ to, mac, state }: netlink.Neighbour) =>
      expect(ip('neigh get 192.168.15.9 dev v-net-0').trim()).toBe(
        `${to} dev v-net-0 lladdr ${mac} ${String(state).toUpperCase()}`,
      ),
  },
  'ip -4 route flush table all proto static': {
    given: [...GATEWAY, ROUTE, `${ROUTE} table 100 proto static`, `${ROUTE} metric 7 proto static`],
    like: ['-4 route show table all'],
  },
  'ip route show match 192.168.15.7': {
    given: [...GATEWAY, ROUTE, 'route add default via 192.168.15.5'],
    check: (list: netlink.Route[]) =>
      expect(list.map(({ to }) => to)).toEqual(['default', '192.168.15.0/24']),
  },
  'ip -4 route show vrf red': {
    lacking: { is: () => !hasKind('vrf'), refused: { code: 'ENODEV', advice: 'no such interface' } },
    given: [
      'link add red up type vrf table 100',
      VETH,
      'link set veth-red master red',
      'link set veth-red up',
      'addr add 192.168.15.2/24 dev veth-red',
      'route add 192.168.3.0/24 via 192.168.15.5 table 100',
    ],
    check: (list: netlink.Route[]) => {
      const printed = ipJson('-4 route show vrf red')
      expect(printed).toHaveLength(2)
      expect(list.map(({ to, type, via, dev, protocol }) => [to, type, via, dev, protocol])).toEqual(
        printed.map(({ dst, type, gateway = null, dev, protocol }) => [dst, type, gateway, dev, protocol]),
      )
    },
  },
  'ip route show root 192.168.0.0/16': {
    given: [...GATEWAY, ROUTE, 'route add default via 192.168.15.5'],
    check: (list: netlink.Route[]) =>
      expect(list.map(({ to }) => to)).toEqual(['192.168.1.0/24', '192.168.15.0/24']),
  },
  'ip neigh show to 192.168.15.8/29 nud stale': {
    given: [...GATEWAY, STALE, 'neigh add 192.168.15.17 lladdr 02:00:00:00:00:09 dev v-net-0 nud stale'],
    check: (list: netlink.Neighbour[]) => expect(list.map(({ to }) => to)).toEqual(['192.168.15.9']),
  },
  'ip neigh flush to 192.168.15.8/29': {
    given: [...GATEWAY, STALE, 'neigh add 192.168.15.17 lladdr 02:00:00:00:00:09 dev v-net-0 nud stale'],
    // One by one: the kernel lists several in the order of its hashes.
    like: ['-4 neigh show to 192.168.15.8/29 dev v-net-0', '-4 neigh show to 192.168.15.17 dev v-net-0'],
  },
  'ip neigh flush dev v-net-0': {
    given: [...GATEWAY, STALE],
    like: ['-4 neigh show dev v-net-0'],
  },
  'ip ntable show name arp_cache dev v-net-0': {
    given: GATEWAY,
    check: ([table]: netlink.NeighbourTable[]) =>
      expect(table).toMatchObject({ name: 'arp_cache', dev: 'v-net-0' }),
  },
  'ip ntable change name arp_cache dev v-net-0 queue 8': {
    given: GATEWAY,
    like: ['ntable show name arp_cache dev v-net-0'],
  },
  'ip rule add from 192.168.15.0/24 lookup 100 priority 1000': {
    like: RULES,
    undo: ['rule del priority 1000'],
  },
  'ip rule add fwmark 0x10/0xff iif v-net-0 ipproto tcp dport 80-90 blackhole': {
    like: RULES,
    undo: ['rule del fwmark 0x10/0xff'],
  },
  'ip rule del priority 1000': {
    given: ['rule add from 192.168.15.0/24 lookup 100 priority 1000'],
    like: RULES,
  },
  'ip rule': {
    check: (list: netlink.Rule[]) =>
      expect(list.map(({ priority }) => priority)).toEqual(
        ipJson('-4 rule show').map(({ priority }) => priority),
      ),
  },
  'ip mrule add iif v-net-0 lookup 100': {
    like: ['-4 mrule show'],
    undo: ['mrule del iif v-net-0'],
    lacking: NO_MULTICAST_RULES,
  },
  'ip mrule del iif v-net-0': {
    given: ['mrule add iif v-net-0 lookup 100'],
    like: ['-4 mrule show'],
    lacking: NO_MULTICAST_RULES,
  },
  'ip mrule': {
    check: (list: netlink.Rule[]) =>
      expect(list).toMatchObject(
        ipJson('-4 mrule show').map(({ priority }) => ({ priority, multicast: true })),
      ),
    lacking: { ...NO_MULTICAST_RULES, refused: [] },
  },
  'ip mrule flush': {
    given: ['mrule add iif v-net-0 lookup 100 priority 1000'],
    like: ['-4 mrule show'],
    undo: ['mrule add lookup default priority 32767 protocol kernel'],
    lacking: { ...NO_MULTICAST_RULES, refused: 0 },
  },
  'ip addrlabel add prefix 2001:db8::/32 label 77': {
    like: ['addrlabel list'],
    undo: ['addrlabel del prefix 2001:db8::/32 label 77'],
  },
  'ip addrlabel del prefix 2001:db8::/32 label 77': {
    given: ['addrlabel add prefix 2001:db8::/32 label 77'],
    like: ['addrlabel list'],
  },
  'ip addrlabel list': {
    check: (list: netlink.AddressLabel[]) =>
      expect(list.map(({ label }) => label)).toEqual(ipJson('addrlabel list').map(({ label }) => label)),
  },
  'ip addrlabel flush': {
    like: ['addrlabel list'],
    undo: DEFAULT_LABELS,
  },
  'ip addr show to 192.168.15.0/24 -deprecated up': {
    given: [
      ...GATEWAY,
      'addr add 192.168.15.2/24 dev v-net-0 preferred_lft 0',
      'addr add 10.0.0.1/24 dev v-net-0',
    ],
    check: (list: netlink.Address[]) =>
      expect(list.map(({ address }) => address)).toEqual(['192.168.15.1/24']),
  },
  'ip addr show group 7': {
    given: [...GATEWAY, 'link set v-net-0 group 7'],
    check: (list: netlink.Address[]) => {
      const printed = ipJson('-4 addr show group 7').flatMap(
        ({ addr_info: all }) => (all ?? []) as { local: string }[],
      )
      expect(printed).toHaveLength(1)
      const shown = list.filter(({ family }) => family === 'ipv4').map(({ address }) => address)
      expect(shown).toEqual(printed.map(({ local }) => `${local}/24`))
    },
  },
  'ip addr flush label v-net-0:*': {
    given: [...GATEWAY, 'addr add 10.0.0.1/24 dev v-net-0 label v-net-0:two'],
    like: ['-4 addr show'],
  },
  'ip rule flush': { given: ['rule add lookup 77 priority 1000'], like: RULES, undo: DEFAULT_RULES },
  'ip rule flush protocol 99': {
    given: ['rule add lookup 77 priority 1000', 'rule add lookup 78 priority 1001 protocol 99'],
    like: RULES,
    undo: ['rule del priority 1000'],
  },
  'ip nexthop add id 1 via 192.168.15.6 dev v-net-0': { given: GATEWAY, like: ['nexthop show'] },
  'ip nexthop add id 3 group 1/2,2': {
    given: [...GATEWAY, HOP, HOP2],
    like: ['nexthop show'],
  },
  'ip nexthop replace id 1 via 192.168.15.7 dev v-net-0': {
    given: [...GATEWAY, HOP],
    like: ['nexthop show'],
  },
  'ip nexthop del id 1': { given: [...GATEWAY, HOP, HOP2], like: ['nexthop show'] },
  'ip nexthop': {
    given: [...GATEWAY, HOP, HOP2],
    check: (list: netlink.Nexthop[]) =>
      expect(list.map(({ id, via, dev }) => ({ id, gateway: via, dev }))).toEqual(
        ipJson('nexthop show').map(({ id, gateway, dev }) => ({ id, gateway, dev })),
      ),
  },
  'ip nexthop flush': { given: [...GATEWAY, HOP, HOP2, RESILIENT], like: ['nexthop show'] },
  'ip nexthop flush dev v-net-0 protocol 99': {
    given: [...GATEWAY, HOP, `${HOP2} protocol 99`],
    like: ['nexthop show'],
  },
  'ip nexthop get id 1': {
    given: [...GATEWAY, HOP],
    check: ({ id, via, dev }: netlink.Nexthop) =>
      expect(ipJson('nexthop get id 1')).toMatchObject([{ id, gateway: via, dev }]),
  },
  'ip nexthop bucket show id 3': {
    given: [...GATEWAY, HOP, HOP2, RESILIENT],
    check: (list: netlink.NexthopBucket[]) =>
      expect(list.map(({ index, nhid }) => [index, nhid])).toEqual(
        ipJson('nexthop bucket show id 3').map(({ bucket }) => [bucket['index'], bucket['nhid']]),
      ),
  },
  'ip nexthop bucket get id 3 index 0': {
    given: [...GATEWAY, HOP, HOP2, RESILIENT],
    check: ({ index, nhid }: netlink.NexthopBucket) =>
      expect(ipJson('nexthop bucket get id 3 index 0')).toMatchObject([{ bucket: { index, nhid } }]),
  },
  'ip route add 192.168.1.0/24 nhid 1': { given: [...GATEWAY, HOP], like: ['route show'] },
  'bridge link set dev veth-red-br cost 7 isolated on': {
    given: PORTS,
    like: ['bridge link show dev veth-red-br'],
  },
  'bridge -d link show dev veth-red-br': {
    given: [...PORTS, 'bridge link set dev veth-red-br cost 7'],
    check: ({ dev, data }: netlink.BridgePort) => {
      const [printed] = bridgeJson('link show dev veth-red-br')
      expect([dev, data?.cost, data?.priority]).toEqual([
        'veth-red-br',
        printed!['cost'],
        printed!['priority'],
      ])
    },
  },
  'bridge -d link show': {
    given: PORTS,
    check: (list: netlink.BridgePort[]) =>
      expect(list.map(({ dev }) => dev)).toEqual(bridgeJson('link show').map(({ ifname }) => ifname)),
  },
  'bridge fdb add 02:00:00:00:00:09 dev veth-red-br master static': { given: PORTS, like: SHOW_FDB },
  'bridge fdb replace 02:00:00:00:00:09 dev veth-blue-br master static': {
    given: [...PORTS, ENTRY],
    like: SHOW_FDB,
  },
  'bridge fdb append 00:00:00:00:00:00 dev vx0 dst 10.0.0.3': {
    lacking: { is: () => !hasKind('vxlan'), refused: { code: 'ENODEV', advice: 'no such interface' } },
    given: ['link add vx0 type vxlan id 42 remote 10.0.0.2 dstport 4789'],
    like: ['bridge fdb show dev vx0'],
  },
  'bridge fdb del 02:00:00:00:00:09 dev veth-red-br master': { given: [...PORTS, ENTRY], like: SHOW_FDB },
  'bridge fdb get 02:00:00:00:00:09 br v-net-0': {
    given: [...PORTS, ENTRY],
    check: ({ mac, dev }: netlink.FdbEntry) => {
      const [printed] = bridgeJson('fdb get 02:00:00:00:00:09 br v-net-0')
      expect({ mac, ifname: dev }).toEqual({ mac: printed!['mac'], ifname: printed!['ifname'] })
    },
  },
  'bridge fdb show br v-net-0': {
    given: [...PORTS, ENTRY],
    check: (list: netlink.FdbEntry[]) =>
      expect(list.map(({ mac, dev }) => `${mac} ${dev}`).sort()).toEqual(
        bridgeJson('fdb show br v-net-0')
          .map(({ mac, ifname }) => `${mac} ${ifname}`)
          .sort(),
      ),
  },
  'bridge fdb flush dev v-net-0 brport veth-red-br static': { given: [...PORTS, ENTRY], like: SHOW_FDB },
  'bridge mdb add dev v-net-0 port veth-red-br grp 239.1.1.1 permanent': {
    given: [...PORTS, ...UP],
    like: SHOW_MDB,
  },
  'bridge mdb del dev v-net-0 port veth-red-br grp 239.1.1.1': {
    given: [...PORTS, ...UP, GROUP],
    like: SHOW_MDB,
  },
  'bridge mdb replace dev v-net-0 port veth-red-br grp 239.1.1.1 temp': {
    lacking: lackingMdb([6, 2], { code: 'EEXIST', advice: 'it takes Linux 6.2 to change it' }),
    given: [...PORTS, ...UP, GROUP],
    check: () => expect(bridgeJson('mdb show dev v-net-0')[0]!['mdb']).toMatchObject([{ state: 'temp' }]),
  },
  'bridge mdb get dev v-net-0 grp 239.1.1.1': {
    lacking: lackingMdb([6, 7], { code: 'EOPNOTSUPP', advice: 'older than 6.7' }),
    given: [...PORTS, ...UP, GROUP],
    check: (list: netlink.MdbEntry[]) =>
      expect(list).toMatchObject([{ group: '239.1.1.1', port: 'veth-red-br' }]),
  },
  'bridge mdb show dev v-net-0': {
    given: [...PORTS, ...UP, GROUP],
    check: (list: netlink.MdbEntry[]) =>
      expect(list.map(({ port, group }) => ({ port, grp: group }))).toEqual(
        (bridgeJson('mdb show dev v-net-0')[0]!['mdb'] as Printed[]).map(({ port, grp }) => ({ port, grp })),
      ),
  },
  'bridge -d mdb show dev v-net-0': {
    given: [...PORTS, ...UP, 'bridge link set dev veth-red-br mcast_router 2'],
    check: (list: netlink.MdbRouterPort[]) => expect(list).toMatchObject([{ port: 'veth-red-br' }]),
  },
  'bridge mdb flush dev v-net-0': {
    lacking: lackingMdb([6, 8], { code: 'EOPNOTSUPP', advice: 'older than 6.8' }),
    given: [...PORTS, ...UP, GROUP],
    check: () => expect(bridgeJson('mdb show dev v-net-0')[0]!['mdb']).toEqual([]),
  },
  'bridge vlan add dev veth-red-br vid 100 pvid untagged': {
    lacking: VLANS_ROW,
    given: FILTERING,
    like: SHOW_VLANS,
  },
  'bridge vlan add dev v-net-0 vid 100-110 self': { lacking: VLANS_ROW, given: FILTERING, like: SHOW_VLANS },
  'bridge vlan del dev veth-red-br vid 1': {
    // The kernel says nothing of VLANs that are not there.
    lacking: { ...VLANS_ROW, refused: undefined },
    given: FILTERING,
    like: SHOW_VLANS,
  },
  'bridge vlan show': {
    lacking: VLANS_ROW,
    given: [...FILTERING, VID],
    check: (list: netlink.BridgeVlan[]) =>
      expect(new Set(list.map(({ dev }) => dev))).toEqual(
        new Set(bridgeJson('vlan show').map(({ ifname }) => ifname)),
      ),
  },
  'bridge vlan set dev veth-red-br vid 100 state blocking': {
    lacking: VLANS_ROW,
    given: [...FILTERING, VID],
    like: SHOW_VLANS,
  },
  'bridge vlan global set dev v-net-0 vid 100 mcast_snooping 0': {
    lacking: VLANS_ROW,
    given: FILTERING,
    like: ['bridge vlan global show dev v-net-0'],
  },
  'bridge vlan global show dev v-net-0': {
    lacking: VLANS_ROW,
    given: FILTERING,
    check: (list: netlink.GlobalBridgeVlan[]) => expect(list.map(({ vid }) => vid)).toContain(100),
  },
  'bridge mst set dev veth-red-br msti 7 state blocking': {
    lacking: VLANS_ROW,
    given: TREES,
    check: async () =>
      expect(await netlink.listBridgeMst({ dev: 'veth-red-br' })).toContainEqual(
        expect.objectContaining({ msti: 7, state: 'blocking' }),
      ),
  },
  'bridge vni add dev vx0 vni 100-200': { given: [VX], like: ['bridge vni show dev vx0'] },
  'bridge vni delete dev vx0 vni 100': {
    given: [VX, 'bridge vni add dev vx0 vni 100-200'],
    like: ['bridge vni show dev vx0'],
  },
  'bridge vni show dev vx0': {
    given: [VX, 'bridge vni add dev vx0 vni 100-200'],
    check: (list: netlink.VxlanVni[]) => {
      const [{ vnis }] = bridgeJson('vni show dev vx0') as [Printed]
      expect(vnis).toEqual([{ vni: list[0]!.vni, vniEnd: list.at(-1)!.vni }])
      expect(list).toHaveLength(101)
    },
  },
  'bridge mst show dev veth-red-br': {
    lacking: { ...VLANS_ROW, refused: [] },
    given: TREES,
    check: (list: netlink.BridgeMst[]) =>
      expect(list.map(({ dev, msti }) => [dev, msti])).toContainEqual(['veth-red-br', 7]),
  },
  'bridge monitor link': {
    given: PORTS,
    meanwhile: 'bridge link set dev veth-red-br cost 7',
    check: (event) =>
      expect(event).toMatchObject({ type: 'bridgePort', action: 'new', port: { dev: 'veth-red-br' } }),
  },
  'bridge monitor fdb': {
    meanwhile: 'link add later0 type bridge',
    check: (event) => expect(event).toMatchObject({ type: 'fdb', entry: { bridge: 'later0' } }),
  },
  'bridge monitor mdb': {
    given: [...PORTS, ...UP],
    meanwhile: GROUP,
    check: (event) =>
      expect(event).toMatchObject({ type: 'mdb', action: 'new', entries: [{ port: 'veth-red-br' }] }),
  },
  'ip monitor all-nsid link': {
    given: ['netns add red', 'netns set red 72'],
    meanwhile: '-n red link add br0 type bridge',
    check: (event) =>
      expect(event).toMatchObject({ nsid: 72, event: { type: 'link', link: { name: 'br0' } } }),
  },
}
