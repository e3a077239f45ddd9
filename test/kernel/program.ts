/** Node processes of their own with the library in them: for other namespaces, limits, rights and what ends a process. */

import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'

const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
const url = (path: string) => JSON.stringify(new URL(`../../src/${path}.ts`, import.meta.url).href)

const PRELUDE = `
import * as fs from 'node:fs'
import * as nl from ${url('index')}
import * as sync from ${url('sync')}
const print = (value) => fs.writeSync(1, JSON.stringify(value) + '\\n')
const openFds = () => fs.readdirSync('/proc/self/fd').length - 1
const caught = async (work) => {
  try {
    return { value: await work() }
  } catch ({ code, message }) {
    return { code, message }
  }
}
`

export interface ProgramOptions {
  /** Commands below which it runs: ['unshare', '-m']. */
  wrapper?: readonly string[]
  nodeOptions?: readonly string[]
}

/**
 * The command line of a Node process that runs an ES module with both faces as `nl` and `sync`, `fs`, print() for a line of JSON,
 * openFds() and caught(), which returns the code and message of what was thrown. It is killed after a minute.
 */
export function program(source: string, { wrapper = [], nodeOptions = [] }: ProgramOptions = {}): string[] {
  const node = [process.execPath, ...nodeOptions, '--import', TSX, '--input-type=module']
  return ['timeout', '-k1', '60', ...wrapper, ...node, '-e', PRELUDE + source]
}

/** A shell in a mount namespace of its own, with a /run without anything in it. */
export const FRESH_RUN = ['unshare', '-m', 'sh', '-c', 'mount -t tmpfs tmpfs /run && exec "$@"', 'sh']

/** Runs a command to its end and returns the lines of JSON that it printed; throws unless it ended with 0 and a silent stderr. */
export async function lines([command, ...args]: readonly string[]): Promise<unknown[]> {
  const { status, stdout, stderr } = await ended(command!, args)
  if (status !== 0 || stderr !== '') throw new Error(`status ${status}: ${stderr}`)
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as unknown)
}

export interface Ended {
  status: number | null
  stdout: string
  stderr: string
}

export function ended(command: string, args: readonly string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    const text = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (chunk: string) => {
        text[name] += chunk
      })
    }
    child.on('error', reject)
    child.on('close', (status) => resolve({ status, ...text }))
  })
}

/** A script beside the tests. */
export function beside(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url))
}
