/**
 * The functions of the entries that ask a kernel, and the methods of handles and of raw sockets, refuse an option that they do not have: a
 * misspelt one would be ignored in silence.
 */

import { describe, expect, it } from 'vitest'
import * as conntrack from '../../src/conntrack.js'
import * as conntrackSync from '../../src/conntrack-sync.js'
import * as root from '../../src/index.js'
import * as nftables from '../../src/nftables.js'
import * as nftablesSync from '../../src/nftables-sync.js'
import * as sync from '../../src/sync.js'
import { fakeKernel, messages } from '../../src/testing/index.js'
import * as topology from '../../src/topology.js'
import * as topologySync from '../../src/topology-sync.js'

const ENTRIES = {
  root,
  sync,
  nftables,
  'nftables/sync': nftablesSync,
  conntrack,
  'conntrack/sync': conntrackSync,
  topology,
  'topology/sync': topologySync,
}

/** So that nothing is done where an option is not refused. */
const NOWHERE = 'no-such-namespace'

const each = (before: readonly unknown[], ...names: string[][]) =>
  Object.fromEntries(names.flat().map((name) => [name, before]))

/** What stands before the options of a call. Every other call has them first. */
const BEFORE: Readonly<Record<string, readonly unknown[]>> = {
  ...each(
    ['eth0'],
    ['getLink', 'getLinkStats', 'deleteLink', 'setLink', 'setLinkStats', 'openTuntap'],
    ['getBridgePort', 'setBridgePort', 'flushFdb', 'flushMdb'],
    ['addBridgeVlan', 'deleteBridgeVlan', 'setBridgeVlan', 'setGlobalBridgeVlan', 'setBridgeMst'],
    ['addVxlanVni', 'deleteVxlanVni', 'setNeighbourTable'],
  ),
  ...each(['eth0', '192.0.2.1/24'], ['addAddress', 'replaceAddress', 'deleteAddress']),
  ...each([7], ['getNexthop', 'getMplsRoute', 'deleteLinkGroup', 'setLinkGroup']),
  ...each([NOWHERE], ['createNetns', 'openNetns', 'deleteNetns', 'listNetnsPids', 'getNsid']),
  attachNetns: ['attached', NOWHERE],
  identifyNetns: [1],
  openSocketInNetns: [NOWHERE],
  setNsid: [NOWHERE, 7],
  getSysctl: ['net/ipv4/ip_forward'],
  setSysctl: ['net/ipv4/ip_forward', 1],
  moveLink: ['eth0', NOWHERE],
  moveLinkGroup: [7, NOWHERE],
  getRoute: ['192.0.2.1'],
  getNexthopBucket: [7, 1],
  createVethPair: [{ name: 'a' }, { name: 'b' }],
  monitor: [['link']],
  monitorAllNetns: [['link']],
  waitUntil: [['link'], () => true],
  openNetlinkSocket: [0],
  batch: [() => {}],
  transaction: [() => {}],
  isolate: ['eth0'],
  getCgroupId: ['user.slice'],
  jhash: [nftables.ip.saddr],
  ...each(['192.0.2.1'], ['dnat', 'snat']),
  fwd: ['eth0'],
  connectionLimit: [5],
  ...each([nftables.set('s'), nftables.ip.saddr], ['addElement', 'updateElement']),
  monitorConntrack: [['new']],
  ...each(
    [{ name: 'lab', namespaces: {} }],
    ['applyTopology', 'createTopology', 'deleteTopology', 'planTopology', 'readTopology'],
    ['drawTopology', 'settled'],
  ),
  ...each([3], ['line', 'ring', 'star']),
}

/** Options of which something has to be right first. */
const BESIDES: Readonly<Record<string, object>> = { createLink: { kind: 'dummy', name: 'dummy0' } }

/** What has no options, or Node's. */
const WITHOUT: readonly string[] = [
  ...['isKind', 'isPortKind', 'spawnInNetns', 'spawnSyncInNetns', 'drawTopologySvg', 'normalizeTopology'],
  // What rules are made of.
  ...['rule', 'stateful', 'raw', 'set', 'concat', 'constant', 'namedObject', 'useObject', 'deleteElement'],
  ...['verdict', 'accept', 'drop', 'jump', 'goto', 'last', 'notrack', 'flowOffload', 'resetTcpOption'],
  ...['payload', 'inside', 'ipsec', 'numgen', 'fib', 'osf', 'routeMss', 'tcpOptionField'],
  ...['extensionHeader', 'ipOption', 'tcpOption', 'sctpChunk'],
]

const isClass = (value: unknown) => /^class\b/.test(String(value))
const calls = Object.entries(ENTRIES).flatMap(([entry, exports]) =>
  Object.entries(exports)
    .filter(([, value]) => typeof value === 'function' && !isClass(value))
    .map(([name, call]) => ({ entry, name, call: call as (...args: unknown[]) => unknown })),
)

it.each(calls.filter(({ name }) => !WITHOUT.includes(name)))('$entry $name', async ({ name, call }) => {
  const bad = { nonsense: 1, ...BESIDES[name], netns: NOWHERE }
  const result = (async () => call(...(BEFORE[name] ?? []), bad))()
  await expect(result).rejects.toThrow(TypeError)
  await expect(result).rejects.toThrow(new RegExp(`^${toldAs(name)}\\b.*'nonsense'`))
})

/** A stream checks its options by the list that it is, but for one that takes not all of them. */
const toldAs = (name: string) => (name === 'streamElements' ? name : name.replace(/^stream/, 'list'))

const without = calls.filter(({ name }) => WITHOUT.includes(name))
it.each(without)('$entry $name has no parameter that could be options', ({ call }) => {
  const [, parameters] = /^(?:async )?(?:function \w+)?\(([^)]*)\)/.exec(String(call))!
  expect(parameters).not.toMatch(/options|\{/)
})

type Methods = Record<string, (...args: unknown[]) => unknown>

/** The names of an object's methods that have options of this library. */
const methodsOf = (value: object) =>
  Object.getOwnPropertyNames(Object.getPrototypeOf(value)).filter(
    (name) =>
      !['constructor', 'close', ...WITHOUT].includes(name) && typeof (value as Methods)[name] === 'function',
  )

describe.each([
  ['root', root],
  ['sync', sync],
])('methods of %s', (_, entry) => {
  const refuses = async (target: object, names: readonly string[], before: typeof BEFORE) => {
    for (const name of names) {
      const result = (async () =>
        (target as Methods)[name]!(...(before[name] ?? []), { nonsense: 1, ...BESIDES[name] }))()
      await expect(result, name).rejects.toThrow(new RegExp(`^${toldAs(name)}\\b.*'nonsense'`))
    }
  }

  it('of handles', async () => {
    using handle = await entry.openNetns(fakeKernel(() => undefined))
    const names = methodsOf(handle)
    expect(names).toEqual(expect.arrayContaining(['getLink', 'batch', 'delete', 'openNetlinkSocket']))
    // Which namespace it is about is the handle's to say.
    await refuses(handle, names, { ...BEFORE, listNetnsPids: [], openSocketInNetns: [] })
  })

  it('of raw sockets', async () => {
    using socket = await entry.openNetlinkSocket(0, { netns: fakeKernel(() => undefined) })
    const names = methodsOf(socket)
    expect(names).toEqual(expect.arrayContaining(['request', 'dump']))
    const asked = [messages.RTM_GETLINK, { header: {}, attributes: {} }]
    await refuses(socket, names, { request: asked, dump: asked, subscribe: [[1], [messages.RTM_NEWLINK]] })
  })
})

it('there is every call of the lists', () => {
  const names = calls.map(({ name }) => name)
  const listed = [...Object.keys(BEFORE), ...Object.keys(BESIDES), ...WITHOUT]
  expect(listed.filter((name) => !names.includes(name))).toEqual([])
})
