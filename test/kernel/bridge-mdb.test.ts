import { describe, expect, it } from 'vitest'
import type { MdbEntry, MdbInput } from '../../src/public.js'
import { bridge, bridgeJson, NO_PVID, withBridge } from './bridge-support.js'
import { expectRefused, since } from './needs.js'
import { expectReadBack, type Oracle, unlessEmpty, unlessNull } from './read-back.js'
import { FACES, ip, type Printed } from './support.js'

/** Only then the kernel tells whose frames are wanted. */
const V3 = `${NO_PVID} mcast_igmp_version 3 mcast_mld_version 2`
const KEY = { dev: 'br0', port: 'p1', group: '239.1.1.1' } as const

const printed = (netns: string): Printed[] => bridgeJson('-s mdb show', netns)[0]?.['mdb'] ?? []

const OF_VXLAN = 'of VXLAN, whose entries this bridge does not print'

const MDB: Oracle<MdbEntry> = {
  keys: {
    index: ({ ifindex }) => ifindex,
    dev: ({ dev }) => dev,
    port: ({ port }) => port,
    grp: ({ group }) => group,
    state: ({ state }) => state,
    flags: ({ flags }) => flags,
    protocol: ({ protocol }) => unlessNull(protocol),
    vid: ({ vid }) => unlessNull(vid),
    src: ({ source }) => unlessNull(source),
    filter_mode: ({ filterMode }) => unlessNull(filterMode),
    source_list: {
      print: ({ sources }) => unlessEmpty(sources.map(({ address }) => address)),
      normalized: (list) => (list as Printed[]).map(({ address }) => address),
    },
    timer: 'runs on: compared apart',
  },
  notPrinted: {
    portIfindex: 'bridge prints the name',
    timer: 'runs on: compared apart',
    'sources[].timer': 'runs on',
    ...{ dst: OF_VXLAN, dstPort: OF_VXLAN, vni: OF_VXLAN, srcVni: OF_VXLAN, via: OF_VXLAN },
  },
}

/** What bridge prints, without what runs on. */
function withoutTimers({ timer: _, source_list, ...rest }: Printed): Printed {
  if (source_list === undefined) return rest
  return { ...rest, source_list: source_list.map(({ address }: Printed) => address) }
}

const shown = (netns: string) => printed(netns).map(withoutTimers)

const WHO: [string, Partial<MdbInput>, Printed][] = since(6, 2)
  ? [['who made it', { state: 'permanent', protocol: 'zebra' }, { protocol: 'zebra' }]]
  : []

describe.each(FACES)('$face', ({ nl }) => {
  it.each<[string, Partial<MdbInput>, Printed]>([
    ['a temporary entry', {}, { state: 'temp', protocol: 'static' }],
    ['a permanent entry', { state: 'permanent' }, { state: 'permanent' }],
    ['an IPv6 group', { group: 'ff05::100', state: 'permanent' }, { grp: 'ff05::100' }],
    ['a link-layer group', { group: '01:00:5e:01:01:01', state: 'permanent' }, { grp: '01:00:5e:01:01:01' }],
    ['what one sender sends', { source: '192.0.2.7', state: 'permanent' }, { src: '192.0.2.7' }],
    ['this machine as the one that listens', { port: 'br0' }, { port: 'br0', state: 'temp' }],
    ...WHO,
  ])('adds %s as bridge shows it, once, and deletes it', (_, input, expected) =>
    withBridge(async (netns) => {
      const entry = { ...KEY, ...input, netns }
      await nl.addMdbEntry(entry)
      expect(shown(netns)).toMatchObject([
        { dev: 'br0', port: 'p1', grp: '239.1.1.1', flags: [], ...expected },
      ])
      await expect(async () => nl.addMdbEntry(entry)).rejects.toMatchObject({
        code: 'EEXIST',
        advice: 'there is such an entry already; replaceMdbEntry() changes it',
      })
      await nl.deleteMdbEntry(entry)
      expect(shown(netns)).toEqual([])
    }),
  )

  if (since(6, 2))
    it('adds and replaces lists of senders', () =>
      withBridge(async (netns) => {
        const entry = { ...KEY, state: 'permanent', netns } as const
        await nl.addMdbEntry({ ...entry, filterMode: 'include', sources: ['192.0.2.7', '192.0.2.8'] })
        const all = () => shown(netns).find(({ src }) => src === undefined)
        const senders = () =>
          shown(netns)
            .flatMap(({ src }) => (src === undefined ? [] : [src]))
            .sort()
        expect(all()).toMatchObject({ filter_mode: 'include' })
        expect([...all()!['source_list']].sort()).toEqual(['192.0.2.7', '192.0.2.8'])
        // The kernel makes an entry for each of them.
        expect(senders()).toEqual(['192.0.2.7', '192.0.2.8'])
        await nl.replaceMdbEntry({ ...entry, filterMode: 'exclude', sources: [{ address: '192.0.2.9' }] })
        expect(all()).toMatchObject({ filter_mode: 'exclude', source_list: ['192.0.2.9'] })
        expect(senders()).toEqual(['192.0.2.9'])
        const listed = await nl.listMdb({ netns })
        expectReadBack(MDB, listed, printed(netns))
        expect(listed.find(({ source }) => source !== null)!.flags).toEqual(['blocked'])
      }, V3))
  else
    it('says that senders, their mode and who makes an entry are newer', () =>
      withBridge(async (netns) => {
        for (const [option, value] of Object.entries({
          sources: ['192.0.2.7'],
          filterMode: 'include',
          protocol: 'zebra',
        }))
          await expectRefused(() => nl.addMdbEntry({ ...KEY, [option]: value, netns }), {
            code: 'EINVAL',
            advice: 'Linux 6.2',
          })
      }, V3))

  it('reads all that bridge made, field by field', () =>
    withBridge(async (netns) => {
      for (const args of [
        'dev br0 port p1 grp 239.1.1.1',
        'dev br0 port p2 grp 239.1.1.1 permanent',
        'dev br0 port p1 grp 239.1.1.1 src 192.0.2.7 permanent',
        'dev br0 port p3 grp ff05::100 permanent',
        'dev br0 port p3 grp 01:00:5e:01:01:01 permanent',
        'dev br0 port br0 grp 239.1.1.2 temp',
      ])
        bridge(`mdb add ${args}`, netns)
      const listed = await nl.listMdb({ netns })
      // p2, which gets the group from all, gets what the one sender sends too.
      expect(listed).toHaveLength(7)
      expect(listed.filter(({ flags }) => flags.includes('added_by_star_ex'))).toMatchObject([
        { port: 'p2', source: '192.0.2.7' },
      ])
      const oracle = printed(netns)
      expectReadBack(MDB, listed, oracle)
      for (const [index, { timer }] of oracle.entries()) {
        // Ours was read before; a permanent entry has none.
        if (listed[index]!.state === 'permanent') expect(listed[index]!.timer).toBeNull()
        else expect(listed[index]!.timer).toBeGreaterThanOrEqual(Number(timer))
      }
      expect(listed.find(({ port, source }) => port === 'p2' && source === null)).toEqual({
        ...{ ifindex: 20, dev: 'br0', portIfindex: 12, port: 'p2', group: '239.1.1.1', vid: null },
        ...{
          state: 'permanent',
          flags: [],
          source: null,
          filterMode: 'exclude',
          sources: [],
          protocol: 'static',
        },
        ...{ timer: null, dst: null, dstPort: null, vni: null, srcVni: null, via: null },
      })
    }, V3))

  it('filters, gives back what it lists, and gets a group without a dump', () =>
    withBridge(async (netns) => {
      ip('link add br1 up type bridge', netns)
      bridge('mdb add dev br0 port p1 grp 239.1.1.1 permanent', netns)
      bridge('mdb add dev br0 port p2 grp 239.1.1.1 permanent', netns)
      bridge('mdb add dev br0 port p2 grp ff05::100 permanent', netns)
      bridge('mdb add dev br1 port br1 grp 239.1.1.1 temp', netns)
      expect(await nl.listMdb({ bridge: 'br1', netns })).toMatchObject([{ dev: 'br1', port: 'br1' }])
      const found = await nl.listMdb({ bridge: 'br0', port: 'p2', netns })
      expect(found).toHaveLength(2)
      expect(await nl.listMdb({ vid: 7, netns })).toEqual([])
      const before = shown(netns)
      for (const { dev, port, ...entry } of found)
        await nl.deleteMdbEntry({ ...entry, dev: dev!, port: port!, netns })
      expect(shown(netns)).toHaveLength(before.length - 2)
      for (const { dev, port, ...entry } of found)
        await nl.addMdbEntry({ ...entry, dev: dev!, port: port!, netns })
      const inOrder = (list: Printed[]) => list.map((it) => JSON.stringify(it)).sort()
      expect(inOrder(shown(netns))).toEqual(inOrder(before))
      if (!since(6, 7)) return
      const group = await nl.getMdbEntry({ dev: 'br0', group: '239.1.1.1', netns })
      expect(group).toEqual(
        (await nl.listMdb({ bridge: 'br0', netns })).filter(({ group }) => group === '239.1.1.1'),
      )
      expect(group).toHaveLength(2)
      await expect(async () =>
        nl.getMdbEntry({ dev: 'br0', group: '239.1.1.9', netns }),
      ).rejects.toMatchObject({
        code: 'ENOENT',
        advice: 'no port gets this group',
      })
    }))

  it('knows the ports of multicast routers', () =>
    withBridge(async (netns) => {
      await nl.setBridgePort('p1', { mcastRouter: 'permanent', netns })
      await nl.setBridgePort('p3', { mcastRouter: 'temp', netns })
      const routers: Printed[] = bridgeJson('-s mdb show', netns)[0]!['router']['br0']
      const listed = await nl.listMdbRouterPorts({ bridge: 'br0', netns })
      expect(listed.map(({ port, type }) => [port, type])).toEqual(
        routers.map(({ port, type }) => [port, type]),
      )
      expect(listed.map(({ port, type }) => [port, type]).sort()).toEqual([
        ['p1', 'permanent'],
        ['p3', 'temp'],
      ])
      const temporary = listed.find(({ port }) => port === 'p3')!
      expect(temporary).toMatchObject({ ifindex: 20, dev: 'br0', portIfindex: 13, vid: null })
      expect(temporary.timer).toBeGreaterThan(0)
      expect(await nl.listMdbRouterPorts({ port: 'p3', netns })).toHaveLength(1)
    }))

  if (since(6, 8))
    it('flushes what the options describe', () =>
      withBridge(async (netns) => {
        const groups = () => [...new Set(printed(netns).map(({ grp, port }) => `${port} ${grp}`))].sort()
        const fill = () => {
          for (const [port, group, state] of [
            ['p1', 1, 'permanent'],
            ['p1', 2, 'temp'],
            ['p2', 3, 'permanent'],
            ['p2', 4, 'temp'],
          ] as const)
            nlSyncAdd(netns, port, `239.1.1.${group}`, state)
        }
        const nlSyncAdd = (at: string, port: string, group: string, state: string) => {
          if (!printed(at).some(({ grp }) => grp === group))
            bridge(`mdb add dev br0 port ${port} grp ${group} ${state}`, at)
        }
        for (const [options, rest] of [
          [{ port: 'p1' }, ['p2 239.1.1.3', 'p2 239.1.1.4']],
          [{ state: 'temp' }, ['p1 239.1.1.1', 'p2 239.1.1.3']],
          [{ state: 'permanent', port: 'p2' }, ['p1 239.1.1.1', 'p1 239.1.1.2', 'p2 239.1.1.4']],
          [{ protocol: 'zebra' }, ['p1 239.1.1.1', 'p1 239.1.1.2', 'p2 239.1.1.3', 'p2 239.1.1.4']],
          [{}, []],
        ] as const) {
          fill()
          await nl.flushMdb('br0', { ...options, netns })
          expect(groups(), JSON.stringify(options)).toEqual(rest)
        }
      }))

  if (since(6, 7))
    it('keeps the tunnels of a vxlan device', () =>
      withBridge(async (netns) => {
        ip('link add vx0 index 30 up type vxlan external dstport 4789 local 192.0.2.1', netns)
        const entry = {
          ...({ dev: 'vx0', port: 'vx0', group: '239.1.1.1', source: '192.0.2.7', srcVni: 42 } as const),
          ...({ dst: '192.0.2.9', dstPort: 4790, vni: 43, via: 13, state: 'permanent' } as const),
        }
        await nl.addMdbEntry({ ...entry, via: 'p3', netns })
        const [listed] = await nl.listMdb({ bridge: 'vx0', netns })
        expect(listed).toMatchObject(entry)
        expect(await nl.getMdbEntry({ ...listed!, dev: 'vx0', netns })).toEqual([listed])
        await nl.deleteMdbEntry({ ...listed!, dev: 'vx0', port: 'vx0', netns })
        expect(await nl.listMdb({ netns })).toEqual([])
      }))

  it('says what the kernel refuses, and is part of a batch', () =>
    withBridge(async (netns) => {
      await expect(async () => nl.addMdbEntry({ ...KEY, port: 'h1', netns })).rejects.toMatchObject({
        code: 'EINVAL',
        subject: "multicast entry 239.1.1.1 of interface 'br0' on interface 'h1'",
        extack: { message: expect.stringContaining('port') },
      })
      await expect(async () => nl.addMdbEntry({ ...KEY, dev: 'p9', netns })).rejects.toMatchObject({
        code: 'ENODEV',
      })
      await expect(async () => nl.deleteMdbEntry({ ...KEY, netns })).rejects.toMatchObject({
        code: 'EINVAL',
        advice: 'there is no such entry',
      })
      const results = await nl.batch(
        (b) => {
          b.addMdbEntry({ ...KEY, state: 'permanent' })
          b.addMdbEntry({ ...KEY, port: 'p2' })
          b.deleteMdbEntry({ ...KEY, group: '239.1.1.9' })
          b.deleteMdbEntry({ ...KEY, port: 'p2' })
        },
        { netns },
      )
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
      expect(shown(netns)).toMatchObject([{ port: 'p1', state: 'permanent' }])
    }))
})
