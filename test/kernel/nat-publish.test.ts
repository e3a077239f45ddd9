/** Published ports: who reaches them, from where, and as whom. */

import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { listConntrack } from '../../src/conntrack.js'
import {
  type Addresses,
  aSecond,
  askTcp,
  askUdp,
  at,
  bridgeNetfilter,
  connect,
  FAMILIES,
  overtaken,
  run,
  serve,
  withNetwork,
} from './nat-network.js'
import { needNftables } from './needs.js'
import { NFT_FACES, rulesetIn } from './nft-support.js'
import { ip as runIp, sysctl } from './support.js'

needNftables()

const CASES = NFT_FACES.flatMap(({ face, nft }) =>
  FAMILIES.map((ip) => ({ face, nft, ip, version: ip.version })),
)

/** The address that a target sees where it cannot see the real one. */
const gatewayOf = (ip: Addresses) => ip.gateway

describe.each(CASES)('publishPort ($face, IPv$version)', ({ nft, ip }) => {
  it('is reached from outside, from the host, from the same bridge and from the target itself', () =>
    withNetwork(async ({ router, client, red, blue, green }) => {
      using _ = await serve(red, 'red', 80)
      const options = { hostPort: 8080, to: at(ip.red, 80), netns: router } as const
      expect(await askTcp(client, ip.router, 8080)).toBe('ECONNREFUSED')
      const tcp = await nft.publishPort(options)
      expect(tcp).toMatchObject({ verb: 'publishPort', name: 'tcp/8080', dev: 'br0', to: at(ip.red, 80) })
      const udp = await nft.publishPort({ ...options, protocol: 'udp' })
      const all = async (ask: typeof askTcp) => [
        await ask(client, ip.router, 8080),
        await ask(router, ip.router, 8080),
        await ask(router, ip.gateway, 8080),
        await ask(blue, ip.router, 8080),
        await ask(red, ip.gateway, 8080),
        await ask(green, ip.router, 8080),
      ]
      const seen = [ip.client, gatewayOf(ip), gatewayOf(ip), gatewayOf(ip), gatewayOf(ip), ip.green]
      expect(await all(askTcp)).toEqual(seen.map((address) => `red sees ${address}`))
      expect(await all(askUdp)).toEqual(seen.map((address) => `red sees ${address}`))
      // The target sees itself where the tuples say so.
      const family = ip.version === 4 ? 'ipv4' : 'ipv6'
      const entries = await listConntrack({
        protocol: 'tcp',
        family,
        original: { src: ip.client },
        netns: router,
      })
      expect(entries[0]).toMatchObject({
        original: { src: ip.client, dst: ip.router, dport: 8080 },
        reply: { src: ip.red, sport: 80, dst: ip.client },
      })
      await tcp.withdraw()
      expect(await askTcp(client, ip.router, 8080)).toBe('ECONNREFUSED')
      await udp.withdraw()
      expect(rulesetIn(router)).not.toMatch(/elements/)
    }))

  it('is reached from the target, too, where the bridge hands its frames to the rules for IP', ({ skip }) =>
    withNetwork(async ({ router, red, blue }) => {
      skip(!bridgeNetfilter(router, 1), 'cannot be installed: this kernel has no br_netfilter')
      using _ = await serve(red, 'red', 80)
      await nft.publishPort({ hostPort: 8080, to: at(ip.red, 80), netns: router })
      expect(await askTcp(blue, ip.router, 8080)).toBe(`red sees ${ip.blue}`)
      // A bridge sends no frame back where it came from, unless it is told to.
      runIp('link set red type bridge_slave hairpin on', router)
      expect(await askTcp(red, ip.router, 8080)).toBe(`red sees ${ip.gateway}`)
    }))

  it('to a program on the loopback address, with route_localnet where they come in; none of IPv6 from outside', () =>
    withNetwork(async ({ router, client }) => {
      using _ = await serve(router, 'router', 81)
      await nft.publishPort({ hostPort: 8080, to: at(ip.loopback, 81), netns: router })
      const own = ip.version === 4 ? ip.router : ip.loopback
      expect(await askTcp(router, ip.router, 8080)).toBe(`router sees ${own}`)
      const outside = () => askTcp(client, ip.router, 8080, overtaken([client, ip.router]))
      // Of IPv6 a machine that forwards says nothing, another that there is no way.
      expect(await outside()).toMatch(ip.version === 4 ? /^nothing$/ : /^(nothing|ENETUNREACH)$/)
      if (ip.version === 6) return
      await nft.enableForwarding({ interfaces: 'eth0', localhost: true, netns: router })
      expect(await outside()).toBe(`router sees ${ip.client}`)
    }))

  it('from 127.0.0.1 with route_localnet, which opens nothing else', () =>
    withNetwork(async ({ router, red, blue }) => {
      using _red = await serve(red, 'red', 80)
      if (ip.version === 6) {
        await nft.publishPort({ hostPort: 8080, to: at(ip.red, 80), netns: router })
        // There is no such thing for ::1, which stays the machine's own.
        expect(await askTcp(router, '::1', 8080)).toBe('ECONNREFUSED')
        return
      }
      await nft.publishPort({ hostPort: 8080, to: at(ip.red, 80), netns: router })
      expect(await askTcp(router, '127.0.0.1', 8080, overtaken([router, ip.red]))).toBe('nothing')
      await nft.enableForwarding({ interfaces: 'br0', localhost: true, netns: router })
      expect(await askTcp(router, '127.0.0.1', 8080)).toBe(`red sees ${ip.gateway}`)
      // A neighbour that sends to 127.0.0.1 through the bridge.
      using _inner = await serve(router, 'router', 9999)
      run(blue, 'ip addr del 127.0.0.1/8 dev lo; ip route add 127.0.0.1 via 192.168.15.5 src 192.168.15.2')
      sysctl(blue, 'net.ipv4.conf.all.route_localnet=1')
      expect(await askTcp(blue, '127.0.0.1', 9999, overtaken([blue, ip.gateway]))).toBe('nothing')
      run(router, 'nft flush chain inet netlink-ts localnet')
      expect(await askTcp(blue, '127.0.0.1', 9999)).toBe(`router sees ${ip.blue}`)
    }))

  it('of one address, of a range, beside the same port of all addresses', () =>
    withNetwork(async ({ router, client, red, blue }) => {
      using _a = await serve(red, 'red', 80)
      using _b = await serve(red, 'red', 82)
      using _c = await serve(blue, 'blue', 80)
      const range = { hostPort: '8080-8082', to: at(ip.red, '80-82'), netns: router } as const
      const made = await nft.publishPort(range)
      const one = await nft.publishPort({
        ...{ hostAddress: ip.gateway, hostPort: 8080, to: at(ip.blue, 80), netns: router },
      })
      expect(await askTcp(client, ip.router, 8080)).toBe(`red sees ${ip.client}`)
      expect(await askTcp(client, ip.router, 8082)).toBe(`red sees ${ip.client}`)
      expect(await askTcp(client, ip.router, 8081)).toBe('ECONNREFUSED')
      expect(await askTcp(red, ip.gateway, 8080)).toBe(`blue sees ${ip.gateway}`)
      await one.withdraw()
      expect(await askTcp(blue, ip.gateway, 8080)).toBe(`red sees ${ip.gateway}`)
      expect(await askUdp(client, ip.router, 8082)).toBe('ECONNREFUSED')
      const udp = await nft.publishPort({ ...range, protocol: 'udp' })
      for (const [port, answer] of [
        [8080, `red sees ${ip.client}`],
        [8081, 'ECONNREFUSED'],
        [8082, `red sees ${ip.client}`],
        [8083, 'ECONNREFUSED'],
      ] as const)
        expect([port, await askUdp(client, ip.router, port)]).toEqual([port, answer])
      await udp.withdraw()
      await made.withdraw()
      expect(await askTcp(client, ip.router, 8082)).toBe('ECONNREFUSED')
    }))

  it('moves to another target, ends connections of the old way and no others', () =>
    withNetwork(async ({ router, client, red, blue }) => {
      using _red = await serve(red, 'red', 80)
      using _blue = await serve(blue, 'blue', 80)
      const options = { hostPort: 8080, netns: router } as const
      await nft.publishPort({ ...options, to: at(ip.red, 80) })
      await nft.publishPort({ hostPort: 8081, to: at(ip.red, 80), netns: router })
      await nft.masquerade({ source: ip.network, netns: router })
      const entries = async () => {
        const family = ip.version === 4 ? 'ipv4' : 'ipv6'
        const list = await listConntrack({ protocol: 'tcp', family, netns: router })
        return list.map(({ original, reply }) => `${original.dst}:${original.dport} ${reply.src}`).sort()
      }
      const open = async (netns: string, address: string, port: number) => {
        const socket = await connect(netns, address, port)
        const [data] = await once(socket, 'data')
        return { socket, data: String(data) }
      }
      const moved = await open(client, ip.router, 8080)
      const other = await open(client, ip.router, 8081)
      // The same port number of another machine is no port of this one.
      using _client = await serve(client, 'client', 8080)
      const outer = await open(blue, ip.client, 8080)
      expect([moved.data, other.data]).toEqual([`red sees ${ip.client}`, `red sees ${ip.client}`])
      const before = await entries()
      // Nothing changes: nothing ends.
      await nft.publishPort({ ...options, to: at(ip.red, 80) })
      expect(await entries()).toEqual(before)
      await nft.publishPort({ ...options, to: at(ip.blue, 80) })
      expect(await entries()).toEqual(before.filter((it) => !it.startsWith(`${ip.router}:8080 `)))
      expect(await askTcp(client, ip.router, 8080)).toBe(`blue sees ${ip.client}`)
      other.socket.write('still there')
      outer.socket.write('still there')
      const broken = new Promise<NodeJS.ErrnoException>((resolve) => moved.socket.once('error', resolve))
      moved.socket.write('gone')
      expect((await broken).code).toBe('ECONNRESET')
      expect([other.socket.readyState, outer.socket.readyState]).toEqual(['open', 'open'])
      for (const { socket } of [moved, other, outer]) socket.destroy()
    }))

  it('a stream of datagrams from one port changes its way with the port', () =>
    withNetwork(async ({ router, client, red, blue }) => {
      using _red = await serve(red, 'red', 53)
      using _blue = await serve(blue, 'blue', 53)
      using _own = await serve(router, 'router', 5353)
      const ask = () => askUdp(client, ip.router, 5353, aSecond, 40000)
      expect(await ask()).toBe(`router sees ${ip.client}`)
      const options = { protocol: 'udp', hostPort: 5353, netns: router } as const
      const made = await nft.publishPort({ ...options, to: at(ip.red, 53) })
      expect(await ask()).toBe(`red sees ${ip.client}`)
      const moved = await nft.publishPort({ ...options, to: at(ip.blue, 53) })
      expect(await ask()).toBe(`blue sees ${ip.client}`)
      // It is another's now: the first handle has nothing to withdraw.
      await made.withdraw()
      expect(await ask()).toBe(`blue sees ${ip.client}`)
      await moved.withdraw()
      expect(await ask()).toBe(`router sees ${ip.client}`)
    }))
})
