/** What callers give that is wrong is refused before anything is sent, in words that name the field and the value. */

import { describe, expect, it } from 'vitest'
import {
  accept,
  addElement,
  arp,
  concat,
  constant,
  counter,
  ct,
  dnat,
  drop,
  dup,
  ether,
  extensionHeader,
  fib,
  fwd,
  goto,
  icmp,
  inside,
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
  osf,
  payload,
  queue,
  quota,
  type RuleBody,
  redirect,
  reject,
  resetTcpOption,
  rule,
  sctpChunk,
  set,
  snat,
  socket,
  stateful,
  symhash,
  tcp,
  tcpOption,
  tcpOptionField,
  tproxy,
  udp,
  updateElement,
  useObject,
  verdict,
  vlan,
} from '../../src/nftables/public.js'
import type { Transaction } from '../../src/nftables/recorder.js'
import { sentByCalls } from './nft-sent.js'

const inT = { family: 'inet', table: 't' } as const
const C = { ...inT, name: 'c' } as const
const S = { ...inT, name: 's', type: 'ipv4_addr' } as const
const HOOKED = { ...C, type: 'filter', hook: 'input', priority: 0 } as const
const LONG = 'x'.repeat(256)

type Wrong = [what: string, call: (tx: Transaction) => unknown, error: new () => Error, text: string]

/** Calls take what the types forbid, as JavaScript gives it. */
const any = (value: unknown) => value as never

const calls: Wrong[] = [
  [
    'a device of a flowtable to delete',
    (tx) => tx.deleteFlowtable(any({ ...inT, name: 'f', devices: ['eth0'] })),
    TypeError,
    'deleteFlowtable: devices: the whole of it is deleted, not its devices alone',
  ],
  [
    'a device of a chain to delete',
    (tx) => tx.destroyChain(any({ ...C, devices: ['eth0'] })),
    TypeError,
    'destroyChain: devices: the whole of it is deleted, not its devices alone',
  ],
  [
    'keys of six values',
    (tx) =>
      tx.addSet({ ...S, type: ['ipv4_addr', 'ipv4_addr', 'mark', 'mark', 'inet_proto', 'inet_service'] }),
    RangeError,
    'ipv4_addr . ipv4_addr . mark . mark . inet_proto . inet_service: a set can have concatenations of 5 types, not 6',
  ],
  [
    'a family that is none',
    (tx) => tx.addTable({ family: any('ip5'), name: 't' }),
    RangeError,
    "family: 'ip5' is not one of ip, ip6",
  ],
  [
    'a statement that is no rule',
    (tx) => tx.addRule({ ...inT, chain: 'c', rule: any(accept()) }),
    TypeError,
    'rule: { compile } is not made by rule(), as rule(tcp.dport(22), accept()) is',
  ],
  [
    'sets beside a rule of the builder',
    (tx) =>
      tx.addRule({ ...inT, chain: 'c', rule: rule(accept()), sets: [{ ...S, type: 'mark', elements: [1] }] }),
    TypeError,
    'addRule: sets and chains are of expressions; rule makes its own',
  ],
  [
    'every device',
    (tx) => tx.addChain({ ...HOOKED, hook: 'ingress', devices: ['eth0', '*'] }),
    RangeError,
    "devices[1]: '*' alone is every device",
  ],
  [
    'elements of a set by its name',
    (tx) => tx.addElements(any({ ...inT, name: 's', elements: [] })),
    TypeError,
    "addElements: unknown option 'name' (known: family, table, set, elements)",
  ],
  [
    'one device of a flowtable',
    (tx) => tx.addFlowtable({ ...inT, name: 'f', priority: 0, devices: any('eth0') }),
    TypeError,
    "devices: 'eth0' is not an array of names",
  ],
  [
    'one device of a chain',
    (tx) => tx.addChain({ ...HOOKED, hook: 'ingress', devices: any('eth0') }),
    TypeError,
    "devices: 'eth0' is not an array of names",
  ],
  ...(
    [
      ['dnat', rule(dnat('10.0.0.1:80'))],
      ['dnat', rule(dnat('10.0.0.1', { port: ip.saddr.map([['10.0.0.2', 80]]) }))],
      ['snat', rule(ip.daddr('10.0.0.2'), snat('10.0.0.1:1024-2000'))],
      ['masq', rule(masq({ ports: '1024-2000' }))],
      ['redirect', rule(meta.iifname('eth0'), redirect({ to: 8080 }))],
    ] as const
  ).map(
    ([name, body]): Wrong => [
      `a port of ${name} for packets that may have none`,
      (tx) => tx.addRule({ ...inT, chain: 'c', rule: body }),
      TypeError,
      `${name}: a port is for protocols that have ports`,
    ],
  ),
  [
    'a range in a concatenation without intervals, of many',
    (tx) =>
      tx.addSet({ ...S, type: ['ipv4_addr', 'inet_service'] }, [
        ...Array(300).fill(['10.0.0.1', 80]),
        ['10.0.0.1', '80-90'],
      ]),
    RangeError,
    "elements[300]: ['10.0.0.1', '80-90'] is more than one value; the set lacks the flag 'interval'",
  ],
  [
    'an element that ends in a set whose elements do not',
    (tx) => tx.addSet(S, [{ key: '10.0.0.1', timeout: 5000 }]),
    TypeError,
    "elements[0].timeout: the set lacks the flag 'timeout'",
  ],
  [
    'a set of other types',
    (tx) => {
      tx.addSet({ ...S, type: 'ipv6_addr' })
      tx.addRule({ ...inT, chain: 'c', rule: rule(ip.saddr(set('s')), accept()) })
    },
    TypeError,
    "ip saddr: it is of type ipv4_addr, and set 's' has keys of type ipv6_addr",
  ],
  [
    'numbers that lie in another order',
    (tx) => {
      tx.addSet({ ...S, type: 'mark' })
      tx.addRule({ ...inT, chain: 'c', rule: rule(ip.saddr(set('s')), accept()) })
    },
    TypeError,
    "ip saddr: it is of type ipv4_addr, and set 's' has keys of type mark",
  ],
  [
    'a set of keys of a length alone',
    (tx) => {
      tx.addSet({ ...S, type: null, keyType: 4, keyLen: 2 })
      tx.addRule({ ...inT, chain: 'c', rule: rule(ip.saddr(set('s')), accept()) })
    },
    TypeError,
    "ip saddr: it is of type ipv4_addr, and set 's' has keys of 2 bytes",
  ],
  [
    'a map of other values',
    (tx) => {
      tx.addSet({ ...S, map: 'inet_service' })
      tx.addRule({ ...inT, chain: 'c', rule: rule(meta.mark.set(ip.saddr.map(set('s')))) })
    },
    TypeError,
    "ip saddr.map: it is for values of type mark, and map 's' has values of type inet_service",
  ],
  [
    'a map that a rule adds other values to',
    (tx) => {
      tx.addSet({ ...S, map: 'ipv4_addr', flags: ['dynamic'] })
      tx.addRule({ ...inT, chain: 'c', rule: rule(addElement(set('s'), ip.saddr, { value: tcp.dport })) })
    },
    TypeError,
    "addElement.value: it is of type inet_service, and map 's' has values of type ipv4_addr",
  ],
  [
    'a constant of another type that a rule adds',
    (tx) => {
      tx.addSet({ ...S, map: 'ipv4_addr', flags: ['dynamic'] })
      tx.addRule({
        ...inT,
        chain: 'c',
        rule: rule(addElement(set('s'), ip.saddr, { value: constant('inet_service', 80) })),
      })
    },
    TypeError,
    "addElement.value: it is of type inet_service, and map 's' has values of type ipv4_addr",
  ],
  [
    'a map of values of a length alone',
    (tx) => {
      tx.addSet({ ...S, dataType: 4, dataLen: 2 })
      tx.addRule({ ...inT, chain: 'c', rule: rule(meta.mark.set(ip.saddr.map(set('s')))) })
    },
    TypeError,
    "ip saddr.map: it is for values of type mark, and map 's' has values of 2 bytes",
  ],
  [
    'a port as an address to translate to',
    (tx) => {
      tx.addSet({ ...S, map: 'inet_service' })
      tx.addRule({ ...inT, chain: 'c', rule: rule(dnat(ip.saddr.map(set('s')))) })
    },
    TypeError,
    'dnat: it is for values of type ipv4_addr, and what it gets is of type inet_service',
  ],
  [
    'an address behind a port to translate to',
    (tx) => {
      tx.addSet({ ...S, map: ['inet_service', 'ipv4_addr'] })
      tx.addRule({ ...inT, chain: 'c', rule: rule(tcp.dport(80), snat(ip.saddr.map(set('s')))) })
    },
    TypeError,
    'snat: it is for values of type ipv4_addr . inet_service, and what it gets is of type inet_service . ipv4_addr',
  ],
  [
    'addresses of the other protocol to translate to',
    (tx) => {
      tx.addSet({ ...S, type: 'ipv6_addr', map: 'ipv4_addr' })
      tx.addRule({ ...inT, chain: 'c', rule: rule(dnat(ip6.saddr.map(set('s')))) })
    },
    TypeError,
    'dnat: it is for values of type ipv6_addr, and what it gets is of type ipv4_addr',
  ],
  [
    'a port as an address to send a copy to',
    (tx) => {
      tx.addSet({ ...S, map: 'inet_service' })
      tx.addRule({ ...inT, chain: 'c', rule: rule(dup({ address: ip.saddr.map(set('s')) })) })
    },
    TypeError,
    'dup.address: it is for values of type ipv4_addr, and what it gets is of type inet_service',
  ],
  [
    'an address as a device',
    (tx) => {
      tx.addSet({ ...S, map: 'ipv4_addr' })
      tx.addRule({ ...inT, chain: 'c', rule: rule(dup({ dev: ip.saddr.map(set('s')) })) })
    },
    TypeError,
    'dup.dev: it is for values of type iface_index, and what it gets is of type ipv4_addr',
  ],
  [
    'a port as the address of a neighbour',
    (tx) => {
      tx.addSet({ ...S, map: 'inet_service' })
      tx.addRule({ ...inT, chain: 'c', rule: rule(fwd('lo', { address: ip.saddr.map(set('s')) })) })
    },
    TypeError,
    'fwd.address: it is for values of type ipv4_addr, and what it gets is of type inet_service',
  ],
  [
    'a port as the address of a proxy',
    (tx) => {
      tx.addSet({ ...S, map: 'inet_service' })
      tx.addRule({ ...inT, chain: 'c', rule: rule(tproxy({ address: ip.saddr.map(set('s')) })) })
    },
    TypeError,
    'tproxy.address: it is for values of type ipv4_addr, and what it gets is of type inet_service',
  ],
  [
    'an address as a port',
    (tx) => {
      tx.addSet({ ...S, map: 'ipv4_addr' })
      tx.addRule({
        ...inT,
        chain: 'c',
        rule: rule(tcp.dport(80), redirect({ to: ip.saddr.map(set('s'), 'ipv4_addr') })),
      })
    },
    TypeError,
    'ip saddr.map: it is for values of type inet_service, and what it gets is of type ipv4_addr',
  ],
  [
    'a map for a number that no set can have',
    (tx) => {
      tx.addSet({ ...S, map: 'mark' })
      tx.addRule({ ...inT, chain: 'c', rule: rule(ct.zone.set(ip.saddr.map(set('s')))) })
    },
    TypeError,
    "and map 's' has values of type mark; for integer a set can have iface_type",
  ],
  [
    'a chain without a name, alone',
    (tx) => tx.addChain({ ...C, flags: ['binding'] }),
    TypeError,
    'flags: a chain without a name comes with the rule that jumps to it',
  ],
  [
    'a rule of the builder in a chain that was read',
    (tx) =>
      tx.addRule({
        ...inT,
        chain: 'c',
        expressions: [],
        chains: [{ name: '__chain1', rules: [{ ...inT, chain: '__chain1', rule: rule(accept()) }] }],
      }),
    TypeError,
    "chain '__chain1': its rules are in expressions",
  ],
  ['no family', (tx) => tx.addTable(any({ name: 't' })), TypeError, 'family: one of ip, ip6, inet'],
  ['an empty name', (tx) => tx.addTable({ family: 'ip', name: '' }), RangeError, 'name: it cannot be empty'],
  [
    'a name of 256 bytes',
    (tx) => tx.addTable({ family: 'ip', name: LONG }),
    RangeError,
    'has 256 bytes; it has at most 255',
  ],
  ['a name with NUL', (tx) => tx.addChain({ ...C, name: 'a\0b' }), RangeError, 'name: '],
  ...(['owner', 2] as const).map(
    (flag): Wrong => [
      `a table that belongs to a socket, by ${flag}`,
      (tx) => tx.addTable({ family: 'ip', name: 't', flags: ['persist', flag] }),
      RangeError,
      "flags: 'owner' is not to be had: the table would go with the socket that made it",
    ],
  ),
  [
    'a flag that is none',
    (tx) => tx.addTable({ family: 'ip', name: 't', flags: [any('sleepy')] }),
    RangeError,
    "flags: 'sleepy' is not one of dormant",
  ],
  [
    'an option that is none',
    (tx) => tx.addTable(any({ family: 'ip', name: 't', nam: 1 })),
    TypeError,
    "addTable: unknown option 'nam'",
  ],
  [
    'a comment of 128 bytes',
    (tx) => tx.addTable({ family: 'ip', name: 't', comment: 'x'.repeat(128) }),
    RangeError,
    'comment: ',
  ],
  [
    'user data of 257 bytes',
    (tx) => tx.addTable({ family: 'ip', name: 't', userdata: new Uint8Array(257) }),
    RangeError,
    'userdata: it has 257 bytes',
  ],
  [
    'a handle of 0',
    (tx) => tx.deleteRule({ ...inT, chain: 'c', handle: 0 }),
    RangeError,
    'handle: 0 is not a handle',
  ],
  ['a chain by nothing', (tx) => tx.deleteChain(inT), TypeError, 'handle: undefined is not'],
  [
    'a hook without a type',
    (tx) => tx.addChain({ ...C, hook: 'input', priority: 0 }),
    TypeError,
    'type: undefined is not',
  ],
  [
    'a type without a hook',
    (tx) => tx.addChain({ ...C, type: 'filter' }),
    TypeError,
    'type: only a chain with a hook has it',
  ],
  [
    'what was read of a hook without one',
    (tx) => tx.addChain({ ...C, hookUnknown: [{ type: 99, data: new Uint8Array(4) }] }),
    TypeError,
    'hookUnknown: only a chain with a hook has it',
  ],
  [
    'no list of what was read of a hook',
    (tx) => tx.addChain({ ...C, hookUnknown: 'x' as never }),
    TypeError,
    "hookUnknown: 'x' is not an array of attributes that were read",
  ],
  [
    'a hook that is none',
    (tx) => tx.addChain({ ...HOOKED, hook: any('inside') }),
    RangeError,
    "hook: 'inside' is not one of prerouting",
  ],
  [
    'NAT at forward',
    (tx) => tx.addChain({ ...HOOKED, type: 'nat', hook: 'forward' }),
    RangeError,
    "a chain of type 'nat' can hook into prerouting, input, output, postrouting, not forward",
  ],
  [
    'NAT for bridges',
    (tx) => tx.addChain({ ...HOOKED, family: 'bridge', type: 'nat', hook: 'prerouting' }),
    RangeError,
    "type: 'nat' is one of the families",
  ],
  [
    'routes at input',
    (tx) => tx.addChain({ ...HOOKED, type: 'route' }),
    RangeError,
    "a chain of type 'route' can hook into output",
  ],
  [
    'ingress for IPv4',
    (tx) => tx.addChain({ ...HOOKED, family: 'ip', hook: 'ingress' }),
    RangeError,
    "hook: 'ingress' is one of the families",
  ],
  [
    'a priority that is none',
    (tx) => tx.addChain({ ...HOOKED, priority: 'first' }),
    RangeError,
    "priority: 'first' is not an integer or one of raw",
  ],
  [
    'a priority of another family',
    (tx) => tx.addChain({ ...HOOKED, family: 'bridge', priority: 'raw' }),
    RangeError,
    'one of dstnat, filter, out, srcnat',
  ],
  [
    'a policy that is none',
    (tx) => tx.addChain({ ...HOOKED, policy: 'reject' }),
    RangeError,
    "policy: 'reject' is not 'accept' or 'drop'",
  ],
  [
    'a device of 16 bytes',
    (tx) => tx.addChain({ ...HOOKED, devices: ['x'.repeat(16)] }),
    RangeError,
    'devices[0]: ',
  ],
  [
    'a set of a type that is none',
    (tx) => tx.addSet({ ...S, type: any('ipv4') }),
    RangeError,
    "type: 'ipv4' is not one of ipv4_addr",
  ],
  [
    'a set without a type',
    (tx) => tx.addSet(any({ ...inT, name: 's' })),
    TypeError,
    'keyType: undefined is not',
  ],
  [
    'an address that is none',
    (tx) => tx.addSet(S, ['10.0.0']),
    RangeError,
    "elements[0]: '10.0.0' is not an IPv4 address",
  ],
  [
    'names that begin so in a set without intervals',
    (tx) => tx.addSet({ ...S, type: 'ifname' }, ['veth*']),
    RangeError,
    "elements[0]: 'veth*' is more than one value; the set lacks the flag 'interval'",
  ],
  [
    'names that begin so in a set without intervals, of many',
    (tx) => tx.addSet({ ...S, type: 'ifname' }, [...Array(300).fill('eth0'), 'veth*']),
    RangeError,
    "elements[300]: 'veth*' is more than one value; the set lacks the flag 'interval'",
  ],
  [
    'names that begin so as a value of a map',
    (tx) => tx.addSet({ ...S, map: 'ifname' }, [{ key: '10.0.0.1', value: 'veth*' }]),
    RangeError,
    "elements[0].value: 'veth*' is more than one name",
  ],
  [
    'a prefix in a set without intervals',
    (tx) => tx.addSet(S, ['10.0.0.0/8']),
    RangeError,
    "elements[0]: '10.0.0.0/8' is more than one value; the set lacks the flag 'interval'",
  ],
  [
    'a prefix that is too long',
    (tx) => tx.addSet({ ...S, flags: ['interval'] }, ['10.0.0.0/33']),
    RangeError,
    'elements[0]: ',
  ],
  [
    'a range reversed',
    (tx) => tx.addSet({ ...S, flags: ['interval'] }, ['10.0.0.9-10.0.0.5']),
    RangeError,
    "elements[0]: '10.0.0.9-10.0.0.5' ends before it begins",
  ],
  [
    'a value in a set',
    (tx) => tx.addSet(S, [{ key: '10.0.0.1', value: 5 }]),
    TypeError,
    'elements[0].value: the elements of a set have none',
  ],
  [
    'a verdict that is none',
    (tx) => tx.addSet({ ...S, map: 'verdict' }, [{ key: '10.0.0.1', value: any('pass') }]),
    TypeError,
    "elements[0].value: 'pass' is not accept, drop",
  ],
  [
    'one value for two types',
    (tx) => tx.addSet({ ...S, type: ['ipv4_addr', 'inet_service'] }, ['10.0.0.1']),
    TypeError,
    "elements[0]: '10.0.0.1' is not an array of ipv4_addr, inet_service",
  ],
  [
    'ranges as verdicts',
    (tx) => tx.addSet({ ...S, map: 'verdict', mapInterval: true }),
    TypeError,
    "mapInterval: a map to values has ranges, not 'verdict'",
  ],
  [
    'a set with ranges of nothing',
    (tx) => tx.addSet({ ...S, mapInterval: true }),
    TypeError,
    'mapInterval: a map to values has ranges, not undefined',
  ],
  [
    'a range of a map reversed',
    (tx) =>
      tx.addSet({ ...S, map: 'ipv4_addr', mapInterval: true }, [
        { key: '10.0.0.1', value: '10.0.0.9-10.0.0.5' },
      ]),
    RangeError,
    "elements[0].value: '10.0.0.9-10.0.0.5' ends before it begins",
  ],
  [
    'a network in a map of addresses',
    (tx) => tx.addSet({ ...S, map: 'ipv4_addr' }, [{ key: '10.0.0.1', value: '10.0.0.0/24' }]),
    RangeError,
    "elements[0].value: '10.0.0.0/24' is not an IPv4 address",
  ],
  [
    'neither rule nor expressions',
    (tx) => tx.addRule({ ...inT, chain: 'c' }),
    TypeError,
    'addRule: it takes either rule or expressions',
  ],
  [
    'a rule that is none',
    (tx) => tx.addRule({ ...inT, chain: 'c', rule: any([accept()]) }),
    TypeError,
    'is not made by rule()',
  ],
  [
    'an expression without a name',
    (tx) => tx.addRule({ ...inT, chain: 'c', expressions: [any({ data: {} })] }),
    TypeError,
    'expressions[0]: ',
  ],
]

const statements: [string, () => unknown, new () => Error, string][] = [
  ['port 65536', () => tcp.dport(65536), RangeError, 'tcp dport: 65536 is not inet_service from 0 to 65535'],
  ['a port as text', () => tcp.dport('80'), TypeError, "tcp dport: '80' is not a number"],
  [
    'some bits as another field has them',
    () => ip.dscp.set(any(meta.mark)),
    TypeError,
    'ip dscp.set: it takes a constant',
  ],
  [
    'one byte of two as a map has it',
    () => ip.ttl.set(ip.saddr.map([['10.0.0.1', 5]])),
    TypeError,
    'ip ttl.set: it takes a constant',
  ],
  ['a port that is no integer', () => tcp.dport(80.5), RangeError, 'tcp dport: 80.5 is not'],
  [
    'a range of ports reversed',
    () => tcp.dport('90-80'),
    RangeError,
    "tcp dport: '90-80' ends before it begins",
  ],
  [
    'an IPv6 address for IPv4',
    () => ip.saddr('2001:db8::1'),
    RangeError,
    "ip saddr: '2001:db8::1' is not an IPv4 address",
  ],
  ['nothing to compare with', () => ip.saddr(), TypeError, 'ip saddr: it needs a value'],
  ['an empty list', () => ip.saddr([]), RangeError, 'ip saddr: the list is empty'],
  ['a field as a statement', () => rule(any(ip.saddr)), TypeError, 'argument 1 is not a statement'],
  ['a list that is less', () => tcp.dport.lt(any([1, 2])), TypeError, 'tcp dport'],
  ['every name in a list', () => meta.iifname(['eth0', '*']), RangeError, "'*' is every name"],
  ['every name', () => meta.iifname('*'), RangeError, "'*' alone is every packet"],
  ['an hour of the next day', () => meta.hour('24:00'), RangeError, "'24:00' is not a time of day"],
  ['a minute of the next hour', () => meta.hour('17:60'), RangeError, "'17:60' is not a time of day"],
  ['an hour of few digits', () => meta.hour('9:00'), RangeError, "'9:00' is not a time of day"],
  ['hours reversed', () => meta.hour('17:00-09:00'), RangeError, 'ends before it begins'],
  ['a time that is none', () => meta.time('tomorrow'), RangeError, "'tomorrow' is not a time"],
  ['a month that is none', () => meta.time('2026-13-01'), RangeError, "'2026-13-01' is not a time"],
  ['a time before 1970', () => meta.time(-1), RangeError, 'meta time-ns: -1 is not a time'],
  ['an address shifted', () => ip.saddr.lshift(8), TypeError, 'ip saddr.lshift: only numbers of four bytes'],
  ['a shift of all bits', () => meta.mark.rshift(32), RangeError, 'meta mark.rshift: 32 is not'],
  ['flags of which one is none', () => tcp.flags('syn|sin'), TypeError, "'sin' is not one of fin, syn"],
  ['a chunk that is none', () => sctpChunk(any('dat')), RangeError, "sctpChunk: 'dat' is not one of data"],
  ['option 256 to reset', () => resetTcpOption(256), RangeError, 'resetTcpOption: 256 is not'],
  [
    'an option to reset',
    () => resetTcpOption(any('mss')),
    RangeError,
    "'mss' is not one of eol, nop, maxseg",
  ],
  ['five bytes of an option', () => tcpOptionField('sack', 2, 5), RangeError, 'length: 5 is not'],
  [
    'more digits than bytes',
    () => payload('inner-header', 0, 2)('0x123456'),
    RangeError,
    'more than 2 bytes',
  ],
  ['a level of control groups', () => socket.cgroupv2(256), RangeError, 'level: 256 is not'],
  ['a queue twice', () => queue({ num: 1, to: symhash({ modulus: 2 }) }), TypeError, 'queue.to: it is an'],
  ['a queue that is none', () => queue({ to: any(3) }), TypeError, 'queue.to: it is an expression'],
  ['a port twice', () => dnat('10.0.0.1:80', { port: 81 }), TypeError, "dnat.port: '10.0.0.1:80' has ports"],
  ['a port of a network', () => dnat('10.0.0.0/24', { port: 81 }), TypeError, 'or is a network'],
  ['port 0 to translate to', () => dnat('10.0.0.1', { port: 0 }), RangeError, 'dnat.port: 0 is not a port'],
  [
    'a statement that is not called',
    () => rule(any(accept)),
    TypeError,
    'rule: argument 1 is a function; called, as accept(), it makes a statement',
  ],
  [
    'a set as nft writes it',
    () => ip.saddr('@known'),
    TypeError,
    "ip saddr: a set is set('known') here, not '@known'",
  ],
  [
    'a set that is a name',
    () => addElement(any('known'), ip.saddr),
    TypeError,
    "addElement: 'known' is not a set, as set('seen') is",
  ],
  [
    'an element that is a value',
    () => addElement(set('s'), any('10.0.0.1')),
    TypeError,
    "addElement: '10.0.0.1' is not a field such as ip.saddr",
  ],
  [
    'an element that is a statement',
    () => updateElement(set('s'), any(ip.saddr('10.0.0.1'))),
    TypeError,
    'updateElement: { matches, compile } is not a field',
  ],
  [
    'statements where expressions belong',
    () => addElement(set('s'), ip.saddr, { expressions: any([limit({ rate: 1 })]) }),
    TypeError,
    'addElement.expressions: it takes expressions; stateful() makes them',
  ],
  ['a quota that is a number', () => quota(any(5)), TypeError, 'quota: 5 is not an options object'],
  ['a chain of no rules', () => jump([]), RangeError, 'jump: the list of rules is empty'],
  ['a chain of statements', () => goto(any([accept()])), TypeError, 'is not made by rule()'],
  ['the state of a verdict', () => stateful(counter(), drop()), TypeError, 'stateful: argument 2 is not'],
  ['the state of a field', () => stateful(tcp.dport(80)), TypeError, 'stateful: argument 1 is not'],
  ['a counter with a name', () => stateful(counter({ name: 'n' })), TypeError, 'stateful: argument 1 is not'],
  ['objects of no type', () => useObject([['10.0.0.1', 'n']], ip.saddr), TypeError, 'pairs need the type'],
  ['objects of two types', () => useObject(set('m'), ip.saddr, 'quota'), TypeError, 'pairs need the type'],
  [
    'an object of no name',
    () => useObject([['10.0.0.1', '']], ip.saddr, 'quota'),
    RangeError,
    'useObject[0]',
  ],
  [
    'an object for an address that is none',
    () => useObject([['10.0.0', 'n']], ip.saddr, 'quota'),
    RangeError,
    "useObject[0]: '10.0.0' is not an IPv4 address",
  ],
  [
    'a value that is no field',
    () => addElement(set('m'), ip.saddr, { value: any('10.0.0.1') }),
    TypeError,
    "addElement.value: '10.0.0.1' is not a field",
  ],
  ['a constant of no type', () => constant(any('ipv4'), '10.0.0.1'), RangeError, "'ipv4' is not one of"],
  ['a name of 16 bytes', () => meta.iifname('x'.repeat(16)), RangeError, 'meta iifname: '],
  ['dscp 64', () => ip.dscp(64), RangeError, 'ip dscp: 64 is'],
  [
    'a tuple that is short',
    () => concat(ip.saddr, tcp.dport)([['10.0.0.1']]),
    TypeError,
    'is not an array of 2 values',
  ],
  ['a map of no pairs', () => tcp.dport.vmap(any([80])), TypeError, 'tcp dport.vmap[0]: 80 is not a pair'],
  ['a set of no name', () => set(''), RangeError, 'set: it cannot be empty'],
  ['a jump to nowhere', () => jump(''), RangeError, 'verdict.jump: it cannot be empty'],
  ['a verdict that is none', () => verdict(any('reject')), TypeError, "verdict: 'reject' is not accept"],
  ['a limit of 0', () => limit({ rate: 0 }), RangeError, 'limit.rate: 0 is not'],
  [
    'a limit per year',
    () => limit({ rate: 1, per: any('year') }),
    RangeError,
    "limit.per: 'year' is not one of second",
  ],
  ['a quota of 0', () => quota({ bytes: 0 }), RangeError, 'quota.bytes: 0 is not'],
  ['a prefix of 128 bytes', () => log({ prefix: 'x'.repeat(128) }), RangeError, 'log.prefix: '],
  [
    'a level that is none',
    () => log({ level: any('loud') }),
    RangeError,
    "log.level: 'loud' is not one of emerg",
  ],
  ['a negative count', () => counter({ packets: -1 }), RangeError, 'counter.packets: -1 is not'],
  ['a reason that is none', () => reject(any('no')), RangeError, "reject: 'no' is not tcp-reset"],
  [
    'no code of ICMP',
    () => reject(any({ icmp: 'policy-fail' })),
    RangeError,
    "reject.icmp: 'policy-fail' is not one of",
  ],
  ['codes of both', () => reject(any({ icmp: 1, icmpv6: 1 })), RangeError, 'reject: { icmp, icmpv6 } is not'],
  ['a code of another protocol', () => reject(any({ tcp: 1 })), TypeError, "reject: unknown option 'tcp'"],
  ['a code over 255', () => reject({ icmp: 256 }), RangeError, 'reject.icmp: 256 is not'],
  [
    'a network that is none',
    () => dnat('10.0.0.0/33'),
    RangeError,
    "dnat: '10.0.0.0/33' has a prefix length",
  ],
  [
    'a network with a port',
    () => dnat('10.0.0.0/24:80'),
    RangeError,
    "dnat: '10.0.0.0/24:80' has a prefix length",
  ],
  [
    'networks and ranges in a map',
    () =>
      ip.saddr.map(
        [
          ['10.0.0.0/24', '10.1.0.0/24'],
          ['10.0.1.1', '10.1.1.5-10.1.1.9'],
        ],
        'ipv4_addr',
      ),
    RangeError,
    "ip saddr map[1]: '10.1.1.5-10.1.1.9' is among networks; a map has one or the other",
  ],
  [
    'prefix of an address',
    () => dnat('10.0.0.1', { prefix: true }),
    TypeError,
    "dnat.prefix: it is about what a map has, not '10.0.0.1'",
  ],
  [
    'an object that is none',
    () => namedObject(any('helper'), 'h'),
    RangeError,
    "namedObject: 'helper' is not one of",
  ],
  ['an option that is none', () => tcpOption(any('sac')), RangeError, "tcpOption: 'sac' is not one of eol"],
  ['an option of 256', () => tcpOption(256), RangeError, 'tcpOption: 256 is not'],
  ['an option by number', () => ipOption(any(7)), RangeError, 'ipOption: 7 is not one of rr'],
  [
    'a header that is none',
    () => extensionHeader(any('esp')),
    RangeError,
    "extensionHeader: 'esp' is not one of hbh",
  ],
  [
    'bytes of nowhere',
    () => payload(any('th'), 0, 2),
    RangeError,
    "payload: 'th' is not one of link-layer-header",
  ],
  ['17 bytes', () => payload('network-header', 0, 17), RangeError, 'payload: length: 17 is not'],
  ['label 128', () => ct.label(128), RangeError, 'ct labels[0]: 128 is not a label from 0 to 127'],
  ['a day that is none', () => meta.day('mon'), TypeError, "meta time-day: 'mon' is not one of sunday"],
  ['fwd to no address', () => fwd('eth0', { address: 'web' }), RangeError, "fwd.address: 'web' is not"],
  ['osf of another key', () => osf(any('genre')), RangeError, "osf: 'genre' is not 'name' or 'version'"],
  ['osf with a TTL', () => osf('name', any(3)), RangeError, 'osf: 3 is not one of strict, loose, skip'],
  ['ipsec elsewhere', () => ipsec(any('fwd')), RangeError, "ipsec: 'fwd' is not 'in' or 'out'"],
  ['ipsec too deep', () => ipsec('in', 6), RangeError, 'ipsec: spnum: 6 is not'],
  [
    'inside of another tunnel',
    () => inside(any('gre'), ip.saddr),
    RangeError,
    "inside: 'gre' is not 'vxlan' or 'geneve'",
  ],
  ['dnat to port 0', () => dnat('10.0.0.1:0'), RangeError, 'dnat: 0 is not a port from 1 to 65535'],
  ['dnat to port 65536', () => dnat('10.0.0.1:65536'), RangeError, 'dnat: 65536 is not a port'],
  ['dnat to ports reversed', () => dnat('10.0.0.1:90-80'), RangeError, "dnat: '90-80' ends before it begins"],
  ['dnat to a name', () => dnat('web:80'), RangeError, "dnat: 'web:80' is not an address such as"],
  ['redirect to a text', () => redirect({ to: 'http' }), TypeError, "redirect.to: 'http' is not a port"],
  ['masquerade from port 70000', () => masq({ ports: 70000 }), RangeError, 'masq.ports: 70000 is not'],
  [
    'tproxy to a range of ports',
    () => tproxy('127.0.0.1:80-90'),
    RangeError,
    "tproxy: '127.0.0.1:80-90' is not one address",
  ],
  ['fib of no array', () => fib(any('daddr'), 'type'), TypeError, "fib: 'daddr' is not an array of names"],
  [
    'fib of what it does not know',
    () => fib([any('port')], 'type'),
    RangeError,
    "'port' is not one of saddr",
  ],
]

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
    'ARP in a table of IP',
    'inet',
    () => rule(arp.operation('request')),
    'arp: the family inet has no ARP packets',
  ],
  [
    'a VLAN in what has none',
    'bridge',
    () => rule(ether.type('ip'), vlan.id(5)),
    'vlan: the rule is about packets of ethertype 0x0800 by what stands before',
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
    'ip: the rule is about packets of ethertype 0x8100 by what stands before',
  ],
  [
    'a v6 target for a v4 rule',
    'ip',
    () => rule(tcp.dport(80), dnat('[2001:db8::1]:80')),
    "dnat: '[2001:db8::1]:80' is no address for ip packets",
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
    'two keys of a map overlap',
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

describe('calls of a transaction', () => {
  it.each(calls)('%s', (_, call, error, text) => {
    const thrown = caught(() => sentByCalls((tx) => void call(tx)))
    expect(thrown).toBeInstanceOf(error)
    expect(thrown.message).toContain(text)
  })
})

describe('statements', () => {
  it('a port in a chain without a name is for the protocol of the rule that jumps there', () => {
    const web = [rule(dnat('10.0.0.1:8080'))]
    const add = (body: RuleBody) => () => sentByCalls((tx) => tx.addRule({ ...inT, chain: 'c', rule: body }))
    expect(add(rule(tcp.dport(80), jump(web)))()).toHaveLength(3)
    expect(add(rule(tcp.dport(80), jump([rule(goto(web))])))()).toHaveLength(5)
    expect(add(rule(ip.saddr('10.0.0.2'), jump(web)))).toThrow(
      'dnat: a port is for protocols that have ports',
    )
  })

  it.each(statements)('%s', (_, make, error, text) => {
    const thrown = caught(make)
    expect(thrown).toBeInstanceOf(error)
    expect(thrown.message).toContain(text)
  })

  it.each(conflicts)('%s', (_, family, body, text) => {
    const thrown = caught(() =>
      sentByCalls(
        (tx) => tx.addRule({ family, table: 't', chain: 'c', rule: body() }),
        0,
        (name) => {
          throw new RangeError(`interface '${name}' is not there`)
        },
      ),
    )
    expect(thrown.message).toContain(text)
  })
})

function caught(work: () => unknown): Error {
  try {
    work()
  } catch (error) {
    return error as Error
  }
  throw new Error('nothing was thrown')
}
