/** The builder's rules for the texts of golden/scenarios/nft-combined.ts. */

import {
  accept,
  addElement,
  ah,
  arp,
  concat,
  ct,
  dnat,
  drop,
  ether,
  extensionHeaders,
  fib,
  icmp,
  icmpv6,
  ip,
  ip6,
  ipsec,
  jhash,
  meta,
  type NftFamily,
  numgen,
  type RuleBody,
  rt,
  rule,
  set,
  snat,
  type Transaction,
  tcp,
  tcpOptions,
  th,
  vlan,
} from '../src/nftables/public.js'

const inRules: Record<string, RuleBody> = {
  'ip-saddr': rule(ip.saddr.not(['10.0.0.0/8', '192.168.0.0/16']), drop()),
  'ct-state': rule(ct.state('new'), tcp.flags.mask(['fin', 'syn', 'rst', 'ack']).not('syn'), drop()),
  'ip6-saddr': rule(ip6.saddr(['::1', '2001:db8::1-2001:db8::ff', 'fe80::/64']), accept()),
  'ip6-saddr-tcp': rule(concat(ip6.saddr, tcp.dport).vmap([[['2001:db8::/64', '80-90'], 'accept']])),
  'iifname-ip': rule(concat(meta.iifname, ip.saddr, tcp.dport)([['eth0', '10.0.0.0/8', 22]]), accept()),
  'meta-mark': rule(concat(meta.mark, ip.saddr)([[0x10, '10.0.0.1']]), accept()),
  'meta-mark-ip': rule(concat(meta.mark, ip.saddr)([['16-32', '10.0.0.0/8']]), accept()),
  'meta-mark-not': rule(meta.mark.not('16-32'), accept()),
  'meta-mark-2': rule(meta.mark(['1-5', 10]), accept()),
  'meta-mark-vmap': rule(
    meta.mark.vmap([
      ['1-5', 'accept'],
      [7, 'drop'],
    ]),
  ),
  'ct-mark': rule(ct.mark.mask(0xff)([1, 2]), accept()),
  'meta-mark-and': rule(
    meta.mark.mask(0xff).vmap([
      [1, 'accept'],
      [2, 'drop'],
    ]),
  ),
  'meta-skuid': rule(meta.skuid([0, '1000-2000']), accept()),
  'meta-length': rule(meta.length([64, '128-256']), accept()),
  'iif-ip': rule(concat(meta.iif, ip.saddr)([['eth0', '10.0.0.1']]), accept()),
  'iif-vmap': rule(
    meta.iif.vmap([
      ['lo', 'accept'],
      ['eth0', 'drop'],
    ]),
  ),
  'iifname-not': rule(meta.iifname.not(['eth*', 'wlan0']), accept()),
  'iifname-vmap': rule(
    meta.iifname.vmap([
      ['eth*', 'accept'],
      ['lo', 'drop'],
    ]),
  ),
  'meta-mark-set': rule(
    meta.mark.set(
      meta.iifname.map([
        ['eth0', 1],
        ['lo', 2],
      ]),
    ),
  ),
  iifgroup: rule(meta.iifgroup([1, '2-4']), accept()),
  'ct-reply': rule(ct.reply.daddr('10.0.0.0/8'), accept()),
  'ct-original': rule(ct.original.saddr6('2001:db8::/32'), accept()),
  'ct-original-ip': rule(ct.original.saddr.not('10.0.0.0/8'), accept()),
  'ct-original-ip-saddr': rule(ct.original.saddr(['10.0.0.0/8', '192.168.0.1']), accept()),
  'ct-bytes': rule(ct.bytes([100, '200-300']), accept()),
  'ct-status': rule(ct.status.not('snat'), accept()),
  'ct-label': rule(ct.label(127), accept()),
  'ip-dscp': rule(ip.dscp(['0-10']), accept()),
  'ip-dscp-2': rule(ip.dscp('5-10'), accept()),
  'ip6-dscp': rule(ip6.dscp.lt(10), accept()),
  'ip6-flowlabel': rule(ip6.flowlabel('5-10'), accept()),
  'ip-frag': rule(ip.fragOff.mask(0x2000).not(0), accept()),
  'ip-ttl': rule(ip.ttl([1, '5-10']), accept()),
  'ip-protocol': rule(ip.protocol(['tcp', 'udp']), th.dport(53), accept()),
  'ip-ttl-set': rule(ip.ttl.set(5), ip.dscp.set('cs0')),
  'tcp-doff': rule(tcp.doff.gt(5), accept()),
  'ip-ttl-or': rule(meta.mark.set(ip.ttl.or(1))),
  'dport-others': rule(
    concat(tcp.dport, ip.saddr).vmap([
      [[80, '10.0.0.1'], 'accept'],
      [null, 'drop'],
    ]),
  ),
  'dport-range-others': rule(
    concat(tcp.dport, ip.saddr).vmap([
      [['80-90', '10.0.0.1'], 'accept'],
      [null, 'drop'],
    ]),
  ),
  'tcp-sport': rule(
    concat(
      tcp.sport,
      tcp.dport,
    )([
      ['1-5', 80],
      [7, 90],
    ]),
    accept(),
  ),
  'meta-l4proto': rule(
    concat(
      meta.l4proto,
      th.dport,
    )([
      ['tcp', 80],
      ['udp', 53],
    ]),
    accept(),
  ),
  'icmp-type': rule(
    concat(
      icmp.type,
      icmp.code,
    )([
      ['echo-request', 0],
      ['destination-unreachable', 1],
    ]),
    accept(),
  ),
  'icmp-type-echo': rule(icmp.type('echo-request'), icmp.id(1), icmp.sequence(2), accept()),
  'icmp-type-2': rule(icmp.type('0-10'), accept()),
  'ah-spi': rule(ah.spi([1, '5-10']), accept()),
  'ether-saddr': rule(ether.saddr('02:00:00:00:00:01'), ether.daddr('02:00:00:00:00:02'), accept()),
  'ether-saddr-2': rule(ether.saddr('02:00:00:00:00:01-02:00:00:00:00:09'), accept()),
  'ether-saddr-and': rule(ether.saddr.mask(['ff:ff:ff:00:00:00'])('02:00:00:00:00:00'), accept()),
  'vlan-id': rule(vlan.id('1-10'), accept()),
  'vlan-id-vlan': rule(vlan.id(5), vlan.pcp(3), accept()),
  'tcp-option': rule(tcpOptions.maxseg(['500-1000', 1460]), accept()),
  'tcp-option-sack0': rule(tcpOptions.sack0.left.gt(100), accept()),
  'rt0-addr': rule(extensionHeaders.rt0.address('2001:db8::/32'), accept()),
  'ipsec-in': rule(ipsec('in').saddr('10.0.0.0/8'), accept()),
  'meta-mark-set-jhash': rule(
    meta.mark.set(jhash(concat(ip.saddr, ip.daddr, tcp.dport), { modulus: 10, seed: 0xdeadbeef })),
  ),
  'meta-mark-set-jhash-ip': rule(meta.mark.set(jhash(concat(ip.dscp, ip.saddr), { modulus: 4 }))),
  'meta-mark-set-ip': rule(meta.mark.set(ip.version)),
  'meta-mark-set-tcp': rule(meta.mark.set(tcp.doff)),
  'ip-dscp-named': rule(ip.dscp(set('ds')), accept()),
  'ip-saddr-ip': rule(concat(ip.saddr, ip.dscp)(set('dc')), accept()),
  'ip-dscp-vmap': rule(ip.dscp.vmap(set('dm'))),
  'add-named': rule(addElement(set('dd'), ip.dscp)),
  'vlan-pcp': rule(vlan.pcp(set('dp')), accept()),
  'meta-mark-named': rule(meta.mark(set('marks')), accept()),
  'iifname-named': rule(meta.iifname(set('names')), accept()),
  'ip-saddr-meta': rule(concat(ip.saddr, meta.mark)(set('pairs')), accept()),
  'tcp-dport': rule(tcp.dport.vmap(set('vm'))),
  'ip-saddr-ip-dscp': rule(concat(ip.saddr, ip.dscp)([['10.0.0.0/8', 'cs1']]), accept()),
  'ip-dscp-meta': rule(concat(ip.dscp, meta.mark)([['cs1', 1]]), accept()),
  'meta-skuid-tcp': rule(
    concat(
      meta.skuid,
      tcp.dport,
    )([
      ['0-1000', 22],
      [2000, '80-90'],
    ]),
    accept(),
  ),
  'iifname-meta': rule(concat(meta.iifname, meta.mark).vmap([[['eth0', '1-5'], 'accept']])),
  'meta-mark-set-ip-saddr': rule(meta.mark.set(concat(ip.saddr, meta.mark).map([[['10.0.0.0/8', 5], 7]]))),
  'ct-zone': rule(concat(ct.zone, ip.saddr)([[5, '10.0.0.0/8']]), accept()),
  'ct-bytes-ip': rule(concat(ct.bytes, ip.saddr)([['5-10', '10.0.0.0/8']]), accept()),
  'iif-tcp': rule(concat(meta.iif, tcp.dport)([['eth0', '80-90']]), accept()),
  'ip-saddr-and': rule(ip.saddr.mask(['0.0.0.3'])(['0.0.0.1', '0.0.0.2']), accept()),
  'tcp-dport-and': rule(tcp.dport.mask(1)(0), accept()),
  'tcp-dport-not': rule(tcp.dport.not([22, '80-90']), accept()),
  'ip-saddr-2': rule(ip.saddr(['10.0.0.0/8', '255.255.255.255']), accept()),
  'ip-saddr-3': rule(ip.saddr(['0.0.0.0/8', '240.0.0.0/4']), accept()),
  'ip-saddr-4': rule(ip.saddr(['10.0.0.0/24', '10.0.1.0/24']), accept()),
  'tcp-dport-2': rule(tcp.dport(['80-90', '85-95']), accept()),
  'tcp-dport-vmap': rule(
    tcp.dport.vmap([
      ['0-1023', 'drop'],
      ['1024-65535', 'accept'],
    ]),
  ),
  'tcp-sport-tcp': rule(tcp.sport(1), tcp.dport(2), tcp.sequence(3), accept()),
  'ip-saddr-tcp': rule(ip.saddr('10.0.0.1'), tcp.sport(1), ip.daddr('10.0.0.2'), tcp.dport(2), accept()),
  'ct-mark-set': rule(
    ct.mark.set(
      ip.saddr.map([
        ['10.0.0.0/8', 1],
        [null, 2],
      ]),
    ),
  ),
  'tcp-dport-ip': rule(
    concat(tcp.dport, ip.saddr).vmap([
      [[80, '10.0.0.1'], 'accept'],
      [[443, '10.0.0.2'], 'drop'],
    ]),
  ),
  'meta-hour': rule(meta.hour.not('09:00-17:00'), accept()),
  'icmp-type-set': rule(icmp.type.set('echo-reply')),
  'ip6-hoplimit': rule(ip6.hoplimit.set(5)),
  'ip-hdrlength': rule(ip.hdrlength.set(6)),
  'tcp-flags': rule(tcp.flags.set('syn|ack')),
}
const preRules: Record<string, RuleBody> = {
  'fib-daddr': rule(fib(['daddr', 'iif'], 'type').not(['local', 'broadcast', 'multicast']), drop()),
}
const in4Rules: Record<string, RuleBody> = {
  'ip-protocol': rule(
    ip.protocol.vmap([
      ['tcp', { jump: 'd' }],
      ['udp', { jump: 'd' }],
      ['icmp', 'accept'],
    ]),
  ),
}
const from4Rules: Record<string, RuleBody> = {
  'snat-to': rule(
    snat(
      ip.saddr.map(
        [
          ['192.168.1.0/24', '10.0.0.1'],
          ['192.168.2.0/24', '10.0.0.2'],
        ],
        'ipv4_addr',
      ),
    ),
  ),
}
const to4Rules: Record<string, RuleBody> = {
  'dnat-to': rule(
    dnat(
      numgen('random', 10).map(
        [
          ['0-2', '192.168.10.100'],
          ['3-9', '192.168.20.200'],
        ],
        'ipv4_addr',
      ),
    ),
  ),
}
const toRules: Record<string, RuleBody> = {
  'dnat-ip': rule(dnat(concat(ip.saddr, ct.mark).map([[['10.0.0.0/8', 1], '10.0.0.9']], 'ipv4_addr'))),
  'tcp-dport': rule(tcp.dport(80), dnat('10.0.0.1-10.0.0.9:80-90')),
  'tcp-dport-dnat': rule(tcp.dport(80), dnat('[2001:db8::1-2001:db8::5]:80')),
  'dnat-ip-to': rule(
    dnat(
      concat(ip.daddr, tcp.dport).map(
        [
          [
            ['10.0.0.1', 80],
            ['10.0.0.2', 8080],
          ],
          [
            ['10.0.0.1', 443],
            ['10.0.0.2', 8443],
          ],
        ],
        ['ipv4_addr', 'inet_service'],
      ),
    ),
  ),
}
const bridgedRules: Record<string, RuleBody> = {
  'vlan-id': rule(vlan.id(5), vlan.pcp(3), tcp.dport(80), accept()),
  'ether-saddr': rule(concat(ether.saddr, ip.saddr)([['02:00:00:00:00:01', '10.0.0.1']]), accept()),
}
const arpedRules: Record<string, RuleBody> = {
  'arp-saddr': rule(arp.saddrIp('10.0.0.0/8'), arp.daddrIp.not('10.0.0.1'), drop()),
  'arp-saddr-ether': rule(concat(arp.saddrEther, arp.saddrIp)([['02:00:00:00:00:01', '10.0.0.1']]), accept()),
}
const leavingRules: Record<string, RuleBody> = {
  'rt-ip': rule(rt.nexthop('10.0.0.0/8'), accept()),
  'ipsec-out': rule(ipsec('out').daddr6('2001:db8::1'), accept()),
}
const in6Rules: Record<string, RuleBody> = {
  'icmpv6-type': rule(icmpv6.type(['nd-neighbor-solicit', 'nd-router-advert']), ip6.hoplimit(255), accept()),
}
const from6Rules: Record<string, RuleBody> = {
  'snat-to': rule(snat('2001:db8::1-2001:db8::9')),
}

const areas: [prefix: string, family: NftFamily, bodies: Record<string, RuleBody>][] = [
  ['man-in', 'inet', inRules],
  ['man-pre', 'inet', preRules],
  ['man-in4', 'ip', in4Rules],
  ['man-from4', 'ip', from4Rules],
  ['man-to4', 'ip', to4Rules],
  ['man-to', 'inet', toRules],
  ['man-bridged', 'bridge', bridgedRules],
  ['man-arped', 'arp', arpedRules],
  ['man-leaving', 'inet', leavingRules],
  ['man-in6', 'ip6', in6Rules],
  ['man-from6', 'ip6', from6Rules],
]

const at = { family: 'inet', table: 't' } as const
/** The named sets of the fixtures, which nft(8) has read before and numbers from 1. */
export const COMBINED_SETS: Readonly<Record<string, (tx: Transaction) => number>> = {
  'man-in': (tx) => {
    const interval = { flags: ['interval'] } as const
    tx.addSet({ ...at, name: 'marks', type: 'mark', ...interval })
    tx.addSet({ ...at, name: 'names', type: 'ifname', ...interval })
    tx.addSet({ ...at, name: 'pairs', type: ['ipv4_addr', 'mark'], ...interval })
    tx.addSet({ ...at, name: 'vm', type: 'inet_service', map: 'verdict', ...interval })
    tx.addSet({ ...at, name: 'ds', type: 'dscp' })
    tx.addSet({ ...at, name: 'dc', type: ['ipv4_addr', 'dscp'] })
    tx.addSet({ ...at, name: 'dm', type: 'dscp', map: 'verdict' })
    tx.addSet({ ...at, name: 'dd', type: 'dscp', flags: ['dynamic'] })
    tx.addSet({ ...at, name: 'dp', keyType: 4, keyLen: 1 })
    return 9
  },
}

export const combinedCases = areas.flatMap(([prefix, family, bodies]) =>
  Object.entries(bodies).map(([name, body]) => ({ name: `nft-${prefix}-${name}`, prefix, family, body })),
)
