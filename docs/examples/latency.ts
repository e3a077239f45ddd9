/**
 * How long requests take, by operation: p50, p90 and p99 from the diagnostics channel `netlink-ts:request`. Subscribe in any program
 * that uses netlink-ts; here it is a small load of attaches.
 */
import { subscribe } from 'node:diagnostics_channel'
import { createNetns, createVethPair, type RequestTiming } from 'netlink-ts'
import { isMain } from './run.js'

/** Collects the timings of all requests from now on. */
export function collect(): RequestTiming[] {
  const timings: RequestTiming[] = []
  subscribe('netlink-ts:request', (message) => timings.push(message as RequestTiming))
  return timings
}

function quantile(sorted: readonly number[], q: number): string {
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0).toFixed(3).padStart(8)
}

/** A line for each operation and part; milliseconds. */
export function summarise(timings: readonly RequestTiming[]): string {
  const lines = ['operation        part     count      p50      p90      p99']
  for (const operation of [...new Set(timings.map((timing) => timing.operation))].sort()) {
    const own = timings.filter((timing) => timing.operation === operation)
    for (const part of ['encode', 'send', 'wait', 'decode'] as const) {
      const sorted = own.map((timing) => timing[part]).sort((a, b) => a - b)
      const numbers = [0.5, 0.9, 0.99].map((q) => quantile(sorted, q)).join(' ')
      lines.push(`${operation.padEnd(16)} ${part.padEnd(7)} ${String(own.length).padStart(6)} ${numbers}`)
    }
  }
  return lines.join('\n')
}

if (isMain(import.meta.url)) {
  const timings = collect()
  for (let i = 0; i < 50; i++) {
    await using netns = await createNetns()
    await createVethPair(
      { name: `veth${i}`, up: true },
      { name: 'eth0', netns, up: true, addresses: ['10.0.0.2/24'] },
    )
  }
  console.log(summarise(timings))
}
