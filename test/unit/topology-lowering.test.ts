/** Which links are lowered before the kernel does it, the uppermost first. */

import { expect, it } from 'vitest'
import { loweringSteps } from '../../src/topology/lowering.js'
import { parseTopology } from '../../src/topology/parse.js'
import type { Raw } from '../../src/topology/raw.js'
import type { TopologyLink } from '../../src/topology/value.js'

/** What is set of links in red, and of one of blue, that have an MTU of 9000 unless another is given. */
function lowered(
  red: Record<string, TopologyLink>,
  blue: Record<string, TopologyLink> = {},
  mtus: Record<string, number> = {},
): unknown[] {
  const namespaces = { red: { links: red }, blue: { links: blue } }
  const network = parseTopology({ name: 'lab', namespaces })
  const there = (links: object) => Object.keys(links).map((name) => ({ name, mtu: mtus[name] ?? 9000 }))
  const raw = {
    places: new Map([
      ['red', { links: there(red) }],
      ['blue', { links: there(blue) }],
    ]),
  } as unknown as Raw
  return loweringSteps(raw, network).map(({ path, call, undo }) => {
    if (call.call !== 'setLink' || undo?.call !== 'setLink') throw new Error(call.call)
    return [path, call.netns, call.dev, call.options, undo.options]
  })
}

const eth0 = { peer: ':far', mtu: 1400 } as const
const step = (name: string, netns = 'red', mtu = 1400, before = 9000) => [
  `namespaces.${netns}.links.${name}`,
  ...[netns, name, { mtu }, { mtu: before }],
]

it('the uppermost first, in whatever order they are written', () =>
  expect(
    lowered({
      middle: { kind: 'vlan', link: 'lower', id: 7 },
      upper: { kind: 'macvtap', link: 'middle', mode: 'bridge' },
      lower: { kind: 'vlan', link: 'eth0', id: 5 },
      eth0,
    }),
  ).toEqual([step('upper'), step('middle'), step('lower')]))

it('also in another namespace, each to what the one underneath says', () =>
  expect(
    lowered(
      { eth0, says: { kind: 'vlan', link: 'eth0', id: 5, mtu: 1300 } },
      {
        on: { kind: 'macvlan', link: 'red:eth0', mode: 'bridge' },
        over: { kind: 'macvlan', link: 'red:says', mode: 'bridge' },
      },
      { on: 8000 },
    ),
  ).toEqual([step('on', 'blue', 1400, 8000), step('over', 'blue', 1300)]))

it.each<[string, Record<string, TopologyLink>, Record<string, number>?]>([
  ['one that is as low', { eth0, on: { kind: 'vlan', link: 'eth0', id: 5 } }, { on: 1400 }],
  ['one that says its own', { eth0, on: { kind: 'vlan', link: 'eth0', id: 5, mtu: 1400 } }],
  ['one on a link that says none', { eth0: { peer: ':far' }, on: { kind: 'vlan', link: 'eth0', id: 5 } }],
  ['one on a link of others', { on: { kind: 'macvlan', link: ':theirs', mode: 'bridge' } }],
  ['one of a kind that stays', { eth0, on: { kind: 'vxlan', link: 'eth0', id: 5, dstport: 4789 } }],
])('not %s', (_, links, mtus) => expect(lowered(links, {}, mtus)).toEqual([]))
