/**
 * The same done twice: by calls in one namespace and by commands of ip or bridge in its twin. After each step both show the same, and
 * what one was refused, the other was, with the same words of the kernel.
 */

import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { expect } from 'vitest'
import { errnoText } from '../../src/netlink/errno.js'
import { NetlinkError } from '../../src/netlink/errors.js'
import { ipBatch } from './ip-batch.js'
import { type Printed, withNetns, withoutDad } from './support.js'

/** What both do: `ip -6 rule add …`, or of bridge where it begins so; and the call. */
export interface Step {
  readonly command: string
  readonly call: (netns: string) => unknown
}

/** Where steps take place. */
export interface Ground {
  readonly family?: '-4' | '-6'
  /** Commands of ip before the first step. */
  readonly given?: readonly string[]
  /** Commands that show all that steps change: 'rule show', 'bridge vlan show'. */
  readonly shown: readonly string[]
  /** Whether the kernel has finished what it does some time after `given`. */
  readonly isReady?: (shown: readonly Printed[][]) => boolean
  /** What comes and goes by itself. */
  readonly ignored?: (entry: Printed) => boolean
}

export const RUNS = Number(process.env['TWINS_RUNS'] ?? 0)
export const SEED = Number(process.env['TWINS_SEED'] ?? 1)

/** Does steps at random; `examples` are what went wrong once. */
export function expectTwins(
  ground: Ground,
  steps: fc.Arbitrary<readonly Step[]>,
  { runs, examples = [] }: { runs: number; examples?: readonly (readonly Step[])[] },
): Promise<void> {
  const alike = fc.asyncProperty(steps, (some) => alikeAfter(ground, some))
  return fc.assert(alike, {
    numRuns: RUNS || runs,
    seed: SEED,
    examples: examples.map((some) => [some]),
    endOnFailure: true,
  })
}

function alikeAfter(ground: Ground, steps: readonly Step[]): Promise<void> {
  return withNetns((ours) =>
    withNetns((theirNetns) => {
      for (const netns of [ours, theirNetns]) prepare(netns, ground)
      const done: string[] = []
      for (const { command, call } of steps) {
        const made = outcome(() => call(ours))
        const theirs = perform(theirNetns, ground, command)
        done.push(`${command} # ${theirs.said}`)
        const words = done.join('\n')
        expect(made, words).toBe(theirs.said)
        expect(perform(ours, ground).shown, words).toEqual(theirs.shown)
      }
    }),
  )
}

function prepare(netns: string, ground: Ground): void {
  const { given = [], isReady = () => true } = ground
  withoutDad(netns)
  ipBatch(given, netns)
  while (!isReady(perform(netns, ground).shown));
}

function outcome(call: () => unknown): string {
  try {
    call()
    return ''
  } catch (error) {
    if (!(error instanceof NetlinkError)) throw error
    return (error.extack.message ?? errnoText(error.errno)).replace(/\.$/, '')
  }
}

/** What a command was refused with, empty where it was not, and what is there then, but for what runs down. */
function perform(
  netns: string,
  { family, shown, ignored = () => false }: Ground,
  command = '',
): { said: string; shown: Printed[][] } {
  const commands = [command, ...shown].filter((one) => one !== '')
  const done = (['ip', 'bridge'] as const).map((tool) => {
    const own = commands.filter((one) => toolOf(one) === tool)
    const options = ['-j', '-d', ...(tool === 'ip' && family !== undefined ? [family] : [])]
    return own.length === 0 ? { stdout: '', stderr: '' } : batchOf(tool, [...options, '-n', netns], own)
  })
  const said = done.map(({ stderr }) => stderr).join('')
  return {
    said: /^(?:RTNETLINK answers|Error): (.*?)\.?$/m.exec(said)?.[1] ?? said,
    shown: done
      .flatMap(({ stdout }) => stdout.split('\n').filter(Boolean))
      .map((line) => parsed(line).filter((entry) => !ignored(entry))),
  }
}

const toolOf = (command: string) => (command.startsWith('bridge ') ? 'bridge' : 'ip')

/** All in one process, also after one that failed. */
function batchOf(tool: 'ip' | 'bridge', options: readonly string[], commands: readonly string[]) {
  const input = commands.map((command) => command.replace(/^bridge /, '')).join('\n')
  return spawnSync(tool, [...options, '-force', '-batch', '-'], { input, encoding: 'utf8' })
}

const parsed = (line: string): Printed[] =>
  JSON.parse(line, (key, value: unknown) => (TIMED.test(key) ? undefined : value))
const TIMED = /^(used|updated|confirmed|refcnt|.*_timer|timer)$/

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
