import { runChild } from './child.js'
import type { Competitor, Goal, Versions } from './interleave.js'

/** A program that measures itself, as it is called. */
export interface Program {
  name: string
  command: string[]
  goal?: Goal
  /** Further arguments for this one alone, which stand after those for all. */
  more?: string[]
  /** Less than the others, for one that takes long. */
  rounds?: number
  versions?: Versions
}

/** Turns programs into competitors: `args` are for all of them, `check` runs each with few units of work. */
export function competitors(
  programs: readonly Program[],
  args: readonly string[],
  check?: (command: string[]) => Promise<unknown>,
): Competitor[] {
  return programs.map(({ name, command, goal, more = [], rounds, versions }): Competitor => {
    const checks = check ? { check: () => check(command) } : {}
    return { name, goal, rounds, versions, run: () => runChild([...command, ...args, ...more]), ...checks }
  })
}

/** The ways to call ours: one worker with different options. */
export function modes(
  command: string[],
  ...ways: readonly [name: string, mode: string, goal?: Goal | undefined, ...args: string[]][]
): Program[] {
  return ways.map(([name, mode, goal, ...args]) => ({
    name: `netlink-ts, ${name}`,
    command: [...command, '--mode', mode, ...args],
    ...(goal ? { goal } : {}),
  }))
}
