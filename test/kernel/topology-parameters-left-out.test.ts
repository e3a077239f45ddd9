/** Kernel parameters that a later value says no more: they are what they were before the topology, unless somebody else wants them. */

import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Effect } from '../../src/netlink/operation.js'
import { runSync } from '../../src/socket/sync-driver.js'
import { setSysctl } from '../../src/sync.js'
import { applyTopology } from '../../src/topology/operations.js'
import type { Topology, TopologyNamespace } from '../../src/topology.js'
import {
  applyTopology as apply,
  createTopology as create,
  deleteTopology,
  planTopology,
  recoverTopologies,
} from '../../src/topology-sync.js'
import { FORWARD, get, getIn, TTL } from './parameters.js'
import { execFileSync } from './programs.js'
import { ip } from './support.js'
import { atStep, cleanAll, failure, full, TOPOLOGY_FACES, wasKilled } from './topology-support.js'
import { watched, writes } from './watched.js'

const PMTU = 'net.ipv4.ip_no_pmtu_disc'

const all = () => execFileSync('sysctl', ['-a', '-r', '^net\\.ipv[46]\\.(ip_|conf\\.)'])

/** What the tests set, as it was. */
let before: string[] = []

beforeEach(() => {
  before = get(FORWARD, TTL, PMTU)
})

afterEach(() => {
  cleanAll()
  for (const [index, key] of [FORWARD, TTL, PMTU].entries()) setSysctl(key, before[index]!)
})

const lab = (sysctls: Topology['sysctls'] = {}, name = 'lab'): Topology => ({
  name,
  bridges: { [name]: {} },
  sysctls,
})
const red = (more: TopologyNamespace): Topology => ({
  name: 'lab',
  namespaces: { red: { links: { eth0: { peer: 'eth1' } }, ...more } },
})

describe.each(TOPOLOGY_FACES)('$face:', ({ topology: tp }) => {
  it('of the process itself, with what the kernel writes at the same time', async () => {
    ip('link add br0 type bridge')
    // With every interface, and with what another test may have left.
    for (const value of [1, 0]) setSysctl(FORWARD, value)
    setSysctl('net.ipv4.conf.br0.forwarding', 1)
    await tp.createTopology(lab())
    const was = all()
    await tp.applyTopology(lab({ [FORWARD]: 1, [TTL]: 70 }))
    expect(get(FORWARD, TTL)).toEqual(['1', '70'])
    const commands = [
      `sysctl -w ${TTL}=${before[1]}`,
      `sysctl -w ${FORWARD}=0`,
      'sysctl -w net/ipv4/conf/br0/forwarding=1',
    ]
    expect((await tp.planTopology(lab())).explain()).toEqual(commands)
    expect((await tp.planTopology(lab())).steps[0]).toMatchObject({
      path: `sysctls.${TTL}`,
      undo: { key: TTL, value: '70' },
    })
    expect((await tp.applyTopology(lab())).explain()).toEqual(commands)
    expect(all()).toBe(was)
    expect((await tp.applyTopology(lab())).explain()).toEqual([])
  })

  it.each(['made with it', 'changed later'])('of a namespace that was %s', async (when) => {
    const sysctls = { [TTL]: 70, 'net.ipv4.conf.eth0.rp_filter': 2, [FORWARD]: '1' }
    const keys = [...Object.keys(sysctls), 'net.ipv4.conf.eth1.forwarding']
    await tp.createTopology(red({}))
    const was = getIn('red', ...keys)
    if (when === 'made with it') await tp.deleteTopology('lab')
    await tp.applyTopology(red({ sysctls }))
    expect(getIn('red', ...keys)).toEqual(['70', '2', '1', '1'])
    // A record that is written anew in between knows them, too.
    await tp.applyTopology(red({ sysctls, rules: [{ priority: 9, table: 9, family: 'ipv4' }] }))
    const plan = await tp.applyTopology(red({ sysctls: { [TTL]: 70 } }))
    expect(plan.steps.map(({ path }) => path).sort()).toEqual([
      'namespaces.red.rules[0]',
      'namespaces.red.sysctls.net.ipv4.conf.eth0.rp_filter',
      `namespaces.red.sysctls.${FORWARD}`,
    ])
    expect(getIn('red', ...keys)).toEqual(['70', ...was.slice(1)])
    await tp.applyTopology(red({}))
    expect(getIn('red', ...keys)).toEqual(was)
  })
})

it('one of an interface that has its own stays, also where it is written with one that goes back', () => {
  const eth0 = 'net.ipv4.conf.eth0.forwarding'
  create(red({ sysctls: { [FORWARD]: 1 } }))
  const plan = apply(red({ sysctls: { [eth0]: 1 } }))
  expect(plan.explain()).toEqual([
    `ip netns exec red sysctl -w ${FORWARD}=0`,
    `ip netns exec red sysctl -w ${eth0}=1`,
  ])
  expect(getIn('red', FORWARD, eth0, 'net.ipv4.conf.eth1.forwarding')).toEqual(['0', '1', '0'])
})

it('another spelling is no other parameter', () => {
  create(lab({ [FORWARD]: 1 }))
  expect(apply(lab({ 'net/ipv4/conf/all/forwarding': 1 })).explain()).toEqual([])
  expect(apply(lab()).explain()).toEqual([`sysctl -w ${FORWARD}=0`])
  expect(get(FORWARD)).toEqual(['0'])
  apply(lab({ [TTL]: 70 }))
  apply(lab({ 'net/ipv4/ip_default_ttl': 80 }))
  expect(apply(lab()).steps).toHaveLength(1)
  expect(get(TTL)).toEqual([before[1]])
})

it('what somebody has set since stays, and is none of the topology any more', () => {
  create(lab({ [TTL]: 70 }))
  setSysctl(TTL, 80)
  expect(apply(lab()).explain()).toEqual([])
  setSysctl(TTL, 70)
  deleteTopology('lab')
  expect(get(TTL)).toEqual(['70'])
})

it('one that was put back is none of the topology any more: what somebody sets later stays', () => {
  create(lab({ [TTL]: 70 }))
  apply(lab())
  setSysctl(TTL, 70)
  expect(apply(lab({ [PMTU]: 1 })).explain()).toEqual([`sysctl -w ${PMTU}=1`])
  deleteTopology('lab')
  expect(get(TTL, PMTU)).toEqual(['70', before[2]])
})

it('the last topology that says it no more, or goes, puts it back', () => {
  create(lab({ [FORWARD]: 1, [TTL]: 70 }, 'a'))
  create(lab({ [FORWARD]: 1, [TTL]: 80 }, 'b'))
  expect(apply(lab({}, 'a')).explain()).toEqual([])
  expect(apply(lab({ [FORWARD]: 1 }, 'b')).explain()).toEqual([`sysctl -w ${TTL}=${before[1]}`])
  expect(get(FORWARD, TTL)).toEqual(['1', before[1]])
  // It is as the value says, but the topology has to know what it was.
  expect(apply(lab({ [FORWARD]: 1 }, 'a')).explain()).toEqual([`sysctl -w ${FORWARD}=1`])
  expect(apply(lab({ [FORWARD]: 1 }, 'a')).explain()).toEqual([])
  expect(apply(lab({}, 'b')).explain()).toEqual([])
  deleteTopology('b')
  expect(get(FORWARD)).toEqual(['1'])
  deleteTopology('a')
  expect(get(FORWARD)).toEqual(['0'])
})

it('where topologies want different values, the one that still says one has its own', () => {
  create(lab({ [TTL]: 70 }, 'a'))
  create(lab({ [TTL]: 80 }, 'b'))
  expect(apply(lab({}, 'b')).explain()).toEqual([`sysctl -w ${TTL}=70`])
  deleteTopology('b')
  expect(get(TTL)).toEqual(['70'])
  deleteTopology('a')
  expect(get(TTL)).toEqual([before[1]])
})

it('a change that fails brings it back', () => {
  const value = red({ sysctls: { [FORWARD]: 1, [TTL]: 70 } })
  create(value)
  const host = { ...value, sysctls: { [TTL]: 90 } }
  apply(host)
  const change = watched(applyTopology({ ...red({}), bridges: { br1: {} } }), (effect) =>
    writes(effect, '"step":"bridges.br1"') ? full() : undefined,
  )
  expect(failure(change)).toMatchObject({ code: 'ENOSPC', left: [] })
  expect(getIn('red', FORWARD, 'net.ipv4.conf.eth0.forwarding', TTL)).toEqual(['1', '1', '70'])
  expect(get(TTL)).toEqual(['90'])
  expect(planTopology(host).explain()).toEqual([])
  apply(red({}))
  expect([getIn('red', FORWARD, TTL), get(TTL)]).toEqual([['0', before[1]], [before[1]]])
})

it.each([0, 1, 2, 3])('so does the end of the process %i effects into the step', (after) => {
  const value = lab({ [FORWARD]: 1, [TTL]: 70 })
  create(value)
  expect(wasKilled('lab', applyTopology(lab()), atStep(1, after))).toBe(true)
  expect(recoverTopologies()).toEqual([{ name: 'lab', left: [] }])
  expect(get(FORWARD, TTL)).toEqual(['1', '70'])
  expect(planTopology(value).explain()).toEqual([])
  apply(lab())
  expect(get(FORWARD, TTL)).toEqual(['0', before[1]])
})

it('one of an interface or a namespace that goes is not put back before', () => {
  const eth0 = 'net.ipv4.conf.eth0.rp_filter'
  const value = red({ sysctls: { [eth0]: 1 } })
  const both: Topology = { ...value, namespaces: { ...value.namespaces, blue: { sysctls: { [TTL]: 70 } } } }
  create({ ...both, bridges: { br0: {} }, sysctls: { 'net.ipv4.conf.br0.rp_filter': 2 } })
  const { steps } = apply({ name: 'lab', namespaces: { red: {} } })
  expect(steps.map(({ call }) => call.call)).toEqual(['deleteLink', 'deleteLink', 'deleteNetns'])
})

it('a namespace that somebody deleted has them as new ones do', () => {
  create(red({ sysctls: { [TTL]: 70 } }))
  ip('netns delete red')
  apply(red({}))
  expect(getIn('red', TTL)).toEqual([before[1]])
})

it('a record that the disk has no room for anew is read the same', () => {
  create(lab({ [TTL]: 70 }))
  const isAnew = (effect: Effect) =>
    effect.kind === 'primitive' && effect.name === 'claimFile' && String(effect.args[1]).includes('"make"')
  runSync(watched(applyTopology(lab()), (effect) => (isAnew(effect) ? full() : undefined)))
  expect([get(TTL), readFileSync('/run/netlink-ts/lab.json', 'utf8')]).toEqual([
    [before[1]],
    expect.stringContaining(TTL),
  ])
  // What another topology finds is what was there, and no one wants the value that was put back.
  create(lab({ [TTL]: before[1]! }, 'other'))
  setSysctl(TTL, 70)
  deleteTopology('lab')
  expect(get(TTL)).toEqual(['70'])
  setSysctl(TTL, before[1]!)
  deleteTopology('other')
  expect(get(TTL)).toEqual([before[1]])
})
