import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { NetnsLike, VethEnd } from '../../src/index.js'
import * as asynchronous from '../../src/index.js'
import * as sync from '../../src/sync.js'
import { expectAllLikeIp, namesIn, printedLink, settledLinks } from './link-oracle.js'
import { rxQueues } from './needs.js'
import { lines, program } from './program.js'
import { execIn, FACES, ip, ipJson, type Printed, withNetns } from './support.js'
import { failure } from './thrown.js'

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

/** Ways to name a namespace. */
const WAYS: Record<string, (netns: string, nl: Promises) => Promise<NetnsLike>> = {
  name: async (netns) => netns,
  handle: async (netns, nl) => {
    const handle = await nl.openNetns(netns)
    onTestFinished(() => handle.close())
    return handle
  },
  path: async (netns) => ({ path: `/run/netns/${netns}` }),
  fd: async (netns) => {
    const fd = openSync(`/run/netns/${netns}`, 'r')
    onTestFinished(() => closeSync(fd))
    return { fd }
  },
  pid: async (netns) => {
    const child = spawn('ip', ['netns', 'exec', netns, 'sh', '-c', 'echo ready; exec sleep 60'])
    onTestFinished(() => void child.kill())
    await new Promise((resolve) => child.stdout.once('data', resolve))
    return { pid: child.pid! }
  },
}

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
  describe.each(Object.keys(WAYS))('a namespace by %s', (way) => {
    const open = (netns: string) => WAYS[way]!(netns, nl)

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

  describe('leaves nothing behind', () => {
    const TWICE = ['192.0.2.1/24', '192.0.2.1/24']
    const NOWHERE = [{ to: 'default', via: '192.0.2.9' }]
    interface Refusal {
      why: string
      near?: Partial<VethEnd>
      far?: Partial<VethEnd>
      error: object
    }
    const REFUSALS: Refusal[] = [
      {
        why: 'an address of the far end comes twice',
        far: { addresses: TWICE },
        error: { code: 'EEXIST', operation: 'RTM_NEWADDR', subject: expect.stringContaining('192.0.2.1/24') },
      },
      {
        why: 'an address of the near end comes twice',
        near: { addresses: TWICE },
        error: { code: 'EEXIST', operation: 'RTM_NEWADDR' },
      },
      {
        why: 'a gateway of the far end is in no network',
        far: { up: true, routes: NOWHERE },
        error: { code: 'ENETUNREACH', operation: 'RTM_NEWROUTE' },
      },
      {
        why: 'a gateway of the near end is in no network',
        near: { up: true, routes: NOWHERE },
        error: { code: 'ENETUNREACH', operation: 'RTM_NEWROUTE' },
      },
      {
        why: 'a route of the far end goes through an interface that is not there',
        far: { up: true, routes: [{ to: '192.0.2.0/24', dev: 'eth7' }] },
        error: { code: 'ENODEV' },
      },
      {
        why: 'the far end is down and has a route',
        far: { routes: [{ to: '192.0.2.0/24' }] },
        error: { code: 'ENETDOWN' },
      },
      {
        why: 'the master of the near end takes no ports',
        near: { master: 'lo' },
        error: { code: 'EOPNOTSUPP', advice: expect.stringContaining("'lo' takes no ports") },
      },
      {
        why: 'the master of the far end takes no ports',
        far: { master: 'lo' },
        error: {
          code: 'EOPNOTSUPP',
          subject: "interface 'far0'",
          advice: expect.stringContaining("'lo' takes no ports"),
        },
      },
      {
        why: 'the master of the near end is not there',
        near: { master: 'br7' },
        error: { code: 'ENODEV', subject: "master 'br7'" },
      },
      {
        why: 'nothing has the ifindex of the master of the near end',
        near: { master: 4242 },
        error: { code: 'EINVAL', advice: 'found by looking: interface 4242 is not there' },
      },
      {
        why: 'nothing has the ifindex of the master of the far end',
        far: { master: 4242 },
        error: { code: 'EINVAL', advice: 'found by looking: interface 4242 is not there' },
      },
      {
        why: 'the master of the far end is not there',
        far: { master: 'br7' },
        error: { code: 'ENODEV', subject: "master 'br7'" },
      },
      {
        why: 'the mtu is beyond what the kernel takes',
        far: { mtu: 70_000 },
        error: {
          code: 'EINVAL',
          subject: "veth 'near0' and 'far0'",
          advice: "mtu: 70000 of 'far0' is not from 68 to 65535, which veth takes",
        },
      },
      {
        why: 'the mtu is less than what the kernel takes',
        near: { mtu: 67 },
        error: { code: 'EINVAL', advice: expect.stringContaining("mtu: 67 of 'near0'") },
      },
    ]
    const ends = (far: string, { near, far: other }: Refusal): [VethEnd, VethEnd] => [
      { name: 'near0', ...near },
      { name: 'far0', netns: far, ...other },
    ]

    it.each(REFUSALS)('where $why', (refusal) =>
      withNetns((here) =>
        withNetns(async (there) => {
          const before = [settledLinks(here), settledLinks(there)]
          const [near, far] = ends(there, refusal)
          expect(await failure(() => nl.createVethPair(near, far, { netns: here }))).toMatchObject(
            refusal.error,
          )
          expect([settledLinks(here), settledLinks(there)]).toEqual(before)
          // The same with both ends in one namespace.
          const { netns: _, ...beside } = far
          expect(await failure(() => nl.createVethPair(near, beside, { netns: here }))).toMatchObject(
            refusal.error,
          )
          expect(settledLinks(here)).toEqual(before[0])
        }),
      ),
    )

    it.each([
      {
        taken: 'near',
        says: (here: string, _there: string) =>
          `found by looking: 'near0' in namespace '${here}' is there already`,
      },
      {
        taken: 'far',
        says: (_here: string, there: string) =>
          `found by looking: 'far0' in namespace '${there}' is there already`,
      },
      {
        taken: 'both',
        says: (here: string, there: string) =>
          `found by looking: 'near0' in namespace '${here}' and 'far0' in namespace '${there}' are there already`,
      },
      {
        taken: 'altname',
        says: (here: string, _there: string) =>
          `found by looking: 'near0' in namespace '${here}' is there already`,
      },
    ])('where a name is taken, and says which: $taken', ({ taken, says }) =>
      withNetns((here) =>
        withNetns(async (there) => {
          if (taken === 'near' || taken === 'both') ip('link add near0 type ifb', here)
          if (taken === 'far' || taken === 'both') ip('link add far0 type ifb', there)
          if (taken === 'altname') ip('link property add dev lo altname near0', here)
          const before = [settledLinks(here), settledLinks(there)]
          const error = await failure(() =>
            nl.createVethPair({ name: 'near0' }, { name: 'far0', netns: there }, { netns: here }),
          )
          expect(error).toMatchObject({
            code: 'EEXIST',
            advice: says(here, there),
            extack: { message: null, path: null },
          })
          expect([settledLinks(here), settledLinks(there)]).toEqual(before)
        }),
      ),
    )

    it('where both ends have one name in one namespace', () =>
      withNetns(async (here) => {
        const error = await failure(() =>
          nl.createVethPair({ name: 'same' }, { name: 'same' }, { netns: here }),
        )
        expect(error).toMatchObject({
          code: 'EEXIST',
          advice: expect.stringContaining('two ends in one namespace'),
        })
        expect(namesIn(here)).toEqual([])
      }))

    it('where an ifindex is taken', () =>
      withNetns(async (here) => {
        const error = await failure(() =>
          nl.createVethPair({ name: 'near0', ifindex: 50 }, { name: 'far0', ifindex: 1 }, { netns: here }),
        )
        expect(error).toMatchObject({
          advice: `found by looking: ifindex 1 ('lo') in namespace '${here}' is there already`,
        })
        expect(namesIn(here)).toEqual([])
      }))

    it('where the namespace of an end is not there', () =>
      withNetns(async (here) => {
        const call = async () =>
          nl.createVethPair({ name: 'near0' }, { name: 'far0', netns: 'no-such-netns' }, { netns: here })
        await expect(call()).rejects.toMatchObject({ name: 'SystemError', code: 'ENOENT' })
        expect(namesIn(here)).toEqual([])
      }))
  })
})

describe('createVethPair', () => {
  it('without the right to it says what is needed', async () => {
    const source = `
      const ends = [{ name: 'near0' }, { name: 'far0' }]
      print([await caught(() => nl.createVethPair(...ends)), await caught(() => sync.createVethPair(...ends))])
    `
    const wrapper = ['setpriv', '--bounding-set=-net_admin', '--inh-caps=-net_admin']
    const [errors] = (await lines(program(source, { wrapper }))) as [{ code: string; message: string }[]]
    for (const { code, message } of errors) {
      expect(code).toBe('EPERM')
      expect(message).toMatch(/^RTM_NEWLINK veth 'near0' and 'far0': EPERM .*; needs CAP_NET_ADMIN/)
    }
    expect(namesIn().filter((name) => name.startsWith('near0'))).toEqual([])
  })

  describe('aborted in the middle', () => {
    const has = (netns: string, name: string) => sync.listLinks({ netns }).some((link) => link.name === name)

    it('removes the pair that it has made before it settles', () =>
      withNetns((here) =>
        withNetns(async (there) => {
          const controller = new AbortController()
          let made = false
          const far: VethEnd = {
            name: 'far0',
            netns: there,
            // Asked for again once the pair is there: that is the middle.
            get addresses() {
              if (has(here, 'near0')) {
                made = has(there, 'far0')
                controller.abort(new Error('enough'))
              }
              return ['192.0.2.1/24']
            },
          }
          const { signal } = controller
          const { createVethPair } = asynchronous
          await expect(createVethPair({ name: 'near0' }, far, { netns: here, signal })).rejects.toThrow(
            'enough',
          )
          expect(made).toBe(true)
          expect([namesIn(here), namesIn(there)]).toEqual([[], []])
        }),
      ))

    it('leaves both ends or none, whenever it happens', () =>
      withNetns((here) =>
        withNetns(async (there) => {
          const { createVethPair } = asynchronous
          const outcomes = new Set<string>()
          for (let turns = 0; turns < 40; turns++) {
            const controller = new AbortController()
            const far = { name: 'far0', netns: there, up: true, addresses: ['192.0.2.1/24'] }
            const call = createVethPair({ name: 'near0' }, far, { netns: here, signal: controller.signal })
            const settled = call.then(
              () => 'made',
              (error: Error) => error.name,
            )
            for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate)
            controller.abort()
            const outcome = await settled
            outcomes.add(outcome)
            expect([has(here, 'near0'), has(there, 'far0')]).toEqual(
              outcome === 'made' ? [true, true] : [false, false],
            )
            if (outcome === 'made') sync.deleteLink('near0', { netns: here })
          }
          expect(outcomes).toContain('AbortError')
        }),
      ))

    it('sends nothing where the signal has fired already', () =>
      withNetns(async (here) => {
        const { createVethPair } = asynchronous
        const call = createVethPair(
          { name: 'near0' },
          { name: 'far0' },
          { netns: here, signal: AbortSignal.abort() },
        )
        await expect(call).rejects.toThrow('aborted')
        expect(namesIn(here)).toEqual([])
      }))
  })
})
