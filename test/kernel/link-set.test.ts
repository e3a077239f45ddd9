import { describe, expect, it } from 'vitest'
import type * as promises from '../../src/index.js'
import { type Link, monitor, type SetLinkOptions } from '../../src/index.js'
import { expectAllLikeIp, printedLink, settledLinks } from './link-oracle.js'
import { until } from './monitor-support.js'
import { expectRefused, noKind, since } from './needs.js'
import { spawnSync } from './programs.js'
import { FACES, hasKind, ip, ipJson, type Printed, withNetns, withVeth } from './support.js'
import { failure, thrown } from './thrown.js'

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
  // Older ones pass over it.
  ...(since(5, 17) ? [{ options: { groMaxSize: 30000 }, shows: key('gro_max_size'), is: 30000 }] : []),
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
        // Linux 5.10 tells the token with counters alone.
        const include = ['afSpec', ...(since(6, 1) ? [] : (['stats'] as const))] as const
        const { afSpec } = await nl.getLink('eth0', { include, netns })
        expect(afSpec).toMatchObject({ inet: { conf }, inet6: { token: '::7', addrGenMode: 'none' } })
      }))

    it('takes no addresses that are longer than those of the device', () =>
      withVeth(async (netns) => {
        const before = settledLinks(netns)
        for (const options of [
          { mac: '02:00:00:00:00:01:02:03' },
          { mtu: 1400, broadcast: '02:00:00:00:00:01:02:03' },
        ])
          await expect(async () => nl.setLink('eth0', { ...options, netns })).rejects.toThrow(RangeError)
        expect(settledLinks(netns)).toEqual(before)
      }))

    it('takes the shorter addresses of a tunnel', () =>
      withVeth(async (netns) => {
        const tunnel = { name: 'tunnel0', kind: 'ipip', local: '192.0.2.1', remote: '192.0.2.2' } as const
        const create = async () => nl.createLink({ ...tunnel, netns })
        if (!hasKind('ipip')) return expectRefused(create, noKind('ipip'))
        await create()
        await nl.setLink('tunnel0', { broadcast: 'c0:00:02:09', netns })
        expect(printedLink('tunnel0', netns)['broadcast']).toBe('192.0.2.9')
        const broadcast = 'c0:00:02:08:00:00'
        await expect(async () => nl.setLink('tunnel0', { broadcast, netns })).rejects.toThrow(RangeError)
        expect(printedLink('tunnel0', netns)['broadcast']).toBe('192.0.2.9')
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

    it('brings a port up once it has its options, and not where they are refused', () =>
      withVeth(async (netns) => {
        ip('link add br0 up type bridge', netns)
        ip('link set eth1 up', netns)
        ip('link set eth0 down', netns)
        await using events = await monitor(['link'], { netns })
        const port = { kind: 'bridge', isolated: true } as const
        await nl.setLink('eth0', { master: 'br0', up: true, port, netns })
        const { link } = await until(
          events,
          (event) => event.type === 'link' && event.link.name === 'eth0' && event.link.up,
        ).then((event) => event as { link: Link })
        expect(link.portData).toMatchObject({ isolated: true })
        expect(printedLink('eth0', netns)).toMatchObject({ master: 'br0', operstate: 'UP' })

        ip('link set eth0 down nomaster', netns)
        const refused = { kind: 'bridge', backupPort: 'lo' } as const
        expect(
          await failure(() => nl.setLink('eth0', { master: 'br0', up: true, port: refused, netns })),
        ).toMatchObject({ code: 'ENOENT' })
        expect(printedLink('eth0', netns)).toMatchObject({ master: 'br0', operstate: 'DOWN' })
      }))

    it.each([
      ['that is the first one', 'link set eth0 nomaster'],
      ['after another one', 'link set eth0 master br1'],
    ])('gives the options of a port to a master %s, alone and in a batch', (_, given) =>
      withVeth(async (netns) => {
        for (const name of ['br0', 'br1']) ip(`link add ${name} type bridge`, netns)
        const port = { kind: 'bridge', cost: 77, isolated: true } as const
        const changes: (() => unknown)[] = [
          () => nl.setLink('eth0', { master: 'br0', up: false, port, netns }),
          () => nl.batch((b) => b.setLink('eth0', { master: 'br0', up: false, port }), { netns }),
        ]
        for (const change of changes) {
          ip(given, netns)
          ip('link set eth0 up', netns)
          await change()
          const printed = printedLink('eth0', netns)
          expect(printed).toMatchObject({ master: 'br0', operstate: 'DOWN' })
          expect(printed['linkinfo'].info_slave_data).toMatchObject({ cost: 77, isolated: true })
        }
        const misnamed = { kind: 'bond', queueId: 2 } as const
        for (const master of [undefined, 'br1']) {
          const call = () => nl.setLink('eth0', { master, up: true, port: misnamed, netns })
          // Two bytes of IFLA_BRPORT_GUARD to a bridge.
          expect(await thrown(call)).toEqual(
            new RangeError("port.kind: 'bond' is another one than that of the master, 'bridge'"),
          )
          const unchanged = printedLink('eth0', netns)
          expect(unchanged).toMatchObject({ master: 'br0', operstate: 'DOWN' })
          expect(unchanged['linkinfo'].info_slave_data).toMatchObject({ guard: false })
        }
        expect(await failure(() => nl.setLink('eth0', { master: 'lo', port, netns }))).toMatchObject({
          code: 'EOPNOTSUPP',
          advice: expect.stringContaining("'lo' takes no ports"),
        })
      }),
    )

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
      {
        options: { alias: 'lan' },
        undone: { alias: null },
        shown: (name: string, netns: string) => printedLink(name, netns)['ifalias'],
        values: ['lan', undefined],
      },
      {
        options: { afSpec: { inet6: { token: '::7' } } },
        undone: { afSpec: { inet6: { token: '::' } } },
        shown: (name: string, netns: string) => ipJson(`token get dev ${name}`, netns)[0]!['token'],
        values: ['::7', '::'],
      },
    ])('changes $options of all interfaces of a group, and back', ({ options, undone, shown, values }) =>
      withVeth(async (netns) => {
        for (const name of ['eth0', 'eth1']) ip(`link set ${name} group 42`, netns)
        for (const [index, changes] of [options, undone].entries()) {
          await nl.setLinkGroup(42, { ...changes, netns })
          for (const name of ['eth0', 'eth1']) expect(shown(name, netns)).toBe(values[index])
        }
      }),
    )

    it.each([
      [{ carrier: false }, 'EOPNOTSUPP', 'is not for programs to set'],
      [{ master: 'eth1' }, 'EOPNOTSUPP', "'eth1' takes no ports"],
      [{ addrGenMode: 'stable_secret' }, 'EINVAL', 'net.ipv6.conf.NAME.stable_secret'],
    ] as const)('says why a group is refused %o', (options, code, advice) =>
      withVeth(async (netns) => {
        ip('link set eth0 group 42', netns)
        const before = settledLinks(netns)
        expect(await failure(() => nl.setLinkGroup(42, { ...options, netns }))).toMatchObject({
          code,
          subject: 'group 42',
          advice: expect.stringContaining(advice),
        })
        expect(settledLinks(netns)).toEqual(before)
      }),
    )

    it('changes the carrier of all interfaces of a group', () =>
      withNetns(async (netns) => {
        if (!hasKind('dummy'))
          return expectRefused(() => nl.createLink({ kind: 'dummy', name: 'dummy0', netns }), noKind('dummy'))
        for (const name of ['dummy0', 'dummy1']) ip(`link add ${name} group 42 up type dummy`, netns)
        for (const carrier of [false, true]) {
          await nl.setLinkGroup(42, { carrier, netns })
          for (const name of ['dummy0', 'dummy1'])
            expect(printedLink(name, netns)['flags'].includes('NO-CARRIER')).toBe(!carrier)
        }
      }))

    it('keeps all interfaces of a group down, and says why', () =>
      withVeth(async (netns) => {
        if (!hasKind('macvlan'))
          return expectRefused(
            () => nl.createLink({ kind: 'macvlan', name: 'mac0', link: 'eth0', netns }),
            noKind('macvlan'),
          )
        for (const name of ['mac0', 'mac1']) ip(`link add ${name} link eth0 group 42 type macvlan`, netns)
        await nl.setLinkGroup(42, { protoDown: true, netns })
        await nl.setLinkGroup(42, { protoDownReason: { value: 2 }, netns })
        for (const name of ['mac0', 'mac1'])
          expect(printedLink(name, netns)).toMatchObject({ proto_down: true, proto_down_reason: ['1'] })
      }))

    it.each([
      {
        options: { name: 'lo' },
        error: since(6, 2)
          ? { code: 'EEXIST', subject: "interface 'eth0'" }
          : { code: 'EBUSY', advice: expect.stringContaining('cannot be renamed') },
      },
      {
        options: { mtu: 70_000 },
        error: { code: 'EINVAL', extack: { message: 'mtu greater than device maximum' } },
      },
      {
        options: { master: 'eth1' },
        error: { code: 'EOPNOTSUPP', advice: expect.stringContaining("'eth1' takes no ports") },
      },
      { options: { master: 'nobody' }, error: { code: 'ENODEV', subject: "master 'nobody'" } },
      {
        options: { master: 4242 },
        error: { code: 'EINVAL', advice: 'found by looking: interface 4242 is not there' },
      },
      {
        options: { carrier: false },
        error: { code: 'EOPNOTSUPP', advice: expect.stringContaining('is not for programs to set') },
      },
      { options: { addAltNames: ['lo'] }, error: { code: 'EEXIST', operation: 'RTM_NEWLINKPROP' } },
      { options: { removeAltNames: ['none'] }, error: { code: 'ENOENT', operation: 'RTM_DELLINKPROP' } },
      {
        options: { kind: 'bridge', stp: true } as const,
        error: { code: 'EOPNOTSUPP', advice: expect.stringContaining('of another kind') },
      },
      {
        options: { port: { kind: 'bridge', cost: 1 } } as const,
        error: { code: 'EOPNOTSUPP', advice: 'port: it is no port' },
      },
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

    it('says what a bridge does not take', () =>
      withNetns(async (netns) => {
        ip('link add br0 type bridge', netns)
        const refused = { code: 'EINVAL', advice: 'mcastIgmpVersion: a bridge takes 2 or 3' }
        const options = { mcastIgmpVersion: 4, netns }
        expect(await failure(() => nl.setLink('br0', { kind: 'bridge', ...options }))).toMatchObject(refused)
        expect(await failure(() => nl.createBridge({ name: 'br1', ...options }))).toMatchObject(refused)
        expect(await failure(() => nl.setLink('lo', { master: 'br0', netns }))).toMatchObject({
          code: 'EINVAL',
          advice: expect.stringContaining('a bridge takes Ethernet alone, and not lo'),
        })
      }))

    it('says that an interface has no IPv6', () =>
      withVeth(async (netns) => {
        ip('link set eth0 mtu 1279', netns)
        expect(await failure(() => nl.setLink('eth0', { addrGenMode: 'none', netns }))).toMatchObject({
          code: 'EAFNOSUPPORT',
          advice: expect.stringContaining('IPv6 needs an MTU of 1280'),
        })
      }))

    it('says what an address lacks', () =>
      withVeth(async (netns) => {
        const secretless = {
          code: 'EINVAL',
          advice: expect.stringMatching(/^addrGenMode: 'stable_secret' needs a secret/),
        }
        const addrGenMode = 'stable_secret'
        const bridge = { name: 'br0', addrGenMode, netns } as const
        expect(await failure(() => nl.setLink('eth0', { addrGenMode, netns }))).toMatchObject(secretless)
        expect(await failure(() => nl.createBridge(bridge))).toMatchObject(secretless)
        await nl.setSysctl('net.ipv6.conf.default.stable_secret', '2001:db8::1', { netns })
        await nl.setLink('eth0', { addrGenMode, netns })
        await nl.createBridge(bridge)
        const zeros = '00:00:00:00:00:00'
        expect(await failure(() => nl.setLink('eth0', { mac: zeros, netns }))).toMatchObject({
          code: 'EADDRNOTAVAIL',
          advice: `mac: '${zeros}' is all zeros, which the interface cannot have`,
        })
      }))

    // What is refused before anything is sent.
    it.each(['address 00:00:00:00:00:00', 'name all', 'name default'])('ip has no "%s" either', (words) =>
      withVeth(async (netns) => {
        ip('link set eth0 down', netns)
        const { status } = spawnSync('ip', ['-n', netns, ...`link set eth0 ${words}`.split(' ')])
        expect(status).not.toBe(0)
        const made = `link add ${words.startsWith('name') ? words : `name br0 ${words}`} type bridge`
        expect(spawnSync('ip', ['-n', netns, ...made.split(' ')]).status).not.toBe(0)
        expect((await nl.listLinks({ netns })).map(({ name }) => name).sort()).toEqual(['eth0', 'eth1', 'lo'])
      }),
    )

    it('says what two macvlans cannot have both', async (context) => {
      context.skip(!hasKind('macvlan'), 'this kernel has no macvlan')
      await withVeth(async (netns) => {
        const mac = '02:00:00:00:00:55'
        const macvlan = { kind: 'macvlan', link: 'eth0', netns } as const
        const error = { code: 'EADDRINUSE', advice: expect.stringMatching(/^another macvlan .* same mac$/) }
        await nl.createLink({ ...macvlan, name: 'mac0', mac, up: true })
        expect(await failure(() => nl.createLink({ ...macvlan, name: 'mac1', mac, up: true }))).toMatchObject(
          error,
        )
        await nl.createLink({ ...macvlan, name: 'mac2', up: true })
        expect(await failure(() => nl.setLink('mac2', { mac, netns }))).toMatchObject(error)
      })
    })

    it('says of a tunnel over UDP that its port is taken', async (context) => {
      context.skip(!hasKind('vxlan'), 'this kernel has no vxlan')
      await withNetns(async (netns) => {
        const vxlan = { kind: 'vxlan', id: 1, dstport: 4789, netns } as const
        const advice = expect.stringContaining('its UDP port is taken')
        await nl.createLink({ ...vxlan, name: 'vx0', up: true })
        expect(
          await failure(() => nl.createLink({ ...vxlan, name: 'vx1', gbp: true, up: true })),
        ).toMatchObject({ code: 'EADDRINUSE', advice })
        await nl.createLink({ ...vxlan, name: 'vx2', gbp: true })
        expect(await failure(() => nl.setLink('vx2', { up: true, netns }))).toMatchObject({
          code: 'EADDRINUSE',
          advice,
        })
      })
    })

    it('says of an ifindex that it is not there', () =>
      withNetns(async (netns) => {
        const advice = `there is no such interface in namespace '${netns}'`
        expect(await failure(() => nl.setLink(4242, { up: true, netns }))).toMatchObject({
          code: 'ENODEV',
          advice,
        })
        expect(await failure(() => nl.deleteLink(4242, { netns }))).toMatchObject({ code: 'ENODEV', advice })
      }))
  })

  it('deleteLink says which interfaces can be deleted', () =>
    withNetns(async (netns) => {
      expect(await failure(() => nl.deleteLink('lo', { netns }))).toMatchObject({
        code: 'EOPNOTSUPP',
        advice: 'only what was made by netlink can be deleted: not lo, nor the device of a driver',
      })
    }))
})
