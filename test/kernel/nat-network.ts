/**
 * A router with a client on its outer side and two bridges with machines on them, all in namespaces; and programs that tell who reached
 * them as whom.
 */

import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import net from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { openSocketInNetns } from '../../src/index.js'
import { ipBatch } from './ip-batch.js'
import { PATIENCE, seconds } from './patience.js'
import { spawnSync } from './programs.js'
import { execIn, sysctl, untilReady, withoutDad } from './support.js'

export const FAMILIES = [
  {
    version: 4,
    client: '203.0.113.2',
    router: '203.0.113.1',
    loopback: '127.0.0.1',
    network: '192.168.15.0/24',
    gateway: '192.168.15.5',
    red: '192.168.15.1',
    blue: '192.168.15.2',
    green: '192.168.16.1',
    length: 24,
  },
  {
    version: 6,
    client: '2001:db8:9::2',
    router: '2001:db8:9::1',
    loopback: '::1',
    network: '2001:db8:15::/64',
    gateway: '2001:db8:15::5',
    red: '2001:db8:15::1',
    blue: '2001:db8:15::2',
    green: '2001:db8:16::1',
    length: 64,
  },
] as const
export type Addresses = (typeof FAMILIES)[number]

/** '192.0.2.1:80', '[2001:db8::1]:80' */
export const at = (address: string, port: number | string) =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`

export interface Network {
  readonly client: string
  readonly router: string
  /** On br0, as blue is; green is on br1. */
  readonly red: string
  readonly blue: string
  readonly green: string
}

const BRIDGES = { br0: ['192.168.15.5', '2001:db8:15::5'], br1: ['192.168.16.5', '2001:db8:16::5'] } as const
let made = 0

/** Makes the network, with forwarding on, runs `work`, and takes it away again. */
export async function withNetwork(work: (network: Network) => Promise<void>): Promise<void> {
  const id = `${process.pid}-${++made}`
  const names = ['client', 'router', 'red', 'blue', 'green'] as const
  // TypeScript does not see that every name is a key.
  const network = Object.fromEntries(names.map((name) => [name, `${name}-${id}`])) as unknown as Network
  const { client, router } = network
  try {
    ipBatch(names.map((name) => `netns add ${network[name]}`))
    for (const name of names) withoutDad(network[name])
    sysctl(router, 'net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1')
    bridgeNetfilter(router, 0)
    ipBatch(
      [
        'link set lo up',
        `link add eth0 type veth peer name eth0 netns ${client}`,
        ...addresses('eth0', ['203.0.113.1', '2001:db8:9::1']),
        ...Object.entries(BRIDGES).flatMap(([bridge, own]) => [
          `link add ${bridge} type bridge`,
          ...addresses(bridge, own),
        ]),
        ...attached(network, 'red', 'br0'),
        ...attached(network, 'blue', 'br0'),
        ...attached(network, 'green', 'br1'),
      ],
      router,
    )
    ipBatch(['link set lo up', ...addresses('eth0', ['203.0.113.2', '2001:db8:9::2'])], client)
    machine(network.red, 'br0', ['192.168.15.1', '2001:db8:15::1'])
    machine(network.blue, 'br0', ['192.168.15.2', '2001:db8:15::2'])
    machine(network.green, 'br1', ['192.168.16.1', '2001:db8:16::1'])
    for (const dev of ['eth0', 'br0', 'br1']) await untilReady(dev, router)
    for (const name of ['client', 'red', 'blue', 'green'] as const) await untilReady('eth0', network[name])
    await work(network)
  } finally {
    // Where they could not all be made, some are not there.
    const there = readdirSync('/run/netns')
    const deletions = names.flatMap((name) =>
      there.includes(network[name]) ? [`netns delete ${network[name]}`] : [],
    )
    ipBatch(deletions, undefined, '-force')
  }
}

function addresses(dev: string, own: readonly string[]): string[] {
  return [
    `address add ${own[0]}/24 dev ${dev}`,
    `address add ${own[1]}/64 dev ${dev} nodad`,
    `link set ${dev} up`,
  ]
}

function attached(network: Network, name: 'red' | 'blue' | 'green', bridge: keyof typeof BRIDGES): string[] {
  return [
    `link add ${name} type veth peer name eth0 netns ${network[name]}`,
    `link set ${name} master ${bridge} up`,
  ]
}

function machine(netns: string, bridge: keyof typeof BRIDGES, own: readonly string[]): void {
  const routes = BRIDGES[bridge].map((gateway) => `route add default via ${gateway}`)
  ipBatch(['link set lo up', ...addresses('eth0', own), ...routes], netns)
}

/** Whether frames that stay on a bridge pass the rules for IP, where br_netfilter is there at all. */
export function bridgeNetfilter(netns: string, value: 0 | 1): boolean {
  for (const key of ['iptables', 'ip6tables'])
    if (!existsIn(netns, `/proc/sys/net/bridge/bridge-nf-call-${key}`)) return false
    else sysctl(netns, `net.bridge.bridge-nf-call-${key}=${value}`)
  return true
}

function existsIn(netns: string, path: string): boolean {
  return spawnSync('ip', ['netns', 'exec', netns, 'test', '-e', path]).status === 0
}

/** What a command line of the shell prints inside a namespace; throws where it fails. */
export function run(netns: string, command: string): string {
  return execIn(netns, 'sh', '-c', command)
}

/** Whether an echo comes within a second, or as many as PATIENCE says. */
export async function pings(netns: string, address: string): Promise<boolean> {
  const ping = spawn('ip', ['netns', 'exec', netns, 'ping', '-c1', '-W', seconds(1), address], {
    stdio: 'ignore',
  })
  const [status] = await once(ping, 'close')
  return status === 0
}

const plain = (address: string | undefined) => (address ?? '').replace(/^::ffff:/, '')
const familyOf = (address: string) => (address.includes(':') ? 'ipv6' : 'ipv4')

/** Answers every connection and datagram to a port with its own name and who sent it: 'red sees 192.168.15.5'. */
export async function serve(netns: string, name: string, port: number): Promise<Disposable> {
  const tcp = net.createServer((socket) => {
    socket.on('error', () => {})
    socket.write(`${name} sees ${plain(socket.remoteAddress)}`)
  })
  const sockets = new Set<net.Socket>()
  tcp.on('connection', (socket) => sockets.add(socket))
  tcp.listen({ fd: await openSocketInNetns(netns, { family: 'ipv6', address: '::', port }) })
  await once(tcp, 'listening')
  const udp = createSocket('udp6')
  udp.on('message', (_, from) => udp.send(`${name} sees ${plain(from.address)}`, from.port, from.address))
  udp.bind({ fd: await openSocketInNetns(netns, { type: 'dgram', family: 'ipv6', address: '::', port }) })
  return {
    [Symbol.dispose]() {
      for (const socket of sockets) socket.destroy()
      tcp.close()
      udp.close()
    },
  }
}

/** A TCP connection that stays open. */
export async function connect(netns: string, address: string, port: number): Promise<net.Socket> {
  const fd = await openSocketInNetns(netns, { family: familyOf(address) })
  const socket = new net.Socket({ fd }).connect(port, address)
  socket.on('error', () => {})
  return socket
}

/** When a question counts as not answered; the signal says that nobody waits any more. */
type Patience = (signal: AbortSignal) => Promise<unknown>

/** Or as many as PATIENCE says. */
export const aSecond: Patience = (signal) => setTimeout(1000 * PATIENCE, undefined, { signal })

/**
 * As soon as packets that left later have come back from each step of a way, twice, since an answer takes two round trips: a port where
 * nobody listens refuses them. No time says that nothing came, then, but what came after it.
 */
export const overtaken =
  (...way: readonly (readonly [from: string, to: string])[]): Patience =>
  async (signal) => {
    const step: Patience = (own) => aSecond(AbortSignal.any([signal, own]))
    for (const [from, to] of [...way, ...way]) {
      const answer = await askTcp(from, to, 9, step)
      if (answer !== 'ECONNREFUSED') throw new Error(`port 9 of ${to}, asked by ${from}: ${answer}`)
    }
  }

/** What comes first of an answer and the end of patience, of which nothing goes on into what follows. */
async function within(patience: Patience, answer: Promise<string>): Promise<string> {
  const controller = new AbortController()
  const waiting = patience(controller.signal).then(() => 'nothing')
  try {
    return await Promise.race([answer, waiting])
  } finally {
    controller.abort()
    // By now it can only be rejected for the abort: what else went wrong is thrown already.
    await Promise.allSettled([waiting])
  }
}

/** What is answered; the code of an error, or 'nothing' where nothing comes. */
export async function askTcp(
  netns: string,
  address: string,
  port: number,
  patience: Patience = aSecond,
): Promise<string> {
  const socket = await connect(netns, address, port)
  try {
    const answer = new Promise<string>((resolve) => {
      socket.once('data', (data) => resolve(String(data)))
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''))
    })
    return await within(patience, answer)
  } finally {
    socket.destroy()
  }
}

/** The same by a datagram, from a port if one is given. */
export async function askUdp(
  netns: string,
  address: string,
  port: number,
  patience: Patience = aSecond,
  from?: number,
): Promise<string> {
  const family = familyOf(address)
  const socket = createSocket(family === 'ipv4' ? 'udp4' : 'udp6')
  try {
    socket.bind({
      fd: await openSocketInNetns(netns, { type: 'dgram', family, ...(from && { port: from }) }),
    })
    // It is told of ICMP messages only so.
    socket.connect(port, address)
    await once(socket, 'connect')
    const answer = new Promise<string>((resolve) => {
      socket.once('message', (data) => resolve(String(data)))
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''))
    })
    socket.send('who?')
    return await within(patience, answer)
  } finally {
    socket.close()
  }
}
