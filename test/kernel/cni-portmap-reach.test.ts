/** Conditions of published ports of docs/examples/cni: who reaches whom as whom, next to the plugin portmap. */

import { existsSync, readFileSync, rmSync } from 'node:fs'
import http from 'node:http'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { enableForwarding } from '../../src/nftables.js'
import { nft, portmap } from './cni-portmap-support.js'
import {
  ask,
  type Config,
  call,
  eachWithContainer,
  mirror,
  page,
  skipWithoutTheirs,
  THEIRS,
} from './cni-support.js'
import { needNftables } from './needs.js'
import { PATIENCE } from './patience.js'
import { hasTool, ip, type Printed, withoutDad, withoutDadHere } from './support.js'

needNftables()

const each = eachWithContainer()

describe('who reaches whom as whom', () => {
  beforeEach((context) => {
    skipWithoutTheirs(context)
    context.skip(!hasTool('iptables'), 'not installed: iptables')
    // The outside, which knows the way to containers by IPv4 alone.
    ip('netns add outside')
    withoutDad('outside', 'c1')
    // The bridge of the plugin: an address that is tentative answers nobody.
    withoutDadHere()
    ip('link add out0 type veth peer name eth0 netns outside')
    for (const args of ['address add 203.0.113.1/24 dev out0', 'address add 2001:db8:9::1/64 dev out0 nodad'])
      ip(args)
    for (const args of ['link set out0 up', 'link set lo up']) ip(args)
    for (const args of ['address add 203.0.113.2/24 dev eth0', 'address add 2001:db8:9::2/64 dev eth0 nodad'])
      ip(args, 'outside')
    ip('link set eth0 up', 'outside')
    ip('route add 10.22.0.0/24 via 203.0.113.1', 'outside')
  })

  const bridge = (): Config => ({
    cniVersion: '1.0.0',
    name: 'net1',
    type: 'bridge',
    isGateway: true,
    ipam: {
      type: 'host-local',
      dataDir: each.dataDir,
      ranges: [[{ subnet: '10.22.0.0/24' }], [{ subnet: 'fd00:22::/64' }]],
      routes: [{ dst: '0.0.0.0/0' }, { dst: '::/0' }],
    },
  })

  type Ask = (command: string, config: Config) => Promise<Printed | null>
  const ours: Ask = (command, config) => ask(command, config)
  const theirs: Ask = (command, config) => call(THEIRS, command, { id: 'c1', netns: 'c1' }, config)

  const VISITS = [
    ['outside', 'outside', 'http://203.0.113.1:8080/'],
    ['outside6', 'outside', 'http://[2001:db8:9::1]:8080/'],
    ['host', null, 'http://203.0.113.1:8080/'],
    ['loopback', null, 'http://127.0.0.1:8080/'],
    ['direct', 'outside', 'http://10.22.0.2/'],
  ] as const

  /** The container tells visitors who they are, the host that it is the host. */
  async function seen(by: Ask, keys: object): Promise<Record<string, string>> {
    const result = (await ask('ADD', bridge()))!
    const config = { ...portmap({ cniVersion: '1.0.0', ...keys }), prevResult: result }
    const answer = await by('ADD', config)
    expect(answer).not.toHaveProperty('code')
    const host = http.createServer((_, response) => response.setHeader('connection', 'close').end('host'))
    const servers = [host]
    const reached: Record<string, string> = {}
    try {
      for (const address of ['10.22.0.2', 'fd00:22::2']) servers.push(await mirror('c1', address))
      await new Promise<void>((resolve) => host.listen(8080, '::', resolve))
      for (const [name, from, url] of VISITS) reached[name] = await page(from, url)
    } finally {
      for (const server of servers) server.close()
    }
    await by('DEL', config)
    await ask('DEL', bridge())
    ip('link delete cni0')
    nft('flush', 'ruleset')
    // The next one gets the same addresses.
    rmSync(join(each.dataDir, 'net1'), { recursive: true })
    return reached
  }

  const ROWS: [keys: object, expected: object][] = [
    [{}, { outside: '203.0.113.2', outside6: '2001:db8:9::2' }],
    [{ conditionsV4: ['-s', '203.0.113.2'] }, { outside: '203.0.113.2', host: 'host', loopback: 'host' }],
    [{ conditionsV4: ['!', '-s', '203.0.113.2/32'] }, { outside: 'host', outside6: '2001:db8:9::2' }],
    [{ conditionsV4: ['-d', '127.0.0.0/8'] }, { outside: 'host', host: 'host' }],
    [{ conditionsV4: ['-i', 'out+'] }, { outside: '203.0.113.2', host: 'host' }],
    [{ conditionsV4: ['!', '-i', 'out0'] }, { outside: 'host' }],
    [{ conditionsV4: ['-m', 'addrtype', '--src-type', 'LOCAL'] }, { outside: 'host' }],
    [
      { conditionsV4: ['-s', '203.0.113.0/24', '-m', 'tcp', '--sport', '1024:', '!', '-d', '203.0.113.9'] },
      { outside: '203.0.113.2' },
    ],
    [{ conditionsV4: ['-m', 'multiport', '--sports', '1,2:3'] }, { outside: 'host' }],
    [{ conditionsV6: ['!', '-s', '2001:db8:9::/64'] }, { outside: '203.0.113.2', outside6: 'host' }],
    [{ masqAll: true }, { outside: '10.22.0.1', outside6: 'fd00:22::1' }],
    [
      { masqAll: true, snat: false },
      { outside: '203.0.113.2', outside6: '2001:db8:9::2' },
    ],
    [
      { masqAll: true, conditionsV4: ['-s', '203.0.113.9'] },
      { outside: 'host', outside6: 'fd00:22::1' },
    ],
  ]

  it.each(ROWS)(
    '%j',
    async (keys, expected) => {
      expect(await seen(ours, keys)).toMatchObject({ ...expected, direct: '203.0.113.2' })
    },
    60_000 * PATIENCE,
  )

  /** Debian's portmap of 2023 has no masqAll: what that does is checked above, and here where the machine has a newer one. */
  const portmapFile = join(THEIRS, 'portmap')
  const knowsAll = existsSync(portmapFile) && readFileSync(portmapFile).includes('masqAll')
  const comparable = ROWS.filter(([keys]) => knowsAll || !('masqAll' in keys))

  it.each(comparable)(
    `%j: the same as by the plugin portmap, ${knowsAll ? 'which has' : 'which lacks'} masqAll`,
    async (keys) => {
      const mine = await seen(ours, keys)
      const { host, loopback, ...fromOutside } = await seen(theirs, keys)
      expect(mine).toMatchObject(fromOutside)
      // The host's own connections have one of its addresses.
      const isHost = (answer: string | undefined) => answer === 'host'
      expect([mine['host'], mine['loopback']].map(isHost)).toEqual([host, loopback].map(isHost))
    },
    60_000 * PATIENCE,
  )

  describe('one port of several containers, each under conditions of its own', () => {
    const HOST_ADDRESSES = ['203.0.113.1', '203.0.113.5', '203.0.113.6']
    const to = (address: string) => ({ conditionsV4: ['-d', address] })
    /** The one that was there first keeps what fits both. */
    const CONTAINERS: [id: string, keys: object][] = [
      ['c1', to('203.0.113.1')],
      ['c2', to('203.0.113.0/29')],
      ['c3', to('203.0.113.6')],
    ]
    const byId = (by: typeof ask | 'theirs') => async (command: string, id: string, keys: object) => {
      const own = {
        cniVersion: '1.0.0',
        interfaces: [{ name: 'eth0', sandbox: `/run/netns/${id}` }],
        ips: [{ address: `10.22.0.1${id.at(-1)}/24`, interface: 0, gateway: '10.22.0.1' }],
      }
      const config = { ...portmap({ cniVersion: '1.0.0', ...keys }), prevResult: own }
      const answer =
        by === 'theirs'
          ? await call(THEIRS, command, { id, netns: id }, config)
          : await by(command, config, { CNI_CONTAINERID: id, CNI_NETNS: `/run/netns/${id}` })
      if (answer !== null) expect(answer).not.toHaveProperty('code')
    }

    /** Which container answers at each address of the host, and as whom it sees a visitor from outside, the host, a neighbour. */
    async function answers(): Promise<string[]> {
      const all: string[] = []
      for (const address of HOST_ADDRESSES)
        for (const from of ['outside', null, 'c3']) all.push(await page(from, `http://${address}:8080/`))
      return all.map((one) => (/ECONNREFUSED|fetch failed/.test(one) ? 'nobody' : one))
    }

    async function shared(by: typeof ask | 'theirs') {
      const run = byId(by)
      ip('link add br0 type bridge')
      for (const args of ['address add 10.22.0.1/24 dev br0', 'link set br0 up']) ip(args)
      for (const address of HOST_ADDRESSES.slice(1)) ip(`address add ${address}/24 dev out0`)
      const servers: http.Server[] = []
      try {
        for (const [id] of CONTAINERS) {
          if (id !== 'c1') ip(`netns add ${id}`)
          ip(`link add port-${id} type veth peer name eth0 netns ${id}`)
          for (const args of [`master br0`, 'up']) ip(`link set port-${id} ${args}`)
          const own = `10.22.0.1${id.at(-1)}`
          for (const args of [`address add ${own}/24 dev eth0`, 'link set eth0 up', 'link set lo up'])
            ip(args, id)
          ip('route add default via 10.22.0.1', id)
          servers.push(await mirror(id, own, `${id} sees `))
        }
        await enableForwarding({ family: 'ipv4' })
        for (const [id, keys] of CONTAINERS) await run('ADD', id, keys)
        const three = await answers()
        if (by !== 'theirs') for (const [id, keys] of CONTAINERS) await run('CHECK', id, keys)
        await run('DEL', ...CONTAINERS[0]!)
        const two = await answers()
        for (const one of CONTAINERS.slice(1)) await run('DEL', ...one)
        return { three, two, none: await answers() }
      } finally {
        for (const server of servers) server.close()
      }
    }

    const from = (id: string, ...visitors: string[]) => visitors.map((one) => `${id} sees ${one}`)
    /** A neighbour comes in as the host, as does the host itself: by whichever of its addresses. */
    const EXPECTED = {
      three: [
        ...from('c1', '203.0.113.2', 'the host', 'the host'),
        ...from('c2', '203.0.113.2', 'the host', 'the host'),
        ...from('c2', '203.0.113.2', 'the host', 'the host'),
      ],
      two: Array.from({ length: 3 }, () => from('c2', '203.0.113.2', 'the host', 'the host')).flat(),
      none: Array.from({ length: 9 }, () => 'nobody'),
    }
    const ofHost = (text: string) => text.replace(/sees (10\.22\.0\.1|203\.0\.113\.[156])$/, 'sees the host')
    const plain = (found: Awaited<ReturnType<typeof shared>>) =>
      Object.fromEntries(Object.entries(found).map(([key, all]) => [key, all.map(ofHost)]))

    it('the first whose conditions fit has the connection', { timeout: 60_000 * PATIENCE }, async () => {
      expect(plain(await shared(ask))).toEqual(EXPECTED)
      expect(nft('list', 'table', 'inet', 'netlink-ts')).not.toContain('comment "cni-')
    })

    it('the same as by the plugin portmap', { timeout: 60_000 * PATIENCE }, async () => {
      expect(plain(await shared('theirs'))).toEqual(EXPECTED)
    })
  })

  const CONDITIONED = { conditionsV4: ['-s', '198.51.100.9'] }
  const every = { hostPort: 8080, containerPort: 80 }
  const single = { ...every, hostIP: '203.0.113.1' }
  const attachment = (id: string, portMapping: object, more: object = {}) =>
    [
      'ADD',
      {
        ...portmap({ ...more, runtimeConfig: { portMappings: [portMapping] } }),
        prevResult: {
          cniVersion: '1.1.0',
          interfaces: [{ name: 'eth0', sandbox: `/run/netns/${id}` }],
          ips: [{ address: `10.22.0.${id.at(-1)}/24`, interface: 0 }],
        },
      },
      { CNI_CONTAINERID: id },
    ] as const

  describe('every address with conditions beside one that is another container’s', () => {
    const A = () => attachment('c2', every, CONDITIONED)
    // Nobody listens where it leads to.
    const fitting = () => attachment('d3', { ...every, containerPort: 9 }, { conditionsV4: ['-i', 'out0'] })
    it.each([
      ['one first', () => [attachment('c3', single), A()], '203.0.113.2'],
      ['every one first', () => [A(), attachment('c3', single)], '203.0.113.2'],
      ['that fit, one first', () => [attachment('c3', single), fitting()], '203.0.113.2'],
      ['that fit, every one first', () => [fitting(), attachment('c3', single)], '203.0.113.2'],
      // Whose conditions nobody fits.
      ['with conditions of its own', () => [A(), attachment('c3', single, CONDITIONED)], 'refused'],
      ['with conditions of its own first', () => [attachment('c3', single, CONDITIONED), A()], 'refused'],
      [
        'with conditions that fit',
        () => [A(), attachment('c3', single, { conditionsV4: ['-i', 'out0'] })],
        '203.0.113.2',
      ],
    ] as const)('%s', async (_, calls, expected) => {
      ip('link add br0 type bridge')
      for (const args of ['address add 10.22.0.1/24 dev br0', 'link set br0 up']) ip(args)
      for (const args of ['address add 203.0.113.5/24 dev out0']) ip(args)
      ip('netns add c3')
      ip('link add port3 type veth peer name eth0 netns c3')
      for (const args of ['link set port3 master br0', 'link set port3 up']) ip(args)
      for (const args of [
        'address add 10.22.0.3/24 dev eth0',
        'link set eth0 up',
        'route add default via 10.22.0.1',
      ])
        ip(args, 'c3')
      await enableForwarding({ family: 'ipv4' })
      const server = await mirror('c3', '10.22.0.3')
      try {
        for (const call of calls()) expect(await ask(...call)).not.toHaveProperty('code')
        const answers = [
          await page('outside', 'http://203.0.113.1:8080/'),
          await page('outside', 'http://203.0.113.5:8080/'),
        ].map((answer) => (answer.includes('ECONNREFUSED') ? 'refused' : answer))
        expect(answers).toEqual([expected, 'refused'])
      } finally {
        server.close()
      }
    })
  })
})
