import { describe, expect, it } from 'vitest'
import * as promises from '../../src/index.js'
import type { BridgePort, BridgePortOptions } from '../../src/public.js'
import * as nlSync from '../../src/sync.js'
import { bridge, bridgeJson, pings, withBridge, withHosts } from './bridge-support.js'
import { expectRefused, since } from './needs.js'
import { expectReadBack, type Oracle, routerNumber } from './read-back.js'
import { FACES, ip, ipJson, type Printed } from './support.js'
import { failure } from './thrown.js'

/** What `bridge -d link` calls the options of a port. */
const PRINTED: Record<string, string> = {
  state: 'state',
  priority: 'priority',
  cost: 'cost',
  hairpin: 'hairpin',
  guard: 'guard',
  rootBlock: 'root_block',
  fastLeave: 'fastleave',
  learning: 'learning',
  flood: 'flood',
  mcastFlood: 'mcast_flood',
  bcastFlood: 'bcast_flood',
  mcastRouter: 'mcast_router',
  mcastToUnicast: 'mcast_to_unicast',
  neighSuppress: 'neigh_suppress',
  vlanTunnel: 'vlan_tunnel',
  isolated: 'isolated',
  locked: 'locked',
}

function asPrinted(option: string, value: unknown): unknown {
  return option === 'mcastRouter' ? routerNumber(value) : value
}

/** By their ifindexes. */
const PORTS: Readonly<Record<number, string>> = { 11: 'p1', 12: 'p2', 13: 'p3' }

/** Keys of newer tools (6.2 to 6.6). */
const NEWER: Readonly<Record<string, keyof BridgePort['data']>> = {
  mab: 'mab',
  mcast_n_groups: 'mcastNGroups',
  mcast_max_groups: 'mcastMaxGroups',
  neigh_vlan_suppress: 'neighVlanSuppress',
  backup_nhid: 'backupNhid',
  neigh_forward_grat: 'neighForwardGrat',
}

const orNothing = (value: unknown) => value || undefined

/** What bridge does not print of a port and `ip -d link` does: compared by link-oracle.ts. */
const OF_IP = [
  ...['bridgeId', 'rootId', 'configPending', 'designatedCost', 'designatedPort', 'id', 'number'],
  ...['forwardDelayTimer', 'holdTimer', 'messageAgeTimer', 'topologyChangeAck', 'groupFwdMask'],
  ...['mcastEhtHostsCount', 'mcastEhtHostsLimit', 'mrpInOpen', 'mrpRingOpen', 'proxyArp', 'proxyArpWifi'],
]

const PORT: Oracle<BridgePort> = {
  keys: {
    ...Object.fromEntries(
      Object.entries(PRINTED).map(([option, name]) => [
        name,
        ({ data }: BridgePort) => asPrinted(option, data[option as keyof typeof data]),
      ]),
    ),
    ...Object.fromEntries(
      Object.entries(NEWER).map(([key, name]) => [
        key,
        { print: ({ data }: BridgePort) => data[name] || undefined, normalized: orNothing, optional: true },
      ]),
    ),
    ifindex: ({ ifindex }) => ifindex,
    ifname: ({ dev }) => dev,
    master: ({ bridge }) => bridge,
    mtu: ({ mtu }) => mtu,
    flags: {
      print: ({ flags }) =>
        flags
          .filter((flag) => flag !== 'running')
          .map((flag) => String(flag).toUpperCase().replace('-', '_'))
          .sort(),
      normalized: (flags) => (flags as string[]).toSorted(),
    },
    link: 'of the interface: `ip link` prints it, and is compared',
    backup_port: ({ data }) => (data.backupPort ? (PORTS[data.backupPort] ?? data.backupPort) : undefined),
  },
  notPrinted: {
    ...Object.fromEntries(OF_IP.map((name) => [`data.${name}`, 'ip prints it'])),
    master: 'bridge prints the name',
    ...{ operState: 'bridge has no key for it', mac: 'bridge has no key for it' },
    hwMode: 'of network cards with a switch in them',
  },
}

function printed(netns: string, dev: string): Printed {
  return bridgeJson(`link show dev ${dev}`, netns)[0]!
}

/** Every option of which bridge tells, each different from what a new port has. */
const CHANGED: BridgePortOptions = {
  state: 'learning',
  priority: 16,
  cost: 77,
  hairpin: true,
  guard: true,
  rootBlock: true,
  fastLeave: true,
  learning: false,
  flood: false,
  mcastFlood: false,
  bcastFlood: false,
  mcastRouter: 'permanent',
  mcastToUnicast: true,
  neighSuppress: true,
  vlanTunnel: true,
  isolated: true,
  locked: true,
}

describe.each(FACES)('$face', ({ nl }) => {
  it('sets each option as bridge shows it', () =>
    withBridge(async (netns) => {
      for (const [option, value] of Object.entries(CHANGED)) {
        const before = printed(netns, 'p1')
        await nl.setBridgePort('p1', { [option]: value, netns })
        const after = printed(netns, 'p1')
        const told = asPrinted(option, value)
        expect(before[PRINTED[option]!], option).not.toEqual(told)
        expect({ ...before, [PRINTED[option]!]: told }).toEqual(after)
      }
    }))

  it('sets what ip alone shows, and leaves the rest as it was', () =>
    withBridge(async (netns) => {
      await nl.setBridgePort('p1', { groupFwdMask: 0x4000, backupPort: 'p2', proxyArp: true, netns })
      const data = () => ipJson('link show p1', netns)[0]!['linkinfo']['info_slave_data']
      expect(data()).toMatchObject({
        group_fwd_mask: '0x4000',
        backup_port: 'p2',
        proxy_arp: true,
        flood: true,
      })
      await nl.setBridgePort('p1', { backupPort: null, netns })
      expect(data()).not.toHaveProperty('backup_port')
    }))

  it('reads what bridge set, in a list and alone', () =>
    withBridge(async (netns) => {
      bridge('link set dev p1 state blocking priority 5 cost 9 hairpin on guard on root_block on', netns)
      bridge('link set dev p1 fastleave on learning off flood off mcast_flood off bcast_flood off', netns)
      bridge(
        'link set dev p1 mcast_router 0 mcast_to_unicast on neigh_suppress on isolated on locked on',
        netns,
      )
      bridge('link set dev p1 backup_port p3', netns)
      const shown = printed(netns, 'p1')
      const [listed] = await nl.listBridgePorts({ bridge: 'br0', netns })
      const single = await nl.getBridgePort('p1', { netns })
      for (const port of [listed!, single]) {
        expectReadBack(PORT, [port], [shown])
        expect(port).toMatchObject({
          ifindex: 11,
          dev: 'p1',
          master: 20,
          bridge: 'br0',
          mtu: 1500,
          mac: '02:00:00:00:01:01',
          operState: 'up',
          data: {
            backupPort: 13,
            number: 1,
            id: 0x1401,
            bridgeId: { mac: '02:00:00:00:00:20', priority: 0x8000 },
          },
        })
        expect(port.flags).toContain('up')
      }
      // The forwarding delay is counting down in between.
      const { forwardDelayTimer: _, ...rest } = listed!.data
      expect(single.data).toMatchObject(rest)
    }))

  it('lists the ports of all bridges or of one', () =>
    withBridge(async (netns) => {
      ip('link add br1 type bridge', netns)
      ip('link set p3 master br1', netns)
      const all = await nl.listBridgePorts({ netns })
      expect(all.map(({ dev, bridge }) => [dev, bridge])).toEqual(
        bridgeJson('link show', netns).map(({ ifname, master }) => [ifname, master]),
      )
      expect((await nl.listBridgePorts({ bridge: 'br1', netns })).map(({ dev }) => dev)).toEqual(['p3'])
      expect(await nl.listBridgePorts({ bridge: 'h1', netns })).toEqual([])
    }))

  it("gives a port's data to another port", () =>
    withBridge(async (netns) => {
      const { state: _, ...options } = CHANGED
      await nl.setBridgePort('p1', { ...options, netns })
      const { data } = await nl.getBridgePort('p1', { netns })
      await nl.setBridgePort('p2', { ...data, netns })
      const { ifindex: _1, ifname: _2, link: _3, ...shown } = printed(netns, 'p1')
      expect(printed(netns, 'p2')).toMatchObject(shown)
    }))

  it('says what the kernel refuses', () =>
    withBridge(async (netns) => {
      await expect(async () => nl.setBridgePort('h1', { cost: 7, netns })).rejects.toMatchObject({
        code: 'EOPNOTSUPP',
        operation: 'RTM_SETLINK',
        subject: "interface 'h1'",
        advice: 'it is no port of a bridge, or its device cannot do this',
      })
      await expect(async () => nl.getBridgePort('h1', { netns })).rejects.toMatchObject({ code: 'ENODEV' })
      await expect(async () => nl.getBridgePort('p9', { netns })).rejects.toMatchObject({ code: 'ENODEV' })
      const mab = async () => nl.setBridgePort('p1', { mab: true, netns })
      if (since(6, 2))
        await expect(mab).rejects.toMatchObject({
          code: 'EINVAL',
          extack: { message: expect.stringMatching(/MAB/) },
        })
      else {
        // An older kernel passes over what it does not know of a port, and does not tell it.
        await mab()
        expect((await nl.getBridgePort('p1', { netns })).data.mab).toBeUndefined()
      }
      ip('link set br0 type bridge stp_state 1', netns)
      await expect(async () => nl.setBridgePort('p1', { state: 'blocking', netns })).rejects.toMatchObject({
        code: 'EBUSY',
      })
      // The common tree is the port's own state.
      await expectRefused(() => nl.setBridgeMst('p1', { msti: 0, state: 'blocking', netns }), {
        code: 'EBUSY',
        advice: 'state: the bridge runs the spanning tree protocol',
      })
      ip('link set br0 type bridge stp_state 0', netns)
      ip('link set p1 down', netns)
      await expect(async () => nl.setBridgePort('p1', { state: 'forwarding', netns })).rejects.toMatchObject({
        code: 'ENETDOWN',
      })
    }))

  it.each<[BridgePortOptions, string, string]>([
    [{ backupPort: 'p1' }, 'EINVAL', 'perhaps backupPort: it has to be another port of the same bridge'],
    [{ backupPort: 'h1' }, 'ENOENT', 'perhaps backupPort: it has to be another port of the same bridge'],
    [{ priority: 64 }, 'ERANGE', 'priority: a port has one from 0 to 63'],
    [{ cost: 65536 }, 'ERANGE', 'cost: a port has one from 1 to 65535'],
    [
      { priority: 4, cost: 0 },
      'ERANGE',
      'priority: a port has one from 0 to 63; cost: a port has one from 1 to 65535',
    ],
    [{ state: 'blocking' }, 'ENETDOWN', 'state: the port is down, or has no carrier'],
  ])('tells why %j is refused', (options, code, advice) =>
    withBridge(async (netns) => {
      ip('link set p1 down', netns)
      const port = { kind: 'bridge', ...options } as const
      expect(await failure(() => nl.setBridgePort('p1', { ...options, netns }))).toMatchObject({
        code,
        advice,
      })
      expect(await failure(() => nl.setLink('p1', { port, netns }))).toMatchObject({ code, advice })
    }),
  )

  it('is a method of a handle and part of a batch', () =>
    withBridge(async (netns) => {
      const red = await nl.openNetns(netns)
      try {
        await red.setBridgePort('p1', { cost: 11 })
        expect((await red.getBridgePort('p1')).data.cost).toBe(11)
        expect(await red.listBridgePorts()).toHaveLength(3)
        const results = await red.batch((b) => {
          b.setBridgePort('p1', { cost: 21 })
          b.setBridgePort('h1', { cost: 21 })
          b.setBridgePort('p2', { cost: 22 })
        })
        expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
        expect(bridgeJson('link show', netns).map(({ cost }) => cost)).toEqual([21, 22, 2])
      } finally {
        red.close()
      }
    }))
})

describe('traffic', () => {
  it('does not pass between isolated ports', () =>
    withBridge((netns) =>
      withHosts(netns, async ([one, , three]) => {
        expect(pings(one!, '10.9.0.2')).toBe(true)
        await promises.setBridgePort('p1', { isolated: true, netns })
        nlSync.setBridgePort('p2', { isolated: true, netns })
        expect(pings(one!, '10.9.0.2')).toBe(false)
        expect(pings(one!, '10.9.0.3')).toBe(true)
        expect(pings(three!, '10.9.0.2')).toBe(true)
        await promises.setBridgePort('p2', { isolated: false, netns })
        expect(pings(one!, '10.9.0.2')).toBe(true)
      }),
    ))

  it('goes back out of a port with hairpin alone', () =>
    withBridge((netns) =>
      withHosts(netns, async ([one]) => {
        // A second machine behind the same port: a macvlan that leaves switching to the bridge (VEPA).
        const behind = `${one}-v`
        ip(`netns add ${behind}`)
        try {
          ip('link add link h1 name v1 address 02:00:00:00:02:11 type macvlan mode vepa', one)
          ip(`link set v1 netns ${behind}`, one)
          ip('address add 10.9.0.11/24 dev v1', behind)
          ip('link set v1 up', behind)
          ip('link add link h1 name v2 type macvlan mode vepa', one)
          ip('address flush dev h1', one)
          ip('address add 10.9.0.1/24 dev v2', one)
          ip('link set v2 up', one)
          expect(pings(behind, '10.9.0.2')).toBe(true)
          expect(pings(behind, '10.9.0.1')).toBe(false)
          await promises.setBridgePort('p1', { hairpin: true, netns })
          expect(pings(behind, '10.9.0.1')).toBe(true)
        } finally {
          ip(`netns delete ${behind}`)
        }
      }),
    ))
})
