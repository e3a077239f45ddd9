/** Masquerading and published ports as part of a topology. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { openSocketInNetns, spawnInNetns } from '../../src/index.js'
import { listNat, masquerade, publishPort } from '../../src/nftables.js'
import {
  drawTopology,
  normalizeTopology,
  settled,
  type Topology,
  type TopologyNat,
} from '../../src/topology.js'
import { needNftables } from './needs.js'
import { execFileSync } from './programs.js'
import { execIn, hasTool } from './support.js'
import { cleanAll, linkNames, stateOfAll, TOPOLOGY_FACES } from './topology-support.js'

needNftables()

afterEach(() => {
  cleanAll()
  if (hasTool('nft')) execFileSync('nft', ['flush', 'ruleset'])
})

/** Outside has no route back to the inner network. */
const VALUE: Topology = {
  name: 'edge',
  namespaces: {
    inner: { links: { eth0: { addresses: ['10.5.0.2/24'] } }, routes: [{ to: 'default', via: '10.5.0.1' }] },
    outer: { links: { eth0: { addresses: ['192.0.2.2/24'] } } },
  },
  bridges: { 'in-br': { addresses: ['10.5.0.1/24'], ports: ['inner:eth0'] } },
  links: { uplink: { peer: 'outer:eth0', addresses: ['192.0.2.1/24'] } },
  sysctls: { 'net.ipv4.ip_forward': 1 },
  nat: {
    masquerade: [{ source: '10.5.0.0/24', outgoing: 'uplink' }],
    publish: [{ hostPort: 8080, to: '10.5.0.2:80' }],
  },
}

const ruleset = () => execFileSync('nft', ['list', 'ruleset'])

const sh = (commands: readonly string[]) => execFileSync('sh', ['-e'], { input: commands.join('\n') })

/** A packet goes out, and a connection to port 8080 comes in at this port. */
async function passes(port: number): Promise<void> {
  execIn('inner', 'ping', '-c1', '-W2', '192.0.2.2')
  const server = createServer((_, response) => response.end('from inside'))
  server.listen({ fd: await openSocketInNetns('inner', { address: '10.5.0.2', port }) })
  const client = spawnInNetns('outer', process.execPath, [
    '-e',
    `fetch('http://192.0.2.1:8080').then((r) => r.text()).then((t) => process.exit(t === 'from inside' ? 0 : 1))`,
  ])
  expect((await once(client, 'exit'))[0]).toBe(0)
  server.close()
}

describe.each(TOPOLOGY_FACES)('$face', ({ topology: tp }) => {
  it('packets go out and connections come in; afterwards none of it is left', async (context) => {
    context.skip(!hasTool('nft'), 'no nft')
    const before = stateOfAll()
    await tp.createTopology(VALUE)
    await settled(VALUE)
    await passes(80)
    expect(await tp.readTopology(VALUE)).toEqual(normalizeTopology(VALUE))
    expect((await tp.planTopology(VALUE)).explain()).toEqual([])
    await tp.deleteTopology('edge')
    expect(stateOfAll()).toEqual(before)
    // The library's own table stays, with nothing in it.
    expect(ruleset()).not.toMatch(/10\.5\.0|8080|uplink/)
    expect(await listNat()).toEqual([])
  })

  it('a port that moves, and one that goes', async () => {
    await tp.createTopology(VALUE)
    const moved = structuredClone(VALUE)
    moved.nat!.publish![0]!.to = '10.5.0.2:81'
    delete moved.nat!.masquerade
    const { steps } = await tp.applyTopology(moved)
    expect(steps.map(({ path, call }) => [path, call.call])).toEqual([
      ['nat.masquerade[0]', 'deleteNat'],
      ['nat.publish[0]', 'addNat'],
    ])
    expect(await tp.readTopology(moved)).toEqual(normalizeTopology(moved))
    expect((await tp.planTopology(moved)).explain()).toEqual([])
    await tp.deleteTopology('edge')
  })

  const web = { name: 'web', hostPort: 8080, to: '10.5.0.2:80' }
  const uplink = { name: 'up', source: '10.5.0.0/24', outgoing: 'uplink', except: '10.6.0.0/16' }
  it.for<[string, TopologyNat, TopologyNat, string[]]>([
    ['another port', { publish: [web] }, { publish: [{ ...web, hostPort: 9090 }] }, ['tcp . 9090']],
    ['no protocol any more', { publish: [{ ...web, protocol: 'udp' }] }, { publish: [web] }, ['tcp . 8080']],
    [
      'an address',
      { publish: [web] },
      { publish: [{ ...web, hostAddress: '192.0.2.1' }] },
      ['192.0.2.1 . tcp . 8080'],
    ],
    [
      'no address any more',
      { publish: [{ ...web, hostAddress: '192.0.2.1' }] },
      { publish: [web] },
      ['tcp . 8080'],
    ],
    [
      'the other family',
      { publish: [web] },
      { publish: [{ ...web, to: '[fd00::2]:80', dev: 'in-br' }] },
      ['tcp . 8080'],
    ],
    [
      'fewer ports',
      { publish: [{ ...web, hostPort: '9000-9003', to: '10.5.0.2' }] },
      { publish: [{ ...web, hostPort: '9001-9002', to: '10.5.0.2' }] },
      ['tcp . 9001', 'tcp . 9002'],
    ],
    [
      'more ports',
      { publish: [{ ...web, hostPort: '9000-9000', to: '10.5.0.2' }] },
      { publish: [{ ...web, hostPort: '9000-9001', to: '10.5.0.2' }] },
      ['tcp . 9000', 'tcp . 9001'],
    ],
    [
      'names that change places',
      { publish: [web, { ...web, name: 'two', hostPort: 9090 }] },
      {
        publish: [
          { ...web, name: 'two' },
          { ...web, hostPort: 9090 },
        ],
      },
      ['tcp . 8080', 'tcp . 9090'],
    ],
    [
      'less of a masquerade',
      { masquerade: [uplink] },
      { masquerade: [{ name: 'up', source: '10.5.0.0/24' }] },
      [],
    ],
  ])('%s under the same name: nothing of what it was is left', async ([, from, to, ports], context) => {
    context.skip(!hasTool('nft'), 'no nft')
    await tp.createTopology({ ...VALUE, nat: from })
    expect((await tp.planTopology({ ...VALUE, nat: from })).explain()).toEqual([])
    await tp.applyTopology({ ...VALUE, nat: to })
    const keys = [...ruleset().matchAll(/([\w.]+ \. )?(tcp|udp) \. \d+(?= comment "(web|two))/g)].map(
      ([key]) => key,
    )
    expect(keys.sort()).toEqual(ports)
    expect(ruleset()).not.toMatch(/uplink|10\.6\./)
    expect(await tp.readTopology({ ...VALUE, nat: to })).toEqual(normalizeTopology({ ...VALUE, nat: to }))
    expect((await tp.planTopology({ ...VALUE, nat: to })).explain()).toEqual([])
    await tp.deleteTopology('edge')
    expect(await listNat()).toEqual([])
  })

  it.for<TopologyNat>([
    { publish: [{ hostPort: 9000, to: '10.5.0.2' }] },
    { publish: [{ hostPort: 9000, hostAddress: '0.0.0.0', to: '10.5.0.2' }] },
    { publish: [{ hostPort: '9000-9003', hostAddress: '192.0.2.1', protocol: 'udp', to: '10.5.0.2' }] },
    { publish: [{ hostPort: '9000-9003', to: '10.5.0.2:8000-8003', dev: 'in-br', name: 'mine' }] },
    { publish: [{ hostPort: 53, protocol: 'sctp', hostAddress: 'FD00:0::1', to: '[FD00::0:2]:5353' }] },
    { masquerade: [{ source: '10.5.0.9/24' }] },
    { masquerade: [{ source: 'FD00:0::/64', outgoing: ['up1', 'up0'], except: ['FD00::/64', 'ff00::/8'] }] },
    { masquerade: [{ source: '10.5.0.0/24', outgoing: 'up*', except: '10.6.0.0/16', name: 'mine' }] },
  ])(
    '%j is read as it was written, and the commands that explain() tells take it away',
    async (nat, context) => {
      context.skip(!hasTool('nft'), 'no nft')
      const value = { ...VALUE, nat }
      await tp.createTopology(value)
      expect(await tp.readTopology(value)).toEqual(normalizeTopology(value))
      expect((await tp.planTopology(value)).explain()).toEqual([])
      const { nat: _, ...without } = value
      sh((await tp.planTopology(without)).explain())
      expect((await tp.planTopology(without)).explain()).toEqual([])
      expect(await listNat()).toEqual([])
      await tp.deleteTopology('edge')
    },
  )

  it('the commands that explain() tells let the same packets pass, and a changed port too', async (context) => {
    context.skip(!hasTool('nft'), 'no nft')
    sh((await tp.planTopology(VALUE)).explain())
    await settled(VALUE)
    await passes(80)
    cleanAll()
    execFileSync('nft', ['flush', 'ruleset'])
    await tp.createTopology(VALUE)
    await settled(VALUE)
    const moved = structuredClone(VALUE)
    moved.nat!.publish![0]!.to = '10.5.0.2:81'
    sh((await tp.planTopology(moved)).explain())
    await passes(81)
    await tp.deleteTopology('edge')
  })

  it('rules that were made by the commands are not known again, and the network that was is nobody’s: it is not taken over', async (context) => {
    context.skip(!hasTool('nft'), 'no nft')
    const first = (await tp.planTopology(VALUE)).explain()
    sh(first)
    // All but them is known.
    expect((await tp.planTopology(VALUE)).explain()).toEqual(first.filter((one) => one.startsWith('nft ')))
    const byHand = ruleset()
    expect(byHand.match(/masquerade|dnat/g)).toHaveLength(2)
    const before = await tp.readTopology()
    await expect((async () => tp.applyTopology(VALUE))()).rejects.toMatchObject({
      code: 'EEXIST',
      path: 'namespaces.inner',
    })
    expect(await tp.readTopology()).toEqual(before)
    expect(ruleset()).toBe(byHand)
    await tp.deleteTopology(VALUE)
    expect(linkNames()).toEqual(['lo'])
    expect(ruleset()).toContain(byHand)
  })

  it('more ports that are refused leave what was published as it is: it is not withdrawn and made again', async (context) => {
    context.skip(!hasTool('nft'), 'no nft')
    const nat: TopologyNat = { publish: [{ ...web, hostPort: '9000-9000', to: '10.5.0.2' }] }
    await tp.createTopology({ ...VALUE, nat })
    const other = await publishPort({ hostPort: 9001, to: '10.5.0.3:80', dev: 'in-br' })
    const monitor = spawn('nft', ['monitor', 'elements'])
    onTestFinished(() => void monitor.kill())
    let told = ''
    monitor.stdout.on('data', (data) => {
      told += data
    })
    const before = ruleset()
    const more: TopologyNat = { publish: [{ ...web, hostPort: '9000-9001', to: '10.5.0.2' }] }
    // Until it is told, nft may not listen yet.
    while (!told.includes('7000')) {
      const mark = await publishPort({ hostPort: 7000, to: '10.5.0.3:80', dev: 'in-br' })
      await mark.withdraw()
    }
    await expect((async () => tp.applyTopology({ ...VALUE, nat: more }))()).rejects.toMatchObject({
      code: 'EEXIST',
    })
    expect(ruleset()).toBe(before)
    const mark = await publishPort({ hostPort: 7001, to: '10.5.0.3:80', dev: 'in-br' })
    while (!told.includes('7001')) await once(monitor.stdout, 'data')
    expect(told).not.toMatch(/9000/)
    await mark.withdraw()
    await other.withdraw()
    await tp.deleteTopology('edge')
  })

  it('what somebody else keeps under the same name is neither taken nor withdrawn', async () => {
    const other = await masquerade({ source: '10.99.0.0/24', name: 'edge-10.5.0.0/24//uplink' })
    const before = stateOfAll()
    for (const make of [tp.createTopology, tp.applyTopology])
      await expect((async () => make(VALUE))()).rejects.toMatchObject({
        code: 'EEXIST',
        path: 'nat.masquerade[0]',
      })
    expect(stateOfAll()).toEqual(before)
    expect((await listNat()).map((one) => 'source' in one && one.source)).toEqual(['10.99.0.0/24'])
    await other.withdraw()
  })
})

it('is checked, explained and drawn', async () => {
  const { topology: tp } = TOPOLOGY_FACES[1]
  const inner = { publish: [{ hostPort: 53, protocol: 'udp' as const, to: '10.5.0.2' }] }
  const value = structuredClone(VALUE)
  Object.assign(value.namespaces!['inner']!, { nat: inner })
  value.nat!.masquerade!.push({ source: '10.6.0.0/24' })
  value.nat!.publish!.push({ hostPort: '90-91', to: '10.5.0.2' })
  const commands = tp.planTopology(value).explain()
  const isNft = (command: string) => /\bnft /.test(command)
  // The tables and the chains once in each namespace.
  expect(commands.filter(isNft)).toEqual([
    'nft add table inet nat',
    "nft 'add chain inet nat postrouting { type nat hook postrouting priority srcnat; }'",
    `nft 'add rule inet nat postrouting ip saddr 10.5.0.0/24 oifname "uplink" masquerade'`,
    "nft 'add rule inet nat postrouting ip saddr 10.6.0.0/24 masquerade'",
    "nft 'add chain inet nat prerouting { type nat hook prerouting priority dstnat; }'",
    "nft 'add rule inet nat prerouting fib daddr type local tcp dport 8080 dnat ip to 10.5.0.2:80'",
    "nft 'add rule inet nat prerouting fib daddr type local tcp dport 90-91 dnat ip to 10.5.0.2'",
    'ip netns exec inner nft add table inet nat',
    "ip netns exec inner nft 'add chain inet nat prerouting { type nat hook prerouting priority dstnat; }'",
    "ip netns exec inner nft 'add rule inet nat prerouting fib daddr type local udp dport 53 dnat ip to 10.5.0.2'",
  ])
  expect(drawTopology(VALUE)).toContain('["masquerade 10.5.0.0/24<br>#42;:8080/tcp to 10.5.0.2:80"]')
  for (const [nat, message] of [
    [{ masquerade: [{ source: 'x' }] }, 'nat.masquerade[0].source: '],
    [{ publish: [{ hostPort: 0, to: '10.0.0.1' }] }, 'nat.publish[0].hostPort: '],
    [{ publish: [{ hostPort: 80, to: '10.0.0.1', netns: 'x' }] }, "nat.publish[0]: unknown option 'netns'"],
    [{ forward: [] }, "nat: unknown option 'forward'"],
    [
      {
        publish: [
          { hostPort: 80, to: '10.0.0.1' },
          { hostPort: 80, to: '10.0.0.2' },
        ],
      },
      'nat.publish[1]: it is there twice',
    ],
  ] as const)
    expect(() => tp.planTopology({ ...VALUE, nat: nat as never })).toThrow(message)
})
