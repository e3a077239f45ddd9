/** Links of every kind, as tests make and change them, and a namespace for them to stand in. */

import { expect } from 'vitest'
import type { KindName } from '../../src/index.js'
import * as promises from '../../src/index.js'
import { type Refusal, since } from './needs.js'

export type Options = Record<string, unknown>

export interface KindCase {
  kind: KindName
  /** What stands between the name and 'type' of `ip link add`, and after the kind. */
  ip?: string
  link?: true
  /** A namespace, or the interfaces underneath, have no more than one: what another one is refused with. */
  alone?: object
  /** The options of a second link, made here. */
  options?: Options
  /** What it reads as, where that is not as it was given; undefined for what the kernel does not tell. */
  told?: Options
  change?: Options
  /** What it reads as when it is changed, where that is neither as before nor as in `change`. */
  changed?: Options
  /** What a kernel says that is too old for it as it is made here. */
  refused?: Refusal | undefined
}

export const V4 = { local: '192.0.2.1', remote: '192.0.2.2' }
export const V6 = { local: '2001:db8::1', remote: '2001:db8::2' }
const IP_V4 = 'local 192.0.2.1 remote 192.0.2.3'
const IP_V6 = 'local 2001:db8::1 remote 2001:db8::3'
const KEYED_IN_SEQUENCE = { iflags: ['key', 'seq'], oflags: ['key', 'seq'] }

/** Its UDP port is always the same. */
const PORT_IN_USE = { code: 'EADDRINUSE', advice: expect.stringContaining('its UDP port is taken') }

export const CASES: KindCase[] = [
  { kind: 'dummy', change: { mtu: 1400 } },
  { kind: 'ifb', change: { mtu: 1400 } },
  { kind: 'nlmon' },
  { kind: 'vcan' },
  { kind: 'team' },
  { kind: 'pfcp', alone: PORT_IN_USE },
  { kind: 'ovpn', options: { mode: 'mp' } },
  {
    kind: 'bridge',
    ip: 'forward_delay 400 priority 4096',
    options: { ageingTime: 60, mcastSnooping: false, ...(since(7, 1) && { stpMode: 'kernel' }) },
    change: { helloTime: 1, ...(since(7, 1) && { stpMode: 'auto' }) },
  },
  { kind: 'wireguard', change: { mtu: 1300 } },
  {
    kind: 'vlan',
    link: true,
    ip: 'id 100 gvrp on ingress-qos-map 1:2 7:3 egress-qos-map 2:5',
    options: { id: 101, flags: { mvrp: true, reorder_hdr: false }, egressQos: [{ from: 1, to: 7 }] },
    change: { flags: { gvrp: true, mvrp: false }, ingressQos: [{ from: 3, to: 4 }] },
  },
  { kind: 'vlan', link: true, ip: 'protocol 802.1ad id 5', options: { id: 6, protocol: '802.1ad' } },
  {
    kind: 'macvlan',
    link: true,
    ip: 'mode bridge bcqueuelen 500',
    options: { mode: 'private', ...(since(5, 11) && { bcQueueLen: 700 }) },
    change: { mode: 'vepa' },
  },
  {
    kind: 'macvlan',
    link: true,
    ip: 'mode source macaddr set 02:00:00:00:00:01 02:00:00:00:00:02',
    options: { mode: 'source', macaddrData: ['02:00:00:00:00:03', '02:00:00:00:00:04'] },
    // In the order of the kernel's hash table.
    told: { macaddrData: ['02:00:00:00:00:04', '02:00:00:00:00:03'] },
    change: { macaddrMode: 'add', macaddr: '02:00:00:00:00:05' },
    changed: {
      macaddrMode: undefined,
      macaddr: undefined,
      macaddrCount: 3,
      macaddrData: ['02:00:00:00:00:05', '02:00:00:00:00:04', '02:00:00:00:00:03'],
    },
  },
  { kind: 'macvtap', link: true, ip: 'mode vepa', options: { mode: 'bridge' }, change: { mode: 'private' } },
  {
    kind: 'ipvlan',
    link: true,
    ip: 'mode l3 private',
    options: { mode: 'l3', flags: ['private'] },
    change: { mode: 'l3s', flags: ['vepa'] },
  },
  {
    kind: 'ipvtap',
    link: true,
    ip: 'mode l2 bridge',
    options: { mode: 'l2' },
    change: { flags: ['private'] },
  },
  {
    kind: 'vxlan',
    ip: 'id 42 group 239.1.1.1 dev eth0 dstport 4789 ttl 5 tos 0x10 ageing 100 maxaddress 10 srcport 1024 2048 proxy rsc l2miss l3miss nolearning',
    options: {
      id: 43,
      ...V4,
      link: 'eth0',
      dstport: 4790,
      ttl: 9,
      ageing: 77,
      limit: 5,
      portRange: { low: 1000, high: 2000 },
      proxy: true,
      udpCsum: false,
      df: 'set',
    },
    told: { link: 210 },
    change: { ageing: 60, learning: false },
  },
  {
    kind: 'vxlan',
    ip: `id 44 ${IP_V6} dstport 4791 udp6zerocsumtx udp6zerocsumrx flowlabel 0x12345 tos inherit`,
    options: {
      id: 45,
      ...V6,
      dstport: 4792,
      udpZeroCsum6Rx: true,
      label: 0x54321,
      remcsumTx: true,
      remcsumRx: true,
    },
    change: { remote: '2001:db8::9' },
    // Made anew, of the features that the change names (vxlan_nl2conf()).
    changed: { reservedBits: undefined },
  },
  {
    kind: 'vxlan',
    options: {
      id: 48,
      ...V6,
      dstport: 4795,
      remcsumRx: true,
      remcsumNopartial: true,
      ...(since(6, 5) && { localbypass: false }),
      ...(since(6, 7) && { labelPolicy: 'inherit' }),
      ...(since(6, 17) && { mcRoute: true }),
    },
    // The kernel does not tell it (vxlan_fill_info()); one that knows it refuses another length and what is neither 0 nor 1.
    told: { mcRoute: undefined },
    change: {
      ageing: 60,
      ...(since(6, 5) && { localbypass: true }),
      ...(since(6, 7) && { labelPolicy: 'fixed' }),
      ...(since(6, 17) && { mcRoute: false }),
    },
    changed: { mcRoute: undefined, reservedBits: undefined },
  },
  {
    kind: 'geneve',
    ip: 'id 42 remote 192.0.2.2 ttl 5 tos 0x10 dstport 6082 df set noudpcsum',
    options: { id: 43, remote: '2001:db8::2', ttl: 7, dstport: 6083, label: 0x12345, udpZeroCsum6Tx: true },
    change: { ttl: 9 },
  },
  {
    kind: 'vxlan',
    ip: 'id 46 dstport 4793 ttl inherit',
    // As it is told.
    options: { id: 47, dstport: 4794, ttl: 9, ttlInherit: false },
    change: { ttl: 10 },
  },
  {
    kind: 'geneve',
    // Up to Linux 5.17 it is passed over, and ip prints nothing of it.
    ip: 'id 46 remote 192.0.2.4 innerprotoinherit',
    options: {
      id: 47,
      remote: '192.0.2.5',
      ...(since(5, 18) && { innerProtoInherit: true }),
      ...(since(7, 0) && { groHint: true }),
    },
  },
  {
    kind: 'geneve',
    ip: 'id 44 remote 192.0.2.2 ttl inherit',
    options: { id: 45, remote: '192.0.2.3', ttl: 9, ttlInherit: false },
    change: { ttlInherit: true },
    changed: { ttl: undefined },
  },
  {
    kind: 'gre',
    ip: `${IP_V4} ikey 7 okey 8 iseq ocsum ttl 64 tos 0x10`,
    options: {
      ...V4,
      ikey: 9,
      okey: 10,
      iflags: ['csum'],
      oflags: ['seq'],
      ttl: 32,
      link: 'eth0',
      fwmark: 3,
    },
    told: { link: 210, iflags: ['csum', 'key'], oflags: ['key', 'seq'] },
    change: { ttl: 33 },
  },
  {
    kind: 'gretap',
    ip: `${IP_V4} key 5 nopmtudisc`,
    options: { ...V4, pmtudisc: false },
    change: { tos: 4 },
  },
  {
    kind: 'erspan',
    ip: `seq key 30 ${IP_V4} erspan_ver 1 erspan 123`,
    options: {
      ...V4,
      ikey: 31,
      okey: 31,
      iflags: ['seq'],
      oflags: ['seq'],
      erspanVer: 2,
      erspanDir: 'egress',
      erspanHwid: 17,
    },
    told: KEYED_IN_SEQUENCE,
    change: { erspanHwid: 18 },
  },
  {
    kind: 'ip6gre',
    ip: `${IP_V6} ikey 7 okey 8 oseq icsum encaplimit none tclass 0x10 flowlabel 0x12345 hoplimit 5`,
    options: { ...V6, ikey: 9, okey: 9, ttl: 64, encapLimit: 7, flowinfo: 0x01012345, fwmark: 5 },
    change: { ttl: 65 },
  },
  {
    kind: 'ip6gretap',
    ip: `${IP_V6} key 42`,
    options: { ...V6, ttl: 3, encapLimit: 4 },
    change: { encapLimit: 5 },
  },
  {
    kind: 'ip6erspan',
    ip: `seq key 30 ${IP_V6} erspan_ver 1 erspan 123`,
    options: {
      ...V6,
      ikey: 31,
      okey: 31,
      iflags: ['seq'],
      oflags: ['seq'],
      erspanVer: 2,
      erspanDir: 'ingress',
      erspanHwid: 9,
    },
    told: KEYED_IN_SEQUENCE,
    change: { erspanHwid: 10 },
  },
  {
    kind: 'ipip',
    ip: `${IP_V4} ttl 64 tos inherit`,
    options: { ...V4, ttl: 5, fwmark: 6 },
    change: { ttl: 6, tos: 8 },
  },
  {
    kind: 'sit',
    ip: 'local 192.0.2.1 6rd-prefix 2001:db8::/32 6rd-relay_prefix 198.51.100.0/24',
    options: V4,
    told: { proto: 'any', ttl: 0 },
    change: { ttl: 63 },
  },
  {
    kind: 'ip6tnl',
    ip: `mode any ${IP_V6}`,
    options: { ...V6, local: '2001:db8::5' },
    told: { encapLimit: 4, ttl: 64 },
    change: { ttl: 5 },
  },
  {
    kind: 'ip6tnl',
    ip: `mode ipip6 ${IP_V6} hoplimit 9 tclass inherit encaplimit none`,
    options: { ...V6, proto: 'any', ttl: 32, encapLimit: 7, flowinfo: 0x01012345, flags: ['rcv_dscp_copy'] },
    told: { flags: ['rcv_dscp_copy', 'cap_xmit', 'cap_rcv'] },
    change: { ttl: 31 },
  },
  {
    kind: 'vti',
    ip: `${IP_V4} key 5`,
    options: { ...V4, ikey: 7, okey: 8, fwmark: 9 },
    change: { okey: 10 },
  },
  {
    kind: 'vti6',
    ip: `${IP_V6} key 5`,
    options: { ...V6, ikey: 7, okey: 8, link: 'eth0' },
    told: { link: 210 },
    change: { okey: 10 },
  },
  {
    kind: 'xfrm',
    ip: 'dev eth0 if_id 0x1234',
    options: { link: 'eth0', ifId: 0x1235 },
    change: { ifId: 0x1236 },
  },
  {
    kind: 'bareudp',
    ip: 'dstport 6635 ethertype mpls_uc srcportmin 1024',
    options: { dstport: 6636, ethertype: 'ipv4', multiprotoMode: true },
  },
  {
    kind: 'gtp',
    ip: 'role sgsn',
    alone: PORT_IN_USE,
    options: { role: 'sgsn', pdpHashsize: 512 },
    refused: since(5, 18) ? undefined : { code: 'EINVAL', advice: 'before Linux 5.18' },
  },
  { kind: 'vrf', ip: 'table 10', options: { table: 1001 } },
  {
    kind: 'bond',
    ip: 'mode active-backup miimon 100 updelay 200 downdelay 300 num_grat_arp 3 fail_over_mac active resend_igmp 4',
    options: {
      mode: '802.3ad',
      miimon: 0.05,
      adLacpRate: 'fast',
      adSelect: 'bandwidth',
      xmitHashPolicy: 'layer3+4',
      minLinks: 2,
      adActorSysPrio: 100,
      adUserPortKey: 5,
      adActorSystem: '02:00:00:00:00:0a',
      ...(since(6, 9) && { coupledControl: false }),
      ...(since(6, 17) && { broadcastNeigh: true }),
      ...(since(7, 2) && { lacpStrict: true }),
    },
    change: {
      minLinks: 3,
      xmitHashPolicy: 'layer2+3',
      ...(since(6, 9) && { coupledControl: true }),
      ...(since(6, 17) && { broadcastNeigh: false }),
      ...(since(7, 2) && { lacpStrict: false }),
    },
  },
  {
    kind: 'bond',
    ip: 'mode active-backup arp_interval 1000 arp_validate all arp_all_targets all arp_ip_target 192.0.2.1,192.0.2.2',
    options: {
      mode: 'active-backup',
      arpInterval: 0.5,
      arpValidate: 'active',
      arpIpTarget: ['192.0.2.7', '192.0.2.8'],
      ...(since(5, 17) && { missedMax: 3 }),
    },
    change: { arpIpTarget: ['192.0.2.9'], arpInterval: 0.25 },
  },
  {
    kind: 'macsec',
    link: true,
    ip: 'port 11 encrypt on window 32 replay on validate strict encodingsa 2 send_sci off end_station on',
    options: { port: 12, encrypt: true, validation: 'check', cipherSuite: 'gcm-aes-256', encodingSa: 1 },
    // Told as the end of the channel's identifier, sci.
    told: { port: undefined, sci: expect.toSatisfy((sci: bigint) => (sci & 0xffffn) === 12n) },
    change: { validation: 'disabled' },
  },
  {
    kind: 'hsr',
    ip: 'slave1 eth0 slave2 eth1 supervision 7 version 1',
    alone: { code: 'EINVAL', extack: { message: expect.stringContaining('already a HSR slave') } },
    options: { slave1: 'eth0', slave2: 'eth1', multicastSpec: 5, version: 1 },
    told: {
      slave1: 210,
      slave2: 211,
      multicastSpec: undefined,
      version: undefined,
      // Its last byte is what multicastSpec said.
      supervisionAddr: '01:15:4e:00:01:05',
    },
  },
  { kind: 'vxcan', ip: 'peer name ip1', options: { peer: { name: 'our1' } } },
  { kind: 'veth', options: { peer: { name: 'our1', mtu: 1400 } } },
  {
    kind: 'netkit',
    options: { peer: { name: 'our1' }, mode: 'l2', policy: 'forward', peerPolicy: 'blackhole' },
    told: { primary: true },
  },
  {
    kind: 'netkit',
    // Before it is known the kernel makes another end, and names it.
    options: { mode: 'l2', ...(since(7, 1) && { pairing: 'single' }) },
    told: { primary: true },
  },
  { kind: 'batadv', ip: 'ra BATMAN_IV', options: { algoName: 'BATMAN_V' }, told: { algoName: undefined } },
  {
    kind: 'amt',
    ip: 'mode gateway local 192.0.2.1 discovery 192.0.2.2 dev eth0',
    options: { mode: 'relay', localIp: '192.0.2.1', link: 'eth0', maxTunnels: 8 },
  },
]

let made = 0

/** A namespace with a veth pair that is up, its ifindexes beyond those of fallback tunnels (gre0 and the like). */
export async function withPair(work: (netns: string) => Promise<void>): Promise<void> {
  const netns = `kinds-${process.pid}-${++made}`
  const namespace = await promises.createNetns(netns, { loopback: true })
  try {
    const [eth0, eth1] = [
      {
        name: 'eth0',
        ifindex: 210,
        up: true,
        addresses: ['192.0.2.1/24', { address: '2001:db8::1/64', flags: ['nodad' as const] }],
      },
      { name: 'eth1', ifindex: 211, up: true },
    ]
    await promises.createVethPair(eth0, eth1, { netns })
    await work(netns)
  } finally {
    await namespace.delete()
  }
}
