import { describe, expect, it } from 'vitest'
import type { FdbEntry, FdbInput, ListFdbOptions } from '../../src/public.js'
import { bridge, bridgeJson, pings, withBridge, withHosts } from './bridge-support.js'
import { since } from './needs.js'
import { asPrinted, expectReadBack, type Oracle, unlessNull } from './read-back.js'
import { FACES, ip, type Printed } from './support.js'

const MAC = '02:00:00:00:09:09'
const NO_MAC = '00:00:00:00:00:00'
const PORT = { mac: MAC, dev: 'p1', master: true } as const

function printed(netns: string, mac = MAC): Printed[] {
  return bridgeJson('-s fdb show', netns).filter((entry) => entry['mac'] === mac)
}

const RUNS = 'seconds, which run on: compared apart'
const NOT_PRINTED = 'bridge has no key for it'

const FDB: Oracle<FdbEntry> = {
  keys: {
    mac: ({ mac }) => mac,
    ifname: ({ dev }) => unlessNull(dev),
    master: ({ bridge }) => unlessNull(bridge),
    flags: ({ self, bridge, flags }) => [...(self && bridge === null ? ['self'] : []), ...flags],
    state: ({ state }) => (state === 'dynamic' ? '' : state),
    vlan: ({ vlan }) => unlessNull(vlan),
    dst: ({ dst }) => unlessNull(dst),
    port: ({ port }) => unlessNull(port),
    vni: ({ vni }) => unlessNull(vni),
    src_vni: ({ srcVni }) => unlessNull(srcVni),
    nhid: ({ nhid }) => unlessNull(nhid),
    // bridge prints names, ours is an ifindex.
    viaIf: { print: ({ via }) => unlessNull(via), normalized: (name) => ({ p3: 13 })[String(name)] ?? name },
    ...{ used: RUNS, updated: RUNS },
  },
  notPrinted: {
    ...{ ifindex: 'bridge prints the name', bridgeIfindex: 'bridge prints the name' },
    master: 'bridge prints the name of the bridge instead',
    linkNetnsid: 'of a device whose other end is elsewhere, which none here is',
    ...{ activityNotify: NOT_PRINTED, inactive: NOT_PRINTED },
    ...{ used: RUNS, updated: RUNS },
  },
}

const VX = (netns: string) =>
  ip('link add vx0 index 30 up type vxlan id 42 dstport 4789 local 192.0.2.1', netns)

/** Entries of which the kernel says EINVAL alone, and what is told of them. */
const REFUSED: readonly [Partial<FdbInput>, RegExp][] = [
  [{ dev: 'p1', master: true, vlan: 77 }, /^the port is not in VLAN 77: addBridgeVlan/],
  [{ dev: 'br0', vlan: 77 }, /^the interface is not in VLAN 77: addBridgeVlan/],
  [{ dev: 'h1', vlan: 77 }, /^the interface is not in VLAN 77: addBridgeVlan/],
  [{ dev: 'p1', master: true, mac: NO_MAC, state: 'static' }, /^a bridge has no entry of the all-zero MAC$/],
  [{ dev: 'br0', mac: NO_MAC }, /^a bridge has no entry of the all-zero MAC$/],
  [{ dev: 'p1', master: true, flags: ['sticky'] }, /^a permanent entry moves to no other port/],
  [{ dev: 'br0', flags: ['sticky'] }, /^a bridge itself has no entry that is 'sticky' or 'use'/],
  [{ dev: 'br0', flags: ['use'] }, /^a bridge itself has no entry that is 'sticky' or 'use'/],
  [{ dev: 'br0', state: 'static' }, /^state: in their own table bridges, and all else/],
  [{ dev: 'h1', state: 'dynamic' }, /^state: in their own table bridges, and all else/],
  [{ dev: 'p1', master: true, state: 'static', inactive: true }, /^inactive: it needs activityNotify$/],
  [{ dev: 'vx0' }, /^a vxlan device that was made without a remote needs dst/],
  [{ dev: 'br0', mac: NO_MAC, state: 'static' }, /^a bridge has no entry .*; or state: /],
]

describe.each(FACES)('$face', ({ nl }) => {
  it.each<[string, FdbInput, Printed]>([
    ['a permanent entry', PORT, { state: 'permanent', flags: [] }],
    ['a static entry', { ...PORT, state: 'static' }, { state: 'static', flags: [] }],
    ['a dynamic entry', { ...PORT, state: 'dynamic' }, { state: '', flags: [] }],
    [
      'a sticky entry',
      { ...PORT, state: 'static', flags: ['sticky'] },
      { state: 'static', flags: ['sticky'] },
    ],
    [
      'an entry that somebody else learnt',
      { ...PORT, state: 'dynamic', flags: ['extern_learn'] },
      { state: '', flags: ['extern_learn'] },
    ],
  ])('adds %s as bridge shows it, once, and deletes it', (_, input, expected) =>
    withBridge(async (netns) => {
      await nl.addFdbEntry({ ...input, netns })
      expect(printed(netns)).toEqual([
        { mac: MAC, ifname: 'p1', master: 'br0', used: 0, updated: 0, ...expected },
      ])
      const again = async () => nl.addFdbEntry({ ...input, netns })
      // What somebody else learnt replaces what is there, whatever the request says.
      if (input.flags?.includes('extern_learn')) await again()
      else
        await expect(again).rejects.toMatchObject({
          code: 'EEXIST',
          subject: `forwarding entry ${MAC} on interface 'p1'`,
          advice: 'there is an entry already; replaceFdbEntry() changes it',
        })
      await nl.replaceFdbEntry({ ...input, dev: 'p2', netns })
      expect(printed(netns)).toMatchObject([{ ifname: 'p2', ...expected }])
      await nl.deleteFdbEntry({ mac: MAC, dev: 'p2', master: true, netns })
      expect(printed(netns)).toEqual([])
      await expect(async () => nl.deleteFdbEntry({ ...PORT, netns })).rejects.toMatchObject({
        code: 'ENOENT',
        advice: 'there is no such entry',
      })
    }),
  )

  it("adds to a device's own table, which takes multicast too", () =>
    withBridge(async (netns) => {
      await nl.addFdbEntry({ mac: MAC, dev: 'p1', netns })
      await nl.addFdbEntry({ mac: '01:00:5e:01:02:03', dev: 'h1', self: true, netns })
      await nl.addFdbEntry({ mac: '02:00:00:00:09:0a', dev: 'br0', self: true, netns })
      expect(printed(netns)).toMatchObject([{ ifname: 'p1', flags: ['self'], state: 'permanent' }])
      expect(printed(netns, '01:00:5e:01:02:03')).toMatchObject([{ ifname: 'h1', flags: ['self'] }])
      expect(printed(netns, '02:00:00:00:09:0a')).toMatchObject([{ ifname: 'br0', master: 'br0' }])
      const [own] = await nl.listFdb({ mac: '02:00:00:00:09:0a', netns })
      expect(own).toMatchObject({ dev: 'br0', bridge: 'br0', bridgeIfindex: 20, self: true, master: false })
      await nl.deleteFdbEntry({ ...own!, dev: 'br0', netns })
      expect(printed(netns, '02:00:00:00:09:0a')).toEqual([])
    }))

  it('adds what a vxlan device knows of a tunnel, as bridge shows it', () =>
    withBridge(async (netns) => {
      VX(netns)
      const key = { mac: MAC, dev: 'vx0' }
      await nl.addFdbEntry({ ...key, dst: '192.0.2.9', port: 8472, vni: 43, via: 'p3', netns })
      expect(printed(netns)).toMatchObject([
        {
          ...{ ifname: 'vx0', dst: '192.0.2.9', port: 8472, vni: 43, viaIf: 'p3' },
          ...{ flags: ['self'], state: 'permanent' },
        },
      ])
      await nl.deleteFdbEntry({ ...key, dst: '192.0.2.9', port: 8472, vni: 43, via: 13, netns })
      expect(printed(netns)).toEqual([])
      for (const dst of ['192.0.2.9', '192.0.2.10'])
        await nl.appendFdbEntry({ mac: '00:00:00:00:00:00', dev: 'vx0', dst, netns })
      expect(printed(netns, '00:00:00:00:00:00').map(({ dst }) => dst)).toEqual(['192.0.2.9', '192.0.2.10'])
      ip('nexthop add id 7 via 192.0.2.77 fdb', netns)
      ip('nexthop add id 8 group 7 fdb', netns)
      await nl.addFdbEntry({ ...key, nhid: 8, flags: ['router'], state: 'static', netns })
      expect(printed(netns)).toMatchObject([{ nhid: 8, flags: ['self', 'router'], state: 'static' }])
      await nl.deleteFdbEntry({ ...key, nhid: 8, netns })
    }))

  it('reads all that bridge made, field by field', () =>
    withBridge(async (netns) => {
      VX(netns)
      ip('link add vx1 index 31 up type vxlan external dstport 4790', netns)
      ip('link add vx6 index 32 up type vxlan id 46 dstport 4791 local 2001:db8::1', netns)
      ip('nexthop add id 7 via 192.0.2.77 fdb', netns)
      ip('nexthop add id 8 group 7 fdb', netns)
      for (const [n, rest] of [
        'dev p1 master',
        'dev p1 master static',
        'dev p2 master dynamic',
        'dev p2 master static sticky',
        'dev p3 master dynamic extern_learn',
        'dev p3',
        'dev br0 self',
        'dev vx0 dst 192.0.2.9',
        'dev vx0 dst 192.0.2.9 port 8472 vni 43 via p3 router',
        'dev vx0 nhid 8',
        'dev vx1 dst 192.0.2.10 src_vni 99 vni 100',
        'dev vx6 dst 2001:db8::9 static',
      ].entries())
        bridge(`fdb add 02:00:00:00:0a:${String(n).padStart(2, '0')} ${rest}`, netns)
      const shown = bridgeJson('-s fdb show', netns)
      const listed = await nl.listFdb({ netns })
      expect(listed.length).toBeGreaterThan(12)
      expectReadBack(FDB, listed, shown)
      for (const [index, { used, updated }] of shown.entries()) {
        expect(listed[index]!.used === null).toBe(used === undefined)
        // Ours was read later.
        expect(listed[index]!.used ?? 0).toBeGreaterThanOrEqual(used ?? 0)
        expect(listed[index]!.updated ?? 0).toBeGreaterThanOrEqual(updated ?? 0)
      }
    }))

  it('filters as bridge does', () =>
    withBridge(async (netns) => {
      bridge(`fdb add ${MAC} dev p1 master static`, netns)
      bridge('fdb add 02:00:00:00:09:0a dev p2 master dynamic', netns)
      ip('link add br1 type bridge', netns)
      const filters: [Omit<ListFdbOptions, 'signal'>, string][] = [
        [{ bridge: 'br0' }, 'br br0'],
        [{ bridge: 'br1' }, 'br br1'],
        [{ dev: 'p2' }, 'brport p2'],
        [{ bridge: 'br0', dev: 'p1' }, 'br br0 brport p1'],
        [{ state: ['static', 'dynamic', 'stale'] }, 'dynamic'],
        [{ state: 'static' }, 'state static'],
        [{ vlan: 7 }, 'vlan 7'],
      ]
      for (const [options, args] of filters) {
        // bridge leaves out the name of the interface that it was given.
        const shown = bridgeJson(`fdb show ${args}`, netns).map((entry) => ({
          ifname: options.dev,
          ...entry,
        }))
        expect(
          (await nl.listFdb({ ...options, netns })).map((entry) => asPrinted(FDB, entry)),
          args,
        ).toEqual(shown)
      }
      expect(await nl.listFdb({ mac: '02-00-00-00-09-0A', netns })).toHaveLength(1)
      expect(await nl.listFdb({ state: 2, netns })).toMatchObject([{ mac: '02:00:00:00:09:0a' }])
      await expect(async () => nl.listFdb({ dev: 'p9', netns })).rejects.toMatchObject({ code: 'ENODEV' })
    }))

  it('gives back what it lists: all entries of ports are deleted and added again', () =>
    withBridge(async (netns) => {
      bridge(`fdb add ${MAC} dev p1 master static sticky`, netns)
      bridge('fdb add 02:00:00:00:09:0a dev p2 master dynamic extern_learn', netns)
      bridge('fdb add 02:00:00:00:09:0b dev p3 master', netns)
      const before = bridgeJson('fdb show br br0', netns)
      const entries = (await nl.listFdb({ bridge: 'br0', netns })).filter(({ mac }) =>
        mac.startsWith('02:00:00:00:09'),
      )
      expect(entries).toHaveLength(3)
      for (const { dev, ...entry } of entries) await nl.deleteFdbEntry({ ...entry, dev: dev!, netns })
      expect(bridgeJson('fdb show br br0', netns)).toHaveLength(before.length - 3)
      for (const { dev, ...entry } of entries) await nl.addFdbEntry({ ...entry, dev: dev!, netns })
      const byMac = (a: Printed, b: Printed) =>
        `${a['mac']}${a['ifname']}` < `${b['mac']}${b['ifname']}` ? -1 : 1
      expect(bridgeJson('fdb show br br0', netns).sort(byMac)).toEqual(before.sort(byMac))
    }))

  it('gets one entry without a dump', () =>
    withBridge(async (netns) => {
      VX(netns)
      bridge(`fdb add ${MAC} dev p1 master static`, netns)
      bridge('fdb add 02:00:00:00:09:0a dev vx0 dst 192.0.2.9 vni 42', netns)
      const [{ used: _1, updated: _2, ...listed }] = (await nl.listFdb({ mac: MAC, netns })) as [FdbEntry]
      expect(await nl.getFdbEntry({ mac: MAC, bridge: 'br0', netns })).toMatchObject(listed)
      expect(await nl.getFdbEntry({ mac: MAC, dev: 'p2', netns })).toMatchObject({ dev: 'p1' })
      expect(await nl.getFdbEntry({ ...listed, netns })).toMatchObject(listed)
      expect(await nl.getFdbEntry({ mac: MAC, dev: 'br0', self: true, netns })).toMatchObject(listed)
      expect(
        await nl.getFdbEntry({ mac: '02:00:00:00:09:0a', dev: 'vx0', self: true, vni: 42, netns }),
      ).toMatchObject({ dst: '192.0.2.9', self: true })
      const missing = { mac: '02:00:00:00:09:ff', netns }
      await expect(async () => nl.getFdbEntry({ ...missing, bridge: 'br0' })).rejects.toMatchObject({
        code: 'ENOENT',
        advice: 'there is no such entry',
      })
      await expect(async () => nl.getFdbEntry({ ...missing, dev: 'h1' })).rejects.toMatchObject({
        code: 'EINVAL',
        extack: { message: expect.stringContaining('bridge port') },
      })
    }))

  it('says why an entry cannot be, where the kernel does not', () =>
    withBridge(async (netns) => {
      VX(netns)
      for (const [entry, advice] of REFUSED)
        await expect(
          async () => nl.addFdbEntry({ mac: MAC, ...entry, netns }),
          JSON.stringify(entry),
        ).rejects.toMatchObject({ code: 'EINVAL', advice: expect.stringMatching(advice) })
    }))

  it('tells that a tunnel leads to an address of another family', () =>
    withBridge(async (netns) => {
      ip('link add vx0 type vxlan id 7 dstport 4789 remote 192.0.2.7', netns)
      const entry = { mac: MAC, dev: 'vx0', dst: '2001:db8::7', netns }
      await expect(async () => nl.addFdbEntry(entry)).rejects.toMatchObject({
        code: 'EAFNOSUPPORT',
        advice: expect.stringContaining("of another family than the device's"),
      })
    }))

  it('tells that a vxlan device has as many entries as it takes', () =>
    withBridge(async (netns) => {
      ip('link add vx0 type vxlan id 7 dstport 4789 maxaddress 1', netns)
      const add = async (mac: string) => nl.addFdbEntry({ mac, dev: 'vx0', dst: '192.0.2.7', netns })
      await add('02:00:00:00:00:01')
      const advice = 'the vxlan device has as many entries as it was made for (its limit)'
      await expect(add('02:00:00:00:00:02')).rejects.toMatchObject({ code: 'ENOSPC', advice })
    }))

  it('flushes what the options describe', () =>
    withBridge(async (netns) => {
      const fill = () => {
        bridge('fdb replace 02:00:00:00:09:01 dev p1 master static', netns)
        bridge('fdb replace 02:00:00:00:09:02 dev p1 master dynamic', netns)
        bridge('fdb replace 02:00:00:00:09:03 dev p2 master dynamic extern_learn', netns)
        bridge('fdb replace 02:00:00:00:09:04 dev p2 master static sticky', netns)
        bridge('fdb replace 02:00:00:00:09:05 dev p3 master', netns)
      }
      const left = () =>
        bridgeJson('fdb show br br0', netns)
          .map(({ mac }) => mac as string)
          .filter((mac) => mac.startsWith('02:00:00:00:09'))
          .map((mac) => Number(mac.slice(-1)))
          .sort()
      for (const [options, rest] of [
        [{ state: 'dynamic' }, [1, 4, 5]],
        [{ state: 'static' }, [2, 3, 5]],
        [{ state: 'permanent' }, [1, 2, 3, 4]],
        [{ state: 'nopermanent' }, [5]],
        [{ state: 'nostatic' }, [1, 4, 5]],
        [{ state: 'nodynamic' }, [2, 3]],
        [{ brport: 'p1' }, [3, 4, 5]],
        [{ brport: 'p1', state: 'static' }, [2, 3, 4, 5]],
        [{ flags: ['sticky'] }, [1, 2, 3, 5]],
        [{ withoutFlags: ['sticky', 'extern_learn'] }, [3, 4]],
        [{ vlan: 7 }, [1, 2, 3, 4, 5]],
        [{}, []],
      ] as const) {
        fill()
        await nl.flushFdb('br0', { ...options, netns })
        expect(left(), JSON.stringify(options)).toEqual(rest)
        if (!('state' in options) || 'brport' in options) continue
        fill()
        bridge(`fdb flush dev br0 ${options.state}`, netns)
        expect(left(), options.state).toEqual(rest)
      }
      fill()
      await nl.flushFdb('p1', { master: true, brport: 'p1', netns })
      expect(left()).toEqual([3, 4, 5])
      await expect(async () => nl.flushFdb('h1', { netns })).rejects.toMatchObject({ code: 'EOPNOTSUPP' })
    }))

  if (since(6, 7))
    it('flushes the tunnels of a vxlan device', () =>
      withBridge(async (netns) => {
        VX(netns)
        bridge('fdb add 02:00:00:00:09:06 dev vx0 dst 192.0.2.9', netns)
        bridge('fdb add 02:00:00:00:09:07 dev vx0 dst 192.0.2.10', netns)
        await nl.flushFdb('vx0', { dst: '192.0.2.9', netns })
        expect((await nl.listFdb({ dev: 'vx0', netns })).map(({ dst }) => dst)).toEqual(['192.0.2.10'])
      }))

  it('asks for notice of activity, and marks what is not used', () =>
    withBridge(async (netns) => {
      await nl.addFdbEntry({ ...PORT, state: 'static', activityNotify: true, inactive: true, netns })
      expect(await nl.getFdbEntry({ mac: MAC, bridge: 'br0', netns })).toMatchObject({
        activityNotify: true,
        inactive: true,
      })
      await nl.replaceFdbEntry({ ...PORT, state: 'static', activityNotify: false, netns })
      expect(await nl.getFdbEntry({ mac: MAC, bridge: 'br0', netns })).toMatchObject({
        activityNotify: false,
      })
    }))

  it('says that a port has to forward before it can have a dynamic entry', () =>
    withBridge(async (netns) => {
      ip('link set p1 down', netns)
      await expect(async () => nl.addFdbEntry({ ...PORT, state: 'dynamic', netns })).rejects.toMatchObject({
        code: 'EPERM',
        advice: expect.stringContaining('a port that is learning or forwarding'),
      })
      await nl.addFdbEntry({ ...PORT, state: 'static', netns })
    }))

  it('says whose table it was, and is part of a batch', () =>
    withBridge(async (netns) => {
      await expect(async () => nl.addFdbEntry({ ...PORT, dev: 'h1', netns })).rejects.toMatchObject({
        code: 'EOPNOTSUPP',
        advice: 'the interface is no port of a bridge; its own table is meant with self',
      })
      const results = await nl.batch(
        (b) => {
          b.addFdbEntry({ ...PORT, state: 'static' })
          b.appendFdbEntry({ ...PORT, dev: 'h1' })
          b.replaceFdbEntry({ ...PORT, mac: '02:00:00:00:09:0a', dev: 'p2' })
          b.deleteFdbEntry(PORT)
          b.flushFdb('br0', { brport: 'p3' })
        },
        { netns },
      )
      expect(results.map(({ status }) => status)).toEqual([
        ...['fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled'],
      ])
      expect(printed(netns)).toEqual([])
      expect(printed(netns, '02:00:00:00:09:0a')).toMatchObject([{ ifname: 'p2' }])
    }))

  it('directs traffic: a sticky entry leads elsewhere until it is deleted', () =>
    withBridge((netns) =>
      withHosts(netns, async ([one]) => {
        const wrong = { mac: '02:00:00:00:02:02', dev: 'p3', master: true, netns } as const
        expect(pings(one!, '10.9.0.2')).toBe(true)
        await nl.replaceFdbEntry({ ...wrong, state: 'static', flags: ['sticky'] })
        expect(pings(one!, '10.9.0.2')).toBe(false)
        await nl.replaceFdbEntry({ ...wrong, dev: 'p2', state: 'static' })
        expect(pings(one!, '10.9.0.2')).toBe(true)
        await nl.deleteFdbEntry({ ...wrong, dev: 'p2' })
        expect(pings(one!, '10.9.0.2')).toBe(true)
      }),
    ))
})
