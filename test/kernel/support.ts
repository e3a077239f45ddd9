/** What kernel tests share: namespaces of their own, and `ip` as the oracle. */

import { readFileSync } from 'node:fs'
import { PATIENCE, seconds } from './patience.js'
import { execFileSync, spawnSync } from './programs.js'

export { FACES, type Face } from '../faces.js'

/** Runs ip: `ip('link add eth0 type veth', netns)`. Returns what it printed; throws where it failed. */
export function ip(args: string, netns?: string): string {
  const where = netns === undefined ? [] : ['-n', netns]
  return execFileSync('ip', [...where, ...args.split(' ')])
}

/** What a command prints inside a namespace: `execIn(netns, 'ping', '-c1', '192.0.2.1')`. Throws where it failed. */
export function execIn(netns: string, ...command: readonly string[]): string {
  return execFileSync('ip', ['netns', 'exec', netns, ...command])
}

/** Sets kernel parameters inside a namespace: `sysctl(netns, 'net.ipv4.ip_forward=1')`. */
export function sysctl(netns: string, settings: string): void {
  execIn(netns, 'sysctl', '-qw', ...settings.split(' '))
}

// biome-ignore lint/suspicious/noExplicitAny: what ip prints is compared field by field, not typed
export type Printed = Record<string, any>

/** What ip tells in JSON, with all details: `ipJson('address show dev eth0', netns)`. */
export function ipJson(args: string, netns?: string): Printed[] {
  const printed = ip(`-j -d ${args}`, netns).trim()
  return printed === '' ? [] : (JSON.parse(printed) as Printed[])
}

/** The same of several commands, by one process: each is most of what a question costs. `options` are ip's: `ipJsonAll(['route', 'rule'], '-6')`. */
export function ipJsonAll(commands: readonly string[], ...options: readonly string[]): Printed[][] {
  const input = commands.map((command) => `${command}\n`).join('')
  const printed = execFileSync('ip', [...options, '-j', '-d', '-batch', '-'], { input })
  const lines = printed.split('\n').filter((line) => line !== '')
  if (lines.length !== commands.length) throw new Error(`ip -batch printed ${printed}`)
  return lines.map((line) => JSON.parse(line) as Printed[])
}

const kinds = new Map<string, boolean>()

/** Whether this kernel has a kind of link: `ip link add` tells. */
export function hasKind(kind: string): boolean {
  let has = kinds.get(kind)
  if (has === undefined) {
    const { stderr } = spawnSync('ip', ['link', 'add', 'probe0', 'type', kind])
    has = !stderr.includes('Unknown device type')
    kinds.set(kind, has)
    if (stderr === '') ip('link delete probe0')
  }
  return has
}

/** Whether a command is there: `context.skip(!hasTool('strace'), 'no strace')`. NETLINK_REQUIRE=all forbids to skip. */
export function hasTool(command: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${command}`]).status === 0
}

/** Whether this is root, and not only of a user namespace. */
export function isRoot(): boolean {
  const map = readFileSync('/proc/self/uid_map', 'utf8')
  return process.getuid?.() === 0 && /^\s*0\s+0\s+4294967295\s*$/.test(map)
}

let made = 0

/** Runs `work` in a named namespace made for it by `ip netns`, with lo up; it is deleted afterwards. */
export async function withNetns<T>(work: (netns: string) => T | Promise<T>): Promise<T> {
  const netns = `test-${process.pid}-${++made}`
  ip(`netns add ${netns}`)
  try {
    ip('link set lo up', netns)
    return await work(netns)
  } finally {
    ip(`netns delete ${netns}`)
  }
}

/** No duplicate address detection on interfaces that come later: IPv6 addresses can be used soon, not after two seconds. */
export function withoutDad(...names: string[]): void {
  for (const netns of names) sysctl(netns, NO_DAD)
}

/** In the namespace that all files of a run share, until restoreHost(). */
export function withoutDadHere(): void {
  execFileSync('sysctl', ['-qw', NO_DAD])
}

const NO_DAD = 'net.ipv6.conf.default.accept_dad=0'

/**
 * The same, with a veth pair in it that is up: eth0 and eth1, ifindexes 10 and 11. No duplicate address
 * detection: IPv6 addresses can be used soon, not at once (the kernel leaves it to a work queue).
 */
export function withVeth<T>(work: (netns: string) => T | Promise<T>): Promise<T> {
  return withNetns((netns) => {
    withoutDad(netns)
    ip('link add eth0 index 10 type veth peer name eth1 index 11', netns)
    ip('link set eth0 up', netns)
    ip('link set eth1 up', netns)
    return work(netns)
  })
}

/** Waits until traffic can pass: the carrier is there, which a work queue of the kernel sees to, and with it the IPv6 routes. */
export async function untilReady(dev: string, netns: string): Promise<void> {
  for (let attempt = 0; attempt < 500 * PATIENCE; attempt++) {
    const { operstate, addr_info } = ipJson(`address show dev ${dev}`, netns)[0]!
    const tentative = (addr_info as Printed[]).some((info) => info['tentative'])
    const routes = ipJson(`-6 route show dev ${dev}`, netns)
    if (operstate === 'UP' && !tentative && routes.every(({ flags }) => !flags.includes('linkdown'))) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`${dev} in ${netns} is not ready after ${seconds(10)} seconds: ${ip('address', netns)}`)
}
