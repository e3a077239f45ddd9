/** What the programs that measure netlink-ts share: their options, the clock and the result. */

import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { parseArgs } from 'node:util'

// What the programs make and flush must not be the machine's.
if (process.env['NETLINK_TS_ISOLATED'] === undefined)
  throw new Error('run me by `npm run bench`, or below test/isolated')

export const ROUTES_DEV = 'veth-routes'
export const GATEWAY = '10.200.0.2'

export function readOptions() {
  const { values } = parseArgs({
    options: {
      mode: { type: 'string', default: 'sync' },
      count: { type: 'string', default: '100' },
      repeat: { type: 'string', default: '10' },
      queues: { type: 'string' },
      beside: { type: 'string', default: '0' },
      warm: { type: 'string', default: '0' },
      hold: { type: 'boolean', default: false },
    },
  })
  return {
    ...values,
    count: Number(values.count),
    repeat: Number(values.repeat),
    warm: Number(values.warm),
    beside: Number(values.beside),
    queues: values.queues === undefined ? {} : { queues: Number(values.queues) },
  }
}

/** The built package, as a user's program finds it; tsc does not resolve the name, since it may not be built yet. */
export function importSync(): Promise<typeof import('../../src/sync.js')> {
  return import(publicName('netlink-ts/sync'))
}

export function importPromises(): Promise<typeof import('../../src/index.js')> {
  return import(publicName('netlink-ts'))
}

export function importTopologySync(): Promise<typeof import('../../src/topology-sync.js')> {
  return import(publicName('netlink-ts/topology/sync'))
}

export function importNftSync(): Promise<typeof import('../../src/nftables-sync.js')> {
  return import(publicName('netlink-ts/nftables/sync'))
}

export function importNft(): Promise<typeof import('../../src/nftables.js')> {
  return import(publicName('netlink-ts/nftables'))
}

export function importConntrackSync(): Promise<typeof import('../../src/conntrack-sync.js')> {
  return import(publicName('netlink-ts/conntrack/sync'))
}

export function importTopology(): Promise<typeof import('../../src/topology.js')> {
  return import(publicName('netlink-ts/topology'))
}

function publicName(name: string): string {
  return name
}

/** The destination of the route with a number: 44.0.0.0, 44.0.0.1 … */
export function destination(number: number): string {
  return `44.${number >> 16}.${(number >> 8) & 255}.${number & 255}`
}

/**
 * Starts what waits until the kernel has taken down the namespaces that were let go, and returns how to ask it. To be called before anything
 * is loaded: see bench/limit/settle.c. It ends when this process does.
 */
export function startSettler(): () => Promise<void> {
  const child = spawn(process.env['BENCH_SETTLE']!, ['--serve'], { stdio: ['pipe', 'pipe', 'inherit'] })
  const [input, output] = [child.stdin as Socket, child.stdout as Socket]
  const ended = once(child, 'exit').then(([status]) => {
    throw new Error(`${process.env['BENCH_SETTLE']}: status ${status}`)
  })
  ended.catch(() => {})
  for (const it of [child, input, output]) it.unref()
  return async () => {
    output.ref()
    input.write('.')
    await Promise.race([once(output, 'data'), ended])
    output.unref()
  }
}

/** Measures a whole and the units of work in it. */
export class Stopwatch {
  #each: number[] = []
  #start = 0
  #total = 0
  #measured = { pid: process.pid, from: 0, to: 0 }

  begin(): void {
    this.#each = []
    callgrind('--instr=on')
    this.#measured.from = monotonic()
    this.#start = performance.now()
  }

  end(): void {
    this.#total = performance.now() - this.#start
    this.#measured.to = monotonic()
    callgrind('--dump')
  }

  /** Of one unit, since `begun` (performance.now()). */
  record(begun: number): void {
    this.#each.push(performance.now() - begun)
  }

  /** Writes the result line. */
  report(more: { peak_bytes?: number; lost?: number } = {}): void {
    const each = this.#each.map((ms) => Math.round(ms * 1e6))
    console.log(
      JSON.stringify({ total_ns: Math.round(this.#total * 1e6), ...more, ...this.#measured, each_ns: each }),
    )
  }
}

/** Seconds of CLOCK_MONOTONIC, as perf(1) tells them. */
function monotonic(): number {
  return Number(process.hrtime.bigint()) / 1e9
}

const isCounted = process.env['BENCH_CALLGRIND'] !== undefined

/** See bench/instructions.ts. */
function callgrind(what: string): void {
  if (isCounted) execFileSync('callgrind_control', [what, `${process.pid}`], { stdio: 'ignore' })
}

/** Keeps what was made until standard input ends. */
export async function inputEnd(): Promise<void> {
  for await (const _ of process.stdin);
}

/** The most memory that the process has from now on, above what it has now. */
export function watchMemory(): () => number {
  // 5 sets the peak back to what is there (proc_pid_clear_refs(5)).
  writeFileSync('/proc/self/clear_refs', '5')
  const before = statusBytes('VmRSS')
  return () => statusBytes('VmHWM') - before
}

function statusBytes(field: string): number {
  const line = readFileSync('/proc/self/status', 'utf8').match(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm'))
  return Number(line![1]) * 1024
}
