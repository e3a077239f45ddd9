import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import type * as promises from '../../src/index.js'
import { isKind, isPortKind, type Link, NetlinkError, type SetLinkOptions } from '../../src/index.js'
import { expectAllLikeIp, namesIn, printedLink, settledLinks } from './link-oracle.js'
import { FACES, hasKind, ip, ipJson, type Printed, withNetns, withVeth } from './support.js'

/** A link without its timers, which run on. */
function steady(link: Link): Link {
  const still = (data: Link['data']) =>
    data && Object.fromEntries(Object.entries(data).filter(([name]) => !/timer$/i.test(name)))
  return { ...link, data: still(link.data), portData: still(link.portData) }
}

/** What a refused call throws. */
async function failure(call: () => unknown): Promise<NetlinkError> {
  try {
    await call()
  } catch (error) {
    expect(error).toBeInstanceOf(NetlinkError)
    return error as NetlinkError
  }
  throw new Error('the call succeeded')
}

interface Change {
  options: SetLinkOptions
  /** Commands before it. */
  given?: string
  shows: (printed: Printed) => unknown
  is: unknown
  /** Where the interface is found afterwards. */
  name?: string
}

const flagged = (flag: string) => (printed: Printed) => (printed['flags'] as string[]).includes(flag)
const key = (name: string) => (printed: Printed) => printed[name]

const CHANGES: Change[] = [
  { options: { up: false }, shows: flagged('UP'), is: false },
  { options: { up: true }, given: 'link set eth0 down', shows: flagged('UP'), is: true },
  { options: { mtu: 9000 }, shows: key('mtu'), is: 9000 },
  { options: { mac: '02:00:00:00:00:0a' }, shows: key('address'), is: '02:00:00:00:00:0a' },
  { options: { broadcast: '02:ff:ff:ff:ff:ff' }, shows: key('broadcast'), is: '02:ff:ff:ff:ff:ff' },
  { options: { name: 'wan0' }, given: 'link set eth0 down', name: 'wan0', shows: key('ifindex'), is: 10 },
  { options: { master: 'br0' }, given: 'link add br0 type bridge', shows: key('master'), is: 'br0' },
  { options: { master: 20 }, given: 'link add br0 index 20 type bridge', shows: key('master'), is: 'br0' },
  { options: { txQueueLength: 17 }, shows: key('txqlen'), is: 17 },
  { options: { alias: 'uplink of rack 1' }, shows: key('ifalias'), is: 'uplink of rack 1' },
  { options: { alias: 'zu Gestell 1, außen' }, shows: key('ifalias'), is: 'zu Gestell 1, außen' },
  { options: { alias: 'x'.repeat(255) }, shows: key('ifalias'), is: 'x'.repeat(255) },
  { options: { alias: null }, given: 'link set eth0 alias old', shows: key('ifalias'), is: undefined },
  { options: { alias: '' }, given: 'link set eth0 alias old', shows: key('ifalias'), is: undefined },
  { options: { group: 42 }, shows: key('group'), is: '42' },
  { options: { promiscuous: true }, shows: flagged('PROMISC'), is: true },
  {
    options: { promiscuous: false },
    given: 'link set eth0 promisc on',
    shows: flagged('PROMISC'),
    is: false,
  },
  { options: { arp: false }, shows: flagged('NOARP'), is: true },
  { options: { arp: true }, given: 'link set eth0 arp off', shows: flagged('NOARP'), is: false },
  { options: { multicast: false }, shows: flagged('MULTICAST'), is: false },
  { options: { allMulticast: true }, shows: flagged('ALLMULTI'), is: true },
  { options: { dynamic: true }, shows: flagged('DYNAMIC'), is: true },
  { options: { linkMode: 'dormant' }, shows: key('linkmode'), is: 'DORMANT' },
  { options: { operState: 'dormant' }, shows: key('operstate'), is: 'DORMANT' },
  { options: { addrGenMode: 'none' }, shows: key('inet6_addr_gen_mode'), is: 'none' },
  { options: { gsoMaxSize: 32768 }, shows: key('gso_max_size'), is: 32768 },
  { options: { gsoMaxSegs: 100 }, shows: key('gso_max_segs'), is: 100 },
  { options: { groMaxSize: 30000 }, shows: key('gro_max_size'), is: 30000 },
  {
    options: { addAltNames: ['one', 'a-second-and-longer-name'] },
    shows: key('altnames'),
    is: ['one', 'a-second-and-longer-name'],
  },
  {
    options: { removeAltNames: ['one'], addAltNames: ['two'] },
    given: 'link property add dev eth0 altname one',
    shows: key('altnames'),
    is: ['two'],
  },
  {
    options: { mtu: 1400, txQueueLength: 5, alias: 'all', up: false },
    shows: ({ mtu, txqlen, ifalias, flags }) => [mtu, txqlen, ifalias, flags.includes('UP')],
    is: [1400, 5, 'all', false],
  },
]

// `await` suits both faces, so that one of their types stands for either.
describe.each(FACES as readonly { face: string; nl: typeof promises }[])('$face', ({ nl }) => {
  describe('setLink', () => {
    it.each(CHANGES)('$options', ({ options, given, shows, is, name = 'eth0' }) =>
      withVeth(async (netns) => {
        if (given !== undefined) ip(given, netns)
        if (name === 'eth0') expect(shows(printedLink('eth0', netns))).not.toEqual(is)
        await nl.setLink('eth0', { ...options, netns } as SetLinkOptions)
        expect(shows(printedLink(name, netns))).toEqual(is)
        await expectAllLikeIp(async () => nl.listLinks({ include: ['afSpec'], netns }), netns)
      }),
    )

    it('takes an interface out of its bridge', () =>
      withVeth(async (netns) => {
        ip('link add br0 type bridge', netns)
        ip('link set eth0 master br0', netns)
        await nl.setLink('eth0', { master: null, netns })
        expect(printedLink('eth0', netns)).not.toHaveProperty('master')
        await nl.setLink('eth0', { master: null, netns })
      }))

    it('changes settings of IPv4 and the token of IPv6', () =>
      withVeth(async (netns) => {
        const conf = { rp_filter: 2, forwarding: 1, arp_ignore: 1 }
        await nl.setLink('eth0', { afSpec: { inet: { conf } }, mtu: 1400, netns })
        for (const [name, value] of Object.entries(conf))
          expect(await nl.getSysctl(`net/ipv4/conf/eth0/${name}`, { netns })).toBe(String(value))
        expect(await nl.getSysctl('net/ipv4/conf/eth1/rp_filter', { netns })).not.toBe('2')
        await nl.setLink('eth0', { afSpec: { inet6: { token: '::7' } }, addrGenMode: 'none', netns })
        expect(ip('token get dev eth0', netns)).toContain('token ::7 dev eth0')
        const { afSpec } = await nl.getLink('eth0', { include: ['afSpec'], netns })
        expect(afSpec).toMatchObject({ inet: { conf }, inet6: { token: '::7', addrGenMode: 'none' } })
      }))

    it('sends nothing where nothing is to change', () =>
      withVeth(async (netns) => {
        const before = settledLinks(netns)
        await nl.setLink('eth0', { netns })
        expect(settledLinks(netns)).toEqual(before)
      }))

    it('changes what belongs to a kind and to a port', () =>
      withVeth(async (netns) => {
        ip('link add br0 type bridge', netns)
        await nl.setLink('br0', { kind: 'bridge', forwardDelay: 4, stp: true, up: true, netns })
        await nl.setLink('eth0', { master: 'br0', netns })
        await nl.setLink('eth1', { master: 'br0', netns })
        await nl.setLink('eth0', {
          port: { kind: 'bridge', cost: 77, hairpin: true, backupPort: 'eth1' },
          netns,
        })
        await expectAllLikeIp(async () => nl.listLinks({ include: ['afSpec'], netns }), netns)
        expect(printedLink('br0', netns)['linkinfo'].info_data).toMatchObject({
          forward_delay: 400,
          stp_state: 1,
        })
        expect(printedLink('eth0', netns)['linkinfo'].info_slave_data).toMatchObject({
          cost: 77,
          hairpin: true,
          backup_port: 'eth1',
        })
        await nl.setLink('eth0', { port: { kind: 'bridge', backupPort: null }, netns })
        expect(printedLink('eth0', netns)['linkinfo'].info_slave_data).not.toHaveProperty('backup_port')
      }))

    it('changes all interfaces of a group', () =>
      withVeth(async (netns) => {
        ip('link set eth0 group 42', netns)
        ip('link set eth1 group 42', netns)
        await nl.setLinkGroup(42, { mtu: 1300, up: false, netns })
        for (const name of ['eth0', 'eth1']) {
          expect(printedLink(name, netns)['mtu']).toBe(1300)
          expect(printedLink(name, netns)['flags']).not.toContain('UP')
        }
        expect(printedLink('lo', netns)['mtu']).toBe(65536)
        await nl.setLinkGroup(43, { mtu: 1200, netns })
        expect(printedLink('eth0', netns)['mtu']).toBe(1300)
      }))

    it.each([
      { options: { name: 'lo' }, error: { code: 'EEXIST', subject: "interface 'eth0'" } },
      {
        options: { mtu: 70_000 },
        error: { code: 'EINVAL', extack: { message: 'mtu greater than device maximum' } },
      },
      {
        options: { master: 'eth1' },
        error: { code: 'EOPNOTSUPP', advice: expect.stringContaining("'eth1' takes no ports") },
      },
      { options: { master: 'nobody' }, error: { code: 'ENODEV', subject: "master 'nobody'" } },
      { options: { carrier: false }, error: { code: 'EOPNOTSUPP', subject: "interface 'eth0'" } },
      { options: { addAltNames: ['lo'] }, error: { code: 'EEXIST', operation: 'RTM_NEWLINKPROP' } },
      { options: { removeAltNames: ['none'] }, error: { code: 'ENOENT', operation: 'RTM_DELLINKPROP' } },
      { options: { kind: 'bridge', stp: true } as const, error: { code: 'EOPNOTSUPP' } },
      { options: { port: { kind: 'bridge', cost: 1 } } as const, error: { code: 'EOPNOTSUPP' } },
    ])('is refused $options', ({ options, error }) =>
      withVeth(async (netns) => {
        const before = settledLinks(netns)
        expect(
          await failure(() => nl.setLink('eth0', { ...options, netns } as SetLinkOptions)),
        ).toMatchObject(error)
        expect(settledLinks(netns)).toEqual(before)
        const missing = await failure(() => nl.setLink('eth7', { ...options, netns } as SetLinkOptions))
        expect(missing).toMatchObject({
          code: 'ENODEV',
          message: expect.stringContaining(`in namespace '${netns}'`),
        })
      }),
    )
  })

  describe('createLink', () => {
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
            num_rx_queues: 2,
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
        options: { name: 'new0', kind: 'no-such-kind', data: null },
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

  describe('moveLink', () => {
    const TARGETS: Record<string, (netns: string) => Promise<Parameters<typeof nl.moveLink>[1]>> = {
      name: async (netns) => netns,
      handle: async (netns) => {
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

    it.each(Object.keys(TARGETS))('moves an interface to a namespace by %s', (by) =>
      withVeth((netns) =>
        withNetns(async (target) => {
          const link = await nl.moveLink('eth0', await TARGETS[by]!(target), { name: 'lan0', netns })
          expect(link).toMatchObject({ name: 'lan0', up: false, link: 11 })
          expect(printedLink('lan0', target)['ifindex']).toBe(link.ifindex)
          expect(namesIn(netns)).toEqual(['eth1'])
        }),
      ),
    )

    it('keeps name and ifindex where they are free, or takes those that are asked for', () =>
      withVeth((netns) =>
        withNetns(async (target) => {
          expect(await nl.moveLink('eth0', target, { netns })).toMatchObject({ name: 'eth0', ifindex: 10 })
          expect(await nl.moveLink(10, netns, { name: 'x', ifindex: 99, netns: target })).toMatchObject({
            name: 'x',
            ifindex: 99,
          })
          expect(namesIn(target)).toEqual([])
        }),
      ))

    it('is refused where the name or the ifindex is taken, and for what cannot move', () =>
      withVeth((netns) =>
        withVeth(async (target) => {
          const before = settledLinks(netns)
          ip('link add br0 type bridge', target)
          const taken = await failure(() => nl.moveLink('eth0', target, { netns }))
          expect(taken).toMatchObject({ code: 'EEXIST', advice: expect.stringContaining("'eth0' is taken") })
          const index = await failure(() => nl.moveLink('eth0', target, { name: 'x', ifindex: 11, netns }))
          expect(index.code).toBe('EBUSY')
          expect(settledLinks(netns)).toEqual(before)
          expect((await failure(() => nl.moveLink('lo', target, { netns }))).code).toBe('EINVAL')
          expect((await failure(() => nl.moveLink('eth9', target, { netns }))).code).toBe('ENODEV')
        }),
      ))
  })

  describe('deleteLink', () => {
    it('takes the peer along', () =>
      withVeth(async (netns) => {
        await nl.deleteLink('eth0', { netns })
        expect(namesIn(netns)).toEqual([])
        expect(await failure(() => nl.deleteLink('eth0', { netns }))).toMatchObject({ code: 'ENODEV' })
        expect(await failure(() => nl.deleteLink(10, { netns }))).toMatchObject({
          code: 'ENODEV',
          subject: 'interface 10',
        })
        expect(await failure(() => nl.deleteLink('lo', { netns }))).toMatchObject({ code: 'EOPNOTSUPP' })
      }))

    it('takes the peer along also where it lives elsewhere', () =>
      withNetns((netns) =>
        withNetns(async (other) => {
          ip(`link add near0 type veth peer name far0 netns ${other}`, netns)
          await nl.deleteLink('far0', { netns: other })
          expect([namesIn(netns), namesIn(other)]).toEqual([[], []])
        }),
      ))

    it('deletes a group', () =>
      withVeth(async (netns) => {
        ip('link add ifb0 group 42 type ifb', netns)
        ip('link add ifb1 group 42 type ifb', netns)
        await nl.deleteLinkGroup(42, { netns })
        expect(namesIn(netns)).toEqual(['eth0', 'eth1'])
        expect(await failure(() => nl.deleteLinkGroup(42, { netns }))).toMatchObject({
          code: 'ENODEV',
          subject: 'group 42',
        })
      }))
  })

  describe('getLink and listLinks', () => {
    it('read what ip made, field by field', () =>
      withVeth((netns) =>
        withNetns(async (other) => {
          for (const command of [
            'link add br0 type bridge mcast_querier 1 priority 4096 ageing_time 6000 stp_state 1',
            'link set br0 up',
            'link set eth0 alias uplink master br0 promisc on mtu 1400 txqueuelen 7 group 3',
            'link property add dev eth0 altname one altname a-second-and-longer-name',
            'link set eth0 type bridge_slave cost 5 priority 16 hairpin on isolated on',
            'link set eth1 arp off multicast off allmulticast on mode dormant addrgenmode none',
            `link add far0 numtxqueues 3 numrxqueues 1 type veth peer name far0 netns ${other}`,
            'link add ifb7 up type ifb',
          ])
            ip(command, netns)
          for (const where of [netns, other]) {
            const links = await expectAllLikeIp(
              async () => nl.listLinks({ include: ['afSpec'], netns: where }),
              where,
            )
            for (const link of links) {
              for (const dev of [link.name, link.ifindex, ...link.altNames])
                expect(steady(await nl.getLink(dev, { include: ['afSpec'], netns: where }))).toEqual(
                  steady(link),
                )
            }
          }
        }),
      ))

    it('are plain data', () =>
      withVeth(async (netns) => {
        const link = await nl.getLink('eth0', { include: ['stats', 'afSpec', 'vfs'], netns })
        expect(structuredClone(link)).toEqual(link)
        expect(JSON.parse(JSON.stringify(link))).toEqual(link)
        const undefinedFields = Object.entries(link).filter(([, value]) => value === undefined)
        expect(undefinedFields).toEqual([])
      }))

    it('say in which namespace the peer is', () =>
      withNetns((netns) =>
        withNetns(async (other) => {
          ip(`netns set ${other} 7`, netns)
          ip(`link add near0 type veth peer name far0 netns ${other}`, netns)
          const link = await nl.getLink('near0', { netns })
          expect(link).toMatchObject({ linkNetnsid: 7, link: printedLink('far0', other)['ifindex'] })
          expect(await nl.getNsid(other, { netns })).toBe(7)
        }),
      ))

    it('bring counters when asked for, as numbers and as bigint', () =>
      withVeth(async (netns) => {
        const inside = (...args: string[]) =>
          spawnSync('ip', ['netns', 'exec', netns, ...args], { encoding: 'utf8' })
        for (const name of ['eth0', 'eth1']) inside('sysctl', '-qw', `net.ipv6.conf.${name}.disable_ipv6=1`)
        ip('address add 192.0.2.1/24 dev eth0', netns)
        ip('neighbour add 192.0.2.2 lladdr 02:00:00:00:00:02 dev eth0', netns)
        // Nobody answers: 1.
        expect(inside('ping', '-c3', '-i0.01', '-W0.1', '192.0.2.2').status).toBe(1)
        const { stats64 } = JSON.parse(ip('-j -s link show dev eth0', netns))[0]
        const plain = await nl.getLink('eth0', { netns })
        expect([plain.stats, plain.bigStats, plain.afSpec]).toEqual([null, null, null])
        const { stats, bigStats } = await nl.getLink('eth0', { include: ['stats'], bigint: true, netns })
        expect(stats).toMatchObject({
          txPackets: stats64.tx.packets,
          txBytes: stats64.tx.bytes,
          rxPackets: stats64.rx.packets,
          rxBytes: stats64.rx.bytes,
          rxErrors: stats64.rx.errors,
          rxDropped: stats64.rx.dropped,
          rxOverErrors: stats64.rx.over_errors,
          multicast: stats64.rx.multicast,
          txErrors: stats64.tx.errors,
          txDropped: stats64.tx.dropped,
          txCarrierErrors: stats64.tx.carrier_errors,
          collisions: stats64.tx.collisions,
        })
        expect(stats!.txPackets).toBeGreaterThanOrEqual(3)
        expect(bigStats!.txBytes).toBe(BigInt(stats!.txBytes))
        expect((await nl.getLink('eth0', { include: ['stats'], netns })).bigStats).toBeNull()
      }))

    it('bring the settings of IPv4 and IPv6 when asked for', () =>
      withVeth(async (netns) => {
        const values = (family: string) => {
          const script = `cd /proc/sys/net/${family}/conf/eth0; for f in *; do echo "$f:$(cat $f 2>/dev/null)"; done`
          const lines = execFileSync('ip', ['netns', 'exec', netns, 'sh', '-c', script], { encoding: 'utf8' })
          const entries = lines
            .trim()
            .split('\n')
            .map((line) => /^(\w+):(.*)$/.exec(line)!)
          return Object.fromEntries(entries.map(([, name, value]) => [name!, Number(value)]))
        }
        // A different value for each setting that takes one, so that a wrong position shows.
        const numbered = [
          'arp_announce',
          'arp_ignore',
          'rp_filter',
          'log_martians',
          'medium_id',
          'tag',
          'promote_secondaries',
        ]
        for (const [index, name] of numbered.entries())
          await nl.setSysctl(`net/ipv4/conf/eth0/${name}`, index % 3, { netns })
        for (const [name, value] of Object.entries({
          hop_limit: 44,
          mtu: 1300,
          temp_valid_lft: 777,
          max_addresses: 9,
          dad_transmits: 3,
        }))
          await nl.setSysctl(`net/ipv6/conf/eth0/${name}`, value, { netns })
        const { afSpec } = await nl.getLink('eth0', { include: ['afSpec'], netns })
        const ipv4 = values('ipv4')
        for (const [name, value] of Object.entries(afSpec!.inet!.conf!))
          expect({ [name]: value }).toEqual({ [name]: ipv4[name] })
        const ipv6 = values('ipv6')
        // Times are milliseconds here; the secret is never told.
        const other = /interval|_delay$|^stable_secret$/
        for (const [name, value] of Object.entries(afSpec!.inet6!.conf!))
          if (!other.test(name)) expect({ [name]: value >>> 0 }).toEqual({ [name]: ipv6[name]! >>> 0 })
        expect(afSpec!.inet6).toMatchObject({
          addrGenMode: 'eui64',
          flags: expect.arrayContaining(['ready']),
        })
      }))

    it('filter by kind, master, state and group', () =>
      withVeth(async (netns) => {
        ip('link add br0 type bridge', netns)
        ip('link set eth0 master br0 group 9', netns)
        ip('link set eth1 down', netns)
        const names = async (filter: Parameters<typeof nl.listLinks>[0]) =>
          (await nl.listLinks({ ...filter, netns })).map(({ name }) => name).sort()
        expect(await names({ kind: 'veth' })).toEqual(['eth0', 'eth1'])
        expect(await names({ kind: 'bridge' })).toEqual(['br0'])
        expect(await names({ kind: 'no-such-kind' })).toEqual([])
        expect(await names({ master: 'br0' })).toEqual(['eth0'])
        expect(await names({ master: null })).toEqual(['br0', 'eth1', 'lo'])
        expect(await names({ up: true })).toEqual(['eth0', 'lo'])
        expect(await names({ up: false })).toEqual(['br0', 'eth1'])
        expect(await names({ group: 9 })).toEqual(['eth0'])
        expect(await names({ kind: 'veth', up: true, master: 'br0' })).toEqual(['eth0'])
        expect(await names({ kind: 'veth', up: false, master: null })).toEqual(['eth1'])
        expect(await failure(() => nl.listLinks({ master: 'br7', netns }))).toMatchObject({ code: 'ENODEV' })
      }))

    it('throw ENODEV where there is no such interface, naming the place', () =>
      withNetns(async (netns) => {
        for (const dev of ['eth0', 'a-name-of-more-than-15-bytes', 77]) {
          const error = await failure(() => nl.getLink(dev, { netns }))
          expect(error).toMatchObject({
            code: 'ENODEV',
            operation: 'RTM_GETLINK',
            advice: `there is no such interface in namespace '${netns}'`,
          })
        }
      }))

    it('narrow by kind', () =>
      withVeth(async (netns) => {
        ip('link add br0 type bridge forward_delay 400', netns)
        const link: Link = await nl.getLink('br0', { netns })
        expect(isKind(link, 'veth')).toBe(false)
        expect(isPortKind(link, 'bridge')).toBe(false)
        expect(isKind(link, 'bridge') && link.data.forwardDelay).toBe(4)
      }))
  })
})
