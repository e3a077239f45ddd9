/** What somebody has put in the place of an entry of a topology, in a namespace of it: the kernel has no room for both. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { applyTopology } from '../../src/topology/operations.js'
import type { Topology } from '../../src/topology.js'
import { ip, withoutDadHere } from './support.js'
import { atEffect, cleanAll, settled, stateOfAll, TOPOLOGY_FACES, wasKilled } from './topology-support.js'

beforeEach(withoutDadHere)
afterEach(cleanAll)

const LAB: Topology = {
  name: 'lab',
  namespaces: {
    red: {
      links: { eth0: { peer: 'far:eth0', addresses: ['10.0.0.1/24', 'fd00::1/64'] } },
      routes: [
        { to: 'default', via: '10.0.0.2' },
        { to: '10.7.0.0/16', via: '10.0.0.2', table: 100, metric: 5 },
        { to: 'fd99::/48', via: 'fd00::2' },
      ],
      neighbours: [
        { to: '10.0.0.9', mac: '02:00:00:00:00:09', dev: 'eth0' },
        { to: 'fd00::9', proxy: true, dev: 'eth0' },
      ],
      sysctls: { 'net.ipv6.conf.default.accept_dad': 0 },
    },
    far: { sysctls: { 'net.ipv6.conf.default.accept_dad': 0 } },
  },
}

/** What it is, the commands that make it, and the one that puts it out of the way. */
const USURPERS: [string, string[], string][] = [
  ['an IPv4 route', ['route replace default via 10.0.0.77'], 'route delete default via 10.0.0.77 dev eth0'],
  [
    'an IPv4 route in another table, of a metric, that leads nowhere',
    ['route replace blackhole 10.7.0.0/16 table 100 metric 5'],
    'route delete blackhole 10.7.0.0/16 metric 5 table 100',
  ],
  [
    'an IPv6 route',
    ['-6 route replace fd99::/48 via fd00::77'],
    'route delete fd99::/48 via fd00::77 dev eth0 metric 1024',
  ],
  [
    'another nexthop of an IPv6 route',
    ['-6 route append fd99::/48 via fd00::77'],
    'route delete fd99::/48 metric 1024 nexthop via fd00::2 dev eth0 nexthop via fd00::77 dev eth0',
  ],
  [
    'a neighbour',
    ['neighbour replace 10.0.0.9 lladdr 02:00:00:00:00:77 dev eth0'],
    'neighbour delete 10.0.0.9 dev eth0',
  ],
  [
    'an IPv6 address of another prefix length',
    ['address delete fd00::1/64 dev eth0', 'address add fd00::1/48 dev eth0', '-6 route flush fd99::/48'],
    'address delete fd00::1/48 dev eth0',
  ],
]

describe.each(TOPOLOGY_FACES)('$face: a change puts out of the way', ({ topology: tp }) => {
  it.each(USURPERS)('%s', async (_, commands, deletion) => {
    await tp.createTopology(LAB)
    await settled()
    const before = stateOfAll()
    for (const command of commands) ip(command, 'red')
    expect((await tp.applyTopology(LAB)).explain()[0]).toBe(`ip -n red ${deletion}`)
    await settled()
    expect(stateOfAll()).toEqual(before)
    expect((await tp.planTopology(LAB)).explain()).toEqual([])
  })

  it.each(USURPERS)('%s, also where it fails, as the topology was before', async (_, commands) => {
    await tp.createTopology(LAB)
    await settled()
    const before = stateOfAll()
    for (const command of commands) ip(command, 'red')
    const failing = structuredClone(LAB)
    failing.namespaces!['zz'] = { links: { v: { kind: 'macvlan', link: ':nowhere' } } }
    await expect((async () => tp.applyTopology(failing))()).rejects.toMatchObject({
      path: 'namespaces.zz.links.v',
      left: [],
    })
    await settled()
    expect(stateOfAll()).toEqual(before)
  })
})

it('a change that puts all of them out of the way and is killed, wherever that is, is gone back from', async () => {
  const [{ topology: tp }] = TOPOLOGY_FACES
  await tp.createTopology(LAB)
  await settled()
  const before = stateOfAll()
  const wider = structuredClone(LAB)
  wider.namespaces!['red']!.links!['eth0']!.addresses!.push('10.8.0.1/24')
  // But for those of which the address that goes leaves nothing.
  const all = USURPERS.flatMap(([what, commands]) => (/IPv6 route$/.test(what) ? [] : commands))
  let isKilled = true
  for (let effect = 1; isKilled; effect += 3) {
    for (const command of all) ip(command, 'red')
    isKilled = wasKilled('lab', applyTopology(wider), atEffect(effect))
    if (!isKilled) expect(effect).toBeGreaterThan(50)
    const recovered = await tp.recoverTopologies()
    expect(recovered.flatMap(({ left }) => left)).toEqual([])
    await tp.applyTopology(LAB)
    await settled()
    expect(stateOfAll()).toEqual(before)
  }
})

it('what was never the topology’s stays: an error', async () => {
  const [{ topology: tp }] = TOPOLOGY_FACES
  const without = structuredClone(LAB)
  without.namespaces!['red']!.routes = []
  await tp.createTopology(without)
  ip('route add default via 10.0.0.77', 'red')
  await settled()
  const before = stateOfAll()
  const refused = { code: 'EEXIST', path: 'namespaces.red.routes[0]', left: [] }
  await expect(tp.applyTopology(LAB)).rejects.toMatchObject(refused)
  expect(stateOfAll()).toEqual(before)
})
