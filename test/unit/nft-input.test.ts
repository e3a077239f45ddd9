/** What callers give that is wrong is refused before anything is sent, in words that name the field and the value. */

import { expect, it } from 'vitest'
import { accept, dnat, ip, masq, meta, redirect, rule, snat } from '../../src/nftables/public.js'
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
    'no device of a flowtable to delete',
    (tx) => tx.deleteFlowtable({ ...inT, name: 'f', devices: [] }),
    RangeError,
    'devices: there is none to be taken out',
  ],
  ...[{}, { hook: undefined }].map(
    (hook): Wrong => [
      `no device of a chain to delete, ${JSON.stringify(hook)}`,
      (tx) => tx.deleteChain(any({ ...C, ...hook, devices: [] })),
      RangeError,
      'devices: there is none to be taken out',
    ],
  ),
  ...(
    [
      ['addRule', 'before'],
      ['insertRule', 'after'],
      ['replaceRule', 'after'],
      ['replaceRule', 'before'],
      ['deleteRule', 'after'],
    ] as const
  ).map(
    ([call, place]): Wrong => [
      `the place '${place}' of ${call}`,
      (tx) => tx[call](any({ ...inT, chain: 'c', handle: 5, rule: rule(accept()), [place]: 99999 })),
      TypeError,
      `${call}: unknown option '${place}'`,
    ],
  ),
  ...(['deleteTable', 'destroyTable', 'addTable'] as const).map(
    (call): Wrong => [
      `family 0 of ${call}`,
      (tx) => tx[call](any({ family: 0, name: 't' })),
      RangeError,
      'family: 0 is not one of ip, ip6, inet',
    ],
  ),
  ...(
    [
      ['quota', {}, 'bytes'],
      ['limit', { unit: 1n }, 'rate'],
      ['ct-expect', { l4proto: 'tcp', dport: 5, timeout: 5 }, 'size'],
    ] as const
  ).map(
    ([type, data, field]): Wrong => [
      `a ${type} without ${field}`,
      (tx) => tx.addObject(any({ ...inT, name: 'o', type, data })),
      TypeError,
      `data.${field}: an object of type '${type}' needs it`,
    ],
  ),
  ...[80, { key: 80 }, { key: 80, value: null }].map(
    (one): Wrong => [
      `an element of a map without a value, ${JSON.stringify(one)}`,
      (tx) => tx.addSet({ ...inT, name: 'm', type: 'inet_service', map: 'mark' }, any([one])),
      TypeError,
      'elements[0]: an element of a map has a value: { key, value }',
    ],
  ),
  [
    'an element of a map to objects without one',
    (tx) => tx.addSet({ ...inT, name: 'm', type: 'inet_service', map: 'counter' }, [{ key: 80 }]),
    TypeError,
    'elements[0]: an element of a map has an object: { key, object }',
  ],
  [
    'a device of a chain to destroy',
    (tx) => tx.destroyChain({ ...C, devices: ['eth0'] }),
    TypeError,
    'destroyChain: devices: the kernel takes none out by it; deleteChain() does',
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
    'rule: { ends, compile } is not made by rule(), as rule(tcp.dport(22), accept()) is',
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
      "flags: 'owner' is not to be had here: the table would go with the socket that made it",
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
  ...(
    [
      [{}, 'input'],
      [{ family: 'ip', hook: 'postrouting' }, 'postrouting'],
      [{ family: 'bridge', hook: 'forward' }, 'forward'],
      [{ family: 'arp', hook: 'output' }, 'output'],
    ] as const
  ).map(
    ([at, hook]): Wrong => [
      `a device at ${hook}`,
      (tx) => tx.addChain({ ...HOOKED, ...at, devices: ['eth0'] }),
      TypeError,
      `devices: a chain at ${hook} has none; those at ingress and egress do`,
    ],
  ),
  ...['eth0', 'eth*'].map(
    (name): Wrong => [
      `the device ${name} without a hook`,
      (tx) => tx.addChain({ ...C, devices: [name] }),
      TypeError,
      'devices: only a chain with a hook has them',
    ],
  ),
  [
    'a device twice',
    (tx) => tx.addChain({ ...HOOKED, hook: 'ingress', devices: ['eth0', 'eth1', 'eth0'] }),
    RangeError,
    "devices[2]: 'eth0' is among them already",
  ],
  [
    'a device of a flowtable twice',
    (tx) => tx.addFlowtable({ ...inT, name: 'f', priority: 0, devices: ['eth*', 'eth*'] }),
    RangeError,
    "devices[1]: 'eth*' is among them already",
  ],
  ...[
    ['l*', 'lo'],
    ['eth0', 'lo', 'l*'],
  ].map(
    (devices): Wrong => [
      `a device that a pattern stands for, ${devices}`,
      (tx) => tx.addChain({ ...HOOKED, hook: 'ingress', devices }),
      RangeError,
      "devices: 'lo' is among those that 'l*' stands for",
    ],
  ),
  ...[
    ['lo*', 'l*'],
    ['l*', 'lo*'],
  ].map(
    (devices): Wrong => [
      `a pattern that another stands for, ${devices}`,
      (tx) => tx.addFlowtable({ ...inT, name: 'f', priority: 0, devices }),
      RangeError,
      "devices: 'lo*' is among those that 'l*' stands for",
    ],
  ),
  [
    'a device of 16 bytes',
    (tx) => tx.addChain({ ...HOOKED, devices: ['x'.repeat(16)] }),
    RangeError,
    'devices[0]: ',
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

it.each(calls)('%s', (_, call, error, text) => {
  const send = () => sentByCalls((tx) => void call(tx))
  expect(send).toThrow(error)
  expect(send).toThrow(text)
})
