/** Every row of docs/from-ip.md: its call is taken out of the document, run, and its effect checked with the real tools. */

import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { expect } from 'vitest'
import type * as netlink from '../../src/index.js'
import { describeRows, type Row } from './document-rows.js'
import { BLUE_ON_NET, BRIDGE, GATEWAY, RED, ROUTE, VETH } from './document-worlds.js'
import { ROWS } from './from-ip-rows.js'
import { execIn, ip, ipJson, type Printed } from './support.js'

const BRIDGE_UP = [BRIDGE, 'link set v-net-0 up', 'addr add 192.168.15.5/24 dev v-net-0']

function link(name: string, netns?: string): Printed {
  return ipJson(`link show dev ${name}`, netns)[0]!
}

function names(netns?: string): string[] {
  return ipJson('link show', netns).map((printed) => printed['ifname'] as string)
}

function addresses(dev: string, netns?: string): string[] {
  const printed = ipJson(`addr show dev ${dev}`, netns)[0]!
  return (printed['addr_info'] as Printed[])
    .filter((info) => info['family'] === 'inet')
    .map((info) => `${info['local']}/${info['prefixlen']}`)
}

function routes(netns?: string): string[] {
  return ipJson('route show', netns).map((route) => `${route['dst']} ${route['gateway'] ?? ''}`.trim())
}

function neighbours(dev: string): string[] {
  return ipJson(`neigh show dev ${dev}`).map((entry) => `${entry['dst']} ${entry['lladdr']}`)
}

async function output(child: ChildProcess): Promise<string> {
  let text = ''
  child.stdout!.on('data', (data) => {
    text += String(data)
  })
  const [code] = await once(child, 'close')
  expect(code).toBe(0)
  return text
}

const checks: Record<string, Row> = {
  ...ROWS,
  'ip netns add red': {
    check: () => expect(ip('netns list')).toMatch(/^red\b/),
  },
  'ip netns list': {
    given: ['netns add red', 'netns add blue'],
    check: (result: netlink.NamedNetns[]) =>
      expect(result.map(({ name }) => name).sort()).toEqual(['blue', 'red']),
  },
  'ip netns attach here $$': {
    check: () => expect(ip(`netns identify ${process.pid}`).trim()).toBe('here'),
  },
  'ip netns delete red': {
    given: ['netns add red'],
    check: () => expect(ip('netns list')).toBe(''),
  },
  'ip netns exec red ip link': {
    given: ['netns add red'],
    check: async (child: ChildProcess) => {
      const text = await output(child)
      expect(text).toContain('lo:')
      expect(text).toBe(execIn('red', 'ip', 'link'))
    },
  },
  'ip netns identify $$': {
    given: [`netns attach here ${process.pid}`],
    check: (result) => {
      expect(result).toBe('here')
      expect(ip(`netns identify ${process.pid}`).trim()).toBe('here')
    },
  },
  'ip netns pids red': {
    given: [`netns attach red ${process.pid}`],
    check: (result: number[]) => {
      expect(result).toContain(process.pid)
      const printed = ip('netns pids red').trim().split('\n').map(Number)
      // The process of ip itself comes and goes.
      expect(printed).toEqual(expect.arrayContaining(result))
    },
  },
  'lsns -t net': {
    given: ['netns add red', `netns attach here ${process.pid}`],
    check: (result: netlink.ProcessNetns[]) => {
      expect(result.find(({ pids }) => pids.includes(process.pid))?.name).toBe('here')
      expect(result.map(({ name }) => name)).not.toContain('red')
    },
  },
  'ip -n red link set lo up': {
    given: ['netns add red'],
    check: () => expect(link('lo', 'red')['flags']).toContain('UP'),
  },
  'ip netns exec red sysctl -w net.ipv4.ip_forward=1': {
    given: ['netns add red'],
    check: () => expect(ip('netns exec red cat /proc/sys/net/ipv4/ip_forward').trim()).toBe('1'),
  },
  'ip link': {
    given: [VETH],
    check: (result: netlink.Link[]) => expect(result.map(({ name }) => name)).toEqual(names()),
  },
  'ip -n red link': {
    given: RED,
    check: (result: netlink.Link[]) => expect(result.map(({ name }) => name)).toEqual(names('red')),
  },
  'ip link show veth-red': {
    given: [VETH],
    check: (result: netlink.Link) =>
      expect(result).toMatchObject({ mac: link('veth-red')['address'], kind: 'veth' }),
  },
  'ip link add veth-red type veth peer name veth-blue': {
    check: () =>
      expect(link('veth-red')).toMatchObject({ link: 'veth-blue', linkinfo: { info_kind: 'veth' } }),
  },
  'ip link add veth-red-br type veth peer name veth-red netns red': {
    given: ['netns add red'],
    check: () =>
      expect([names(), names('red')]).toEqual([
        expect.arrayContaining(['veth-red-br']),
        expect.arrayContaining(['veth-red']),
      ]),
  },
  'ip link add v-net-0 type bridge': {
    check: () => expect(link('v-net-0')).toMatchObject({ linkinfo: { info_kind: 'bridge' } }),
  },
  'ip link set veth-red netns red': {
    given: ['netns add red', VETH],
    check: () =>
      expect([names().includes('veth-red'), names('red').includes('veth-red')]).toEqual([false, true]),
  },
  'ip -n red link set veth-red netns $$': {
    given: RED,
    check: () =>
      expect([names().includes('veth-red'), names('red').includes('veth-red')]).toEqual([true, false]),
  },
  'ip link set veth-red-br master v-net-0': {
    given: [...RED, BRIDGE],
    check: () => expect(link('veth-red-br')['master']).toBe('v-net-0'),
  },
  'ip link set veth-red-br nomaster': {
    given: [...RED, BRIDGE, 'link set veth-red-br master v-net-0'],
    check: () => expect(link('veth-red-br')['master']).toBeUndefined(),
  },
  'ip link set veth-red up': {
    given: [VETH],
    check: () => expect(link('veth-red')['flags']).toContain('UP'),
  },
  'ip link set veth-red down': {
    given: [VETH, 'link set veth-red up'],
    check: () => expect(link('veth-red')['flags']).not.toContain('UP'),
  },
  'ip link set veth-red mtu 9000': {
    given: [VETH],
    check: () => expect(link('veth-red')['mtu']).toBe(9000),
  },
  'ip link delete veth-red': {
    given: [VETH],
    check: () => expect(names()).toEqual(['lo']),
  },
  'ip addr add 192.168.15.5/24 dev v-net-0': {
    given: [BRIDGE],
    check: () => expect(addresses('v-net-0')).toEqual(['192.168.15.5/24']),
  },
  'ip -n red addr add 192.168.15.1/24 dev veth-red': {
    given: RED,
    check: () => expect(addresses('veth-red', 'red')).toEqual(['192.168.15.1/24']),
  },
  'ip addr': {
    given: BRIDGE_UP,
    check: (result: netlink.Address[]) =>
      expect(
        result
          .filter(({ family, dev }) => family === 'ipv4' && dev === 'v-net-0')
          .map(({ address }) => address),
      ).toEqual(addresses('v-net-0')),
  },
  'ip -n red addr show dev veth-red': {
    given: [...RED, '-n red addr add 192.168.15.1/24 dev veth-red'],
    check: (result: netlink.Address[]) =>
      expect(result.map(({ address }) => address)).toEqual(addresses('veth-red', 'red')),
  },
  'ip addr del 192.168.15.5/24 dev v-net-0': {
    given: BRIDGE_UP,
    check: () => expect(addresses('v-net-0')).toEqual([]),
  },
  'ip addr flush dev v-net-0': {
    given: BRIDGE_UP,
    check: () => expect(addresses('v-net-0')).toEqual([]),
  },
  ifconfig: {
    given: BRIDGE_UP,
    check: ([links, list]: [netlink.Link[], netlink.Address[]]) => {
      expect(links.map(({ name }) => name)).toEqual(['v-net-0'])
      expect(links[0]!.stats).toMatchObject({ rxPackets: expect.anything() })
      expect(list.map(({ address }) => address)).toContain('192.168.15.5/24')
    },
  },
  'ifconfig v-net-0 192.168.15.5 netmask 255.255.255.0 up': {
    given: [BRIDGE],
    check: () => {
      expect(addresses('v-net-0')).toEqual(['192.168.15.5/24'])
      expect(link('v-net-0')['flags']).toContain('UP')
      expect(ipJson('-4 addr show dev v-net-0')[0]!['addr_info'][0]['broadcast']).toBe('192.168.15.255')
    },
  },
  'ip route add default via 192.168.15.5': {
    given: GATEWAY,
    check: () => expect(routes()).toContain('default 192.168.15.5'),
  },
  'ip netns exec blue ip route add default via 192.168.15.5': {
    given: BLUE_ON_NET,
    check: () => expect(routes('blue')).toContain('default 192.168.15.5'),
  },
  'ip -n blue route add 192.168.1.0/24 via 192.168.15.5': {
    given: BLUE_ON_NET,
    check: () => expect(routes('blue')).toContain('192.168.1.0/24 192.168.15.5'),
  },
  'route add -net 192.168.1.0/24 gw 192.168.15.5': {
    given: GATEWAY,
    check: () => expect(routes()).toContain('192.168.1.0/24 192.168.15.5'),
  },
  'ip route del 192.168.1.0/24': {
    given: [...GATEWAY, ROUTE],
    check: () => expect(routes()).toEqual(['192.168.15.0/24']),
  },
  'ip route': {
    given: [...GATEWAY, ROUTE],
    check: (result: netlink.Route[]) =>
      expect(result.map(({ to, via }) => `${to} ${via ?? ''}`.trim())).toEqual(routes()),
  },
  'route -n': {
    given: [...GATEWAY, ROUTE],
    check: (result: netlink.Route[]) =>
      expect(result.map(({ to, via }) => `${to} ${via ?? ''}`.trim())).toEqual(routes()),
  },
  'ip route get 192.168.15.2': {
    given: GATEWAY,
    check: (result) => {
      const printed = ipJson('route get 192.168.15.2')[0]!
      expect(result).toMatchObject({ dev: printed['dev'], src: printed['prefsrc'] })
    },
  },
  'arp -n': {
    given: [...BRIDGE_UP, 'neigh add 192.168.15.9 lladdr 02:00:00:00:00:09 dev v-net-0'],
    // The kernel makes entries of its own for multicast, at any moment; ip shows none of those (NUD_NOARP).
    check: (result: netlink.Neighbour[]) => {
      const shown = result.filter(({ dev, state }) => dev === 'v-net-0' && state !== 'noarp')
      expect(shown.map(({ to, mac }) => `${to} ${mac}`)).toEqual(neighbours('v-net-0'))
    },
  },
  'ip -n red neigh': {
    given: [
      ...RED,
      '-n red link set veth-red up',
      '-n red neigh add 192.168.15.9 lladdr 02:00:00:00:00:09 dev veth-red',
    ],
    check: (result: netlink.Neighbour[]) =>
      expect(result.map(({ to, mac }) => `${to} ${mac}`)).toContain('192.168.15.9 02:00:00:00:00:09'),
  },
  'arp -s 192.168.15.9 02:00:00:00:00:09 -i v-net-0': {
    given: BRIDGE_UP,
    check: () => expect(neighbours('v-net-0')).toEqual(['192.168.15.9 02:00:00:00:00:09']),
  },
  'arp -d 192.168.15.9 -i v-net-0': {
    given: [...BRIDGE_UP, 'neigh add 192.168.15.9 lladdr 02:00:00:00:00:09 dev v-net-0'],
    check: () => expect(neighbours('v-net-0')).toEqual([]),
  },
  'ip netns exec red ping -c1 192.168.15.2': {
    given: [
      ...RED,
      ...BLUE_ON_NET,
      BRIDGE,
      'link set v-net-0 up',
      'link set veth-red-br master v-net-0 up',
      'link set veth-blue-br master v-net-0',
      '-n red addr add 192.168.15.1/24 dev veth-red',
      '-n red link set veth-red up',
    ],
    check: async (child: ChildProcess) => expect(await output(child)).toContain('1 received'),
  },
  'ip monitor link': {
    meanwhile: 'link add later0 type bridge',
    check: (event) => expect(event).toMatchObject({ type: 'link', link: { name: 'later0' } }),
  },
}

describeRows('from-ip.md', checks)
