/** docs/examples/cni/daemon.ts and an IPAM plugin that it cannot start, or that does not answer. */

import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { bundle } from './bundle.js'
import {
  type Config,
  call,
  eachWithContainer,
  environment,
  installForward,
  startDaemon,
} from './cni-support.js'
import { PATIENCE } from './patience.js'
import type { Started } from './program.js'
import { execFileSync } from './programs.js'
import { hasTool } from './support.js'
import { linkNames } from './topology-support.js'

const C1 = { id: 'c1', netns: 'c1' }
const PATIENT = { timeout: 10_000 * PATIENCE, interval: 10 }
const CONFIG: Config = { cniVersion: '1.1.0', name: 'net1', type: 'bridge', ipam: { type: 'mine' } }

let directory: string
/** Where the front end lies, and the IPAM plugin. */
let bin: string
let program: string
let daemon: Started
/** That one, while it is to be ended. */
const running: Started[] = []

beforeAll(() => {
  if (!hasTool('cc')) return
  directory = mkdtempSync(join(tmpdir(), 'netlink-ts-cni-'))
  bin = join(directory, 'bin')
  mkdirSync(bin)
  program = bundle('cni/daemon')
  installForward(bin, join(directory, 'cni.sock'), '/nonexistent')
})
afterAll(() => {
  if (directory === undefined) return
  rmSync(program)
  rmSync(directory, { recursive: true })
})

eachWithContainer()
beforeEach(async (context) => {
  context.skip(!hasTool('cc'), 'not installed: a C compiler')
  daemon = await startDaemon(program, join(directory, 'cni.sock'))
  running.push(daemon)
})
afterEach(async () => {
  for (const { pid, ended } of running.splice(0)) {
    process.kill(pid, 'SIGKILL')
    await ended
  }
  if (directory === undefined) return
  // What a plugin that hangs has started, which nobody else ends.
  execFileSync('sh', ['-c', `test ! -e ${pids()} || kill $(cat ${pids()}) 2>/dev/null || :`])
  rmSync(pids(), { force: true })
})

/** Where a plugin that hangs says which processes it is. */
const pids = () => join(directory, 'pids')

function standIn(does: string): void {
  writeFileSync(join(bin, 'mine'), `#!/bin/sh\n${does}\n`, { mode: 0o755 })
}

/** One that does not end by itself at ADD, nor does what it has started; resolves to its process when it has begun. */
function hanging(): { begun(): Promise<number> } {
  standIn(`[ $CNI_COMMAND = ADD ] || exit 0\nsleep 300 &\necho $! $$ >${pids()}\nwait`)
  return {
    begun: () => vi.waitFor(() => Number(/ (\d+)\n$/.exec(readFileSync(pids(), 'utf8'))![1]), PATIENT),
  }
}

const isThere = (pid: number) => existsSync(`/proc/${pid}`)

/** Leaves the daemon so many descriptors. */
function allow(free: number): void {
  const taken = readdirSync(`/proc/${daemon.pid}/fd`).map(Number)
  let limit = 0
  for (let left = free; left > 0; limit++) if (!taken.includes(limit)) left--
  execFileSync('prlimit', ['--pid', String(daemon.pid), `--nofile=${limit}:4096`])
}

it('without descriptors for its streams: an error that says so, and the daemon goes on', async () => {
  standIn('exit 0')
  // One for the call, two for the first of the streams.
  allow(3)
  const msg = expect.stringMatching(/mine cannot be started: spawn .*EMFILE$/)
  expect(await call(bin, 'STATUS', C1, CONFIG)).toMatchObject({ code: 100, msg, details: 'EMFILE' })
  allow(100)
  expect(await call(bin, 'STATUS', C1, CONFIG)).toBe(null)
})

it('that does not answer is ended with its caller: DEL is not kept waiting, and nothing is left', async () => {
  const { begun } = hanging()
  const add = spawn(join(bin, 'bridge'), { env: environment(bin, 'ADD', C1) })
  add.stdin.end(JSON.stringify(CONFIG))
  const pid = await begun()
  expect(linkNames('c1')).toEqual(['lo', 'eth0'])
  add.kill('SIGKILL')
  expect(await call(bin, 'DEL', C1, CONFIG)).toBe(null)
  expect(isThere(pid)).toBe(false)
  expect(linkNames('c1')).toEqual(['lo'])
})

it('that does not answer is ended with the daemon, which says so', async () => {
  const { begun } = hanging()
  const answer = call(bin, 'ADD', C1, CONFIG)
  const pid = await begun()
  process.kill(daemon.pid, 'SIGTERM')
  const msg = expect.stringMatching(/mine is not waited for: the daemon ends$/)
  expect(await answer).toMatchObject({ code: 11, msg })
  expect(await daemon.ended).toMatchObject({ status: 0, stderr: '' })
  running.pop()
  expect([isThere(pid), linkNames('c1')]).toEqual([false, ['lo']])
})
