/** Entries that traffic makes: a client, a host that publishes ports, and two servers behind it, in namespaces of their own. */

import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { type ConntrackEntry, listConntrack } from '../../src/conntrack.js'
import { openSocketInNetns, setSysctl } from '../../src/index.js'
import { asPrinted, CONNTRACK_FACES, printedEntries } from './conntrack-oracle.js'
import { needNftables } from './needs.js'
import { nftIn } from './nft-support.js'
import { execIn, hasTool, ip, sysctl, untilReady, withNetns, withoutDad } from './support.js'

needNftables()

interface Network {
  client: string
  host: string
  /** Two servers, at the addresses below. */
  first: string
  second: string
}

const CLIENT = ['10.9.0.1', '2001:db8:9::1'] as const
const HOST = ['10.9.0.2', '2001:db8:9::2'] as const
const FIRST = ['172.20.1.2', '2001:db8:1::2'] as const
const SECOND = ['172.20.2.2', '2001:db8:2::2'] as const
const HOST_PORT = 8053
const PORT = 53

/** Who answers the published port. */
function rules(server: readonly [string, string], masquerade = ''): string {
  return `
table inet nat
delete table inet nat
table inet nat {
  chain prerouting {
    type nat hook prerouting priority dstnat
    ip daddr ${HOST[0]} meta l4proto { tcp, udp } th dport ${HOST_PORT} dnat ip to ${server[0]}:${PORT}
    ip6 daddr ${HOST[1]} meta l4proto { tcp, udp } th dport ${HOST_PORT} dnat ip6 to [${server[1]}]:${PORT}
  }
  chain postrouting {
    type nat hook postrouting priority srcnat
    ${masquerade}
  }
}
`
}

async function withNetwork(work: (network: Network) => Promise<void>): Promise<void> {
  await withNetns((client) =>
    withNetns((host) =>
      withNetns((first) =>
        withNetns(async (second) => {
          const link = (netns: string, name: string, here: readonly string[], there: readonly string[]) => {
            ip(`link add ${name} netns ${host} type veth peer name eth0 netns ${netns}`)
            for (const [where, dev, addresses] of [
              [host, name, here],
              [netns, 'eth0', there],
            ] as const) {
              ip(`address add ${addresses[0]}/24 dev ${dev}`, where)
              ip(`address add ${addresses[1]}/64 dev ${dev} nodad`, where)
              ip(`link set ${dev} up`, where)
            }
            ip(`route add default via ${here[0]}`, netns)
            ip(`-6 route add default via ${here[1]}`, netns)
          }
          withoutDad(client, host, first, second)
          link(client, 'client', HOST, CLIENT)
          link(first, 'first', ['172.20.1.1', '2001:db8:1::1'], FIRST)
          link(second, 'second', ['172.20.2.1', '2001:db8:2::1'], SECOND)
          await setSysctl('net.ipv4.ip_forward', 1, { netns: host })
          await setSysctl('net.ipv6.conf.all.forwarding', 1, { netns: host })
          for (const dev of ['client', 'first', 'second']) await untilReady(dev, host)
          for (const netns of [client, first, second]) await untilReady('eth0', netns)
          await work({ client, host, first, second })
        }),
      ),
    ),
  )
}

/** A UDP server that answers with its name. */
async function answering(netns: string, version: number, name: string): Promise<Socket> {
  const type = version === 0 ? 'udp4' : 'udp6'
  const server = createSocket(type)
  const family = version === 0 ? 'ipv4' : 'ipv6'
  server.bind({ fd: await openSocketInNetns(netns, { type: 'dgram', family, port: PORT }) })
  server.on('message', (_, { port, address }) => server.send(name, port, address))
  return server
}

async function asking(netns: string, version: number): Promise<Socket> {
  const socket = createSocket(version === 0 ? 'udp4' : 'udp6')
  const family = version === 0 ? 'ipv4' : 'ipv6'
  socket.bind({ fd: await openSocketInNetns(netns, { type: 'dgram', family, port: 40000 }) })
  return socket
}

async function ask(socket: Socket, address: string): Promise<string> {
  socket.send('who?', HOST_PORT, address)
  const [answer] = (await once(socket, 'message')) as [Buffer]
  return answer.toString()
}

describe.skipIf(!hasTool('conntrack') || !hasTool('nft')).each(CONNTRACK_FACES)(
  'translated ($face)',
  ({ ct }) => {
    it.each([0, 1])('a TCP connection to a published port has both tuples (%i)', (version) =>
      withNetwork(async ({ client, host, first }) => {
        sysctl(host, 'net.netfilter.nf_conntrack_acct=1')
        sysctl(host, 'net.netfilter.nf_conntrack_timestamp=1')
        nftIn(host, rules(FIRST, 'oifname "first" masquerade'))
        const family = version === 0 ? 'ipv4' : 'ipv6'
        const server = net.createServer((socket) => socket.end('hello'))
        server.listen({ fd: await openSocketInNetns(first, { address: FIRST[version]!, port: PORT }) })
        await once(server, 'listening')
        const before = Date.now()
        const fd = await openSocketInNetns(client, { family })
        const socket = new net.Socket({ fd }).connect(HOST_PORT, HOST[version]!)
        let text = ''
        for await (const chunk of socket) text += chunk
        expect(text).toBe('hello')
        server.close()
        await once(server, 'close')

        const filter = { protocol: 'tcp', original: { dst: HOST[version]!, dport: HOST_PORT } } as const
        let entry: ConntrackEntry | undefined
        // Its last packets may still be on their way when the ends are closed.
        for (let attempt = 0; entry?.state !== 'time-wait' || entry.use !== 1; attempt++) {
          expect(attempt, `the connection ended: ${JSON.stringify(entry?.state)}`).toBeLessThan(500)
          await sleep(attempt === 0 ? 0 : 20)
          const found = await ct.listConntrack({ ...filter, bigint: true, netns: host })
          expect(found).toHaveLength(1)
          entry = found[0]!
        }
        const { sport } = entry.original
        const gateway = version === 0 ? '172.20.1.1' : '2001:db8:1::1'
        expect(entry).toMatchObject({
          family,
          original: { src: CLIENT[version], dst: HOST[version], protocol: 'tcp', dport: HOST_PORT },
          reply: { src: FIRST[version], dst: gateway, protocol: 'tcp', sport: PORT },
          status: expect.arrayContaining(['seen-reply', 'assured', 'confirmed', 'src-nat', 'dst-nat']),
          mark: 0,
          zone: 0,
        })
        expect(sport).toBeGreaterThan(0)
        expect(printedEntries(host)).toContain(asPrinted(entry))
        const { counters, bigCounters, timestamp } = entry
        expect(counters!.reply.bytes).toBeGreaterThan(5)
        expect(bigCounters!.reply.bytes).toBe(BigInt(counters!.reply.bytes))
        // The kernel's clock may differ from ours by what a tick of it takes.
        expect(timestamp!.start).toBeGreaterThan(before - 100)
        expect(timestamp!.start).toBeLessThan(Date.now() + 100)
        expect(timestamp!.stop).toBeNull()
        expect(entry.tcp!.wscaleOriginal).toBeGreaterThan(0)
      }),
    )

    it.each([0, 1])('a flow keeps its way when the port moves, until the port is flushed (%i)', (version) =>
      withNetwork(async ({ client, host, first, second }) => {
        const servers = [await answering(first, version, 'first'), await answering(second, version, 'second')]
        const socket = await asking(client, version)
        try {
          const address = HOST[version]!
          nftIn(host, rules(FIRST))
          expect(await ask(socket, address)).toBe('first')
          nftIn(host, rules(SECOND))
          // The rules are asked for the first packet alone.
          expect(await ask(socket, address)).toBe('first')
          const flow = { protocol: 'udp', original: { dport: HOST_PORT } } as const
          expect(await ct.listConntrack({ ...flow, netns: host })).toHaveLength(1)

          await ct.flushConntrackPort({ port: HOST_PORT + 1, netns: host })
          await ct.flushConntrackPort({ port: HOST_PORT, protocol: 'tcp', netns: host })
          await ct.flushConntrackPort({ port: HOST_PORT, address: FIRST[version]!, netns: host })
          // The port of the server, which is not the one that was published.
          await ct.flushConntrackPort({ port: PORT, netns: host })
          expect(await ask(socket, address)).toBe('first')

          const deleted = await ct.flushConntrackPort({ port: HOST_PORT, address, netns: host })
          // Of IPv6 addresses the kernel compares none: then they are counted.
          expect([null, 1]).toContain(deleted)
          expect(await ask(socket, address)).toBe('second')
          const [entry] = await ct.listConntrack({ ...flow, netns: host })
          expect(entry!.reply.src).toBe(SECOND[version])

          nftIn(host, rules(FIRST))
          await ct.flushConntrackPort({ port: { start: HOST_PORT - 3, end: HOST_PORT + 3 }, netns: host })
          expect(await ask(socket, address)).toBe('first')
          nftIn(host, rules(SECOND))
          await ct.flushConntrackPort({ port: HOST_PORT, netns: host })
          expect(await ask(socket, address)).toBe('second')
        } finally {
          for (const one of [socket, ...servers]) one.close()
        }
      }),
    )

    it('an entry that was moved to another kernel translates as before', () =>
      withNetwork(async ({ client, host, first }) => {
        const server = await answering(first, 0, 'first')
        const socket = await asking(client, 0)
        try {
          // No rule translates anything here; that there is a chain makes the kernel look at entries.
          nftIn(host, rules(FIRST))
          expect(await ask(socket, HOST[0])).toBe('first')
          const [entry] = (await ct.listConntrack({ protocol: 'udp', netns: host })) as [ConntrackEntry]
          await ct.flushConntrack({ netns: host })
          nftIn(host, rules(['172.20.9.9', '2001:db8:9::9']))
          await ct.addConntrack({ ...entry, netns: host })
          const [again] = await listConntrack({ protocol: 'udp', netns: host })
          expect([again!.reply, again!.status]).toEqual([entry.reply, entry.status])
          expect(await ask(socket, HOST[0])).toBe('first')
        } finally {
          socket.close()
          server.close()
        }
      }))
  },
)

describe.skipIf(!hasTool('nft')).each(CONNTRACK_FACES)('labels ($face)', ({ ct }) => {
  const LABELS = `
table inet labels {
  counter seen { }
  chain input {
    type filter hook input priority 0
    ct label 70 counter name seen
    ct label set 3
  }
}
`
  it('are those that rules set, and rules see those that are set here', () =>
    withNetns(async (netns) => {
      nftIn(netns, LABELS)
      const ping = () => execIn(netns, 'ping', '-c1', '-e', '7', '127.0.0.1')
      ping()
      const [entry] = (await ct.listConntrack({ protocol: 'icmp', netns })) as [ConntrackEntry]
      expect(entry.labels).toEqual([3])
      const labelled = async (labels: number[]) => (await ct.listConntrack({ labels, netns })).length
      expect([await labelled([3]), await labelled([3, 4]), await labelled([4])]).toEqual([1, 0, 0])
      expect(await ct.flushConntrack({ labels: [3, 4], netns })).toBe(0)
      const key = { ...entry, status: undefined, timeout: undefined, mark: undefined, netns }
      await ct.updateConntrack({ ...key, labels: [70, 3, 127] })
      const labelsNow = async () => (await ct.getConntrack({ ...entry, netns })).labels
      expect(await labelsNow()).toEqual([3, 70, 127])
      const packets = () => /packets (\d+)/.exec(nftIn(netns, 'list counter inet labels seen'))![1]
      expect(packets()).toBe('0')
      ping()
      // The request and its answer, both of which come in.
      expect(packets()).toBe('2')
      await ct.updateConntrack({ ...key, labels: [], labelsMask: [70] })
      expect(await labelsNow()).toEqual([3, 127])
      await ct.updateConntrack({ ...key, labels: [] })
      expect(await labelsNow()).toEqual([])

      await ct.deleteConntrack({ ...entry, netns })
      await ct.addConntrack({ ...entry, labels: [5, 64], timeout: 60, netns })
      expect(await labelsNow()).toEqual([5, 64])
    }))
})
