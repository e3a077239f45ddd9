/** MAC addresses of what is there: told and drawn for every kind that has one of its own, and there again when it is made again. */

import { afterEach, expect, it } from 'vitest'
import {
  createTopology,
  drawTopology,
  planTopology,
  readTopology,
  type Topology,
} from '../../src/topology.js'
import { hasTun } from './needs.js'
import { hasKind, ip, ipJson } from './support.js'
import { cleanAll } from './topology-support.js'

afterEach(cleanAll)

const macOf = (name: string) => ipJson(`link show dev ${name}`, 'red')[0]!['address'] as string

function makeRed(): void {
  ip('netns add red')
  ip('-n red link set lo up')
  ip('-n red link add low type bridge')
}

it.for([
  ['macvtap', 'link low', 'mode bridge'],
  ['macvlan', 'link low', 'mode private'],
  ['ifb', '', ''],
  ['vlan', 'link low address 02:00:00:00:00:05', 'id 5'],
  ['team', '', ''],
  ['vrf', '', 'table 10'],
  ['dummy', '', ''],
  ['bond', '', ''],
  ['vxlan', '', 'id 7 dstport 4789'],
  ['erspan', '', 'seq key 30 local 192.0.2.1 remote 192.0.2.2 erspan_ver 1 erspan 123'],
  ['ip6gretap', '', 'local 2001:db8::1 remote 2001:db8::2'],
] as const)('%s: its own', async ([kind, general, words], context) => {
  context.skip(!hasKind(kind), `cannot be installed: this kernel has no ${kind}`)
  makeRed()
  ip(`-n red link add name it ${general} type ${kind} ${words}`.replace(/ +/g, ' ').trim())
  const mac = macOf('it')
  expect(mac).toMatch(/^[\da-f]{2}(:[\da-f]{2}){5}$/)
  const value: Topology = { name: 'copy', ...(await readTopology()) }
  expect(drawTopology(value)).toMatch(new RegExp(`"it \\(down\\)<br>[^"]*<br>${mac}[<"]`))
  expect(drawTopology(value, { format: 'dot' })).toContain(mac)
  expect((await planTopology(value)).explain()).toEqual([])
  cleanAll()
  await createTopology(value)
  expect(macOf('it')).toBe(mac)
})

it.for([
  ['vlan', 'id 5'],
  ['ipvlan', 'mode l2'],
  ['ipvtap', 'mode l2'],
  ['macvlan', 'mode passthru'],
  ['macvtap', 'mode passthru'],
] as const)(
  '%s %s: that of the link underneath is drawn there alone, and followed by what is made of the value',
  async ([kind, words], context) => {
    context.skip(!hasKind(kind), `cannot be installed: this kernel has no ${kind}`)
    makeRed()
    ip(`-n red link add link low name it type ${kind} ${words}`)
    const mac = macOf('it')
    expect(mac).toBe(macOf('low'))
    const value: Topology = { name: 'copy', ...(await readTopology()) }
    expect(drawTopology(value).split(mac)).toHaveLength(2)
    expect((await planTopology(value)).explain()).toEqual([])
    cleanAll()
    await createTopology(value)
    ip('-n red link set dev low up address 02:00:00:00:00:07')
    // A VLAN that is down follows when it comes up (vlan_dev_open()).
    ip('-n red link set dev it up')
    expect(macOf('it')).toBe('02:00:00:00:00:07')
  },
)

it('of a VLAN whose link underneath is in another namespace', async (context) => {
  context.skip(!hasKind('vlan'), 'cannot be installed: this kernel has no vlan')
  makeRed()
  ip('netns add blue')
  ip('-n red link add link low name same type vlan id 5')
  ip('-n red link add link low name other address 02:00:00:00:00:05 type vlan id 6')
  for (const name of ['same', 'other']) ip(`-n red link set dev ${name} netns blue`)
  const { links } = (await readTopology()).namespaces!['blue']!
  expect(links).toEqual({
    same: { kind: 'vlan', link: 'red:low', up: false, id: 5 },
    other: { kind: 'vlan', link: 'red:low', up: false, id: 6, mac: '02:00:00:00:00:05' },
  })
})

it('tap: its own; tun: none', async (context) => {
  context.skip(!hasTun(), 'cannot be installed: /dev/net/tun is not there for this user')
  makeRed()
  ip('-n red tuntap add dev tap0 mode tap')
  ip('-n red tuntap add dev tun0 mode tun')
  const { links } = (await readTopology()).namespaces!['red']!
  expect(links).toMatchObject({ tap0: { mac: macOf('tap0') } })
  expect(links!['tun0']).not.toHaveProperty('mac')
  expect(drawTopology(await readTopology())).toContain(`tun<br>${macOf('tap0')}`)
})
