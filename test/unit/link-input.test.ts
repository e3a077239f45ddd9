import { describe, expect, it } from 'vitest'
import { decodeAttributes } from '../../src/codec/index.js'
import type { Operation } from '../../src/netlink/operation.js'
import { createBridge, createLink } from '../../src/rtnetlink/link/create.js'
import { deleteLink, deleteLinkGroup } from '../../src/rtnetlink/link/delete.js'
import { getLink, listLinks } from '../../src/rtnetlink/link/list.js'
import { moveLink } from '../../src/rtnetlink/link/move.js'
import { setLink } from '../../src/rtnetlink/link/set.js'
import { setLinkGroup } from '../../src/rtnetlink/link/set-group.js'
import { ifinfomsg, linkAttributes } from '../../src/rtnetlink/link/table.js'
import { createVethPair } from '../../src/rtnetlink/link/veth.js'
import { sentBy } from './sent-by.js'

/** The first step of an operation: bad input has to be found before it, so that nothing has been opened or sent. */
function begin(operation: Operation<unknown>): void {
  const { value } = operation.next()
  throw new Error(`went on to ${JSON.stringify(value)}`)
}

/** What bad values are refused with; `shows` is how the value stands in the message. */
interface Bad {
  value: unknown
  error: typeof RangeError | typeof TypeError
  shows: string
}

const range = (value: unknown, shows = String(value)): Bad => ({ value, error: RangeError, shows })
const type = (value: unknown, shows = String(value)): Bad => ({ value, error: TypeError, shows })

const IFNAMES: Bad[] = [
  range('', 'cannot be empty'),
  range('abcdefghijklmnop', "'abcdefghijklmnop' has 16 bytes"),
  range('ääääääää', "'ääääääää' has 16 bytes"),
  range('.', "'.'"),
  range('..', "'..'"),
  range('a/b', "'a/b'"),
  range('a:b', "'a:b'"),
  range('a b', "'a b'"),
  range('a\tb', "'a\\tb'"),
  range('a\u00a0b', 'a\u00a0b'),
  range('a\n', "'a\\n'"),
  range('a\0', "'a\\u0000'"),
  type(7),
  type(null),
  type({}, '{}'),
]
/** Names of what is there already have no number to be found. */
const NEW_NAMES: Bad[] = [
  ...IFNAMES,
  range('eth%d', "'eth%d' is a pattern to the kernel, which does not tell the name"),
]
const LINK_NAMES: Bad[] = [
  ...IFNAMES,
  ...['eth%s', 'e%d%d', 'e%%d', 'eth%', '%de%'].map((name) => range(name, "one '%d'")),
  range('abcdefghijklmn%d', "'abcdefghijklmn%d' has 16 bytes"),
  range('a b%d', "'a b%d'"),
]
const DEVS: Bad[] = [
  range('', 'cannot be empty'),
  range('a/b', "'a/b'"),
  range('x'.repeat(128), 'has 128 bytes'),
  range(0),
  range(-1),
  range(1.5),
  range(Number.NaN),
  range(2 ** 31),
  type(true),
  type(null),
  type({}, '{}'),
]
const IFINDEXES: Bad[] = [range(0), range(1.5), range(-1), range(2 ** 31), type('1', "'1'")]
const MACS: Bad[] = [
  range('', "''"),
  range('02:00:00:00:00', "'02:00:00:00:00'"),
  range('02:00:00:00:00:01:02', "'02:00:00:00:00:01:02'"),
  range('02:00:00:00:00:0g', "'02:00:00:00:00:0g'"),
  range('020000000001', "'020000000001'"),
  range('01:00:5e:00:00:01', 'multicast'),
  range('ff:ff:ff:ff:ff:ff', 'multicast'),
  range(2, '2'),
]
const MTUS: Bad[] = [
  range(-1),
  range(2 ** 32),
  range(Number.NaN),
  range(1500.5),
  type('1500', "'1500'"),
  type(1500n, '1500n'),
]
const NUMBERS: Bad[] = [
  range(-1),
  range(2 ** 32),
  range(0.5),
  range(Number.NaN),
  type('1', "'1'"),
  type(null),
]
const BOOLEANS: Bad[] = [type(1), type('on', "'on'"), type(null), type(0)]

/** Options of a link, and what each refuses. */
const OPTIONS: Record<string, Bad[]> = {
  mac: MACS,
  mtu: MTUS,
  txQueueLength: NUMBERS,
  group: NUMBERS,
  gsoMaxSize: NUMBERS,
  gsoMaxSegs: NUMBERS,
  groMaxSize: NUMBERS,
  gsoIpv4MaxSize: NUMBERS,
  groIpv4MaxSize: NUMBERS,
  broadcast: [range('x', "'x'"), range(5)],
  up: BOOLEANS,
  arp: BOOLEANS,
  multicast: BOOLEANS,
  allMulticast: BOOLEANS,
  promiscuous: BOOLEANS,
  trailers: BOOLEANS,
  dynamic: BOOLEANS,
  linkMode: [range('sleepy', "'sleepy'"), range(256), type(true), range('constructor', "'constructor'")],
  operState: [range('gone', "'gone'"), range(-1)],
  addrGenMode: [range('eui48', "'eui48'"), type(null), range(1.5)],
}

/** Options that are given only when a link is made. */
const CREATION: Record<string, Bad[]> = {
  ...OPTIONS,
  name: [...LINK_NAMES, type(undefined)],
  ifindex: IFINDEXES,
  master: DEVS,
  queues: [range(0), range(4097), range(1.5), type('1', "'1'"), type(null)],
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

const SETTINGS: Record<string, Bad[]> = {
  ...OPTIONS,
  name: NEW_NAMES,
  master: DEVS.filter(({ value }) => value !== null),
  alias: [type(5), type(true), range('x'.repeat(256), 'has 256 bytes'), range('a\0', "'a\\u0000'")],
  carrier: BOOLEANS,
  protoDown: BOOLEANS,
  addAltNames: [type('one', "'one'")],
  removeAltNames: [type(null)],
  vfs: [type({}, '{}')],
  kind: [type('no-such-kind', "'no-such-kind'"), type(5)],
}

// biome-ignore lint/suspicious/noExplicitAny: what the type checker refuses is what these calls are about
type Loose = any

function cases(table: Record<string, Bad[]>) {
  return Object.entries(table).flatMap(([field, bad]) => bad.map((one) => ({ field, ...one })))
}

function expectRefused(
  operation: () => Operation<unknown>,
  field: string,
  { error, shows }: Omit<Bad, 'value'>,
): void {
  let thrown: unknown
  try {
    begin(operation())
  } catch (cause) {
    thrown = cause
  }
  expect(thrown).toBeInstanceOf(error)
  expect(String(thrown)).toContain(field)
  expect(String(thrown)).toContain(shows)
}

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
    { options: { name: 'a', kind: 'unheard-of' }, field: 'data', error: TypeError },
    { options: { name: 'a', kind: 'unheard-of', data: [1] }, field: 'data', error: TypeError },
    { options: { name: 'a', kind: 'unheard-of', data: null, stp: true }, field: "'stp'", error: TypeError },
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
    { options: { name: 'a', kind: 'constructor' }, field: 'data', error: TypeError },
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

describe('setLink refuses, before anything is sent,', () => {
  it.each(cases(SETTINGS))('$field: $value', ({ field, value, ...bad }) => {
    expectRefused(() => setLink('a', { [field]: value } as Loose), field, bad)
  })
  it.each(DEVS)('dev: $value', ({ value, ...bad }) => {
    expectRefused(() => setLink(value as Loose, { up: true }), 'dev', bad)
  })
  it.each([
    { options: null, field: 'null', error: TypeError },
    { options: undefined, field: 'undefined', error: TypeError },
    { options: { mut: 1500 }, field: "'mut'", error: TypeError },
    { options: { stp: true }, field: "'stp'", error: TypeError },
    { options: { kind: 'bridge', rootPort: 5 }, field: "'rootPort'", error: TypeError },
    { options: { kind: 'bridge', link: 'eth0' }, field: "'link'", error: TypeError },
    { options: { kind: 'bridge', priority: -1 }, field: 'priority', error: RangeError },
    { options: { addAltNames: ['fine', 'a b'] }, field: 'addAltNames[1]', error: RangeError },
    { options: { removeAltNames: ['x'.repeat(128)] }, field: 'removeAltNames[0]', error: RangeError },
    { options: { protoDownReason: 5 }, field: 'protoDownReason', error: TypeError },
    { options: { protoDownReason: { value: -1 } }, field: 'protoDownReason.value', error: RangeError },
    { options: { port: { cost: 1 } }, field: 'port', error: RangeError },
    { options: { port: 'bridge' }, field: 'port', error: RangeError },
    { options: { port: { kind: 'bridge' }, master: null }, field: 'port', error: RangeError },
    { options: { port: { kind: 'bridge', costs: 1 } }, field: "'costs'", error: TypeError },
    { options: { port: { kind: 'bridge', cost: 2 ** 32 } }, field: 'cost', error: RangeError },
    { options: { port: { kind: 'bridge', state: 'open' } }, field: 'state', error: RangeError },
    { options: { port: { kind: 'bridge', backupPort: 0 } }, field: 'backupPort', error: RangeError },
    { options: { afSpec: { ipv4: {} } }, field: "'ipv4'", error: TypeError },
    { options: { afSpec: { inet: { config: {} } } }, field: "'config'", error: TypeError },
    { options: { afSpec: { inet: { conf: { no_such: 1 } } } }, field: 'inet.conf', error: RangeError },
    { options: { afSpec: { inet: { conf: { rp_filter: '2' } } } }, field: 'inet.conf', error: TypeError },
    { options: { afSpec: { inet6: { token: '192.0.2.1' } } }, field: 'inet6.token', error: RangeError },
    { options: { xdp: { fd: -1 } }, field: 'xdp.fd', error: RangeError },
    { options: { xdp: { fd: 3, flags: ['fast'] } }, field: 'xdp.flags', error: RangeError },
    { options: { xdp: { descriptor: 3 } }, field: "'descriptor'", error: TypeError },
    { options: { vfs: [{ vf: -1 }] }, field: 'vfs[0].vf', error: RangeError },
    { options: { vfs: [{ vf: 0, vlan: 4095 }] }, field: 'vfs[0].vlan', error: RangeError },
    { options: { vfs: [{ vf: 0, nodeGuid: 5 }] }, field: 'vfs[0].nodeGuid', error: TypeError },
    { options: { vfs: [{ vf: 0, portGuid: 1n << 64n }] }, field: 'vfs[0].portGuid', error: RangeError },
    {
      options: { vfs: [{ vf: 0, minTxRate: 3, maxTxRate: 2 }] },
      field: 'vfs[0].minTxRate',
      error: RangeError,
    },
    { options: { vfs: [{ vf: 0, qos: 3 }] }, field: 'vfs[0].qos', error: TypeError },
    { options: { vfs: [{ vf: 0, trust: 1 }] }, field: 'vfs[0].trust', error: TypeError },
    { options: { vfs: [{ vf: 0, linkState: 'on' }] }, field: 'vfs[0].linkState', error: RangeError },
    { options: { vfs: [{ vf: 0, mac: '01:00:00:00:00:00' }] }, field: 'vfs[0].mac', error: RangeError },
  ])('$options', ({ options, field, error }) => {
    expectRefused(() => setLink('a', options as Loose), field, { error, shows: '' })
  })
})

describe('setLink takes', () => {
  it.each([
    ['of a tunnel over IPv4', 'c0:00:02:01'],
    ['of FireWire', '02:00:00:00:00:00:00:01'],
    ['of a tunnel over IPv6', '20:01:0d:b8:00:00:00:00:00:00:00:00:00:00:00:01'],
    [
      'of InfiniBand, which is no multicast one',
      '01:00:02:08:fe:80:00:00:00:00:00:00:00:02:c9:03:00:31:78:91',
    ],
  ])('a link-layer address %s', (_, mac) => {
    const [, message] = sentBy(setLink(5, { mac }), [[{ mac }]])
    const { address } = decodeAttributes(linkAttributes, message!, 16 + ifinfomsg.size, message!.length)
    expect(address).toBe(mac)
    expect(() => sentBy(setLink(5, { broadcast: mac }), [[{ mac: '02:00:00:00:00:01' }]])).toThrow(RangeError)
    expect(() => createLink({ name: 'a', kind: 'dummy', mac } as Loose).next()).toThrow(RangeError)
    expect(() => setLinkGroup(5, { mac }).next()).toThrow(RangeError)
    expect(() => setLink(5, { vfs: [{ vf: 0, mac }] }).next()).toThrow(RangeError)
  })

  it('no link-layer address that is not as long as the one that is there', () => {
    const set = (options: object, mac: string | null) => () => sentBy(setLink(5, options), [[{ mac }]])
    expect(set({ mac: '02:00:00:00:00:01:02:03' }, '02:00:00:00:00:01')).toThrow(
      new RangeError("mac: '02:00:00:00:00:01:02:03' has 8 bytes, the addresses of this interface have 6"),
    )
    expect(set({ broadcast: 'ff:ff:ff:ff:ff:ff' }, 'c0:00:02:01')).toThrow(
      new RangeError("broadcast: 'ff:ff:ff:ff:ff:ff' has 6 bytes, the addresses of this interface have 4"),
    )
    expect(set({ broadcast: 'ff:ff:ff:ff:ff:ff' }, null)).toThrow(RangeError)
  })

  it('a rate of a virtual function that fits the other one, which it has', () => {
    const set = (rates: object, there: object) =>
      sentBy(setLink(5, { vfs: [{ vf: 0 }, { vf: 1, ...rates }] }), [[{ vfs: [{ vf: 1, ...there }] }], []])
    expect(() => set({ minTxRate: 3 }, { minTxRate: 1, maxTxRate: 2 })).toThrow(
      new RangeError('vfs[1].minTxRate: 3 is more than maxTxRate, 2'),
    )
    expect(() => set({ maxTxRate: 2 }, { minTxRate: 3, maxTxRate: 0 })).toThrow(RangeError)
    // No limit.
    expect(set({ minTxRate: 3 }, { minTxRate: 0, maxTxRate: 0 })).toHaveLength(2)
    expect(set({ minTxRate: 3 }, {})).toHaveLength(2)
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
    { call: 'moveLink', run: (name) => moveLink('a', 'red', { name }), field: 'name', bad: LINK_NAMES },
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
    { call: 'setLinkGroup', run: () => setLinkGroup(7, { inlcude: [] } as Loose) },
    { call: 'setLinkGroup', run: () => setLinkGroup(7, { name: 'a' } as Loose) },
  ])('unknown options of $call', ({ call, run }) => {
    expectRefused(run, call, { error: TypeError, shows: "unknown option '" })
  })
})
