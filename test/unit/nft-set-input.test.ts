/** Sets and maps that are wrong, and rules that look into one that does not fit, are refused before anything is sent. */

import { expect, it } from 'vitest'
import {
  accept,
  addElement,
  constant,
  ct,
  dnat,
  dup,
  fwd,
  ip,
  ip6,
  meta,
  redirect,
  rule,
  set,
  snat,
  tcp,
  tproxy,
  vlan,
} from '../../src/nftables/public.js'
import type { Transaction } from '../../src/nftables/recorder.js'
import { sentByCalls } from './nft-sent.js'

const inT = { family: 'inet', table: 't' } as const
const S = { ...inT, name: 's', type: 'ipv4_addr' } as const

type Wrong = [what: string, call: (tx: Transaction) => unknown, error: new () => Error, text: string]

const PORTS = { ...S, type: 'inet_service', flags: ['interval'] } as const
/** Port 80, and what no packet has behind it. */
const PADDED = Uint8Array.of(0, 80, 9, 9)
const inS = { ...inT, set: 's' } as const

/** Calls take what the types forbid, as JavaScript gives it. */
const any = (value: unknown) => value as never

const calls: Wrong[] = [
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
    'an element in an interval without end',
    (tx) => tx.addSet({ ...S, type: 'inet_service', flags: ['interval'] }, [80, '1024-65535', 8080]),
    RangeError,
    "elements[1], '1024-65535': elements[2], 8080 is in it",
  ],
  [
    'one that begins where an interval without end does',
    (tx) =>
      tx.addSet({ ...S, type: 'inet_service', flags: ['interval'], autoMerge: true }, [
        { key: '1024-65535', comment: 'all' },
        { key: 1024, comment: 'first' },
      ]),
    RangeError,
    "elements[0], '1024-65535': elements[1], 1024 is in it",
  ],
  [
    'one in which an interval without end begins',
    (tx) => tx.addSet({ ...S, type: 'inet_service', flags: ['interval'] }, ['100-65535', '80-100']),
    RangeError,
    "elements[1], '80-100': elements[0], '100-65535' begins in it",
  ],
  [
    'one of an earlier call in which an interval without end begins',
    (tx) => {
      tx.addSet(PORTS, ['80-100'])
      tx.addElements({ ...inS, elements: ['100-65535'] })
    },
    RangeError,
    "'80-100' of an earlier call: elements[0], '100-65535' begins in it",
  ],
  [
    'an interval that ends with another one',
    (tx) => tx.addSet({ ...S, type: 'inet_service', flags: ['interval'] }, ['85-90', '80-90']),
    RangeError,
    "elements[1], '80-90': elements[0], '85-90' is in it",
  ],
  [
    'an interval that ends with one of an earlier call',
    (tx) => {
      tx.addSet(PORTS, ['85-90'])
      tx.createElements({ ...inS, elements: ['80-90'] })
    },
    RangeError,
    "elements[0], '80-90': '85-90' of an earlier call is in it",
  ],
  [
    'one that ends with an interval of an earlier call, which was not in order',
    (tx) => {
      tx.addSet(PORTS, [7])
      tx.addElements({ ...inS, elements: [443, { key: '80-90' }] })
      tx.deleteElements({ ...inS, elements: [443, 7] })
      tx.addElements({ ...inS, elements: [91, '85-90'] })
    },
    RangeError,
    "'80-90' of an earlier call: elements[1], '85-90' is in it",
  ],
  [
    'an element in an interval without end, of an earlier call',
    (tx) => {
      tx.addSet({ ...PORTS, autoMerge: true }, [443, '1024-65535'])
      tx.addElements({ ...inS, elements: [80, 8080] })
    },
    RangeError,
    "'1024-65535' of an earlier call: elements[1], 8080 is in it",
  ],
  [
    'an interval without end around an element of an earlier call',
    (tx) => {
      tx.addSet(PORTS)
      tx.addElements({ ...inS, elements: [80, 8080] })
      tx.addElements({ ...inS, elements: ['1024-65535'] })
    },
    RangeError,
    "elements[0], '1024-65535': 8080 of an earlier call is in it",
  ],
  [
    'what merges intervals where there are none',
    (tx) => tx.addSet({ ...S, autoMerge: true }),
    TypeError,
    "autoMerge: the set lacks the flag 'interval'",
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
    'a set of a type that is none',
    (tx) => tx.addSet({ ...S, type: any('ipv4') }),
    RangeError,
    "type: 'ipv4' is not one of ipv4_addr",
  ],
  [
    'a set without a type',
    (tx) => tx.addSet(any({ ...inT, name: 's' })),
    TypeError,
    "type: a set needs that of its keys, such as 'ipv4_addr'",
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
    'a port that is all bytes of its register',
    (tx) => tx.addSet({ ...S, type: ['ipv4_addr', 'inet_service'] }, [['10.0.0.1', PADDED]]),
    TypeError,
    'elements[0][1]: ',
  ],
  [
    'a port that is so in a set of intervals',
    (tx) =>
      tx.addSet({ ...S, type: ['ipv4_addr', 'inet_service'], flags: ['interval'] }, [['10.0.0.1', PADDED]]),
    TypeError,
    'elements[0][1]: ',
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
    'keys of a field and of a type',
    (tx) => tx.addSet({ ...S, type: any([vlan.id, 'ipv4_addr']) }),
    TypeError,
    "type: 'ipv4_addr' is not a field such as ip.saddr",
  ],
  [
    'keys of fields and values of a type',
    (tx) => tx.addSet({ ...S, type: vlan.id, map: 'mark' }),
    TypeError,
    'map: it is of types, and the keys are of fields: both are of types, or both of fields',
  ],
  [
    'keys of types and values of fields',
    (tx) => tx.addSet({ ...S, map: ip.length }),
    TypeError,
    'map: it is of fields, and the keys are of types: both are of types, or both of fields',
  ],
  [
    'a field that there is not',
    (tx) => tx.addSet({ ...S, type: 'vlan.number' }),
    RangeError,
    "type: 'vlan.number' is not a field such as 'vlan.id'",
  ],
  [
    'bits of a field',
    (tx) => tx.addSet({ ...S, type: meta.mark.mask(0xff) }),
    TypeError,
    'type: sets cannot be of meta mark & 255, which nft(8) has no numbers for',
  ],
  [
    'labels, of which nft lists nothing',
    (tx) => tx.addSet({ ...S, type: ct.label }),
    TypeError,
    'type: sets cannot be of ct labels, which nft(8) has no numbers for',
  ],
  [
    'values of bits of a field',
    (tx) => tx.addSet({ ...S, type: vlan.id, map: meta.mark.or(1) }),
    TypeError,
    'map: sets cannot be of meta mark | 1, which nft(8) has no numbers for',
  ],
  [
    'more than the bits of a field',
    (tx) => tx.addSet({ ...S, type: [vlan.id, vlan.pcp] }, [[5, 8]]),
    RangeError,
    'elements[0][1]: 8 is more than 7',
  ],
  [
    'more than eight bytes',
    (tx) => tx.addSet({ ...S, type: ct.bytes }, ['18446744073709551616']),
    RangeError,
    'elements[0]: 18446744073709551616 is more than eight bytes have',
  ],
  [
    'more fields than what nft keeps of them has room for',
    (tx) =>
      tx.addSet({
        ...S,
        type: [vlan.id, ip.length, ip.id, tcp.doff, ip.ttl],
        map: [ip.length, ip.id],
        comment: 'x'.repeat(100),
      }),
    RangeError,
    'type: what nft(8) keeps of the fields and the comment has 337 bytes; the kernel keeps at most 256',
  ],
  [
    'another field than the set is of',
    (tx) => {
      tx.addSet({ ...S, type: vlan.id })
      tx.addRule({ ...inT, chain: 'c', rule: rule(ip.ttl(set('s'))) })
    },
    TypeError,
    "ip ttl: it is of type integer (8 bits), and set 's' has keys of type integer (16 bits)",
  ],
]

it.each(calls)('%s', (_, call, error, text) => {
  const send = () => sentByCalls((tx) => void call(tx))
  expect(send).toThrow(error)
  expect(send).toThrow(text)
})

it('intervals that were taken out, or stand there so already, are no hindrance', () => {
  const elements = (...elements: string[]) => ({ ...inS, elements })
  const calls = (tx: Transaction) => {
    tx.addSet(PORTS, ['85-90', '1-9'])
    tx.addElements(elements('85-90', '1-9'))
    tx.deleteElements(elements('85-90'))
    tx.addElements(elements('80-90'))
    tx.destroyElements(elements('80-85'))
    tx.addElements(elements('81-90'))
    tx.flushSet(PORTS)
    tx.addElements(elements('80-90', '1024-65535'))
    tx.addSet({ ...PORTS, name: 'other' }, ['85-90', 8080])
    expect(() => tx.addElements(elements('20-30', '85-90'))).toThrow(RangeError)
    tx.addElements(elements('25-30'))
  }
  expect(() => sentByCalls(calls)).not.toThrow()
})
