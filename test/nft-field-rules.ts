/** The rule texts of test/golden/scenarios/nft-field.ts as rules of the builder. */

import type { NftFamily } from '../src/nftables/names.js'
import * as nft from '../src/nftables/public.js'
import type { Transaction } from '../src/nftables/recorder.js'

const {
  accept,
  addElement,
  ah,
  arp,
  comp,
  concat,
  connectionLimit,
  constant,
  counter,
  ct,
  dccp,
  dnat,
  drop,
  dup,
  ether,
  extensionHeader,
  extensionHeaders,
  fib,
  fwd,
  goto,
  icmp,
  icmpv6,
  igmp,
  ip,
  ip6,
  ipOptions,
  jhash,
  jump,
  limit,
  log,
  masq,
  meta,
  numgen,
  payload,
  queue,
  quota,
  redirect,
  reject,
  resetTcpOption,
  rt,
  rule,
  sctp,
  sctpChunk,
  sctpChunks,
  set,
  snat,
  socket,
  stateful,
  symhash,
  tcp,
  tcpOption,
  tcpOptionField,
  tcpOptions,
  tproxy,
  udp,
  udplite,
  updateElement,
  useObject,
  vlan,
} = nft

type Body = ReturnType<typeof rule>

const headers: Record<string, Body> = {
  igmp: rule(igmp.type('membership-query'), accept()),
  'igmp-list': rule(igmp.type(['membership-query', 'leave-group']), accept()),
  'igmp-group': rule(igmp.group('224.0.0.1'), accept()),
  'igmp-mrt': rule(igmp.mrt(5), accept()),
  'comp-cpi': rule(comp.cpi(5), accept()),
  'comp-flags': rule(comp.flags(1), accept()),
  'ah-reserved': rule(ah.reserved(5), accept()),
  'tcp-reserved': rule(tcp.reserved(1), accept()),
  'tcp-doff': rule(tcp.doff(5), accept()),
  'tcp-urgptr': rule(tcp.urgptr(1), accept()),
  'tcp-sequence': rule(tcp.sequence(22), accept()),
  dccp: rule(dccp.type('request'), accept()),
  'dccp-list': rule(dccp.type(['request', 'response']), accept()),
  'sctp-vtag': rule(sctp.vtag(5), accept()),
  'icmp-gateway': rule(icmp.gateway('10.0.0.1'), accept()),
  'icmp-code': rule(icmp.code('frag-needed'), accept()),
  'icmp-id': rule(icmp.type('echo-request'), icmp.id(5), accept()),
  'icmp-id-alone': rule(icmp.id(5), accept()),
  'icmp-mtu': rule(icmp.mtu(1400), accept()),
  'icmpv6-mtu': rule(icmpv6.mtu(1280), accept()),
  'icmpv6-max-delay': rule(icmpv6.maxDelay(5), accept()),
  'icmpv6-code': rule(icmpv6.code('no-route'), accept()),
  'ip-ecn': rule(ip.ecn('ce'), accept()),
  'ip-ecn-list': rule(ip.ecn(['ce', 'ect0']), accept()),
  'ip6-ecn': rule(ip6.ecn('ect0'), accept()),
  'ip-dscp-list': rule(ip.dscp(['cs1', 'ef']), accept()),
  'ip-dscp-vmap': rule(
    ip.dscp.vmap([
      ['cs1', 'accept'],
      ['ef', 'drop'],
    ]),
  ),
  'ip-version': rule(ip.version(4), accept()),
  'ip-hdrlength': rule(ip.hdrlength(5), accept()),
  'ip6-flowlabel-list': rule(ip6.flowlabel([1, 2]), accept()),
  'udplite-csumcov': rule(udplite.csumcov(5), accept()),
  'ether-saddr': rule(ether.saddr('02:00:00:00:00:01'), accept()),
  'ether-list': rule(ether.saddr(['02:00:00:00:00:01', '02:00:00:00:00:02']), accept()),
  'ether-ip': rule(concat(ether.saddr, ip.saddr)([['02:00:00:00:00:01', '10.0.0.1']]), accept()),
  'vlan-pcp': rule(vlan.pcp(3), accept()),
  'vlan-dei': rule(vlan.dei(1), accept()),
  'vlan-list': rule(vlan.id([1, 2]), accept()),
  'vlan-type': rule(vlan.id(5), vlan.type('ip'), accept()),
  'saddr-mask': rule(ip.saddr.mask(['255.255.0.255'])('10.0.0.1'), accept()),
  'saddr6-mask': rule(ip6.saddr.mask(['::ffff:ffff'])('::1'), accept()),
}

const bytes: Record<string, Body> = {
  inner: rule(payload('inner-header', 0, 4)(0x47455420), accept()),
  'inner-long': rule(payload('inner-header', 0, 8)('0x4745542068747470'), accept()),
  bits: rule(payload('transport-header', 0, 1).mask(0xf0)(0x50), accept()),
  link: rule(payload('link-layer-header', 0, 6)(0x112233445566), accept()),
  list: rule(payload('transport-header', 2, 2)([53, 80]), accept()),
  'set-network': rule(payload('network-header', 18, 6).set('0x112233445566')),
  'set-transport': rule(payload('transport-header', 2, 2).set(53)),
  saddr: rule(ip.saddr.set('10.0.0.1')),
  'saddr-map': rule(ip.daddr.set(ip.saddr.map([['10.0.0.1', '10.0.0.2']], 'ipv4_addr'))),
  saddr6: rule(ip6.saddr.set('2001:db8::1')),
  dport: rule(tcp.dport.set(80)),
  'dport-sctp': rule(sctp.dport.set(80)),
  'dport-numgen': rule(udp.dport.set(numgen('incremental', 10, 1000))),
  flags: rule(tcp.flags.set('syn')),
  'checksum-udp': rule(udp.checksum.set(0)),
  ether: rule(ether.saddr.set('02:00:00:00:00:01')),
  'vlan-pcp': rule(vlan.pcp.set(2)),
  'vlan-dei': rule(vlan.dei.set(1)),
  'vlan-id': rule(vlan.id.set(5)),
  dscp6: rule(ip6.dscp.set('cs1')),
  flowlabel: rule(ip6.flowlabel.set(5)),
  ecn: rule(ip.ecn.set('ect0')),
  ecn6: rule(ip6.ecn.set('ce')),
}

const { hbh, frag, rt: routing, rt0, dst, mh, srh } = extensionHeaders
const options: Record<string, Body> = {
  hbh: rule(hbh.nexthdr('tcp'), accept()),
  'hbh-length': rule(hbh.hdrlength(5), accept()),
  frag: rule(frag.moreFragments(1), accept()),
  'frag-reserved': rule(frag.reserved2(1), accept()),
  'frag-off': rule(frag.fragOff(100), accept()),
  'frag-id': rule(frag.id(5), accept()),
  'frag-nexthdr': rule(frag.nexthdr('udp'), accept()),
  rt: rule(routing.type(0), drop()),
  'rt-left': rule(routing.segLeft(1), accept()),
  'rt0-address': rule(rt0.address('2001:db8::1'), accept()),
  'rt0-address2': rule(rt0.address2('2001:db8::1'), accept()),
  'srh-sid2': rule(srh.sid2('2001:db8::/32'), accept()),
  dst: rule(dst.nexthdr('tcp'), accept()),
  mh: rule(mh.type('home-test-init'), accept()),
  'mh-list': rule(mh.type(['home-test-init', 'binding-update']), accept()),
  'srh-flags': rule(srh.flags(1), accept()),
  'srh-tag': rule(srh.tag(5), accept()),
  'exthdr-missing': rule(extensionHeader('hbh', false), accept()),
  tsval: rule(tcpOptions.timestamp.tsval(5), accept()),
  tsecr: rule(tcpOptions.timestamp.tsecr(5), accept()),
  sack: rule(tcpOptions.sack0.left(5), accept()),
  sack1: rule(tcpOptions.sack1.right(5), accept()),
  'window-scale': rule(tcpOptions.window(7), accept()),
  'maxseg-length': rule(tcpOptionField('maxseg', 1, 1)(4), accept()),
  'maxseg-less': rule(tcpOptions.maxseg.lt(536), drop()),
  fastopen: rule(tcpOption('fastopen'), accept()),
  mptcp: rule(tcpOptions.mptcp.subtype(1), accept()),
  md5sig: rule(tcpOption('md5sig'), accept()),
  raw: rule(tcpOptionField(34, 2, 2)(5), accept()),
  'tsval-set': rule(tcpOptions.timestamp.tsval.set(5)),
  reset: rule(resetTcpOption('sack-perm')),
  'reset-number': rule(resetTcpOption(200)),
  'ip-ptr': rule(ipOptions.rr.ptr(4), accept()),
  'ip-address': rule(ipOptions.lsrr.addr('10.0.0.1'), accept()),
  'ip-alert': rule(ipOptions.ra.value(0), accept()),
  'ip-length': rule(ipOptions.ra.length(4), accept()),
  'ip-type': rule(ipOptions.rr.type(1), accept()),
  chunk: rule(sctpChunk('data'), accept()),
  'chunk-missing': rule(sctpChunk('init', false), drop()),
  'chunk-stream': rule(sctpChunks.data.stream(3), accept()),
  'chunk-window': rule(sctpChunks.init.aRwnd.lt(1000), drop()),
  'chunk-flags': rule(sctpChunks.abort.flags(1), accept()),
}

const facts: Record<string, Body> = {
  time: rule(meta.time('2026-06-06 17:00:00'), accept()),
  'time-before': rule(meta.time.lt(1700000000), accept()),
  'time-range': rule(meta.time({ from: '2026-01-01', to: '2026-02-01' }), accept()),
  hour: rule(meta.hour('17:00'), accept()),
  'hour-range': rule(meta.hour('09:00-17:30:15'), accept()),
  'hour-night': rule(meta.hour('23:00-01:00'), accept()),
  'hour-not-night': rule(meta.hour.not({ from: '22:00', to: '06:00' }), accept()),
  'hour-all-but-one': rule(meta.hour('12:00:01-11:59:59'), accept()),
  'hour-list': rule(meta.hour(['09:00-12:00', '13:00-17:00']), accept()),
  'hour-from': rule(meta.hour.gte('09:00'), accept()),
  'day-list': rule(meta.day(['saturday', 'sunday']), drop()),
  'day-range': rule(meta.day({ from: 'monday', to: 'friday' }), accept()),
  random: rule(meta.random.lt(0x80000000), accept()),
  iifkind: rule(meta.iifkind('veth'), accept()),
  iiftype: rule(meta.iiftype('ether'), accept()),
  'priority-list': rule(meta.priority(['1:5', 'AABB:', 'none']), accept()),
  'priority-root': rule(meta.priority('root'), accept()),
  'priority-map': rule(
    meta.priority.set(
      ip.dscp.map([
        ['cs1', '1:5'],
        ['ef', 0x10006],
      ]),
    ),
  ),
  'secmark-set': rule(meta.secmark.set(ct.secmark)),
  'secmark-save': rule(ct.secmark.set(meta.secmark)),
  pkttype: rule(meta.pkttype.set('host')),
  'nfproto-list': rule(meta.nfproto(['ipv4', 'ipv6']), accept()),
  'mark-or-xor': rule(meta.mark.set(meta.mark.or(1).xor(4))),
  'mark-and-or-xor': rule(meta.mark.set(meta.mark.mask(0xff00).or(1).xor(3))),
  'mark-or-and-shift': rule(meta.mark.set(meta.mark.or(1).mask(0xff).lshift(3))),
  'mark-xor-shift': rule(ct.mark.set(meta.mark.xor(3).lshift(2))),
  'mark-and-and': rule(meta.mark.set(meta.mark.mask(0xff).mask(0xf))),
  'mark-or-list': rule(meta.mark.or(1)([5, 7]), accept()),
  'mark-or-is': rule(meta.mark.or(1)(5), accept()),
  'length-shift': rule(ct.mark.set(ip.length.lshift(2))),
  'bytes-shift': rule(meta.mark.set(payload('network-header', 12, 4).lshift(8))),
  'dport-or': rule(tcp.dport.set(tcp.dport.mask(0xff00).xor(3))),
  'mark-and-or': rule(meta.mark.set(meta.mark.mask(0xffff0000).or(1))),
  'mark-shift': rule(ct.mark.set(meta.mark.lshift(8))),
  'mark-shift-or': rule(ct.mark.set(meta.mark.lshift(8).or(0x10))),
  'mark-shift-right': rule(meta.mark.set(ct.mark.rshift(8))),
  'mark-mask': rule(meta.mark.mask(3)(1), accept()),
  'ct-event': rule(ct.event.set('new')),
  'ct-event-list': rule(ct.event.set('new|related|destroy')),
  'ct-l3proto': rule(ct.original.l3proto('ipv4'), accept()),
  'ct-protocol': rule(ct.reply.protocol('tcp'), accept()),
  'ct-zone': rule(ct.original.zone(1), accept()),
  'ct-zone-set': rule(ct.original.zone.set(1)),
  'ct-zone-map': rule(
    ct.zone.set(
      meta.iif.map([
        ['eth0', 1],
        ['eth1', 2],
      ]),
    ),
  ),
  'ct-label-list': rule(ct.label([1, 2]), accept()),
  'ct-status-list': rule(ct.status('expected', 'snat'), accept()),
  'ct-avgpkt': rule(ct.original.avgpkt.gt(100), accept()),
  'ct-id': rule(ct.id(5), accept()),
  'ct-expiration': rule(ct.expiration('60000-120000'), accept()),
  'ct-expiration-list': rule(ct.expiration([60000, 120000]), accept()),
  'ct-state-mask': rule(ct.state.mask(['new', 'related']).not(0), accept()),
  'ct-helper-list': rule(ct.helper(['ftp', 'sip']), accept()),
  'socket-wildcard': rule(socket.wildcard(0), accept()),
  'socket-mark': rule(meta.mark.set(socket.mark)),
  'fib-oif': rule(fib(['saddr', 'iif'], 'oif')('eth0'), accept()),
  'fib-oif-not': rule(fib(['daddr'], 'oif').not('lo'), accept()),
  'fib-oifname': rule(fib(['daddr'], 'oifname')('lo'), accept()),
  'fib-vmap': rule(
    fib(['daddr', 'mark'], 'type').vmap([
      ['blackhole', 'drop'],
      ['local', 'accept'],
    ]),
  ),
  'fib-exists': rule(fib(['saddr', 'iif'], 'oif')('exists'), accept()),
  'rt-mtu': rule(rt.mtu.gt(1400), accept()),
  'rt-nexthop6': rule(rt.nexthop6('2001:db8::1'), accept()),
  'numgen-less': rule(numgen('incremental', 10, 5).lt(7), accept()),
  'numgen-ranges': rule(
    numgen('random', 10).vmap([
      ['0-2', { goto: 'd' }],
      ['3-9', 'accept'],
    ]),
  ),
  'jhash-concat': rule(
    jhash(concat(ip.saddr, tcp.dport), { modulus: 4, seed: 0xabc, offset: 2 }).vmap([
      [2, 'accept'],
      [3, 'drop'],
    ]),
  ),
  'flags-two': rule(tcp.flags.mask(['fin', 'syn'])('fin|syn'), drop()),
  'flags-none': rule(tcp.flags.mask(['fin', 'syn', 'rst', 'psh', 'ack', 'urg'])(0), drop()),
  'flags-any': rule(tcp.flags.mask(['syn', 'ack']).not(0), accept()),
  'flags-slash': rule(tcp.flags.mask(['fin', 'syn', 'rst', 'ack'])('syn|ack'), accept()),
  'flags-list': rule(tcp.flags(['syn', 'syn|ack']), accept()),
  'flags-masked-list': rule(tcp.flags.mask(['fin', 'syn', 'rst', 'ack'])(['syn', 'ack']), accept()),
  'flags-vmap': rule(
    tcp.flags.mask(['fin', 'syn', 'rst', 'ack']).vmap([
      ['syn', 'accept'],
      ['ack', 'drop'],
    ]),
  ),
  catchall: rule(
    ip.saddr.vmap([
      ['10.0.0.0/8', 'accept'],
      [null, 'drop'],
    ]),
  ),
  'names-list': rule(meta.iifname(['eth*', 'wlan0']), accept()),
}

const statements: Record<string, Body> = {
  'add-value': rule(addElement(set('md'), ip.saddr, { value: ip.daddr })),
  'add-mark': rule(addElement(set('mm'), ip.saddr, { value: meta.mark })),
  'update-value': rule(
    updateElement(set('md'), ip.saddr, { timeout: 10_000, value: constant('ipv4_addr', '10.0.0.1') }),
  ),
  'update-counter': rule(updateElement(set('sd'), ip.saddr, { expressions: stateful(counter()) })),
  'add-limit': rule(
    updateElement(set('sd'), ip.saddr, { expressions: stateful(limit({ rate: 10, over: true })) }),
    drop(),
  ),
  'add-count': rule(
    addElement(set('sd'), ip.saddr, { expressions: stateful(connectionLimit(2, { over: true })) }),
    reject(),
  ),
  'add-quota': rule(
    addElement(set('sd'), ip.saddr, { expressions: stateful(quota({ bytes: 1048576, over: true })) }),
  ),
  'add-two': rule(addElement(set('sd'), ip.saddr, { expressions: stateful(limit({ rate: 5 }), counter()) })),
  'helper-map': rule(useObject([[21, 'h']], tcp.dport, 'ct-helper')),
  'counter-map': rule(
    useObject(
      [
        ['10.0.0.1', 'n'],
        ['10.0.0.2', 'n2'],
      ],
      ip.saddr,
      'counter',
    ),
  ),
  'limit-map': rule(useObject([['10.0.0.0/8', 'l']], ip.saddr, 'limit')),
  'log-all': rule(log({ flags: ['tcpseq', 'tcpopt', 'ipopt', 'uid', 'macdecode'] })),
  'log-tcp': rule(log({ flags: ['tcpseq', 'tcpopt'] })),
  'log-skuid': rule(log({ flags: ['uid'] })),
  'log-ether': rule(log({ flags: ['macdecode'] })),
  'limit-bytes': rule(limit({ rate: 1024, unit: 'bytes', burst: 2048 }), accept()),
  'limit-week': rule(limit({ rate: 10, per: 'week' }), accept()),
  'quota-used': rule(quota({ bytes: 104857600, over: true, used: 5242880 }), drop()),
  'reject-icmpx': rule(reject('no-route')),
  'reject-icmp': rule(reject({ icmp: 'frag-needed' })),
  count: rule(connectionLimit(10), accept()),
}

const before: Record<string, Body> = {
  queue: rule(queue({ num: 1, total: 3, bypass: true, fanout: true })),
  'queue-symhash': rule(queue({ to: symhash({ modulus: 4 }) })),
  'queue-numgen': rule(queue({ to: numgen('incremental', 3), bypass: true })),
  'queue-map': rule(queue({ to: ip.saddr.map([['10.0.0.1', 5]]) })),
  'queue-jhash': rule(queue({ to: jhash(ip.saddr, { modulus: 4, offset: 10 }) })),
  'tproxy-port': rule(meta.l4proto('tcp'), tproxy(':8080')),
  'tproxy-address': rule(meta.l4proto('tcp'), tproxy('127.0.0.1')),
  'tproxy-v6': rule(meta.l4proto('tcp'), tproxy('[::1]:8080')),
  'tproxy-ports': rule(
    meta.l4proto('tcp'),
    tproxy({
      address: '127.0.0.1',
      port: symhash({ modulus: 2 }).map(
        [
          [0, 80],
          [1, 81],
        ],
        'inet_service',
      ),
    }),
  ),
  'tproxy-addresses': rule(
    meta.l4proto('tcp'),
    tproxy({ address: ip.saddr.map([['10.0.0.1', '127.0.0.1']], 'ipv4_addr'), port: 8080 }),
  ),
}

const chains: Record<string, Body> = {
  jump: rule(jump([rule(ip.saddr('10.0.0.1'), accept()), rule(drop())])),
  goto: rule(tcp.dport(80), goto([rule(ip.saddr(['10.0.0.1', '10.0.0.2']), accept())])),
}

const toPorts = tcp.dport.map(
  [
    [22, 4040],
    [23, 4041],
  ],
  'inet_service',
)
const oneOfTwo = [
  [0, '10.0.0.1'],
  [1, '10.0.0.2'],
] as const
const target: Record<string, Body> = {
  'port-map': rule(tcp.dport('22-23'), dnat('10.0.0.1', { port: toPorts })),
  'address-map': rule(
    meta.l4proto('tcp'),
    dnat(ip.saddr.map([['10.0.0.1', '10.0.0.2']], 'ipv4_addr'), { port: 8080 }),
  ),
  both: rule(
    tcp.dport(22),
    dnat(ip.saddr.map([['10.0.0.1', '10.0.0.2']], 'ipv4_addr'), {
      port: tcp.dport.map([[22, 4040]], 'inet_service'),
    }),
  ),
  jhash: rule(dnat(jhash(ip.saddr, { modulus: 2 }).map(oneOfTwo, 'ipv4_addr'))),
  symhash: rule(dnat(symhash({ modulus: 2 }).map(oneOfTwo, 'ipv4_addr'))),
  random: rule(tcp.dport(80), dnat('10.0.0.1:8080', { random: true, persistent: true })),
  'redirect-range': rule(tcp.dport(80), redirect({ to: '8080-8090', random: true })),
}
const out: Record<string, Body> = {
  'masquerade-map': rule(meta.l4proto('tcp'), masq({ ports: tcp.sport.map([[22, 4040]], 'inet_service') })),
  'snat-port': rule(meta.l4proto('tcp'), snat('10.0.0.1:1024-65535', { fullyRandom: true })),
}

const copy: Record<string, Body> = {
  map: rule(dup({ address: ip.saddr.map([['10.0.0.1', '10.0.0.2']], 'ipv4_addr'), dev: 'eth1' })),
  tproxy: rule(tcp.dport(80), tproxy(':8080')),
  'tproxy-address': rule(tcp.dport(80), tproxy('127.0.0.1')),
}
const bridge: Record<string, Body> = {
  ibrpvid: rule(meta.ibrpvid(5), accept()),
  ibrvproto: rule(meta.ibrvproto('8021q'), accept()),
  pkttype: rule(ip.saddr('192.168.0.0/16'), meta.pkttype.set('host'), ether.daddr.set('02:00:00:00:00:01')),
  'vlan-ip': rule(vlan.id(5), ip.saddr('10.0.0.1'), accept()),
  reject: rule(reject('tcp-reset')),
  'ether-ip': rule(ether.type('ip'), ip.saddr('10.0.0.1'), accept()),
}
const arps: Record<string, Body> = {
  htype: rule(arp.htype(1), accept()),
  ptype: rule(arp.ptype('ip'), accept()),
  lengths: rule(arp.hlen(6), arp.plen(4), accept()),
  ether: rule(arp.saddrEther('02:00:00:00:00:01'), accept()),
  list: rule(arp.operation(['request', 'reply']), accept()),
  'ether-set': rule(arp.daddrEther.set('02:00:00:00:00:01')),
}
const toEth1 = ip.saddr.map([['10.0.0.1', 'eth1']], 'iface_index')
const netdev: Record<string, Body> = {
  'dup-map': rule(dup({ dev: toEth1 })),
  'fwd-map': rule(fwd(toEth1)),
  'vlan-set': rule(vlan.id.set(5)),
}

const areas: [prefix: string, family: NftFamily, bodies: Record<string, Body>][] = [
  ['header', 'inet', headers],
  ['bytes', 'inet', bytes],
  ['option', 'inet', options],
  ['fact', 'inet', facts],
  ['dynamic', 'inet', statements],
  ['mangle', 'inet', before],
  ['binding', 'inet', chains],
  ['target', 'inet', target],
  ['out', 'inet', out],
  ['copy', 'ip', copy],
  // The first directory of a new tmpfs has this inode.
  ['cgroup', 'inet', { level: rule(socket.cgroupv2(1)(2), accept()) }],
  ['frame', 'bridge', bridge],
  ['arps', 'arp', arps],
  ['ingress', 'netdev', netdev],
]

const at = { family: 'inet', table: 't' } as const
/** The named sets of the fixtures, which nft(8) has read before and numbers from 1. */
export const FIELD_SETS: Readonly<Record<string, (tx: Transaction) => number>> = {
  dynamic: (tx) => {
    const dynamic = { type: 'ipv4_addr', flags: ['dynamic', 'timeout'] } as const
    tx.addSet({ ...at, name: 'sd', ...dynamic })
    tx.addSet({ ...at, name: 'md', ...dynamic, map: 'ipv4_addr' })
    tx.addSet({ ...at, name: 'mm', ...dynamic, map: 'mark' })
    return 3
  },
}

export const fieldCases = areas.flatMap(([prefix, family, bodies]) =>
  Object.entries(bodies).map(([name, body]) => ({ name: `nft-${prefix}-${name}`, prefix, family, body })),
)
