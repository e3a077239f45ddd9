/** Rules of a topology's masquerading and published ports that somebody flushed: they are missed, and made again. */

import { afterEach, describe, expect, it } from 'vitest'
import { listNat } from '../../src/nftables.js'
import { normalizeTopology, type Topology, type TopologyNat } from '../../src/topology.js'
import { needNftables } from './needs.js'
import { execFileSync } from './programs.js'
import { hasTool } from './support.js'
import { cleanAll, TOPOLOGY_FACES } from './topology-support.js'

needNftables()

afterEach(() => {
  cleanAll()
  if (hasTool('nft')) execFileSync('nft', ['flush', 'ruleset'])
})

const inner: TopologyNat = { publish: [{ hostPort: 53, protocol: 'udp', to: '10.9.0.2' }] }
const VALUE = {
  name: 'edge',
  namespaces: {
    inner: {
      links: { eth0: { addresses: ['10.5.0.2/24'] } },
      nat: { masquerade: [{ name: 'in', source: '10.9.0.0/16' }], ...inner },
    },
  },
  bridges: { 'in-br': { addresses: ['10.5.0.1/24', 'fd05::1/64'], ports: ['inner:eth0'] } },
  nat: {
    masquerade: [{ name: 'out', source: '10.5.0.0/24' }],
    publish: [
      { hostPort: '8080-8081', to: '10.5.0.2' },
      { hostPort: 443, to: '[fd05::2]:8443', hostAddress: 'fd05::1' },
    ],
  },
} satisfies Topology

/** It says more than the comment of a chain holds: the rest is in comments of rules, which go with them. */
const LONG = {
  ...VALUE,
  nat: {
    masquerade: [
      { name: 'out', source: '10.5.0.0/24', except: Array.from({ length: 12 }, (_, i) => `10.${i}.0.0/16`) },
    ],
  },
} satisfies Topology

const rules = () => execFileSync('nft', ['list', 'ruleset']).split('\n').sort()

const MASQUERADE = 'nat.masquerade[0]'
const PORTS = ['nat.publish[0]', 'nat.publish[1]']

describe.each(TOPOLOGY_FACES)('$face', ({ topology: tp }) => {
  it.for<[string, string[]]>([
    ['flush chain inet netlink-ts masquerade-out', [MASQUERADE]],
    ['flush chain inet netlink-ts publish', PORTS],
    ['flush chain inet netlink-ts prerouting', PORTS],
    ['flush chain inet netlink-ts hairpin', PORTS],
    ['flush set inet netlink-ts targets4', [PORTS[0]!]],
    ['flush set inet netlink-ts hairpin6', [PORTS[1]!]],
    ['flush table inet netlink-ts', [MASQUERADE, ...PORTS]],
    ['flush ruleset', [MASQUERADE, ...PORTS]],
  ])('%s', async ([command, paths], context) => {
    context.skip(!hasTool('nft'), 'no nft')
    await tp.createTopology(VALUE)
    const before = rules()
    execFileSync('nft', command.split(' '))
    const missing = normalizeTopology(VALUE)
    for (const list of ['masquerade', 'publish'] as const) {
      const kept = missing.nat![list]!.filter((_, index) => !paths.includes(`nat.${list}[${index}]`))
      if (kept.length > 0) Object.assign(missing.nat!, { [list]: kept })
      else delete missing.nat![list]
    }
    if (Object.keys(missing.nat!).length === 0) delete missing.nat
    expect(await tp.readTopology(VALUE)).toEqual(missing)
    expect((await tp.planTopology(VALUE)).steps.map(({ path }) => path)).toEqual(paths)
    await tp.applyTopology(VALUE)
    expect(rules()).toEqual(before)
    expect((await tp.planTopology(VALUE)).explain()).toEqual([])
    expect(await tp.readTopology(VALUE)).toEqual(normalizeTopology(VALUE))
    await tp.deleteTopology(VALUE)
    expect(await listNat()).toEqual([])
  })

  it('in a namespace, where what somebody else has is not told either', async (context) => {
    context.skip(!hasTool('nft'), 'no nft')
    await tp.createTopology(VALUE)
    execFileSync('ip', ['netns', 'exec', 'inner', 'nft', 'flush', 'table', 'inet', 'netlink-ts'])
    const { steps } = await tp.planTopology(VALUE)
    expect(steps.map(({ path }) => path)).toEqual([
      'namespaces.inner.nat.masquerade[0]',
      'namespaces.inner.nat.publish[0]',
    ])
    const { nat: _, ...without } = VALUE.namespaces.inner
    const rest = await tp.readTopology({ ...VALUE, namespaces: { inner: without } })
    expect(rest.namespaces!['inner']!.nat).toBeUndefined()
    await tp.applyTopology(VALUE)
    expect((await tp.planTopology(VALUE)).explain()).toEqual([])
  })

  it('a description that went with the rules', async (context) => {
    context.skip(!hasTool('nft'), 'no nft')
    await tp.createTopology(LONG)
    const before = rules()
    execFileSync('nft', ['flush', 'table', 'inet', 'netlink-ts'])
    expect((await tp.planTopology(LONG)).steps.map(({ path }) => path)).toEqual([MASQUERADE])
    await tp.applyTopology(LONG)
    expect(rules()).toEqual(before)
    execFileSync('nft', ['flush', 'table', 'inet', 'netlink-ts'])
    await tp.deleteTopology(LONG)
    expect(execFileSync('nft', ['list', 'ruleset'])).not.toContain('masquerade-out')
  })

  it('what is not wanted any more goes without its rules, too', async (context) => {
    context.skip(!hasTool('nft'), 'no nft')
    await tp.createTopology(VALUE)
    execFileSync('nft', ['flush', 'table', 'inet', 'netlink-ts'])
    const { nat: _, ...without } = VALUE
    await tp.applyTopology(without)
    expect(await listNat()).toEqual([])
    expect(execFileSync('nft', ['list', 'ruleset'])).not.toMatch(/masquerade-out|10\.5\.0|fd05/)
  })
})
