/** Tables, chains, rules, sets, elements and objects against the messages that nft(8) sent. */

import { describe, expect, it } from 'vitest'
import type { Expression } from '../../src/nftables/expression.js'
import type { NftFamily } from '../../src/nftables/names.js'
import { counter, limit, stateful } from '../../src/nftables/public.js'
import type { SetKey } from '../../src/nftables/recorded.js'
import { Transaction } from '../../src/nftables/recorder.js'
import { type MapType, type SetType, shapeOfInput } from '../../src/nftables/set.js'
import { type Attribute, dissect } from '../golden/dissect.js'
import { expectExplained } from '../golden/explained.js'
import { differenceFrom, loadGolden, toHex } from '../golden/golden.js'
import { changesOf, sentByCalls } from './nft-sent.js'

const inet = { family: 'inet' } as const
const inT = { family: 'inet', table: 't' } as const
const C = { ...inT, name: 'c' }
const inC = { ...inT, chain: 'c' }
const S = { ...inT, name: 's' }
const M = { ...inT, name: 'm' }

type Case = (tx: Transaction) => void

const verdictOf = (code: 'accept' | 'return'): Expression[] => [
  { name: 'immediate', data: { dreg: 0, data: { verdict: { code } } } },
]
const ACCEPT = verdictOf('accept')

function base(family: NftFamily, spec: object): Case {
  return (tx) => tx.addChain({ family, table: 't', name: 'c', ...spec })
}

// nft says flags even where it means none, ours where they are given.
const tables: Record<string, Case> = {
  table: (tx) => tx.addTable({ ...inet, name: 't', flags: [] }),
  'table-ip': (tx) => tx.addTable({ family: 'ip', name: 't', flags: [] }),
  'table-ip6': (tx) => tx.addTable({ family: 'ip6', name: 't', flags: [] }),
  'table-arp': (tx) => tx.addTable({ family: 'arp', name: 't', flags: [] }),
  'table-bridge': (tx) => tx.addTable({ family: 'bridge', name: 't', flags: [] }),
  'table-netdev': (tx) => tx.addTable({ family: 'netdev', name: 't', flags: [] }),
  'table-dormant': (tx) => tx.addTable({ ...inet, name: 't', flags: ['dormant'] }),
  'table-comment': (tx) => tx.addTable({ ...inet, name: 't', flags: [], comment: 'a table' }),
  'table-create': (tx) => tx.createTable({ ...inet, name: 't', flags: [] }),
  'table-delete': (tx) => tx.deleteTable({ ...inet, name: 't' }),
  'table-delete-handle': (tx) => tx.deleteTable({ ...inet, handle: 1 }),
  'table-flush': (tx) => tx.flushTable({ ...inet, name: 't' }),
  'flush-ruleset': (tx) => tx.flushRuleset(),
  'flush-ruleset-ip': (tx) => tx.flushRuleset('ip'),
}

const filter = { type: 'filter', hook: 'input', priority: 0 }
const ingress = { type: 'filter', hook: 'ingress', priority: 0 }
const chains: Record<string, Case> = {
  chain: (tx) => tx.addChain(C),
  'chain-comment': (tx) => tx.addChain({ ...C, comment: 'a chain' }),
  'chain-create': (tx) => tx.createChain(C),
  'chain-filter-input': base('inet', filter),
  'chain-filter-forward-drop': base('inet', {
    type: 'filter',
    hook: 'forward',
    priority: 'filter',
    policy: 'drop',
  }),
  'chain-filter-output': base('ip6', { type: 'filter', hook: 'output', priority: 'security' }),
  'chain-nat-prerouting': base('ip', { type: 'nat', hook: 'prerouting', priority: 'dstnat' }),
  'chain-nat-postrouting': base('inet', {
    type: 'nat',
    hook: 'postrouting',
    priority: 'srcnat',
    policy: 'accept',
  }),
  'chain-route-output': base('ip', { type: 'route', hook: 'output', priority: 'mangle' }),
  'chain-raw': base('ip', { type: 'filter', hook: 'prerouting', priority: 'raw - 5' }),
  'chain-bridge': base('bridge', { type: 'filter', hook: 'prerouting', priority: 'dstnat' }),
  'chain-bridge-filter': base('bridge', { type: 'filter', hook: 'forward', priority: 'filter + 10' }),
  'chain-bridge-out': base('bridge', { type: 'filter', hook: 'output', priority: 'out' }),
  'chain-arp': base('arp', { ...filter, priority: 'filter' }),
  'chain-ingress': base('netdev', { ...ingress, devices: ['lo'] }),
  'chain-ingress-devices': base('netdev', { ...ingress, devices: ['eth0', 'lo'] }),
  'chain-inet-ingress': base('inet', { ...ingress, devices: ['eth0'] }),
  'chain-egress': base('netdev', { ...ingress, hook: 'egress', devices: ['eth0'] }),
  'chain-rename': (tx) => tx.renameChain({ ...inT, handle: 1 }, 'd'),
  'chain-policy': (tx) => tx.addChain({ ...C, policy: 'drop' }),
  'chain-delete': (tx) => tx.deleteChain(C),
  'chain-delete-handle': (tx) => tx.deleteChain({ ...inT, handle: 1 }),
  'chain-flush': (tx) => tx.flushChain(C),
}

const rules: Record<string, Case> = {
  'rule-add': (tx) => tx.addRule({ ...inC, expressions: ACCEPT }),
  'rule-insert': (tx) => tx.insertRule({ ...inC, expressions: ACCEPT }),
  'rule-comment': (tx) => tx.addRule({ ...inC, expressions: ACCEPT, comment: 'a rule' }),
  'rule-add-after': (tx) => tx.addRule({ ...inC, expressions: ACCEPT, after: 2 }),
  'rule-insert-before': (tx) => tx.insertRule({ ...inC, expressions: ACCEPT, before: 3 }),
  'rule-replace': (tx) => tx.replaceRule({ ...inC, expressions: verdictOf('return'), handle: 2 }),
  'rule-delete': (tx) => tx.deleteRule({ ...inC, handle: 2 }),
}

const set =
  (type: SetType, more: object = {}): Case =>
  (tx) =>
    tx.addSet({ ...S, type, ...more })
const map =
  (type: SetType, to: MapType, more: object = {}): Case =>
  (tx) =>
    tx.addSet({ ...M, type, map: to, ...more })
const COUNTER: Expression = { name: 'counter', data: {} }
const BOTH = ['ipv4_addr', 'inet_service'] as const
const sets: Record<string, Case> = {
  'set-ipv4': set('ipv4_addr'),
  'set-ipv6': set('ipv6_addr'),
  'set-service': set('inet_service'),
  'set-ether': set('ether_addr'),
  'set-proto': set('inet_proto'),
  'set-mark': set('mark'),
  'set-ifname': set('ifname'),
  'set-interval': set('ipv4_addr', { flags: ['interval'] }),
  'set-auto-merge': set('ipv4_addr', { flags: ['interval'], autoMerge: true }),
  'set-constant': (tx) => tx.addSet({ ...S, type: 'ipv4_addr', flags: ['constant'] }, ['10.0.0.1']),
  'set-timeout': set('ipv4_addr', { flags: ['timeout'], timeout: 3600000, gcInterval: 300000 }),
  'set-dynamic': set('ipv4_addr', { flags: ['dynamic', 'timeout'], timeout: 30000, size: 65535 }),
  'set-size': set('ipv4_addr', { size: 100 }),
  'set-policy': set('ipv4_addr', { policy: 'memory' }),
  'set-comment': set('ipv4_addr', { comment: 'a set' }),
  'set-counter': set('ipv4_addr', { expressions: [COUNTER] }),
  'set-two-states': set('ipv4_addr', { expressions: stateful(limit({ rate: 5 }), counter()) }),
  'set-concat': set(BOTH),
  'set-concat-three': set(['ipv4_addr', 'inet_proto', 'inet_service']),
  'set-concat-interval': set(BOTH, { flags: ['interval'] }),
  'map-ipv4': map('inet_service', 'ipv4_addr'),
  'map-concat': map('ipv4_addr', BOTH),
  'map-concat-key': map(BOTH, BOTH),
  'map-verdict': map('ipv4_addr', 'verdict'),
  'map-counter': map('ipv4_addr', 'counter'),
  'map-quota': map('ipv4_addr', 'quota'),
  'map-interval': map('ipv4_addr', 'mark', { flags: ['interval'] }),
  'map-networks': map('ipv4_addr', 'ipv4_addr', { flags: ['interval'], mapInterval: true }),
  'map-ranges': map('ipv4_addr', BOTH, { mapInterval: true }),
  'set-delete': (tx) => tx.deleteSet(S),
  'set-flush': (tx) => tx.flushSet(S),
}

/** nft names the set by a number too, which the set gets here when the same transaction makes it. */
function element(spec: object, ...elements: readonly (string | number | object)[]): Case {
  return (tx) => {
    tx.addSet({ ...S, ...spec })
    tx.addElements({ ...inT, set: 's', elements: elements as string[] })
  }
}
function mapped(spec: object, ...elements: readonly object[]): Case {
  return (tx) => {
    tx.addSet({ ...M, ...spec })
    tx.addElements({ ...inT, set: 'm', elements: elements as never })
  }
}
const v4 = { type: 'ipv4_addr' }
const v4i = { ...v4, flags: ['interval'] }
const elements: Record<string, Case> = {
  ipv4: element(v4, '10.0.0.1', '10.0.0.2'),
  ipv6: element({ type: 'ipv6_addr' }, '2001:db8::1'),
  service: element({ type: 'inet_service' }, 80, 443),
  ether: element({ type: 'ether_addr' }, '02:00:00:00:00:01'),
  proto: element({ type: 'inet_proto' }, 'tcp', 17),
  mark: element({ type: 'mark' }, 0x10, 32),
  ifname: element({ type: 'ifname' }, 'eth0'),
  prefix: element(v4i, '10.0.0.0/8'),
  range: element(v4i, '10.0.0.5-10.0.0.9', '10.1.0.0/16'),
  'one-in-interval': element(v4i, '10.0.0.1'),
  'last-range': element(v4i, '224.0.0.0/3'),
  'port-range': element({ type: 'inet_service', flags: ['interval'] }, '1024-65535'),
  'prefix-v6': element({ type: 'ipv6_addr', flags: ['interval'] }, '2001:db8::/32'),
  timeout: element({ ...v4, flags: ['timeout'] }, { key: '10.0.0.1', timeout: 30000 }),
  comment: element(v4, { key: '10.0.0.1', comment: 'one' }),
  counter: element(
    { ...v4, expressions: [COUNTER] },
    { key: '10.0.0.1', expressions: [{ name: 'counter', data: { bytes: 500n, packets: 5n } }] },
  ),
  concat: element({ type: BOTH }, ['10.0.0.1', 80]),
  'concat-range': element({ type: BOTH, flags: ['interval'] }, ['10.0.0.0/8', '1000-2000']),
  'concat-one': element({ type: BOTH, flags: ['interval'] }, ['10.0.0.1', 80]),
  catchall: element(v4, { key: null }),
  map: mapped({ type: 'inet_service', map: 'ipv4_addr' }, { key: 80, value: '10.0.0.1' }),
  'map-concat': mapped({ type: 'inet_service', map: BOTH }, { key: 80, value: ['10.0.0.1', 8080] }),
  verdict: mapped(
    { ...v4, map: 'verdict' },
    { key: '10.0.0.1', value: 'accept' },
    { key: '10.0.0.2', value: { jump: 'c' } },
  ),
  object: mapped({ ...v4, map: 'counter' }, { key: '10.0.0.1', object: 'n' }),
  networks: mapped(
    { ...v4i, map: 'ipv4_addr', mapInterval: true },
    { key: '10.0.0.0/24', value: '192.168.0.0/24' },
  ),
  ranges: mapped(
    { ...v4, map: 'ipv4_addr', mapInterval: true },
    { key: '10.0.0.1', value: '192.168.2.2-192.168.2.4' },
  ),
  'ranges-ports': mapped(
    { ...v4, map: BOTH, mapInterval: true },
    { key: '10.0.0.1', value: ['192.168.2.2-192.168.2.4', '80-90'] },
  ),
  'interval-map': mapped({ ...v4i, map: 'mark' }, { key: '10.0.0.0/8', value: 5 }),
}

const CT = { l3proto: 2, l4proto: 'tcp' } as const
const objects: Record<string, Case> = {
  counter: (tx) => tx.addObject({ ...inT, name: 'n', type: 'counter', data: { bytes: 0n, packets: 0n } }),
  'counter-values': (tx) =>
    tx.addObject({ ...inT, name: 'n', type: 'counter', data: { bytes: 500n, packets: 5n } }),
  'counter-comment': (tx) =>
    tx.addObject({
      ...inT,
      name: 'n',
      type: 'counter',
      data: { bytes: 0n, packets: 0n },
      comment: 'a counter',
    }),
  quota: (tx) =>
    tx.addObject({ ...inT, name: 'q', type: 'quota', data: { bytes: 26214400n, consumed: 0n, flags: [] } }),
  'quota-over': (tx) =>
    tx.addObject({
      ...inT,
      name: 'q',
      type: 'quota',
      data: { bytes: 26214400n, consumed: 10n, flags: ['invert'] },
    }),
  limit: (tx) =>
    tx.addObject({
      ...inT,
      name: 'l',
      type: 'limit',
      data: { rate: 10n, unit: 1n, burst: 5, type: 'packets', flags: [] },
    }),
  'limit-bytes': (tx) =>
    tx.addObject({
      ...inT,
      name: 'l',
      type: 'limit',
      data: { rate: 1048576n, unit: 60n, burst: 0, type: 'bytes', flags: ['invert'] },
    }),
  'object-ct-helper': (tx) =>
    tx.addObject({ ...inT, name: 'h', type: 'ct-helper', data: { name: 'ftp', l3proto: 2, l4proto: 'tcp' } }),
  'object-ct-timeout': (tx) =>
    tx.addObject({
      ...inT,
      name: 'o',
      type: 'ct-timeout',
      data: {
        ...CT,
        data: {
          ...{ synSent: 120, synRecv: 60, established: 100, finWait: 120, closeWait: 60, lastAck: 30 },
          ...{ timeWait: 120, close: 5, synSent2: 120, retrans: 300, unack: 300 },
        },
      },
    }),
  'object-ct-expectation': (tx) =>
    tx.addObject({
      ...inT,
      name: 'e',
      type: 'ct-expect',
      data: { ...CT, dport: 9876, timeout: 120000, size: 12 },
    }),
  synproxy: (tx) =>
    tx.addObject({
      ...inT,
      name: 'y',
      type: 'synproxy',
      data: { mss: 1460, wscale: 7, flags: ['mss', 'wscale', 'sack-perm', 'timestamp'] },
    }),
  secmark: (tx) =>
    tx.addObject({
      ...inT,
      name: 'z',
      type: 'secmark',
      data: { ctx: 'system_u:object_r:ssh_server_packet_t:s0' },
    }),
  'counter-delete': (tx) => tx.deleteObject({ ...inT, name: 'n', type: 'counter' }),
  flowtable: (tx) => tx.addFlowtable({ ...inT, name: 'f', priority: 0, devices: ['eth1', 'eth0'] }),
  'flowtable-counter': (tx) =>
    tx.addFlowtable({ ...inT, name: 'f', priority: 'filter + 1', devices: ['eth0'], flags: ['counter'] }),
}

interface Difference {
  why: string
  lines: readonly string[]
}

/** Where ours is another message, and why. */
const DIFFERS: Record<string, Difference> = {
  'nft-set-flush': { why: 'nft names the set before its table', lines: ['- 2 (6) 7300', '+ 2 (6) 7300'] },
  'nft-object-ct-helper': {
    why: 'nft leaves out the NUL of this name, which the kernel takes either way',
    lines: ['-   4.1 (7) 667470', '+   4.1 (8) 66747000'],
  },
  'nft-secmark': {
    why: 'nft leaves out the NUL of this text, which the kernel takes either way',
    lines: [
      '- header  length 92, type 2578, flags 0x401, portid 0',
      '+ header  length 96, type 2578, flags 0x401, portid 0',
      '- 4 |0x8000 (48)',
      '-   4.1 (44) 73797374656d5f753a6f626a6563745f723a7373685f7365727665725f7061636b65745f743a7330',
      '+ 4 |0x8000 (52)',
      '+   4.1 (45) 73797374656d5f753a6f626a6563745f723a7373685f7365727665725f7061636b65745f743a733000',
    ],
  },
  'nft-counter-delete': {
    why: 'nft sends data, of nothing',
    lines: [
      '- header  length 48, type 2580, flags 0x1, portid 0',
      '+ header  length 44, type 2580, flags 0x1, portid 0',
      '- 4 |0x8000 (4)',
    ],
  },
}

/** Sets of intervals: nft begins an empty one with an end at zero, and marks an interval without end for itself. */
const INTERVALS = [
  'prefix',
  'range',
  'one-in-interval',
  'last-range',
  'port-range',
  'prefix-v6',
  'interval-map',
  'networks',
]
const NFTA_SET_ELEM = { key: 1, data: 2, flags: 3 }

/** Flags, key and data of each element, as hexadecimal. */
function elementsIn(bytes: Uint8Array): string[] {
  const list = dissect(bytes).attributes.find(({ path }) => path === '3')!
  const hex = (attribute: Attribute | undefined): string =>
    attribute === undefined ? '' : toHex(attribute.payload) + attribute.children.map(hex).join('')
  return list.children.map(({ children }) => {
    const part = (number: number) => hex(children.find(({ path }) => path.endsWith(`.${number}`)))
    return `${part(NFTA_SET_ELEM.flags)} ${part(NFTA_SET_ELEM.key)} ${part(NFTA_SET_ELEM.data)}`
  })
}

const cases: [string, Case, number][] = [
  ...Object.entries({ ...tables, ...chains, ...rules, ...sets, ...objects }).map(
    ([name, record]): [string, Case, number] => [`nft-${name}`, record, 0],
  ),
  ...Object.entries(elements)
    .filter(([name]) => !INTERVALS.includes(name))
    .map(([name, record]): [string, Case, number] => [`nft-element-${name}`, record, 1]),
]

describe('objects and nft', () => {
  it.each(cases)('%s', (name, record, skipped) => {
    const ours = sentByCalls(record).slice(skipped)
    const theirs = changesOf('nft-object', name)
    expect(ours).toHaveLength(theirs.length)
    const changed = theirs.flatMap((golden, i) => differenceFrom(golden, ours[i]!)?.split('\n') ?? [])
    expect(changed.filter((line) => !line.startsWith('  '))).toEqual(DIFFERS[name]?.lines ?? [])
    if (DIFFERS[name] !== undefined) expectExplained('nft-object', name, [DIFFERS[name].why])
  })

  it.each(INTERVALS)('nft-element-%s, but for an end at zero', (name) => {
    const [, ours] = sentByCalls(elements[name]!)
    const [first, ...theirs] = elementsIn(changesOf('nft-object', `nft-element-${name}`)[0]!.bytes)
    expect(first).toMatch(/^00000001 0+ $/)
    expect(elementsIn(ours!)).toEqual(theirs)
    expectExplained('nft-object', `nft-element-${name}`, [
      'nft begins an empty set of intervals with an end at zero, and marks an interval without end for itself',
    ])
  })

  it('an element that is taken out of a set of the kernel', () => {
    const asked: unknown[] = []
    const tx = new Transaction()
    tx.deleteElements({ ...inT, set: 's', elements: ['10.0.0.1'] })
    const shapeOf = (set: SetKey) => {
      asked.push(set)
      return shapeOfInput({ type: 'ipv4_addr' })
    }
    const sent = tx.recorded.flatMap(({ make }) => make({ shapeOf, ifindex: () => 0 }))
    expect(asked).toEqual([{ family: 1, table: 't', set: 's' }])
    expect(sent.map(({ message }) => message.name)).toEqual(['NFT_MSG_DELSETELEM'])
  })

  it('every command has its call', () => {
    const tried = [
      ...cases.map(([name]) => name),
      ...INTERVALS.map((it) => `nft-element-${it}`),
      'nft-element-delete',
    ]
    expect(
      loadGolden('nft-object')
        .map(({ name }) => name)
        .sort(),
    ).toEqual(tried.sort())
  })
})
