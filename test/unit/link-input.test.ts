import { describe, it } from 'vitest'
import type { Operation } from '../../src/netlink/operation.js'
import { createBridge, createLink } from '../../src/rtnetlink/link/create.js'
import { deleteLink, deleteLinkGroup } from '../../src/rtnetlink/link/delete.js'
import { getLink, listLinks } from '../../src/rtnetlink/link/list.js'
import { moveLink, moveLinkGroup } from '../../src/rtnetlink/link/move.js'
import { setLinkGroup } from '../../src/rtnetlink/link/set-group.js'
import { createVethPair } from '../../src/rtnetlink/link/veth.js'
import {
  type Bad,
  BOOLEANS,
  cases,
  DEVS,
  expectRefused,
  IFNAMES,
  type Loose,
  MTUS,
  NEW_NAMES,
  NUMBERS,
  OF_SYSCTL,
  OPTIONS,
  range,
  type,
} from './link-bad-values.js'

const LINK_NAMES: Bad[] = [
  ...IFNAMES,
  ...OF_SYSCTL,
  ...['eth%s', 'e%d%d', 'e%%d', 'eth%', '%de%'].map((name) => range(name, "one '%d'")),
  range('abcdefghijklmn%d', "'abcdefghijklmn%d' has 16 bytes"),
  range('a b%d', "'a b%d'"),
]
const IFINDEXES: Bad[] = [range(0), range(1.5), range(-1), range(2 ** 31), type('1', "'1'")]

/** Options that are given only when a link is made. */
const CREATION: Record<string, Bad[]> = {
  ...OPTIONS,
  name: [...LINK_NAMES, type(undefined)],
  mac: [...OPTIONS['mac']!, range('00:00:00:00:00:00', "'00:00:00:00:00:00' is all zeros")],
  ifindex: IFINDEXES,
  master: DEVS,
  queues: [range(0), range(4097), range(1.5), type('1', "'1'"), type(null), type([])],
  addresses: [type('10.0.0.1/24', "'10.0.0.1/24'"), type(null)],
  routes: [type({}, '{}'), type('default', "'default'")],
}
const WITHIN: { options: object; field: string; error: typeof RangeError | typeof TypeError }[] = [
  { options: { addresses: ['10.0.0.256/24'] }, field: 'addresses[0]', error: RangeError },
  { options: { addresses: ['10.0.0.1/24', '10.0.0.1/33'] }, field: 'addresses[1]', error: RangeError },
  { options: { addresses: ['fe80::1/129'] }, field: 'addresses[0]', error: RangeError },
  { options: { addresses: [5] }, field: 'addresses[0]', error: TypeError },
  { options: { routes: [{ to: 'default', via: '10.0.0.300' }] }, field: 'routes[0]', error: RangeError },
  { options: { routes: [{ to: '2001:db8::/64', via: '10.0.0.1' }] }, field: 'routes[0]', error: RangeError },
  { options: { routes: [{ to: 'default', vai: '10.0.0.1' }] }, field: 'vai', error: TypeError },
  { options: { queues: { tx: 0 } }, field: 'queues.tx', error: RangeError },
  { options: { queues: { rx: '1' } }, field: 'queues.rx', error: TypeError },
  { options: { queues: { txs: 1 } }, field: 'txs', error: TypeError },
]

describe('createLink refuses, before anything is sent,', () => {
  it.each(cases(CREATION))('$field: $value', ({ field, value, ...bad }) => {
    expectRefused(() => createLink({ name: 'a', kind: 'ifb', [field]: value } as Loose), field, bad)
  })
  it.each(WITHIN)('$options', ({ options, field, error }) => {
    expectRefused(() => createLink({ name: 'a', kind: 'ifb', ...options } as Loose), field, {
      error,
      shows: '',
    })
  })
  it.each([
    { options: null, field: 'null', error: TypeError },
    { options: { name: 'a' }, field: 'kind', error: TypeError },
    { options: { name: 'a', kind: '' }, field: 'kind', error: TypeError },
    { options: { name: 'a', kind: 'ifb', mut: 1500 }, field: "'mut'", error: TypeError },
    { options: { name: 'a', kind: 'ifb', link: 0 }, field: 'link', error: RangeError },
    { options: { name: 'a', kind: 'ifb', link: 'a/b' }, field: 'link', error: RangeError },
    {
      options: { name: 'a', kind: 'ip6gretap', tos: 4 },
      field: "'tos' of kind 'ip6gretap': the traffic class is bits 20 to 27 of flowinfo",
      error: TypeError,
    },
    {
      options: { name: 'a', kind: 'ip6tnl', hoplimit: 4 },
      field: "'hoplimit' of kind 'ip6tnl': the hop limit is ttl",
      error: TypeError,
    },
    { options: { name: 'a', kind: 'gre', hoplimit: 4 }, field: "'hoplimit' (known:", error: TypeError },
    { options: { name: 'a', kind: 'unheard-of' }, field: 'rawKind', error: TypeError },
    { options: { name: 'a', kind: 'unheard-of', data: null }, field: 'rawKind', error: TypeError },
    { options: { name: 'a', rawKind: 'unheard-of' }, field: 'data', error: TypeError },
    { options: { name: 'a', rawKind: '', data: null }, field: 'rawKind', error: TypeError },
    { options: { name: 'a', rawKind: 'x', kind: 'ifb', data: null }, field: "'kind'", error: TypeError },
    { options: { name: 'a', rawKind: 'unheard-of', data: [1] }, field: 'data', error: TypeError },
    {
      options: { name: 'a', rawKind: 'unheard-of', data: null, stp: true },
      field: "'stp'",
      error: TypeError,
    },
    { options: { name: 'a', kind: 'bridge', data: null }, field: "'data'", error: TypeError },
    { options: { name: 'a', kind: 'bridge', rootPort: 1 }, field: "'rootPort'", error: TypeError },
    { options: { name: 'a', kind: 'ifb', peer: { name: 'b' } }, field: "'peer'", error: TypeError },
    {
      options: { name: 'a', kind: 'veth', peer: { name: 'b', mtu: -1 } },
      field: 'peer.mtu',
      error: RangeError,
    },
    {
      options: { name: 'a', kind: 'veth', peer: { name: 'b', kind: 'veth' } },
      field: "'kind'",
      error: TypeError,
    },
    { options: { name: 'a', kind: 'constructor' }, field: 'kind', error: TypeError },
    { options: { name: 'a', kind: 'ifb', parentDev: 7 }, field: 'parentDev: 7', error: TypeError },
    { options: { name: 'a', kind: 'ifb', parentDev: 'a/b' }, field: 'parentDev: "a/b"', error: RangeError },
    { options: { name: 'a', kind: 'ifb', parentDev: '' }, field: 'parentDev: ""', error: RangeError },
    { options: { name: 'a', kind: 'ifb', linkNetnsid: -1 }, field: 'linkNetnsid: -1', error: RangeError },
    { options: { name: 'a', kind: 'ifb', linkNetnsid: '7' }, field: "linkNetnsid: '7'", error: TypeError },
    {
      options: { name: 'a', kind: 'ifb', linkNetns: 'red', linkNetnsid: 7 },
      field: 'linkNetnsid: not with linkNetns',
      error: TypeError,
    },
    {
      options: { name: 'a', kind: 'hsr', slave1: 5, slave2: 'eth1', linkNetnsid: 7 },
      field: "slave2: 'eth1' is no ifindex",
      error: TypeError,
    },
    {
      options: { name: 'a', kind: 'veth', peer: { name: 'b' }, linkNetnsid: 7 },
      field: 'linkNetnsid: a pair stands on no other interface',
      error: TypeError,
    },
    {
      options: { name: 'a', kind: 'veth', peer: { name: 'b' }, link: 'eth0' },
      field: 'link: a pair stands on no other interface',
      error: TypeError,
    },
    { options: { name: 'a', kind: 'ifb', linkNetns: null }, field: 'linkNetns: null', error: TypeError },
    { options: { name: 'a', kind: 'ifb', linkNetns: 'a/b' }, field: "linkNetns: 'a/b'", error: RangeError },
    { options: { name: 'a', kind: 'ifb', linkNetns: { pid: 0 } }, field: 'linkNetns.pid', error: RangeError },
  ])('$options', ({ options, field, error }) => {
    expectRefused(() => createLink(options as Loose), field, { error, shows: '' })
  })
})

describe('createBridge refuses, before anything is sent,', () => {
  it.each([
    { options: null, field: 'null', error: TypeError },
    { options: { kind: 'bridge' }, field: "'kind'", error: TypeError },
    { options: { forwardDelays: 1 }, field: "'forwardDelays'", error: TypeError },
    { options: { forwardDelay: -1 }, field: 'forwardDelay', error: RangeError },
    { options: { forwardDelay: '15' }, field: 'forwardDelay', error: RangeError },
    { options: { ageingTime: Number.NaN }, field: 'ageingTime', error: RangeError },
    { options: { priority: 65536 }, field: 'priority', error: RangeError },
    { options: { stp: 1 }, field: 'stp', error: TypeError },
    { options: { vlanProtocol: '802.1x' }, field: 'vlanProtocol', error: RangeError },
    { options: { groupAddress: '01:80' }, field: 'groupAddress', error: RangeError },
    { options: { multiBoolopt: { no_such: true } }, field: 'multiBoolopt.no_such', error: TypeError },
    { options: { multiBoolopt: { mst_enable: 1 } }, field: 'multiBoolopt.mst_enable', error: TypeError },
    { options: { mtu: '1500' }, field: 'mtu', error: TypeError },
  ])('$options', ({ options, field, error }) => {
    const given = options === null ? null : { name: 'br0', ...options }
    expectRefused(() => createBridge(given as Loose), field, { error, shows: '' })
  })
})

const END: Record<string, Bad[]> = CREATION

describe('createVethPair refuses, before anything is sent,', () => {
  it.each(cases(END).filter(({ field }) => field !== 'ifindex'))(
    'far.$field: $value',
    ({ field, value, ...bad }) => {
      const far = { name: 'b', [field]: value } as Loose
      expectRefused(() => createVethPair({ name: 'a' }, far), `far.${field}`, bad)
    },
  )
  it.each(cases(END).filter(({ field }) => field !== 'ifindex'))(
    'near.$field: $value',
    ({ field, value, ...bad }) => {
      const near = { name: 'a', [field]: value } as Loose
      expectRefused(() => createVethPair(near, { name: 'b' }), `near.${field}`, bad)
    },
  )
  it.each([
    { args: [null, { name: 'b' }], says: 'near', error: TypeError },
    { args: [{ name: 'a' }, 'b'], says: 'far', error: TypeError },
    { args: [{ name: 'a' }], says: 'far', error: TypeError },
    { args: [{ name: 'a' }, { name: 'b' }, { mtu: 1 }], says: "'mtu'", error: TypeError },
    { args: [{ name: 'a', kind: 'veth' }, { name: 'b' }], says: "'kind'", error: TypeError },
    { args: [{ name: 'a' }, { name: 'b', ifindex: 7 }], says: 'near.ifindex', error: TypeError },
    { args: [{ name: 'a', ifindex: 7 }, { name: 'b' }], says: 'far.ifindex', error: TypeError },
    { args: [{ name: 'a', netns: null }, { name: 'b' }], says: 'near.netns: null', error: TypeError },
    { args: [{ name: 'a' }, { name: 'b', netns: 7 }], says: 'far.netns: 7', error: TypeError },
    { args: [{ name: 'a' }, { name: 'b', netns: { fd: -1 } }], says: 'far.netns.fd', error: RangeError },
    {
      args: [
        { name: 'a', ifindex: 0 },
        { name: 'b', ifindex: 7 },
      ],
      says: 'near.ifindex',
      error: RangeError,
    },
  ])('$args', ({ args, says, error }) => {
    const [near, far, options] = args as [Loose, Loose, Loose]
    expectRefused(() => createVethPair(near, far, options), says, { error, shows: '' })
  })
})

describe('the other operations on links refuse, before anything is sent,', () => {
  const BY_DEV: Record<string, (dev: Loose) => Operation<unknown>> = {
    getLink: (dev) => getLink(dev),
    deleteLink: (dev) => deleteLink(dev),
    moveLink: (dev) => moveLink(dev, 'red'),
  }
  it.each(Object.keys(BY_DEV).flatMap((call) => DEVS.map((bad) => ({ call, ...bad }))))(
    '$call of $value',
    ({ call, value, ...bad }) => {
      expectRefused(() => BY_DEV[call]!(value), 'dev', bad)
    },
  )
  const CALLS: { call: string; run: (options: Loose) => Operation<unknown>; field: string; bad: Bad[] }[] = [
    { call: 'moveLink', run: (name) => moveLink('a', 'red', { name }), field: 'name', bad: NEW_NAMES },
    {
      call: 'moveLink',
      run: (ifindex) => moveLink('a', 'red', { ifindex }),
      field: 'ifindex',
      bad: IFINDEXES,
    },
    { call: 'listLinks', run: (up) => listLinks({ up }), field: 'up', bad: BOOLEANS },
    { call: 'listLinks', run: (kind) => listLinks({ kind }), field: 'kind', bad: [type('', "''"), type(5)] },
    {
      call: 'listLinks',
      run: (portKind) => listLinks({ portKind }),
      field: 'portKind',
      bad: [type('', "''"), type(5)],
    },
    { call: 'listLinks', run: (group) => listLinks({ group }), field: 'group', bad: NUMBERS },
    { call: 'listLinks', run: (bigint) => listLinks({ bigint }), field: 'bigint', bad: BOOLEANS },
    {
      call: 'listLinks',
      run: (master) => listLinks({ master }),
      field: 'master',
      bad: DEVS.filter(({ value }) => value !== null),
    },
    {
      call: 'getLink',
      run: (include) => getLink('a', { include }),
      field: 'include',
      bad: [range(['statistics'], "'statistics'"), type('stats', "'stats'"), range([5], '5')],
    },
    {
      call: 'deleteLinkGroup',
      run: (group) => deleteLinkGroup(group),
      field: 'group',
      bad: [range(0), range(-1), type('dmz', "'dmz'")],
    },
    { call: 'setLinkGroup', run: (group) => setLinkGroup(group, { up: true }), field: 'group', bad: NUMBERS },
    { call: 'setLinkGroup', run: (mtu) => setLinkGroup(7, { mtu }), field: 'mtu', bad: MTUS },
    {
      call: 'setLinkGroup',
      run: (alias) => setLinkGroup(7, { alias }),
      field: 'alias',
      bad: [type(5, '5'), range('x'.repeat(256), 'has 256 bytes')],
    },
    {
      call: 'moveLinkGroup',
      run: (group) => moveLinkGroup(group, 'red'),
      field: 'group',
      bad: [range(0), range(-1), type('dmz', "'dmz'")],
    },
    {
      call: 'moveLinkGroup',
      run: (target) => moveLinkGroup(7, target),
      field: 'target',
      bad: [type(undefined, 'undefined'), type(5, '5')],
    },
  ]
  it.each(CALLS.flatMap(({ bad, ...call }) => bad.map((one) => ({ ...call, ...one }))))(
    '$call with $field: $value',
    ({ run, value, field, ...bad }) => {
      expectRefused(() => run(value), field, bad)
    },
  )
  it.each<{ call: string; run: () => Operation<unknown> }>([
    { call: 'getLink', run: () => getLink('a', { inlcude: [] } as Loose) },
    { call: 'deleteLink', run: () => deleteLink('a', { inlcude: [] } as Loose) },
    { call: 'deleteLinkGroup', run: () => deleteLinkGroup(7, { inlcude: [] } as Loose) },
    { call: 'listLinks', run: () => listLinks({ inlcude: [] } as Loose) },
    { call: 'moveLink', run: () => moveLink('a', 'red', { inlcude: [] } as Loose) },
    { call: 'moveLinkGroup', run: () => moveLinkGroup(7, 'red', { inlcude: [] } as Loose) },
    { call: 'setLinkGroup', run: () => setLinkGroup(7, { inlcude: [] } as Loose) },
    { call: 'setLinkGroup', run: () => setLinkGroup(7, { name: 'a' } as Loose) },
  ])('unknown options of $call', ({ call, run }) => {
    expectRefused(run, call, { error: TypeError, shows: "unknown option '" })
  })
})
