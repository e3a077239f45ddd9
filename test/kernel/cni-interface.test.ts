/** What the container's interface of docs/examples/cni gets, next to the plugin bridge: addresses, and routes beside those of other networks. */

import { beforeEach, describe, expect, it } from 'vitest'
import { ask, type Config, call, eachWithContainer, skipWithoutTheirs, THEIRS } from './cni-support.js'
import { execFileSync } from './programs.js'
import { execIn, ip, ipJson, type Printed } from './support.js'
import { linkNames } from './topology-support.js'

const each = eachWithContainer()

type Ask = (command: string, config: Config, ifname?: string) => Promise<Printed | null>
const ours: Ask = (command, config, ifname = 'eth0') => ask(command, config, { CNI_IFNAME: ifname })
const theirs: Ask = (command, config, ifname) =>
  call(THEIRS, command, { id: 'c1', netns: 'c1', ifname }, config)

/** The network `netN` of both families, by the bridge `brN`. */
function network(n: number, ipam: object = {}, more: object = {}): Config {
  return {
    cniVersion: '1.0.0',
    name: `net${n}`,
    type: 'bridge',
    bridge: `br${n}`,
    isGateway: true,
    ipam: {
      type: 'host-local',
      dataDir: each.dataDir,
      ranges: [[{ subnet: `10.22.${n}.0/24` }], [{ subnet: `fd00:22:0:${n}::/64` }]],
      routes: [{ dst: '0.0.0.0/0' }, { dst: '::/0' }],
      ...ipam,
    },
    ...more,
  }
}

/** The gateways of the default routes, in the order of the kernel. */
function gateways(family: '-4' | '-6'): string[] {
  const routes = ipJson(`${family} route show default`, 'c1')
  return routes.flatMap(({ gateway, nexthops = [] }) =>
    [gateway, ...(nexthops as Printed[]).map((hop) => hop['gateway'])].filter((one) => one !== undefined),
  )
}

/** The IPv6 addresses of the interface, as far as ip tells them; it leaves gaps. */
function addresses(which: string): string[] {
  const printed = ipJson(`-6 address show dev eth0 ${which}`, 'c1')
  return printed.flatMap(({ addr_info = [] }) =>
    (addr_info as Printed[]).flatMap(({ local }) => (local === undefined ? [] : [String(local)])),
  )
}

const sysctl = (...args: string[]) => execIn('c1', 'sysctl', ...args)

describe.each([
  ['docs/examples/cni', ours],
  ['the plugin of that name', theirs],
])('%s', (_, by) => {
  beforeEach((context) => {
    if (by === theirs) skipWithoutTheirs(context)
  })

  it('two networks with default routes: a container is in both', async () => {
    const [one, two] = [network(1), network(2)]
    const first = await by('ADD', one)
    const second = await by('ADD', two, 'eth1')
    expect([first, second]).toMatchObject([
      { ips: [{ address: '10.22.1.2/24' }, { address: 'fd00:22:0:1::2/64' }] },
      { ips: [{ address: '10.22.2.2/24' }, { address: 'fd00:22:0:2::2/64' }] },
    ])
    // Theirs puts its route before those that are there.
    expect(gateways('-4')).toEqual(by === ours ? ['10.22.1.1', '10.22.2.1'] : ['10.22.2.1', '10.22.1.1'])
    expect(gateways('-6').toSorted()).toEqual(['fd00:22:0:1::1', 'fd00:22:0:2::1'])
    expect(await by('CHECK', { ...one, prevResult: first })).toBe(null)
    expect(await by('CHECK', { ...two, prevResult: second }, 'eth1')).toBe(null)
    expect(await by('DEL', one)).toBe(null)
    expect([gateways('-4'), gateways('-6')]).toEqual([['10.22.2.1'], ['fd00:22:0:2::1']])
    expect(await by('CHECK', { ...two, prevResult: second }, 'eth1')).toBe(null)
    expect(await by('DEL', two, 'eth1')).toBe(null)
    expect(linkNames('c1')).toEqual(['lo'])
  })

  it('isDefaultGateway with two addresses of a family: one default route', async () => {
    const ranges = [[{ subnet: 'fd00:22:0:1::/64' }], [{ subnet: 'fd00:22:0:2::/64' }]]
    const config = network(1, { ranges, routes: [] }, { isDefaultGateway: true })
    expect(await by('ADD', config)).toMatchObject({ routes: [{ dst: '::/0', gw: 'fd00:22:0:1::1' }] })
    expect(gateways('-6')).toEqual(['fd00:22:0:1::1'])
    expect(await by('DEL', config)).toBe(null)
  })

  it('a route to the network itself goes before that of the kernel', async () => {
    const config = network(1, { routes: [{ dst: '10.22.1.0/24' }] })
    const prevResult = await by('ADD', config)
    const hops = ipJson('route show 10.22.1.0/24', 'c1').map(({ gateway = null }) => gateway as string)
    expect(hops).toEqual(['10.22.1.1', null])
    expect(await by('CHECK', { ...config, prevResult })).toBe(null)
  })

  it('neighbours hear of another MAC at once', async () => {
    expect(await by('ADD', network(1, { routes: [] }))).not.toHaveProperty('code')
    await expect.poll(() => ipJson('link show master br1')).toMatchObject([{ operstate: 'UP' }])
    ip('neigh replace 10.22.1.2 lladdr 02:00:00:00:00:98 dev br1 nud stale')
    ip('link set eth0 address 02:00:00:00:00:07', 'c1')
    const known = [{ lladdr: '02:00:00:00:00:07' }]
    await expect.poll(() => ipJson('neigh show 10.22.1.2')).toMatchObject(known)
  })

  it('the address that the kernel makes itself can be used at once, unless duplicates are looked for', async () => {
    const setting = () => sysctl('-n', 'net.ipv6.conf.eth0.accept_dad')
    expect(await by('ADD', network(1, { routes: [] }))).not.toHaveProperty('code')
    expect([addresses('scope link').length, addresses('tentative'), setting()]).toEqual([1, [], '0\n'])
    expect(await by('DEL', network(1))).toBe(null)
  })

  it('kernel parameters that cannot be written are left as they are', async () => {
    const ranges = [[{ subnet: '10.22.1.0/24' }]]
    execFileSync('mount', ['-o', 'bind,ro', '/proc/sys', '/proc/sys'])
    try {
      const result = await by('ADD', network(1, { ranges, routes: [] }, { isGateway: false }))
      expect(result).toMatchObject({ ips: [{ address: '10.22.1.2/24' }] })
    } finally {
      execFileSync('umount', ['/proc/sys'])
    }
    expect(sysctl('-n', 'net.ipv4.conf.eth0.arp_notify')).toBe('0\n')
  })

  it('a namespace without IPv6 gets it with its first IPv6 address', async () => {
    sysctl('-qw', 'net.ipv6.conf.all.disable_ipv6=1', 'net.ipv6.conf.default.disable_ipv6=1')
    expect(await by('ADD', network(1, { routes: [] }))).not.toHaveProperty('code')
    expect(addresses('scope global')).toEqual(['fd00:22:0:1::2'])
    const off = ['lo', 'eth0', 'default'].map((name) => sysctl('-n', `net.ipv6.conf.${name}.disable_ipv6`))
    expect(off).toEqual(['0\n', '0\n', '1\n'])
    expect(await by('DEL', network(1))).toBe(null)
  })
})

it('an IPv6 address stays when the interface goes down', async () => {
  expect(await ask('ADD', network(1))).not.toHaveProperty('code')
  ip('link set eth0 down', 'c1')
  expect(addresses('scope global')).toEqual(['fd00:22:0:1::2'])
})

it('a route of scope link or host has no gateway, unless one is named; IPv6 knows no scopes', async () => {
  const routes = [
    { dst: '169.254.169.254/32', scope: 253 },
    { dst: '10.97.0.0/16', scope: 254 },
    { dst: '10.98.0.0/16', scope: 200 },
    { dst: 'fd00:9::/64', scope: 253 },
  ]
  const config = network(1, { routes }, { cniVersion: '1.1.0' })
  const prevResult = (await ask('ADD', config))!
  expect(prevResult).toMatchObject({ routes })
  const told = ['-N route show', '-6 route show fd00:9::/64'].flatMap((args) => ipJson(args, 'c1'))
  const ways = told.map(({ dst, gateway, scope }) => [dst, gateway, scope])
  expect(ways).toEqual(
    expect.arrayContaining([
      ['169.254.169.254', undefined, '253'],
      ['10.97.0.0/16', undefined, '254'],
      ['10.98.0.0/16', '10.22.1.1', '200'],
      ['fd00:9::/64', 'fd00:22:0:1::1', 'global'],
    ]),
  )
  expect(await ask('CHECK', { ...config, prevResult })).toBe(null)
  const named = network(1, { routes: [{ dst: '10.97.0.0/16', gw: '10.22.1.1', scope: 253 }] })
  expect(await ask('DEL', config)).toBe(null)
  // The kernel does not take it.
  expect(await ask('ADD', named)).toMatchObject({ code: 100 })
  expect(linkNames('c1')).toEqual(['lo'])
})

describe.each(['1', 'true', 'TRUE'])('CNI_NETNS_OVERRIDE=%s', (CNI_NETNS_OVERRIDE) => {
  const env = { CNI_NETNS: '/proc/self/ns/net', CNI_NETNS_OVERRIDE }

  it('the namespace of the plugin itself can be that of a container; DEL takes no other interface of it', async () => {
    const config = network(1, { routes: [] })
    const prevResult = (await ask('ADD', config, env))!
    expect(prevResult).toMatchObject({ ips: [{ address: '10.22.1.2/24' }, { interface: 2 }] })
    expect([linkNames().includes('eth0'), linkNames('c1')]).toEqual([true, ['lo']])
    expect(ipJson('-4 address show dev eth0')).toMatchObject([{ addr_info: [{ local: '10.22.1.2' }] }])
    expect(await ask('CHECK', { ...config, prevResult }, env)).toBe(null)
    expect(await ask('DEL', config, env)).toBe(null)
    expect(linkNames()).toEqual(['lo', 'br1'])
    ip('link add eth0 type veth peer name other')
    expect(await ask('DEL', config, env)).toBe(null)
    expect(linkNames()).toContain('eth0')
  })
})

it.each(['', '0', 'yes'])('CNI_NETNS_OVERRIDE=%s: it cannot', async (CNI_NETNS_OVERRIDE) => {
  const env = { CNI_NETNS: '/proc/self/ns/net', CNI_NETNS_OVERRIDE }
  expect(await ask('ADD', network(1), env)).toMatchObject({
    code: 4,
    msg: expect.stringMatching(/^CNI_NETNS: /),
  })
  expect(linkNames()).toEqual(['lo'])
})

describe('enabledad', () => {
  const config = () => network(1, { routes: [] }, { enabledad: true })

  it('duplicates are looked for where the namespace does not', async () => {
    sysctl('-qw', 'net.ipv6.conf.default.accept_dad=0', 'net.ipv6.conf.all.accept_dad=0')
    expect(await ask('ADD', config())).not.toHaveProperty('code')
    expect(sysctl('-n', 'net.ipv6.conf.eth0.accept_dad')).toBe('1\n')
  })

  it('the addresses can be used when ADD has answered', async () => {
    expect(await ask('ADD', config())).not.toHaveProperty('code')
    expect(addresses('tentative')).toEqual([])
  })

  it('an address that another one has is an error, and nothing is left', async () => {
    // Nobody knows of this one.
    ip('netns add c2')
    ip('link add br1 up type bridge')
    ip('link add other master br1 up type veth peer name eth0 netns c2')
    ip('address add fd00:22:0:1::2/64 dev eth0 nodad', 'c2')
    ip('link set eth0 up', 'c2')
    expect(await ask('ADD', config())).toMatchObject({
      code: 100,
      msg: expect.stringContaining('fd00:22:0:1::2/64'),
    })
    expect([linkNames('c1'), linkNames().filter((name) => name.startsWith('veth'))]).toEqual([['lo'], []])
  })
})

describe('CHECK of routes', () => {
  const ROUTES = [
    { dst: '169.254.169.254/32' },
    { dst: 'fd00:9::1/128' },
    { dst: '2001:DB8:0::/48', gw: 'fd00:22:0:1:0::77' },
    { dst: '0.0.0.0/0' },
    { dst: '::/0' },
    { dst: '10.98.0.0/16', table: 99 },
  ]

  it.each(['1.0.0', '1.1.0'])('%s: finds them however they are written', async (cniVersion) => {
    const config = network(1, { routes: ROUTES }, { cniVersion })
    const prevResult = (await ask('ADD', config))!
    expect(prevResult).not.toHaveProperty('code')
    expect(await ask('CHECK', { ...config, prevResult })).toBe(null)
  })

  it.each([
    ['a default route of one family', '0.0.0.0/0', '-4 route delete default'],
    ['a default route of the other', '::/0', '-6 route delete default'],
    ['another gateway of the network', '0.0.0.0/0', 'route replace default via 10.22.1.77'],
    ['another gateway of a route', '2001:db8::/48', '-6 route replace 2001:db8::/48 via fd00:22:0:1::78'],
    ['a route of a table that is in another', '10.98.0.0/16', 'route delete 10.98.0.0/16 table 99'],
  ])('%s is told', async (_, dst, change) => {
    const config = network(1, { routes: ROUTES }, { cniVersion: '1.1.0' })
    const prevResult = (await ask('ADD', config))!
    ip('route add 10.98.0.0/16 via 10.22.1.1', 'c1')
    ip(change, 'c1')
    const msg = `eth0: the route to ${dst} is missing`
    expect(await ask('CHECK', { ...config, prevResult })).toMatchObject({ code: 101, msg })
  })
})
