/** Statements that only the family of the table, or what stands before them in the rule, makes wrong. */

import { expect, it } from 'vitest'
import {
  addElement,
  arp,
  concat,
  counter,
  dnat,
  dup,
  ether,
  fwd,
  goto,
  icmp,
  ip,
  ip6,
  jhash,
  jump,
  meta,
  type RuleBody,
  reject,
  rule,
  set,
  stateful,
  tcp,
  tproxy,
  udp,
  vlan,
} from '../../src/nftables/public.js'
import type { Transaction } from '../../src/nftables/recorder.js'
import { sentByCalls } from './nft-sent.js'

const inT = { family: 'inet', table: 't' } as const

/** Only the family, or what stands before, makes it wrong. */
const conflicts: [
  string,
  Parameters<Transaction['addRule']>[0]['family'],
  () => ReturnType<typeof rule>,
  string,
][] = [
  ['IPv6 in a table of IPv4', 'ip', () => rule(ip6.saddr('::1')), 'ip6: the rule is about ip packets'],
  [
    'IPv4 and IPv6 in one rule',
    'inet',
    () => rule(ip.saddr('10.0.0.1'), ip6.saddr('::1')),
    'ip6: the rule is about ip packets',
  ],
  [
    'TCP and UDP in one rule',
    'inet',
    () => rule(tcp.dport(80), udp.dport(80)),
    'udp: the rule is about packets of protocol 6',
  ],
  [
    'a refusal of ARP',
    'bridge',
    () => rule(ether.type('arp'), reject()),
    'reject: nobody is told of arp packets',
  ],
  [
    'two values for a key',
    'inet',
    () =>
      rule(
        tcp.dport.vmap([
          [22, 'accept'],
          [80, 'drop'],
          [22, 'drop'],
        ]),
      ),
    'tcp dport map[2]: 22 is a key of it already, that of [0]',
  ],
  [
    'two values for a key of several fields',
    'inet',
    () =>
      rule(
        concat(ip.saddr, tcp.dport).vmap([
          [['10.0.0.0/8', 22], 'accept'],
          [['10.0.0.0/8', 22], 'drop'],
        ]),
      ),
    "ip saddr . tcp dport map[1]: ['10.0.0.0/8', 22] is a key of it already, that of [0]",
  ],
  [
    'ARP in a table of IP',
    'inet',
    () => rule(arp.operation('request')),
    'arp: the family inet has no ARP packets',
  ],
  [
    'a VLAN in what has none',
    'bridge',
    () => rule(ether.type('ip'), vlan.id(5)),
    'vlan: the rule is about packets of ethertype 0x0800 by what else it looks at',
  ],
  [
    'fields behind the type of a VLAN within',
    'bridge',
    () => rule(ether.type('8021ad'), vlan.id(5), vlan.type('8021q'), vlan.id(6)),
    'vlan: fields are those of the outer VLAN, and have to stand before vlan.type',
  ],
  [
    'IPv4 where there is another VLAN',
    'bridge',
    () => rule(vlan.type('8021q'), ip.saddr('10.0.0.1')),
    'ip: the rule is about packets of ethertype 0x8100 by what else it looks at',
  ],
  [
    'a v6 target for a v4 rule',
    'ip',
    () => rule(tcp.dport(80), dnat('[2001:db8::1]:80')),
    "dnat: '[2001:db8::1]:80' is no address for ip packets",
  ],
  [
    'a copy to a v6 address of v4 packets',
    'ip',
    () => rule(dup({ address: '2001:db8::1' })),
    "dup.address: '2001:db8::1' is no address for ip packets",
  ],
  [
    'a packet sent to a v6 neighbour that is v4',
    'netdev',
    () => rule(fwd(ip.saddr.map([['10.0.0.1', 5]], 'iface_index'), { address: '2001:db8::1' })),
    "fwd.address: '2001:db8::1' is no address for ip packets",
  ],
  [
    'a copy to an address in a table of devices',
    'netdev',
    () => rule(dup({ address: '10.0.0.1', dev: 'eth0' })),
    "dup.address: '10.0.0.1' is in the family netdev, where copies go out of a device, to no address",
  ],
  [
    'a v4 proxy for v6 packets',
    'inet',
    () => rule(ip6.saddr('2001:db8::1'), tproxy('127.0.0.1:80')),
    "tproxy: '127.0.0.1' is no address for ip6 packets",
  ],
  [
    'a v4 proxy for v6 packets, in parts',
    'inet',
    () => rule(ip6.saddr('2001:db8::1'), tproxy({ address: '127.0.0.1', port: 80 })),
    "tproxy.address: '127.0.0.1' is no address for ip6 packets",
  ],
  [
    'a port alone in a table of bridges',
    'bridge',
    () => rule(tcp.dport(80), dnat(':8080')),
    'dnat: it is for tables of the families ip, ip6 and inet',
  ],
  ['ports of ARP', 'arp', () => rule(tcp.dport(80)), 'tcp: the rule is about arp packets'],
  [
    'fields of two ICMP types',
    'ip',
    () => rule(icmp.id(5), icmp.mtu(1400)),
    'icmp mtu: the rule is about packets of type 8 or 0 by what else it looks at',
  ],
  [
    'a copy to a map of networks',
    'ip',
    () => rule(dup({ address: ip.saddr.map([['10.0.0.1', '10.2.0.0/24']], 'ipv4_addr') })),
    'dup.address: the map has networks, not values',
  ],
  [
    'a proxy at a map of ranges',
    'ip',
    () => rule(tproxy({ address: ip.saddr.map([['10.0.0.1', '10.2.0.1-10.2.0.9']], 'ipv4_addr') })),
    'tproxy.address: the map has ranges, not values',
  ],
  [
    'an element with a value out of a map of ranges',
    'ip',
    () =>
      rule(
        addElement(set('m'), ip.saddr, {
          value: ip.saddr.map([['10.0.0.1', '10.2.0.1-10.2.0.9']], 'ipv4_addr'),
        }),
      ),
    'addElement.value: the map has ranges, not values',
  ],
  [
    'a hash of more than registers have',
    'ip6',
    () =>
      rule(
        addElement(set('m'), concat(ip6.saddr, ip6.daddr, ip6.saddr), {
          value: jhash(ip6.saddr, { modulus: 2 }),
        }),
      ),
    'ip6 saddr: with what stands beside it, it does not fit into the 64 bytes',
  ],
  [
    'a list of keys of six values',
    'ip',
    () =>
      rule(
        concat(...[ip.saddr, ip.daddr, tcp.sport, tcp.dport, ip.protocol, meta.mark])([
          '10.0.0.1',
          '10.0.0.2',
          1,
          2,
          'tcp',
          3,
        ]),
      ),
    'inet_proto . mark: a set can have concatenations of 5 types, not 6',
  ],
  [
    'keys of a map that overlap',
    'ip',
    () =>
      rule(
        ip.saddr.vmap([
          ['10.0.0.0/8', 'accept'],
          ['10.1.0.0/16', 'drop'],
        ]),
      ),
    'ip saddr map: two of its keys overlap',
  ],
  [
    'values of a list that overlap, of which one has a counter',
    'ip',
    () => rule(ip.saddr([{ key: '10.0.0.0/8', expressions: stateful(counter()) }, '10.1.0.0/16'])),
    'ip saddr: two of its keys overlap, [0] and [1]',
  ],
  [
    'a value that is there already, with a counter',
    'ip',
    () => rule(tcp.dport([22, { key: 22, expressions: stateful(counter()) }])),
    'tcp dport[1]: 22 is a key of it already, that of [0]',
  ],
  [
    'a key of two fields with a comment that is there again without',
    'ip',
    () => rule(concat(ip.saddr, tcp.dport)([{ key: ['10.0.0.1', 22], comment: 'x' }, ['10.0.0.1', 22]])),
    "ip saddr . tcp dport[1]: ['10.0.0.1', 22] is a key of it already, that of [0]",
  ],
  [
    'all other values twice',
    'ip',
    () => rule(tcp.dport([22, { key: null, comment: 'x' }, { key: null }])),
    'tcp dport[2]: null is a key of it already, that of [1]',
  ],
  [
    'all other values twice, beside a range',
    'ip',
    () => rule(tcp.dport(['22-30', { key: null }, { key: null, comment: 'y' }])),
    'tcp dport[2]: null is a key of it already, that of [1]',
  ],
  [
    'a copy to no address',
    'ip',
    () => rule(dup({ dev: ip.saddr.map([['10.0.0.1', 5]], 'iface_index') })),
    'dup.address: it is needed in every family except netdev',
  ],
  [
    'networks with ports',
    'ip',
    () => rule(dnat(ip.saddr.map(set('m'), ['ipv4_addr', 'inet_service']), { prefix: true })),
    'dnat.prefix: a network has no port beside it',
  ],
  [
    'a range of marks',
    'ip',
    () => rule(meta.mark.set(ip.saddr.map([['10.0.0.1', '5-9']], 'mark'))),
    "'5-9' is not a number (mark)",
  ],
  [
    'networks as an address',
    'ip',
    () => rule(ip.saddr.set(ip.saddr.map([['10.0.0.0/24', '10.1.0.0/24']], 'ipv4_addr'))),
    'ip saddr: the map has networks, not values',
  ],
  [
    'a MAC address as a mark',
    'inet',
    () => rule(meta.mark.set(ether.saddr)),
    'ether saddr: it is of type ether_addr (6 bytes), which is no mark (4 bytes)',
  ],
  [
    'a name as a mark',
    'inet',
    () => rule(meta.mark.set(meta.iifname)),
    'meta iifname: it is of type ifname (16 bytes), which is no mark (4 bytes)',
  ],
  [
    'a map without a type',
    'ip',
    () => rule(dnat(tcp.dport.map([[80, '10.0.0.1']]))),
    'tcp dport.map: the type of what it maps to is needed',
  ],
  [
    'a port beside those of a map',
    'ip',
    () =>
      rule(dnat(tcp.dport.map([[80, ['10.0.0.1', 8080]]], ['ipv4_addr', 'inet_service']), { port: 8080 })),
    'dnat.port: the map has ports, or ranges, already',
  ],
  [
    'the MTU of a ping',
    'ip',
    () => rule(icmp.type('echo-request'), icmp.mtu(1400)),
    'icmp mtu: the rule is about packets of type 8',
  ],
  ['an interface of a list', 'ip', () => rule(meta.iif(['none0', 'lo'])), "interface 'none0'"],
  ['an interface that is not there', 'ip', () => rule(meta.iif('none0')), "interface 'none0'"],
]

it('a port in a chain without a name is for the protocol of the rule that jumps there', () => {
  const web = [rule(dnat('10.0.0.1:8080'))]
  const add = (body: RuleBody) => () => sentByCalls((tx) => tx.addRule({ ...inT, chain: 'c', rule: body }))
  expect(add(rule(tcp.dport(80), jump(web)))()).toHaveLength(3)
  expect(add(rule(tcp.dport(80), jump([rule(goto(web))])))()).toHaveLength(5)
  expect(add(rule(ip.saddr('10.0.0.2'), jump(web)))).toThrow('dnat: a port is for protocols that have ports')
})

it.each(conflicts)('%s', (_, family, body, text) => {
  const ifindex = (name: string) => {
    throw new RangeError(`interface '${name}' is not there`)
  }
  const add = () =>
    sentByCalls((tx) => tx.addRule({ family, table: 't', chain: 'c', rule: body() }), 0, ifindex)
  expect(add).toThrow(text)
})
