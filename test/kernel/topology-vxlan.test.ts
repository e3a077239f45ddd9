/** The addresses of a VXLAN, which the kernel tells where there are some, and under another name where they are IPv6. */

import { afterEach, expect, it } from 'vitest'
import { normalizeTopology, type Topology } from '../../src/topology.js'
import { applyTopology, createTopology, planTopology, readTopology } from '../../src/topology-sync.js'
import { ipJson } from './support.js'
import { cleanAll } from './topology-support.js'

afterEach(cleanAll)

const value = (ends: object): Topology => ({
  name: 'red',
  namespaces: { red: { links: { v: { kind: 'vxlan', id: 5, dstport: 4789, ...ends } } } },
})

function addresses(): object {
  const { remote, remote6, local, local6 } = ipJson('link show dev v', 'red')[0]!['linkinfo'].info_data
  return { remote: remote ?? remote6, local: local ?? local6 }
}

const ENDS = [
  {},
  { remote: '192.0.2.1' },
  { remote: 'fd00::1' },
  { remote: '192.0.2.1', local: '192.0.2.2' },
  { local: 'fd00::2' },
]
const CHANGES = ENDS.flatMap((from) => ENDS.flatMap((to) => (from === to ? [] : [{ from, to }])))

it.for(CHANGES)('$from becomes $to', ({ from, to }) => {
  createTopology(value(from))
  applyTopology(value(to))
  expect(addresses()).toEqual({ remote: undefined, local: undefined, ...to })
  expect(planTopology(value(to)).explain()).toEqual([])
  expect(readTopology(value(to))).toEqual(normalizeTopology(value(to)))
})

it('one that is no address is none', () => {
  createTopology(value({}))
  for (const none of ['::', '0.0.0.0'])
    expect(planTopology(value({ remote: none, local: none })).explain()).toEqual([])
})
