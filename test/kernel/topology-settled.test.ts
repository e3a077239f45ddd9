/** settled() waits for what the kernel does in its own time, and for nothing else. */

import { readdirSync } from 'node:fs'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createTopology, deleteTopology, settled, star, type Topology } from '../../src/topology.js'
import { PATIENCE } from './patience.js'
import { execIn, hasKind, ip, ipJson, type Printed, sysctl } from './support.js'
import { cleanAll, linkNames } from './topology-support.js'

afterEach(cleanAll)

const V6: Topology = {
  name: 'six',
  namespaces: {
    red: { links: { eth0: { addresses: ['fd00::1/64'] } } },
    blue: { links: { eth0: { addresses: ['fd00::2/64'] }, low: { peer: 'high', up: false }, high: {} } },
  },
  bridges: { br6: { ports: ['red:eth0', 'blue:eth0'], addresses: ['fd00::9/64'] }, idle: {} },
}

/** The addresses of the value, and whether each is tentative. */
const addresses = () =>
  Object.fromEntries(
    [...readdirSync('/run/netns'), undefined].flatMap((netns) =>
      ipJson('-6 address', netns).flatMap(({ addr_info }) =>
        (addr_info as Printed[])
          .filter(({ local }) => local.startsWith('fd00'))
          .map((info) => [info['local'], info['tentative'] === true]),
      ),
    ),
  )
const all = (tentative: boolean) => ({ 'fd00::1': tentative, 'fd00::2': tentative, 'fd00::9': tentative })

it('no address is tentative and every carrier is there; a link without another end that is up is not waited for', async () => {
  await createTopology(V6)
  expect(addresses()).toEqual(all(true))
  await settled(V6)
  expect(addresses()).toEqual(all(false))
  for (const [dev, netns] of [
    ['eth0', 'red'],
    ['eth0', 'blue'],
    ['br6', undefined],
  ] as const)
    expect(ipJson(`link show dev ${dev}`, netns)[0]).toMatchObject({ operstate: 'UP' })
  // There is nothing to wait for, and nothing would end the waiting: once more, and when all is gone.
  await expect(settled(V6, { signal: AbortSignal.timeout(5000 * PATIENCE) })).resolves.toBeUndefined()
  await deleteTopology(V6)
  await expect(settled(V6, { signal: AbortSignal.timeout(5000 * PATIENCE) })).resolves.toBeUndefined()
  expect([linkNames(), readdirSync('/run/netns')]).toEqual([['lo'], []])
})

it.for(['bond', 'team'] as const)('a %s without ports is not waited for', async (kind, context) => {
  context.skip(!hasKind(kind), `cannot be installed: this kernel has no ${kind}`)
  const value: Topology = { name: 'idle', namespaces: { red: { links: { over: { kind } } } } }
  await createTopology(value)
  await expect.poll(() => ipJson('link show dev over', 'red')[0]!['flags']).toContain('NO-CARRIER')
  await settled(value, { signal: AbortSignal.timeout(1000 * PATIENCE) })
})

it.each<[string, boolean, boolean]>([
  ['whose other end is down', true, false],
  ['that is down', false, true],
])('an address of a link %s stays tentative, and is not waited for', async (_, up, peerUp) => {
  const value: Topology = {
    name: 'six',
    namespaces: { red: { links: { e: { peer: ':h', up, addresses: ['fd00::1/64'] } } } },
    links: { h: { up: peerUp } },
  }
  await createTopology(value)
  await settled(value, { signal: AbortSignal.timeout(1000 * PATIENCE) })
  expect(addresses()).toEqual({ 'fd00::1': true })
})

it('an address that another interface has too is an error', async () => {
  const value = structuredClone(V6)
  value.namespaces!['blue']!.links!['eth0']!.addresses = ['fd00::1/64']
  await createTopology(value)
  await expect(settled(value)).rejects.toMatchObject({
    code: 'EADDRINUSE',
    path: expect.stringMatching(/^namespaces\.(red|blue)\.links\.eth0$/),
  })
})

it('the interfaces of a namespace that somebody deleted are gone', async () => {
  const value = star(3)
  await createTopology(value)
  await settled(value)
  ip('netns delete star-1')
  ip('netns delete star-3')
  await settled(value)
  expect(linkNames()).toEqual(['lo', 'star-br', expect.any(String)])
})

/** Whether somebody listens to events of a namespace (Groups in /proc/net/netlink). */
function listens(netns: string): boolean {
  return execIn(netns, 'cat', '/proc/net/netlink')
    .split('\n')
    .slice(1)
    .some((line) => {
      const [, , pid, groups] = line.trim().split(/ +/)
      return Number(pid) > 0 && Number.parseInt(groups!, 16) > 0
    })
}

it('a namespace is not waited for that loses its name meanwhile', async () => {
  // No carrier: what is at the other end is down.
  const value: Topology = {
    name: 'st',
    namespaces: { red: { links: { eth0: { peer: 'blue:eth0' } } }, blue: {} },
  }
  await createTopology(value)
  ip('link set eth0 down', 'blue')
  const waiting = settled(value)
  await expect.poll(() => listens('red'), { timeout: 5000 * PATIENCE }).toBe(true)
  ip('netns delete red')
  await waiting
})

describe('while it waits', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it.each([
    ['a carrier', 'accept_dad=0', ['link set eth0 down', 'link set eth0 up']],
    [
      'an address',
      'accept_dad=1 net.ipv6.conf.eth0.dad_transmits=1000',
      ['address add fd00:7::1/64 dev eth0', 'address delete fd00:7::1/64 dev eth0'],
    ],
  ])('for %s no clock runs: an event ends it', async (_, setting, [begin, end]) => {
    const sysctls = { 'net.ipv6.conf.default.accept_dad': 0 }
    const value: Topology = {
      name: 'st',
      namespaces: {
        red: { sysctls, links: { eth0: { peer: 'blue:eth0' } } },
        blue: { sysctls, links: { eth0: {} } },
      },
    }
    await createTopology(value)
    await settled(value)
    // An address is tentative until it is taken away.
    sysctl('blue', `net.ipv6.conf.eth0.${setting}`)
    ip(begin!, 'blue')
    // Nobody turns their clock on.
    vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval'] })
    let isOver = false
    const waiting = settled(value).then(() => {
      isOver = true
    })
    while (!listens('blue') && !listens('red')) await turn()
    // It looks once more before it waits.
    for (const begun = performance.now(); performance.now() < begun + 100 * PATIENCE; ) await turn()
    expect([isOver, vi.getTimerCount()]).toEqual([false, 0])
    ip(end!, 'blue')
    await waiting
  })
})

const turn = () => new Promise((resolve) => setImmediate(resolve))

it('a signal ends the waiting with its reason', async () => {
  await createTopology(V6)
  const reason = new Error('enough')
  const controller = new AbortController()
  const waiting = settled(V6, { signal: controller.signal })
  setImmediate(() => controller.abort(reason))
  await expect(waiting).rejects.toBe(reason)
  await expect(settled(V6, { signal: controller.signal })).rejects.toBe(reason)
})
