/** Blocked ports at addresses of all kinds, with nft(8) counting what arrives behind them. */

import { describe, expect, it } from 'vitest'
import { askTcp, askUdp, at, FAMILIES, overtaken, run, serve, withNetwork } from './nat-network.js'
import { needNftables } from './needs.js'
import { NFT_FACES, nftIn } from './nft-support.js'
import { hasTool, ip as runIp } from './support.js'

needNftables()

/** Of the router; the last of IPv6 is the address of every router of the network. */
const GROUPS = {
  4: ['203.0.113.1', '203.0.113.255', '255.255.255.255', '224.0.0.1'],
  6: ['2001:db8:9::1', 'ff05::1234', '2001:db8:9::'],
} as const

const send = (port: number, addresses: readonly string[]) => `python3 -c "
import socket
for to in '${addresses.join(' ')}'.split():
    s = socket.socket(socket.AF_INET6 if ':' in to else socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    s.sendto(b'?', (to, ${port}))
"`

/** Connects to a TCP port from a port; the kernel of the other side answers, while this process waits. */
const askFrom = (from: number, to: string, port: number) => `python3 -c "
import socket
socket.create_connection(('${to}', ${port}), 20, ('', ${from}))
print('connected', end='')
"`

describe
  .skipIf(!hasTool('python3'))
  .each(NFT_FACES.flatMap(({ face, nft }) => FAMILIES.map((ip) => ({ face, nft, ip, version: ip.version }))))(
  'blockPort ($face, IPv$version)',
  ({ nft, ip }) => {
    it('lets answers to connections through that were begun from the port, and ends what others began', () =>
      withNetwork(async ({ router, client, red }) => {
        using _client = await serve(client, 'client', 80)
        using _router = await serve(router, 'router', 5003)
        using _red = await serve(red, 'red', 80)
        await nft.masquerade({ source: ip.network, netns: router })
        await nft.publishPort({ protocol: 'udp', hostPort: 5004, to: at(ip.red, 80), netns: router })
        const way = overtaken([client, ip.router], [router, ip.red])
        const asked = (port: number) => askUdp(client, ip.router, port, way, 4000)
        expect([await asked(5003), await asked(5004)]).toEqual([
          `router sees ${ip.client}`,
          `red sees ${ip.client}`,
        ])
        for (const protocol of ['tcp', 'udp'] as const)
          await nft.blockPort({ protocol, port: '5000-5010', netns: router })
        for (const [netns, port] of [
          [red, 5001],
          [router, 5002],
        ] as const) {
          expect(run(netns, askFrom(port, ip.client, 80))).toBe('connected')
          expect(await askUdp(netns, ip.client, 80, undefined, port)).toBe(`client sees ${ip.router}`)
        }
        expect([await asked(5003), await asked(5004)]).toEqual(['nothing', 'nothing'])
      }))

    it('drops what is not tracked', () =>
      withNetwork(async ({ router, client }) => {
        using _ = await serve(router, 'router', 5003)
        await nft.blockPort({ protocol: 'udp', port: 5003, netns: router })
        nftIn(router, 'table inet raw { chain c { type filter hook prerouting priority raw; notrack; }; }')
        expect(await askUdp(client, ip.router, 5003, overtaken([client, ip.router]))).toBe('nothing')
      }))
  },
)

describe.skipIf(!hasTool('nft') || !hasTool('python3')).each(NFT_FACES)('blockPort ($face)', ({ nft }) => {
  it('drops what is sent to every address, and to every one of a family', () =>
    withNetwork(async ({ router, client }) => {
      runIp('route add 224.0.0.0/4 dev eth0', client)
      runIp('route add 255.255.255.255 dev eth0', client)
      runIp('-6 address add ff05::1234 dev eth0 autojoin', router)
      // Questions for an anycast address are answered only after a while.
      const mac = run(router, 'cat /sys/class/net/eth0/address').trim()
      runIp(`neigh add 2001:db8:9:: lladdr ${mac} dev eth0`, client)
      nftIn(
        router,
        'table inet t { counter v4 { }; counter v6 { }; chain c { type filter hook input priority 0; ' +
          'udp dport 5353 counter name meta nfproto map { ipv4 : "v4", ipv6 : "v6" }; }; }',
      )
      const arrived = async () => {
        run(client, send(5353, [...GROUPS[4], ...GROUPS[6]]))
        for (const [own] of Object.values(GROUPS)) expect(await askTcp(client, own, 9)).toBe('ECONNREFUSED')
        const counted = (name: string) =>
          /packets (\d+)/.exec(nftIn(router, `reset counter inet t ${name}`))![1]
        return ['v4', 'v6'].map((name) => Number(counted(name)))
      }
      const [all4, all6] = [GROUPS[4].length, GROUPS[6].length]
      expect(await arrived()).toEqual([all4, all6])
      const block = { protocol: 'udp', port: 5353, netns: router } as const
      const every = await nft.blockPort(block)
      expect(await arrived()).toEqual([0, 0])
      const every4 = await nft.blockPort({ ...block, address: '0.0.0.0' })
      expect(await arrived()).toEqual([0, 0])
      await every.withdraw()
      expect(await arrived()).toEqual([0, all6])
      const every6 = await nft.blockPort({ ...block, address: '::' })
      expect(await arrived()).toEqual([0, 0])
      await every4.withdraw()
      expect(await arrived()).toEqual([all4, 0])
      await every6.withdraw()
      expect(await arrived()).toEqual([all4, all6])
    }))
})
