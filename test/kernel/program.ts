/** Node processes of their own with the library in them: for other namespaces, limits, rights and what ends a process. */

import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { seconds } from './patience.js'

const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
/** Made by library.ts; in a guest by test/kernels/compile.ts. */
const BUNDLES = process.env['NETLINK_BUNDLES'] ?? new URL('../../src/bundle/', import.meta.url).href

/** Only a program that imports something besides the library takes the loader, which is most of its start. */
function loaderOf(source: string): string[] {
  return source.includes('.ts"') ? ['--import', TSX] : []
}

/** How a program names a module of the library in an import: 'index', 'topology-sync', 'codec-index'. */
export function library(name: string): string {
  return JSON.stringify(`${BUNDLES}${name}.mjs`)
}

const PRELUDE = `
import * as fs from 'node:fs'
/** For import() in a worker. */
const library = [${library('index')}, ${library('sync')}]
import * as nl from ${library('index')}
import * as sync from ${library('sync')}
const print = (value) => fs.writeSync(1, JSON.stringify(value) + '\\n')
/** Waits for a line on standard input, having said that it waits. */
const wait = () => {
  print('ready')
  return new Promise((go) => process.stdin.once('data', go)).then(() => process.stdin.destroy())
}
const openFds = () => fs.readdirSync('/proc/self/fd').length - 1
// What the loader forgets (from Node 22 on, two sockets) is collected first, so that counts are the library's.
for (let turns = globalThis.gc ? 5 : 0; turns > 0; turns--) {
  gc()
  await new Promise(setImmediate)
}
const caught = async (work) => {
  try {
    return { value: await work() }
  } catch ({ code, message }) {
    return { code, message }
  }
}
`

const SECONDS = seconds(100)

export interface ProgramOptions {
  /** Commands below which it runs: ['unshare', '-m']. */
  wrapper?: readonly string[]
  nodeOptions?: readonly string[]
}

/**
 * The command line of a Node process that runs an ES module with both faces as `nl` and `sync`, `fs`, print() for a line of JSON,
 * openFds(), wait() for go(), and
 * caught(), which returns the code and message of what was thrown. It is killed after SECONDS.
 */
export function program(source: string, { wrapper = [], nodeOptions = [] }: ProgramOptions = {}): string[] {
  const node = [process.execPath, ...nodeOptions, ...loaderOf(source), '--input-type=module']
  return ['timeout', '-k1', SECONDS, ...wrapper, ...node, '-e', PRELUDE + source]
}

/** A shell in a mount namespace of its own, with a /run without anything in it or mounted below it. */
export const FRESH_RUN = [
  'unshare',
  '-m',
  'sh',
  '-c',
  'while umount -l /run/netns 2>/dev/null; do :; done; mount -t tmpfs tmpfs /run && exec "$@"',
  'sh',
]

export interface Ended {
  status: number | null
  stdout: string
  stderr: string
}

export interface Started {
  readonly pid: number
  /** Resolves when it has printed something: a program that waits for go() prints first. */
  readonly ready: Promise<void>
  /** Writes a line to its standard input. */
  go(): void
  readonly ended: Promise<Ended>
}

/** Starts a command. */
export function start([command, ...args]: readonly string[]): Started {
  const child = spawn(command!, args, { stdio: 'pipe' })
  const text = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      text[name] += chunk
    })
  }
  return {
    pid: child.pid!,
    ready: new Promise((resolve) => child.stdout.once('data', () => resolve())),
    go: () => child.stdin.write('go\n'),
    ended: new Promise((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (status) => resolve({ status, ...text }))
    }),
  }
}

/** The lines of JSON that a command printed; throws unless it ended with 0 and a silent stderr. */
export async function linesOf({ ended }: Started): Promise<unknown[]> {
  const { status, stdout, stderr } = await ended
  if (status !== 0 || stderr !== '') throw new Error(`status ${status}: ${stderr}`)
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as unknown)
}

/** Runs a command to its end. */
export function lines(command: readonly string[]): Promise<unknown[]> {
  return linesOf(start(command))
}
