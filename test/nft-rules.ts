/** The rule texts of test/golden/scenarios/nft-rule.ts as rules of the builder. */

import type { NftFamily } from '../src/nftables/names.js'
import * as nft from '../src/nftables/public.js'
import type { Transaction } from '../src/nftables/recorder.js'

const {
  accept,
  ah,
  addElement,
  arp,
  concat,
  connectionLimit,
  counter,
  ct,
  deleteElement,
  dnat,
  drop,
  dup,
  esp,
  ether,
  extensionHeader,
  fib,
  flowOffload,
  fwd,
  goto,
  icmp,
  icmpv6,
  ip,
  ip6,
  ipOption,
  ipsec,
  jhash,
  jump,
  limit,
  log,
  masq,
  meta,
  namedObject,
  notrack,
  numgen,
  osf,
  payload,
  queue,
  quota,
  redirect,
  reject,
  routeMss,
  rt,
  rule,
  sctp,
  set,
  snat,
  socket,
  symhash,
  synproxy,
  tcp,
  tcpOption,
  tcpOptions,
  th,
  tproxy,
  udp,
  updateElement,
  useObject,
  verdict,
  vlan,
} = nft

type Body = ReturnType<typeof rule>

const verdicts: Record<string, Body> = {
  accept: rule(accept()),
  drop: rule(drop()),
  return: rule(verdict('return')),
  continue: rule(verdict('continue')),
  jump: rule(jump('d')),
  goto: rule(goto('d')),
}

const inet: Record<string, Body> = {
  saddr: rule(ip.saddr('10.0.0.1'), accept()),
  'saddr-not': rule(ip.saddr.not('10.0.0.1'), drop()),
  'saddr-8': rule(ip.saddr('10.0.0.0/8'), accept()),
  'saddr-12': rule(ip.saddr('172.16.0.0/12'), accept()),
  'saddr-16': rule(ip.saddr('192.168.0.0/16'), accept()),
  'saddr-not-prefix': rule(ip.saddr.not('192.168.0.0/16'), drop()),
  'saddr-range': rule(ip.saddr('10.0.0.5-10.0.0.9'), accept()),
  'saddr-not-range': rule(ip.saddr.not({ from: '10.0.0.5', to: '10.0.0.9' }), accept()),
  'saddr-list': rule(ip.saddr(['10.0.0.1', '10.0.0.2']), accept()),
  'saddr-not-list': rule(ip.saddr.not('10.0.0.1', '10.0.0.2'), drop()),
  'saddr-intervals': rule(ip.saddr(['10.0.0.0/8', '192.168.1.5-192.168.1.9']), accept()),
  'saddr-daddr': rule(ip.saddr('10.0.0.1'), ip.daddr('10.0.0.2'), accept()),
  'saddr-daddr-prefix': rule(ip.saddr('10.0.0.0/8'), ip.daddr('192.168.0.0/16'), accept()),
  saddr6: rule(ip6.saddr('2001:db8::1'), accept()),
  'saddr6-prefix': rule(ip6.saddr('2001:db8::/32'), accept()),
  'saddr6-prefix-odd': rule(ip6.saddr('fe80::/10'), accept()),
  'daddr6-list': rule(ip6.daddr(['2001:db8::1', '2001:db8::2']), accept()),
  'daddr6-intervals': rule(ip6.daddr(['2001:db8::/32', 'fe80::/10']), accept()),
  set: rule(ip.saddr(set('s4')), accept()),
  'set-not': rule(ip.saddr.not(set('s4')), drop()),
  'set-interval': rule(ip.saddr(set('si')), accept()),
  'set-concat': rule(concat(ip.saddr, tcp.dport)(set('sc')), accept()),
  vmap: rule(ip.saddr.vmap(set('mv'))),
  'vmap-inline': rule(
    ip.saddr.vmap([
      ['10.0.0.1', 'accept'],
      ['10.0.0.2', 'drop'],
    ]),
  ),
  'vmap-jump': rule(
    tcp.dport.vmap([
      [22, 'accept'],
      [80, { jump: 'd' }],
    ]),
  ),
  dport: rule(tcp.dport(80), accept()),
  'dport-not': rule(tcp.dport.not(80), drop()),
  'dport-range': rule(tcp.dport('8000-8999'), accept()),
  'dport-not-range': rule(tcp.dport.not('8000-8999'), accept()),
  'dport-list': rule(tcp.dport([80, 443]), accept()),
  'dport-intervals': rule(tcp.dport([22, '8000-8999']), accept()),
  'dport-lt': rule(tcp.dport.lt(1024), accept()),
  'dport-gte': rule(tcp.dport.gte(1024), accept()),
  sport: rule(tcp.sport('1024-65535'), accept()),
  'sport-dport': rule(tcp.sport(1000), tcp.dport(80), accept()),
  'udp-dport': rule(udp.dport(53), accept()),
  'sctp-dport': rule(sctp.dport(9), accept()),
  'udp-length': rule(udp.length(100), accept()),
  'th-dport': rule(meta.l4proto(['tcp', 'udp']), th.dport(53), accept()),
  'tcp-flags': rule(tcp.flags('syn'), accept()),
  'tcp-flags-or': rule(tcp.flags('syn', 'ack'), accept()),
  'tcp-flags-mask': rule(tcp.flags.mask(['fin', 'syn', 'rst', 'ack'])('syn'), accept()),
  'tcp-flags-not': rule(tcp.flags.mask(['fin', 'syn']).not('syn'), drop()),
  'tcp-window': rule(tcp.window(1024), accept()),
  'tcp-option-mss': rule(tcpOptions.maxseg(1400), accept()),
  'concat-inline': rule(
    concat(
      ip.saddr,
      tcp.dport,
    )([
      ['10.0.0.1', 80],
      ['10.0.0.2', 443],
    ]),
    accept(),
  ),
  'ip-protocol': rule(ip.protocol('icmp'), accept()),
  'ip-protocol-tcp': rule(ip.protocol('tcp'), tcp.dport(80), accept()),
  'ip-ttl': rule(ip.ttl(64), accept()),
  'ip-ttl-lt': rule(ip.ttl.lt(5), drop()),
  'ip-dscp': rule(ip.dscp('cs1'), accept()),
  'ip-length': rule(ip.length(100), accept()),
  'ip-id': rule(ip.id(7), accept()),
  'ip-frag-off': rule(ip.fragOff.mask(0x1fff).not(0), drop()),
  'ip6-nexthdr': rule(ip6.nexthdr('icmpv6'), accept()),
  'ip6-hoplimit': rule(ip6.hoplimit(255), accept()),
  'ip6-dscp': rule(ip6.dscp('cs1'), accept()),
  'ip6-flowlabel': rule(ip6.flowlabel(5), accept()),
  icmp: rule(icmp.type('echo-request'), accept()),
  'icmp-list': rule(icmp.type(['echo-request', 'echo-reply']), accept()),
  'icmp-code': rule(icmp.type('destination-unreachable'), icmp.code(4), accept()),
  icmpv6: rule(icmpv6.type('echo-request'), accept()),
  'icmpv6-list': rule(icmpv6.type(['nd-neighbor-solicit', 'nd-neighbor-advert']), accept()),
  esp: rule(meta.l4proto('esp'), accept()),
  'ah-spi': rule(ah.spi(100), accept()),
  'esp-spi': rule(esp.spi(100), accept()),
  'exthdr-frag': rule(extensionHeader('frag'), drop()),
}

const facts: Record<string, Body> = {
  iif: rule(meta.iif('lo'), accept()),
  iifname: rule(meta.iifname('eth0'), accept()),
  'iifname-not': rule(meta.iifname.not('eth0'), drop()),
  'iifname-wildcard': rule(meta.iifname('eth*'), accept()),
  'iifname-list': rule(meta.iifname(['eth0', 'eth1']), accept()),
  'oifname-list-not': rule(meta.oifname.not('eth0', 'eth1'), drop()),
  mark: rule(meta.mark(0x10), accept()),
  'mark-mask': rule(meta.mark.mask(0xff)(0x10), accept()),
  'mark-not-mask': rule(meta.mark.mask(0xff).not(0x10), accept()),
  'mark-range': rule(meta.mark('16-32'), accept()),
  'mark-list': rule(meta.mark([1, 2]), accept()),
  'mark-set': rule(meta.mark.set(0x20)),
  'mark-set-or': rule(meta.mark.set(meta.mark.or(0x100))),
  'mark-set-map': rule(meta.mark.set(ip.saddr.map(set('mm')))),
  'mark-set-ct': rule(meta.mark.set(ct.mark)),
  'mark-set-and': rule(meta.mark.set(meta.mark.mask(0xff))),
  nfproto: rule(meta.nfproto('ipv4'), accept()),
  l4proto: rule(meta.l4proto('tcp'), accept()),
  'l4proto-list': rule(meta.l4proto(['tcp', 'udp']), accept()),
  protocol: rule(meta.protocol('ip'), accept()),
  length: rule(meta.length.gt(1000), drop()),
  pkttype: rule(meta.pkttype('broadcast'), drop()),
  skuid: rule(meta.skuid(1000), accept()),
  'skuid-range': rule(meta.skuid('1000-2000'), accept()),
  skgid: rule(meta.skgid(0), accept()),
  cpu: rule(meta.cpu(1), accept()),
  iifgroup: rule(meta.iifgroup(5), accept()),
  priority: rule(meta.priority.set(0x10005)),
  nftrace: rule(meta.nftrace.set(1)),
  cgroup: rule(meta.cgroup(5), accept()),
}

const connections: Record<string, Body> = {
  state: rule(ct.state('established'), accept()),
  'state-list': rule(ct.state('established', 'related'), accept()),
  'state-set': rule(ct.state(['established', 'related']), accept()),
  'state-not': rule(ct.state.not('invalid'), accept()),
  'state-vmap': rule(
    ct.state.vmap([
      ['established', 'accept'],
      ['related', 'accept'],
      ['invalid', 'drop'],
    ]),
  ),
  status: rule(ct.status('dnat'), accept()),
  mark: rule(ct.mark(0x10), accept()),
  'mark-set': rule(ct.mark.set(0x10)),
  'mark-set-meta': rule(ct.mark.set(meta.mark)),
  direction: rule(ct.direction('original'), accept()),
  'original-saddr': rule(ct.original.saddr('10.0.0.1'), accept()),
  'original-dport': rule(meta.l4proto('tcp'), ct.original.protoDst(80), accept()),
  zone: rule(ct.zone(5), accept()),
  helper: rule(ct.helper('ftp'), accept()),
  bytes: rule(ct.original.bytes.gt(1000), accept()),
  expiration: rule(ct.expiration(30000), accept()),
  count: rule(connectionLimit(10, { over: true }), drop()),
}

const FIVE = { name: 'limit', data: { rate: 5n, unit: 1n, burst: 5, type: 'packets', flags: [] } } as const
const statements: Record<string, Body> = {
  counter: rule(counter(), accept()),
  'counter-values': rule(counter({ packets: 5, bytes: 500n })),
  'counter-named': rule(counter({ name: 'n' })),
  'counter-map': rule(useObject(set('mo'), ip.saddr)),
  'quota-named': rule(quota({ name: 'q' })),
  'limit-named': rule(limit({ name: 'l' }), accept()),
  log: rule(log()),
  'log-prefix': rule(log({ prefix: 'dropped: ' }), drop()),
  'log-level': rule(log({ prefix: 'x', level: 'info' })),
  'log-flags': rule(log({ flags: ['ipopt'] })),
  'log-group': rule(log({ group: 2, snaplen: 100, queueThreshold: 10 })),
  limit: rule(limit({ rate: 10 }), accept()),
  'limit-burst': rule(limit({ rate: 10, per: 'minute', burst: 20 }), accept()),
  'limit-over': rule(limit({ rate: 10, over: true }), drop()),
  'limit-bytes': rule(limit({ rate: 1048576, unit: 'bytes' }), accept()),
  quota: rule(quota({ bytes: 104857600 }), accept()),
  'quota-over': rule(quota({ bytes: 100n << 20n, over: true }), drop()),
  reject: rule(reject()),
  'reject-icmpx': rule(reject('admin-prohibited')),
  'reject-tcp': rule(reject('tcp-reset')),
  'reject-icmp': rule(reject({ icmp: 'host-unreachable' })),
  'reject-icmp-host': rule(reject({ icmp: 10 })),
  'reject-icmpv6': rule(reject({ icmpv6: 'no-route' })),
  osf: rule(osf('name')('Linux'), accept()),
  'osf-not': rule(osf('name').not('Linux'), drop()),
  'osf-list': rule(osf('name')('Linux', 'Windows'), accept()),
  'osf-version': rule(osf('version', 'skip')('Linux:4.20'), drop()),
  'osf-loose': rule(osf('name', 'loose')('Linux'), drop()),
  'ipsec-reqid': rule(ipsec('in').reqid(1), accept()),
  'ipsec-spi': rule(ipsec('in', 1).spi(0x10), accept()),
  'ipsec-saddr': rule(ipsec('in').saddr('10.0.0.1'), accept()),
  secpath: rule(meta.secpath('exists'), accept()),
  queue: rule(queue({ num: 3 })),
  'queue-bypass': rule(queue({ num: 3, bypass: true })),
  'queue-fanout': rule(queue({ num: 1, total: 3, fanout: true })),
  'set-add': rule(addElement(set('sd'), ip.saddr)),
  'set-update': rule(updateElement(set('sd'), ip.saddr, { timeout: 30000 })),
  'set-update-limit': rule(updateElement(set('sd'), ip.saddr, { expressions: [FIVE] })),
  'set-delete': rule(deleteElement(set('sd'), ip.saddr)),
  fib: rule(fib(['saddr', 'iif'], 'oif')('missing'), drop()),
  'fib-type': rule(fib(['daddr'], 'type')('local'), accept()),
  'fib-type-list': rule(fib(['daddr'], 'type')(['local', 'broadcast']), accept()),
  socket: rule(socket.transparent(1), accept()),
  'rt-mtu': rule(tcpOptions.maxseg.set(routeMss)),
  'mss-set': rule(tcpOptions.maxseg.set(1400)),
  numgen: rule(numgen('random', 2)(0), accept()),
  jhash: rule(meta.mark.set(jhash(ip.saddr, { modulus: 16 }))),
  'payload-set': rule(ip.dscp.set('cs1')),
  'ttl-set': rule(ip.ttl.set(64)),
  comment: rule(tcp.dport(22), accept()),
  many: rule(
    meta.iifname('eth0'),
    ip.saddr('10.0.0.0/8'),
    tcp.dport([80, 443]),
    ct.state('established', 'related'),
    counter(),
    accept(),
  ),
  synproxy: rule(synproxy({ mss: 1460, wscale: 7, timestamp: true, sackPerm: true })),
}

const nat: Record<string, Body> = {
  dnat: rule(tcp.dport(80), dnat('192.168.15.2:8080')),
  'dnat-address': rule(meta.iifname('eth0'), dnat('192.168.15.2')),
  'dnat-port-range': rule(tcp.dport('8000-8010'), dnat('192.168.15.2:8000-8010')),
  'dnat-v6': rule(tcp.dport(80), dnat('[2001:db8::2]:8080')),
  'dnat-map': rule(
    dnat(
      tcp.dport.map(
        [
          [80, '192.168.15.2'],
          [443, '192.168.15.3'],
        ],
        'ipv4_addr',
      ),
    ),
  ),
  'dnat-concat-map': rule(dnat(tcp.dport.map([[80, ['192.168.15.2', 8080]]], ['ipv4_addr', 'inet_service']))),
  redirect: rule(tcp.dport(80), redirect({ to: 8080 })),
  'redirect-plain': rule(tcp.dport(80), redirect()),
  masquerade: rule(ip.saddr('192.168.15.0/24'), masq()),
  'masquerade-random': rule(meta.oifname('eth0'), masq({ random: true })),
  'masquerade-fully-random': rule(masq({ fullyRandom: true, persistent: true })),
  'masquerade-ports': rule(meta.l4proto('tcp'), masq({ ports: '1024-65535' })),
  snat: rule(meta.oifname('eth0'), snat('203.0.113.1')),
  'snat-range': rule(snat('203.0.113.1-203.0.113.9')),
  'snat-v6': rule(snat('2001:db8::1')),
  'snat-network': rule(snat('192.168.0.0/24')),
  'snat-network-v6': rule(snat('2001:db8:1::/64')),
  'snat-prefix': rule(snat(ip.saddr.map([['10.0.0.0/24', '192.168.0.0/24']], 'ipv4_addr'))),
}

const rawChain: Record<string, Body> = {
  notrack: rule(notrack()),
  tproxy: rule(tcp.dport(80), tproxy('127.0.0.1:8080'), accept()),
  'ct-zone-set': rule(ct.zone.set(5)),
}

const SERVICE = ['ipv4_addr', 'inet_service'] as const
const natMaps: Record<string, Body> = {
  prefix: rule(dnat(ip.daddr.map(set('mn'), 'ipv4_addr'), { prefix: true })),
  'prefix-inline': rule(
    dnat(
      ip.daddr.map(
        [
          ['10.1.0.0/24', '10.2.0.0/24'],
          ['10.1.1.0/24', '10.2.9.0/24'],
        ],
        'ipv4_addr',
      ),
    ),
  ),
  'prefix-v6': rule(dnat(ip6.daddr.map([['2001:db8:1::/64', '2001:db8:2::/64']], 'ipv6_addr'))),
  range: rule(dnat(ip.daddr.map(set('mn'), 'ipv4_addr'))),
  'range-inline': rule(dnat(ip.saddr.map([['10.0.0.4', '192.168.2.2-192.168.2.4']], 'ipv4_addr'))),
  'range-ports': rule(meta.l4proto('tcp'), dnat(ip.daddr.map(set('mr'), SERVICE))),
  'range-ports-inline': rule(
    meta.l4proto('tcp'),
    dnat(ip.saddr.map([['10.0.0.4', ['192.168.2.2-192.168.2.4', '80-90']]], SERVICE)),
  ),
  numgen: rule(
    dnat(
      numgen('random', 2).map(
        [
          [0, '10.0.0.1'],
          [1, '10.0.0.2'],
        ],
        'ipv4_addr',
      ),
    ),
  ),
  redirect: rule(
    tcp.dport('80-81'),
    redirect({
      to: tcp.dport.map(
        [
          [80, 8080],
          [81, 8081],
        ],
        'inet_service',
      ),
    }),
  ),
}

const more: Record<string, Body> = {
  'ct-helper-set': rule(namedObject('ct-helper', 'h')),
  'ct-label': rule(ct.label(9), accept()),
  'ct-label-set': rule(ct.label.set(70)),
  'ct-protocol': rule(ct.protocol('tcp'), accept()),
  'ct-mark-or': rule(ct.mark.set(ct.mark.or(1))),
  'ct-packets': rule(ct.packets.gt(10), accept()),
  'mark-xor': rule(meta.mark.set(meta.mark.xor(1))),
  'meta-hour': rule(meta.hour('0-43140'), accept()),
  'meta-day': rule(meta.day('monday'), accept()),
  'tcp-option': rule(tcpOption('sack-perm'), accept()),
  'tcp-option-missing': rule(tcpOption('timestamp', false), drop()),
  'ip-option': rule(ipOption('rr'), drop()),
  payload: rule(payload('transport-header', 2, 2)(80), accept()),
  'payload-list': rule(payload('network-header', 8, 1)([1, 2]), accept()),
  symhash: rule(meta.mark.set(symhash({ modulus: 4 }))),
  'numgen-vmap': rule(
    numgen('random', 2).vmap([
      [0, { goto: 'd' }],
      [1, { jump: 'd' }],
    ]),
  ),
  'service-vmap': rule(
    concat(ip.daddr, meta.l4proto, th.dport).vmap([
      [['10.0.0.1', 'tcp', 80], { goto: 'd' }],
      [['10.0.0.1', 'udp', 53], { goto: 'd' }],
    ]),
  ),
  'interface-vmap': rule(concat(meta.iifname, meta.oifname).vmap([[['eth0', 'eth1'], 'accept']])),
  'port-vmap': rule(
    tcp.dport.vmap([
      [22, 'accept'],
      ['8000-8999', 'drop'],
    ]),
  ),
  'concat-intervals': rule(concat(ip.saddr, tcp.dport)([['10.0.0.0/8', '80-90']]), accept()),
  'flow-offload': rule(ct.state('established'), flowOffload('f')),
  'rt-nexthop': rule(rt.nexthop('10.0.0.1'), accept()),
  'rt-classid': rule(rt.classid(5), accept()),
  'rt-ipsec': rule(rt.ipsec('exists'), accept()),
  'limit-hour': rule(limit({ rate: 100, per: 'hour', burst: 10 }), accept()),
  'log-audit': rule(log({ level: 'audit' })),
}

const ipv4: Record<string, Body> = {
  saddr: rule(ip.saddr('10.0.0.1'), accept()),
  dport: rule(tcp.dport(80), accept()),
  protocol: rule(ip.protocol('tcp'), accept()),
  reject: rule(reject()),
  icmp: rule(icmp.type('echo-request'), accept()),
}
const ipv6: Record<string, Body> = {
  saddr: rule(ip6.saddr('2001:db8::1'), accept()),
  reject: rule(reject()),
  dport: rule(udp.dport(53), accept()),
  icmpv6: rule(icmpv6.type('echo-request'), accept()),
}
const bridge: Record<string, Body> = {
  'ether-saddr': rule(ether.saddr('02:00:00:00:00:01'), accept()),
  'ether-type': rule(ether.type('arp'), accept()),
  ip: rule(ip.saddr('10.0.0.1'), drop()),
  dport: rule(tcp.dport(80), accept()),
  vlan: rule(vlan.id(5), accept()),
  ibrname: rule(meta.ibrname('br0'), accept()),
  arp: rule(arp.operation('request'), accept()),
}
const arpRules: Record<string, Body> = {
  operation: rule(arp.operation('request'), accept()),
  'saddr-ip': rule(arp.saddrIp('10.0.0.1'), drop()),
}
const netdev: Record<string, Body> = {
  ip: rule(ip.saddr('10.0.0.1'), drop()),
  vlan: rule(vlan.id(5), accept()),
  dup: rule(dup({ dev: 'eth1' })),
  fwd: rule(fwd('eth1')),
  dport: rule(tcp.dport(80), drop()),
}

const forward: Record<string, Body> = {
  interfaces: rule(meta.iifname('eth0'), meta.oifname('eth1'), accept()),
  mss: rule(tcp.flags.mask(['syn', 'rst'])('syn'), tcpOptions.maxseg.set(routeMss)),
}
const output: Record<string, Body> = {
  skuid: rule(meta.skuid(0), drop()),
  oif: rule(meta.oif('lo'), accept()),
}
const dups: Record<string, Body> = {
  address: rule(dup({ address: '10.0.0.9' })),
  device: rule(dup({ address: '10.0.0.9', dev: 'eth1' })),
}
const egress: Record<string, Body> = {
  address: rule(fwd('eth1', { address: '10.0.0.9' })),
  'address-v6': rule(fwd('eth1', { address: '2001:db8::9' })),
  drop: rule(ip.daddr('10.0.0.1'), drop()),
}
const bridged = rule(ether.daddr('02:00:00:00:00:02'), ip.daddr('10.0.0.2'), drop())

const areas: [prefix: string, family: NftFamily, bodies: Record<string, Body>][] = [
  ['verdict', 'inet', verdicts],
  ['inet', 'inet', inet],
  ['meta', 'inet', facts],
  ['ct', 'inet', connections],
  ['do', 'inet', statements],
  ['nat', 'inet', nat],
  ['raw', 'inet', rawChain],
  ['natmap', 'inet', natMaps],
  ['more', 'inet', more],
  ['forward', 'inet', forward],
  ['output', 'ip6', output],
  ['route', 'ip', { mark: rule(meta.mark.set(1)) }],
  ['postrouting', 'inet', { dscp: rule(meta.oifname('eth0'), ip.dscp.set('ef')) }],
  ['dup', 'ip', dups],
  ['bridge-forward', 'bridge', { address: bridged }],
  ['arp-output', 'arp', { 'daddr-ip': rule(arp.daddrIp('10.0.0.1'), drop()) }],
  ['inet-ingress', 'inet', { saddr: rule(ip.saddr('10.0.0.0/8'), drop()) }],
  ['egress', 'netdev', egress],
  ['ip', 'ip', ipv4],
  ['ip6', 'ip6', ipv6],
  ['bridge', 'bridge', bridge],
  ['arp', 'arp', arpRules],
  ['netdev', 'netdev', netdev],
]

const at = { family: 'inet', table: 't' } as const
/** The named sets of the fixtures, which nft(8) has read before and numbers from 1. */
export const SETS: Readonly<Record<string, (tx: Transaction) => number>> = {
  inet: addSets,
  meta: addSets,
  do: addSets,
  natmap: addMaps,
}
function addMaps(tx: Transaction): number {
  const networks = { type: 'ipv4_addr', flags: ['interval'], mapInterval: true } as const
  tx.addSet({ ...at, name: 'mn', ...networks, map: 'ipv4_addr' })
  tx.addSet({ ...at, name: 'mr', ...networks, map: SERVICE })
  return 2
}
function addSets(tx: Transaction): number {
  tx.addSet({ ...at, name: 's4', type: 'ipv4_addr' })
  tx.addSet({ ...at, name: 'si', type: 'ipv4_addr', flags: ['interval'] })
  tx.addSet({ ...at, name: 'sc', type: ['ipv4_addr', 'inet_service'] })
  tx.addSet({ ...at, name: 'sd', type: 'ipv4_addr', flags: ['dynamic', 'timeout'] })
  tx.addSet({ ...at, name: 'mv', type: 'ipv4_addr', map: 'verdict' })
  tx.addSet({ ...at, name: 'mm', type: 'ipv4_addr', map: 'mark' })
  tx.addSet({ ...at, name: 'mo', type: 'ipv4_addr', map: 'counter' })
  return 7
}

export const cases = areas.flatMap(([prefix, family, bodies]) =>
  Object.entries(bodies).map(([name, body]) => ({ name: `nft-${prefix}-${name}`, prefix, family, body })),
)
