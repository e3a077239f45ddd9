/** Rows of docs/from-pyroute2.md that read: what the call returns says what pyroute2 does. */

import type { ChildProcess } from 'node:child_process'
import { expect } from 'vitest'
import type * as netlink from '../../src/index.js'
import type { Row } from './document-rows.js'
import {
  BRIDGE,
  FILTERING,
  GATEWAY,
  noIpv6,
  PORTS,
  ROUTE,
  STALE,
  VETH,
  VLANS_ROW,
} from './document-worlds.js'

/** A message as pyroute2 has it. */
interface Message {
  readonly attrs: readonly (readonly [name: string, value: unknown])[]
  readonly [field: string]: unknown
}

/** What a message has of attributes; null for those that it lacks. */
const attr = (message: Message, name: string): unknown =>
  message.attrs.find(([own]) => own === name)?.[1] ?? null

const PAIR = [noIpv6, VETH]
const PORT = [...PAIR, BRIDGE, 'link set veth-red master v-net-0']

const ofLink = (message: Message) => ({
  ifindex: message['index'],
  name: attr(message, 'IFLA_IFNAME'),
  mac: attr(message, 'IFLA_ADDRESS'),
  mtu: attr(message, 'IFLA_MTU'),
  master: attr(message, 'IFLA_MASTER'),
  group: attr(message, 'IFLA_GROUP'),
  txQueueLength: attr(message, 'IFLA_TXQLEN'),
})
const sameLinks = (links: netlink.Link | netlink.Link[], messages: Message[]) => {
  expect(messages).not.toEqual([])
  expect([links].flat()).toMatchObject(messages.map(ofLink))
}
const links = (given: Row['given'] & object): Row => ({ given, check: sameLinks })

const ofAddress = (message: Message) => {
  const [address, local] = ['IFA_ADDRESS', 'IFA_LOCAL'].map((name) => attr(message, name))
  return {
    address: `${local ?? address}/${message['prefixlen']}`,
    ifindex: message['index'],
    label: attr(message, 'IFA_LABEL'),
    broadcast: attr(message, 'IFA_BROADCAST'),
  }
}
const sameAddresses = (addresses: netlink.Address[], messages: Message[]) => {
  expect(messages).not.toEqual([])
  expect(addresses).toMatchObject(messages.map(ofAddress))
}

const ofRoute = (message: Message) => {
  const to = attr(message, 'RTA_DST')
  return {
    to: to === null ? 'default' : withLength(to as string, message['dst_len'] as number),
    via: attr(message, 'RTA_GATEWAY'),
    ifindex: attr(message, 'RTA_OIF'),
    src: attr(message, 'RTA_PREFSRC'),
    table: attr(message, 'RTA_TABLE'),
  }
}
/** A destination that is one address is written without a length. */
const withLength = (to: string, length: number) =>
  length === (to.includes(':') ? 128 : 32) ? to : `${to}/${length}`
const sameRoutes = (routes: netlink.Route | netlink.Route[], messages: Message[]) => {
  expect(messages).not.toEqual([])
  expect([routes].flat()).toMatchObject(messages.map(ofRoute))
}

const sameRules = (rules: netlink.Rule[], messages: Message[]) => {
  expect(messages).not.toEqual([])
  expect(rules.map(({ priority, table, action }) => [priority, table, action])).toEqual(
    messages.map((message) => [
      attr(message, 'FRA_PRIORITY') ?? 0,
      attr(message, 'FRA_TABLE'),
      // FR_ACT_TO_TBL
      message['action'] === 1 ? 'lookup' : message['action'],
    ]),
  )
}

/** NUD_NOARP of linux/neighbour.h, as the kernel's own entries for multicast are, which come at any moment. */
const NOARP = 0x40
const sameNeighbours = (ours: netlink.Neighbour | netlink.Neighbour[], messages: Message[]) => {
  const theirs = messages.filter(({ state }) => state !== NOARP)
  expect(theirs).not.toEqual([])
  expect([ours].flat().filter(({ state }) => state !== 'noarp')).toMatchObject(
    theirs.map((message) => ({
      to: attr(message, 'NDA_DST'),
      mac: attr(message, 'NDA_LLADDR'),
      ifindex: message['ifindex'],
    })),
  )
}

const sameStats = (stats: netlink.LinkStats, theirs: Record<string, number>) =>
  expect([stats.rxPackets, stats.txBytes]).toEqual([theirs['rx_packets'], theirs['tx_bytes']])
const stats64 = (message: Message) => attr(message, 'IFLA_STATS_LINK_64') as Record<string, number>

export const READ_ROWS: Record<string, Row> = {
  'netns.listnetns()': {
    given: ['netns add red', 'netns add blue'],
    check: (names: string[], theirs: string[]) => {
      expect(names).toHaveLength(2)
      expect(names.sort()).toEqual(theirs.sort())
    },
  },
  'netns.pid_to_ns(os.getpid())': {
    given: [`netns attach here ${process.pid}`],
    check: (name, theirs) => expect([name, theirs]).toEqual(['here', 'here']),
  },
  "netns.ns_pids()['here']": {
    given: [`netns attach here ${process.pid}`],
    check: (pids: number[], theirs: number[]) => {
      expect(pids).toContain(process.pid)
      expect(theirs).toContain(process.pid)
    },
  },
  "NSPopen('red', ['ip', 'link'], stdout=PIPE).communicate()[0]": {
    given: ['netns add red'],
    check: async (child: ChildProcess, theirs: string) => {
      let text = ''
      for await (const chunk of child.stdout!) text += chunk
      expect(text).toContain('lo:')
      expect(text).toBe(theirs)
    },
  },
  "ipr.get_netnsid(fd=os.open('/run/netns/red', os.O_RDONLY))": {
    // The descriptor keeps the namespace, and so the number.
    given: ['netns add red', 'netns set red 11'],
    check: (nsid, theirs) => expect([nsid, theirs.nsid]).toEqual([11, 11]),
  },
  'list(ipr.get_netns_info())': {
    given: ['netns add red', 'netns set red 10'],
    check: (nsids: netlink.Nsid[], [red]: Message[]) => {
      expect(nsids).toContainEqual({ nsid: red!['netnsid'], current: null, name: 'red' })
      expect(attr(red!, 'NSINFO_PATH')).toBe('/var/run/netns/red')
    },
  },
  'manager = NetNSManager(); manager.bind(); next(manager.get())': {
    meanwhile: 'netns add later',
    check: (event, theirs: Message) => {
      expect(event).toMatchObject({ type: 'name', name: 'later' })
      expect(attr(theirs, 'NSINFO_PATH')).toBe('/var/run/netns/later')
    },
  },
  'ipr.get_links()': links(PAIR),
  'ipr.get_links(veth_red)': links(PAIR),
  "ipr.link('get', ifname='veth-red')": links(PAIR),
  "ipr.link_lookup(ifname='veth-red')": {
    given: PAIR,
    check: (found, theirs) => expect(found).toEqual(theirs),
  },
  "ipr.link_lookup(address='02:00:00:00:00:07')": {
    given: [...PAIR, 'link set veth-red address 02:00:00:00:00:07'],
    check: (found: number[], theirs: number[]) => {
      expect(found).toHaveLength(1)
      expect(found).toEqual(theirs)
    },
  },
  "ipr.link('dump', kind='bridge')": links([...PAIR, BRIDGE]),
  'ipr.get_links(master=v_net_0)': links(PORT),
  "ipr.link('dump', state='up')": links([...PAIR, 'link set veth-blue up']),
  "ipr.get_links(match=lambda link: link.get_attr('IFLA_MTU') < 1500)": links([
    ...PAIR,
    'link set veth-red mtu 1400',
  ]),
  "ipr.link('get', index=veth_red)[0].get_attr('IFLA_STATS64')": { given: PAIR, check: sameStats },
  "ipr.stats('get', ifindex=veth_red)": {
    given: PAIR,
    check: ({ stats }: netlink.InterfaceStats, [message]: Message[]) => sameStats(stats!, stats64(message!)),
  },
  "ipr.stats('dump')": {
    given: PAIR,
    check: (all: netlink.InterfaceStats[], messages: Message[]) => {
      expect(all.map(({ ifindex }) => ifindex)).toEqual(messages.map(({ ifindex }) => ifindex))
      all.forEach(({ stats }, index) => {
        sameStats(stats!, stats64(messages[index]!))
      })
    },
  },
  'ipr.get_addr()': { given: [noIpv6, ...GATEWAY], check: sameAddresses },
  'ipr.get_addr(index=v_net_0, family=AF_INET)': { given: GATEWAY, check: sameAddresses },
  "ipr.get_addr(label='v-net-0:1')": {
    given: [...GATEWAY, 'addr add 10.0.0.1/24 dev v-net-0 label v-net-0:1'],
    check: sameAddresses,
  },
  "ipr.route('get', dst='192.168.15.2')": { given: GATEWAY, check: sameRoutes },
  'ipr.get_routes(family=AF_INET)': { given: [...GATEWAY, ROUTE, `${ROUTE} table 100`], check: sameRoutes },
  'ipr.get_routes(family=AF_INET, table=254, oif=v_net_0)': {
    given: [...GATEWAY, ROUTE, `${ROUTE} table 100`, 'route add blackhole 10.0.0.0/8'],
    check: sameRoutes,
  },
  'ipr.get_default_routes()': {
    given: [...GATEWAY, ROUTE, 'route add default via 192.168.15.5'],
    check: sameRoutes,
  },
  'ipr.get_rules(family=AF_INET)': { check: sameRules },
  'ipr.get_rules(family=AF_INET, table=100)': {
    given: ['rule add table 100 priority 1000'],
    undo: ['rule del priority 1000'],
    check: sameRules,
  },
  "ipr.neigh('get', dst='192.168.15.9', ifindex=v_net_0)": {
    given: [...GATEWAY, STALE],
    check: sameNeighbours,
  },
  'ipr.get_neighbours(family=AF_INET, ifindex=v_net_0)': {
    given: [...GATEWAY, STALE, STALE.replace('.9 ', '.8 ')],
    check: sameNeighbours,
  },
  "ipr.get_neighbours(family=AF_INET, match=lambda entry: entry['state'] == NUD_STALE)": {
    given: [...GATEWAY, STALE, STALE.replace('.9 ', '.8 ').replace('stale', 'permanent')],
    check: sameNeighbours,
  },
  'ipr.get_ntables(family=AF_INET)': {
    given: [noIpv6, ...GATEWAY],
    check: (tables: netlink.NeighbourTable[], messages: Message[]) => {
      const parameters = messages.map((message) => attr(message, 'NDTA_PARMS') as Message)
      expect(tables.map(({ ifindex }) => ifindex)).toEqual(
        parameters.map((parms) => attr(parms, 'NDTPA_IFINDEX')),
      )
    },
  },
  "ipr.brport('show', index=veth_red_br)": {
    given: [...PORTS, 'bridge link set dev veth-red-br cost 7'],
    check: (port: netlink.BridgePort, [message]: Message[]) => {
      expect(port.ifindex).toBe(message!['index'])
      expect(port.data!.cost).toBe(attr(attr(message!, 'IFLA_PROTINFO') as Message, 'IFLA_BRPORT_COST'))
    },
  },
  'ipr.get_vlans(index=veth_red_br)': {
    lacking: VLANS_ROW,
    given: [...FILTERING, 'bridge vlan add dev veth-red-br vid 100'],
    check: (vlans: netlink.BridgeVlan[], [message]: Message[]) => {
      const { attrs } = attr(message!, 'IFLA_AF_SPEC') as Message
      const theirs = attrs.filter(([name]) => name === 'IFLA_BRIDGE_VLAN_INFO')
      expect(theirs).toHaveLength(2)
      expect(vlans.map(({ vid }) => vid)).toEqual(theirs.map(([, info]) => (info as { vid: number }).vid))
    },
  },
  "ipr.fdb('dump', lladdr='02:00:00:00:00:09')": {
    given: [...PORTS, 'bridge fdb add 02:00:00:00:00:09 dev veth-red-br master static'],
    check: (entries: netlink.FdbEntry[], messages: Message[]) => {
      expect(messages).toHaveLength(1)
      expect(entries).toMatchObject(
        messages.map((message) => ({ mac: attr(message, 'NDA_LLADDR'), ifindex: message['ifindex'] })),
      )
    },
  },
  "ipr.poll(ipr.link, 'dump', ifname='later0')": {
    meanwhile: 'link add later0 type bridge',
    check: (link: netlink.Link, [message]: Message[]) => {
      expect(link.name).toBe('later0')
      expect(attr(message!, 'IFLA_IFNAME')).toBe('later0')
    },
  },
  'ipr = IPRoute(all_ns=True); ipr.bind(groups=RTMGRP_LINK); ipr.get()': {
    meanwhile: 'link add later0 type bridge',
    check: (event, [message]: Message[]) => {
      expect(event).toMatchObject({ nsid: null, event: { type: 'link', link: { name: 'later0' } } })
      expect(attr(message!, 'IFLA_IFNAME')).toBe('later0')
    },
  },
  'ipr.bind(groups=RTMGRP_LINK); ipr.get()': {
    meanwhile: 'link add later0 type bridge',
    check: (event, [message]: Message[]) => {
      expect(event).toMatchObject({ type: 'link', link: { name: 'later0' } })
      expect(attr(message!, 'IFLA_IFNAME')).toBe('later0')
    },
  },
}
