import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Measurement } from './interleave.js'
import type { Measured } from './profile.js'

const LONGEST_RUN_MS = 300_000

/** The path of a file of this package, from its path below the package's root. */
export function packagePath(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url))
}

/** The command line of a limit program, see bench/limit. */
export function limitProgram(name: string): string[] {
  return [packagePath(`bench/limit/bin/${name}`)]
}

/** Runs a limit program to its end, for what is not timed. */
export async function runLimit(name: string, ...args: string[]): Promise<void> {
  await promisify(execFile)(limitProgram(name)[0]!, args)
}

/**
 * That a competitor looks at what it reads: asked for something else than what is there, it has to fail, and its complaint to tell what
 * is there.
 */
export async function expectComplaint(command: readonly string[], complaint: string): Promise<void> {
  const said = await runChild(command).then(
    () => 'all is right',
    (error: Error) => error.message,
  )
  if (!said.includes(complaint)) throw new Error(`${command.join(' ')}: not '${complaint}', but: ${said}`)
}

/** What a competitor writes to its standard output as its last line. */
interface Result {
  total_ns: number
  each_ns: number[]
  peak_bytes?: number
  lost?: number
  /** See Measured; netlink-ts tells them. */
  pid?: number
  from?: number
  to?: number
}

let above: readonly string[] = []

/** Competitors are run by this program from now on: perf(1), with its options. */
export function recordBelow(command: readonly string[]): void {
  above = command
}

/**
 * Runs a competitor that times itself and writes its result, `{"total_ns":…,"each_ns":[…]}`, as the last line of its
 * standard output.
 *
 * @param whileHeld - runs once the competitor has written its first line; it keeps what it made, or reads on, until its
 * standard input ends, which this then does
 * @throws Error with the competitor's standard error when it ends with another status than 0 or writes no such line
 */
export async function runChild(
  command: readonly string[],
  whileHeld: () => Promise<void> = async () => {},
): Promise<Measurement> {
  const child = start([...above, ...command])
  try {
    if (await child.firstLine) await whileHeld()
  } finally {
    child.endInput()
  }
  const result: Result = JSON.parse((await child.end).at(-1) ?? '')
  return {
    totalNs: result.total_ns,
    eachNs: result.each_ns,
    peakBytes: result.peak_bytes,
    lost: result.lost,
    ...(result.pid === undefined ? {} : { measured: result as Measured }),
  }
}

/** Starts a program that makes something, says so in a line, and keeps it until the function returned has been called. */
export async function holdOpen(command: readonly string[]): Promise<() => Promise<void>> {
  const child = start(command)
  if (!(await child.firstLine)) await child.end
  return async () => {
    child.endInput()
    await child.end
  }
}

function start([program = '', ...args]: readonly string[]) {
  // For a worker that makes and removes something before it measures.
  const env = { ...process.env, BENCH_SETTLE: limitProgram('settle')[0] }
  const child = spawn(program, args, { stdio: 'pipe', timeout: LONGEST_RUN_MS, env })
  let output = ''
  let complaint = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text
  })
  // One that has failed reads no more.
  child.stdin.on('error', () => {})
  const end = once(child, 'close').then(([status, signal]): string[] => {
    if (status === 0 && output !== '') return output.trimEnd().split('\n')
    const why = signal ?? `status ${status}`
    throw new Error(`${program} ${args.join(' ')}: ${why}: ${complaint.trim() || 'no result'}`)
  })
  const firstLine = Promise.race([
    new Promise<boolean>((resolve) => {
      child.stdout.on('data', () => output.includes('\n') && resolve(true))
    }),
    end.then(
      () => true,
      () => false,
    ),
  ])
  return { end, firstLine, endInput: () => child.stdin.end() }
}
