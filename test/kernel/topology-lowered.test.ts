/** Links that say no MTU and that the kernel lowers with the one underneath: a change that fails gives them back theirs, too. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { applyTopology as apply } from '../../src/topology/operations.js'
import type { Topology, TopologyLink } from '../../src/topology.js'
import { createTopology, recoverTopologies } from '../../src/topology-sync.js'
import { hasKind, ipJson, withoutDadHere } from './support.js'
import { atEffect, cleanAll, settled, stateOfAll, TOPOLOGY_FACES, wasKilled } from './topology-support.js'

beforeEach(withoutDadHere)
afterEach(cleanAll)

/** The links on each other, by kind: the last ones have a VXLAN on them, which says an MTU that needs the one underneath. */
const STACKS: [string, Record<string, TopologyLink>][] = [
  ['macvlan', { over: { kind: 'macvlan', link: 'eth0', mode: 'bridge' } }],
  ['macvtap', { over: { kind: 'macvtap', link: 'eth0', mode: 'bridge' } }],
  ['vlan', { over: { kind: 'vlan', link: 'eth0', id: 5 } }],
  // In this order each would be asked for more than the one underneath has where they were given back as they are written.
  [
    'vlan',
    {
      over: { kind: 'vlan', link: 'middle', id: 7 },
      middle: { kind: 'vlan', link: 'eth0', id: 5 },
      beside: { kind: 'macvlan', link: 'over', mode: 'bridge' },
    },
  ],
]

function stack(links: Record<string, TopologyLink>, mtu: number, ...addresses: string[]): Topology {
  const vxlan = {
    kind: 'vxlan',
    link: 'over',
    id: 9,
    dstport: 4789,
    remote: '239.1.1.1',
    mtu: mtu - 100,
    addresses,
  } as const
  const eth0 = { peer: ':far', mtu, addresses: ['10.0.0.1/24'] }
  return { name: 'lowered', namespaces: { red: { links: { eth0, ...links, over9: vxlan } } } }
}

const mtus = () => Object.fromEntries(ipJson('link', 'red').map(({ ifname, mtu }) => [ifname, mtu]))

/** Skips the tests around it, visibly, where the kernel lacks a kind of link. */
function skipWithout(kind: string): void {
  beforeEach(({ skip }) => skip(!hasKind(kind), `cannot be installed: this kernel has no ${kind}`))
}

describe.each(STACKS)('%s: %o', (kind, links) => {
  const names = Object.keys(links)
  skipWithout(kind)
  // The kernel refuses it, after the MTUs were set.
  const wrong = 'ff02::7/64'

  it.each(TOPOLOGY_FACES)('$face: a change that fails gives it back', async ({ topology }) => {
    await topology.createTopology(stack(links, 9000))
    await settled()
    const before = stateOfAll()
    await expect(async () => topology.applyTopology(stack(links, 1400, wrong))).rejects.toMatchObject({
      path: 'namespaces.red.links.over9.addresses[0]',
      left: [],
    })
    expect(stateOfAll()).toEqual(before)
  })

  it('a change that succeeds says so, and is at its end', async () => {
    const { planTopology } = TOPOLOGY_FACES[1].topology
    createTopology(stack(links, 9000))
    const words = planTopology(stack(links, 1400)).explain()
    for (const name of names) expect(words).toContain(`ip -n red link set dev ${name} mtu 1400`)
    TOPOLOGY_FACES[1].topology.applyTopology(stack(links, 1400))
    expect(mtus()).toMatchObject({
      over9: 1300,
      eth0: 1400,
      ...Object.fromEntries(names.map((name) => [name, 1400])),
    })
    expect(planTopology(stack(links, 1400)).steps).toEqual([])
    // It does not rise by itself, and is not lowered again.
    expect(planTopology(stack(links, 9000)).explain()).not.toContainEqual(
      expect.stringContaining('dev over mtu'),
    )
  })

  it('a process that is killed at any moment leaves what recovery gives back', async () => {
    createTopology(stack(links, 9000))
    await settled()
    const before = stateOfAll()
    const isKilled = (effect: number): boolean => {
      try {
        return wasKilled('lowered', apply(stack(links, 1400, wrong)), atEffect(effect))
      } catch (error) {
        expect(error).toMatchObject({ code: 'EADDRNOTAVAIL', left: [] })
        return false
      }
    }
    for (let effect = 1; isKilled(effect); effect++) {
      for (const { left } of recoverTopologies()) expect(left).toEqual([])
      expect(stateOfAll(), `after effect ${effect}`).toEqual(before)
    }
  })
})

describe('beside those', () => {
  skipWithout('macvlan')
  const on = { kind: 'macvlan', link: 'eth0', mode: 'bridge' } as const

  it.each(TOPOLOGY_FACES)(
    '$face: links on each other that all say one get them back',
    async ({ topology }) => {
      // It is given back from the lowest one up, each when the one underneath has its own.
      const said = (mtu: number) => ({ over: { ...on, mtu } })
      await topology.createTopology(stack(said(9000), 9000))
      await settled()
      const before = stateOfAll()
      await expect(async () =>
        topology.applyTopology(stack(said(1400), 1400, 'ff02::7/64')),
      ).rejects.toMatchObject({ path: 'namespaces.red.links.over9.addresses[0]', left: [] })
      expect(stateOfAll()).toEqual(before)
    },
  )

  it('one that is made anew is not lowered before', () => {
    createTopology(stack({ over: on }, 9000))
    const another = stack({ over: { ...on, mode: 'private' as const } }, 1400)
    const { planTopology, applyTopology } = TOPOLOGY_FACES[1].topology
    expect(planTopology(another).explain()).not.toContainEqual(expect.stringContaining('dev over mtu'))
    applyTopology(another)
    expect(mtus()).toMatchObject({ eth0: 1400, over: 1400 })
  })

  it.each(['eth0', 'over'])(
    'IPv6 addresses of %s, which the kernel takes away below 1280, are an error',
    async (name) => {
      const addresses = ['2001:db8::1/64']
      const lab = (mtu: number): Topology => {
        const links: Record<string, TopologyLink> = { eth0: { peer: ':far', mtu }, over: on }
        links[name] = { ...links[name], addresses } as TopologyLink
        return { name: 'lowered', namespaces: { red: { links } } }
      }
      createTopology(lab(1500))
      await settled()
      const before = stateOfAll()
      expect(() => TOPOLOGY_FACES[1].topology.applyTopology(lab(1200))).toThrow(
        expect.objectContaining({
          code: 'EINVAL',
          path: `namespaces.red.links.${name}.addresses[0]`,
          left: [],
        }),
      )
      await settled()
      expect(stateOfAll()).toEqual(before)
    },
  )
})
