/** The bridge of docs/examples/cni, which is the gateway of its containers: its addresses, its MAC, and whom it believes. */

import { beforeEach, describe, expect, it } from 'vitest'
import { hasVlanFiltering } from './bridge-support.js'
import { ask, type Config, call, eachWithContainer, skipWithoutTheirs, THEIRS } from './cni-support.js'
import { execFileSync } from './programs.js'
import { advertise } from './router-advertisement.js'
import { ip, ipJson, type Printed, withoutDad } from './support.js'

const each = eachWithContainer()

const network = (subnets: readonly string[], more: object = {}): Config => ({
  cniVersion: '1.0.0',
  name: 'net1',
  type: 'bridge',
  isGateway: true,
  ipam: { type: 'host-local', dataDir: each.dataDir, ranges: subnets.map((subnet) => [{ subnet }]) },
  ...more,
})
const V4 = '10.22.0.0/24'
const V6 = 'fd00:22::/64'

const macOf = (dev: string) => ipJson(`link show dev ${dev}`)[0]!['address'] as string

describe('a container that says it is a router', () => {
  type Believing = [title: string, dev: string, more: object, isThere: boolean]
  const OF_VLAN: Believing[] = hasVlanFiltering()
    ? [['the interface of a VLAN', 'cni0.100', { vlan: 100 }, false]]
    : []
  const sysctl = (setting: string) => execFileSync('sysctl', ['-qw', setting])

  it.each<Believing>([
    ['the bridge', 'cni0', {}, false],
    ['a bridge that was there', 'cni0', {}, true],
    ...OF_VLAN,
  ])('%s does not believe it', async (_, dev, more, isThere) => {
    sysctl('net.ipv6.conf.default.accept_dad=0')
    withoutDad('c1')
    if (isThere) ip('link add cni0 type bridge')
    expect(await ask('ADD', network([V4], more))).not.toHaveProperty('code')
    const learned = () => ipJson(`-6 route show dev ${dev} proto ra`).map(({ dst }) => String(dst))
    await advertise('c1', dev)
    expect(learned()).toEqual([])
    // Whether it would have been heard.
    sysctl(`net/ipv6/conf/${dev}/accept_ra=1`)
    await advertise('c1', dev)
    expect(learned()).toContain('default')
  })
})

it.each([{}, { forceAddress: true }])('two IPv4 networks, %j: it is the gateway of both', async (more) => {
  const config = network([V4, '10.23.0.0/24'], more)
  const prevResult = await ask('ADD', config)
  expect(prevResult).not.toHaveProperty('code')
  const there = (ipJson('-4 address show dev cni0')[0]!['addr_info'] as Printed[]).map(
    ({ local }) => local as string,
  )
  expect(there).toEqual(['10.22.0.1', '10.23.0.1'])
  expect(await ask('CHECK', { ...config, prevResult })).toBe(null)
})

describe('its MAC', () => {
  it.each([
    ['a bridge that was there', V4, true],
    ['an IPv6 gateway', V6, false],
  ])('%s keeps it from its first address on', async (_, subnet, isThere) => {
    if (isThere) ip('link add cni0 up type bridge')
    const result = (await ask('ADD', network([subnet])))!
    const mac = macOf('cni0')
    expect(result['interfaces'][0]).toMatchObject({ name: 'cni0', mac })
    ip('link add low address 02:00:00:00:00:01 master cni0 type veth peer name far')
    expect(macOf('cni0')).toBe(mac)
  })

  it('a bridge that lost its last port, and its MAC with it, keeps that of the next one', async () => {
    const layer2 = network([V4], { isGateway: false })
    expect(await ask('ADD', layer2)).not.toHaveProperty('code')
    expect(await ask('DEL', layer2)).toBe(null)
    expect(macOf('cni0')).toBe('00:00:00:00:00:00')
    const [bridge, port] = (await ask('ADD', network([V4])))!['interfaces'] as Printed[]
    expect([bridge!['mac'], port!['mac']]).toEqual([macOf('cni0'), macOf('cni0')])
    ip('link add low address 02:00:00:00:00:01 master cni0 type veth peer name far')
    expect(macOf('cni0')).toBe(bridge!['mac'])
  })

  it('that of a bridge without an address is told as the container has changed it', async () => {
    const result = (await ask('ADD', network([V4], { isGateway: false })))!
    const [bridge, port] = result['interfaces'] as Printed[]
    expect([bridge!['mac'], port!['mac']]).toEqual([macOf('cni0'), macOf('cni0')])
  })
})

describe.each([
  ['docs/examples/cni', ask],
  [
    'the plugin of that name',
    (command: string, config: Config) => call(THEIRS, command, { id: 'c1', netns: 'c1' }, config),
  ],
])('%s: IPv6 addresses that the bridge has', (_, by) => {
  beforeEach((context) => {
    if (by !== ask) skipWithoutTheirs(context)
  })

  it.each([
    ['another one of the same network', 'fd00:22::99/64', {}, null],
    ['a wider network', 'fd00:22:0:9::1/32', {}, null],
    ['another network', 'fd00:23::1/64', {}, ['fd00:23::1', 'fd00:22::1']],
    ['one of the same network, forceAddress', 'fd00:22::99/64', { forceAddress: true }, ['fd00:22::1']],
    ['another network, forceAddress', 'fd00:23::1/64', { forceAddress: true }, ['fd00:23::1', 'fd00:22::1']],
  ])('%s', async (_, address, more, expected) => {
    ip('link add cni0 type bridge')
    ip(`address add ${address} dev cni0 nodad`)
    const config = network([V6], more)
    const result = await by('ADD', config)
    expect(result).toMatchObject(expected === null ? { msg: expect.stringContaining('cni0') } : { ips: [{}] })
    const there = (ipJson('-6 address show dev cni0')[0]!['addr_info'] as Printed[])
      .filter(({ scope }) => scope === 'global')
      .map(({ local }) => local as string)
    expect(there.toSorted()).toEqual((expected ?? [address.split('/')[0]!]).toSorted())
  })
})
