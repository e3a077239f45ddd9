/** What a monitor tells of multicast tables, VLANs, VXLAN networks, multicast groups, anycast addresses and routes of MPLS. */

import { describe, expect, it } from 'vitest'
import {
  type EventOf,
  getBridgePort,
  getMplsRoute,
  listAnycastAddresses,
  listBridgeVlans,
  listGlobalBridgeVlans,
  listMdb,
  listMplsRoutes,
  listMulticastAddresses,
  listVxlanVnis,
  monitor,
  setGlobalBridgeVlan,
  setSysctl,
} from '../../src/index.js'
import { bridge, hasVlanFiltering, withBridge } from './bridge-support.js'
import { until } from './monitor-support.js'
import {
  expectRefused,
  hasGroup,
  hasMpls,
  NO_GLOBAL_VLANS,
  NO_GROUP,
  NO_MPLS,
  NO_VLANS,
  RTNLGRP_IPV6_ACADDR,
  since,
} from './needs.js'
import { execIn, hasKind, hasTool, ip, sysctl, withNetns, withVeth } from './support.js'

const hasJoined = hasGroup(RTNLGRP_IPV6_ACADDR)

describe('a monitor', () => {
  it('tells what a port of a bridge is set to, as getBridgePort() shows it, and that it has left', () =>
    withBridge(async (netns) => {
      await using events = await monitor(['bridgePort'], { netns })
      bridge('link set dev p1 cost 77 hairpin on', netns)
      const known = await getBridgePort('p1', { netns })
      expect(known).toMatchObject({ dev: 'p1', bridge: 'br0', data: { cost: 77, hairpin: true } })
      const isSet = (event: EventOf<'bridgePort'>) =>
        event.type === 'bridgePort' && event.port.dev === 'p1' && event.port.data.cost === 77
      // Timers run on.
      const settings = Object.entries(known.data).filter(([name]) => !name.endsWith('Timer'))
      const port = { ...known, data: expect.objectContaining(Object.fromEntries(settings)) }
      expect(await until(events, isSet)).toEqual({ type: 'bridgePort', action: 'new', port })
      await using both = await monitor(['link', 'bridgePort'], { netns })
      ip('link set p1 nomaster', netns)
      const isGone = (event: EventOf<'bridgePort'>) =>
        event.type === 'bridgePort' && event.action === 'delete'
      expect(await until(events, isGone)).toMatchObject({ port: { ifindex: 11, bridge: 'br0', data: {} } })
      // Both have the same messages; which comes first is the kernel's affair.
      const seen = new Set<string>()
      await until(both, (event) => {
        if (event.type === 'bridgePort' && event.action === 'delete') seen.add(event.type)
        if (event.type === 'link' && event.link.name === 'p1' && event.link.master === null)
          seen.add(event.type)
        return seen.size === 2
      })
    }))

  it('tells which ports get a multicast group, as listMdb() shows them', () =>
    withBridge(async (netns) => {
      await using events = await monitor(['mdb'], { netns })
      bridge('mdb add dev br0 port p1 grp 239.1.1.1 permanent', netns)
      const known = await listMdb({ bridge: 'br0', netns })
      expect(known).toMatchObject([{ port: 'p1', group: '239.1.1.1', state: 'permanent' }])
      const ofGroup = (event: EventOf<'mdb'>) =>
        event.type === 'mdb' && event.entries.some(({ group }) => group === '239.1.1.1')
      expect(await until(events, ofGroup)).toEqual({
        type: 'mdb',
        action: 'new',
        entries: known,
        routerPorts: [],
      })
      bridge('mdb del dev br0 port p1 grp 239.1.1.1', netns)
      expect(await until(events, ofGroup)).toMatchObject({ action: 'delete', entries: [{ port: 'p1' }] })
      bridge('link set dev p2 mcast_router 2', netns)
      const ofRouter = (event: EventOf<'mdb'>) => event.type === 'mdb' && event.routerPorts.length > 0
      expect(await until(events, ofRouter)).toMatchObject({
        action: 'new',
        entries: [],
        routerPorts: [{ dev: 'br0', port: 'p2' }],
      })
    }))

  it('tells the VLANs of ports and of whole bridges', () =>
    withBridge(async (netns) => {
      if (!hasVlanFiltering())
        return expectRefused(
          () => setGlobalBridgeVlan('br0', { vid: 1, mcastSnooping: false, netns }),
          NO_VLANS,
        )
      await using events = await monitor(['bridgeVlan'], { netns })
      bridge('vlan add dev p1 vid 100-102', netns)
      const known = await listBridgeVlans({ dev: 'p1', vid: [100, 102], netns })
      const ofPort = (event: EventOf<'bridgeVlan'>) =>
        event.type === 'bridgeVlan' && event.vlans.some(({ vid }) => vid === 100)
      expect(await until(events, ofPort)).toMatchObject({
        action: 'new',
        vlans: known.map(({ dev, vid, pvid, untagged }) => ({ dev, vid, pvid, untagged })),
        globalVlans: [],
      })
      bridge('vlan del dev p1 vid 100-102', netns)
      expect(await until(events, ofPort)).toMatchObject({ action: 'delete' })
      if (!since(5, 15))
        return expectRefused(
          () => setGlobalBridgeVlan('br0', { vid: 1, mcastSnooping: false, netns }),
          NO_GLOBAL_VLANS,
        )
      bridge('vlan add dev br0 vid 100 self', netns)
      bridge('vlan global set dev br0 vid 100 mcast_igmp_version 3', netns)
      const ofBridge = (event: EventOf<'bridgeVlan'>) =>
        event.type === 'bridgeVlan' && event.globalVlans.length > 0
      const [whole] = await listGlobalBridgeVlans({ bridge: 'br0', vid: 100, netns })
      expect(await until(events, ofBridge)).toMatchObject({
        globalVlans: [{ dev: 'br0', vid: 100, mcastIgmpVersion: whole!.mcastIgmpVersion }],
      })
    }))

  it('tells the networks of a vxlan device, as listVxlanVnis() shows them', (context) => {
    context.skip(!hasKind('vxlan'), 'cannot be installed: the link kind vxlan')
    return withNetns(async (netns) => {
      if (!since(5, 18)) return expectRefused(() => monitor(['vxlanVni'], { netns }), NO_GROUP)
      ip('link add vx0 type vxlan external vnifilter dstport 4789', netns)
      await using events = await monitor(['vxlanVni'], { netns })
      bridge('vni add dev vx0 vni 100 remote 192.0.2.9', netns)
      const vnis = await listVxlanVnis({ dev: 'vx0', netns })
      expect(vnis).toMatchObject([{ vni: 100, group: '192.0.2.9' }])
      expect((await events.next()).value).toEqual({ type: 'vxlanVni', action: 'new', vnis })
      bridge('vni delete dev vx0 vni 100', netns)
      expect((await events.next()).value).toEqual({ type: 'vxlanVni', action: 'delete', vnis })
    })
  })

  if (hasJoined)
    it('tells the groups and anycast addresses that come and go', () =>
      withVeth(async (netns) => {
        await using events = await monitor(['multicastAddress', 'anycastAddress'], { netns })
        await setSysctl('net.ipv6.conf.eth0.forwarding', 1, { netns })
        ip('address add 2001:db8::1/64 dev eth0', netns)
        type Joined = EventOf<'multicastAddress' | 'anycastAddress'>
        const anycast = await until(
          events,
          (event: Joined) => event.type === 'anycastAddress' && event.anycastAddress.address === '2001:db8::',
        )
        const [known] = (await listAnycastAddresses({ dev: 'eth0', netns })).filter(
          ({ address }) => address === '2001:db8::',
        )
        expect(anycast).toEqual({
          type: 'anycastAddress',
          action: 'new',
          anycastAddress: { ...known, created: expect.any(Number), updated: expect.any(Number) },
        })
        execIn(netns, 'python3', '-c', JOIN)
        const ofGroup = (event: Joined) =>
          event.type === 'multicastAddress' && event.multicastAddress.address === '239.7.7.7'
        const joined = { address: '239.7.7.7', family: 'ipv4', dev: 'eth0', ifindex: 10 }
        expect(await until(events, ofGroup)).toMatchObject({ action: 'new', multicastAddress: joined })
        expect(await until(events, ofGroup)).toMatchObject({ action: 'delete', multicastAddress: joined })
        expect(await listMulticastAddresses({ dev: 'eth0', netns })).not.toContainEqual(
          expect.objectContaining({ address: '239.7.7.7' }),
        )
      }))
  else
    it('is refused the groups and anycast addresses of a kernel that does not tell them', async (context) => {
      context.skip(!hasTool('python3'), 'not installed: python3')
      for (const group of ['multicastAddress', 'anycastAddress'] as const)
        await expectRefused(() => monitor([group]), NO_GROUP)
    })

  it('tells the routes of MPLS', () =>
    withVeth(async (netns) => {
      if (!hasMpls()) return expectRefused(() => getMplsRoute(100, { netns }), NO_MPLS)
      sysctl(netns, 'net.mpls.platform_labels=1000')
      ip('address add 10.1.1.1/24 dev eth0', netns)
      await using events = await monitor(['mplsRoute'], { netns })
      ip('-f mpls route add 100 as 200 via inet 10.1.1.2 dev eth0', netns)
      const [mplsRoute] = await listMplsRoutes({ netns })
      const ofLabel = (event: EventOf<'mplsRoute'>) =>
        event.type === 'mplsRoute' && event.mplsRoute.label === 100
      expect(await until(events, ofLabel)).toEqual({ type: 'mplsRoute', action: 'new', mplsRoute })
      ip('-f mpls route del 100', netns)
      expect(await until(events, ofLabel)).toMatchObject({ action: 'delete' })
    }))
})

/** Joins a group on eth0, and leaves it again when the process ends. */
const JOIN = `
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
member = socket.inet_aton('239.7.7.7') + bytes(4) + socket.if_nametoindex('eth0').to_bytes(4, 'little')
s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
`
