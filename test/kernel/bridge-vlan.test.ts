import { describe, expect, it } from 'vitest'
import type { BridgeVlan, GlobalBridgeVlan } from '../../src/public.js'
import { bridge, bridgeJson, hasVlanFiltering, pings, withBridge, withHosts } from './bridge-support.js'
import { expectRefused, NO_GLOBAL_VLANS, NO_VLANS, since } from './needs.js'
import { expectReadBack, type Oracle, routerNumber, unlessEmpty } from './read-back.js'
import { FACES, ipJson, type Printed } from './support.js'

/** A kernel without it has nothing of this; there it is tested that each operation says so. */
const filtering = hasVlanFiltering()

/** Linux 5.15 has VLANs of multicast: what routers a VLAN has, and what all ports have for it. An older one passes over that in FILTERING. */
const hasMulticast = since(5, 15)

const FILTERING = 'vlan_filtering 1 vlan_stats_enabled 1 mcast_vlan_snooping 1'

/** What bridge prints, one element for each VLAN of each interface. */
function printed(args: string, netns: string): Printed[] {
  return bridgeJson(args, netns).flatMap(({ ifname, vlans, tunnels }) =>
    ((vlans ?? tunnels) as Printed[]).flatMap(({ vlan, vlanEnd, tunid, tunidEnd: _, ...rest }) =>
      Array.from({ length: (vlanEnd ?? vlan) - vlan + 1 }, (__, n) => ({
        ...{ ifname, vlan: vlan + n, ...rest },
        ...(tunid === undefined ? {} : { tunid: tunid + n }),
      })),
    ),
  )
}

const SINCE = 'printed since bridge 6.3'

const VLAN: Oracle<BridgeVlan> = {
  keys: {
    ifname: ({ dev }) => dev,
    vlan: ({ vid }) => vid,
    flags: ({ pvid, untagged }) =>
      unlessEmpty([...(pvid ? ['PVID'] : []), ...(untagged ? ['Egress Untagged'] : [])]),
    state: ({ state }) => state,
    mcast_router: ({ mcastRouter }) => (mcastRouter === null ? undefined : routerNumber(mcastRouter)),
  },
  notPrinted: {
    ...{ ifindex: 'bridge prints the name', self: 'bridge tells it by the name' },
    tunnelId: 'of another command, and compared there',
    ...{ mcastGroups: SINCE, mcastMaxGroups: SINCE, neighSuppress: SINCE },
    neighForwardGrat: 'printed since bridge 7.2',
    ...{ stats: 'printed with -s, and compared there', bigStats: 'printed with -s, and compared there' },
  },
}

/** Options of all ports: ours, bridge's, a value that no VLAN has to begin with, as bridge shows it. */
const GLOBAL: [keyof GlobalBridgeVlan, string, unknown, unknown][] = [
  ['mcastSnooping', 'mcast_snooping', false, 0],
  ['mcastQuerier', 'mcast_querier', true, 1],
  ['mcastIgmpVersion', 'mcast_igmp_version', 3, 3],
  ['mcastMldVersion', 'mcast_mld_version', 2, 2],
  ['mcastLastMemberCount', 'mcast_last_member_count', 5, 5],
  ['mcastLastMemberInterval', 'mcast_last_member_interval', 2.5, 250],
  ['mcastStartupQueryCount', 'mcast_startup_query_count', 7, 7],
  ['mcastStartupQueryInterval', 'mcast_startup_query_interval', 40, 4000],
  ['mcastMembershipInterval', 'mcast_membership_interval', 300, 30000],
  ['mcastQuerierInterval', 'mcast_querier_interval', 200, 20000],
  ['mcastQueryInterval', 'mcast_query_interval', 100, 10000],
  ['mcastQueryResponseInterval', 'mcast_query_response_interval', 5, 500],
]

if (!filtering) {
  describe.each(FACES)('$face, without VLAN filtering', ({ nl }) => {
    it('says of each operation that the kernel lacks it', () =>
      withBridge(async (netns) => {
        const calls: (() => unknown)[] = [
          () => nl.addBridgeVlan('p1', { vid: 100, netns }),
          () => nl.listBridgeVlans({ netns }),
          () => nl.listGlobalBridgeVlans({ bridge: 'br0', netns }),
          () => nl.setBridgeVlan('p1', { vid: 1, state: 'blocking', netns }),
          () => nl.setGlobalBridgeVlan('br0', { vid: 1, mcastSnooping: false, netns }),
          () => nl.setBridgeMst('p1', { msti: 7, state: 'blocking', netns }),
        ]
        // Kernels before 5.18 pass over it.
        const trees = { multiBoolopt: { mst_enable: true }, netns }
        if (since(5, 18))
          calls.push(
            () => nl.setLink('br0', { kind: 'bridge', ...trees }),
            () => nl.createBridge({ name: 'br1', ...trees }),
          )
        for (const call of calls) await expectRefused(call, NO_VLANS)
        expect(await nl.listBridgeMst({ netns })).toEqual([])
      }))
  })
} else {
  describe.each(FACES)('$face', ({ nl }) => {
    const shown = (netns: string, dev: string) => printed(`vlan show dev ${dev}`, netns)

    it('counts of more VLANs than a message has room for, once', () =>
      withBridge(async (netns) => {
        for (const dev of ['br0 self', 'p1']) bridge(`vlan add vid 2-2000 dev ${dev}`, netns)
        const vids = (dev: string) => shown(netns, dev).map(({ vlan }) => vlan)
        expect(vids('p1').length).toBeGreaterThanOrEqual(1999)
        const all = await nl.listLinkStats({ extended: true, netns })
        const dumped = ipJson('link', netns).map(({ ifname }) => ifname)
        expect(all.map(({ dev }) => dev).sort()).toEqual(dumped.sort())
        const counted = all.find(({ dev }) => dev === 'br0')!
        expect(counted.stats.rxPackets).not.toBeNull()
        expect(counted.extended!.bridge!.vlans.map(({ vid }) => vid)).toEqual(vids('br0'))
        const port = await nl.getLinkStats('p1', { extended: true, netns })
        expect(port.extended!.bridgePort!.vlans.map(({ vid }) => vid)).toEqual(vids('p1'))
        expect(port.extended!.bridgePort!.stp).not.toBeNull()
        await expect(async () => nl.getLinkStats(77, { extended: true, netns })).rejects.toMatchObject({
          code: 'ENODEV',
        })
      }))

    it('adds VLANs as bridge shows them, and deletes them', () =>
      withBridge(async (netns) => {
        const vlan1 = { vlan: 1, flags: ['PVID', 'Egress Untagged'] }
        expect(shown(netns, 'p1')).toMatchObject([vlan1])
        await nl.addBridgeVlan('p1', { vid: 100, netns })
        await nl.addBridgeVlan('p1', { vid: [200, 203], untagged: true, master: true, netns })
        expect(shown(netns, 'p1')).toMatchObject([
          ...[vlan1, { vlan: 100 }],
          ...[200, 201, 202, 203].map((vlan) => ({ vlan, flags: ['Egress Untagged'] })),
        ])
        await nl.addBridgeVlan('p1', { vid: 100, pvid: true, netns })
        expect(shown(netns, 'p1').filter(({ flags }) => flags?.includes('PVID'))).toMatchObject([
          { vlan: 100 },
        ])
        await nl.deleteBridgeVlan('p1', { vid: [201, 202], netns })
        await nl.deleteBridgeVlan('p1', { vid: 1, netns })
        expect(shown(netns, 'p1').map(({ vlan }) => vlan)).toEqual([100, 200, 203])
        await nl.addBridgeVlan('br0', { vid: [7, 8], self: true, netns })
        expect(shown(netns, 'br0').map(({ vlan }) => vlan)).toEqual([1, 7, 8])
        await nl.deleteBridgeVlan('br0', { vid: 7, self: true, netns })
        expect(shown(netns, 'br0').map(({ vlan }) => vlan)).toEqual([1, 8])
      }, FILTERING))

    it('reads what bridge made, ranges as single VLANs', () =>
      withBridge(async (netns) => {
        for (const args of [
          '10-13 dev p1',
          '20 dev p1 pvid untagged',
          '30-31 dev p2 untagged',
          '4094 dev p3',
        ])
          bridge(`vlan add vid ${args}`, netns)
        bridge('vlan add vid 5-6 dev br0 self', netns)
        bridge('vlan set vid 11 dev p1 state blocking', netns)
        if (hasMulticast) bridge('vlan set vid 12 dev p1 mcast_router 2', netns)
        const listed = await nl.listBridgeVlans({ netns })
        expect(listed).toHaveLength(14)
        expectReadBack(VLAN, listed, printed('vlan show', netns))
        expect(listed.filter(({ self }) => self).map(({ dev, vid }) => [dev, vid])).toEqual([
          ...[
            ['br0', 1],
            ['br0', 5],
            ['br0', 6],
          ],
        ])
        expect(listed[3]).toEqual({
          ...{
            ifindex: 11,
            dev: 'p1',
            vid: 1,
            self: false,
            pvid: false,
            untagged: true,
            state: 'forwarding',
          },
          ...{
            tunnelId: null,
            mcastRouter: hasMulticast ? 'query' : null,
            // Since Linux 6.3, 6.3, 6.4 and 7.2.
            mcastGroups: expect.toBeOneOf([0, null]),
            mcastMaxGroups: expect.toBeOneOf([0, null]),
            neighSuppress: expect.toBeOneOf([false, null]),
            neighForwardGrat: expect.toBeOneOf([false, null]),
          },
          ...{ stats: null, bigStats: null },
        })
        const of = async (options: object) =>
          (await nl.listBridgeVlans({ ...options, netns })).map(({ dev, vid }) => `${dev}.${vid}`)
        expect(await of({ dev: 'p1', vid: [11, 20] })).toEqual(['p1.11', 'p1.12', 'p1.13', 'p1.20'])
        expect(await of({ vid: 30 })).toEqual(['p2.30'])
        expect(await of({ dev: 'p3' })).toEqual(['p3.1', 'p3.4094'])
      }, FILTERING))

    it('gives back what it lists', () =>
      withBridge(async (netns) => {
        bridge('link set dev p1 vlan_tunnel on', netns)
        for (const args of ['10-13 dev p1', '20 dev p1 pvid untagged', '5-6 dev br0 self'])
          bridge(`vlan add vid ${args}`, netns)
        bridge('vlan add vid 10-12 dev p1 tunnel_info id 1010-1012', netns)
        const before = [printed('vlan show', netns), printed('vlan tunnelshow', netns)]
        const vlans = await nl.listBridgeVlans({ netns })
        for (const vlan of vlans) await nl.deleteBridgeVlan(vlan.dev!, { ...vlan, netns })
        expect(printed('vlan show', netns)).toEqual([])
        for (const vlan of vlans) await nl.addBridgeVlan(vlan.dev!, { ...vlan, netns })
        expect([printed('vlan show', netns), printed('vlan tunnelshow', netns)]).toEqual(before)
      }, FILTERING))

    it('adds again what is there, and changes its tunnel id', () =>
      withBridge(async (netns) => {
        bridge('link set dev p1 vlan_tunnel on', netns)
        bridge('vlan add vid 10-12 dev p1', netns)
        bridge('vlan add vid 10-12 dev p1 tunnel_info id 1010-1012', netns)
        const [vlan] = await nl.listBridgeVlans({ dev: 'p1', vid: 10, netns })
        await nl.addBridgeVlan('p1', { ...vlan!, netns })
        await nl.addBridgeVlan('p1', { vid: [11, 13], tunnelId: 2011, netns })
        expect(printed('vlan tunnelshow', netns).map(({ tunid }) => tunid)).toEqual([1010, 2011, 2012, 2013])
      }, FILTERING))

    it('an id that another VLAN of the port has is refused, and nothing is taken away', () =>
      withBridge(async (netns) => {
        bridge('link set dev p1 vlan_tunnel on', netns)
        for (const vid of [10, 20]) {
          bridge(`vlan add vid ${vid} dev p1`, netns)
          bridge(`vlan add vid ${vid} dev p1 tunnel_info id ${1000 + vid}`, netns)
        }
        const before = [printed('vlan show', netns), printed('vlan tunnelshow', netns)]
        await expect(async () =>
          nl.addBridgeVlan('p1', { vid: 10, tunnelId: 1020, netns }),
        ).rejects.toMatchObject({ code: 'EEXIST' })
        expect([printed('vlan show', netns), printed('vlan tunnelshow', netns)]).toEqual(before)
      }, FILTERING))

    it('gives VLANs their tunnel ids, in one request and later', () =>
      withBridge(async (netns) => {
        bridge('vlan add vid 8 dev p1', netns)
        const before = printed('vlan show', netns)
        for (const vid of [9, [7, 10]] as const)
          await expect(async () => nl.addBridgeVlan('p1', { vid, tunnelId: 9, netns })).rejects.toMatchObject(
            {
              code: 'EINVAL',
              advice: expect.stringContaining('the port has no vlanTunnel'),
            },
          )
        expect(printed('vlan show', netns)).toEqual(before)
        await nl.setBridgePort('p1', { vlanTunnel: true, netns })
        await nl.addBridgeVlan('p1', { vid: 9, pvid: true, untagged: true, netns })
        await nl.setBridgeVlan('p1', { vid: 9, tunnelId: 1009, netns })
        const [own] = await nl.listBridgeVlans({ dev: 'p1', vid: 9, netns })
        expect(own).toMatchObject({ pvid: true, untagged: true, tunnelId: 1009 })
        await nl.deleteBridgeVlan('p1', { vid: 9, netns })
        await nl.addBridgeVlan('p1', { vid: 50, tunnelId: 1050, netns })
        await nl.addBridgeVlan('p1', { vid: [60, 63], tunnelId: 1060, netns })
        const tunnels = () => printed('vlan tunnelshow', netns).map(({ vlan, tunid }) => [vlan, tunid])
        const all = [
          [50, 1050],
          [60, 1060],
          [61, 1061],
          [62, 1062],
          [63, 1063],
        ]
        expect(tunnels()).toEqual(all)
        const read = async () =>
          (await nl.listBridgeVlans({ dev: 'p1', netns }))
            .filter(({ tunnelId }) => tunnelId !== null)
            .map(({ vid, tunnelId }) => [vid, tunnelId])
        expect(await read()).toEqual(all)
        await nl.setBridgeVlan('p1', { vid: [61, 62], tunnelId: null, netns })
        expect(tunnels()).toEqual([
          [50, 1050],
          [60, 1060],
          [63, 1063],
        ])
        await nl.setBridgeVlan('p1', { vid: [61, 62], tunnelId: 2061, netns })
        expect(tunnels()).toEqual([
          [50, 1050],
          [60, 1060],
          [61, 2061],
          [62, 2062],
          [63, 1063],
        ])
        expect(await read()).toEqual(tunnels())
      }, FILTERING))

    it('sets what a port has for its VLANs', () =>
      withBridge(async (netns) => {
        await nl.addBridgeVlan('p1', { vid: [10, 14], netns })
        await nl.setBridgeVlan('p1', { vid: 10, state: 'learning', netns })
        const both = { vid: [11, 12], state: 'blocking', netns } as const
        const router = () => nl.setBridgeVlan('p1', { ...both, mcastRouter: 'permanent' })
        if (hasMulticast) await router()
        else {
          await expectRefused(router, { code: 'EINVAL', advice: 'mcastRouter needs Linux 5.15' })
          await nl.setBridgeVlan('p1', both)
        }
        const routers = (mcast_router: number) => (hasMulticast ? { mcast_router } : {})
        expect(shown(netns, 'p1').slice(1)).toEqual([
          { ifname: 'p1', vlan: 10, state: 'learning', ...routers(1) },
          { ifname: 'p1', vlan: 11, state: 'blocking', ...routers(2) },
          { ifname: 'p1', vlan: 12, state: 'blocking', ...routers(2) },
          { ifname: 'p1', vlan: 13, state: 'forwarding', ...routers(1) },
          { ifname: 'p1', vlan: 14, state: 'forwarding', ...routers(1) },
        ])
        await expect(async () =>
          nl.setBridgeVlan('p1', { vid: 99, state: 'blocking', netns }),
        ).rejects.toMatchObject({ code: 'ENOENT' })
      }, FILTERING))

    it('sets and reads each option that VLANs have on all ports', () =>
      withBridge(async (netns) => {
        await nl.addBridgeVlan('p1', { vid: [10, 12], netns })
        if (!hasMulticast) {
          for (const [option, , value] of GLOBAL)
            await expectRefused(
              () => nl.setGlobalBridgeVlan('br0', { vid: 10, [option]: value, netns }),
              NO_GLOBAL_VLANS,
            )
          for (const bridge of [undefined, 'br0'])
            expect(await nl.listGlobalBridgeVlans({ bridge, netns })).toEqual([])
          return
        }
        const global = () => printed('vlan global show dev br0', netns)
        for (const [option, name, value, shownAs] of GLOBAL) {
          const before = global()
          expect(before[1]![name], option).not.toEqual(shownAs)
          await nl.setGlobalBridgeVlan('br0', { vid: [10, 11], [option]: value, netns })
          expect(global()).toEqual(
            before.map((it) => (it['vlan'] === 10 || it['vlan'] === 11 ? { ...it, [name]: shownAs } : it)),
          )
        }
        for (const bridge of [undefined, 'br0']) {
          const listed = await nl.listGlobalBridgeVlans({ bridge, netns })
          expect(listed.map(({ dev, ifindex, vid }) => [dev, ifindex, vid])).toEqual(
            [1, 10, 11, 12].map((vid) => ['br0', 20, vid]),
          )
          for (const [index, vlan] of listed.entries())
            for (const [option, name, value] of GLOBAL) {
              const number = Number(global()[index]![name])
              const seconds = option.endsWith('Interval') ? number / 100 : number
              expect(vlan[option], option).toEqual(typeof value === 'boolean' ? seconds === 1 : seconds)
            }
        }
        // What is listed can be given to other VLANs.
        const [, ten] = await nl.listGlobalBridgeVlans({ bridge: 'br0', netns })
        await nl.setGlobalBridgeVlan('br0', { ...ten!, vid: 12, netns })
        const [, , eleven, twelve] = global()
        expect({ ...twelve, vlan: 11 }).toEqual(eleven)
        expect(await nl.listGlobalBridgeVlans({ vid: [11, 12], netns })).toHaveLength(2)
      }, FILTERING))

    it('says what the kernel refuses', () =>
      withBridge(async (netns) => {
        const add = (dev: string) => async () => nl.addBridgeVlan(dev, { vid: 100, netns })
        const advice = expect.stringContaining('a bridge itself is told with self')
        await expect(add('br0')).rejects.toMatchObject({ code: 'EOPNOTSUPP', advice })
        await expect(add('h1')).rejects.toMatchObject({ code: 'EOPNOTSUPP', advice })
        await expect(add('p9')).rejects.toMatchObject({ code: 'ENODEV' })
        await expect(async () => nl.listBridgeVlans({ dev: 'h1', netns })).rejects.toMatchObject({
          code: 'EINVAL',
        })
        await expect(async () =>
          nl.setGlobalBridgeVlan('br0', { vid: 1, mcastIgmpVersion: 9, netns }),
        ).rejects.toMatchObject({ code: 'EINVAL' })
      }, FILTERING))

    it('keeps what a port does in each spanning tree', () =>
      withBridge(async (netns) => {
        const set = async () => nl.setBridgeMst('p1', { msti: 7, state: 'blocking', netns })
        if (!since(5, 18)) {
          // It passes over both, and tells neither.
          await set()
          await nl.setLink('br0', { kind: 'bridge', multiBoolopt: { mst_enable: true }, netns })
          expect(await nl.listBridgeMst({ netns })).toEqual([])
          return
        }
        await expect(set).rejects.toMatchObject({
          code: 'EBUSY',
          extack: { message: expect.stringContaining('MST') },
          advice: expect.stringContaining('mst_enable: true'),
        })
        const enable = async (on: boolean) =>
          nl.setLink('br0', { kind: 'bridge', multiBoolopt: { mst_enable: on }, netns })
        await enable(true)
        await nl.addBridgeVlan('p1', { vid: [10, 11], netns })
        await expectRefused(() => enable(false), {
          code: 'EBUSY',
          advice: 'multiBoolopt.mst_enable: set it while no port has VLANs',
        })
        await nl.addBridgeVlan('p2', { vid: 10, netns })
        await nl.setGlobalBridgeVlan('br0', { vid: 10, msti: 7, netns })
        expect((await nl.listGlobalBridgeVlans({ netns })).map(({ vid, msti }) => [vid, msti])).toEqual([
          ...[
            [10, 7],
            [11, 0],
          ],
        ])
        await set()
        const states = await nl.listBridgeMst({ dev: 'p1', netns })
        expect(states).toContainEqual({ ifindex: 11, dev: 'p1', msti: 7, state: 'blocking' })
        // The state of the VLANs of the tree is what bridge shows.
        expect(shown(netns, 'p1').map(({ vlan, state }) => [vlan, state])).toEqual([
          ...[
            [10, 'blocking'],
            [11, 'forwarding'],
          ],
        ])
        await nl.setBridgeMst('p1', { ...states.find(({ msti }) => msti === 7)!, state: 'learning', netns })
        expect(shown(netns, 'p1')[0]).toMatchObject({ vlan: 10, state: 'learning' })
        expect((await nl.listBridgeMst({ netns })).map(({ dev }) => dev)).toContain('p2')
      }, 'vlan_filtering 1 vlan_default_pvid 0'))

    it('is a method of a handle and part of a batch', () =>
      withBridge(async (netns) => {
        const red = await nl.openNetns(netns)
        try {
          const results = await red.batch((b) => {
            b.addBridgeVlan('p1', { vid: [10, 12] })
            b.setBridgeVlan('p1', { vid: 11, state: 'blocking' })
            b.setGlobalBridgeVlan('br0', { vid: 11, mcastQuerier: true })
            b.deleteBridgeVlan('p1', { vid: 12 })
            b.addBridgeVlan('h1', { vid: 12 })
          })
          const [done, refused] = ['fulfilled', 'rejected']
          expect(results.map(({ status }) => status)).toEqual([
            ...[done, done, hasMulticast ? done : refused, done, refused],
          ])
          expectReadBack(
            VLAN,
            await red.listBridgeVlans({ dev: 'p1', vid: [10, 12] }),
            shown(netns, 'p1').slice(1),
          )
        } finally {
          red.close()
        }
      }, FILTERING))

    it('puts a VLAN to forwarding entries, which bridge shows and which are read', () =>
      withBridge(async (netns) => {
        const key = { mac: '02:00:00:00:09:09', dev: 'p1', master: true, vlan: 10 } as const
        await nl.addBridgeVlan('p1', { vid: 10, netns })
        await nl.addFdbEntry({ ...key, state: 'static', netns })
        // The port's own address is there too, in each VLAN.
        const shown = () => bridgeJson('fdb show vlan 10', netns).filter(({ mac }) => mac === key.mac)
        expect(shown()).toMatchObject([{ ifname: 'p1', vlan: 10, state: 'static' }])
        const [listed] = await nl.listFdb({ vlan: 10, mac: key.mac, netns })
        expect(listed).toMatchObject({ ...key, bridge: 'br0' })
        expect(await nl.getFdbEntry({ ...listed!, netns })).toMatchObject(key)
        await nl.deleteFdbEntry({ ...listed!, dev: 'p1', netns })
        expect(shown()).toEqual([])
      }, FILTERING))

    it('separates traffic, counts it, and stops it where a VLAN is blocked', () =>
      withBridge(
        (netns) =>
          withHosts(netns, async ([one]) => {
            for (const [dev, vid] of [
              ['p1', 10],
              ['p2', 10],
              ['p3', 20],
            ] as const) {
              await nl.deleteBridgeVlan(dev, { vid: 1, netns })
              await nl.addBridgeVlan(dev, { vid, pvid: true, untagged: true, netns })
            }
            expect(pings(one!, '10.9.0.2')).toBe(true)
            expect(pings(one!, '10.9.0.3')).toBe(false)
            await nl.setBridgeVlan('p2', { vid: 10, state: 'blocking', netns })
            expect(pings(one!, '10.9.0.2')).toBe(false)
            const [counted] = await nl.listBridgeVlans({
              dev: 'p1',
              vid: 10,
              statistics: true,
              bigint: true,
              netns,
            })
            const [oracle] = printed('-s vlan show dev p1', netns)
            expect(oracle!['rx_packets']).toBeGreaterThan(1)
            expect(counted!.stats).toEqual({
              rxBytes: oracle!['rx_bytes'],
              rxPackets: oracle!['rx_packets'],
              txBytes: oracle!['tx_bytes'],
              txPackets: oracle!['tx_packets'],
            })
            expect(counted!.bigStats!.rxBytes).toBe(BigInt(counted!.stats!.rxBytes))
          }),
        FILTERING,
      ))
  })
}
