/**
 * The same done twice: by calls in one namespace and by commands of ip or bridge in its twin. After each step both show the same, and
 * what one was refused, the other was, with the same words of the kernel. `TWINS_RUNS` and `TWINS_SEED` try others than CI does.
 */

import { setTimeout } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { expect } from 'vitest'
import { errnoText } from '../../src/netlink/errno.js'
import { NetlinkError } from '../../src/netlink/errors.js'
import * as changes from '../../src/rtnetlink/changes.js'
import type { Batch } from '../../src/sync.js'
import { ipBatch } from './ip-batch.js'
import { PATIENCE, seconds } from './patience.js'
import { spawnSync } from './programs.js'
import { execIn, FACES, type Face, type Printed, withNetns, withoutDad } from './support.js'

/** What both do: `ip rule add …`, or of bridge where it begins so; and the call, which takes options last. */
export interface Step {
  readonly command: string
  readonly verb: Verb
  readonly args: readonly unknown[]
}
export type Verb = keyof Face

/** Where steps take place. */
export interface Ground {
  readonly family?: '-4' | '-6'
  /** Whether interfaces move to the namespace beside, which is shown, too. */
  readonly moves?: true
  /** Interfaces have no IPv6, whose groups and reports would come and go. */
  readonly withoutIpv6?: true
  /** Commands of ip before the first step. */
  readonly given?: readonly string[]
  /** Commands that show all that steps change: 'rule show', 'bridge vlan show'. */
  readonly shown: readonly string[]
  /** Whether the kernel has finished what it does some time after `given`. */
  readonly isReady?: (shown: readonly Printed[][]) => boolean
  /** Of lists whose order is by hashes. */
  readonly unordered?: true
  /** What comes and goes by itself. */
  readonly ignored?: (entry: Printed) => boolean
}

const RUNS = Number(process.env['TWINS_RUNS'] ?? 0)
const SEED = Number(process.env['TWINS_SEED'] ?? 1)

/** How calls are made: one by one, or of those that a batch takes as many as there are one after another. */
interface Way {
  readonly face: string
  readonly batched: boolean
  readonly stopOnError: boolean
}
const WAY: fc.Arbitrary<Way> = fc.record({
  face: fc.constantFrom(...FACES.map(({ face }) => face)),
  batched: fc.boolean(),
  stopOnError: fc.boolean(),
})

/** Does steps at random. */
export function expectTwins(
  ground: Ground,
  steps: fc.Arbitrary<readonly Step[]>,
  runs: number,
): Promise<void> {
  const alike = fc.asyncProperty(steps, WAY, (some, way) =>
    alikeAfter(ground, way.batched ? runsOf(some) : some.map((step) => [step]), way),
  )
  return fc.assert(alike, { numRuns: RUNS || runs, seed: SEED, endOnFailure: true })
}

/** Steps that one batch can take together. */
function runsOf(steps: readonly Step[]): Step[][] {
  const runs: Step[][] = []
  const isTaken = (step: Step | undefined) => step !== undefined && Object.hasOwn(changes, step.verb)
  for (const step of steps)
    if (isTaken(step) && isTaken(runs.at(-1)?.[0])) runs.at(-1)!.push(step)
    else runs.push([step])
  return runs
}

function alikeAfter(ground: Ground, runs: readonly (readonly Step[])[], way: Way): Promise<void> {
  return withPlace(ground, (ours) =>
    withPlace(ground, async (theirs) => {
      for (const place of [ours, theirs]) await prepare(place, ground)
      const done: string[] = []
      for (const steps of runs) {
        const made = await outcomes(steps, ours, way)
        const said: string[] = []
        for (const { command } of steps) {
          const isSkipped = way.stopOnError && said.some((one) => one !== '')
          said.push(isSkipped ? SKIPPED : refused(theirs, ground, command))
        }
        done.push(...steps.map(({ command }, index) => `${command} # ${said[index]}`), '')
        const words = done.join('\n')
        expect(made, words).toEqual(said)
        expectSameSoon(
          () => show(ours, ground),
          () => show(theirs, ground),
          words,
        )
      }
    }),
  )
}

/** The namespace where steps take place, and where interfaces move the one beside it. */
interface Place {
  readonly netns: string
  readonly beside: string
}

/** What stands for the name of the namespace beside, in commands and among arguments. */
export const BESIDE = 'BESIDE'

function withPlace<T>({ moves }: Ground, work: (place: Place) => T | Promise<T>): Promise<T> {
  return withNetns((netns) =>
    moves ? withNetns((beside) => work({ netns, beside })) : work({ netns, beside: '' }),
  )
}

/** Some of what the kernel does comes some time after the answer, or goes. To look takes the longer where all does. */
function expectSameSoon(ours: () => unknown, theirs: () => unknown, words: string): void {
  for (let attempt = 0; attempt < 400; attempt++) if (isDeepStrictEqual(ours(), theirs())) return
  expect(ours(), words).toEqual(theirs())
}

async function prepare(place: Place, ground: Ground): Promise<void> {
  const { given = [], isReady = () => true } = ground
  const { netns } = place
  withoutDad(netns)
  if (ground.withoutIpv6) execIn(netns, 'sysctl', '-eqw', 'net.ipv6.conf.default.disable_ipv6=1')
  ipBatch(given, netns)
  for (let attempt = 0; ; attempt++) {
    const shown = show(place, ground)
    if (isReady(shown)) return
    if (attempt === 500 * PATIENCE)
      throw new Error(`not ready after ${seconds(10)} seconds: ${JSON.stringify(shown)}`)
    await setTimeout(20)
  }
}

const SKIPPED = 'skipped'

type Callable = (...args: unknown[]) => unknown
type Callables = Readonly<Record<string, Callable>>

/** What the calls were refused with; empty where they were not. */
async function outcomes(steps: readonly Step[], place: Place, { face, stopOnError }: Way): Promise<string[]> {
  const { nl } = FACES.find((one) => one.face === face)!
  if (steps.length === 1) return [await outcome(steps[0]!, place, nl)]
  const record = (b: Batch) => {
    for (const { verb, args } of steps) (b as unknown as Callables)[verb]!(...args)
  }
  const results = await nl.batch(record, { netns: place.netns, stopOnError })
  return results.map((result) =>
    result.status === 'rejected' ? textOf(result.reason) : result.status === 'skipped' ? SKIPPED : '',
  )
}

async function outcome({ verb, args }: Step, { netns, beside }: Place, nl: Face): Promise<string> {
  const options = args.at(-1) as { peer?: object }
  // The other end of a pair says by itself where it is.
  const { peer = undefined } = verb === 'createLink' ? options : {}
  const call = (nl as unknown as Callables)[verb]!
  try {
    const first = args.slice(0, -1).map((arg) => (arg === BESIDE ? beside : arg))
    await call(...first, { ...options, netns, ...(peer && { peer: { ...peer, netns } }) })
    return ''
  } catch (error) {
    return textOf(error)
  }
}

function textOf(error: unknown): string {
  if (!(error instanceof NetlinkError)) throw error
  return (error.extack.message ?? errnoText(error.errno)).replace(/\.$/, '')
}

/** What commands show, but for what runs down, comes and goes. */
function show(
  { netns, beside }: Place,
  { family, shown, moves, ignored = () => false, unordered }: Ground,
): Printed[][] {
  const names = moves ? [netns, beside] : [netns]
  const lines = names.flatMap((name) => run(name, family, shown).stdout.split('\n').filter(Boolean))
  return lines.map((line) => {
    const entries = (JSON.parse(line, steady) as Printed[]).filter((entry) => !ignored(entry))
    return unordered ? inOrder(entries) : entries
  })
}

/** The entries of a line, or those that are within its only one (`bridge mdb show`, where ports are in the order of their addresses in memory). */
function inOrder(entries: Printed[]): Printed[] {
  const lists = entries.flatMap((entry) => Object.values(entry)).filter(Array.isArray)
  for (const list of entries.length === 1 ? [entries, ...lists] : [entries])
    list.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
  return entries
}

/** What a command was refused with; empty where it was not. */
function refused({ netns, beside }: Place, { family }: Ground, command: string): string {
  const { stderr } = run(netns, family, [command.replace(BESIDE, beside)])
  // Ip asks for the interface itself.
  if (/^Cannot find .*device|Device does not exist/.test(stderr)) return 'No such device'
  return /^(?:RTNETLINK answers|Error): (.*?)\.?$/m.exec(stderr)?.[1] ?? stderr
}

/** Runs commands, those of bridge after those of ip. */
function run(netns: string, family: Ground['family'], commands: readonly string[]) {
  const done = (['ip', 'bridge'] as const).map((tool) => {
    const own = commands.filter((one) => toolOf(one) === tool)
    const options = ['-j', '-d', ...(tool === 'ip' && family !== undefined ? [family] : [])]
    return own.length === 0 ? { stdout: '', stderr: '' } : batchOf(tool, [...options, '-n', netns], own)
  })
  const all = (of: 'stdout' | 'stderr') => done.map((one) => one[of]).join('')
  return { stdout: all('stdout'), stderr: all('stderr') }
}

const toolOf = (command: string) => (command.startsWith('bridge ') ? 'bridge' : 'ip')

/** All in one process. */
function batchOf(tool: 'ip' | 'bridge', options: readonly string[], commands: readonly string[]) {
  const input = commands.map((command) => command.replace(/^bridge /, '')).join('\n')
  return spawnSync(tool, [...options, '-batch', '-'], { input })
}

/** Without numbers that are the kernel's alone; what runs down in hundreds of seconds. */
function steady(key: string, value: unknown): unknown {
  if (TIMED.test(key)) return undefined
  if (key === 'flags') return (value as string[]).filter((flag) => !CARRIER.includes(flag))
  const runsDown = typeof value === 'number' && RUNNING.test(key) && value < FOREVER
  return runsDown ? Math.ceil(value / 100) : value
}
const TIMED =
  /^(used|updated|confirmed|refcnt|.*_timer|timer|idle_time|unbalanced_time|probes|reachable|operstate)$/
const CARRIER = ['NO-CARRIER', 'LOWER_UP', 'M-DOWN']
const RUNNING = /_life_time$|^expires$/
const FOREVER = 0xffffffff

/** Pairs of interfaces v0 and v1, v2 and v3, v4 and v5, all but the last up. They have no IPv6 addresses of their own. */
export const PAIRS: readonly string[] = [
  ...[0, 2, 4].flatMap((n) => [
    `link add v${n} index ${10 + n} address 02:00:00:00:00:0${n} type veth peer name v${n + 1} index ${11 + n} address 02:00:00:00:00:0${n + 1}`,
    `link set v${n} addrgenmode none`,
    `link set v${n + 1} addrgenmode none`,
  ]),
  ...['v0', 'v1', 'v2', 'v3'].map((dev) => `link set ${dev} up`),
]

/** How each of what a call takes is written. */
export type Words<T extends object> = { readonly [K in keyof T]?: (value: NonNullable<T[K]>) => string }

/** What is given, in the order of the table. */
export function wordsOf<T extends object>(table: Words<T>, value: T): string {
  const words = Object.entries(table as Record<string, (value: unknown) => string>).map(([key, write]) => {
    const given = (value as Record<string, unknown>)[key]
    return given == null ? '' : write(given)
  })
  return words.filter(Boolean).join(' ')
}
