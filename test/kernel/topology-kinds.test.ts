/** Of each kind of tunnel, the value of all that there is makes the same again. */

import { afterEach, expect, it } from 'vitest'
import {
  applyTopology,
  createTopology,
  deleteTopology,
  normalizeTopology,
  planTopology,
  readTopology,
  type Topology,
} from '../../src/topology.js'
import { hasKind, ip, ipJson, type Printed } from './support.js'
import { cleanAll, linkNames, stateOfAll } from './topology-support.js'

afterEach(cleanAll)

const V4 = 'local 192.0.2.1 remote 192.0.2.2'
const V6 = 'local 2001:db8::1 remote 2001:db8::2'

/** What tells tunnels apart, as ip calls it. */
const ESSENTIAL = [
  ...['id', 'local', 'local6', 'remote', 'remote6', 'group', 'port', 'learning', 'proto', 'if_id'],
  ...['ikey', 'okey', 'iseq', 'oseq', 'icsum', 'ocsum'],
  ...['erspan_ver', 'erspan_index', 'erspan_dir', 'erspan_hwid'],
  ...['slave1', 'slave2', 'ethertype', 'mode', 'discovery', 'gateway_port', 'relay_port'],
]

it.for([
  ['vxlan', `id 42 ${V4} dstport 4790`],
  ['vxlan', 'id 42 group 239.1.1.1 dev eth0 dstport 4789'],
  ['vxlan', `id 42 ${V6} dstport 4789 nolearning`],
  ['geneve', 'id 42 remote 192.0.2.2 dstport 6082'],
  ['gre', `${V4} ikey 7 okey 8 iseq ocsum`],
  ['gretap', V4],
  ['erspan', `seq key 30 ${V4} erspan_ver 2 erspan_dir ingress erspan_hwid 9`],
  ['ip6gre', `${V6} key 7`],
  ['ip6gretap', V6],
  ['ip6erspan', `seq key 30 ${V6} erspan_ver 1 erspan 123`],
  ['ipip', `mode any ${V4}`],
  ['sit', V4],
  ['ip6tnl', `mode any ${V6}`],
  ['vti', `${V4} ikey 5 okey 6`],
  ['vti6', `${V6} key 5`],
  ['xfrm', 'dev eth0 if_id 0x1234'],
  ['bareudp', 'dstport 6635 ethertype mpls_uc'],
  ['hsr', 'slave1 eth0 slave2 eth1 proto 1'],
  ['amt', 'mode gateway local 192.0.2.1 discovery 192.0.2.2 dev eth0'],
] as const)('%s %s', async ([kind, words], context) => {
  context.skip(!hasKind(kind), `cannot be installed: this kernel has no ${kind}`)
  ip('netns add red')
  for (const name of ['eth0', 'eth1']) ip(`-n red link add ${name} type bridge`)
  ip(`-n red link add it type ${kind} ${words}`)
  const shown = () => {
    const { info_kind, info_data } = ipJson('-d link show dev it', 'red')[0]!['linkinfo'] as Printed
    return [info_kind, ...ESSENTIAL.map((key) => (info_data as Printed)[key])]
  }
  const before = shown()
  const value: Topology = { name: 'copy', ...(await readTopology()) }
  cleanAll()
  await createTopology(JSON.parse(JSON.stringify(value)) as Topology)
  expect(shown()).toEqual(before)
})

it('one that the kernel would make smaller than its value is an error, and nothing is left', async (context) => {
  context.skip(!hasKind('vxlan'), 'cannot be installed: this kernel has no vxlan')
  const before = stateOfAll()
  const lab = (mtu: number): Topology => ({
    name: 'lab',
    namespaces: { red: { links: { eth0: { peer: ':eth0' } } } },
    links: { eth0: {}, vx: { kind: 'vxlan', id: 1, dstport: 4789, link: 'eth0', mtu } },
  })
  const small = { code: 'EINVAL', path: 'links.vx', message: expect.stringContaining('1450 instead of 9000') }
  await expect(createTopology(lab(9000))).rejects.toMatchObject({ ...small, left: [] })
  expect(stateOfAll()).toEqual({ ...(before as object), journal: [] })
  await createTopology(lab(1450))
  expect(ipJson('link show dev vx')).toMatchObject([{ mtu: 1450 }])
  await expect(applyTopology(lab(9000))).rejects.toMatchObject({ code: 'EINVAL', path: 'links.vx', left: [] })
  expect(ipJson('link show dev vx')).toMatchObject([{ mtu: 1450 }])
})

it.for<[string, Topology]>([
  ['vxlan', { links: { x: { kind: 'vxlan', id: 7, dstport: 0, ageing: 0 } } }],
  ['bridge', { bridges: { x: { mcastQueryInterval: 0.5, mcastStartupQueryInterval: 99_999 } } }],
])('what the kernel takes for another value is there all the same: %s', async ([kind, value], context) => {
  context.skip(!hasKind(kind), `cannot be installed: this kernel has no ${kind}`)
  await createTopology(value)
  const { ifindex } = ipJson('link show dev x')[0]!
  expect((await applyTopology(value)).explain()).toEqual([])
  expect(ipJson('link show dev x')).toMatchObject([{ ifindex }])
})

it('one in a namespace may have the name of the one that it stands on', async (context) => {
  context.skip(!hasKind('macvlan'), 'cannot be installed: this kernel has no macvlan')
  ip('link add eth0 type veth peer name eth1')
  const made = createTopology({
    name: 'lab',
    namespaces: { red: { links: { eth0: { kind: 'macvlan', link: ':eth0' } } } },
  })
  await made
  expect(ipJson('link show dev eth0', 'red')).toMatchObject([{ ifname: 'eth0' }])
})

it.each(['sit0', 'gre0', 'tunl0', 'ip6tnl0', 'bond0', 'teql0'])(
  'a link of another kind may be called as a module calls its own: %s',
  async (name) => {
    const value = (address: string): Topology => ({
      name: 'lab',
      namespaces: { red: { links: { eth0: { peer: `:${name}` } } } },
      links: { [name]: { addresses: [address] } },
    })
    await createTopology(value('10.0.0.1/24'))
    expect((await planTopology(value('10.0.0.1/24'))).explain()).toEqual([])
    expect(Object.keys((await readTopology()).links ?? {})).toContain(name)
    await applyTopology(value('10.0.0.2/24'))
    expect(ipJson(`-4 address show dev ${name}`)).toMatchObject([{ addr_info: [{ local: '10.0.0.2' }] }])
    await deleteTopology('lab')
    expect(linkNames()).not.toContain(name)
  },
)

it.for([
  ['macvlan', 'macvlan'],
  ['macvtap', 'macvlan'],
  ['ipvlan', 'ipvlan'],
  ['ipvlan', 'ipvtap'],
] as const)('%s on %s is on what that is on', async ([kind, below], context) => {
  for (const one of [kind, below])
    context.skip(!hasKind(one), `cannot be installed: this kernel has no ${one}`)
  const value = (mtu: number): Topology => ({
    name: 'stacked',
    namespaces: {
      red: {
        bridges: { br0: {} },
        links: {
          top: { kind, link: 'mid', mtu },
          mid: { kind: below, link: 'low' },
          low: { kind: below, link: 'br0' },
        },
      },
    },
  })
  await createTopology(value(1400))
  const linkOf = (name: string) => ipJson(`link show dev ${name}`, 'red')[0]!['link']
  expect(['top', 'mid', 'low'].map(linkOf)).toEqual(['br0', 'br0', 'br0'])
  expect(await readTopology(value(1400))).toEqual(normalizeTopology(value(1400)))
  expect((await planTopology(value(1400))).steps).toEqual([])
  const { steps } = await applyTopology(value(1300))
  expect(steps.map(({ path, call }) => [path, call.call])).toEqual([['namespaces.red.links.top', 'setLink']])
  await deleteTopology('stacked')
})
