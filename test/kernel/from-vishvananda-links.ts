/** Rows of docs/from-vishvananda.md about interfaces. */

import { closeSync } from 'node:fs'
import { expect } from 'vitest'
import * as netlink from '../../src/index.js'
import type { Lacking, Row } from './document-rows.js'
import { kindRow, lackingKind, RED, TUN_ROW, VETH } from './document-worlds.js'
import { BRIDGE, PORT } from './from-vishvananda-bridges.js'
import { since } from './needs.js'
import { hasKind, ipJson, type Printed } from './support.js'

const SHOW_RED = ['link show dev veth-red']
const link = (name: string, netns?: string): Printed => ipJson(`link show dev ${name}`, netns)[0]!
const names = (netns?: string) => ipJson('link show', netns).map(({ ifname }) => ifname as string)

/** A setting of veth-red, as `ip link set` has it. */
const setting = (words: string, before: readonly string[] = []): Row => ({
  given: [VETH, ...before.map((said) => `link set veth-red ${said}`)],
  like: SHOW_RED,
  command: `ip link set veth-red ${words}`,
})

/** A link of a kind, and what ip prints of its data. */
const made = (name: string, kind: string, data: Printed = {}): Row => ({
  lacking: kindRow(kind),
  given: [VETH],
  check: () => expect(link(name)['linkinfo']).toMatchObject({ info_kind: kind, info_data: data }),
})
/** One without data. */
const plain = (name: string, kind: string): Row => ({
  lacking: kindRow(kind),
  check: () => expect(link(name)['linkinfo']).toMatchObject({ info_kind: kind }),
})
/** The same as ip makes it itself. */
const alike = (name: string, kind: string, words: string): Row => ({
  lacking: kindRow(kind),
  given: [VETH],
  like: [`link show dev ${name}`],
  command: `ip link add ${name} ${words}`,
})

/** Older kernels pass over them. */
const NO_IPV4_SIZES: Lacking = { is: () => !since(6, 3), given: [VETH], refused: undefined }

const SOURCES = 'macaddr set 02:00:00:00:00:01 02:00:00:00:00:02'
const macvlanSetting = (mode: string, words: string): Row => ({
  lacking: lackingKind('macvlan'),
  given: [VETH, `link add mac0 link veth-red type macvlan mode ${mode}`],
  like: ['link show dev mac0'],
  command: `ip link set mac0 type macvlan ${words}`,
})

const BOND = [VETH, 'link add bond7 type bond mode active-backup miimon 100']
const PORT_OF_BOND = [...BOND, 'link set veth-red master bond7']
const [V4, V6] = [
  { local: '192.0.2.1', remote: '192.0.2.3' },
  { local: '2001:db8::1', remote: '2001:db8::3' },
]

export const LINKS: Record<string, Row> = {
  'LinkList()': {
    given: [VETH],
    check: (list: netlink.Link[]) => expect(list.map(({ name }) => name)).toEqual(names()),
  },
  'LinkByName("veth-red")': {
    given: [VETH],
    check: ({ mac, ifindex }: netlink.Link) =>
      expect(link('veth-red')).toMatchObject({ address: mac, ifindex }),
  },
  'LinkByIndex(1)': { check: ({ name }: netlink.Link) => expect(name).toBe('lo') },
  'LinkByAlias("uplink")': {
    given: [VETH, 'link set veth-blue alias uplink'],
    check: ({ name }: netlink.Link) => expect(name).toBe('veth-blue'),
  },
  'link.Attrs().Statistics': {
    given: [VETH, 'link set veth-red up', 'link set veth-blue up'],
    check: ({ txPackets }: netlink.LinkStats) =>
      expect(ipJson('-s link show veth-red')[0]!['stats64']['tx']['packets']).toBeGreaterThanOrEqual(
        Number(txPackets),
      ),
  },
  'VethPeerIndex(veth)': {
    given: [VETH],
    check: (ifindex) => expect(ifindex).toBe(link('veth-blue')['ifindex']),
  },
  'LinkDel(link)': { given: [VETH], check: () => expect(names()).toEqual(['lo']) },
  'LinkModify(&Bridge{Name: "v-net-0", MTU: 1400, AgeingTime: &time})': {
    given: [BRIDGE],
    like: ['link show dev v-net-0'],
    command: 'ip link set v-net-0 mtu 1400 type bridge ageing_time 6000',
  },
  // The carrier is followed a moment later, and with it the state that ip shows.
  'LinkSetUp(link)': { given: [VETH], check: () => expect(link('veth-red')['flags']).toContain('UP') },
  'LinkSetDown(link)': {
    given: [VETH, 'link set veth-red up'],
    check: () => expect(link('veth-red')['flags']).not.toContain('UP'),
  },
  'LinkSetMTU(link, 9000)': setting('mtu 9000'),
  'LinkSetName(link, "eth0")': { ...setting('name eth0'), like: ['link show dev eth0'] },
  'LinkSetAlias(link, "uplink")': setting('alias uplink'),
  'LinkAddAltName(link, "to-blue")': {
    given: [VETH],
    like: SHOW_RED,
    command: 'ip link property add dev veth-red altname to-blue',
  },
  'LinkDelAltName(link, "to-blue")': {
    given: [VETH, 'link property add dev veth-red altname to-blue'],
    like: SHOW_RED,
    command: 'ip link property del dev veth-red altname to-blue',
  },
  'LinkSetHardwareAddr(link, "02:00:00:00:00:07")': {
    given: [VETH],
    check: () => expect(link('veth-red')['address']).toBe('02:00:00:00:00:07'),
  },
  'LinkSetTxQLen(link, 100)': setting('txqueuelen 100'),
  'LinkSetGroup(link, 7)': setting('group 7'),
  'LinkSetMaster(link, br)': {
    given: [VETH, BRIDGE],
    like: SHOW_RED,
    command: 'ip link set veth-red master v-net-0',
  },
  'LinkSetMasterByIndex(link, 40)': {
    given: [VETH, BRIDGE],
    check: () => expect(link('veth-red')['master']).toBe('v-net-0'),
  },
  'LinkSetNoMaster(link)': {
    given: PORT,
    like: SHOW_RED,
    command: 'ip link set veth-red nomaster',
  },
  'LinkSetNsFd(link, int(ns))': {
    given: ['netns add red', VETH],
    check: () => expect([names().includes('veth-red'), names('red')]).toEqual([false, ['lo', 'veth-red']]),
  },
  'LinkSetNsPid(link, pid)': {
    given: RED,
    check: () => expect([names().includes('veth-red'), names('red')]).toEqual([true, ['lo']]),
  },
  'LinkSetARPOff(link)': setting('arp off'),
  'LinkSetARPOn(link)': setting('arp on', ['arp off']),
  'LinkSetMulticastOff(link)': setting('multicast off'),
  'LinkSetMulticastOn(link)': setting('multicast on', ['multicast off']),
  'LinkSetAllmulticastOn(link)': setting('allmulticast on'),
  'LinkSetAllmulticastOff(link)': setting('allmulticast off', ['allmulticast on']),
  'SetPromiscOn(link)': setting('promisc on'),
  'SetPromiscOff(link)': setting('promisc off', ['promisc on']),
  'LinkSetGSOMaxSize(link, 16384)': setting('gso_max_size 16384'),
  'LinkSetGSOMaxSegs(link, 16)': setting('gso_max_segs 16'),
  'LinkSetGROMaxSize(link, 16384)': setting('gro_max_size 16384'),
  // Iproute2 has words for these from 6.3 on.
  'LinkSetGSOIPv4MaxSize(link, 16384)': {
    lacking: NO_IPV4_SIZES,
    given: [VETH],
    check: async () =>
      expect(await netlink.getLink('veth-red')).toMatchObject({ gsoIpv4MaxSize: 16384, gsoMaxSize: 65536 }),
  },
  'LinkSetGROIPv4MaxSize(link, 16384)': {
    lacking: NO_IPV4_SIZES,
    given: [VETH],
    check: async () =>
      expect(await netlink.getLink('veth-red')).toMatchObject({ groIpv4MaxSize: 16384, groMaxSize: 65536 }),
  },
  'LinkSetIP6AddrGenMode(link, 1)': setting('addrgenmode none'),
  'LinkAdd(&Veth{Name: "veth-red-br", MTU: 1400, MasterIndex: 40, PeerName: "veth-red", PeerHardwareAddr: "02:00:00:00:00:07", PeerNamespace: NsFd(ns)})':
    {
      given: ['netns add red', BRIDGE],
      check: () => {
        expect(link('veth-red-br')).toMatchObject({ mtu: 1400, master: 'v-net-0' })
        expect(link('veth-red', 'red')).toMatchObject({ mtu: 1400, address: '02:00:00:00:00:07' })
      },
    },
  'LinkAdd(&Bridge{Name: "v-net-0", HelloTime: &100, AgeingTime: &6000, MulticastSnooping: &false, GroupFwdMask: &8})':
    alike(
      'v-net-0',
      'bridge',
      'type bridge hello_time 100 ageing_time 6000 mcast_snooping 0 group_fwd_mask 8',
    ),
  'LinkAdd(&Ifb{Name: "ifb7", NumTxQueues: 2, NumRxQueues: 2})': alike(
    'ifb7',
    'ifb',
    'numtxqueues 2 numrxqueues 2 type ifb',
  ),
  'LinkAdd(&Dummy{Name: "dummy0"})': plain('dummy0', 'dummy'),
  'LinkAdd(&Vlan{Name: "vlan100", ParentIndex: link, VlanId: 100, VlanProtocol: VLAN_PROTOCOL_8021AD})':
    alike('vlan100', 'vlan', 'link veth-red type vlan protocol 802.1ad id 100'),
  'LinkAdd(&Macvlan{Name: "mac0", ParentIndex: link, Mode: MACVLAN_MODE_BRIDGE, BCQueueLen: 500})': alike(
    'mac0',
    'macvlan',
    'link veth-red type macvlan mode bridge bcqueuelen 500',
  ),
  'LinkAdd(&Macvtap{Name: "mac0", ParentIndex: link, Mode: MACVLAN_MODE_VEPA})': alike(
    'mac0',
    'macvtap',
    'link veth-red type macvtap mode vepa',
  ),
  'LinkSetMacvlanMode(mac0, MACVLAN_MODE_PRIVATE)': macvlanSetting('vepa', 'mode private'),
  'MacvlanMACAddrAdd(mac0, "02:00:00:00:00:03")': macvlanSetting(
    `source ${SOURCES}`,
    'macaddr add 02:00:00:00:00:03',
  ),
  'MacvlanMACAddrDel(mac0, "02:00:00:00:00:01")': macvlanSetting(
    `source ${SOURCES}`,
    'macaddr del 02:00:00:00:00:01',
  ),
  'MacvlanMACAddrSet(mac0, []{"02:00:00:00:00:04"})': macvlanSetting(
    `source ${SOURCES}`,
    'macaddr set 02:00:00:00:00:04',
  ),
  'MacvlanMACAddrFlush(mac0)': macvlanSetting(`source ${SOURCES}`, 'macaddr flush'),
  'LinkAdd(&IPVlan{Name: "ipv0", ParentIndex: link, Mode: IPVLAN_MODE_L3, Flag: IPVLAN_FLAG_PRIVATE})': alike(
    'ipv0',
    'ipvlan',
    'link veth-red type ipvlan mode l3 private',
  ),
  'LinkAdd(&IPVtap{Name: "ipv0", ParentIndex: link, Mode: IPVLAN_MODE_L2})': alike(
    'ipv0',
    'ipvtap',
    'link veth-red type ipvtap mode l2 bridge',
  ),
  'LinkAdd(&Vxlan{Name: "vx0", VxlanId: 42, VtepDevIndex: link, Group: "239.1.1.1", Port: 4789, TTL: 5, Age: 100, Limit: 10, PortLow: 1024, PortHigh: 2048})':
    alike(
      'vx0',
      'vxlan',
      'type vxlan id 42 group 239.1.1.1 dev veth-red dstport 4789 ttl 5 ageing 100 maxaddress 10 srcport 1024 2048 nolearning',
    ),
  'LinkAdd(&Vxlan{Name: "vx0", FlowBased: true, Port: 4789})': alike(
    'vx0',
    'vxlan',
    'type vxlan external dstport 4789',
  ),
  'LinkAdd(&Bond{Name: "bond7", Mode: BOND_MODE_802_3AD, Miimon: 100, UpDelay: 200, LacpRate: BOND_LACP_RATE_FAST, XmitHashPolicy: BOND_XMIT_HASH_POLICY_LAYER3_4})':
    made('bond7', 'bond', {
      mode: '802.3ad',
      miimon: 100,
      updelay: 200,
      ad_lacp_rate: 'fast',
      xmit_hash_policy: 'layer3+4',
    }),
  'LinkSetBondSlave(link, bond)': {
    lacking: { ...lackingKind('bond'), given: [VETH] },
    given: BOND,
    check: () => expect(link('veth-red')['master']).toBe('bond7'),
  },
  'LinkDelBondSlave(link, bond)': {
    lacking: { ...lackingKind('bond'), given: PORT, refused: undefined },
    given: PORT_OF_BOND,
    check: () => expect(link('veth-red')['master']).toBeUndefined(),
  },
  'LinkSetBondSlaveActive(link, bond)': {
    lacking: { ...lackingKind('bond'), given: [VETH] },
    given: [...PORT_OF_BOND, 'link set veth-blue up', 'link set bond7 up', 'link set veth-red up'],
    check: () => expect(link('bond7')['linkinfo'].info_data['active_slave']).toBe('veth-red'),
  },
  'LinkSetBondSlaveQueueId(link, 3)': {
    lacking: {
      is: () => !hasKind('bond'),
      given: [VETH],
      refused: { code: 'EOPNOTSUPP', advice: 'port: it is no port' },
    },
    given: PORT_OF_BOND,
    check: () => expect(link('veth-red')['linkinfo'].info_slave_data).toMatchObject({ queue_id: 3 }),
  },
  'LinkAdd(&Geneve{Name: "gnv0", ID: 42, Remote: "192.0.2.2", Ttl: 5, Dport: 6082})': made('gnv0', 'geneve', {
    id: 42,
    remote: '192.0.2.2',
    ttl: 5,
    port: 6082,
  }),
  'LinkAdd(&Gretun{Name: "gre1", Local: "192.0.2.1", Remote: "192.0.2.3", IKey: 7, OKey: 8, Ttl: 64, PMtuDisc: 1})':
    made('gre1', 'gre', { ...V4, ttl: 64, ikey: '0.0.0.7', okey: '0.0.0.8' }),
  'LinkAdd(&Gretap{Name: "gre1", Local: "2001:db8::1", Remote: "2001:db8::3", IKey: 42, OKey: 42})': made(
    'gre1',
    'ip6gretap',
    { ...V6, ikey: '0.0.0.42', okey: '0.0.0.42' },
  ),
  'LinkAdd(&Iptun{Name: "ipip1", Local: "192.0.2.1", Remote: "192.0.2.3", Ttl: 64, PMtuDisc: 1})': made(
    'ipip1',
    'ipip',
    { ...V4, ttl: 64 },
  ),
  'LinkAdd(&Ip6tnl{Name: "tnl1", Local: "2001:db8::1", Remote: "2001:db8::3", Ttl: 9, Proto: 41})': made(
    'tnl1',
    'ip6tnl',
    { ...V6, ttl: 9, proto: 'ip6ip6' },
  ),
  'LinkAdd(&Sittun{Name: "sit1", Local: "192.0.2.1", Remote: "192.0.2.3", Ttl: 64, PMtuDisc: 1})': made(
    'sit1',
    'sit',
    { ...V4, ttl: 64 },
  ),
  'LinkAdd(&Vti{Name: "vti1", Local: "192.0.2.1", Remote: "192.0.2.3", IKey: 5, OKey: 5})': made(
    'vti1',
    'vti',
    {
      ...V4,
      ikey: '0.0.0.5',
      okey: '0.0.0.5',
    },
  ),
  'LinkAdd(&Vrf{Name: "vrf0", Table: 100})': made('vrf0', 'vrf', { table: 100 }),
  'LinkAdd(&Xfrmi{Name: "xfrm0", ParentIndex: link, Ifid: 7})': made('xfrm0', 'xfrm', { if_id: '0x7' }),
  'LinkAdd(&BareUDP{Name: "bare0", Port: 6635, EtherType: 0x8847, SrcPortMin: 1024})': made(
    'bare0',
    'bareudp',
    {
      dstport: 6635,
      ethertype: 'mpls_uc',
      srcportmin: 1024,
    },
  ),
  'LinkAdd(&GTP{Name: "gtp0", FD0: fd0, FD1: fd1, Role: nl.GTP_ROLE_SGSN})': plain('gtp0', 'gtp'),
  'LinkAdd(&Wireguard{Name: "wg0"})': plain('wg0', 'wireguard'),
  'LinkAdd(&GenericLink{Name: "macsec0", ParentIndex: link, LinkType: "macsec"})': made('macsec0', 'macsec'),
  'netkit := &Netkit{Name: "nk0", Mode: NETKIT_MODE_L2}; netkit.SetPeerAttrs(&LinkAttrs{Name: "nk1"}); LinkAdd(netkit)':
    {
      lacking: kindRow('netkit'),
      check: () => expect(names()).toEqual(expect.arrayContaining(['nk0', 'nk1'])),
    },
  'LinkAdd(&GenericLink{Name: "team0", LinkType: "team"})': plain('team0', 'team'),
  'LinkAdd(&Tuntap{Name: "tap0", Mode: TUNTAP_MODE_TAP, Owner: 1000, Flags: TUNTAP_NO_PI})': {
    lacking: TUN_ROW,
    like: ['tuntap show', 'link show dev tap0'],
    command: 'ip tuntap add dev tap0 mode tap user 1000',
  },
  'tap := &Tuntap{Name: "tap0", Mode: TUNTAP_MODE_TAP, Queues: 1, NonPersist: true}; LinkAdd(tap); tap.Fds[0].Fd()':
    {
      lacking: TUN_ROW,
      check: (fd: number) => {
        const printed = link('tap0')['linkinfo'].info_data
        closeSync(fd)
        expect(printed).toMatchObject({ type: 'tap', multi_queue: true, persist: false, pi: false })
        expect(names()).not.toContain('tap0')
      },
    },
}
