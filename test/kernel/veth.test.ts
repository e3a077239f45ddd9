import { describe, expect, it, onTestFinished } from 'vitest'
import type * as asynchronous from '../../src/index.js'
import type { NetnsLike, VethEnd } from '../../src/index.js'
import { expectAllLikeIp, namesIn, printedLink } from './link-oracle.js'
import { rxQueues } from './needs.js'
import { NETNS_WAYS } from './netns-ways.js'
import { execIn, FACES, ip, ipJson, type Printed, withNetns } from './support.js'

type Promises = typeof asynchronous

/** A namespace with a bridge br0 that is up. */
function withBridge<T>(work: (netns: string) => Promise<T>): Promise<T> {
  return withNetns(async (netns) => {
    ip('link add br0 type bridge', netns)
    ip('link set br0 up', netns)
    return await work(netns)
  })
}

/** The namespace that the test itself runs in, for ends at home. */
const HOME: NetnsLike = { pid: process.pid }

/** Everything that an end can be given; `n` tells the ends apart. */
function whole(name: string, n: number): VethEnd {
  return {
    name,
    ifindex: 700 + n,
    mac: `02:00:00:00:00:0${n}`,
    mtu: 1400 + n,
    master: 'br0',
    up: true,
    queues: { tx: n, rx: n + 1 },
    txQueueLength: 70 + n,
    group: n,
    arp: n === 1,
    gsoMaxSize: 30_000 + n,
    addrGenMode: n === 1 ? 'none' : 'random',
    addresses: [`192.0.2.${n}/24`, { address: `2001:db8::${n}/64`, flags: ['nodad'] }],
    routes: [
      { to: `198.51.100.${n}/32`, via: '192.0.2.200' },
      { to: `203.0.113.${n}/32`, dev: 'lo' },
    ],
  }
}

function expectWhole(name: string, n: number, netns: string | undefined): void {
  const printed = printedLink(name, netns)
  expect(printed).toMatchObject({
    ifindex: 700 + n,
    address: `02:00:00:00:00:0${n}`,
    mtu: 1400 + n,
    master: 'br0',
    num_tx_queues: n,
    ...rxQueues(n + 1),
    txqlen: 70 + n,
    group: String(n),
    gso_max_size: 30_000 + n,
    inet6_addr_gen_mode: n === 1 ? 'none' : 'random',
    linkinfo: { info_kind: 'veth', info_slave_kind: 'bridge' },
  })
  expect(printed['flags'].includes('UP')).toBe(true)
  expect(printed['flags'].includes('NOARP')).toBe(n !== 1)
  const addresses = ipJson(`address show dev ${name}`, netns)[0]!['addr_info'] as Printed[]
  const locals = addresses.filter(({ scope }) => scope === 'global').map(({ local }) => local)
  expect(locals).toEqual([`192.0.2.${n}`, `2001:db8::${n}`])
  const routes = ipJson(`route show`, netns).map(({ dst, gateway, dev }) => ({ dst, gateway, dev }))
  expect(routes).toContainEqual({ dst: `198.51.100.${n}`, gateway: '192.0.2.200', dev: name })
  expect(routes).toContainEqual({ dst: `203.0.113.${n}`, gateway: undefined, dev: 'lo' })
}

describe.each(FACES as readonly { face: string; nl: Promises }[])('createVethPair, $face', ({ nl }) => {
  describe.each(Object.keys(NETNS_WAYS))('a namespace by %s', (way) => {
    const open = (netns: string) => NETNS_WAYS[way]!(netns, nl)

    it('holds the far end, with all options on both', () =>
      withBridge((here) =>
        withBridge(async (there) => {
          const far = { ...whole('far0', 2), netns: await open(there) }
          const [first, second] = await nl.createVethPair(whole('near0', 1), far, { netns: here })
          expect(first).toMatchObject({ name: 'near0', ifindex: 701, link: 702, mtu: 1401 })
          expect(second).toMatchObject({ name: 'far0', ifindex: 702, link: 701, mtu: 1402 })
          expect([first.linkNetnsid, second.linkNetnsid]).not.toContain(null)
          expectWhole('near0', 1, here)
          expectWhole('far0', 2, there)
          await expectAllLikeIp(async () => nl.listLinks({ include: ['afSpec'], netns: here }), here)
          await expectAllLikeIp(async () => nl.listLinks({ include: ['afSpec'], netns: there }), there)
        }),
      ))

    it('holds the near end, the far one being where the call acts', () =>
      withBridge((here) =>
        withBridge(async (there) => {
          const near = { ...whole('near0', 1), netns: await open(there) }
          const [first, second] = await nl.createVethPair(near, whole('far0', 2), { netns: here })
          expect([first.name, second.name]).toEqual(['near0', 'far0'])
          expectWhole('near0', 1, there)
          expectWhole('far0', 2, here)
        }),
      ))

    it('holds both ends', () =>
      withBridge(async (there) => {
        const netns = await open(there)
        const ends = [whole('near0', 1), whole('far0', 2)].map((end) => ({ ...end, routes: [] }))
        const [first, second] = await nl.createVethPair({ ...ends[0]!, netns }, { ...ends[1]!, netns })
        expect([first.name, second.name]).toEqual(['near0', 'far0'])
        expect([first.linkNetnsid, second.linkNetnsid]).toEqual([null, null])
        expect(namesIn(there)).toEqual(['br0', 'far0', 'near0'])
        await expectAllLikeIp(async () => nl.listLinks({ include: ['afSpec'], netns: there }), there)
      }))

    it('is where the call acts, for both ends', () =>
      withNetns(async (there) => {
        await nl.createVethPair({ name: 'near0' }, { name: 'far0' }, { netns: await open(there) })
        expect(namesIn(there)).toEqual(['far0', 'near0'])
        expect(printedLink('near0', there)).toMatchObject({ link: 'far0' })
      }))
  })

  it('makes each end in a namespace of its own', () =>
    withNetns((red) =>
      withNetns(async (blue) => {
        const [first, second] = await nl.createVethPair(
          { name: 'eth0', netns: red },
          { name: 'eth0', netns: blue },
        )
        expect(printedLink('eth0', red)).toMatchObject({ ifindex: first.ifindex, link_index: second.ifindex })
        expect(printedLink('eth0', blue)).toMatchObject({
          ifindex: second.ifindex,
          link_index: first.ifindex,
        })
      }),
    ))

  it('makes a far end at home for a near one in a namespace', () =>
    withNetns(async (red) => {
      const name = `home-${process.pid}`
      const [first, second] = await nl.createVethPair({ name: 'eth0', netns: red }, { name, up: true })
      expect([first.name, second.name]).toEqual(['eth0', name])
      expect(printedLink(name)).toMatchObject({ link_index: first.ifindex })
      const again = await nl.getLink(name, { netns: HOME })
      expect(again.ifindex).toBe(second.ifindex)
      await nl.deleteLink(name)
      expect(namesIn(red)).toEqual([])
    }))

  it('is a method of a namespace, where ends live that say nothing else', () =>
    withNetns((red) =>
      withNetns(async (blue) => {
        const handle = await nl.openNetns(red)
        onTestFinished(() => handle.close())
        await handle.createVethPair({ name: 'near0' }, { name: 'far0', netns: blue })
        await handle.createVethPair({ name: 'near1', netns: blue }, { name: 'far1' })
        expect([namesIn(red), namesIn(blue)]).toEqual([
          ['far1', 'near0'],
          ['far0', 'near1'],
        ])
      }),
    ))

  it('carries packets: red reaches the bridge, with an address, a route and nothing else to do', () =>
    withBridge((host) =>
      withNetns(async (red) => {
        ip('address add 192.168.15.5/24 dev br0', host)
        await nl.createVethPair(
          { name: 'veth-red-br', master: 'br0', up: true },
          {
            name: 'eth0',
            netns: red,
            up: true,
            addresses: ['192.168.15.1/24'],
            routes: [{ to: 'default', via: '192.168.15.5' }],
          },
          { netns: host },
        )
        execIn(red, 'ping', '-c1', '-W5', '192.168.15.5')
        expect(ipJson('route show default', red)).toMatchObject([
          { dst: 'default', gateway: '192.168.15.5', dev: 'eth0' },
        ])
      }),
    ))
})
