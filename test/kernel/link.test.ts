import { describe, expect, it } from 'vitest'
import type * as promises from '../../src/index.js'
import { isPortKind } from '../../src/index.js'
import { expectAllLikeIp, printedLink, settledLinks } from './link-oracle.js'
import { rxQueues } from './needs.js'
import { PATIENCE } from './patience.js'
import { FACES, hasKind, ip, ipJson, type Printed, withNetns, withVeth } from './support.js'
import { failure } from './thrown.js'

// `await` suits both faces, so that one of their types stands for either.
describe.each(FACES as readonly { face: string; nl: typeof promises }[])('$face', ({ nl }) => {
  describe('createLink', () => {
    it('has the routes to the peers of IPv6 addresses, however it is brought up', () =>
      withNetns(async (netns) => {
        const flags = ['nodad' as const]
        const addresses = Array.from({ length: 99 }, (_, i) => ({
          address: `fd03::${i}:1/128`,
          peer: `fd03::${i}:2`,
          flags,
        }))
        const link = (name: string) => ({ name, up: true, addresses })
        await nl.createVethPair(link('near'), link('far'), { netns })
        await nl.createLink({ ...link('br0'), kind: 'bridge', addrGenMode: 'none', netns })
        // A work queue of the kernel makes them.
        const peers = () => ipJson('-6 route', netns).filter(({ dst }) => /^fd03:.*2$/.test(dst))
        await expect.poll(() => peers().length, { timeout: 10_000 * PATIENCE }).toBe(3 * 99)
      }))

    it.each(['ifb', 'dummy', 'veth'] as const)(
      'makes a link of kind %s with everything that it can be given',
      (kind) =>
        withVeth(async (netns) => {
          if (!hasKind(kind)) {
            const error = await failure(() => nl.createLink({ name: 'new0', kind: kind as 'ifb', netns }))
            expect(error).toMatchObject({
              code: 'EOPNOTSUPP',
              advice: expect.stringContaining(`lacks link kind '${kind}'`),
            })
            return
          }
          const link = await nl.createLink({
            name: 'new0',
            kind: kind as 'ifb',
            ifindex: 77,
            mac: '02:00:00:00:00:0a',
            mtu: 1400,
            txQueueLength: 7,
            group: 5,
            queues: { tx: 3, rx: 2 },
            up: true,
            arp: false,
            gsoMaxSize: 30_000,
            addrGenMode: 'none',
            addresses: ['192.0.2.1/24', { address: '2001:db8::1/64', flags: ['nodad'] }],
            routes: [{ to: '198.51.100.0/24', via: '192.0.2.9' }, { to: '203.0.113.0/24' }],
            netns,
          })
          expect(link).toMatchObject({ ifindex: 77, name: 'new0', kind, up: true, mtu: 1400 })
          expect(printedLink('new0', netns)).toMatchObject({
            ifindex: 77,
            mtu: 1400,
            address: '02:00:00:00:00:0a',
            txqlen: 7,
            group: '5',
            num_tx_queues: 3,
            ...rxQueues(2),
            gso_max_size: 30_000,
            inet6_addr_gen_mode: 'none',
            linkinfo: { info_kind: kind },
          })
          expect(printedLink('new0', netns)['flags']).toEqual(expect.arrayContaining(['UP', 'NOARP']))
          const addresses = ipJson('address show dev new0', netns)[0]!['addr_info'] as Printed[]
          expect(addresses.map(({ local }) => local)).toEqual(['192.0.2.1', '2001:db8::1'])
          const routes = ipJson('route show dev new0', netns).map(({ dst }) => dst)
          expect(routes.sort()).toEqual(['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24'])
          await expectAllLikeIp(async () => nl.listLinks({ include: ['afSpec'], netns }), netns)
        }),
    )

    it('makes a port of a bridge', () =>
      withNetns(async (netns) => {
        ip('link add br0 type bridge', netns)
        ip('link set br0 up', netns)
        const link = await nl.createLink({ name: 'new0', kind: 'ifb', master: 'br0', up: true, netns })
        expect(link.master).toBe(printedLink('br0', netns)['ifindex'])
        expect(isPortKind(link, 'bridge') && link.portData.state).toBe('forwarding')
        expect(printedLink('new0', netns)['master']).toBe('br0')
      }))

    it.each([
      {
        why: 'the name is taken',
        options: { name: 'eth0', kind: 'ifb' },
        error: {
          code: 'EEXIST',
          advice: expect.stringMatching(/^found by looking: 'eth0' in namespace '.*' is there already$/),
        },
      },
      {
        why: 'the name is another interface’s alternative name',
        options: { name: 'other', kind: 'ifb' },
        error: {
          code: 'EEXIST',
          advice: expect.stringMatching(/'other' in namespace '.*' is there already$/),
        },
      },
      {
        why: 'the kernel lacks the kind',
        options: { name: 'new0', rawKind: 'no-such-kind', data: null },
        error: {
          code: 'EOPNOTSUPP',
          subject: "no-such-kind 'new0'",
          extack: { message: 'Unknown device type' },
          advice: expect.stringContaining("the kernel lacks link kind 'no-such-kind'"),
        },
      },
      {
        why: 'the master takes no ports',
        options: { name: 'new0', kind: 'ifb', master: 'eth0' },
        error: { code: 'EOPNOTSUPP', advice: expect.stringContaining("'eth0' takes no ports") },
      },
      {
        why: 'the master is not there',
        options: { name: 'new0', kind: 'ifb', master: 'br7' },
        error: { code: 'ENODEV', subject: "master 'br7'" },
      },
      {
        why: 'the mtu is beyond what veth takes',
        options: { name: 'new0', kind: 'veth', mtu: 70_000 },
        error: {
          code: 'EINVAL',
          advice: "mtu: 70000 of 'new0' is not from 68 to 65535, which veth takes",
        },
      },
      {
        why: 'the mtu is beyond what the peer takes',
        options: { name: 'new0', kind: 'veth', peer: { name: 'new1', mtu: 70_000 } },
        error: {
          code: 'EINVAL',
          advice: "mtu: 70000 of 'new1' is not from 68 to 65535, which veth takes",
        },
      },
      {
        why: 'the ifindex is taken',
        options: { name: 'new0', kind: 'ifb', ifindex: 10 },
        error: {
          code: 'EEXIST',
          advice: expect.stringMatching(/ifindex 10 \('eth0'\) in namespace '.*' is there/),
        },
      },
      {
        why: 'an address comes twice',
        options: { name: 'new0', kind: 'ifb', addresses: ['192.0.2.1/24', '192.0.2.1/24'] },
        error: { code: 'EEXIST', operation: 'RTM_NEWADDR' },
      },
      {
        why: 'a gateway is in no network of the interface',
        options: { name: 'new0', kind: 'ifb', up: true, routes: [{ to: 'default', via: '192.0.2.9' }] },
        error: { code: 'ENETUNREACH', operation: 'RTM_NEWROUTE' },
      },
      {
        why: 'a route’s interface is not there',
        options: { name: 'new0', kind: 'ifb', up: true, routes: [{ to: '192.0.2.0/24', dev: 'eth7' }] },
        error: { code: 'ENODEV' },
      },
      {
        why: 'the mtu is too small for IPv6 addresses',
        options: { name: 'new0', kind: 'ifb', mtu: 1000, addresses: ['2001:db8::1/64'] },
        error: { operation: 'RTM_NEWADDR' },
      },
    ])('leaves nothing behind where $why', ({ options, error }) =>
      withVeth(async (netns) => {
        ip('link property add dev eth0 altname other', netns)
        const before = settledLinks(netns)
        // biome-ignore lint/suspicious/noExplicitAny: each row is another kind of options
        const given = { ...options, netns } as any
        expect(await failure(() => nl.createLink(given))).toMatchObject(error)
        expect(settledLinks(netns)).toEqual(before)
      }),
    )
  })
})
