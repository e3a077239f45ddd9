/** docs/examples/cni, as a daemon and as a process for each call, and an IPAM plugin that cannot be started, or that does not answer. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
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
/** The plugin itself, which a runtime starts for each call. */
let plugin: string
let daemon: Started
/** That one, while it is to be ended. */
const running: Started[] = []

beforeAll(() => {
  if (!hasTool('cc')) return
  directory = mkdtempSync(join(tmpdir(), 'netlink-ts-cni-'))
  bin = join(directory, 'bin')
  mkdirSync(bin)
  program = bundle('cni/daemon')
  plugin = bundle('cni/plugin')
  installForward(bin, join(directory, 'cni.sock'), '/nonexistent')
})
afterAll(() => {
  if (directory === undefined) return
  for (const path of [program, plugin]) rmSync(path)
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

/** One that does not end by itself at ADD, nor does what it has started; resolves to the processes of both when it has begun. */
function hanging(): { begun(): Promise<number[]> } {
  standIn(`[ $CNI_COMMAND = ADD ] || exit 0\necho at work >&2\nsleep 300 &\necho $! $$ >${pids()}\nwait`)
  const read = () => /^(\d+) (\d+)\n$/.exec(readFileSync(pids(), 'utf8'))!.slice(1).map(Number)
  return { begun: () => vi.waitFor(read, PATIENT) }
}

/** Those that have not ended; what nobody waits for is a zombie for a moment, or for good where nobody collects it. */
const alive = (of: readonly number[]) =>
  of.filter((pid) => existsSync(`/proc/${pid}`) && !/ Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')))

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
  const processes = await begun()
  expect(linkNames('c1')).toEqual(['lo', 'eth0'])
  add.kill('SIGKILL')
  expect(await call(bin, 'DEL', C1, CONFIG)).toBe(null)
  await expect.poll(() => alive(processes), PATIENT).toEqual([])
  expect(linkNames('c1')).toEqual(['lo'])
})

it('that does not answer is ended with the daemon, which says so', async () => {
  const { begun } = hanging()
  const answer = call(bin, 'ADD', C1, CONFIG)
  const processes = await begun()
  process.kill(daemon.pid, 'SIGTERM')
  const msg = expect.stringMatching(/mine is not waited for: the daemon ends$/)
  expect(await answer).toMatchObject({ code: 11, msg })
  expect(await daemon.ended).toMatchObject({ status: 0, stderr: 'at work\n' })
  running.pop()
  await expect.poll(() => alive(processes), PATIENT).toEqual([])
  expect(linkNames('c1')).toEqual(['lo'])
})

it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
  'that does not answer is ended where the plugin that asks it gets %s, and nothing is left',
  async (signal) => {
    const { begun } = hanging()
    const add = spawn(process.execPath, [plugin], { env: environment(bin, 'ADD', C1) })
    add.stdin.end(JSON.stringify(CONFIG))
    const said = Promise.all([text(add.stdout), text(add.stderr), once(add, 'close')])
    const processes = await begun()
    add.kill(signal)
    const [stdout, stderr, [status]] = await said
    expect([status, stderr]).toEqual([1, 'at work\n'])
    const msg = expect.stringMatching(new RegExp(`mine is not waited for: the plugin got ${signal}$`))
    expect(JSON.parse(stdout)).toMatchObject({ code: 11, msg })
    await expect.poll(() => alive(processes), PATIENT).toEqual([])
    expect(linkNames('c1')).toEqual(['lo'])
  },
)
