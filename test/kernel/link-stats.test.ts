import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import type * as promises from '../../src/index.js'
import { FACES, ip, type Printed, withVeth } from './support.js'

/** A namespace whose eth0 has sent some packets that nobody answers, and is quiet now. */
function withTraffic<T>(work: (netns: string) => Promise<T>): Promise<T> {
  return withVeth(async (netns) => {
    const inside = (...args: string[]) => spawnSync('ip', ['netns', 'exec', netns, ...args])
    for (const name of ['eth0', 'eth1']) inside('sysctl', '-qw', `net.ipv6.conf.${name}.disable_ipv6=1`)
    ip('address add 192.0.2.1/24 dev eth0', netns)
    ip('neighbour add 192.0.2.2 lladdr 02:00:00:00:00:02 dev eth0', netns)
    expect(inside('ping', '-c3', '-i0.01', '-W0.1', '192.0.2.2').status).toBe(1)
    return await work(netns)
  })
}

function printedStats(netns: string): Record<string, Printed> {
  const links = JSON.parse(ip('-j -s link show', netns)) as Printed[]
  return Object.fromEntries(links.map((link) => [link['ifname'], link['stats64']]))
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
