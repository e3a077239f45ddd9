/**
 * Runs programs to their end by a shell that stays: to fork a process as large as Node's takes longer than what most programs do, and the
 * kernel tests run thousands of them. Unlike node:child_process it does not wait for what a program leaves in the background, and
 * environment and directory are those of the first call.
 */

import { execFileSync as fork, spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Ended {
  /** As the shell tells it: 127 for a program that is not there, 128 and its number for a signal. */
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

interface Shell {
  readonly directory: string
  readonly commands: number
  readonly statuses: number
}

let shell: Shell | undefined

/** It ends, and removes its files, when this process does: nobody holds the writing end then. */
function start(): Shell {
  const directory = mkdtempSync(join(tmpdir(), 'programs-'))
  const paths = ['commands', 'statuses'].map((name) => join(directory, name))
  fork('mkfifo', paths)
  const [commands, statuses] = paths.map((path) => {
    // Either end alone would wait for the other one.
    const both = openSync(path, 'r+')
    const ends = { read: openSync(path, 'r'), write: openSync(path, 'w') }
    closeSync(both)
    return ends
  })
  const stdio = [commands!.read, 'ignore', 'ignore', statuses!.write] as const
  spawn('sh', ['-s', directory], { stdio: [...stdio] }).unref()
  closeSync(commands!.read)
  closeSync(statuses!.write)
  writeSync(commands!.write, `trap 'rm -r "$1"' EXIT; trap exit HUP INT PIPE TERM\n`)
  return { directory, commands: commands!.write, statuses: statuses!.read }
}

const quoted = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`

const answer = Buffer.alloc(16)

/** How a program ended, and what it printed. Its standard input is `input`, or empty. */
export function spawnSync(file: string, args: readonly string[] = [], { input = '' } = {}): Ended {
  shell ??= start()
  const { directory, commands, statuses } = shell
  const [stdin, stdout, stderr] = ['in', 'out', 'err'].map((name) => join(directory, name))
  if (input !== '') writeFileSync(stdin!, input)
  const files = `<${quoted(input === '' ? '/dev/null' : stdin!)} >${quoted(stdout!)} 2>${quoted(stderr!)}`
  writeSync(commands, `${[file, ...args].map(quoted).join(' ')} ${files} 3>&-; echo $? >&3\n`)
  const length = readSync(statuses, answer)
  if (length === 0) {
    for (const end of [commands, statuses]) closeSync(end)
    shell = undefined
    throw new Error(`the shell that runs programs has ended at ${file} ${args.join(' ')}`)
  }
  const printed = (path: string) => readFileSync(path, 'utf8')
  return {
    status: Number(answer.toString('latin1', 0, length)),
    stdout: printed(stdout!),
    stderr: printed(stderr!),
  }
}

/** What a program printed. Throws where it failed: an Error with its status and what it printed. */
export function execFileSync(
  file: string,
  args: readonly string[] = [],
  options: { input?: string } = {},
): string {
  const ended = spawnSync(file, args, options)
  if (ended.status === 0) return ended.stdout
  const message = `Command failed: ${[file, ...args].join(' ')}\n${ended.stderr}`
  throw Object.assign(new Error(message), ended)
}
