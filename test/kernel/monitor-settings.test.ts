/** What a monitor tells of nexthop objects, settings of interfaces and router advertisements. */

import { describe, expect, it } from 'vitest'
import { listNetconf, listNexthops, monitor, type NdOption, setSysctl } from '../../src/index.js'
import { until } from './monitor-support.js'
import { execIn, ip, ipJson, untilReady, withVeth } from './support.js'

/** Sends a router advertisement out of eth1: managed, other configuration, with a prefix, DNS servers, search domains and an option that nobody knows. */
const ADVERTISE = `
import socket, struct
s = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_LOOP, 0)
s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b'eth1')
address = lambda text: socket.inet_pton(socket.AF_INET6, text)
def name(text):
    return b''.join(bytes([len(label)]) + label.encode() for label in text.split('.')) + bytes(1)
def option(kind, data):
    data += bytes(-(len(data) + 2) % 8)
    return bytes([kind, (len(data) + 2) // 8]) + data
packet = struct.pack('!BBHBBHII', 134, 0, 0, 64, 0xc0, 1800, 0, 0)
packet += option(3, struct.pack('!BBIII', 64, 0xc0, 0xffffffff, 0xffffffff, 0) + address('2001:db8:5::'))
packet += option(25, struct.pack('!HI', 0, 600) + address('2001:db8::53') + address('2001:db8::54'))
packet += option(31, struct.pack('!HI', 0, 0xffffffff) + name('example.org') + name('lab.example'))
packet += option(31, struct.pack('!HI', 0, 7) + b'\\x3fabc')
packet += option(37, b'https://portal.example')
s.sendto(packet, ('ff02::1', 0, 0, socket.if_nametoindex('eth1')))
`

/** The numbers of those that lead to nexthop 2. */
const bucketsOfIp = (netns: string): number[] =>
  ipJson('nexthop bucket show id 10 nhid 2', netns).map(({ bucket }) => bucket.index)

describe('a monitor', () => {
  it('tells nexthop objects', () =>
    withVeth(async (netns) => {
      ip('address add 192.0.2.1/24 dev eth0', netns)
      await using events = await monitor(['nexthop'], { netns })
      ip('nexthop add id 7 via 192.0.2.9 dev eth0', netns)
      const made = (await events.next()).value
      const [known] = await listNexthops({ netns })
      expect(known).toMatchObject({ id: 7, via: '192.0.2.9', dev: 'eth0' })
      expect(made).toEqual({ type: 'nexthop', action: 'new', nexthop: known })
      ip('nexthop delete id 7', netns)
      expect((await events.next()).value).toMatchObject({
        type: 'nexthop',
        action: 'delete',
        nexthop: { id: 7 },
      })
    }))

  it('tells which buckets of a resilient group go over to another member', () =>
    withVeth(async (netns) => {
      ip('address add 192.0.2.1/24 dev eth0', netns)
      for (const id of [1, 2]) ip(`nexthop add id ${id} via 192.0.2.${10 + id} dev eth0`, netns)
      ip('nexthop add id 10 group 1,7/2 type resilient buckets 8 idle_timer 2', netns)
      // Buckets that are not in use would go over at once, and without a word.
      ip('route add 198.51.100.0/24 nhid 10', netns)
      const toAll = 'for i in {1..254}; do echo > /dev/udp/198.51.100.$i/9; done'
      execIn(netns, 'bash', '-c', toAll)
      const before = bucketsOfIp(netns)
      await using events = await monitor(['nexthopBucket'], { netns })
      ip('nexthop replace id 10 group 1/2 type resilient', netns)
      const told: number[] = []
      for await (const event of events) {
        if (event.type !== 'nexthopBucket') throw new Error(`told ${JSON.stringify(event)}`)
        expect(event.nexthopBucket).toMatchObject({ id: 10, nhid: 2, idleTime: expect.any(Number) })
        told.push(event.nexthopBucket.index)
        if (told.length === 3) break
      }
      const after = bucketsOfIp(netns)
      expect(told.sort()).toEqual(after.filter((index) => !before.includes(index)))
    }))

  it('tells what is to be counted in hardware', () =>
    withVeth(async (netns) => {
      await using events = await monitor(['linkStats'], { netns })
      for (const request of [true, false]) {
        ip(`stats set dev eth0 l3_stats ${request ? 'on' : 'off'}`, netns)
        // A veth has no hardware.
        const offload = { cpuHit: null, l3: { request, used: false, stats: null } }
        expect((await events.next()).value).toEqual({
          type: 'linkStats',
          linkStats: { ifindex: 10, dev: 'eth0', offload },
        })
      }
    }))

  it('tells what changed of the settings of an interface', () =>
    withVeth(async (netns) => {
      await using events = await monitor(['netconf'], { netns })
      await setSysctl('net.ipv4.conf.eth0.rp_filter', 2, { netns })
      expect((await events.next()).value).toEqual({
        type: 'netconf',
        action: 'new',
        netconf: {
          family: 'ipv4',
          dev: 'eth0',
          ifindex: 10,
          forwarding: null,
          rpFilter: 'loose',
          mcForwarding: null,
          proxyNeigh: null,
          ignoreRoutesWithLinkdown: null,
          input: null,
          bcForwarding: null,
          forceForwarding: null,
        },
      })
      await setSysctl('net.ipv6.conf.default.forwarding', 1, { netns })
      expect((await events.next()).value).toMatchObject({
        netconf: { family: 'ipv6', dev: 'default', ifindex: null, forwarding: true, rpFilter: null },
      })
      const [known] = await listNetconf({ dev: 'eth0', family: 'ipv4', netns })
      expect(known).toMatchObject({ rpFilter: 'loose', forwarding: false })
      ip('link delete eth0', netns)
      const gone = await until(events, (event) => event.type === 'netconf' && event.action === 'delete')
      expect(gone).toMatchObject({ netconf: { ifindex: expect.any(Number) } })
    }))

  it('tells what a router advertises: prefixes, and options for programs', () =>
    withVeth(async (netns) => {
      for (const dev of ['eth0', 'eth1']) await untilReady(dev, netns)
      await using prefixes = await monitor(['prefix'], { netns })
      await using options = await monitor(['ndUserOptions'], { netns })
      await using inet6 = await monitor(['inet6'], { netns })
      execIn(netns, 'python3', '-c', ADVERTISE)
      expect((await prefixes.next()).value).toEqual({
        type: 'prefix',
        prefix: {
          prefix: '2001:db8:5::/64',
          ifindex: 10,
          dev: 'eth0',
          onlink: true,
          autoconf: true,
          preferredLifetime: 'forever',
          validLifetime: 'forever',
        },
      })
      const { value: managed } = await inet6.next()
      if (managed?.type !== 'inet6') throw new Error(`told ${JSON.stringify(managed)}`)
      const { flags, addrGenMode } = managed.inet6.inet6
      expect(managed.inet6).toMatchObject({ ifindex: 10, dev: 'eth0' })
      expect(flags).toEqual(expect.arrayContaining(['ra_rcvd', 'ra_managed', 'ra_othercnf', 'ready']))
      expect(addrGenMode).toBe('eui64')
      const told: NdOption[] = []
      while (told.at(-1)?.type !== 37) {
        const { value } = await options.next()
        if (value?.type !== 'ndUserOptions') throw new Error(`told ${JSON.stringify(value)}`)
        const { options: known, ...rest } = value.ndUserOptions
        expect(rest).toEqual({
          from: expect.stringMatching(/^fe80::/),
          ifindex: 10,
          dev: 'eth0',
          icmpType: 134,
          icmpCode: 0,
        })
        told.push(...known)
      }
      const portal = Buffer.from('https://portal.example')
      // Newer kernels tell the prefix here too.
      expect(told.filter(({ type }) => type !== 3)).toEqual([
        { type: 'rdnss', lifetime: 600, servers: ['2001:db8::53', '2001:db8::54'] },
        { type: 'dnssl', lifetime: 'forever', domains: ['example.org', 'lab.example'] },
        { type: 31, data: Uint8Array.of(0, 0, 0, 0, 0, 7, 0x3f, 0x61, 0x62, 0x63, 0, 0, 0, 0) },
        { type: 37, data: new Uint8Array(portal) },
      ])
    }))
})
