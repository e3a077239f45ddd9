/** Our link tables against the kernel's own description, rt-link.yaml. What differs is listed, with its reason. */

import { beforeEach, describe, expect, it } from 'vitest'
import { flags, names, u32 } from '../../src/codec/index.js'
import type { Table } from '../../src/codec/table.js'
import { NO_SIBLINGS } from '../../src/codec/type.js'
import {
  afSpecAttributes,
  inet6Attributes,
  inetAttributes,
  mctpAttributes,
} from '../../src/rtnetlink/link/af-spec.js'
import * as constants from '../../src/rtnetlink/link/constants.js'
import { kinds, portKinds } from '../../src/rtnetlink/link/kinds/index.js'
import {
  ifStatsMsg,
  offloadInfoAttributes,
  offloadStatsAttributes,
  statsAttributes,
} from '../../src/rtnetlink/link/stats-table.js'
import {
  devlinkPortAttributes,
  dpllPinAttributes,
  ifinfomsg,
  linkAttributes,
  linkinfoAttributes,
  propertyAttributes,
} from '../../src/rtnetlink/link/table.js'
import {
  portAttributes,
  vfAttributes,
  vfInfoListAttributes,
  vfPortsAttributes,
  vfStatsAttributes,
  vfVlanAttributes,
} from '../../src/rtnetlink/link/vf.js'
import { xdpAttributes } from '../../src/rtnetlink/link/xdp.js'
import {
  compareNames,
  comparePositions,
  compareSet,
  compareStruct,
  type Tables,
} from '../conformance/compare.js'
import { loadSpec, noSpec, numbered } from '../conformance/spec.js'

const spec = loadSpec('rt-link')!
const kindTable = (kind: keyof typeof kinds) => kinds[kind]().table as Table
const inside = (table: Table, field: string) => table.byName(field)!.type.inner!(NO_SIBLINGS)!

const tables: Tables = {
  'link-attrs': linkAttributes,
  'prop-list-link-attrs': propertyAttributes,
  'af-spec-attrs': afSpecAttributes,
  'vfinfo-list-attrs': vfInfoListAttributes,
  'vfinfo-attrs': vfAttributes,
  'vf-stats-attrs': vfStatsAttributes,
  'vf-vlan-attrs': vfVlanAttributes,
  'vf-ports-attrs': vfPortsAttributes,
  'port-self-attrs': portAttributes,
  'linkinfo-attrs': linkinfoAttributes,
  'linkinfo-bond-attrs': kindTable('bond'),
  'bond-ad-info-attrs': inside(kindTable('bond'), 'adInfo'),
  'bond-slave-attrs': portKinds.bond().table as Table,
  'linkinfo-bridge-attrs': kindTable('bridge'),
  'linkinfo-brport-attrs': portKinds.bridge().table as Table,
  'linkinfo-gre-attrs': kindTable('gre'),
  'linkinfo-gre6-attrs': kindTable('ip6gre'),
  'linkinfo-vti-attrs': kindTable('vti'),
  'linkinfo-vti6-attrs': kindTable('vti6'),
  'linkinfo-geneve-attrs': kindTable('geneve'),
  'linkinfo-iptun-attrs': kindTable('ipip'),
  'linkinfo-ip6tnl-attrs': kindTable('ip6tnl'),
  'linkinfo-tun-attrs': kindTable('tun'),
  'linkinfo-vlan-attrs': kindTable('vlan'),
  'linkinfo-vrf-attrs': kindTable('vrf'),
  'xdp-attrs': xdpAttributes,
  'ifla-attrs': inetAttributes,
  'ifla6-attrs': inet6Attributes,
  'mctp-attrs': mctpAttributes,
  'stats-attrs': statsAttributes,
  'link-offload-xstats': offloadStatsAttributes,
  'hw-s-info-one': offloadInfoAttributes,
  'link-dpll-pin-attrs': dpllPinAttributes,
  'linkinfo-netkit-attrs': kindTable('netkit'),
  'linkinfo-ovpn-attrs': kindTable('ovpn'),
}

/** Differences that are meant: the reason, and what it explains. */
const KNOWN: Record<string, readonly string[]> = {
  'newer than the description (linux/if_link.h)': [
    "link-attrs: 'headroom' (68) is not described",
    "link-attrs: 'tailroom' (69) is not described",
    "linkinfo-bond-attrs: 'broadcastNeigh' (33) is not described",
    "linkinfo-bond-attrs: 'lacpStrict' (34) is not described",
    "linkinfo-bridge-attrs: 'stpMode' (50) is not described",
    "linkinfo-brport-attrs: 'neighForwardGrat' (45) is not described",
    "linkinfo-geneve-attrs: 'groHint' (16) is not described",
    "linkinfo-geneve-attrs: 'local' (17) is not described",
    "linkinfo-geneve-attrs: 'local6' (18) is not described",
    "linkinfo-netkit-attrs: 'pairing' (10) is not described",
    "bond-slave-attrs: 'actorPortPrio' (10) is not described",
    "bond-slave-attrs: 'adChurnActorState' (11) is not described",
    "bond-slave-attrs: 'adChurnPartnerState' (12) is not described",
  ],
  'left open by the description: enum IFLA_VF_PORT and IFLA_PORT of linux/if_link.h': [
    "port-self-attrs: 'vf' (1) is not described",
    "port-self-attrs: 'profile' (2) is not described",
    "port-self-attrs: 'vsiType' (3) is not described",
    "port-self-attrs: 'instanceUuid' (4) is not described",
    "port-self-attrs: 'hostUuid' (5) is not described",
    "port-self-attrs: 'request' (6) is not described",
    "port-self-attrs: 'response' (7) is not described",
    "vf-ports-attrs: 'port' (1) is not described",
  ],
  'the kernel sends and takes one byte, not a flag (br_port_fill_attrs(), br_port_policy; fixtures bridge-slave-flags*)':
    [
      'bcast-flood',
      'fast-leave',
      'guard',
      'isolated',
      'learning',
      'learning-sync',
      'locked',
      'mab',
      'mcast-flood',
      'mcast-to-ucast',
      'mode',
      'mrp-in-open',
      'mrp-ring-open',
      'neigh-suppress',
      'neigh-vlan-suppress',
      'protect',
      'proxyarp',
      'proxyarp-wifi',
      'unicast-flood',
      'vlan-tunnel',
    ].map((name) => `linkinfo-brport-attrs.${name}: flag is read as bool8`),
  'the index of what is told of a group of counters is the number of the group (rtnl_offload_xstats_fill_hw_s_info())':
    ['link-offload-xstats.hw-s-info: indexed-array is read as nested'],
  'named for people who do not know the abbreviation, or as `ip` names it': [
    "linkinfo-bridge-attrs.fdb-n-learned: is called 'fdbLearned'",
    "linkinfo-bridge-attrs.group-addr: is called 'groupAddress'",
    "linkinfo-bridge-attrs.mcast-last-member-cnt: is called 'mcastLastMemberCount'",
    "linkinfo-bridge-attrs.mcast-last-member-intvl: is called 'mcastLastMemberInterval'",
    "linkinfo-bridge-attrs.mcast-membership-intvl: is called 'mcastMembershipInterval'",
    "linkinfo-bridge-attrs.mcast-querier-intvl: is called 'mcastQuerierInterval'",
    "linkinfo-bridge-attrs.mcast-query-intvl: is called 'mcastQueryInterval'",
    "linkinfo-bridge-attrs.mcast-query-response-intvl: is called 'mcastQueryResponseInterval'",
    "linkinfo-bridge-attrs.mcast-startup-query-cnt: is called 'mcastStartupQueryCount'",
    "linkinfo-bridge-attrs.mcast-startup-query-intvl: is called 'mcastStartupQueryInterval'",
    "linkinfo-bridge-attrs.mcast-stats-enabled: is called 'mcastStats'",
    "linkinfo-bridge-attrs.stp-state: is called 'stp'",
    "linkinfo-bridge-attrs.vlan-stats-enabled: is called 'vlanStats'",
    "linkinfo-brport-attrs.mcast-eht-hosts-cnt: is called 'mcastEhtHostsCount'",
    "linkinfo-brport-attrs.mcast-to-ucast: is called 'mcastToUnicast'",
    "linkinfo-brport-attrs.mode: is called 'hairpin'",
    "linkinfo-brport-attrs.multicast-router: is called 'mcastRouter'",
    "linkinfo-brport-attrs.no: is called 'number'",
    "linkinfo-brport-attrs.protect: is called 'rootBlock'",
    "linkinfo-brport-attrs.proxyarp-wifi: is called 'proxyArpWifi'",
    "linkinfo-brport-attrs.proxyarp: is called 'proxyArp'",
    "linkinfo-brport-attrs.unicast-flood: is called 'flood'",
    "linkinfo-geneve-attrs.port: is called 'dstport'",
    "linkinfo-iptun-attrs.6rd-prefix: is called 'sixRdPrefix'",
    "linkinfo-iptun-attrs.6rd-prefixlen: is called 'sixRdPrefixLength'",
    "linkinfo-iptun-attrs.6rd-relay-prefix: is called 'sixRdRelayPrefix'",
    "linkinfo-iptun-attrs.6rd-relay-prefixlen: is called 'sixRdRelayPrefixLength'",
    "vf-vlan-attrs.info: ifla-vf-vlan-info.vlan-proto is called 'protocol'",
  ],
  'named as in /proc/sys/net/ipv4/conf': [
    "ipv4-devconf nopolicy (15) is 'disable_policy'",
    "ipv4-devconf noxfrm (14) is 'disable_xfrm'",
    "ipv4-devconf src-vmark (23) is 'src_valid_mark'",
  ],
  'named as in /proc/sys/net/ipv6/conf': [
    "ipv6-devconf mtu6 (2) is 'mtu'",
    "ipv6-devconf rtr-probe-interval (20) is 'router_probe_interval'",
    "ipv6-devconf rtr-solicit-delay (9) is 'router_solicitation_delay'",
    "ipv6-devconf rtr-solicit-interval (8) is 'router_solicitation_interval'",
    "ipv6-devconf rtr-solicit-max-interval (43) is 'router_solicitation_max_interval'",
    "ipv6-devconf rtr-solicits (7) is 'router_solicitations'",
  ],
  'IFF_POINTOPOINT in linux/if.h, and in `ip link`': [
    "ifinfomsg.ifi-flags ifinfo-flags point-to-point (16) is 'pointopoint'",
  ],
  'a type of our own for the same bytes, compared apart': [
    'linkinfo-bridge-attrs.bridge-id: struct ifla-bridge-id is read as bridge id',
    'linkinfo-bridge-attrs.root-id: struct ifla-bridge-id is read as bridge id',
    'linkinfo-brport-attrs.bridge-id: struct ifla-bridge-id is read as bridge id',
    'linkinfo-brport-attrs.root-id: struct ifla-bridge-id is read as bridge id',
    'linkinfo-bridge-attrs.multi-boolopt: struct br-boolopt-multi is read as switches',
    'linkinfo-vlan-attrs.flags: struct ifla-vlan-flags is read as switches',
    'linkinfo-vlan-attrs.egress-qos: nest is read as array',
    'linkinfo-vlan-attrs.ingress-qos: nest is read as array',
    'ifla-vlan-qos: has no table',
  ],
  'the bytes have a form that the description does not tell (net/core/rtnetlink.c, net/bridge/br_netlink.c, drivers/net/netkit.c)':
    [
      'link-attrs.devlink-port: binary is read as nested',
      'link-attrs.protinfo: string is read as bytes',
      'link-attrs.wireless: string is read as bytes',
      'link-attrs.proto-down-reason: string is read as nested',
      'linkinfo-bridge-attrs.fdb-flush: binary is read as flag',
      'linkinfo-bridge-attrs.mcast-querier-state: binary is read as nested',
      'linkinfo-netkit-attrs.peer-info: binary is read as peer',
      'stats-attrs.link-xstats: binary is read as nested',
      'stats-attrs.link-xstats-slave: binary is read as nested',
      'stats-attrs.af-spec: binary is read as nested',
      'link-offload-xstats.cpu-hit: binary is read as struct',
      'link-offload-xstats.l3-stats: binary is read as struct',
      'ifla6-attrs.token: binary is read as ipv6',
      'vfinfo-attrs.broadcast: binary is read as mac',
    ],
  'signed in the kernel: nla_put_s32() of bond_fill_slave_info()': [
    'bond-slave-attrs.prio: u32 is read as s32',
  ],
  '__u32 in linux/if_link.h': ['ifla6-attrs.cacheinfo: ifla-cacheinfo.reachable-time s32 is read as u32'],
  '__be16 in linux/if_link.h, followed by padding': [
    'vf-vlan-attrs.info: ifla-vf-vlan-info.vlan-proto u32 is read as enum be16',
  ],
  'nla_put_be16() of br_fill_info(); fixture bridge-vlan-protocol': [
    'linkinfo-bridge-attrs.vlan-protocol: u16 is read as enum be16',
  ],
  'in host order: ip6_tnl_fill_info(), and SIT_ISATAP of linux/if_tunnel.h; fixtures ip6tnl-inherit, sit-isatap':
    [
      'linkinfo-ip6tnl-attrs.flags: u32 big-endian is read as flags u32',
      'linkinfo-iptun-attrs.flags: u16 big-endian is read as flags u16',
    ],
}

const definition = (name: string) => spec.definitions.find((one) => one.name === name)!
const typeOf = (table: Table, field: string) => table.byName(field)!.type

const filterFlags = names(
  Object.fromEntries(
    Object.entries(constants)
      .filter(([name]) => name.startsWith('RTEXT_FILTER_'))
      .map(([name, bit]) => [name.slice('RTEXT_FILTER_'.length), bit]),
  ),
)

describe(`the link tables and the kernel's rt-link.yaml`, () => {
  beforeEach(({ skip }) => {
    skip(loadSpec('rt-link') === null, noSpec('rt-link'))
  })

  it('agree, but for what is listed', () => {
    const inetConf = typeOf(inetAttributes, 'conf')
    // Kernels differ in the order of those that follow.
    const inet6Stats = definition('ifla-inet6-stats')
    const sureStats = { ...inet6Stats, entries: inet6Stats.entries!.slice(0, 4) }
    const ours = [
      ...spec['attribute-sets'].flatMap(({ name }) => compareSet(spec, name, tables)),
      ...compareStruct(spec, definition('ifinfomsg'), ifinfomsg, tables, 'ifi-'),
      ...compareStruct(spec, definition('if-stats-msg'), ifStatsMsg, tables),
      ...comparePositions(definition('ipv4-devconf'), inetConf, 4),
      ...comparePositions(definition('ipv6-devconf'), typeOf(inet6Attributes, 'conf'), 4),
      ...comparePositions(sureStats, typeOf(inet6Attributes, 'stats'), 8),
      ...comparePositions(definition('ifla-icmp6-stats'), typeOf(inet6Attributes, 'icmp6stats'), 8),
      ...compareNames(definition('rtext-filter'), flags(u32, filterFlags)),
      ...compareNames(definition('vlan-flags'), typeOf(kindTable('vlan'), 'flags')),
    ]
    // A number in the attribute, compared with the names that stand for it just above.
    const numbers = /^link-attrs\.ext-mask: rtext-filter /
    const differences = ours.filter((said) => !numbers.test(said))
    expect(differences.sort()).toEqual(Object.values(KNOWN).flat().sort())
  })

  it('agree on the port of devlink with devlink.yaml', ({ skip }) => {
    const devlink = loadSpec('devlink')
    skip(devlink === null, noSpec('devlink'))
    const handle = ['bus-name', 'dev-name', 'port-index']
    const whole = devlink!['attribute-sets'].find(({ name }) => name === 'devlink')!
    const set = { name: 'port', attributes: whole.attributes.filter(({ name }) => handle.includes(name)) }
    const described = { ...devlink!, 'attribute-sets': [set] }
    expect(compareSet(described, 'port', { port: devlinkPortAttributes })).toEqual([])
  })

  it('agree on what the kinds hold', () => {
    const [data, member] = ['linkinfo-data-msg', 'linkinfo-member-data-msg'].map(
      (name) => spec['sub-messages']!.find((one) => one.name === name)!.formats,
    )
    for (const { value, 'attribute-set': set } of data!)
      expect(Object.keys(kindTable(value as keyof typeof kinds).fields), value).toEqual(
        Object.keys(tables[set!]!.fields),
      )
    for (const { value, 'attribute-set': set } of member!)
      expect(portKinds[value as keyof typeof portKinds]().table, value).toBe(tables[set!])
  })

  it('agree on types of our own: bridge ids, switches, priority maps', () => {
    const bridge = kindTable('bridge')
    const id = Uint8Array.of(0x80, 0x00, 2, 0, 0, 0, 0, 1)
    // prio is two bytes, high one first (struct ifla_bridge_id), then the address.
    expect(definition('ifla-bridge-id').members!.map(({ name }) => name)).toEqual(['prio', 'addr'])
    expect(typeOf(bridge, 'bridgeId').decode(id, 0, 8, NO_SIBLINGS)).toEqual({
      priority: 0x8000,
      mac: '02:00:00:00:00:01',
    })
    expect(definition('br-boolopt-multi').members!.map(({ name }) => name)).toEqual(['optval', 'optmask'])
    const options = Uint8Array.of(1, 0, 0, 0, 3, 0, 0, 0)
    expect(typeOf(bridge, 'multiBoolopt').decode(options, 0, 8, NO_SIBLINGS)).toEqual({
      no_ll_learn: true,
      mcast_vlan_snooping: false,
    })
    const [mapping] = numbered(spec, spec['attribute-sets'].find(({ name }) => name === 'ifla-vlan-qos')!)
    const element = typeOf(kindTable('vlan'), 'egressQos').inner!(NO_SIBLINGS)!.byNumber(
      mapping!.number,
    )!.type
    expect(compareStruct(spec, definition(mapping!.struct!), element, tables)).toEqual([])
  })
})
