/** Rules of the builder with real traffic: what is redirected, rejected, limited and remembered. */

import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import net from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { listConntrack } from '../../src/conntrack.js'
import { openSocketInNetns } from '../../src/index.js'
import {
  accept,
  addElement,
  connectionLimit,
  counter,
  ct,
  dnat,
  drop,
  icmp,
  icmpv6,
  ip as ip4,
  ip6,
  last,
  limit,
  meta,
  numgen,
  type RuleBody,
  redirect,
  reject,
  rule,
  set,
  type Transaction,
  tcp,
  udp,
  updateElement,
} from '../../src/nftables.js'
import {
  type Addresses,
  askTcp,
  askUdp,
  connect,
  FAMILIES,
  overtaken,
  serve,
  withNetwork,
} from './nat-network.js'
import { needNftables, since } from './needs.js'
import { NFT_FACES } from './nft-support.js'
import { spawnSync } from './programs.js'

needNftables()

// What is sent is the same for both faces: each takes one family.
const CASES = FAMILIES.map((ip, i) => ({ ...NFT_FACES[i]!, ip, version: ip.version }))
const inT = { family: 'inet', table: 't' } as const
const inC = { ...inT, chain: 'c' } as const
const FORWARD = { type: 'filter', hook: 'forward', priority: 'filter' } as const
const PREROUTING = { type: 'nat', hook: 'prerouting', priority: 'dstnat' } as const

function chain(tx: Transaction, hook: object, rules: readonly RuleBody[]): void {
  tx.addTable({ family: 'inet', name: 't' })
  tx.addChain({ ...inT, name: 'c', ...hook })
  for (const one of rules) tx.addRule({ ...inC, rule: one })
}

/** What a connected UDP socket is told: an answer, or the error that an ICMP message is. */
async function tellsUdp(netns: string, address: string, port: number): Promise<string> {
  const family = address.includes(':') ? 'ipv6' : 'ipv4'
  const socket = createSocket(family === 'ipv4' ? 'udp4' : 'udp6')
  socket.bind({ fd: await openSocketInNetns(netns, { type: 'dgram', family }) })
  socket.connect(port, address)
  await once(socket, 'connect')
  const told = new Promise<string>((resolve) => {
    socket.once('message', (data) => resolve(String(data)))
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''))
  })
  socket.send('who?')
  const answer = await told
  socket.close()
  return answer
}

const ping = (netns: string, address: string, ...options: string[]) =>
  spawnSync('ip', ['netns', 'exec', netns, 'ping', '-W1', ...options, address]).stdout

const echo = (ip: Addresses) => (ip.version === 4 ? icmp.type('echo-request') : icmpv6.type('echo-request'))
const saddr = (ip: Addresses) => (ip.version === 4 ? ip4.saddr : ip6.saddr)

describe.each(CASES)('traffic ($face, IPv$version)', ({ nft, ip }) => {
  it('is redirected to a port of the machine itself', () =>
    withNetwork(async ({ router, client }) => {
      using _ = await serve(router, 'router', 8080)
      await nft.transaction(
        (tx) =>
          chain(tx, PREROUTING, [
            rule(tcp.dport(80), redirect({ to: 8080 })),
            rule(
              udp.dport([53, '60-69']),
              redirect({
                to: udp.dport.map(
                  [
                    [53, 8080],
                    ['60-69', 8080],
                  ],
                  'inet_service',
                ),
              }),
            ),
          ]),
        { netns: router },
      )
      expect(await askTcp(client, ip.router, 80)).toBe(`router sees ${ip.client}`)
      expect(await askUdp(client, ip.router, 53)).toBe(`router sees ${ip.client}`)
      expect(await askUdp(client, ip.router, 64)).toBe(`router sees ${ip.client}`)
      const family = ip.version === 4 ? 'ipv4' : 'ipv6'
      const ports = async (protocol: 'tcp' | 'udp') =>
        (await listConntrack({ protocol, family, netns: router })).map(({ original, reply }) => [
          original.dport,
          reply.sport,
        ])
      expect(await ports('tcp')).toEqual([[80, 8080]])
      expect((await ports('udp')).sort()).toEqual([
        [53, 8080],
        [64, 8080],
      ])
    }))

  it('goes to targets by turns', () =>
    withNetwork(async ({ router, client, red, blue }) => {
      using _red = await serve(red, 'red', 80)
      using _blue = await serve(blue, 'blue', 80)
      const targets = [
        [0, [ip.red, 80]],
        [1, [ip.blue, 80]],
      ] as const
      const types = [ip.version === 4 ? 'ipv4_addr' : 'ipv6_addr', 'inet_service'] as const
      await nft.transaction(
        (tx) =>
          chain(tx, PREROUTING, [rule(tcp.dport(8080), dnat(numgen('incremental', 2).map(targets, types)))]),
        { netns: router },
      )
      const seen: string[] = []
      for (let i = 0; i < 4; i++) seen.push((await askTcp(client, ip.router, 8080)).slice(0, 4).trim())
      expect(seen.sort()).toEqual(['blue', 'blue', 'red', 'red'])
    }))

  it('is rejected in words that arrive', () =>
    withNetwork(async ({ router, red, green }) => {
      using _ = await serve(red, 'red', 80)
      expect(await askTcp(green, ip.red, 80)).toBe(`red sees ${ip.green}`)
      const why =
        ip.version === 4 ? { icmp: 'host-prohibited' as const } : { icmpv6: 'admin-prohibited' as const }
      await nft.transaction(
        (tx) =>
          chain(tx, FORWARD, [
            rule(tcp.dport(80), reject('tcp-reset')),
            rule(udp.dport(81), reject('admin-prohibited')),
            rule(udp.dport(80), reject()),
            rule(echo(ip), reject(why)),
          ]),
        { netns: router },
      )
      expect(await askTcp(green, ip.red, 80)).toBe('ECONNREFUSED')
      expect(await tellsUdp(green, ip.red, 81)).toBe(ip.version === 4 ? 'EHOSTUNREACH' : 'EACCES')
      expect(await tellsUdp(green, ip.red, 80)).toBe('ECONNREFUSED')
      expect(ping(green, ip.red, '-c1')).toMatch(
        ip.version === 4 ? 'Destination Host Prohibited' : 'Administratively prohibited',
      )
    }))

  it('is limited: so many packets, so many connections', () =>
    withNetwork(async ({ router, red, green }) => {
      using _ = await serve(red, 'red', 80)
      await nft.transaction(
        (tx) => {
          chain(tx, FORWARD, [
            rule(echo(ip), limit({ rate: 1, per: 'hour', burst: 3 }), counter(), accept()),
            rule(echo(ip), drop()),
          ])
          tx.addSet({
            ...inT,
            name: 'connected',
            type: ip.version === 4 ? 'ipv4_addr' : 'ipv6_addr',
            flags: ['dynamic'],
          })
          const each = [{ name: 'connlimit', data: { count: 2, flags: ['invert'] } }] as const
          tx.addRule({
            ...inC,
            rule: rule(
              tcp.dport(80),
              ct.state('new'),
              addElement(set('connected'), saddr(ip), { expressions: each }),
              reject('tcp-reset'),
            ),
          })
          tx.addRule({
            ...inC,
            rule: rule(tcp.dport(81), connectionLimit(0, { over: true }), reject('tcp-reset')),
          })
        },
        { netns: router },
      )
      expect(ping(green, ip.red, '-c8', '-i0.01')).toMatch(/8 packets transmitted, 3 received/)
      const open = []
      for (let i = 0; i < 2; i++) {
        const socket = await connect(green, ip.red, 80)
        open.push(socket)
        expect(String((await once(socket, 'data'))[0])).toBe(`red sees ${ip.green}`)
      }
      expect(await askTcp(green, ip.red, 80)).toBe('ECONNREFUSED')
      expect(await askTcp(router, ip.red, 80)).toMatch(/^red sees/)
      expect(await askTcp(green, ip.red, 81)).toBe('ECONNREFUSED')
      for (const socket of open) socket.destroy()
    }))

  it('opens a door for a while', () =>
    withNetwork(async ({ router, red, green }) => {
      using _ = await serve(red, 'red', 80)
      const known = { ...inT, name: 'known', type: ip.version === 4 ? 'ipv4_addr' : 'ipv6_addr' } as const
      await nft.transaction(
        (tx) => {
          chain(tx, FORWARD, [])
          tx.addSet({ ...known, flags: ['dynamic'], timeout: 3_600_000 })
          for (const one of [
            rule(udp.dport(7), updateElement(set('known'), saddr(ip), { timeout: 500 }), drop()),
            rule(udp.dport(9), updateElement(set('known'), saddr(ip)), drop()),
            rule(tcp.dport(80), ct.state('new'), saddr(ip).not(set('known')), reject('tcp-reset')),
          ])
            tx.addRule({ ...inC, rule: one })
        },
        { netns: router },
      )
      const elements = () => nft.listElements({ ...inT, set: 'known', netns: router })
      expect(await askTcp(green, ip.red, 80)).toBe('ECONNREFUSED')
      const knocked = overtaken([green, ip.gateway.replace('15', '16')])
      await askUdp(green, ip.red, 9, knocked)
      // That of the set, which older kernels tell of each element.
      const timeout = since(6, 12) ? null : 3_600_000
      expect(await elements()).toMatchObject([{ key: ip.green, timeout }])
      expect(await askTcp(green, ip.red, 80)).toBe(`red sees ${ip.green}`)
      await nft.transaction((tx) => tx.flushSet(known), { netns: router })
      expect(await askTcp(green, ip.red, 80)).toBe('ECONNREFUSED')
      await askUdp(green, ip.red, 7, knocked)
      // It goes by itself.
      while ((await elements()).length > 0) await setTimeout(50)
      expect(await askTcp(green, ip.red, 80)).toBe('ECONNREFUSED')
    }))

  it('of connections that are established goes on when the rules change', () =>
    withNetwork(async ({ router, red, green }) => {
      const server = net.createServer((socket) => socket.pipe(socket))
      server.listen({ fd: await openSocketInNetns(red, { family: 'ipv6', address: '::', port: 80 }) })
      await once(server, 'listening')
      await nft.transaction(
        (tx) => chain(tx, { ...FORWARD, policy: 'drop' }, [rule(ct.state('new', 'established'), accept())]),
        { netns: router },
      )
      const socket = await connect(green, ip.red, 80)
      const asks = async (text: string) => {
        socket.write(text)
        return String((await once(socket, 'data'))[0])
      }
      expect(await asks('before')).toBe('before')
      const { handles } = await nft.transaction(
        (tx) => {
          tx.flushChain({ ...inT, name: 'c' })
          tx.addRule({ ...inC, rule: rule(ct.state('established', 'related'), counter(), last(), accept()) })
          tx.addRule({ ...inC, rule: rule(meta.l4proto('tcp'), reject('tcp-reset')) })
        },
        { netns: router, echo: true },
      )
      expect(await askTcp(green, ip.red, 80)).toBe('ECONNREFUSED')
      expect(await asks('after')).toBe('after')
      socket.destroy()
      server.close()
      const [first] = await nft.listRules({ ...inC, netns: router })
      expect(first!.handle).toBe(handles[1])
      const data = (name: string) => first!.expressions.find((one) => one.name === name)?.data
      expect((data('counter') as { packets: bigint }).packets).toBeGreaterThanOrEqual(2n)
      expect((data('last') as { set: number }).set).toBe(1)
    }))
})
