/** The builder's rules for the texts of golden/scenarios/nft-uncommon.ts. */

import {
  accept,
  addElement,
  arp,
  concat,
  counter,
  ct,
  dnat,
  drop,
  dup,
  ether,
  extensionHeader,
  extensionHeaders,
  fib,
  ip,
  ip6,
  ipOption,
  ipOptions,
  jhash,
  limit,
  log,
  masq,
  meta,
  type NftFamily,
  namedObject,
  numgen,
  payload,
  queue,
  type RuleBody,
  redirect,
  reject,
  rule,
  sctp,
  sctpChunk,
  sctpChunks,
  set,
  snat,
  socket,
  stateful,
  symhash,
  type Transaction,
  tcp,
  tcpOption,
  tcpOptions,
  th,
  updateElement,
  useObject,
  vlan,
} from '../src/nftables.js'

const own = stateful(counter())
const slow = stateful(limit({ rate: 5, over: true }), counter())
/** Each with a counter of its own. */
const counted = <K>(...keys: readonly K[]) => keys.map((key) => ({ key, expressions: own }))

const owns: Record<string, RuleBody> = {
  counter: rule(tcp.dport(counted(22, 80)), accept()),
  'counter-some': rule(tcp.dport([...counted(22), 80]), accept()),
  comment: rule(tcp.dport([{ key: 22, comment: 'ssh' }, 80]), accept()),
  limit: rule(tcp.dport([{ key: 22, expressions: stateful(limit({ rate: 5 })) }, 80]), accept()),
  two: rule(tcp.dport([{ key: 22, expressions: slow, comment: 'slow' }, 80]), drop()),
  not: rule(ip.saddr.not(counted('10.0.0.1', '10.0.0.2')), drop()),
  networks: rule(ip.saddr([...counted('10.0.0.0/8'), '192.168.0.0/16']), accept()),
  others: rule(ip.saddr(counted('10.0.0.1', null)), accept()),
  'others-networks': rule(ip.saddr(counted('10.0.0.0/8', null)), accept()),
  pairs: rule(concat(ip.saddr, tcp.dport)([...counted(['10.0.0.1', 22]), ['10.0.0.2', 80]]), accept()),
  'pairs-networks': rule(
    concat(ip.saddr, tcp.dport)([{ key: ['10.0.0.0/8', '22-23'], expressions: own, comment: 'y' }]),
    accept(),
  ),
  interfaces: rule(meta.iif(counted('lo', 'eth0')), accept()),
  marks: rule(meta.mark(counted<string | number>('1-5', 10)), accept()),
}
const given: Record<string, RuleBody> = {
  timeout: rule(namedObject('ct-timeout', 'o')),
  expectation: rule(namedObject('ct-expect', 'e')),
  synproxy: rule(namedObject('synproxy', 'y')),
  synproxies: rule(useObject([[80, 'y']], tcp.dport, 'synproxy')),
  quotas: rule(useObject(set('mq'), tcp.dport)),
}
const matches: Record<string, RuleBody> = {
  'tcp-option-number': rule(tcpOption(77)),
  'tcp-option-nop': rule(tcpOption('nop', false)),
  'maxseg-map': rule(tcpOptions.maxseg.set(tcp.dport.map([[22, 1400]]))),
  'sack-block': rule(tcpOptions.sack2.left(5)),
  'chunk-missing': rule(sctpChunk('cookie-echo', false)),
  'chunk-ack': rule(sctpChunks.sack.cumTsnAck.gt(5)),
  'sctp-checksum': rule(sctp.checksum(5)),
  'th-pairs': rule(meta.l4proto('tcp'), concat(th.sport, th.dport)([1, 2], [3, 4])),
  exthdr: rule(extensionHeader('rt')),
  'exthdr-not': rule(extensionHeader('mh', false)),
  'option-lsrr': rule(ipOption('lsrr')),
  'option-ssrr': rule(ipOptions.ssrr.ptr(4)),
  'frag-last': rule(extensionHeaders.frag.moreFragments(0)),
  'dst-length': rule(extensionHeaders.dst.hdrlength.gt(2)),
  'jhash-ether': rule(jhash(ether.saddr, { modulus: 3, seed: 1 })(1)),
  'symhash-offset': rule(symhash({ modulus: 2, offset: 100 })(100), accept()),
  'fib-three': rule(fib(['daddr', 'mark', 'iif'], 'type')('local')),
  'fib-not': rule(fib(['saddr'], 'type').not('unicast', 'local')),
  'fib-names': rule(fib(['saddr', 'iif'], 'oifname')('eth0', 'eth1')),
  'fib-pair': rule(concat(fib(['daddr'], 'type'), meta.l4proto)(['local', 'tcp'])),
  'socket-two': rule(socket.mark(5), socket.transparent(1), accept()),
  'ct-packets': rule(ct.original.packets.gt(100)),
  'ct-bytes': rule(ct.reply.bytes('100-200')),
  'ct-state-direction': rule(concat(ct.state, ct.direction)(['new', 'original'])),
  'ct-status-mask': rule(ct.status.mask(['snat', 'dnat'])(0), accept()),
  'ct-state-is': rule(ct.state.not(['established']), drop()),
  'ct-zone-intervals': rule(ct.zone(1, '5-10')),
  'tcp-flag-none': rule(tcp.flags.mask(['syn'])(0)),
  'tcp-flags-is': rule(tcp.flags.not(['syn']), drop()),
  'less-masked': rule(ip.saddr.mask(['0.0.0.255']).lt('0.0.0.127')),
  triple: rule(
    concat(
      ip.saddr,
      ip.daddr,
      tcp.dport,
    )(['10.0.0.0/8', '192.168.0.0-192.168.0.255', '80-443'], ['10.1.1.1', '10.2.2.2', 22]),
    accept(),
  ),
  'pair-v6': rule(concat(ip6.saddr, ip6.daddr)(['2001:db8::/32', '::1']), accept()),
  sdif: rule(meta.sdif('eth0'), meta.sdifname('vrf0')),
  time: rule(meta.time.gt('2026-06-06 17:00:00')),
  'hour-less': rule(meta.hour.lt('08:00'), drop()),
  'bytes-masked': rule(payload('network-header', 1, 2).mask(0xff00)(0x1000)),
  'bytes-inner': rule(payload('inner-header', 4, 4)(0x14000000)),
}
const acts: Record<string, RuleBody> = {
  'mark-shifted': rule(ct.mark.set(meta.mark.mask(0xff).or(0x100))),
  'mark-turned': rule(ct.mark.set(ct.mark.xor(0xffffffff))),
  'mark-hash': rule(ct.mark.set(jhash(ip.saddr, { modulus: 8, seed: 5, offset: 0x10 }))),
  'mark-pairs': rule(meta.mark.set(concat(ip.saddr, tcp.dport).map(set('mm')))),
  'mark-intervals': rule(
    ct.mark.set(
      meta.mark.map([
        [1, 10],
        ['2-3', 20],
      ]),
    ),
  ),
  'limit-bytes': rule(limit({ rate: 10 << 20, unit: 'bytes', burst: 12000 << 10, over: true }), drop()),
  'log-emerg': rule(log({ level: 'emerg' })),
  'log-group-0': rule(log({ prefix: 'a', group: 0 })),
  queue: rule(queue({ num: 0, total: 4, fanout: true })),
  'queue-most': rule(queue({ num: 1, total: 65535 })),
  'reject-route': rule(reject({ icmpv6: 'reject-route' })),
  'reject-protocol': rule(reject({ icmp: 'prot-unreachable' })),
  'add-limit': rule(
    addElement(set('sd'), ip.saddr, { timeout: 30_000, expressions: stateful(limit({ rate: 10 })) }),
  ),
  'update-pair': rule(
    updateElement(set('sc'), concat(ip.saddr, tcp.dport), { timeout: 10_000, expressions: own }),
  ),
  'add-masked': rule(addElement(set('sd'), ip.saddr.mask(['255.255.255.0']))),
  'ttl-address': rule(ip.daddr.set('10.0.0.9'), ip.ttl.set(9)),
}
const early: Record<string, RuleBody> = {
  'zone-numgen': rule(ct.zone.set(numgen('incremental', 4, 1))),
  'zone-reply': rule(ct.reply.zone.set(9)),
  'fib-oifname': rule(fib(['saddr', 'mark', 'iif'], 'oifname').not('eth0'), drop()),
}
const oneOfTwo = [
  [1, '10.0.0.1'],
  [2, '10.0.0.2'],
] as const
const ADDRESS_AND_PORT = ['ipv4_addr', 'inet_service'] as const
const to: Record<string, RuleBody> = {
  marks: rule(dnat(meta.mark.map(oneOfTwo, 'ipv4_addr'))),
  persistent: rule(dnat('10.0.0.1', { persistent: true })),
  networks: rule(dnat(ip6.saddr.map([['2001:db8::/64', '2001:db8:1::1']], 'ipv6_addr'))),
  'fully-random': rule(tcp.dport(80), redirect({ to: 8080, fullyRandom: true })),
}
const from: Record<string, RuleBody> = {
  pairs: rule(
    snat(
      concat(ip.saddr, tcp.sport).map(
        [
          [
            ['10.0.0.1', 80],
            ['1.2.3.4', 8080],
          ],
        ],
        ADDRESS_AND_PORT,
      ),
    ),
  ),
  range: rule(ip.protocol('tcp'), snat('10.0.0.1-10.0.0.9:1000-2000')),
  random: rule(meta.oif('eth0'), ip.saddr('10.0.0.0/8'), masq({ random: true, persistent: true })),
}
const leaving: Record<string, RuleBody> = {
  ether: rule(ether.saddr.set('02:00:00:00:00:09')),
  dscp: rule(ip.dscp.set('ef')),
  dup: rule(dup({ dev: 'eth1' })),
}
const GROUP = '01:00:00:00:00:00'
const switched: Record<string, RuleBody> = {
  vlans: rule(vlan.id(10, '20-29'), accept()),
  'vlan-pair': rule(concat(vlan.id, ether.saddr)([5, '02:00:00:00:00:01']), accept()),
  group: rule(ether.daddr.mask([GROUP])(GROUP), drop()),
}
const resolved: Record<string, RuleBody> = {
  address: rule(arp.saddrIp.set('10.0.0.9')),
  mark: rule(meta.mark.set(5), counter()),
}

const areas: [prefix: string, family: NftFamily, bodies: Record<string, RuleBody>][] = [
  ['own', 'inet', owns],
  ['given', 'inet', given],
  ['uncommon', 'inet', matches],
  ['act', 'inet', acts],
  ['early', 'inet', early],
  ['to', 'inet', to],
  ['from', 'inet', from],
  ['leaving', 'netdev', leaving],
  ['switched', 'bridge', switched],
  ['resolved', 'arp', resolved],
]

const at = { family: 'inet', table: 't' } as const
const dynamic = { ...at, flags: ['dynamic', 'timeout'] } as const
const PAIR = ['ipv4_addr', 'inet_service'] as const
const addSets = (tx: Transaction) => {
  tx.addSet({ ...dynamic, name: 'sd', type: 'ipv4_addr' })
  tx.addSet({ ...dynamic, name: 'sc', type: PAIR })
  tx.addSet({ ...at, name: 'mm', type: PAIR, map: 'mark' })
  tx.addSet({ ...at, name: 'mq', type: 'inet_service', map: 'quota' })
  return 4
}
/** The named sets of the fixtures, which nft(8) has read before and numbers from 1. */
export const UNCOMMON_SETS: Readonly<Record<string, (tx: Transaction) => number>> = {
  given: addSets,
  act: addSets,
}

export const uncommonCases = areas.flatMap(([prefix, family, bodies]) =>
  Object.entries(bodies).map(([name, body]) => ({ name: `nft-${prefix}-${name}`, prefix, family, body })),
)
