/** What the kernel changes of a link together with another: VLANs with what they stand on, bridges and bonds with their ports. */

import { afterEach, describe, expect, it } from 'vitest'
import { drawTopology, normalizeTopology, type Topology, type TopologyVeth } from '../../src/topology.js'
import { hasKind, ip, ipJson } from './support.js'
import { type Change, itChanges } from './topology-changes.js'
import { cleanAll, TOPOLOGY_FACES } from './topology-support.js'

afterEach(cleanAll)

/** A bridge, with neighbours and a VLAN where the kernel has such, whose ports are of a MAC address each. */
function bridged(...ports: number[]): Topology {
  const names = ports.map((port) => `port${port}`)
  const vlan = hasKind('vlan')
  return {
    name: 'fall',
    namespaces: {
      red: {
        bridges: { over: { addresses: ['10.1.0.1/24'], ports: names } },
        links: {
          ...(vlan ? { vlan5: { kind: 'vlan', link: 'over', id: 5 } } : {}),
          ...Object.fromEntries(
            ports.map((port): [string, TopologyVeth] => [
              `port${port}`,
              { peer: `:far${port}`, mac: `02:00:00:00:00:0${port}` },
            ]),
          ),
        },
        neighbours: [
          { to: '10.1.0.9', mac: '02:00:00:00:00:99', dev: 'over' },
          { to: 'fd00::9', mac: '02:00:00:00:00:99', dev: 'over' },
          ...(vlan ? [{ to: '10.1.0.9', mac: '02:00:00:00:00:99', dev: 'vlan5' }] : []),
        ],
      },
    },
  }
}

/** A link, and a VLAN on it. */
function tagged(link: TopologyVeth, vlan: Partial<TopologyVeth>, ...vrf: 'vrf'[]): Topology {
  return {
    name: 'fall',
    namespaces: {
      red: {
        links: {
          eth0: link,
          vlan5: {
            kind: 'vlan',
            link: 'eth0',
            id: 5,
            addresses: ['10.5.0.1/24', { address: 'fd05::1/64', flags: ['nodad'] }],
            ...vlan,
          },
          ...(vrf.length > 0 ? { blue: { kind: 'vrf', table: 10 } } : {}),
        },
        neighbours: [{ to: '10.5.0.9', mac: '02:00:00:00:00:99', dev: 'vlan5' }],
      },
    },
    links: { far: { peer: 'red:eth0' } },
  }
}

/** A bond of two ports, each with an address of its own. */
function bonded(): Topology {
  const port = (index: number): TopologyVeth => {
    return { peer: `:far${index}`, master: 'over', mtu: 1400, mac: `02:00:00:00:00:0${index}` }
  }
  return {
    name: 'fall',
    namespaces: { red: { links: { over: { kind: 'bond', mtu: 1400 }, eth1: port(1), eth2: port(2) } } },
  }
}

/** A bond, and what is its port or was it. */
function bondAnd(eth0: Partial<TopologyVeth>): Topology {
  const links = { over: { kind: 'bond' as const, mtu: 1400 }, eth0: { peer: ':far', ...eth0 } }
  return { name: 'fall', namespaces: { red: { links } } }
}

const DOWN = { up: false }
const CHANGES: Change[] = [
  ['a bridge with another port', bridged(2), bridged(2, 1)],
  ['a bridge with another port that does not give it its address', bridged(1), bridged(1, 2)],
  ['a bridge without a port', bridged(1, 2), bridged(2)],
  ['a bridge without its last port', bridged(1), bridged()],
  ['a bridge with a port in the place of another', bridged(1), bridged(2)],
  ['a VLAN that stays down while its link comes up', tagged(DOWN, DOWN), tagged({}, DOWN), { needs: 'vlan' }],
  [
    'a VLAN that stays down while its link joins a VRF',
    tagged({}, DOWN, 'vrf'),
    tagged({ master: 'blue' }, DOWN, 'vrf'),
    { needs: 'vrf' },
  ],
  ['a VLAN that comes up when its link comes up', tagged(DOWN, DOWN), tagged({}, {}), { needs: 'vlan' }],
  [
    'a VLAN that is given no MAC address any more, with another one of its link',
    tagged({ mac: '02:00:00:00:00:01' }, { mac: '02:00:00:00:00:05' }),
    tagged({ mac: '02:00:00:00:00:02' }, {}),
    { needs: 'vlan' },
  ],
  [
    'a port that leaves a bond for another MAC address and MTU',
    bondAnd({ master: 'over', mtu: 1400, mac: '02:00:00:00:00:01' }),
    bondAnd({ mtu: 1300, mac: '02:00:00:00:00:02' }),
    { needs: 'bond' },
  ],
]

describe.each(TOPOLOGY_FACES)('$face', ({ topology: tp }) => {
  itChanges(tp, CHANGES)

  it("a bridge with an MTU, and somebody's port", async () => {
    const value: Topology = { name: 'fall', namespaces: { red: { bridges: { over: { mtu: 1400 } } } } }
    await tp.createTopology(value)
    ip('-n red link add theirs type veth peer name other')
    ip('-n red link set theirs master over')
    ip('-n red link set over mtu 1400')
    expect((await tp.planTopology(value)).explain()).toEqual([])
    await tp.deleteTopology('fall')
  })

  it('a port of a bond that somebody gave another MTU is read and drawn, and gets that of the bond again', async (context) => {
    context.skip(!hasKind('bond'), 'cannot be installed: this kernel has no bond')
    await tp.createTopology(bonded())
    ip('-n red link set eth2 mtu 1300')
    expect(drawTopology(await tp.readTopology())).toContain('mtu 1300')
    expect((await tp.readTopology(await tp.readTopology())).namespaces!['red']!.links!['eth2']!.mtu).toBe(
      1300,
    )
    // As it is, it is no change, until something is done about the port.
    const there = await tp.readTopology(bonded())
    expect(normalizeTopology(there)).toEqual(there)
    expect((await tp.applyTopology({ ...there, name: 'fall' })).explain()).toEqual([])
    const more = structuredClone(there)
    more.namespaces!['red']!.links!['over']!.addresses = ['10.0.0.1/24']
    expect((await tp.applyTopology(more)).steps).toHaveLength(1)
    more.namespaces!['red']!.links!['eth2']!.mtu = 1200
    const refused = "namespaces.red.links.eth2.mtu: 'over' gives its ports its own MTU, 1400"
    await expect(async () => tp.planTopology(more)).rejects.toThrow(refused)
    await expect(async () => tp.applyTopology(more)).rejects.toThrow(refused)
    await tp.applyTopology(there)
    const plan = await tp.applyTopology(bonded())
    expect(plan.explain()).toEqual(['ip -n red link set dev eth2 mtu 1400'])
    expect(ipJson('link show dev eth2', 'red')).toMatchObject([{ mtu: 1400 }])
    await tp.deleteTopology('fall')
  })

  it('a port of a bond has its own MAC address again when it leaves', async (context) => {
    context.skip(!hasKind('bond'), 'cannot be installed: this kernel has no bond')
    const macs = () => ['eth1', 'eth2'].map((name) => ipJson(`link show dev ${name}`, 'red')[0]!['address'])
    const value = bonded()
    await tp.createTopology(value)
    expect(macs()).toEqual(['02:00:00:00:00:01', '02:00:00:00:00:01'])
    expect((await tp.planTopology(value)).explain()).toEqual([])
    expect(await tp.readTopology(value)).toEqual(normalizeTopology(value))
    ip('-n red link set eth2 nomaster')
    expect(macs()).toEqual(['02:00:00:00:00:01', '02:00:00:00:00:02'])
    await tp.applyTopology(value)
    expect(macs()).toEqual(['02:00:00:00:00:01', '02:00:00:00:00:01'])
    await tp.deleteTopology('fall')
  })
})
