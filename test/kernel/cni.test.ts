/** docs/examples/cni: called as a runtime calls it, next to the plugins of containernetworking-plugins. */

import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { handle } from '../../docs/examples/cni/handle.js'
import { bundle } from './bundle.js'
import {
  ask,
  type Config,
  type Container,
  call,
  chain,
  install,
  mirror,
  page,
  skipWithoutTheirs,
  THEIRS,
} from './cni-support.js'
import { oursOf, theirsOf } from './cni-translations.js'
import { needNftables } from './needs.js'
import { execFileSync } from './programs.js'
import { restoreHost } from './restore.js'
import { hasTool, ip, ipJson, type Printed } from './support.js'
import { cleanAll, deleteLinks, linkNames } from './topology-support.js'

needNftables()

let directory: string
let ours: string
let program: string

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'netlink-ts-cni-'))
  ours = join(directory, 'bin')
  mkdirSync(ours)
  program = bundle('cni/plugin')
  install(ours, program)
  writeFileSync(join(directory, 'resolv.conf'), RESOLV_CONF)
})
afterAll(() => {
  rmSync(program)
  rmSync(directory, { recursive: true })
})

const RESOLV_CONF = `# of the host
nameserver 192.0.2.53
nameserver 2001:db8::53
domain example.org
search example.org example.com
search example.net
options ndots:2 rotate
`

const C1: Container = { id: 'c1', netns: 'c1' }

beforeEach((context) => {
  context.skip(!hasTool('nft'), 'not installed: nftables')
  ip('netns add c1')
  ip('netns add c2')
})
afterEach(() => {
  // Pairs first: the kernel takes those of a deleted namespace away some time later.
  deleteLinks()
  cleanAll()
  restoreHost()
  rmSync(join(directory, 'data'), { recursive: true, force: true })
})

function network(ipam: object, more: object = {}): Config {
  const dataDir = join(directory, 'data')
  return {
    cniVersion: '1.0.0',
    name: 'net1',
    type: 'bridge',
    ipam: { type: 'host-local', dataDir, ...ipam },
    ...more,
  }
}

const portmap = (...portMappings: object[]): Config => ({
  cniVersion: '1.0.0',
  name: 'net1',
  type: 'portmap',
  runtimeConfig: { portMappings },
})

const GATEWAY = { isGateway: true, ipMasq: true }
const SIMPLE = { ranges: [[{ subnet: '10.22.0.0/24' }]], routes: [{ dst: '0.0.0.0/0' }] }

const LISTS: [string, () => Config[], Partial<Container>][] = [
  [
    'both families, masquerading, hairpins and published ports',
    () => [
      network(
        {
          ranges: [[{ subnet: '10.22.0.0/24' }], [{ subnet: 'fd00:22::/64' }]],
          routes: [{ dst: '0.0.0.0/0' }, { dst: '::/0' }, { dst: '10.99.0.0/16', gw: '10.22.0.77' }],
        },
        { ...GATEWAY, hairpinMode: true },
      ),
      portmap({ hostPort: 8080, containerPort: 80, protocol: 'tcp' }),
    ],
    {},
  ],
  [
    'the older form: one subnet, a part of it, another gateway, a default route, an MTU',
    () => [
      network(
        { subnet: '10.30.0.0/16', rangeStart: '10.30.5.7', rangeEnd: '10.30.5.9', gateway: '10.30.255.254' },
        {
          cniVersion: '0.3.1',
          bridge: 'br7',
          isDefaultGateway: true,
          ipMasq: true,
          mtu: 1400,
          dns: { nameservers: ['10.1.1.1'] },
        },
      ),
      {
        ...portmap({ hostPort: 8080, containerPort: 80, protocol: 'tcp', hostIP: '203.0.113.1' }),
        cniVersion: '0.3.1',
      },
    ],
    {},
  ],
  [
    'an address and a MAC that the runtime asks for',
    () => [
      network(SIMPLE, {
        ...GATEWAY,
        cniVersion: '0.4.0',
        runtimeConfig: { ips: ['10.22.0.200/24'], mac: '02:00:00:00:00:07' },
      }),
      { ...portmap({ hostPort: 8080, containerPort: 80, protocol: 'tcp' }), cniVersion: '0.4.0' },
    ],
    {},
  ],
  [
    'an address of CNI_ARGS, two ranges in a set',
    () => [
      network(
        {
          ranges: [[{ subnet: '10.22.0.0/24', rangeEnd: '10.22.0.5' }, { subnet: '10.23.0.0/24' }]],
          routes: [{ dst: '0.0.0.0/0' }],
        },
        { ...GATEWAY },
      ),
      portmap({ hostPort: 8080, containerPort: 80, protocol: 'tcp' }),
    ],
    { args: 'IgnoreUnknown=1;IP=10.23.0.9' },
  ],
]

/** The rules of all tables, those of iptables too. */
function nftJson(): Printed[] {
  const printed = execFileSync('nft', ['-j', 'list', 'ruleset'])
  return (JSON.parse(printed) as { nftables: Printed[] }).nftables
}

/** What an attachment is in the kernel and on the disk, without what is by chance: names of veth, MACs. */
async function effect(bin: string, list: Config[], container: Container) {
  const result = (await chain(bin, 'ADD', container, list))!
  const bridge = String(list[0]!['bridge'] ?? 'cni0')
  const port = ipJson(`link show master ${bridge}`)[0]!
  const addresses = (dev: string, netns?: string) =>
    (ipJson(`address show dev ${dev}`, netns)[0]!['addr_info'] as Printed[])
      .filter(({ scope }) => scope !== 'link')
      .map(({ local, prefixlen, broadcast }) => [local, prefixlen, broadcast])
  const given = [addresses(bridge), addresses('eth0', 'c1')]
  const routes = ['route', '-6 route'].flatMap((table) =>
    ipJson(`${table} show`, 'c1').map(({ dst, gateway, dev }) => ({ dst, gateway, dev })),
  )
  const own = String(result['ips'][0].address).split('/')[0]!
  const gateway = String(result['ips'][0].gateway)
  const servers = [await mirror('outside', '203.0.113.2'), await mirror('c1', own)]
  const seen = {
    outward: await page('c1', 'http://203.0.113.2/'),
    inward: await page('outside', 'http://203.0.113.1:8080/'),
    // Without hairpins it depends on br_netfilter.
    itself: list[0]!['hairpinMode'] ? await page('c1', 'http://203.0.113.1:8080/') : null,
    // By whichever of its addresses.
    host: ['203.0.113.1', gateway].includes(await page(null, 'http://203.0.113.1:8080/')),
  }
  for (const server of servers) server.close()
  // Theirs looks for IPv6 rules of portmap that nobody wants, and fails.
  if (list[0]!['cniVersion'] !== '0.3.1')
    await chain(bin, 'CHECK', container, bin === ours ? list : list.slice(0, 1), result)
  const { mtu, mac } = {
    mtu: ipJson('link show dev eth0', 'c1')[0]!['mtu'],
    mac: ipJson('link show dev eth0', 'c1')[0]!['address'],
  }
  const asked = (list[0]!['runtimeConfig'] as Printed | undefined)?.['mac']
  const data = join(directory, 'data/net1')
  const files = () =>
    readdirSync(data)
      .filter((name) => name !== 'lock')
      .sort()
      .map((name) => [name, readFileSync(join(data, name), 'utf8')])
  const held = files()
  // Tables, chains and ways of saying it differ; what is translated does not.
  const all = (result['ips'] as Printed[]).map(({ address }) => String(address).split('/')[0]!)
  const translated = (bin === ours ? oursOf : theirsOf)(all)
  const inRules = () => JSON.stringify(nftJson()).includes(`"${own}"`)
  await chain(bin, 'DEL', container, list, result)
  await chain(bin, 'DEL', { ...container, netns: '' }, list, result)
  const after = { links: linkNames(), inside: linkNames('c1'), files: files(), ruled: inRules() }
  const plain = {
    // Newer ones leave out what is empty.
    dns: {},
    ...result,
    interfaces: (result['interfaces'] as Printed[]).map(({ name, sandbox }) => [
      String(name).replace(/^veth.*/, 'veth'),
      sandbox,
    ]),
  }
  return {
    result: plain,
    port: port['linkinfo']['info_slave_data']['hairpin'],
    addresses: given,
    routes,
    seen,
    mtu,
    mac: asked === undefined ? asked : mac,
    held,
    translated,
    after,
  }
}

describe('next to bridge, host-local and portmap', () => {
  beforeEach((context) => {
    skipWithoutTheirs(context)
    context.skip(!hasTool('iptables'), 'not installed: iptables')
    // The outside, which knows no way to the containers.
    ip('netns add outside')
    ip('link add out0 type veth peer name eth0 netns outside')
    for (const args of ['address add 203.0.113.1/24 dev out0', 'link set out0 up', 'link set lo up']) ip(args)
    for (const args of ['address add 203.0.113.2/24 dev eth0', 'link set eth0 up']) ip(args, 'outside')
  })

  it.each(LISTS)('%s: the same effect', async (_, list, more) => {
    const container = { ...C1, ...more }
    const mine = await effect(ours, list(), container)
    for (const name of linkNames()) if (name === 'cni0' || name === 'br7') ip(`link delete ${name}`)
    rmSync(join(directory, 'data'), { recursive: true })
    execFileSync('nft', ['flush', 'ruleset'])
    const { published, masqueraded } = mine.translated
    expect([published.length > 0, Object.keys(masqueraded).length]).toEqual([true, mine.addresses[1]!.length])
    expect(mine.after.ruled).toBe(false)
    expect(mine).toEqual(await effect(THEIRS, list(), container))
  })
})

/** For rows, which are made before the directory is; /run is the test's own. */
const HOST_LOCAL = { ...SIMPLE, type: 'host-local', dataDir: '/run/netlink-ts-cni-test' }
/** A configuration of portmap behind a result with addresses of both families. */
const published = (mapping: object) => ({
  type: 'portmap',
  runtimeConfig: { portMappings: [{ hostPort: 8080, containerPort: 80, ...mapping }] },
  prevResult: { ips: [{ address: '10.22.0.2/24' }, { address: 'fd00:22::2/64' }] },
})
const NET = () => network(SIMPLE, { ...GATEWAY, cniVersion: '1.1.0' })

describe('errors in the numbers of the specification', () => {
  it.each<[string, number, string, object, Record<string, string>]>([
    ['an unknown command', 4, 'MAKE', {}, {}],
    ['no interface', 4, 'ADD', {}, { CNI_IFNAME: '' }],
    ['an interface with a slash', 4, 'ADD', {}, { CNI_IFNAME: 'a/b' }],
    ['an id that is a path', 4, 'ADD', {}, { CNI_CONTAINERID: '../c1' }],
    ['arguments without a value', 4, 'ADD', {}, { CNI_ARGS: 'IP' }],
    ['a namespace that is not there', 4, 'ADD', {}, { CNI_NETNS: '/run/netns/nowhere' }],
    ['a namespace that is a file', 4, 'ADD', {}, { CNI_NETNS: '/etc/passwd' }],
    ['a namespace of another kind', 4, 'ADD', {}, { CNI_NETNS: '/proc/self/ns/mnt' }],
    ['the namespace of the plugin', 4, 'ADD', {}, { CNI_NETNS: '/proc/self/ns/net' }],
    ['CHECK without the namespace', 4, 'CHECK', { prevResult: {} }, { CNI_NETNS: '/run/netns/nowhere' }],
    ['a name that is no text', 7, 'ADD', { name: 5 }, {}],
    ['a word for a boolean', 7, 'ADD', { isGateway: 'yes' }, {}],
    ['a word for a boolean in another version', 7, 'ADD', { cniVersion: '0.4.0', isGateway: 'yes' }, {}],
    ['a text for a number', 7, 'ADD', { mtu: '1500' }, {}],
    ['a fraction', 7, 'ADD', { mtu: 1500.5 }, {}],
    ['a number for a text', 7, 'ADD', { bridge: 5 }, {}],
    ['a text for an object', 7, 'ADD', { runtimeConfig: 'mac' }, {}],
    ['an object for a list', 7, 'ADD', { vlanTrunk: {} }, {}],
    ['a number for an object in a list', 7, 'ADD', { ipam: { ...HOST_LOCAL, routes: [5] } }, {}],
    ['a result that is none', 7, 'CHECK', { prevResult: 5 }, {}],
    ['a name that no bridge can have', 7, 'ADD', { bridge: 'a/b' }, {}],
    ['a MAC that is none', 7, 'ADD', { runtimeConfig: { mac: 'zz' } }, {}],
    ['a route to nowhere', 7, 'ADD', { ipam: { ...HOST_LOCAL, routes: [{}] } }, {}],
    [
      'a route with bits behind its prefix',
      7,
      'ADD',
      { ipam: { ...HOST_LOCAL, routes: [{ dst: '10.5.1.1/16' }] } },
      {},
    ],
    ['a protocol without ports', 7, 'ADD', published({ protocol: 'icmp' }), {}],
    ['a port of the host that is none', 7, 'ADD', published({ hostPort: 70000 }), {}],
    [
      'a port of the host that is none, under conditions',
      7,
      'ADD',
      { ...published({ hostPort: 0 }), conditionsV4: ['-s', '10.0.0.0/8'], conditionsV6: ['-s', 'fc00::/7'] },
      {},
    ],
    ['a port of the container that is none', 7, 'ADD', published({ containerPort: 0 }), {}],
    ['a port of ::1', 7, 'ADD', published({ hostIP: '::1' }), {}],
    ['a version to come', 1, 'ADD', { cniVersion: '2.0.0' }, {}],
    ['a command that the version has not', 1, 'GC', { cniVersion: '1.0.0' }, {}],
    [
      'a condition that is not known',
      2,
      'ADD',
      { type: 'portmap', conditionsV4: ['-f', '1'], prevResult: {} },
      {},
    ],
    ['addresses for an interface that stays down', 7, 'ADD', { disableContainerInterface: true }, {}],
    ['a plugin for addresses that is not there', 7, 'ADD', { ipam: { type: 'dhcp' } }, {}],
    ['a network without a name', 7, 'ADD', { name: '' }, {}],
    ['a plugin that is neither', 7, 'ADD', { type: 'macvlan' }, {}],
    [
      'a subnet with bits behind its prefix',
      7,
      'ADD',
      { ipam: { type: 'host-local', subnet: '10.22.0.1/24' } },
      {},
    ],
    [
      'a gateway of the other family',
      7,
      'ADD',
      { ipam: { ...HOST_LOCAL, ranges: [[{ subnet: '10.22.0.0/24', gateway: '::10.22.0.9' }]] } },
      {},
    ],
    // A path below a file.
    [
      'a directory for addresses that cannot be made',
      5,
      'ADD',
      { ipam: { ...HOST_LOCAL, dataDir: '/etc/passwd/data' } },
      {},
    ],
    [
      'a file of name servers that is not there',
      5,
      'ADD',
      { ipam: { ...HOST_LOCAL, resolvConf: '/nowhere' } },
      {},
    ],
    ['an address of no range', 7, 'ADD', {}, { CNI_ARGS: 'IP=10.99.0.1' }],
    ['portmap without a result', 7, 'ADD', { type: 'portmap' }, {}],
    ['the gateway for a container', 100, 'ADD', {}, { CNI_ARGS: 'IP=10.22.0.1' }],
    ['a bridge that is none', 100, 'ADD', { bridge: 'lo' }, {}],
  ])('%s: %i', async (_, code, command, more, env) => {
    const config = { ...NET(), ...more }
    const cniVersion = 'cniVersion' in more ? more.cniVersion : '1.1.0'
    expect(await ask(command, config, env)).toMatchObject({ cniVersion, code, msg: expect.any(String) })
    expect(linkNames('c1')).toEqual(['lo'])
    const data = join(directory, 'data/net1')
    if (existsSync(data)) expect(readdirSync(data).filter((name) => !name.startsWith('last'))).toEqual([])
  })

  it.each(['', '{', 'null', '[]', '5', '"x"'])('%j, which is no JSON or no object: 6', async (input) => {
    const { output, status } = await handle({ CNI_COMMAND: 'ADD' }, input)
    expect([status, output]).toEqual([1, expect.objectContaining({ code: 6 })])
  })

  it('a configuration that cannot be read: 5', async () => {
    const unread = join(directory, 'unread')
    mkdirSync(unread)
    for (const bin of [ours, THEIRS]) {
      if (!existsSync(join(bin, 'bridge'))) continue
      // Open for writing alone.
      const source = `#!/bin/sh\nexec ${join(bin, 'bridge')} 0>${unread}/written\n`
      writeFileSync(join(unread, 'bridge'), source, { mode: 0o755 })
      expect(await call(unread, 'ADD', C1, NET())).toMatchObject({ code: 5 })
    }
    rmSync(unread, { recursive: true })
  })

  it.each(['', '/run/netns/nowhere', '/etc/passwd', '/proc/self/ns/mnt', '/proc/self/ns/net'])(
    'DEL with the namespace %j takes all there is, and no interface of the host',
    async (path) => {
      ip('link add eth0 type bridge')
      expect(await ask('ADD', NET())).not.toHaveProperty('code')
      expect(await ask('DEL', NET(), { CNI_NETNS: path })).toBe(null)
      expect(await ask('DEL', NET(), { CNI_NETNS: path })).toBe(null)
      expect([linkNames('c1'), linkNames()]).toEqual([['lo'], ['lo', 'eth0', 'cni0']])
    },
  )

  it('the same container twice, and a network that is full', async () => {
    const full = network({ ranges: [[{ subnet: '10.22.0.0/30' }]] }, { cniVersion: '1.1.0' })
    expect(await ask('STATUS', full)).toBe(null)
    expect(await ask('ADD', full)).toMatchObject({ ips: [{ address: '10.22.0.2/30' }] })
    expect(await ask('ADD', full)).toMatchObject({ code: 100 })
    expect(linkNames('c1')).toEqual(['lo', 'eth0'])
    expect(await ask('STATUS', full)).toMatchObject({ code: 50 })
    expect(await ask('ADD', full, { CNI_CONTAINERID: 'c2', CNI_NETNS: '/run/netns/c2' })).toMatchObject({
      code: 102,
    })
    expect(await ask('DEL', full)).toBe(null)
  })
})

it.each(['0.3.1', '0.4.0', '1.0.0', '1.1.0'])(
  '%s: routes with a priority, a table, an MTU; the MTU of interfaces since 1.1',
  async (cniVersion) => {
    const routes = [{ dst: '10.98.0.0/16', priority: 7, table: 99, mtu: 1300, advmss: 1200, scope: 0 }]
    const config = network({ ...SIMPLE, routes }, { ...GATEWAY, cniVersion })
    const result = (await ask('ADD', config))!
    expect([result['cniVersion'], result['routes']]).toEqual([cniVersion, routes])
    const told = (result['interfaces'] as Printed[]).map(({ mtu }) => mtu as unknown)
    expect(told).toEqual(Array.from({ length: 3 }, () => (cniVersion === '1.1.0' ? 1500 : undefined)))
    expect(ipJson('route show table 99', 'c1')).toMatchObject([
      { dst: '10.98.0.0/16', gateway: '10.22.0.1', metric: 7, metrics: [{ mtu: 1300, advmss: 1200 }] },
    ])
    if (cniVersion !== '0.3.1') expect(await ask('CHECK', { ...config, prevResult: result })).toBe(null)
    expect(await ask('DEL', config)).toBe(null)
  },
)

it('disableContainerInterface: an interface that is down, on the bridge', async () => {
  const config = { ...NET(), ipam: {}, disableContainerInterface: true }
  expect(await ask('ADD', config)).toMatchObject({ ips: [], routes: [] })
  expect(ipJson('link show dev eth0', 'c1')[0]!['flags']).not.toContain('UP')
  expect(ipJson('link show master cni0')).toHaveLength(1)
  expect(await ask('DEL', config)).toBe(null)
  expect(linkNames('c1')).toEqual(['lo'])
})

it('an address that host-local has given is nobody else’s, and the other way round', async (context) => {
  skipWithoutTheirs(context)
  const config = { ...network(SIMPLE), cniVersion: '1.0.0' }
  const two = { id: 'c2', netns: 'c2' }
  expect(await call(THEIRS, 'ADD', C1, config)).toMatchObject({ ips: [{ address: '10.22.0.2/24' }] })
  writeFileSync(join(directory, 'data/net1/last_reserved_ip.0'), '10.22.0.1')
  expect(await call(ours, 'ADD', two, config)).toMatchObject({ ips: [{ address: '10.22.0.3/24' }] })
  writeFileSync(join(directory, 'data/net1/last_reserved_ip.0'), '10.22.0.1')
  ip('netns add c3')
  expect(await call(THEIRS, 'ADD', { id: 'c3', netns: 'c3' }, config)).toMatchObject({
    ips: [{ address: '10.22.0.4/24' }],
  })
  for (const netns of ['c1', 'c2', 'c3'])
    expect(await call(ours, 'DEL', { id: netns, netns }, config)).toBe(null)
  expect(readdirSync(join(directory, 'data/net1')).sort()).toEqual(['last_reserved_ip.0', 'lock'])
  expect(linkNames('c3')).toEqual(['lo'])
})

it('the name servers of a file are those that host-local tells; those of the network go before', async (context) => {
  skipWithoutTheirs(context)
  const config = network({ ...SIMPLE, resolvConf: join(directory, 'resolv.conf') })
  const theirs = await call(THEIRS, 'ADD', C1, { ...config, type: 'host-local' })
  await call(THEIRS, 'DEL', C1, { ...config, type: 'host-local' })
  expect(theirs).toMatchObject({
    dns: {
      nameservers: ['192.0.2.53', '2001:db8::53'],
      domain: 'example.org',
      search: ['example.org', 'example.com', 'example.net'],
    },
  })
  // Go writes an object with nothing in it.
  for (const more of [{}, { dns: {} }]) {
    expect((await ask('ADD', { ...config, ...more }))!['dns']).toEqual(theirs!['dns'])
    await ask('DEL', config)
  }
  expect(await ask('ADD', { ...config, dns: { domain: 'example.net' } })).toMatchObject({
    dns: { domain: 'example.net' },
  })
  await ask('DEL', config)
})

describe('on a kernel without a packet filter', () => {
  const NONE = { 'cni.dev/valid-attachments': [] }
  let bare: string
  beforeEach((context) => {
    context.skip(!hasTool('cc'), 'not installed: a C compiler')
    bare = mkdtempSync(join(tmpdir(), 'netlink-ts-cni-bare-'))
    const without = join(bare, 'without-netfilter')
    const source = 'test/kernel/without-netfilter.c'
    execFileSync('cc', ['-Wall', '-Wextra', '-Werror', '-o', without, source])
    for (const name of ['bridge', 'portmap'])
      writeFileSync(join(bare, name), `#!/bin/sh\nexec ${without} ${join(ours, name)}\n`, { mode: 0o755 })
  })
  afterEach(() => rmSync(bare, { recursive: true }))

  it('a network that does without is made, looked after and taken away', async () => {
    const config = { ...NET(), ipMasq: false }
    const prevResult = await call(bare, 'ADD', C1, config)
    expect(prevResult).toMatchObject({ ips: [{ address: '10.22.0.2/24' }] })
    const ports = { ...portmap({ hostPort: 80, containerPort: 8 }), cniVersion: '1.1.0', prevResult }
    expect(await call(bare, 'CHECK', C1, { ...config, prevResult })).toBe(null)
    expect(await call(bare, 'STATUS', C1, config)).toBe(null)
    expect(await call(bare, 'GC', C1, { ...ports, ...NONE })).toBe(null)
    expect(await call(bare, 'DEL', C1, ports)).toBe(null)
    expect(await call(bare, 'DEL', C1, config)).toBe(null)
    expect(await call(bare, 'GC', C1, { ...config, ...NONE })).toBe(null)
    expect([linkNames('c1'), readdirSync(join(directory, 'data/net1')).includes('10.22.0.2')]).toEqual([
      ['lo'],
      false,
    ])
  })

  it('one that needs it is an error that says so, and nothing is left', async () => {
    const protocol = { code: 100, details: 'EPROTONOSUPPORT' }
    expect(await call(bare, 'ADD', C1, NET())).toMatchObject(protocol)
    expect(linkNames('c1')).toEqual(['lo'])
    expect(readdirSync(join(directory, 'data/net1'))).not.toContain('10.22.0.2')
    expect(await call(bare, 'STATUS', C1, NET())).toMatchObject({ code: 50 })
    expect(await call(bare, 'DEL', C1, NET())).toBe(null)
  })
})
