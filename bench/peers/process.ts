/** What ip.ts and nft.ts share, whose work is done by processes: their options, the processes, the clock and the result. */

import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    mode: { type: 'string' },
    count: { type: 'string', default: '100' },
    repeat: { type: 'string', default: '10' },
    // What came before means nothing to a process that is started for each unit of work.
    warm: { type: 'string' },
    beside: { type: 'string', default: '0' },
    hold: { type: 'boolean', default: false },
  },
})
export const work = positionals[0]!
export const { mode, hold } = values
export const count = Number(values.count)
export const repeat = Number(values.repeat)
export const beside = Number(values.beside)
export const numbers = Array.from({ length: count }, (_, number) => number)
const eachNs: number[] = []

/** Runs a program to its end; what it wrote to standard output. */
export function run(program: string, args: readonly string[], input = ''): string {
  const { status, error, stdout, stderr } = spawnSync(program, args, {
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  })
  if (error) throw error
  // nft goes on with the whole line that it refuses; ip tells in its second one which command of a batch it was.
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr.trim().slice(0, 500)}`)
  return stdout
}

/** The time of one unit of work, or of many at once. */
export function timed(work: () => void): void {
  const begun = performance.now()
  work()
  eachNs.push(Math.round((performance.now() - begun) * 1e6))
}

/** Writes the result line; `units`: the times are those of single units. */
export function report(units: boolean): void {
  const total = eachNs.reduce((sum, ns) => sum + ns, 0)
  console.log(JSON.stringify({ total_ns: total, each_ns: units ? eachNs : [] }))
}

/** Keeps what was made until standard input ends. */
export async function inputEnd(): Promise<void> {
  for await (const _ of process.stdin);
}
