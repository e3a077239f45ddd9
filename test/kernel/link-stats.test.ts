import { describe, expect, it } from 'vitest'
import type * as promises from '../../src/index.js'
import { expectRefused, since } from './needs.js'
import { execIn, FACES, ip, ipJson, type Printed, sysctl, withVeth } from './support.js'

/** A namespace whose eth0 has sent some packets that nobody answers, and is quiet now. */
function withTraffic<T>(work: (netns: string) => Promise<T>): Promise<T> {
  return withVeth(async (netns) => {
    for (const name of ['eth0', 'eth1']) sysctl(netns, `net.ipv6.conf.${name}.disable_ipv6=1`)
    ip('address add 192.0.2.1/24 dev eth0', netns)
    ip('neighbour add 192.0.2.2 lladdr 02:00:00:00:00:02 dev eth0', netns)
    expect(() => execIn(netns, 'ping', '-c3', '-i0.01', '-W0.1', '192.0.2.2')).toThrow('Command failed')
    return await work(netns)
  })
}

function printedStats(netns: string): Record<string, Printed> {
  const links = JSON.parse(ip('-j -s link show', netns)) as Printed[]
  return Object.fromEntries(links.map((link) => [link['ifname'], link['stats64']]))
}

/** As `ip stats` groups them. */
function multicastAsPrinted(mcast: promises.BridgeMcastStats): Printed {
  const { igmpV1Queries: q1, igmpV2Queries: q2, igmpV3Queries: q3 } = mcast
  const { igmpV1Reports: r1, igmpV2Reports: r2, igmpV3Reports: r3 } = mcast
  const { mldV1Queries: m1, mldV2Queries: m2, mldV1Reports: n1, mldV2Reports: n2 } = mcast
  return {
    igmp_queries: { rx_v1: q1.rx, rx_v2: q2.rx, rx_v3: q3.rx, tx_v1: q1.tx, tx_v2: q2.tx, tx_v3: q3.tx },
    igmp_reports: { rx_v1: r1.rx, rx_v2: r2.rx, rx_v3: r3.rx, tx_v1: r1.tx, tx_v2: r2.tx, tx_v3: r3.tx },
    igmp_leaves: mcast.igmpLeaves,
    igmp_parse_errors: mcast.igmpParseErrors,
    mld_queries: { rx_v1: m1.rx, rx_v2: m2.rx, tx_v1: m1.tx, tx_v2: m2.tx },
    mld_reports: { rx_v1: n1.rx, rx_v2: n2.rx, tx_v1: n1.tx, tx_v2: n2.tx },
    mld_leaves: mcast.mldLeaves,
    mld_parse_errors: mcast.mldParseErrors,
  }
}

describe.each(FACES as readonly { face: string; nl: typeof promises }[])('counters, $face', ({ nl }) => {
  it('of all interfaces are those that ip prints', () =>
    withTraffic(async (netns) => {
      const all = await nl.listLinkStats({ netns })
      const printed = printedStats(netns)
      expect(all.map(({ dev }) => dev).sort()).toEqual(['eth0', 'eth1', 'lo'])
      for (const { dev, stats, bigStats } of all) {
        const { rx, tx } = printed[dev!]!
        expect({ dev, rx: [stats.rxPackets, stats.rxBytes], tx: [stats.txPackets, stats.txBytes] }).toEqual({
          dev,
          rx: [rx.packets, rx.bytes],
          tx: [tx.packets, tx.bytes],
        })
        expect(bigStats).toBeNull()
      }
      expect(all.find(({ dev }) => dev === 'eth0')!.stats.txPackets).toBeGreaterThanOrEqual(3)
    }))

  it('in hardware are asked for, and are those that ip prints', () =>
    withVeth(async (netns) => {
      const told = async () => {
        const { offload } = await nl.getLinkStats('eth0', { offload: true, netns })
        const [l3] = ipJson('stats show dev eth0 group offload subgroup l3_stats', netns)
        expect(offload!.l3).toMatchObject(l3!['info'])
        expect(offload!.l3!.stats === null).toBe(l3!['stats64'] === undefined)
        return offload
      }
      if (!since(5, 18)) {
        const { offload } = await nl.getLinkStats('eth0', { offload: true, netns })
        expect(offload?.l3 ?? null).toBeNull()
        return expectRefused(() => nl.setLinkStats('eth0', { l3: true, netns }), {
          code: 'EOPNOTSUPP',
          advice: 'before Linux 5.18 the kernel cannot be told',
        })
      }
      // A veth has no hardware.
      expect(await told()).toEqual({ cpuHit: null, l3: { request: false, used: false, stats: null } })
      await nl.setLinkStats('eth0', { l3: true, netns })
      expect(await told()).toMatchObject({ l3: { request: true, used: false, stats: { rxBytes: 0 } } })
      await nl.setLinkStats('eth0', { l3: false, netns })
      expect(await told()).toMatchObject({ l3: { request: false } })
      expect((await nl.listLinkStats({ netns })).every(({ offload }) => offload === null)).toBe(true)
      await expect(async () => nl.setLinkStats('eth7', { l3: true, netns })).rejects.toMatchObject({
        code: 'ENODEV',
      })
    }))

  it('of one interface are those of the list and of the link, as numbers and as bigint', () =>
    withTraffic(async (netns) => {
      const all = await nl.listLinkStats({ bigint: true, netns })
      for (const dev of ['eth0', 11]) {
        const one = await nl.getLinkStats(dev, { bigint: true, netns })
        expect(one).toEqual(all.find(({ ifindex }) => ifindex === one.ifindex))
        const link = await nl.getLink(dev, { include: ['stats'], bigint: true, netns })
        expect([one.stats, one.bigStats]).toEqual([link.stats, link.bigStats])
        expect(one.bigStats!.txBytes).toBe(BigInt(one.stats.txBytes))
      }
    }))

  it('of a bridge and its ports are those that ip prints', () =>
    withVeth(async (netns) => {
      ip('link add br0 type bridge mcast_stats_enabled 1', netns)
      ip('link set eth0 master br0', netns)
      ip('link set br0 up', netns)
      const printed = (dev: string, group: string) =>
        (JSON.parse(ip(`-j stats show dev ${dev} group ${group}`, netns)) as Printed[]).filter(
          ({ subgroup }) => subgroup === 'bridge',
        )
      const told = async (dev: string) => (await nl.getLinkStats(dev, { extended: true, netns })).extended!
      // Reports go out at moments of the kernel's own: what ip prints before and after is the same once.
      for (let tries = 0; ; tries++) {
        const before = [printed('br0', 'xstats'), printed('eth0', 'xstats_slave')]
        const [own, port] = [await told('br0'), await told('eth0')]
        const after = [printed('br0', 'xstats'), printed('eth0', 'xstats_slave')]
        if (tries < 50 && JSON.stringify(before) !== JSON.stringify(after)) continue
        expect(own).toMatchObject({ bridgePort: null, bond: null, bondPort: null })
        expect(port).toMatchObject({ bridge: null, bond: null, bondPort: null })
        for (const [stats, suites] of [
          [own.bridge!, before[0]!],
          [port.bridgePort!, before[1]!],
        ] as const) {
          const { multicast } = suites.find(({ suite }) => suite === 'mcast')!
          expect(multicastAsPrinted(stats.mcast!)).toEqual(multicast)
        }
        const { stp } = before[1]!.find(({ suite }) => suite === 'stp')!
        const { rxBpdu, txBpdu, rxTcn, txTcn, transitionBlk, transitionFwd } = port.bridgePort!.stp!
        expect({
          rx_bpdu: rxBpdu,
          tx_bpdu: txBpdu,
          rx_tcn: rxTcn,
          tx_tcn: txTcn,
          transition_blk: transitionBlk,
          transition_fwd: transitionFwd,
        }).toEqual(stp)
        break
      }
      const all = await nl.listLinkStats({ extended: true, netns })
      expect(all.filter(({ extended }) => extended!.bridge !== null).map(({ dev }) => dev)).toEqual(['br0'])
      expect(all.filter(({ extended }) => extended!.bridgePort !== null).map(({ dev }) => dev)).toEqual([
        'eth0',
      ])
      expect((await nl.getLinkStats('br0', { netns })).extended).toBeNull()
    }))

  it('of no such interface are ENODEV', () =>
    withVeth(async (netns) => {
      for (const dev of ['eth7', 77]) {
        const call = async () => nl.getLinkStats(dev, { netns })
        await expect(call()).rejects.toMatchObject({
          code: 'ENODEV',
          message: expect.stringContaining(`${dev}`),
        })
      }
    }))
})
