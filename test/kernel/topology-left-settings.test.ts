/** Settings of links that a later value leaves out are what the kernel makes of a new link, as far as that is known. */

import { afterEach, describe, expect, it } from 'vitest'
import { findKind } from '../../src/rtnetlink/link/kinds/index.js'
import { createLink, createVethPair, getLink } from '../../src/sync.js'
import { givenOptions } from '../../src/topology/project-options.js'
import { withoutNothing } from '../../src/topology/record.js'
import { unsaidOption } from '../../src/topology/unsaid-options.js'
import {
  normalizeTopology,
  type Topology,
  type TopologyBridge,
  type TopologyLink,
} from '../../src/topology.js'
import { hasKind, ip, ipJson } from './support.js'
import { cleanAll, TOPOLOGY_FACES } from './topology-support.js'
import { settingsOf } from './topology-thinned.js'

afterEach(cleanAll)

/** What makes each of the kinds, and the options of which the kernel makes something known. */
const KINDS: [kind: string, more: object][] = [
  ['veth', {}],
  ['bridge', {}],
  ['dummy', {}],
  ['ifb', {}],
  ['macvlan', { link: 'low' }],
  ['vlan', { link: 'low', id: 5 }],
  ['vxlan', { id: 1, dstport: 4789 }],
  ['gretap', { local: '10.0.0.1', remote: '10.0.0.2' }],
  ['geneve', { id: 1, remote: '10.0.0.2' }],
  ['bond', {}],
]
const OPTIONS = [
  ...[
    'group',
    'allMulticast',
    'promiscuous',
    'trailers',
    'dynamic',
    'linkMode',
    'txQueueLength',
    'arp',
    'multicast',
  ],
  ...[
    'broadcast',
    'addrGenMode',
    'mtu',
    'gsoMaxSize',
    'gsoMaxSegs',
    'groMaxSize',
    'gsoIpv4MaxSize',
    'groIpv4MaxSize',
  ],
]

it.for(KINDS)('%s: what the kernel makes of it is known', ([kind, more], context) => {
  context.skip(!hasKind(kind), `cannot be installed: this kernel has no ${kind}`)
  createLink({ name: 'low', kind: 'bridge' })
  if (kind === 'veth') createVethPair({ name: 'it' }, { name: 'other' })
  else createLink({ name: 'it', kind, ...more } as never)
  const keys = [...OPTIONS, ...findKind(kind)!.options]
  const known = withoutNothing(Object.fromEntries(keys.map((key) => [key, unsaidOption(kind, key)])))
  expect(Object.keys(known).length).toBeGreaterThan(5)
  expect(givenOptions(getLink('it', { include: ['afSpec'] }), known)).toEqual(known)
})

const lab = (
  x: TopologyLink,
  more: { [name: string]: TopologyLink } = {},
  br?: TopologyBridge,
): Topology => ({
  name: 'lab',
  namespaces: {
    red: { links: { x: { peer: 'y', ...x } as TopologyLink, ...more }, ...(br && { bridges: { br } }) },
  },
})
const failing = (value: Topology): Topology => ({
  ...value,
  namespaces: { ...value.namespaces, zz: { links: { v: { kind: 'macvlan', link: ':nowhere' } } } },
})
const vxlan = (more: object) => lab({}, { vx: { kind: 'vxlan', id: 1, dstport: 4789, ...more } })

/** What it is, the value, what is left of it, and the steps. */
const CASES: [string, Topology, Topology, string[]][] = [
  ['an MTU', lab({ mtu: 1400 }), lab({}), ['ip -n red link set dev x mtu 1500']],
  [
    'what passes through',
    lab({ arp: false, multicast: false, allMulticast: true, promiscuous: true, addrGenMode: 'none' }),
    lab({}),
    ['ip -n red link set dev x arp on multicast on allmulticast off promisc off addrgenmode eui64'],
  ],
  [
    'a queue, a group and sizes of segments',
    lab({ txQueueLength: 7, group: 5, gsoMaxSize: 30_000, gsoMaxSegs: 9 }),
    lab({}),
    ['ip -n red link set dev x txqueuelen 1000 group 0 gso_max_size 65536 gso_max_segs 65535'],
  ],
  [
    'options of a bridge',
    lab({}, {}, { stp: true, forwardDelay: 4, ageingTime: 100, priority: 100, mcastSnooping: false }),
    lab({}, {}, {}),
    [
      'ip -n red link set dev br type bridge stp_state 0 forward_delay 1500 ageing_time 30000 priority 32768 mcast_snooping 1',
    ],
  ],
  [
    'options of a kind that only a new link has',
    vxlan({ ttl: 9, learning: false }),
    vxlan({}),
    [
      'ip -n red link delete dev vx',
      'ip -n red link add name vx type vxlan id 1 dstport 4789',
      'ip -n red link set dev vx up',
    ],
  ],
  [
    'the number of queues',
    lab({}, { mv: { kind: 'macvlan', link: 'x', queues: 3 } }),
    lab({}, { mv: { kind: 'macvlan', link: 'x' } }),
    [
      'ip -n red link delete dev mv',
      'ip -n red link add link x name mv type macvlan',
      'ip -n red link set dev mv up',
    ],
  ],
]

describe.each(TOPOLOGY_FACES)('$face:', ({ topology: tp }) => {
  it.for(CASES)('%s', async ([, full, less, commands], context) => {
    for (const kind of ['vxlan', 'macvlan'])
      context.skip(
        JSON.stringify(full).includes(kind) && !hasKind(kind),
        `cannot be installed: this kernel has no ${kind}`,
      )
    await tp.createTopology(less)
    const asNew = settingsOf('red')
    await tp.deleteTopology('lab')
    await tp.createTopology(full)
    const whole = settingsOf('red')
    expect(whole).not.toEqual(asNew)
    expect((await tp.planTopology(less)).explain()).toEqual(commands)
    await expect((async () => tp.applyTopology(failing(less)))()).rejects.toMatchObject({ left: [] })
    expect(settingsOf('red')).toEqual(whole)
    expect((await tp.planTopology(full)).explain()).toEqual([])
    expect((await tp.applyTopology(less)).explain()).toEqual(commands)
    expect(settingsOf('red')).toEqual(asNew)
    expect(await tp.readTopology(less)).toEqual(normalizeTopology(less))
    expect((await tp.applyTopology(less)).explain()).toEqual([])
    await tp.deleteTopology('lab')
  })

  it('a setting of which the values say nothing stays what somebody made it', async () => {
    await tp.createTopology(lab({ mtu: 1400 }))
    ip('-n red link set dev x txqueuelen 7')
    await tp.applyTopology(lab({}))
    expect(ipJson('link show dev x', 'red')).toMatchObject([{ mtu: 1500, txqlen: 7 }])
    await tp.deleteTopology('lab')
  })

  it('a MAC address stays, as that of a new link would be any', async () => {
    const mac = '02:00:00:00:00:05'
    await tp.createTopology(lab({ mac }))
    expect((await tp.applyTopology(lab({}))).explain()).toEqual([])
    expect(ipJson('link show dev x', 'red')).toMatchObject([{ address: mac }])
    await tp.deleteTopology('lab')
  })
})
