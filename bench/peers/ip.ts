/** The work of bench/limit done by the `ip` command, started by spawnSync: `ip.js WORK --count N [--repeat N] [--mode M] [--hold]`. */

import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { count, hold, inputEnd, mode, numbers, repeat, report, run, timed, work } from './process.js'

const BRIDGE = 'br-bench'
const GATEWAY = '10.0.0.1'

const ip = (args: readonly string[], input?: string) => run('ip', args, input)

function batch(lines: readonly string[], ...args: string[]): void {
  ip([...args, '-batch', '-'], lines.join('\n'))
}

function outer(number: number): string[] {
  return [
    `netns add c${number}`,
    `link add veth${number} up master ${BRIDGE} type veth peer name eth0 netns c${number}`,
  ]
}

function inner(number: number): string[] {
  const address = `10.0.${(number + 2) >> 8}.${(number + 2) & 255}`
  return [
    'link set lo up',
    `address add ${address}/16 dev eth0`,
    'link set eth0 up',
    `route add default via ${GATEWAY}`,
  ]
}

function attachByProcesses(number: number): void {
  for (const line of outer(number)) ip(line.split(' '))
  for (const line of inner(number)) ip(['-n', `c${number}`, ...line.split(' ')])
}

function attachByBatch(number: number): void {
  batch(outer(number))
  batch(inner(number), '-n', `c${number}`)
}

async function attach(): Promise<void> {
  const attachOne = mode === 'processes' ? attachByProcesses : attachByBatch
  ip(['link', 'add', BRIDGE, 'up', 'type', 'bridge'])
  ip(['address', 'add', `${GATEWAY}/16`, 'dev', BRIDGE])
  for (const number of numbers) timed(() => attachOne(number))
  report(true)
  if (hold) await inputEnd()
  batch(numbers.map((number) => `netns delete c${number}`))
  ip(['link', 'delete', BRIDGE])
}

async function netns(): Promise<void> {
  timed(() => batch(numbers.map((number) => `netns add c${number}`)))
  if (hold) {
    console.log('ready')
    await inputEnd()
  }
  timed(() => batch(numbers.map((number) => `netns delete c${number}`)))
  report(false)
}

function routes(): void {
  const to = (number: number) => `44.${number >> 16}.${(number >> 8) & 255}.${number & 255}`
  timed(() =>
    batch(numbers.map((number) => `route add ${to(number)} via 10.200.0.2 dev veth-routes protocol boot`)),
  )
  report(false)
}

function repeated(args: string[], isOne: (line: string) => boolean, expected = count): void {
  for (let i = 0; i < repeat; i++) {
    timed(() => {
      const found = ip(args).split('\n').filter(isOne).length
      if (found !== expected) throw new Error(`ip ${args.join(' ')}: ${found} of ${expected}`)
    })
  }
  report(true)
}

function isVeth(line: string): boolean {
  const name = /^\d+: (v[ab]\d+)@/.exec(line)?.[1]
  if (name !== undefined && !line.includes(' mtu 1500 '))
    throw new Error(`${name} is not one of the links that were made`)
  return name !== undefined
}

function getLink(): void {
  for (let number = 0; number < repeat; number++)
    timed(() => {
      const name = `va${number % (count / 2)}`
      if (!new RegExp(` ${name}@.* mtu 1500 `).test(ip(['link', 'show', name])))
        throw new Error(`${name} is not one of the links that were made`)
    })
  report(true)
}

/** `ip monitor` says nothing when it has joined: its socket is then in the list of the kernel's with its groups. */
async function joined(pid: number): Promise<void> {
  const isThere = (line: string) => {
    const [, , portid, groups] = line.split(/\s+/)
    return Number(portid) === pid && groups !== '00000000'
  }
  while (!readFileSync('/proc/net/netlink', 'utf8').split('\n').some(isThere)) await setTimeout(5)
}

/** What ip prints for an overflow of its socket goes to standard error; what the kernel has dropped is lost. */
async function monitor(): Promise<void> {
  const child = spawn('ip', ['-oneline', 'monitor', 'route'], { stdio: ['ignore', 'pipe', 'ignore'] })
  await joined(child.pid!)
  console.log('ready')
  let seen = 0
  let first = 0
  let last = 0
  inputEnd().then(async () => {
    for (let before = -1; before < seen; await setTimeout(200)) before = seen
    child.kill()
  })
  for await (const line of createInterface(child.stdout)) {
    if (!line.startsWith('44.')) continue
    last = performance.now()
    if (seen === 0) first = last
    if (++seen === count) break
  }
  child.kill()
  console.log(JSON.stringify({ total_ns: Math.round((last - first) * 1e6), each_ns: [], lost: count - seen }))
}

const WORKS: Record<string, () => void | Promise<void>> = {
  attach,
  netns,
  routes,
  dump: () =>
    repeated(['route', 'show', 'table', 'main', 'protocol', 'boot'], (line) =>
      line.includes(' via 10.200.0.2 '),
    ),
  links: () => repeated(['-details', 'link', 'show'], isVeth),
  'get-link': getLink,
  monitor,
}

await WORKS[work]!()
