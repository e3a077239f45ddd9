/** Links that stand on an interface of another namespace, and pairs through createLink. */

import { describe, expect, it, onTestFinished } from 'vitest'
import type * as promises from '../../src/index.js'
import { NetlinkError, type NetnsLike } from '../../src/index.js'
import { namesIn, printedLink, settledLinks } from './link-oracle.js'
import { lines, program, start } from './program.js'
import { FACES, hasKind, ip, ipJson, withNetns, withVeth } from './support.js'

const HOME: NetnsLike = { pid: process.pid }

describe.each(FACES as readonly { face: string; nl: typeof promises }[])('createLink, $face', ({ nl }) => {
  const macvlan = { kind: 'macvlan', mode: 'bridge' } as const

  it.skipIf(!hasKind('macvlan'))('makes a macvlan in a namespace, on an interface of another one', () =>
    withVeth((below) =>
      withNetns(async (netns) => {
        const link = await nl.createLink({
          ...macvlan,
          name: 'mac0',
          link: 'eth0',
          linkNetns: below,
          mac: '02:00:00:00:00:0a',
          up: true,
          addresses: ['192.0.2.1/24'],
          routes: [{ to: 'default', via: '192.0.2.254' }],
          netns,
        })
        expect(link).toMatchObject({ name: 'mac0', kind: 'macvlan', link: 10, up: true })
        expect(link.linkNetnsid).not.toBeNull()
        expect(printedLink('mac0', netns)).toMatchObject({
          ifindex: link.ifindex,
          link_index: 10,
          address: '02:00:00:00:00:0a',
          linkinfo: { info_kind: 'macvlan', info_data: { mode: 'bridge' } },
        })
        expect(ipJson('route show default', netns)).toMatchObject([{ gateway: '192.0.2.254', dev: 'mac0' }])
        expect(namesIn(below)).toEqual(['eth0', 'eth1'])
      }),
    ),
  )

  it.skipIf(!hasKind('macvlan'))('says what the interface underneath may not allow', () =>
    withVeth(async (netns) => {
      const making = async (options: object) =>
        nl.createLink({ ...macvlan, name: 'mac0', link: 'eth0', netns, ...options })
      const high = { code: 'EINVAL', advice: 'perhaps mtu: 9000 is above that of the interface underneath' }
      await expect(making({ mtu: 9000 })).rejects.toMatchObject(high)
      await making({})
      await expect(async () => nl.setLink('mac0', { mtu: 9000, netns })).rejects.toMatchObject(high)
      await expect(making({ name: 'mac1', mode: 'passthru' })).rejects.toMatchObject({
        code: 'EINVAL',
        advice: "perhaps because a macvlan in mode 'passthru' has the interface underneath to itself",
      })
      ip('link set eth0 mtu 9000', netns)
      await nl.setLink('mac0', { mtu: 9000, netns })
      expect(printedLink('mac0', netns)['mtu']).toBe(9000)
    }),
  )

  it.skipIf(!hasKind('vxlan'))('is not left smaller than it was asked for', () =>
    withVeth(async (netns) => {
      const vxlan = { name: 'vx0', kind: 'vxlan', id: 1, dstport: 4789, link: 'eth0', netns } as const
      await expect(async () => nl.createLink({ ...vxlan, mtu: 1451 })).rejects.toMatchObject({
        code: 'EINVAL',
        message: expect.stringContaining(
          "vxlan 'vx0': EINVAL (Invalid argument); mtu: it became 1450 instead of 1451",
        ),
      })
      expect(namesIn(netns)).not.toContain('vx0')
      await nl.createLink({ ...vxlan, mtu: 1450 })
      expect(printedLink('vx0', netns)['mtu']).toBe(1450)
    }),
  )

  it.skipIf(!hasKind('macvlan'))('says that the interface underneath is a port', () =>
    withVeth(async (netns) => {
      ip('link add br0 type bridge', netns)
      ip('link set eth0 master br0', netns)
      const making = async (name: string) => nl.createLink({ ...macvlan, name, link: 'eth0', netns })
      await expect(making('mac0')).rejects.toMatchObject({
        code: 'EBUSY',
        advice: expect.stringMatching(/^the interface underneath is a port already/),
      })
      await expect(making('eth1')).rejects.toMatchObject({
        advice: expect.stringMatching(/^found by looking: 'eth1' in namespace .* is there already$/),
      })
    }),
  )

  // Which the kernel does by itself since Linux 6.15.
  it.skipIf(!hasKind('macvlan'))('takes a name that is taken underneath', () =>
    withVeth((below) =>
      withNetns(async (netns) => {
        const asked = { ...macvlan, link: 'eth0', linkNetns: below, netns } as const
        const made = await nl.createLink({ ...asked, name: 'eth0' })
        expect(made).toMatchObject({ name: 'eth0', link: 10 })
        expect(made.flags).not.toContain('up')
        expect(printedLink('eth0', netns)).toMatchObject({
          link_index: 10,
          linkinfo: { info_kind: 'macvlan' },
        })
        const addresses = ['192.0.2.7/24']
        const up = await nl.createLink({ ...asked, name: 'eth1', up: true, mtu: 1300, addresses })
        expect(up).toMatchObject({ name: 'eth1', mtu: 1300, flags: expect.arrayContaining(['up']) })
        expect(namesIn(netns).sort()).toEqual(['eth0', 'eth1'])
        ip('link delete eth1', netns)
        ip('link add br0 type bridge', netns)
        const port = await nl.createLink({ ...asked, name: 'eth1', up: true, master: 'br0' })
        expect(port).toMatchObject({ name: 'eth1', master: printedLink('br0', netns)['ifindex'] })
        expect(port.flags).toContain('up')
        const again = (async () => nl.createLink({ ...asked, name: 'eth1' }))()
        await expect(again).rejects.toMatchObject({
          code: 'EEXIST',
          advice: expect.stringMatching(/^found by looking: 'eth1' in namespace .* is there already$/),
        })
        const wrong = { ...asked, name: 'eth0', addresses: ['192.0.2.7/24', '192.0.2.7/24'] }
        ip('link delete eth0', netns)
        await expect((async () => nl.createLink(wrong))()).rejects.toMatchObject({ code: 'EEXIST' })
        const inLo = (async () => nl.createLink({ ...asked, name: 'eth0', master: 'lo' }))()
        await expect(inLo).rejects.toMatchObject({ advice: expect.stringContaining("'lo' takes no ports") })
        expect(namesIn(netns).sort()).toEqual(['br0', 'eth1'])
        expect(namesIn(below).sort()).toEqual(['eth0', 'eth1'])
      }),
    ),
  )

  it.skipIf(!hasKind('macvlan'))('makes one at home, and in the namespace of a handle', () =>
    withVeth((below) =>
      withNetns(async (netns) => {
        const name = `home-${process.pid}`
        expect(await nl.createLink({ ...macvlan, name, link: 10, linkNetns: below })).toMatchObject({
          name,
          link: 10,
        })
        expect(printedLink(name)).toMatchObject({ link_index: 10 })
        expect((await nl.getLink(name, { netns: HOME })).name).toBe(name)
        await nl.deleteLink(name)

        const handle = await nl.openNetns(netns)
        onTestFinished(() => handle.close())
        await handle.createLink({ ...macvlan, name: 'mac0', link: 'eth1', linkNetns: below })
        expect(namesIn(netns)).toEqual(['mac0'])
      }),
    ),
  )

  it.skipIf(!hasKind('macvlan'))('goes on when both handles are closed meanwhile', () =>
    withVeth((below) =>
      withNetns(async (netns) => {
        const [under, home] = [await nl.openNetns(below), await nl.openNetns(netns)]
        const options = {
          ...macvlan,
          name: 'mac0',
          link: 'eth0',
          linkNetns: under,
          up: true,
          netns: home,
        } as const
        const creating = nl.createLink(options)
        under.close()
        home.close()
        expect(await creating).toMatchObject({ name: 'mac0', link: 10 })
        expect(namesIn(netns)).toEqual(['mac0'])
      }),
    ),
  )

  it.skipIf(!hasKind('macvlan'))('leaves nothing behind where a later step fails', () =>
    withVeth((below) =>
      withNetns(async (netns) => {
        const before = [settledLinks(below), settledLinks(netns)]
        const asked = { ...macvlan, name: 'mac0', linkNetns: below, netns } as const
        const refusals = [
          {
            options: { ...asked, link: 'eth0', addresses: ['192.0.2.1/24', '192.0.2.1/24'] },
            code: 'EEXIST',
          },
          { options: { ...asked, link: 'eth0', master: 'br7' }, code: 'ENODEV' },
          { options: { ...asked, link: 'eth7' }, code: 'ENODEV' },
          { options: { ...asked, link: 'eth0', name: 'lo' }, code: 'EEXIST' },
        ]
        for (const { options, code } of refusals) {
          const error = await (async () => nl.createLink(options))().catch((cause: unknown) => cause)
          expect(error).toBeInstanceOf(NetlinkError)
          expect(error).toMatchObject({ code })
        }
        expect([settledLinks(below), settledLinks(netns)]).toEqual(before)
      }),
    ),
  )

  it.skipIf(!hasKind('vxlan'))('makes a tunnel whose packets travel through another namespace', () =>
    withVeth((below) =>
      withNetns(async (netns) => {
        ip('address add 192.0.2.1/24 dev eth0', below)
        const options = {
          id: 42,
          remote: '192.0.2.2',
          local: '192.0.2.1',
          dstport: 4789,
          link: 'eth0',
        } as const
        await nl.createLink({ name: 'vx0', kind: 'vxlan', ...options, linkNetns: below, netns })
        expect(printedLink('vx0', netns)['linkinfo'].info_data).toMatchObject({ id: 42, remote: '192.0.2.2' })
        expect((await nl.getLink('vx0', { netns })).linkNetnsid).not.toBeNull()
      }),
    ),
  )

  it.skipIf(!hasKind('macvlan'))('makes one on an interface of a namespace that is known by its id', () =>
    withVeth((below) =>
      withNetns(async (netns) => {
        await nl.setNsid(below, 70, { netns })
        const asked = { ...macvlan, linkNetnsid: 70, netns }
        expect(await nl.createLink({ ...asked, name: 'mac0', link: 'eth1' })).toMatchObject({
          link: 11,
          linkNetnsid: 70,
        })
        // ip looks for names at home.
        ip('link add link if11 name mac1 link-netnsid 70 type macvlan mode bridge', netns)
        const [ours, its] = ['mac0', 'mac1'].map((name) => printedLink(name, netns))
        expect(ours!['linkinfo']).toEqual(its!['linkinfo'])
        expect([ours!['link_index'], ours!['link_netnsid']]).toEqual([11, 70])
        const refused = (options: object) =>
          (async () => nl.createLink({ ...asked, name: 'mac2', link: 'eth7', ...options }))().catch(
            ({ code, message }) => ({ code, message }),
          )
        expect(await refused({})).toEqual({
          code: 'ENODEV',
          message: expect.stringContaining("'eth7'"),
        })
        expect(await refused({ linkNetnsid: 71 })).toEqual({
          code: 'EINVAL',
          message: expect.stringContaining('there is no namespace of id 71'),
        })
        expect(namesIn(netns)).toEqual(['mac0', 'mac1'])
      }),
    ),
  )

  it('says whose rights are missing where the namespace underneath is not its own', () =>
    withVeth(async (below) => {
      // A container: a user of its own, who owns the network namespace that it is in.
      const container = start(['unshare', '-Urn', 'sh', '-c', 'echo ready && read -r line'])
      onTestFinished(async () => {
        container.go()
        await container.ended
      })
      await container.ready
      await nl.setNsid(below, 70, { netns: { pid: container.pid } })
      const wrapper = ['nsenter', '-t', String(container.pid), '-U', '-n', '--preserve-credentials']
      const source = `
        for (const link of ['eth0', 10])
          print(await caught(() => nl.createLink({ name: 'br0', kind: 'macvlan', link, linkNetnsid: 70 })))
      `
      const [named, numbered] = await lines(program(source, { wrapper }))
      expect(named).toEqual({
        code: 'EACCES',
        message: expect.stringContaining(
          'needs CAP_NET_ADMIN in the user namespace that owns the namespace of id 70, too',
        ),
      })
      expect(numbered).toEqual({
        code: 'EPERM',
        message: expect.stringContaining('that own this network namespace and that of id 70'),
      })
    }))

  it('makes a pair where the other end is given, and returns the near one', () =>
    withNetns((netns) =>
      withNetns(async (other) => {
        const peer = { name: 'far0', netns: other, up: true, addresses: ['192.0.2.2/24'] }
        const link = await nl.createLink({ name: 'near0', kind: 'veth', mtu: 1400, peer, netns })
        expect(link).toMatchObject({ name: 'near0', kind: 'veth', mtu: 1400 })
        expect(printedLink('far0', other)).toMatchObject({ ifindex: link.link })
        expect(ipJson('address show dev far0', other)[0]!['addr_info'][0]).toMatchObject({
          local: '192.0.2.2',
        })
      }),
    ))
})
