/** docs/examples/cni/daemon.ts and an IPAM plugin that it cannot start, or that does not answer. */

import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { bundle } from './bundle.js'
import { type Config, call, eachWithContainer, installForward, startDaemon } from './cni-support.js'
import type { Started } from './program.js'
import { execFileSync } from './programs.js'
import { hasTool } from './support.js'

const C1 = { id: 'c1', netns: 'c1' }
const CONFIG: Config = { cniVersion: '1.1.0', name: 'net1', type: 'bridge', ipam: { type: 'mine' } }

let directory: string
/** Where the front end lies, and the IPAM plugin. */
let bin: string
let program: string
let daemon: Started

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
})
afterEach(async () => {
  process.kill(daemon.pid, 'SIGKILL')
  await daemon.ended
})

function standIn(does: string): void {
  writeFileSync(join(bin, 'mine'), `#!/bin/sh\n${does}\n`, { mode: 0o755 })
}

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
