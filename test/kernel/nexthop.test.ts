import { describe, expect, it } from 'vitest'
import type { Nexthop, NexthopFilter } from '../../src/index.js'
import { ipBatch } from './ip-batch.js'
import { NEXTHOPS } from './made-by-ip.js'
import { expectRefused, type Refusal, since } from './needs.js'
import { spawnSync } from './programs.js'
import { expectReadBack, nullIf, type Oracle, unlessNull } from './read-back.js'
import { FACES, ip, ipJson, type Printed, withVeth } from './support.js'
import { failure } from './thrown.js'

/** Two interfaces with addresses, as nexthops need them. */
function withNetwork<T>(work: (netns: string) => T | Promise<T>): Promise<T> {
  return withVeth((netns) => {
    ipBatch(['address add 192.0.2.1/24 dev eth0', 'address add 2001:db8::1/64 dev eth0 nodad'], netns)
    return work(netns)
  })
}

const NO_STATISTICS: Refusal = { code: 'EINVAL', advice: 'statistics need Linux 6.9' }

const NO_RESILIENT: Refusal = { code: 'EINVAL', advice: 'resilient groups need Linux 5.13' }

const NEXTHOP: Oracle<Nexthop> = {
  keys: {
    id: ({ id }) => id,
    gateway: ({ via }) => unlessNull(via),
    dev: ({ dev }) => unlessNull(dev),
    scope: ({ scope }) => scope,
    protocol: ({ protocol }) => protocol,
    flags: ({ flags }) => flags,
    group: ({ group }) => group?.map((member) => (member.weight === 1 ? { id: member.id } : member)),
    type: ({ groupType }) => (groupType === 'resilient' ? groupType : undefined),
    resilient_args: ({ resilient }) =>
      resilient === null
        ? undefined
        : {
            buckets: resilient.buckets,
            idle_timer: resilient.idleTimer,
            unbalanced_timer: resilient.unbalancedTimer,
            unbalanced_time: resilient.unbalancedTime,
          },
    blackhole: ({ blackhole }) => nullIf(blackhole),
    fdb: ({ fdb }) => nullIf(fdb),
  },
  notPrinted: {
    family: 'ip tells it by the gateway',
    ifindex: 'ip prints the name',
    onlink: 'one of the flags',
    groupStats: 'printed with -s since ip 6.9',
    dstPort: 'printed since ip 7.3',
    hwStats: 'printed with -s since ip 6.9',
    hwStatsUsed: 'printed with -s -s since ip 6.9',
    encap: 'tunnels are read back in guests (encap.test.ts)',
  },
}

const FILTERS: readonly [NexthopFilter, number[]][] = [
  [{}, [1, 2, 3, 4, 5, 6, 7, 10, 11, 12]],
  [{ dev: 'eth1' }, [3, 7]],
  [{ family: 'ipv6' }, [3, 4]],
  [{ groups: true }, [10, 11, 12]],
  [{ groups: false, family: 'ipv4', dev: 'eth1' }, [7]],
  [{ fdb: true }, [6, 12]],
  [{ fdb: false, groups: true }, [10, 11]],
  [{ protocol: 'static' }, [1]],
  [{ protocol: 99, groups: true }, [11]],
]

/** Filters of a flush, the same for ip, and how many go. */
const FLUSHES: readonly [NexthopFilter & { all?: true }, string, number][] = [
  [{ all: true }, '', 10],
  [{ dev: 'eth1' }, 'dev eth1', 2],
  [{ groups: true }, 'groups', 3],
  [{ protocol: 99 }, 'protocol 99', 1],
  [{ dev: 'eth0' }, 'dev eth0', 3],
]

describe.each(FACES)('nexthops, $face', ({ nl }) => {
  it('reads what ip made, field by field, and takes it back', () =>
    withNetwork(async (netns) => {
      ipBatch(NEXTHOPS, netns)
      const told = ipJson('nexthop show', netns)
      expect(told).toHaveLength(NEXTHOPS.length)
      const listed = await nl.listNexthops({ netns })
      expectReadBack(NEXTHOP, listed, told)
      for (const nexthop of listed.toReversed()) await nl.deleteNexthop({ ...nexthop, netns })
      expect(ipJson('nexthop show', netns)).toEqual([])
      for (const nexthop of listed) expect(await nl.addNexthop({ ...nexthop, netns })).toBe(nexthop.id)
      expect(ipJson('nexthop show', netns)).toEqual(told)
    }))

  it.each(FILTERS)('lists those with %j', (filter, ids) =>
    withNetwork(async (netns) => {
      ipBatch(NEXTHOPS, netns)
      expect((await nl.listNexthops({ ...filter, netns })).map(({ id }) => id)).toEqual(ids)
    }),
  )

  it.each(FLUSHES)('flushes those with %j, as ip does', (filter, selector, count) =>
    withNetwork((theirs) =>
      withNetwork(async (ours) => {
        const left = (netns: string) => [
          ipJson('nexthop show', netns).map(({ id, group }) => ({ id, group })),
          ipJson('route show', netns).map(({ dst }) => dst),
        ]
        for (const netns of [theirs, ours]) ipBatch([...NEXTHOPS, 'route add 10.0.0.0/8 nhid 1'], netns)
        ip(`nexthop flush ${selector}`.trim(), theirs)
        expect(await nl.flushNexthops({ ...filter, netns: ours })).toBe(count)
        expect(left(ours)).toEqual(left(theirs))
        expect(await nl.flushNexthops({ ...filter, netns: ours })).toBe(0)
      }),
    ),
  )

  // ip would delete all of them: it leaves the filter to the kernel, which has none.
  it('flushes those of bridges alone', () =>
    withNetwork(async (netns) => {
      ipBatch(NEXTHOPS, netns)
      expect(await nl.flushNexthops({ fdb: true, netns })).toBe(2)
      expect(ipJson('nexthop show', netns).map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 7, 10, 11])
      expect(await nl.flushNexthops({ family: 'ipv6', netns })).toBe(2)
      expect(ipJson('nexthop show', netns).map(({ id }) => id)).toEqual([1, 2, 5, 7, 10, 11])
    }))

  it('tells the id that the kernel chose', () =>
    withNetwork(async (netns) => {
      const id = await nl.addNexthop({ via: '192.0.2.254', dev: 'eth0', netns })
      expect(ipJson(`nexthop get id ${id}`, netns)).toMatchObject([{ id, gateway: '192.0.2.254' }])
      await nl.addRoute({ to: '10.0.0.0/8', nhid: id, netns })
      expect(ipJson('route show 10.0.0.0/8', netns)).toMatchObject([{ nhid: id, gateway: '192.0.2.254' }])
    }))

  it('replaces a nexthop for all its routes; with it gone they go', () =>
    withNetwork(async (netns) => {
      await nl.addNexthop({ id: 1, via: '192.0.2.254', dev: 'eth0', netns })
      await nl.addRoute({ to: '10.0.0.0/8', nhid: 1, netns })
      expect(await nl.replaceNexthop({ id: 1, via: '192.0.2.253', dev: 'eth0', netns })).toBe(1)
      expect(ipJson('route show 10.0.0.0/8', netns)).toMatchObject([{ nhid: 1, gateway: '192.0.2.253' }])
      await nl.deleteNexthop({ id: 1, netns })
      expect(ipJson('route show 10.0.0.0/8', netns)).toEqual([])
    }))

  it('takes weights that need two bytes', () =>
    withNetwork(async (netns) => {
      await nl.addNexthop({ id: 1, via: '192.0.2.254', dev: 'eth0', netns })
      const heavy = (weight: number) => nl.addNexthop({ id: 2, group: [{ id: 1, weight }], netns })
      if (!since(6, 12)) {
        const refusal = { code: 'EINVAL', advice: 'weights above 255 need Linux 6.12' }
        for (const weight of [256, 65_535]) await expectRefused(() => heavy(weight), refusal)
        return
      }
      await heavy(65_535)
      expect(await nl.listNexthops({ groups: true, netns })).toMatchObject([
        { group: [{ id: 1, weight: 65_535 }] },
      ])
    }))

  it('reads one nexthop by its id', () =>
    withNetwork(async (netns) => {
      ipBatch(NEXTHOPS, netns)
      for (const listed of await nl.listNexthops({ netns }))
        expect(await nl.getNexthop(listed.id, { netns })).toEqual(listed)
    }))

  it('reads the buckets of resilient groups as ip does', () =>
    withNetwork(async (netns) => {
      if (!since(5, 13)) {
        for (const call of [
          () => nl.listNexthopBuckets({ netns }),
          () => nl.getNexthopBucket(11, 5, { netns }),
        ])
          await expectRefused(call, { ...NO_RESILIENT, code: 'EOPNOTSUPP' })
        const group = { id: 11, group: [{ id: 1 }], resilient: { buckets: 32 }, netns }
        return expectRefused(() => nl.addNexthop(group), NO_RESILIENT)
      }
      ipBatch(NEXTHOPS, netns)
      const bucketsOfIp = (): Printed[] =>
        ipJson('nexthop bucket show', netns).map(({ id, bucket }) => ({ id, ...(bucket as Printed) }))
      const before = bucketsOfIp()
      const listed = await nl.listNexthopBuckets({ netns })
      const after = bucketsOfIp()
      const later = await nl.listNexthopBuckets({ netns })
      const printed = before.map(({ id, index, nhid }) => ({ id, index, nhid }))
      expect(printed).toHaveLength(32)
      expect(listed.map(({ id, index, nhid }) => ({ id, index, nhid }))).toEqual(printed)
      // It runs on.
      for (const [i, { idleTime }] of listed.entries()) {
        expect(idleTime).toBeGreaterThanOrEqual(before[i]!['idle_time'])
        expect(idleTime).toBeLessThanOrEqual(after[i]!['idle_time'])
        expect(later[i]!.idleTime).toBeGreaterThanOrEqual(after[i]!['idle_time'])
      }
      expect(await nl.listNexthopBuckets({ id: 11, nhid: 2, netns })).toHaveLength(
        printed.filter(({ nhid }) => nhid === 2).length,
      )
      expect(await nl.listNexthopBuckets({ dev: 'eth1', netns })).toEqual([])
      expect(await nl.getNexthopBucket(11, 5, { netns })).toMatchObject({ ...printed[5] })
    }))

  it('lets hardware count for a group', () =>
    withNetwork(async (netns) => {
      const told = async (id: number) => (await nl.getNexthop(id, { statistics: true, netns })).hwStats
      const group = [{ id: 1 }]
      await nl.addNexthop({ id: 1, via: '192.0.2.254', dev: 'eth0', netns })
      await nl.addNexthop({ id: 10, group, netns })
      if (!since(6, 9)) {
        await expectRefused(() => told(10), NO_STATISTICS)
        const counted = () => nl.replaceNexthop({ id: 10, group, hwStats: true, netns })
        await expectRefused(counted, { code: 'EINVAL', advice: 'hwStats needs Linux 6.9' })
        return
      }
      expect([await told(1), await told(10)]).toEqual([null, false])
      await nl.replaceNexthop({ id: 10, group, hwStats: true, netns })
      expect(await told(10)).toBe(true)
      // No device of a test machine counts.
      const asked = { statistics: 'hardware', netns } as const
      const groupStats = [{ id: 1, packets: 0, packetsHw: 0 }]
      expect(await nl.getNexthop(10, asked)).toMatchObject({ hwStats: true, hwStatsUsed: false, groupStats })
      expect(await nl.listNexthops({ groups: true, ...asked })).toMatchObject([
        { hwStatsUsed: false, groupStats },
      ])
      const [listed] = await nl.listNexthops({ groups: true, statistics: true, netns })
      await nl.deleteNexthop({ ...listed!, netns })
      await nl.addNexthop({ ...listed!, netns })
      expect(await told(10)).toBe(true)
      expect((await nl.getNexthop(10, { netns })).hwStats).toBeNull()
    }))

  it('has a port of its own for VXLAN', () =>
    withNetwork(async (netns) => {
      const nexthop = { id: 1, via: '192.0.2.254', fdb: true, dstPort: 4790, netns }
      const add = async () => nl.addNexthop(nexthop)
      if (!since(7, 3)) return expectRefused(add, { code: 'EINVAL', advice: 'dstPort needs Linux 7.3' })
      await add()
      expect(await nl.getNexthop(1, { netns })).toMatchObject({ fdb: true, dstPort: 4790 })
    }))

  it('counts the packets of members', () =>
    withNetwork(async (netns) => {
      ipBatch(NEXTHOPS, netns)
      const list = async () => nl.listNexthops({ groups: true, statistics: true, netns })
      if (!since(6, 9)) return expectRefused(list, NO_STATISTICS)
      const listed = await list()
      expect(listed.map(({ id, groupStats }) => [id, groupStats?.map((one) => one.id)])).toEqual([
        [10, [1, 2]],
        [11, [1, 2]],
        [12, [6]],
      ])
      await nl.addRoute({ to: '10.0.0.0/8', nhid: 10, netns })
      const before = await nl.getNexthop(10, { statistics: true, netns })
      expect(before).toMatchObject({
        hwStatsUsed: null,
        groupStats: [{ packetsHw: null }, { packetsHw: null }],
      })
      const total = ({ groupStats }: Nexthop) => groupStats!.reduce((sum, { packets }) => sum + packets, 0)
      expect(total(before)).toBe(0)
      for (let n = 1; n <= 8; n++) spawnSync('ip', ['-n', netns, 'route', 'get', `10.0.0.${n}`])
      expect(total(await nl.getNexthop(10, { statistics: true, netns }))).toBeGreaterThan(0)
      expect((await nl.getNexthop(10, { netns })).groupStats).toBeNull()
    }))

  it('deletes an IPv4 route of a nexthop object by its id, or by its destination alone', () =>
    withNetwork(async (netns) => {
      const [to, via] = ['10.0.0.0/8', '192.0.2.254']
      await nl.addNexthop({ id: 1, via, dev: 'eth0', netns })
      for (const named of [{ nhid: 1 }, {}]) {
        await nl.addRoute({ to, nhid: 1, netns })
        for (const hop of [{ via }, { dev: 'eth0' }, { nexthops: [{ via }, { dev: 'eth1' }] }])
          expect(await failure(() => nl.deleteRoute({ to, ...hop, netns }))).toMatchObject({
            code: 'ESRCH',
            advice: expect.stringContaining('is told by its nhid'),
          })
        await nl.deleteRoute({ to, ...named, netns })
        expect(ipJson('route show 10.0.0.0/8', netns)).toEqual([])
      }
    }))

  it('tells why the kernel refuses', () =>
    withNetwork(async (netns) => {
      const nexthop = { id: 1, via: '192.0.2.254', dev: 'eth0', netns }
      await nl.addNexthop(nexthop)
      expect(await failure(() => nl.addNexthop(nexthop))).toMatchObject({
        code: 'EEXIST',
        subject: 'nexthop 1',
      })
      expect(await failure(() => nl.deleteNexthop({ id: 2, netns }))).toMatchObject({ code: 'ENOENT' })
      expect(await failure(() => nl.getNexthop(2, { netns }))).toMatchObject({
        code: 'ENOENT',
        message: expect.stringContaining('there is no nexthop of this id'),
      })
      if (since(5, 13)) {
        expect(await failure(() => nl.getNexthopBucket(1, 0, { netns }))).toMatchObject({ code: 'EINVAL' })
        const absent = { code: 'ENOENT', advice: 'there is no nexthop of this id' }
        expect(await failure(() => nl.getNexthopBucket(9, 0, { netns }))).toMatchObject(absent)
        expect(await failure(() => nl.listNexthopBuckets({ id: 9, netns }))).toMatchObject(absent)
        expect(await failure(() => nl.listNexthopBuckets({ id: 1, netns }))).toMatchObject({ code: 'EINVAL' })
      }
      const group = { id: 3, group: [{ id: 1 }, { id: 9 }], netns }
      expect(await failure(() => nl.addNexthop(group))).toMatchObject({
        code: 'EINVAL',
        extack: { message: 'Invalid nexthop id' },
      })
      for (const via of ['198.51.100.9', '2001:db8:9::9'])
        expect(await failure(() => nl.addNexthop({ id: 4, via, dev: 'eth0', netns }))).toMatchObject({
          code: expect.stringMatching(/^E(NET|HOST)UNREACH$/),
          advice: expect.stringContaining('is in the network of the gateway'),
        })
      expect(await failure(() => nl.addRoute({ to: '10.0.0.0/8', nhid: 9, netns }))).toMatchObject({
        code: 'EINVAL',
        subject: 'route to 10.0.0.0/8 nhid 9',
      })
    }))
})
