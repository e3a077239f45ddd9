/** Virtual functions of a card, and the ports that devlink has for it: set here and read by ip, set by ip and read here. */

import { beforeEach, describe, expect, it } from 'vitest'
import type { VfInfo, VfSettings } from '../../src/index.js'
import { expectRefused } from './needs.js'
import { expectReadBack, type Oracle } from './read-back.js'
import { skipWithoutCards, withCard } from './simulated.js'
import { execIn, FACES, ip, ipJson, type Printed, withVeth } from './support.js'

const GUIDS = 'of InfiniBand, which no simulated card is'

const VF: Oracle<VfInfo> = {
  keys: {
    vf: ({ vf }) => vf,
    link_type: 'of the card',
    address: ({ mac }) => mac,
    broadcast: ({ broadcast }) => broadcast,
    vlan_list: ({ vlan, qos, vlanProtocol }) => [
      {
        ...(vlan !== 0 && { vlan }),
        ...(qos !== 0 && { qos }),
        ...(vlanProtocol !== null && vlanProtocol !== '802.1Q' && { protocol: vlanProtocol }),
      },
    ],
    tx_rate: ({ maxTxRate }) => maxTxRate || undefined,
    rate: ({ minTxRate, maxTxRate }) => ({ max_tx: maxTxRate, min_tx: minTxRate }),
    spoofchk: ({ spoofCheck }) => spoofCheck,
    link_state: ({ linkState }) => linkState,
    trust: ({ trust }) => trust,
    query_rss_en: ({ rssQuery }) => rssQuery,
  },
  notPrinted: { nodeGuid: GUIDS, portGuid: GUIDS, stats: 'printed with -s alone' },
}

/** What a new one has. */
const NEW: VfInfo = {
  vf: 0,
  mac: '00:00:00:00:00:00',
  broadcast: 'ff:ff:ff:ff:ff:ff',
  vlan: 0,
  qos: 0,
  // Told when it was set.
  vlanProtocol: null,
  linkState: 'auto',
  minTxRate: 0,
  maxTxRate: 0,
  spoofCheck: false,
  trust: false,
  rssQuery: false,
  nodeGuid: null,
  portGuid: null,
  stats: null,
}

const CASES: { ip: string; settings: Omit<VfSettings, 'vf'>; told?: Partial<VfInfo> }[] = [
  { ip: 'mac 02:00:00:00:00:0a', settings: { mac: '02:00:00:00:00:0a' } },
  { ip: 'vlan 7', settings: { vlan: 7 }, told: { vlanProtocol: '802.1Q' } },
  { ip: 'vlan 4094 qos 5', settings: { vlan: 4094, qos: 5 }, told: { vlanProtocol: '802.1Q' } },
  {
    ip: 'vlan 12 qos 1 proto 802.1ad',
    settings: { vlan: 12, qos: 1, vlanProtocol: '802.1ad' },
  },
  { ip: 'max_tx_rate 1000', settings: { maxTxRate: 1000 } },
  { ip: 'min_tx_rate 50', settings: { minTxRate: 50 } },
  { ip: 'max_tx_rate 400 min_tx_rate 300', settings: { maxTxRate: 400, minTxRate: 300 } },
  { ip: 'spoofchk on', settings: { spoofCheck: true } },
  { ip: 'trust on', settings: { trust: true } },
  { ip: 'query_rss on', settings: { rssQuery: true } },
  { ip: 'state enable', settings: { linkState: 'enable' } },
  { ip: 'state disable', settings: { linkState: 'disable' } },
  {
    ip: 'mac 02:00:00:00:00:0b vlan 9 max_tx_rate 40000 spoofchk on state enable trust on query_rss on',
    settings: {
      ...{ mac: '02:00:00:00:00:0b', vlan: 9, maxTxRate: 40_000, linkState: 'enable' },
      ...{ spoofCheck: true, trust: true, rssQuery: true },
    },
    told: { vlanProtocol: '802.1Q' },
  },
]

describe.each(FACES)('virtual functions ($face)', ({ nl }) => {
  beforeEach(skipWithoutCards)

  const vfsOf = async (dev: string, netns: string) => (await nl.getLink(dev, { include: ['vfs'], netns })).vfs
  const printed = (dev: string, netns: string) =>
    ipJson(`link show dev ${dev}`, netns)[0]!['vfinfo_list'] as Printed[]
  /** All of them as ip prints them, by one and in a list. */
  async function readLikeIp(dev: string, netns: string): Promise<readonly VfInfo[]> {
    const vfs = (await vfsOf(dev, netns))!
    expectReadBack(VF, vfs, printed(dev, netns))
    const all = await nl.listLinks({ include: ['vfs'], netns })
    expect(all.find(({ name }) => name === dev)!.vfs).toEqual(vfs)
    return vfs
  }

  it.each(CASES)('$ip', ({ ip: words, settings, told }) =>
    withCard(1, async ({ netns, setVfs }) => {
      setVfs(3)
      await nl.setLink('eth0', { vfs: [{ vf: 1, ...settings }], netns })
      ip(`link set eth0 vf 2 ${words}`, netns)
      expect(await readLikeIp('eth0', netns)).toEqual([
        NEW,
        { ...NEW, ...settings, ...told, vf: 1 },
        { ...NEW, ...settings, ...told, vf: 2 },
      ])
    }),
  )

  it('are set several at a time, back to what they were', () =>
    withCard(1, async ({ netns, setVfs }) => {
      setVfs(2)
      ip('link set eth0 vf 0 mac 02:00:00:00:00:01 vlan 3 qos 2 proto 802.1ad trust on state enable', netns)
      ip('link set eth0 vf 1 max_tx_rate 10 min_tx_rate 5 spoofchk on query_rss on', netns)
      const { mac, vlan, trust, linkState, minTxRate, maxTxRate, spoofCheck, rssQuery } = NEW
      const first = { vf: 0, mac: mac!, vlan: vlan!, trust: trust!, linkState: linkState! }
      const second = { vf: 1, minTxRate: minTxRate!, maxTxRate: maxTxRate! }
      const settings = { spoofCheck: spoofCheck!, rssQuery: rssQuery! }
      await nl.setLink('eth0', { vfs: [first, { ...second, ...settings }], netns })
      const vlanProtocol = '802.1Q'
      expect(await readLikeIp('eth0', netns)).toEqual([
        { ...NEW, vlanProtocol },
        { ...NEW, vf: 1 },
      ])
    }))

  it('keep one rate where the other is set', () =>
    withCard(1, async ({ netns, setVfs }) => {
      setVfs(1)
      const rates = async () => {
        const [{ minTxRate, maxTxRate }] = (await readLikeIp('eth0', netns)) as [VfInfo]
        return [minTxRate, maxTxRate]
      }
      await nl.setLink('eth0', { vfs: [{ vf: 0, maxTxRate: 100 }], netns })
      await nl.setLink('eth0', { vfs: [{ vf: 0, minTxRate: 40 }], netns })
      expect(await rates()).toEqual([40, 100])
      await nl.setLink('eth0', { vfs: [{ vf: 0, maxTxRate: 0 }], netns })
      expect(await rates()).toEqual([40, 0])
      await nl.setLink('eth0', { vfs: [{ vf: 0, maxTxRate: 60 }], netns })
      await expect(async () =>
        nl.setLink('eth0', { vfs: [{ vf: 0, minTxRate: 61 }], netns }),
      ).rejects.toThrow('vfs[0].minTxRate: 61 is more than maxTxRate, 60')
      expect(await rates()).toEqual([40, 60])
    }))

  it('come, go, and have counters where those are asked for', () =>
    withCard(2, async ({ netns, setVfs }) => {
      expect(await vfsOf('eth0', netns)).toEqual([])
      setVfs(4)
      expect(await readLikeIp('eth1', netns)).toHaveLength(4)
      expect((await nl.getLink('eth1', { netns })).vfs).toBeNull()
      const { vfs } = await nl.getLink('eth1', { include: ['vfs', 'stats'], netns })
      const [{ stats }] = JSON.parse(ip('-j -s link show dev eth1', netns))[0].vfinfo_list
      expect(vfs![0]!.stats).toMatchObject({
        rxPackets: stats.rx.packets,
        rxBytes: stats.rx.bytes,
        txPackets: stats.tx.tx_packets,
        txBytes: stats.tx.tx_bytes,
      })
      setVfs(0)
      expect(await vfsOf('eth1', netns)).toEqual([])
      expect(printed('eth1', netns)).toEqual([])
    }))

  it('that are not there, and settings that a card does not have, are refused', () =>
    withCard(1, async ({ netns, setVfs }) => {
      setVfs(2)
      await expectRefused(() => nl.setLink('eth0', { vfs: [{ vf: 0 }, { vf: 2, trust: true }], netns }), {
        code: 'EINVAL',
        advice: 'perhaps it has no virtual function 0 or 2',
      })
      await expectRefused(() => nl.setLink('eth0', { vfs: [{ vf: 0, nodeGuid: 1n }], netns }), {
        code: 'EOPNOTSUPP',
        advice: 'vfs: it has no virtual functions, or its driver does not set this of them',
      })
      expect(await readLikeIp('eth0', netns)).toEqual([NEW, { ...NEW, vf: 1 }])
    }))

  it('stand beside the ports that devlink has for the interfaces of their card', () =>
    withCard(2, async ({ netns, id }) => {
      const device = `netdevsim${id}`
      const { port } = JSON.parse(execIn(netns, 'devlink', '-j', 'port', 'show')) as {
        port: Record<string, { netdev: string }>
      }
      const links = await nl.listLinks({ netns })
      const ours = links.flatMap(({ name, devlinkPort, parentDevName, parentDevBusName }) => {
        if (devlinkPort === null) return []
        const { busName, devName, index } = devlinkPort
        expect([busName, devName]).toEqual([parentDevBusName, parentDevName])
        return [[`${busName}/${devName}/${index}`, name]]
      })
      expect(ours).toHaveLength(2)
      expect(Object.fromEntries(ours)).toEqual(
        Object.fromEntries(Object.entries(port).map(([key, { netdev }]) => [key, netdev])),
      )
      expect(Object.keys(port)).toContain(`netdevsim/${device}/0`)
    }))
})

it.each(FACES)('interfaces without virtual functions say so ($face)', ({ nl }) =>
  withVeth(async (netns) => {
    await expectRefused(() => nl.setLink('eth0', { vfs: [{ vf: 0, trust: true }], netns }), {
      code: 'EOPNOTSUPP',
      advice: 'vfs: it has no virtual functions',
    })
  }),
)
