/** A VLAN may or may not be down for a moment with the link underneath (since Linux 7.2): what goes by it is made anew either way. */

import { expect, it } from 'vitest'
import { diff } from '../../src/topology/diff.js'
import type { Network, Place } from '../../src/topology/network.js'
import { parseTopology } from '../../src/topology/parse.js'
import type { Topology } from '../../src/topology/value.js'

/** A link that is a port of a VRF, or is none, and a VLAN on it with an entry of each sort. */
const lab = (isPort: boolean, isLoose: boolean): Topology => ({
  name: 'lab',
  namespaces: {
    red: {
      links: {
        blue: { kind: 'vrf', table: 10 },
        eth0: { kind: 'dummy', ...(isPort ? { master: 'blue' } : {}) },
        vlan5: {
          ...{ kind: 'vlan', link: 'eth0', id: 5, addresses: ['fd00:1::1/64'] },
          flags: { loose_binding: isLoose },
        },
      },
      routes: [{ to: 'fd06::/64', via: 'fd00:1::7', dev: 'vlan5' }],
      neighbours: [
        { to: 'fd00:1::9', mac: '02:00:00:00:00:09', dev: 'vlan5' },
        { to: 'fd00:1::10', proxy: true, dev: 'vlan5' },
      ],
    },
  },
})

/** What is there as if it were read from the kernel, with the entries of what is wanted. */
function readOf(value: Topology, wanted: Network): Network {
  const network = parseTopology(value)
  const [red, like] = [network, wanted].map(({ places }) => places.get('red')!) as [Place, Place]
  for (const [name, link] of red.links) red.links.set(name, { ...link, found: [] })
  const route = { family: 'ipv6', dev: 'vlan5', nexthops: null }
  red.routes.splice(0, 1, { ...like.routes[0]!, found: route })
  red.neighbours.splice(0, 2, ...like.neighbours.map((one) => ({ ...one, found: {} })))
  return network
}

function callsOf(isLoose: boolean): unknown[] {
  const wanted = parseTopology(lab(true, isLoose))
  const found = {
    wanted: readOf(lab(false, isLoose), wanted),
    whole: wanted,
    owned: null,
    nat: [],
    renamed: [],
    leftOut: [],
    lowering: [],
    setElsewhere: new Set<string>(),
    files: new Set<string>(),
  }
  return diff('applyTopology', wanted, null, found).map(({ call }) =>
    call.call === 'setLink' ? [call.call, call.dev, call.options] : call.call,
  )
}

it('a VLAN on a link that moves into a VRF is brought up, and its entries are deleted before', () =>
  expect(callsOf(false)).toEqual([
    ...['deleteRoute', 'deleteNeighbour', 'deleteNeighbour'],
    ['setLink', 'eth0', { master: 'blue' }],
    ['setLink', 'vlan5', { up: true }],
    ...['replaceAddress', 'addRoute', 'addNeighbour', 'addNeighbour'],
  ]))

it('one that does not follow the link underneath keeps what it has', () =>
  expect(callsOf(true)).toEqual([['setLink', 'eth0', { master: 'blue' }]]))
