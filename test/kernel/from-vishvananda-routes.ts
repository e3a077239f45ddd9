/** Rows of docs/from-vishvananda.md about addresses, routes, rules, neighbours and forwarding tables. */

import { expect } from 'vitest'
import type * as netlink from '../../src/index.js'
import type { Row } from './document-rows.js'
import {
  bridgeJson,
  GATEWAY,
  HOP,
  HOP2,
  labels,
  lackingKind,
  MPLS,
  MPLS_ROW,
  ROUTE,
  RULES,
  STALE,
  VETH,
} from './document-worlds.js'
import { PORT } from './from-vishvananda-bridges.js'
import { ipJson, type Printed } from './support.js'

/** Its IPv6 addresses are those that it is given; down, so that its carrier does not come and go. */
const BRIDGE = ['link add v-net-0 address 02:00:00:00:01:00 type bridge', 'link set v-net-0 addrgenmode none']
const ADDRESS = 'addr add 192.168.15.1/24 dev v-net-0'

const addressRow = (words: string, before: readonly string[] = []): Row => ({
  given: [...BRIDGE, ...before],
  like: ['addr show dev v-net-0'],
  command: `ip addr ${words} dev v-net-0`,
})
const routeRow = (words: string, before: readonly string[] = [], table = 'main'): Row => ({
  given: [...GATEWAY, ...before],
  like: [`route show table ${table}`],
  command: `ip route ${words}`,
})
const nexthopRow = (words: string, before: readonly string[] = []): Row => ({
  given: [...GATEWAY, ...before],
  like: ['nexthop show'],
  command: `ip nexthop ${words}`,
})
const ruleRow = (words: string): Row => ({
  like: RULES,
  command: `ip rule add ${words} priority 1000`,
  undo: ['rule del priority 1000'],
})
const neighbourRow = (words: string, before: readonly string[] = []): Row => ({
  given: [...GATEWAY, ...before],
  like: ['-4 neigh show dev v-net-0'],
  command: `ip neigh ${words} dev v-net-0`,
})

/** The routes of a table, or those of them that are asked for: ip hides what it is asked for. */
const listed = (
  table: string,
  count: number,
  given: readonly string[],
  asked: (route: Printed) => boolean = () => true,
): Row => ({
  given: [...GATEWAY, ...given],
  check: (list: netlink.Route[]) => {
    expect(list.map(({ to, via, dev }) => ({ dst: to, gateway: via, dev }))).toEqual(
      ipJson(`-4 route show table ${table}`)
        .filter(asked)
        .map(({ dst, gateway = null, dev }) => ({ dst, gateway, dev })),
    )
    expect(list).toHaveLength(count)
  },
})

const ENTRY = 'bridge fdb add 02:00:00:00:00:09 dev veth-red master static'
const VX = 'link add vx0 type vxlan id 42 remote 10.0.0.2 dstport 4789'
const fdbRow = (words: string, before: readonly string[] = []): Row => ({
  given: [...PORT, ...before],
  like: ['bridge fdb show br v-net-0'],
  command: `bridge fdb ${words}`,
})
const tunnelRow = (words: string): Row => ({
  lacking: lackingKind('vxlan'),
  given: [VX],
  like: ['bridge fdb show dev vx0'],
  command: `bridge fdb ${words}`,
})
const ENTRY_9 = 'neigh add 192.168.15.9 lladdr 02:00:00:00:00:09 dev v-net-0'
const RULE = 'rule add from 192.168.15.0/24 lookup 100 priority 1000'

export const ROUTES: Record<string, Row> = {
  'AddrAdd(br, &Addr{IPNet: "192.168.15.5/24"})': addressRow('add 192.168.15.5/24 brd +'),
  'AddrAdd(br, &Addr{IPNet: "192.168.15.5/24", Label: "v-net-0:a", Scope: int(SCOPE_LINK), Broadcast: "192.168.15.255"})':
    addressRow('add 192.168.15.5/24 label v-net-0:a scope link brd 192.168.15.255'),
  'AddrAdd(br, &Addr{IPNet: "10.0.0.1/32", Peer: "10.0.0.2/32"})': {
    ...addressRow('add 10.0.0.1 peer 10.0.0.2/32'),
    // What is hidden of link-layer addresses has the peer's key.
    check: () =>
      expect(ipJson('-4 addr show dev v-net-0')[0]!['addr_info']).toMatchObject([{ address: '10.0.0.2' }]),
  },
  'AddrAdd(br, &Addr{IPNet: "2001:db8::5/64", Flags: IFA_F_NODAD + IFA_F_NOPREFIXROUTE})': addressRow(
    'add 2001:db8::5/64 nodad noprefixroute',
  ),
  'AddrReplace(br, &Addr{IPNet: "192.168.15.1/24", ValidLft: 600, PreferedLft: 300})': {
    given: [...BRIDGE, ADDRESS],
    check: () => {
      const [info] = ipJson('-4 addr show dev v-net-0')[0]!['addr_info'] as Printed[]
      expect(info!['valid_life_time']).toBeGreaterThan(590)
      expect(info!['valid_life_time']).toBeLessThanOrEqual(600)
      expect(info!['preferred_life_time']).toBeLessThanOrEqual(300)
    },
  },
  'AddrDel(br, &Addr{IPNet: "192.168.15.1/24"})': addressRow('del 192.168.15.1/24', [ADDRESS]),
  'AddrList(nil, FAMILY_ALL)': {
    given: [...BRIDGE, ADDRESS, 'addr add 2001:db8::5/64 dev v-net-0 nodad', 'link set lo up'],
    check: (list: netlink.Address[]) =>
      expect(list.map(({ address }) => address).sort()).toEqual(
        ipJson('addr show')
          .flatMap(({ addr_info: all }) => all as Printed[])
          .map(({ local, prefixlen }) => `${local}/${prefixlen}`)
          .sort(),
      ),
  },
  'AddrList(br, FAMILY_V4)': {
    given: [...BRIDGE, ADDRESS, 'addr add 2001:db8::5/64 dev v-net-0 nodad'],
    check: (list: netlink.Address[]) =>
      expect(list.map(({ address }) => address)).toEqual(['192.168.15.1/24']),
  },
  'RouteAdd(&Route{Gw: "192.168.15.5"})': routeRow('add default via 192.168.15.5'),
  'RouteAdd(&Route{Dst: "192.168.2.0/24", LinkIndex: br, Scope: SCOPE_LINK, Src: "192.168.15.1", Protocol: RTPROT_STATIC})':
    routeRow('add 192.168.2.0/24 dev v-net-0 scope link src 192.168.15.1 proto static'),
  'RouteAdd(&Route{Dst: "192.168.1.0/24", Gw: "192.168.15.6", Table: 100, Priority: 50, Tos: 16, MTU: 1400, MTULock: true, AdvMSS: 1300})':
    routeRow(
      'add 192.168.1.0/24 via 192.168.15.6 table 100 metric 50 tos 0x10 mtu lock 1400 advmss 1300',
      [],
      '100',
    ),
  'RouteAdd(&Route{Dst: "192.168.1.0/24", Gw: "192.168.15.6", Rtt: 800, RttVar: 400, InitCwnd: 20, Hoplimit: 9, Congctl: "reno"})':
    routeRow(
      'add 192.168.1.0/24 via 192.168.15.6 rtt 100ms rttvar 100ms initcwnd 20 hoplimit 9 congctl reno',
    ),
  'RouteAdd(&Route{Dst: "192.168.1.0/24", Gw: "10.9.9.9", LinkIndex: br, Flags: FLAG_ONLINK})': routeRow(
    'add 192.168.1.0/24 via 10.9.9.9 dev v-net-0 onlink',
  ),
  'RouteAdd(&Route{Dst: "192.168.3.0/24", Type: unix.RTN_BLACKHOLE})': {
    ...routeRow('add blackhole 192.168.3.0/24'),
    undo: ['route del blackhole 192.168.3.0/24'],
  },
  'RouteAdd(&Route{Dst: "192.168.2.0/24", MultiPath: []{{Gw: "192.168.15.6", Hops: 1}, {Gw: "192.168.15.7"}}})':
    routeRow('add 192.168.2.0/24 nexthop via 192.168.15.6 weight 2 nexthop via 192.168.15.7'),
  'RouteAdd(&Route{Dst: "192.168.2.0/24", LinkIndex: br, Via: &Via{AddrFamily: FAMILY_V6, Addr: "fe80::9"}})':
    routeRow('add 192.168.2.0/24 via inet6 fe80::9 dev v-net-0'),
  'RouteAdd(&Route{MPLSDst: &100, NewDst: &MPLSDestination{Labels: []{200}}, Via: "192.168.15.6"})': {
    lacking: MPLS_ROW,
    given: [labels, ...GATEWAY],
    like: MPLS,
    command: 'ip -f mpls route add 100 as 200 via inet 192.168.15.6',
  },
  'RouteAppend(&Route{Dst: "192.168.1.0/24", Gw: "192.168.15.7"})': routeRow(
    'append 192.168.1.0/24 via 192.168.15.7',
    [ROUTE],
  ),
  'RouteAddEcmp(&Route{Dst: "192.168.1.0/24", Gw: "192.168.15.7"})': routeRow(
    'prepend 192.168.1.0/24 via 192.168.15.7',
    [ROUTE],
  ),
  'RouteReplace(&Route{Dst: "192.168.1.0/24", Gw: "192.168.15.6"})': routeRow(
    'replace 192.168.1.0/24 via 192.168.15.6',
    [ROUTE],
  ),
  'RouteChange(&Route{Dst: "192.168.1.0/24", Gw: "192.168.15.6"})': routeRow(
    'change 192.168.1.0/24 via 192.168.15.6',
    [ROUTE],
  ),
  'RouteDel(&Route{Dst: "192.168.1.0/24"})': routeRow('del 192.168.1.0/24', [ROUTE]),
  'RouteList(nil, FAMILY_V4)': listed('main', 2, [ROUTE, `${ROUTE} table 100`]),
  'RouteList(br, FAMILY_V4)': listed(
    'main',
    2,
    [ROUTE, 'link set lo up', 'route add 10.9.0.0/16 dev lo'],
    ({ dev }) => dev === 'v-net-0',
  ),
  'RouteListFiltered(FAMILY_V4, &Route{Table: unix.RT_TABLE_UNSPEC}, RT_FILTER_TABLE)': {
    given: [...GATEWAY, ROUTE, `${ROUTE} table 100`],
    check: (list: netlink.Route[]) => {
      expect(list).toHaveLength(ipJson('-4 route show table all').length)
      expect(new Set(list.map(({ table }) => table))).toEqual(new Set([100, 254, 255]))
    },
  },
  'RouteListFiltered(FAMILY_V4, &Route{Table: 100, Gw: gw}, RT_FILTER_TABLE + RT_FILTER_GW)': listed(
    '100',
    1,
    [ROUTE, `${ROUTE} table 100`, 'route add default via 192.168.15.6 table 100'],
    ({ gateway }) => gateway === '192.168.15.5',
  ),
  'RouteListFiltered(FAMILY_V4, &Route{Dst: nil}, RT_FILTER_DST)': listed(
    'main',
    1,
    [ROUTE, 'route add default via 192.168.15.6'],
    ({ dst }) => dst === 'default',
  ),
  'RouteListFilteredIter(FAMILY_V4, nil, 0, f)': {
    given: [...GATEWAY, 'route add default via 192.168.15.6', ROUTE],
    check: ({ to, via }: netlink.Route) => expect([to, via]).toEqual(['192.168.1.0/24', '192.168.15.5']),
  },
  'RouteGet("192.168.15.2")': {
    given: GATEWAY,
    check: (result: netlink.RouteLookup) => {
      const [printed] = ipJson('route get 192.168.15.2')
      expect(result).toMatchObject({ dev: printed!['dev'], src: printed!['prefsrc'] })
    },
  },
  'RouteGetWithOptions("192.168.15.2", &RouteGetOptions{Oif: "v-net-0", SrcAddr: "192.168.15.1", Mark: 7, UID: &0})':
    {
      given: GATEWAY,
      check: (result: netlink.RouteLookup) => {
        const [printed] = ipJson('route get 192.168.15.2 from 192.168.15.1 oif v-net-0 mark 7 uid 0')
        expect(printed).toMatchObject({ dev: result.dev, from: result.from, uid: result.uid })
        expect(result).toMatchObject({ mark: 7, uid: 0, from: '192.168.15.1' })
      },
    },
  'RouteGetWithOptions("192.168.1.9", &RouteGetOptions{FIBMatch: true})': {
    given: [...GATEWAY, ROUTE],
    check: ({ to, via }: netlink.RouteLookup) =>
      expect(ipJson('route get fibmatch 192.168.1.9')).toMatchObject([{ dst: to, gateway: via }]),
  },
  'RouteGetWithOptions("192.168.3.9", &RouteGetOptions{VrfName: "red"})': {
    lacking: lackingKind('vrf'),
    given: [
      'link add red up type vrf table 100',
      // The kernel adds it with the first VRF of a namespace alone.
      'rule add l3mdev priority 999',
      VETH,
      'link set veth-red master red',
      'link set veth-blue up',
      'link set veth-red up',
      'addr add 192.168.15.2/24 dev veth-red',
      'route add 192.168.3.0/24 via 192.168.15.5 table 100',
    ],
    check: ({ via, dev, table }: netlink.RouteLookup) =>
      expect({ via, dev, table }).toEqual({ via: '192.168.15.5', dev: 'veth-red', table: 100 }),
  },
  'NexthopAdd(&Nexthop{ID: 1, OIF: br, Gateway: "192.168.15.6"})': nexthopRow(
    'add id 1 via 192.168.15.6 dev v-net-0',
  ),
  'NexthopAdd(&Nexthop{ID: 1, Blackhole: true})': {
    ...nexthopRow('add id 1 blackhole'),
    undo: ['nexthop del id 1'],
  },
  'NexthopAdd(&Nexthop{ID: 3, Group: []{{ID: 1}, {ID: 2, Weight: 2}}})': nexthopRow('add id 3 group 1/2,2', [
    HOP,
    HOP2,
  ]),
  'NexthopReplace(&Nexthop{ID: 1, OIF: br, Gateway: "192.168.15.7"})': nexthopRow(
    'replace id 1 via 192.168.15.7 dev v-net-0',
    [HOP],
  ),
  'NexthopDel(&Nexthop{ID: 1})': nexthopRow('del id 1', [HOP, HOP2]),
  'NexthopList()': {
    given: [...GATEWAY, HOP, HOP2],
    check: (list: netlink.Nexthop[]) =>
      expect(list.map(({ id, via, dev }) => ({ id, gateway: via, dev }))).toEqual(
        ipJson('nexthop show').map(({ id, gateway, dev }) => ({ id, gateway, dev })),
      ),
  },
  'RuleAdd(&Rule{Src: "192.168.15.0/24", Table: 100, Priority: 1000})': ruleRow(
    'from 192.168.15.0/24 lookup 100',
  ),
  'RuleAdd(&Rule{Family: FAMILY_V4, Mark: 0x10, Mask: &0xff, Invert: true, IifName: "v-net-0", Table: 100, Priority: 1000})':
    ruleRow('not from all fwmark 0x10/0xff iif v-net-0 lookup 100'),
  'RuleAdd(&Rule{Dst: "10.0.0.0/8", IPProto: unix.IPPROTO_TCP, Sport: NewRulePortRange(1000, 2000), Dport: NewRulePortRange(80, 80), Table: 100, Priority: 1000})':
    ruleRow('to 10.0.0.0/8 ipproto tcp sport 1000-2000 dport 80 lookup 100'),
  'RuleAdd(&Rule{Family: FAMILY_V4, UIDRange: NewRuleUIDRange(0, 0), Tos: 16, OifName: "v-net-0", Table: 100, Protocol: 99, Priority: 1000})':
    ruleRow('uidrange 0-0 tos 0x10 oif v-net-0 lookup 100 protocol 99'),
  'RuleAdd(&Rule{Family: FAMILY_V4, Table: 254, SuppressPrefixlen: 0, SuppressIfgroup: 7, Priority: 1000})':
    ruleRow('lookup main suppress_prefixlength 0 suppress_ifgroup 7'),
  'RuleAdd(&Rule{Family: FAMILY_V4, TunID: 42, Goto: 32766, Priority: 1000})':
    ruleRow('tun_id 42 goto 32766'),
  'RuleAdd(&Rule{Src: "192.168.15.0/24", Type: unix.FR_ACT_BLACKHOLE, Priority: 1000})': ruleRow(
    'from 192.168.15.0/24 blackhole',
  ),
  'RuleDel(&Rule{Family: FAMILY_V4, Priority: 1000})': {
    given: [RULE],
    like: RULES,
    command: 'ip rule del priority 1000',
  },
  'RuleList(FAMILY_V4)': {
    given: [RULE],
    check: (list: netlink.Rule[]) =>
      expect(list.map(({ priority }) => priority)).toEqual(
        ipJson('-4 rule show').map(({ priority }) => priority),
      ),
    undo: ['rule del priority 1000'],
  },
  'RuleListFiltered(FAMILY_V4, &Rule{Table: 100}, RT_FILTER_TABLE)': {
    given: [RULE],
    check: (list: netlink.Rule[]) =>
      expect(list.map(({ priority }) => priority)).toEqual(
        ipJson('-4 rule show table 100').map(({ priority }) => priority),
      ),
    undo: ['rule del priority 1000'],
  },
  'NeighAdd(&Neigh{LinkIndex: br, IP: "192.168.15.9", HardwareAddr: "02:00:00:00:00:09", State: NUD_PERMANENT})':
    neighbourRow('add 192.168.15.9 lladdr 02:00:00:00:00:09'),
  'NeighAdd(&Neigh{LinkIndex: br, IP: "192.168.15.8", Flags: NTF_PROXY})': {
    ...neighbourRow('add proxy 192.168.15.8'),
    like: ['neigh show proxy'],
  },
  'NeighSet(&Neigh{LinkIndex: br, IP: "192.168.15.9", HardwareAddr: "02:00:00:00:00:0a", State: NUD_STALE, Flags: NTF_ROUTER})':
    neighbourRow('replace 192.168.15.9 lladdr 02:00:00:00:00:0a nud stale router', [ENTRY_9]),
  'NeighDel(&Neigh{LinkIndex: br, IP: "192.168.15.9"})': neighbourRow('del 192.168.15.9', [ENTRY_9]),
  'NeighList(br, FAMILY_V4)': {
    given: [...GATEWAY, ENTRY_9],
    // ip shows none of those that the kernel makes for multicast groups.
    check: (list: netlink.Neighbour[]) =>
      expect(list.filter(({ state }) => state !== 'noarp').map(({ to, mac }) => [to, mac])).toEqual(
        ipJson('-4 neigh show dev v-net-0').map(({ dst, lladdr }) => [dst, lladdr]),
      ),
  },
  'NeighProxyList(br, FAMILY_V4)': {
    given: [...GATEWAY, 'neigh add proxy 192.168.15.8 dev v-net-0'],
    check: (list: netlink.Neighbour[]) =>
      expect(list.map(({ to, dev }) => [to, dev])).toEqual(
        ipJson('neigh show proxy').map(({ dst, dev }) => [dst, dev]),
      ),
  },
  'NeighListExecute(Ndmsg{Index: br, State: NUD_STALE})': {
    given: [...GATEWAY, STALE, 'neigh add 192.168.15.17 lladdr 02:00:00:00:00:09 dev v-net-0'],
    check: (list: netlink.Neighbour[]) =>
      expect(list.map(({ to }) => to)).toEqual(
        ipJson('neigh show dev v-net-0 nud stale').map(({ dst }) => dst),
      ),
  },
  'NeighAdd(&Neigh{Family: AF_BRIDGE, LinkIndex: link, HardwareAddr: "02:00:00:00:00:09", Flags: NTF_MASTER, State: NUD_NOARP})':
    fdbRow('add 02:00:00:00:00:09 dev veth-red master static'),
  'NeighSet(&Neigh{Family: AF_BRIDGE, LinkIndex: vx0, HardwareAddr: "02:00:00:00:00:09", IP: "10.0.0.3", Flags: NTF_SELF})':
    tunnelRow('replace 02:00:00:00:00:09 dev vx0 dst 10.0.0.3'),
  'NeighAppend(&Neigh{Family: AF_BRIDGE, LinkIndex: vx0, HardwareAddr: "00:00:00:00:00:00", IP: "10.0.0.3", VNI: 7, Flags: NTF_SELF})':
    tunnelRow('append 00:00:00:00:00:00 dev vx0 dst 10.0.0.3 vni 7'),
  'NeighDel(&Neigh{Family: AF_BRIDGE, LinkIndex: link, HardwareAddr: "02:00:00:00:00:09", Flags: NTF_MASTER})':
    fdbRow('del 02:00:00:00:00:09 dev veth-red master', [ENTRY]),
  'NeighList(link, AF_BRIDGE)': {
    given: [...PORT, ENTRY],
    check: (list: netlink.FdbEntry[]) =>
      expect(list.map(({ mac, dev }) => `${mac} ${dev}`).sort()).toEqual(
        bridgeJson('fdb show dev veth-red')
          .map(({ mac, ifname = 'veth-red' }) => `${mac} ${ifname}`)
          .sort(),
      ),
  },
}
