/** Runs CNI plugins as a container runtime does: an environment, a configuration on standard input, JSON on standard output. */

import { execFile } from 'node:child_process'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Printed } from './support.js'

export interface Container {
  readonly id: string
  readonly netns: string
  readonly args?: string | undefined
}

/** One plugin of a list; `chained` is what the one before it answered. */
export type Config = Record<string, unknown>

/** Starts the plugin `config.type` that lies in a directory; with `killAfter` (milliseconds) it is killed unless it has ended by then. */
export function run(
  directory: string,
  command: string,
  { id, netns, args }: Container,
  config: Config,
  killAfter = 60_000,
): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const env = {
    PATH: process.env['PATH'],
    CNI_COMMAND: command,
    CNI_CONTAINERID: id,
    CNI_NETNS: netns === '' ? '' : `/run/netns/${netns}`,
    CNI_IFNAME: 'eth0',
    CNI_PATH: directory,
    CNI_ARGS: args ?? '',
  }
  return new Promise((resolve) => {
    const file = join(directory, String(config['type']))
    const child = execFile(
      file,
      { env, timeout: killAfter, killSignal: 'SIGKILL' },
      (_error, stdout, stderr) => resolve({ status: child.exitCode, stdout, stderr }),
    )
    // A plugin that is killed reads nothing any more.
    child.stdin!.on('error', () => {})
    child.stdin!.end(JSON.stringify(config))
  })
}

/** What a plugin answered; null for nothing. Fails unless its exit status fits an answer with or without an error's code. */
export async function call(
  directory: string,
  command: string,
  container: Container,
  config: Config,
): Promise<Printed | null> {
  const { status, stdout, stderr } = await run(directory, command, container, config)
  expect(stderr).toBe('')
  const answer = stdout === '' ? null : (JSON.parse(stdout) as Printed)
  expect(status).toBe(answer !== null && 'code' in answer ? 1 : 0)
  return answer
}

/** A list of plugins one after another, each with the answer of the one before; DEL in reverse order. Throws at the first error. */
export async function chain(
  directory: string,
  command: string,
  container: Container,
  plugins: readonly Config[],
  last: Printed | null = null,
): Promise<Printed | null> {
  let result = last
  for (const plugin of command === 'DEL' ? [...plugins].reverse() : plugins) {
    const config = result === null ? plugin : { ...plugin, prevResult: result }
    const answer = await call(directory, command, container, config)
    if (answer !== null && 'code' in answer) throw new Error(`${plugin['type']}: ${JSON.stringify(answer)}`)
    if (command === 'ADD') result = answer
  }
  return result
}

/** A directory in which the example is installed under the names of the plugins. */
export function install(directory: string, program: string): void {
  for (const name of ['bridge', 'portmap']) symlinkSync(program, join(directory, name))
}
