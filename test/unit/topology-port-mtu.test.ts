/** A port has the MTU of its bond or team: another one is refused where it would be made, and nowhere else. */

import { expect, it } from 'vitest'
import { build } from '../../src/topology/build.js'
import type { Call } from '../../src/topology/call.js'
import { parseTopology } from '../../src/topology/parse.js'
import { normalizeTopology } from '../../src/topology/plan.js'
import { checkPortMtus } from '../../src/topology/port-mtu.js'
import { undosOf } from '../../src/topology/undos.js'
import type { Topology } from '../../src/topology/value.js'

const joined = (kind: 'bond' | 'team', mtu: number | undefined, port: number): Topology => ({
  namespaces: {
    red: {
      links: {
        b: { kind, ...(mtu === undefined ? {} : { mtu }) },
        d: { kind: 'dummy', master: 'b', mtu: port },
        e: { kind: 'dummy', mtu: port },
      },
    },
  },
})

function checkMade(value: Topology): void {
  const network = parseTopology(value)
  checkPortMtus(network, build(network))
}

it.each([
  [joined('bond', undefined, 9000), 1500],
  [joined('team', 9000, 1500), 9000],
] as const)('%j: made with %i, and normalized and deleted nevertheless', (value, mtu) => {
  expect(() => checkMade(value)).toThrow(
    new RangeError(`namespaces.red.links.d.mtu: 'b' gives its ports its own MTU, ${mtu}`),
  )
  expect(normalizeTopology(value)).toMatchObject(value)
  const name = { name: 'lab' }
  const host = { ...name, links: value.namespaces!['red']!.links! }
  expect(undosOf({ ...name, ...value })).toHaveLength(1)
  expect(undosOf(host).map(({ call }) => call)).toEqual(
    ['e', 'd', 'b'].map((dev) => ({ call: 'deleteLink', netns: '', dev })),
  )
})

it.each([[joined('bond', undefined, 1500)], [joined('team', 9000, 9000)]])('%j: made', (value) =>
  expect(() => checkMade(value)).not.toThrow(),
)

const set = (dev: string, options: object): Call => ({ call: 'setLink', netns: 'red', dev, options }) as Call

it.each([
  [set('d', { mtu: 9000 }), true],
  [set('d', { master: 'b' }), true],
  [set('b', { mtu: 1500 }), true],
  [set('d', { up: true }), false],
  [set('e', { mtu: 9000 }), false],
  [{ call: 'deleteLink', netns: 'red', dev: 'd' } as Call, false],
])('%j: %j', (call, refused) => {
  const network = parseTopology(joined('bond', undefined, 9000))
  const check = () => checkPortMtus(network, [{ path: '', call, undo: null }])
  if (refused) expect(check).toThrow('its own MTU')
  else expect(check).not.toThrow()
})
