/** The verbs of netlink-ts/nftables with real traffic: who reaches whom, and as whom. */

import { describe, expect, it } from 'vitest'
import { listConntrack } from '../../src/conntrack.js'
import {
  askTcp,
  askUdp,
  at,
  bridgeNetfilter,
  FAMILIES,
  overtaken,
  pings,
  serve,
  withNetwork,
} from './nat-network.js'
import { needNftables } from './needs.js'
import { NFT_FACES } from './nft-support.js'
import { ip as runIp } from './support.js'

needNftables()

const CASES = NFT_FACES.flatMap(({ face, nft }) =>
  FAMILIES.map((ip) => ({ face, nft, ip, version: ip.version })),
)

/** More exceptions than the user data of a chain has room for. */
const MANY = {
  4: Array.from({ length: 40 }, (_, i) => `10.${i}.0.0/16`),
  6: Array.from({ length: 40 }, (_, i) => `2001:db8:f${i}::/48`),
} as const

describe.each(CASES)('masquerade ($face, IPv$version)', ({ nft, ip }) => {
  it('gives the packets of a network the address of the interface that they leave by', () =>
    withNetwork(async ({ router, client, red }) => {
      using _ = await serve(client, 'client', 80)
      const way = `${ip.network} via ${ip.router}`
      runIp(`route add ${way}`, client)
      for (const ask of [askTcp, askUdp]) expect(await ask(red, ip.client, 80)).toBe(`client sees ${ip.red}`)
      const made = await nft.masquerade({ source: ip.network, netns: router })
      // None is needed back to the inner network.
      runIp(`route delete ${way}`, client)
      expect(await pings(red, ip.client)).toBe(true)
      for (const ask of [askTcp, askUdp])
        expect(await ask(red, ip.client, 80)).toBe(`client sees ${ip.router}`)
      const family = ip.version === 4 ? 'ipv4' : 'ipv6'
      const tuplesOf = async (protocol: 'tcp' | 'udp' | 'icmp' | 'ipv6-icmp') => {
        const entries = await listConntrack({ protocol, family, original: { src: ip.red }, netns: router })
        return entries.find(({ reply }) => reply.dst === ip.router)
      }
      for (const protocol of ['tcp', 'udp'] as const)
        expect(await tuplesOf(protocol)).toMatchObject({
          original: { src: ip.red, dst: ip.client, dport: 80 },
          reply: { src: ip.client, dst: ip.router, sport: 80 },
        })
      const [request, answer] = ip.version === 4 ? [8, 0] : [128, 129]
      expect(await tuplesOf(ip.version === 4 ? 'icmp' : 'ipv6-icmp')).toMatchObject({
        original: { src: ip.red, dst: ip.client, icmp: { type: request } },
        reply: { src: ip.client, dst: ip.router, icmp: { type: answer } },
      })
      await made.withdraw()
      runIp(`route add ${way}`, client)
      for (const ask of [askTcp, askUdp]) expect(await ask(red, ip.client, 80)).toBe(`client sees ${ip.red}`)
    }))

  it('is for its interfaces and not for its exceptions', () =>
    withNetwork(async ({ router, client, red, green }) => {
      using _client = await serve(client, 'client', 80)
      using _green = await serve(green, 'green', 80)
      const source = ip.network
      runIp(`route add ${source} via ${ip.router}`, client)
      await nft.masquerade({ source, outgoing: 'br1', netns: router })
      expect(await askTcp(red, ip.green, 80)).toMatch(/^green sees \S*:?16:?\S*5$/)
      expect(await askTcp(red, ip.client, 80)).toBe(`client sees ${ip.red}`)
      await nft.masquerade({
        source,
        outgoing: ['br1', 'eth0'],
        except: [...MANY[ip.version], ip.green, ip.network],
        netns: router,
      })
      for (const it of await nft.listNat({ netns: router }))
        if (it.verb === 'masquerade' && it.outgoing.length === 1) await it.withdraw()
      expect(await askTcp(red, ip.green, 80)).toBe(`green sees ${ip.red}`)
      expect(await askTcp(red, ip.client, 80)).toBe(`client sees ${ip.router}`)
    }))
})

it.for(FAMILIES)(
  'masquerade() is for neighbours, too, where the bridge hands its frames to the rules for IP, unless their network is an exception (IPv$version)',
  (ip, { skip }) =>
    withNetwork(async ({ router, red, blue }) => {
      skip(!bridgeNetfilter(router, 1), 'cannot be installed: this kernel has no br_netfilter')
      const [{ nft }] = NFT_FACES
      using _ = await serve(red, 'red', 80)
      const source = ip.network
      expect(await askTcp(blue, ip.red, 80)).toBe(`red sees ${ip.blue}`)
      await nft.masquerade({ source, netns: router })
      expect(await askTcp(blue, ip.red, 80)).toBe(`red sees ${ip.gateway}`)
      await nft.masquerade({ source, except: source, netns: router })
      expect(await askTcp(blue, ip.red, 80)).toBe(`red sees ${ip.blue}`)
    }),
)

describe.each(CASES)('isolate, allowForwarding, blockPort ($face, IPv$version)', ({ nft, ip }) => {
  it('keeps two bridges apart, and each lets the rest pass', () =>
    withNetwork(async ({ router, red, blue, green, client }) => {
      using _ = await serve(green, 'green', 80)
      const outer = ip.gateway.replace('15', '16')
      // Nobody listens on red: what reaches it is refused.
      const toRed = [green, ip.red, 80] as const
      const notToRed = [...toRed, overtaken([green, outer], [router, ip.red])] as const
      const toGreen = [red, ip.green, 80] as const
      const notToGreen = [...toGreen, overtaken([red, ip.gateway], [router, ip.green])] as const
      const pinged = () => Promise.all([pings(red, ip.green), pings(green, ip.red)])
      expect([await pinged(), await askTcp(...toRed)]).toEqual([[true, true], 'ECONNREFUSED'])
      const apart = await nft.isolate('br0', { from: 'br1', netns: router })
      expect(await pinged()).toEqual([false, false])
      expect(await askTcp(...notToRed)).toBe('nothing')
      for (const ask of [askTcp, askUdp]) expect(await ask(...notToGreen)).toBe('nothing')
      const passing = [pings(red, ip.blue), pings(red, ip.gateway), pings(router, ip.red)]
      expect(await Promise.all(passing)).toEqual([true, true, true])
      expect(await askUdp(router, ip.green, 80)).toMatch(/^green sees /)
      await nft.masquerade({ source: ip.network, netns: router })
      expect(await pings(blue, ip.client)).toBe(true)
      const allowed = await nft.allowForwarding({ from: 'br0', to: 'br1', netns: router })
      expect(await askTcp(...toGreen)).toBe(`green sees ${outer}`)
      expect(await askTcp(...notToRed)).toBe('nothing')
      await allowed.withdraw()
      await allowed.withdraw()
      expect(await askTcp(...notToGreen)).toBe('nothing')
      await apart.withdraw()
      expect([await pinged(), await askTcp(...toRed)]).toEqual([[true, true], 'ECONNREFUSED'])
      expect(client).toMatch(/^client/)
    }))

  it('keeps a bridge apart from all but published ports and what is allowed', () =>
    withNetwork(async ({ router, red, green, client }) => {
      using _ = await serve(red, 'red', 80)
      await nft.isolate('br0', { netns: router })
      await nft.publishPort({ hostPort: 8080, to: at(ip.red, 80), netns: router })
      expect(await askTcp(client, ip.router, 8080)).toBe(`red sees ${ip.client}`)
      const way = overtaken([green, ip.gateway.replace('15', '16')], [router, ip.red])
      expect(await askTcp(green, ip.red, 80, way)).toBe('nothing')
      const to = await nft.allowForwarding({ to: 'br0', netns: router })
      expect(await askTcp(green, ip.red, 80)).toBe(`red sees ${ip.green}`)
      await to.withdraw()
      await nft.allowForwarding({ from: 'br1', netns: router })
      expect(await askTcp(green, ip.red, 80)).toBe(`red sees ${ip.green}`)
    }))

  it('blocks a port of the machine, and a published one', () =>
    withNetwork(async ({ router, client, red, green }) => {
      using _own = await serve(router, 'router', 22)
      using _red = await serve(red, 'red', 80)
      await nft.publishPort({ hostPort: 8080, to: at(ip.red, 80), netns: router })
      const own = await nft.blockPort({ port: 22, source: ip.client, netns: router })
      const published = await nft.blockPort({ port: '8080-8090', incoming: 'eth0', netns: router })
      expect(await askTcp(client, ip.router, 22, overtaken([client, ip.router]))).toBe('nothing')
      expect(await askTcp(client, ip.router, 8080, overtaken([client, ip.router], [router, ip.red]))).toBe(
        'nothing',
      )
      expect(await askTcp(router, ip.router, 22)).toBe(`router sees ${ip.router}`)
      expect(await askTcp(green, ip.router, 22)).toBe(`router sees ${ip.green}`)
      expect(await askTcp(green, ip.router, 8080)).toBe(`red sees ${ip.green}`)
      await own.withdraw()
      await published.withdraw()
      expect(await askTcp(client, ip.router, 22)).toBe(`router sees ${ip.client}`)
      expect(await askTcp(client, ip.router, 8080)).toBe(`red sees ${ip.client}`)
      await nft.blockPort({ port: 22, address: ip.gateway, netns: router })
      expect(await askTcp(client, ip.router, 22)).toBe(`router sees ${ip.client}`)
      expect(await askTcp(green, ip.gateway, 22, overtaken([green, ip.gateway]))).toBe('nothing')
    }))
})
