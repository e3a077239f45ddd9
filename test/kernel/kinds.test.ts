/**
 * Every kind of link: made here and read by ip, made by ip and read here, changed, and read again. A kind that this kernel lacks is
 * refused, and named. User-mode Linux has most of them: test/kernels/uml.sh.
 */

import { closeSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { CreateLinkOptions, Link, SetLinkOptions } from '../../src/index.js'
import * as promises from '../../src/index.js'
import * as sync from '../../src/sync.js'
import { noteFeature } from './feature.js'
import { ipBatch } from './ip-batch.js'
import { CASES, type Options, V4, V6, withPair } from './kind-cases.js'
import { expectAllLikeIp, namesIn } from './link-oracle.js'
import { expectRefused, noKind, since } from './needs.js'
import { spawnSync } from './programs.js'
import { hasKind, ipJson } from './support.js'

const read = (netns: string) => async () => promises.listLinks({ include: ['afSpec'], netns })

/** What a link's data are, its timers left out, which run on. */
const dataOf = ({ data }: Link): Options =>
  Object.fromEntries(Object.entries(data ?? {}).filter(([key]) => !key.endsWith('Timer')))

/** That a link has the options that it was given; the interface underneath, which is read as a number, is compared with what ip prints. */
function expectReads(link: Link, { mtu = link.mtu, peer, link: _, ...rest }: Options): void {
  const data = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined))
  expect({ mtu: link.mtu, data: dataOf(link) }).toMatchObject({ mtu, data })
}

/** That links read as ip prints them, and ours and its peer as they were made. */
async function expectLikeIpAndAs(given: Options, netns: string): Promise<void> {
  const links = await expectAllLikeIp(read(netns), netns)
  const named = (wanted: unknown) => links.find(({ name }) => name === wanted)
  expectReads(named('our0')!, given)
  const { peer } = given as { peer?: { name: string } }
  if (peer !== undefined) expect(named(peer.name)).toMatchObject(peer)
}

describe('a link of kind', () => {
  it.for(CASES)(
    '$kind ($ip)',
    ({ kind, ip = '', link, alone, options = {}, told, change, changed, refused }, context) =>
      withPair(async (netns) => {
        const refusal = hasKind(kind) ? refused : noKind(kind)
        noteFeature(context, { group: 'kind', name: kind, lacks: refusal !== undefined })
        const ours = {
          name: 'our0',
          kind,
          ...(link && { link: 'eth0' }),
          ...options,
          netns,
        } as CreateLinkOptions
        if (refusal !== undefined) {
          const before = namesIn(netns)
          await expectRefused(() => promises.createLink(ours), refusal)
          expect(namesIn(netns)).toEqual(before)
          return
        }
        const byIp = `link add ${link ? 'link eth0 ' : ''}name ip0 type ${kind} ${ip}`
        if (ip !== '' || Object.keys(options).length === 0) ipBatch([byIp], netns)
        if (alone) {
          await expectAllLikeIp(read(netns), netns)
          await expect(promises.createLink(ours)).rejects.toMatchObject(alone)
          await promises.deleteLink('ip0', { netns })
        }
        const given = { ...options, ...told }
        expectReads(await promises.createLink(ours), given)
        await expectLikeIpAndAs(given, netns)
        await promises.deleteLink('our0', { netns })
        const again = sync.createLink(ours as Parameters<typeof sync.createLink>[0])
        if (change !== undefined) {
          await promises.setLink('our0', { kind, ...change, netns } as SetLinkOptions)
          await expectLikeIpAndAs({ ...dataOf(again), ...given, ...change, ...changed }, netns)
        }
      }),
  )

  it.each(['gre', 'gretap', 'ip6gre', 'ip6gretap'] as const)('%s has keys while its flags say so', (kind) =>
    withPair(async (netns) => {
      const ends = kind.startsWith('ip6') ? V6 : V4
      const printed = () => ipJson('link show dev our0', netns)[0]!['linkinfo'].info_data
      const create = (data: Options) =>
        promises.createLink({ name: 'our0', kind, ...data, netns } as CreateLinkOptions)
      const keyed = { ...ends, ikey: 0, okey: 8, oflags: ['seq'] }
      const set = (data: Options) => promises.setLink('our0', { kind, ...data, netns } as SetLinkOptions)
      if (!hasKind(kind)) return expectRefused(() => create(keyed), noKind(kind))
      await create(keyed)
      expect(printed()).toMatchObject({ ikey: '0.0.0.0', okey: '0.0.0.8', oseq: true })
      await set({ iflags: [] })
      expect(printed()).toMatchObject({ okey: '0.0.0.8', oseq: true })
      expect(printed()).not.toHaveProperty('ikey')
      await set({ oflags: ['seq'] })
      await set({ ttl: 5 })
      const keyless = printed()
      expect(keyless).toMatchObject({ ttl: 5, oseq: true })
      expect(keyless).not.toHaveProperty('ikey')
      expect(keyless).not.toHaveProperty('okey')
      const { data } = await promises.getLink('our0', { netns })
      await promises.deleteLink('our0', { netns })
      // Linux 5.10 tells the version of ERSPAN of all of them.
      const { link: _, erspanVer: __, ...again } = data as Options
      await create(again)
      expect(printed()).toEqual(keyless)
    }),
  )

  it.each(['gretap', 'ip6tnl'] as const)('%s has an outer UDP header where the kernel knows it', (kind) =>
    withPair(async (netns) => {
      const ends = kind === 'ip6tnl' ? V6 : V4
      const create = () =>
        promises.createLink({ name: 'our0', kind, ...ends, encapType: 'gue', encapDport: 5555, netns })
      if (!hasKind(kind)) return expectRefused(create, noKind(kind))
      const { local, remote } = ends
      const told = spawnSync(
        'ip',
        `-n ${netns} link add ip0 type ${kind} local ${local} remote ${remote} encap gue encap-dport 5555`.split(
          ' ',
        ),
      )
      if (told.stderr !== '') {
        expect(told.stderr).toContain('Invalid argument')
        return expectRefused(create, {
          code: 'EINVAL',
          advice: `perhaps the kernel has no encapType 'gue': modprobe ${kind === 'ip6tnl' ? 'fou6' : 'fou'},`,
        })
      }
      await promises.deleteLink('ip0', { netns })
      await create()
      const { linkinfo } = ipJson('link show dev our0', netns)[0]!
      expect(linkinfo.info_data.encap).toMatchObject({ type: 'gue', dport: 5555 })
    }),
  )

  it('hsr has an interlink', () =>
    withPair(async (netns) => {
      const create = (interlink: string) =>
        promises.createLink({
          ...{ name: 'our0', kind: 'hsr', slave1: 'eth0', slave2: 'eth1', interlink, version: 1, netns },
        })
      if (!hasKind('hsr')) return expectRefused(() => create('lo'), noKind('hsr'))
      if (!since(6, 10)) return
      await promises.createLink({ name: 'beyond0', kind: 'dummy', netns })
      await expect(create('lo')).rejects.toMatchObject({ extack: { message: expect.stringMatching(/HSR/) } })
      await create('beyond0')
      // It is not told, but what is a port hears everything.
      expect((await promises.getLink('beyond0', { netns })).promiscuity).toBe(1)
    }))

  it('gtp has the sockets that it is given', () =>
    withPair(async (netns) => {
      const openUdp = () => promises.openSocketInNetns(netns, { type: 'dgram', address: '192.0.2.1' })
      const [fd0, fd1] = [await openUdp(), await openUdp()]
      try {
        const create = (name: string, options: Options) =>
          promises.createLink({ name, kind: 'gtp', role: 'sgsn', ...options, netns })
        if (!hasKind('gtp')) return expectRefused(() => create('our0', { fd0, fd1 }), noKind('gtp'))
        await create('our0', { fd0, fd1 })
        for (const [option, fd] of Object.entries({ fd0, fd1 }))
          await expectRefused(() => create('our1', { [option]: fd }), {
            code: 'EBUSY',
            advice: `${option}: the socket is in use already`,
          })
        await promises.deleteLink('our0', { netns })
        await create('our1', { fd1 })
      } finally {
        for (const fd of [fd0, fd1]) closeSync(fd)
      }
    }))

  it.each(['bond', 'team'] as const)('%s brings its new ports up itself', (kind) =>
    withPair(async (netns) => {
      const name = `${kind}0`
      const make = () => promises.createLink({ name, kind, netns })
      if (!hasKind(kind)) return expectRefused(make, noKind(kind))
      await make()
      const port = { name: 'port0', kind: 'dummy', master: name, netns } as const
      const refused = {
        code: kind === 'bond' ? 'EPERM' : 'EBUSY',
        advice: 'up: a bond or team takes an interface that is down, and brings it up itself',
      }
      await expectRefused(() => promises.createLink({ ...port, up: true }), refused)
      const { up, portKind } = await promises.createLink(port)
      expect({ up, portKind }).toEqual({ up: true, portKind: kind })
      await promises.createLink({ ...port, name: 'port1', master: undefined })
      await expectRefused(() => promises.setLink('port1', { master: name, up: true, netns }), refused)
      // What is refused last has brought it up; down is said first, too.
      await promises.setLink('port1', { master: name, up: false, netns })
      expect(await promises.getLink('port1', { netns })).toMatchObject({ up: true, portKind: kind })
    }),
  )

  it.each([
    { kind: 'bond', mode: 'active-backup', miimon: 0.1 },
    { kind: 'vrf', table: 10 },
  ] as const)('$kind has ports', (options) =>
    withPair(async (netns) => {
      const { kind } = options
      const name = `${kind}0`
      const make = () => promises.createLink({ name, up: true, ...options, netns })
      if (!hasKind(kind)) return expectRefused(make, noKind(kind))
      await make()
      if (kind === 'bond') {
        await expect(promises.setLink('eth0', { master: name, netns })).rejects.toMatchObject({
          code: 'EPERM',
          extack: { message: expect.stringContaining('while up') },
          // The kernel's own words are enough: it is no matter of rights.
          advice: null,
        })
      }
      await promises.setLink('eth0', { up: false, netns })
      await promises.setLink('eth0', { master: name, netns })
      if (kind === 'bond') {
        await promises.setLink('eth0', { port: { kind, queueId: 2, prio: 7 }, netns })
        await promises.setLink(name, { kind, primary: 'eth0', activeSlave: 'eth0', netns })
      }
      const links = await expectAllLikeIp(read(netns), netns)
      const port = links.find((link) => link.name === 'eth0')!
      expect(port.portKind).toBe(kind)
      expect(port.portData).toMatchObject(
        kind === 'bond' ? { queueId: 2, ...(since(6, 0) && { prio: 7 }), state: 'active' } : { table: 10 },
      )
    }),
  )
})
