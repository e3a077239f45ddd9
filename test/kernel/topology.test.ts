/** Topologies on the kernel: made whole or not at all, deleted whole, in both faces. */

import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import * as promises from '../../src/topology.js'
import { leafSpine, line, pair, ring, star, type Topology, TopologyError } from '../../src/topology.js'
import { library, lines, program } from './program.js'
import { execFileSync } from './programs.js'
import { execIn, ip, ipJson } from './support.js'
import { thrown } from './thrown.js'
import { cleanAll, linkNames, settled, stateOfAll, TOPOLOGY_FACES } from './topology-support.js'

const LAB: Topology = {
  name: 'lab',
  namespaces: {
    red: {
      sysctls: { 'net.ipv4.conf.eth0.forwarding': 1, 'net.ipv6.conf.default.accept_dad': 0 },
      links: { eth0: { addresses: ['192.168.15.1/24'], mtu: 1400, mac: '02:00:00:00:00:01' } },
      routes: [{ to: 'default', via: '192.168.15.5' }],
      rules: [{ from: '10.9.0.0/16', table: 100, priority: 1000 }],
      neighbours: [{ to: '192.168.15.9', mac: '02:00:00:00:00:09', dev: 'eth0' }],
    },
    blue: {
      loopback: false,
      links: {
        eth0: { addresses: ['192.168.15.2/24'] },
        mv: { kind: 'macvlan', link: 'eth0', mode: 'bridge', up: false },
      },
    },
  },
  bridges: { 'v-net-0': { addresses: ['192.168.15.5/24'], ports: ['red:eth0', 'blue:eth0'] } },
  routes: [{ to: '192.168.99.0/24', via: '192.168.15.1' }],
  rules: [{ to: '192.168.99.0/24', table: 254, priority: 2000 }],
  sysctls: { 'net.ipv4.ip_forward': 1 },
  neighbours: [{ to: '192.168.15.77', mac: '02:00:00:00:00:77', dev: 'v-net-0' }],
}

/** A pair that is what it will be at once, without duplicate address detection. */
function calmPair(): Topology {
  const value = pair()
  for (const netns of Object.values(value.namespaces!))
    netns.sysctls = { 'net.ipv6.conf.default.accept_dad': 0 }
  return value
}

const ping = (netns: string, to: string) => execIn(netns, 'ping', '-c1', '-W2', to)

afterEach(cleanAll)

describe.each(TOPOLOGY_FACES)('$face', ({ topology: tp }) => {
  it('a topology is what its value says, and after its end everything is as it was', async () => {
    const before = stateOfAll()
    await tp.createTopology(LAB)
    expect(ipJson('link show dev eth0', 'red')[0]).toMatchObject({
      mtu: 1400,
      address: '02:00:00:00:00:01',
      flags: expect.arrayContaining(['UP']),
    })
    expect(ipJson('route', 'red')[0]).toMatchObject({ dst: 'default', gateway: '192.168.15.5', dev: 'eth0' })
    expect(ipJson('rule', 'red').filter(({ priority }) => priority === 1000)).toMatchObject([
      { src: '10.9.0.0', table: '100' },
    ])
    expect(ipJson('neighbour', 'red')).toMatchObject([{ dst: '192.168.15.9', lladdr: '02:00:00:00:00:09' }])
    expect(ipJson('link show dev lo', 'blue')[0]!['flags']).not.toContain('UP')
    expect(ipJson('link show dev mv', 'blue')[0]).toMatchObject({
      link: 'eth0',
      linkinfo: { info_kind: 'macvlan' },
    })
    expect(ipJson('link show master v-net-0').map(({ ifname, mtu }) => [ifname, mtu])).toEqual([
      ['veth-red-eth0', 1400],
      ['veth-blue-eth0', 1500],
    ])
    expect(ipJson('route show 192.168.99.0/24')).toMatchObject([{ gateway: '192.168.15.1' }])
    expect(execFileSync('sysctl', ['-n', 'net.ipv4.ip_forward'])).toBe('1\n')
    expect(ping('red', '192.168.15.2')).toContain('1 received')
    const live = await tp.readTopology()
    const drawn = promises.drawTopology(live)
    expect(promises.drawTopology(live, { format: 'dot' })).toContain('02:00:00:00:00:01\\nmtu 1400')
    expect(await promises.drawTopologySvg(live)).toMatch(/<svg .*02:00:00:00:00:01.*<\/svg>/s)
    expect(drawn).toContain('["eth0<br>192.168.15.1/24<br>02:00:00:00:00:01<br>mtu 1400"]')
    expect(drawn).toContain('|"veth-red-eth0"|')
    expect(drawn).toMatch(/\["mv \(down\)<br>macvlan.*"\]/)
    await tp.deleteTopology('lab')
    expect(stateOfAll()).toEqual(before)
    expect(execFileSync('sysctl', ['-n', 'net.ipv4.ip_forward'])).toBe('0\n')
    await tp.deleteTopology('lab')
    await tp.deleteTopology(LAB)
  })

  it.each<[string, Topology, string, string]>([
    ['a pair', pair({ name: 'p' }), 'p-1', '10.0.0.2'],
    ['a star', star(5), 'star-1', '10.0.0.6'],
    ['a line', line(4), 'line-1', '10.0.0.10'],
    ['a ring', ring(5), 'ring-1', '10.0.0.10'],
    ['leaves and spines', leafSpine({ spines: 2, leaves: 2, hosts: 1 }), 'fabric-host-1-1', '10.0.2.2'],
  ])('%s reaches from one end to the other', async (_, value, from, to) => {
    const before = stateOfAll()
    await tp.createTopology(value)
    expect(ping(from, to)).toContain('1 received')
    await tp.deleteTopology(value)
    expect(stateOfAll()).toEqual(before)
  })

  it('a step that fails takes everything back and is named', async () => {
    const before = stateOfAll()
    const value: Topology = {
      ...LAB,
      namespaces: { ...LAB.namespaces, green: { links: { v: { kind: 'vlan', link: ':nowhere', id: 5 } } } },
    }
    const error = await thrown(() => tp.createTopology(value))
    expect(error).toBeInstanceOf(TopologyError)
    expect(error).toMatchObject({
      code: 'ENODEV',
      path: 'namespaces.green.links.v',
      left: [],
      cause: { code: 'ENODEV' },
    })
    expect(error.message).toMatch(/^createTopology: namespaces\.green\.links\.v: /)
    expect(error.message).toMatch(/there is no such interface in the process's own namespace$/)
    expect(stateOfAll()).toEqual(before)
  })

  it.each<[string, () => void, string, () => void]>([
    ['a namespace', () => ip('netns add blue'), 'namespaces.blue', () => ip('netns delete blue')],
    [
      'a bridge',
      () => ip('link add v-net-0 type bridge'),
      'bridges.v-net-0',
      () => ip('link delete v-net-0'),
    ],
    [
      'a port',
      () => ip('link add veth-blue-eth0 type bridge'),
      'namespaces.blue.links.eth0',
      () => ip('link delete veth-blue-eth0'),
    ],
  ])('%s that is there already is neither taken nor touched', async (_, make, path, clean) => {
    make()
    try {
      const before = stateOfAll()
      expect(await thrown(() => tp.createTopology(LAB))).toMatchObject({ code: 'EEXIST', path })
      expect(stateOfAll()).toEqual(before)
    } finally {
      clean()
    }
  })

  it('a topology is made once', async () => {
    await tp.createTopology(calmPair())
    await settled()
    const during = stateOfAll()
    expect(await thrown(() => tp.createTopology(calmPair()))).toMatchObject({ code: 'EEXIST' })
    expect(stateOfAll()).toEqual(during)
    await tp.deleteTopology('pair')
  })

  it('what is half destroyed is deleted, and what somebody else has made meanwhile stays', async () => {
    const before = stateOfAll()
    await tp.createTopology(star(3, { name: 'st' }))
    ip('netns delete st-1')
    ip('link delete st-br')
    ip('netns delete st-2')
    ip('netns add st-2')
    ip('link delete veth-st-3-eth0')
    ip('link add veth-st-3-eth0 type bridge')
    await tp.deleteTopology('st')
    expect(readdirSync('/run/netns')).toEqual(['st-2'])
    expect(linkNames()).toEqual(['lo', 'veth-st-3-eth0'])
    ip('netns delete st-2')
    ip('link delete veth-st-3-eth0')
    expect(stateOfAll()).toEqual(before)
  })

  it('without its record, the value is enough', async () => {
    const before = stateOfAll()
    await tp.createTopology(star(2))
    rmSync('/run/netlink-ts/star.json')
    await tp.deleteTopology(star(2))
    expect(stateOfAll()).toEqual(before)
  })

  it('a directory that cannot be written to is told before anything is made', async () => {
    mkdirSync('/run/full', { recursive: true })
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', '/run/full'])
    try {
      const before = stateOfAll()
      const error = await thrown(() => tp.createTopology(pair(), { journal: '/run/full' }))
      expect(error).toMatchObject({ code: 'EROFS', path: 'journal' })
      expect(error.message).toContain('the option journal names another directory')
      expect(stateOfAll()).toEqual(before)
    } finally {
      execFileSync('umount', ['/run/full'])
    }
  })

  // The lock takes no page; the record's beginning takes several.
  it.each([
    [1, /^journal$/],
    [3, /^journal$/],
    [5, /^namespaces\.star-\d+(\.links\.eth0)?$/],
    [8, /^namespaces\.star-\d\d+(\.links\.eth0)?$/],
  ])('a disk that is full after %i pages of the journal takes everything back', async (pages, path) => {
    mkdirSync('/run/full', { recursive: true })
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${pages * 4}k`, 'tmpfs', '/run/full'])
    try {
      const before = stateOfAll()
      const error = await thrown(() => tp.createTopology(star(120), { journal: '/run/full' }))
      expect(error).toMatchObject({ code: 'ENOSPC', path: expect.stringMatching(path), left: [] })
      expect(error.message).toMatch(/journal.*the option journal names another directory/)
      expect(stateOfAll()).toEqual(before)
      expect(readdirSync('/run/full')).toEqual([])
    } finally {
      execFileSync('umount', ['/run/full'])
    }
  })
})

it('an abort takes everything back and gives its reason', async () => {
  const before = stateOfAll()
  const reason = new Error('no longer wanted')
  const controller = new AbortController()
  const made = promises.createTopology(star(50), { signal: controller.signal })
  const watch = setInterval(() => existsSync('/run/netns/star-20') && controller.abort(reason), 1)
  await expect(made).rejects.toBe(reason)
  clearInterval(watch)
  expect(stateOfAll()).toEqual(before)
})

it('of two that make the same one wins, and the other says so', async () => {
  const results = await Promise.allSettled([
    promises.createTopology(star(10)),
    promises.createTopology(star(10)),
  ])
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  expect(results[1]).toMatchObject({
    reason: { code: 'EBUSY', message: expect.stringContaining(`process or thread ${process.pid} `) },
  })
  expect(ipJson('link show master star-br')).toHaveLength(10)
  await promises.deleteTopology('star')
})

it('two topologies with a namespace in common: the second fails whole', async () => {
  await promises.createTopology(calmPair())
  await settled()
  const before = stateOfAll()
  const value: Topology = { name: 'other', namespaces: { mine: {}, 'pair-2': {} } }
  await expect(promises.createTopology(value)).rejects.toMatchObject({
    path: 'namespaces.pair-2',
    code: 'EEXIST',
  })
  expect(stateOfAll()).toEqual(before)
  await promises.deleteTopology('pair')
})

it('a bridge that is deleted meanwhile fails the step that needs it', async () => {
  const before = stateOfAll()
  const made = promises.createTopology(star(50))
  const watch = setInterval(() => {
    if (!existsSync('/run/netns/star-10')) return
    clearInterval(watch)
    ip('link delete star-br')
  }, 1)
  const error = await thrown(() => made)
  // EINVAL where it goes after its ifindex has been asked for.
  expect(error).toMatchObject({
    code: expect.stringMatching(/^(ENODEV|EINVAL)$/),
    path: expect.stringMatching(/^namespaces\.star-\d+\.links\.eth0$/),
    message: expect.stringMatching(/master 'star-br'|'star-br' is not there/),
  })
  expect(stateOfAll()).toEqual(before)
})

it('user.max_net_namespaces, reached in the middle, takes everything back', async () => {
  const source = `
    const { createTopology, star } = await import(${library('topology')})
    const failed = await createTopology(star(9)).catch(({ code, path, left }) => ({ code, path, left }))
    print(failed)
    print(fs.readdirSync('/run/netns'))
    print((await nl.listLinks()).map(({ name }) => name))`
  const limit = [
    'sh',
    '-c',
    'mount -t tmpfs tmpfs /run; echo 6 >/proc/sys/user/max_net_namespaces && exec "$@"',
    'sh',
  ]
  const [failed, names, links] = await lines(program(source, { wrapper: ['unshare', '-Urnm', ...limit] }))
  expect(failed).toMatchObject({
    code: 'ENOSPC',
    path: expect.stringMatching(/^namespaces\.star-[4-9]$/),
    left: [],
  })
  expect(names).toEqual([])
  expect(links).toEqual(['lo'])
})
