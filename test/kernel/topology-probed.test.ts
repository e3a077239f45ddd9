/** Routes from IPv6 addresses that the topology makes with them, which the kernel looks for elsewhere first. */

import { afterEach, describe, expect, it } from 'vitest'
import { runAsync } from '../../src/socket/async-driver.js'
import { applyTopology } from '../../src/topology/operations.js'
import {
  createTopology,
  planTopology,
  settled,
  type Topology,
  type TopologyNamespace,
} from '../../src/topology.js'
import { PATIENCE, seconds } from './patience.js'
import { execFileSync, spawnSync } from './programs.js'
import { ipJson } from './support.js'
import { cleanAll, stateOfAll, TOPOLOGY_FACES } from './topology-support.js'
import { watched } from './watched.js'

afterEach(cleanAll)

const lab = (up = true): Topology => ({
  name: 'lab',
  namespaces: {
    red: {
      links: { eth0: { peer: 'blue:eth0', addresses: ['fd00::1/64', 'fd01::1/64'] } },
      routes: [
        { to: 'fd09::/64', via: 'fd00::2', src: 'fd00::1' },
        { to: 'fd08::/64', dev: 'eth0', src: 'fd01::1' },
      ],
    },
    blue: { links: { eth0: { up, addresses: ['fd00::2/64'] } } },
  },
})

function elsewhere(): Topology {
  const other = lab()
  // The kernel asks so often, a second apart: blue gets its addresses meanwhile.
  other.namespaces!['red']!.sysctls = { 'net.ipv6.conf.default.dad_transmits': PATIENCE }
  other.namespaces!['blue']!.links!['eth0']!.addresses!.push({ address: 'fd00::1/64', flags: ['nodad'] })
  return other
}

function dormant(): Topology {
  const other = lab()
  other.namespaces!['red']!.links!['eth0']!.linkMode = 'dormant'
  return other
}

const routes = () =>
  ipJson('-6 route show', 'red')
    .filter(({ prefsrc }) => prefsrc !== undefined)
    .map(({ dst, prefsrc }) => [dst, prefsrc])
    .sort()

describe.each(TOPOLOGY_FACES)('a route from an address that is made with it ($face)', ({ topology: tp }) => {
  it('is there when the topology is', async () => {
    const before = stateOfAll() as object
    await tp.createTopology(lab())
    const both = [
      ['fd08::/64', 'fd01::1'],
      ['fd09::/64', 'fd00::1'],
    ]
    expect(routes()).toEqual(both)
    expect((await tp.planTopology(lab())).explain()).toEqual([])
    // A new address and its route, of an interface that is there.
    const more = lab()
    const { eth0 } = more.namespaces!['red']!.links!
    eth0!.addresses!.push('fd02::1/64')
    more.namespaces!['red']!.routes!.push({ to: 'fd07::/64', dev: 'eth0', src: 'fd02::1' })
    await tp.applyTopology(more)
    expect(routes()).toEqual([['fd07::/64', 'fd02::1'], ...both])
    await tp.deleteTopology('lab')
    expect(stateOfAll()).toEqual({ ...before, journal: [] })
  })

  it('is refused at once where nothing will be found, and nothing is left', async () => {
    const before = stateOfAll() as object
    const refused = {
      code: 'EINVAL',
      path: 'namespaces.red.routes[0]',
      left: [],
      message: expect.stringContaining('nodad'),
    }
    await expect(async () => tp.createTopology(lab(false))).rejects.toMatchObject(refused)
    expect(stateOfAll()).toEqual({ ...before, journal: [] })
  })

  it('is refused where the address is found elsewhere', async () => {
    await expect(async () => tp.createTopology(elsewhere())).rejects.toMatchObject({
      code: 'EINVAL',
      left: [],
    })
  })
})

it('the commands of explain() wait for it, too', async () => {
  execFileSync('sh', ['-e'], { input: (await planTopology(lab())).explain().join('\n') })
  expect(routes()).toEqual([
    ['fd08::/64', 'fd01::1'],
    ['fd09::/64', 'fd00::1'],
  ])
  expect((await planTopology(lab())).explain()).toEqual([])
})

it.for([
  ['without a carrier', lab(false)],
  ['with an address that is found elsewhere', elsewhere()],
  ['on an interface that is dormant', dormant()],
] as const)('the commands of explain() end at the route %s', async ([, value], { expect }) => {
  const input = (await planTopology(value)).explain().join('\n')
  const { status, stderr } = spawnSync('timeout', [seconds(20), 'sh', '-e'], { input })
  expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining('Invalid source address') })
})

it('an abort ends the wait at once, and nothing is left', async () => {
  const red: TopologyNamespace = {
    links: { eth0: { peer: 'blue:eth0', addrGenMode: 'none' } },
    // The kernel waits so long for an answer, and nothing else happens meanwhile.
    sysctls: { 'net.ipv6.neigh.eth0.retrans_time_ms': 3_600_000 },
  }
  const blue: TopologyNamespace = { links: { eth0: { addrGenMode: 'none' } } }
  const quiet = { name: 'lab', namespaces: { red, blue } }
  await createTopology(quiet)
  await settled(quiet)
  const before = stateOfAll()
  const routes = [{ to: 'fd08::/64', dev: 'eth0', src: 'fd01::1' }]
  const links = { eth0: { ...red.links!['eth0'], addresses: ['fd01::1/64'] } }
  const value = { ...quiet, namespaces: { red: { ...red, links, routes }, blue } }
  const controller = new AbortController()
  const reason = new Error('enough')
  const doing = watched(applyTopology(value), (effect) => {
    if (effect.kind === 'primitive' && effect.name === 'wait') setImmediate(() => controller.abort(reason))
    return undefined
  })
  await expect(runAsync(doing, undefined, controller.signal)).rejects.toBe(reason)
  expect(stateOfAll()).toEqual(before)
})
