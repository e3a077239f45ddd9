import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { closeSync, readdirSync } from 'node:fs'
import http from 'node:http'
import net from 'node:net'
import { describe, expect, it } from 'vitest'
import type { SocketOptions } from '../../src/index.js'
import * as promises from '../../src/index.js'
import * as sync from '../../src/sync.js'
import { FACES, ip, untilReady, withNetns, withoutDad } from './support.js'

const RED = ['10.9.0.1', '2001:db8::1'] as const
const BLUE = ['10.9.0.2', '2001:db8::2'] as const

/** Two namespaces joined by a veth pair; nothing leads there from the test's own namespace. */
function withPair(work: (red: string, blue: string) => Promise<void>): Promise<void> {
  return withNetns((red) =>
    withNetns(async (blue) => {
      withoutDad(red, blue)
      ip(`link add eth0 netns ${red} type veth peer name eth0 netns ${blue}`)
      for (const [netns, [ipv4, ipv6]] of [
        [red, RED],
        [blue, BLUE],
      ] as const) {
        ip(`address add ${ipv4}/24 dev eth0`, netns)
        ip(`address add ${ipv6}/64 dev eth0 nodad`, netns)
        ip('link set eth0 up', netns)
      }
      for (const netns of [red, blue]) await untilReady('eth0', netns)
      await work(red, blue)
    }),
  )
}

/** ss(8) in a namespace: local addresses and ports of listening sockets. */
function listening(netns: string, kind: '-t' | '-u'): string[] {
  const { stdout } = sync.spawnSyncInNetns(netns, 'ss', ['-Hln', kind], { encoding: 'utf8' })
  return String(stdout)
    .trim()
    .split('\n')
    .map((line) => line.split(/\s+/)[3]!)
}

describe.each(FACES)('sockets in namespaces ($face)', ({ nl }) => {
  it.each([0, 1])('an HTTP server in one and a client in another, in this process (%i)', (version) =>
    withPair(async (red, blue) => {
      const server = http.createServer((request, response) =>
        response.end(`hello ${request.socket.remoteAddress}`),
      )
      server.listen({ fd: await nl.openSocketInNetns(red, { address: RED[version], port: 80 }) })
      await once(server, 'listening')
      expect(server.address()).toMatchObject({ address: RED[version], port: 80 })
      expect(listening(red, '-t')).toEqual([version === 0 ? `${RED[0]}:80` : `[${RED[1]}]:80`])

      const fd = await nl.openSocketInNetns(blue, { family: version === 0 ? 'ipv4' : 'ipv6' })
      const socket = new net.Socket({ fd }).connect(80, RED[version]!)
      const request = http.get({ host: RED[version], createConnection: () => socket })
      const [response] = (await once(request, 'response')) as [http.IncomingMessage]
      let body = ''
      for await (const chunk of response) body += chunk
      expect(body).toBe(`hello ${BLUE[version]}`)

      // The same address is not reachable from here: no route, or an IPv6 route without an address of ours.
      const lost = net.connect({ port: 80, host: RED[version]! })
      const [failure] = (await once(lost, 'error')) as [NodeJS.ErrnoException]
      expect(['ENETUNREACH', 'EADDRNOTAVAIL']).toContain(failure.code)
      server.close()
      await once(server, 'close')
    }),
  )

  it('a server whose port the kernel chooses', () =>
    withPair(async (red) => {
      const server = net.createServer()
      server.listen({ fd: await nl.openSocketInNetns(red) })
      await once(server, 'listening')
      const { port } = server.address() as net.AddressInfo
      expect(listening(red, '-t')).toEqual([`0.0.0.0:${port}`])
      server.close()
      await once(server, 'close')
    }))

  it('datagrams between two', () =>
    withPair(async (red, blue) => {
      using there = await nl.openNetns(red)
      const [server, client] = [createSocket('udp4'), createSocket('udp4')]
      const bound = { type: 'dgram', address: RED[0], port: 5353 } as const
      const sockets = [
        await there.openSocketInNetns(bound),
        await nl.openSocketInNetns(blue, { type: 'dgram' }),
      ]
      server.bind({ fd: sockets[0]! })
      client.bind({ fd: sockets[1]! })
      expect(server.address()).toMatchObject({ address: RED[0], port: 5353 })
      expect(listening(red, '-u')).toEqual([`${RED[0]}:5353`])
      server.on('message', (message, { port, address }) => server.send(`got ${message}`, port, address))
      client.send('this', 5353, RED[0])
      const [answer, from] = await once(client, 'message')
      expect(String(answer)).toBe('got this')
      expect(from).toMatchObject({ address: RED[0], port: 5353 })
      server.close()
      client.close()
    }))

  it('of other kinds: raw, packet, by number', () =>
    withPair(async (red) => {
      const before = sync.spawnSyncInNetns(red, 'cat', ['/proc/net/packet']).stdout.toString()
      const sockets = [
        await nl.openSocketInNetns(red, { type: 'raw', protocol: 1 }),
        await nl.openSocketInNetns(red, { family: 17, type: 3, protocol: 0x0300 }),
        await nl.openSocketInNetns(red, { family: 1, type: 'stream' }),
      ]
      expect(String(sync.spawnSyncInNetns(red, 'ss', ['-Hwan']).stdout)).toContain(' 0.0.0.0:1 ')
      const after = sync.spawnSyncInNetns(red, 'cat', ['/proc/net/packet']).stdout.toString()
      expect(after.split('\n').length).toBe(before.split('\n').length + 1)
      for (const fd of sockets) closeSync(fd)
    }))

  it('a server again at once on the port of connections that are closing', () =>
    withPair(async (red, blue) => {
      for (let round = 0; round < 2; round++) {
        const server = net.createServer((socket) => socket.end('bye'))
        server.listen({ fd: await nl.openSocketInNetns(red, { address: RED[0], port: 81 }) })
        await once(server, 'listening')
        const client = new net.Socket({ fd: await nl.openSocketInNetns(blue) }).connect(81, RED[0])
        client.resume()
        await once(client, 'close')
        server.close()
        await once(server, 'close')
      }
      expect(String(sync.spawnSyncInNetns(red, 'ss', ['-Htan']).stdout)).toContain('TIME-WAIT')
    }))

  it('that cannot be had say why, and leave nothing open', () =>
    withPair(async (red) => {
      const refused = (options: Omit<SocketOptions, 'signal'>) =>
        expect(async () => await nl.openSocketInNetns(red, options)).rejects
      await refused({ address: '10.9.0.77', port: 80 }).toMatchObject({
        code: 'EADDRNOTAVAIL',
        message:
          `bind address '10.9.0.77' port 80 in namespace '${red}': EADDRNOTAVAIL (Cannot assign requested address); ` +
          'the namespace does not have this address, or has it in a VRF alone, or it is an IPv6 one that is not ready yet (add it with nodad)',
      })
      const fd = await nl.openSocketInNetns(red, { type: 'dgram', port: 99 })
      await refused({ type: 'dgram', port: 99 }).toMatchObject({ code: 'EADDRINUSE' })
      closeSync(fd)
      closeSync(await nl.openSocketInNetns(red, { type: 'dgram', port: 99 }))
      await refused({ type: 'stream', protocol: 17 }).toMatchObject({
        code: 'EPROTONOSUPPORT',
        syscall: 'socket',
      })
      await refused({ address: 5 as never }).toThrow('address: 5 is not an IPv4 or IPv6 address')
      await refused({ family: 250 }).toMatchObject({ code: 'EAFNOSUPPORT' })
    }))
})

describe('an abort while a socket is being opened', () => {
  it('closes it again', async () => {
    using netns = await promises.createNetns()
    const before = readdirSync('/proc/self/fd').length
    const controller = new AbortController()
    const opening = promises.openSocketInNetns(netns, { signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(opening).rejects.toThrow('enough')
    expect(readdirSync('/proc/self/fd').length).toBe(before)
  })
})
