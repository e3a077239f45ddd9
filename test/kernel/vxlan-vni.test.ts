import { describe, expect, it } from 'vitest'
import type { VxlanVni } from '../../src/index.js'
import { bridge, bridgeJson } from './bridge-support.js'
import { spawnSync } from './programs.js'
import { FACES, hasTool, ip, type Printed, withVeth } from './support.js'

const VX = 'link add vx0 index 30 type vxlan external vnifilter dev eth0 dstport 4789'

/** Whether ip and the kernel know vxlan devices with a filter (Linux 5.18). */
function hasFilter(): boolean {
  if (!hasTool('bridge')) return false
  ip('link add probe1 type veth peer name probe2')
  const { status } = spawnSync('ip', VX.replaceAll('eth0', 'probe1').split(' '))
  if (status === 0) ip('link delete vx0')
  ip('link delete probe1')
  return status === 0
}

function withVxlan<T>(work: (netns: string) => T | Promise<T>): Promise<T> {
  return withVeth((netns) => {
    ip(VX, netns)
    return work(netns)
  })
}

/** What bridge prints of vx0: ranges as they are. */
function printed(netns: string): Printed[] {
  return bridgeJson('vni show', netns).flatMap(({ vnis }) => vnis as Printed[])
}

/** The networks and groups as bridge prints them, one for each network. */
function expanded(netns: string): Printed[] {
  return printed(netns).flatMap(({ vni, vniEnd = vni, group, remote }) =>
    Array.from({ length: vniEnd - vni + 1 }, (_, n) => ({ vni: vni + n, group: group ?? remote ?? null })),
  )
}

const told = (listed: readonly VxlanVni[]) => listed.map(({ vni, group }) => ({ vni, group }))

describe.skipIf(!hasFilter()).each(FACES)('the networks of a vxlan device, $face', ({ nl }) => {
  it('reads what bridge made, deletes it and makes it again', () =>
    withVxlan(async (netns) => {
      bridge('vni add vni 100-110 dev vx0', netns)
      bridge('vni add vni 200 remote 192.0.2.9 dev vx0', netns)
      bridge('vni add vni 201 group 239.1.1.1 dev vx0', netns)
      const before = printed(netns)
      const listed = await nl.listVxlanVnis({ netns })
      expect(listed).toHaveLength(13)
      for (const one of listed)
        expect(one).toMatchObject({ ifindex: 30, dev: 'vx0', stats: null, bigStats: null })
      expect(told(listed)).toEqual(expanded(netns))

      for (const one of listed) await nl.deleteVxlanVni(one.dev!, { ...one, netns })
      expect(await nl.listVxlanVnis({ netns })).toEqual([])
      for (const one of listed) await nl.addVxlanVni(one.ifindex, { ...one, netns })
      expect(printed(netns)).toEqual(before)
    }))

  it('makes and deletes ranges, with groups of both families', () =>
    withVxlan(async (netns) => {
      await nl.addVxlanVni('vx0', { vni: [1, 5], netns })
      await nl.addVxlanVni('vx0', { vni: 0xffffff, group: '192.0.2.9', netns })
      await nl.deleteVxlanVni('vx0', { vni: [2, 4], netns })
      expect(expanded(netns)).toEqual([
        { vni: 1, group: null },
        { vni: 5, group: null },
        { vni: 0xffffff, group: '192.0.2.9' },
      ])
      await nl.addVxlanVni('vx0', { vni: 5, group: '192.0.2.7', netns })
      expect(told(await nl.listVxlanVnis({ vni: [2, 10], netns }))).toEqual([{ vni: 5, group: '192.0.2.7' }])
    }))

  it('takes IPv6 groups', () =>
    withVeth(async (netns) => {
      ip('link add vx6 type vxlan external vnifilter dev eth0 local 2001:db8::1 dstport 4789', netns)
      await nl.addVxlanVni('vx6', { vni: 9, group: '2001:db8::9', netns })
      expect(expanded(netns)).toEqual([{ vni: 9, group: '2001:db8::9' }])
      expect(told(await nl.listVxlanVnis({ dev: 'vx6', netns }))).toEqual([{ vni: 9, group: '2001:db8::9' }])
    }))

  it('counts', () =>
    withVxlan(async (netns) => {
      await nl.addVxlanVni('vx0', { vni: [7, 8], netns })
      const listed = await nl.listVxlanVnis({ dev: 'vx0', statistics: true, bigint: true, netns })
      const counted = bridgeJson('-s vni show', netns).flatMap(({ vnis }) => vnis as Printed[])
      expect(counted).toHaveLength(2)
      expect(
        listed.map(({ vni, stats }) => ({
          vni,
          stats: {
            rx_bytes: stats?.rxBytes,
            rx_pkts: stats?.rxPackets,
            rx_drops: stats?.rxDropped,
            rx_errors: stats?.rxErrors,
            tx_bytes: stats?.txBytes,
            tx_pkts: stats?.txPackets,
            tx_drops: stats?.txDropped,
            tx_errors: stats?.txErrors,
          },
        })),
      ).toEqual(counted)
      expect(listed[0]!.bigStats).toMatchObject({ rxBytes: 0n, txErrors: 0n })
    }))

  it('tells why the kernel refuses', () =>
    withVxlan(async (netns) => {
      ip('link add vx1 type vxlan id 3 dstport 4790', netns)
      ip('link add vx2 type vxlan external vnifilter dstport 4789', netns)
      const refused = async (work: () => unknown) => {
        try {
          await work()
        } catch (error) {
          return error
        }
        throw new Error('it was taken')
      }
      await nl.addVxlanVni('vx0', { vni: 5, netns })
      expect(await refused(() => nl.addVxlanVni('vx2', { vni: 5, netns }))).toMatchObject({ code: 'EEXIST' })
      expect(await refused(() => nl.addVxlanVni('vx1', { vni: 5, netns }))).toMatchObject({
        code: 'EOPNOTSUPP',
        message: expect.stringContaining('without vnifilter'),
      })
      expect(await refused(() => nl.addVxlanVni('eth1', { vni: 5, netns }))).toMatchObject({ code: 'EINVAL' })
      expect(await refused(() => nl.listVxlanVnis({ dev: 'eth1', netns }))).toMatchObject({ code: 'EINVAL' })
      expect(await refused(() => nl.deleteVxlanVni('vx0', { vni: 6, netns }))).toMatchObject({
        code: 'ENOENT',
      })
    }))
})
