/** docs/examples/cni as a process that stays: daemon.ts, called through forward.c, and latency.ts, which compares. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { bundle } from './bundle.js'
import {
  type Config,
  type Container,
  call,
  environment,
  install,
  installForward,
  startDaemon,
} from './cni-support.js'
import { needNftables } from './needs.js'
import { PATIENCE } from './patience.js'
import { type Started, start } from './program.js'
import { execFileSync } from './programs.js'
import { restoreHost } from './restore.js'
import { hasTool, ip, ipJson, type Printed } from './support.js'
import { cleanAll, deleteLinks, linkNames } from './topology-support.js'

const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
let directory: string
/** The plugin itself, its front end, and a front end that has no plugin to start. */
let oneShot: string
let forward: string
let alone: string
let socket: string
let plugin: string
let program: string
const daemons: Started[] = []

beforeAll(() => {
  if (!hasTool('cc')) return
  directory = mkdtempSync(join(tmpdir(), 'netlink-ts-cni-'))
  socket = join(directory, 'cni.sock')
  plugin = bundle('cni/plugin')
  program = bundle('cni/daemon')
  oneShot = join(directory, 'one-shot')
  forward = join(directory, 'forward')
  alone = join(directory, 'alone')
  for (const made of [oneShot, forward, alone]) mkdirSync(made)
  install(oneShot, plugin)
  installForward(forward, socket, plugin)
  installForward(alone, socket, '/nonexistent')
})
afterAll(() => {
  if (directory === undefined) return
  for (const path of [plugin, program]) rmSync(path)
  rmSync(directory, { recursive: true })
})

needNftables()
beforeEach((context) => {
  context.skip(!hasTool('cc'), 'not installed: a C compiler')
  context.skip(!hasTool('nft'), 'not installed: nftables')
  for (const { netns } of [C1, C2]) ip(`netns add ${netns}`)
})
afterEach(async () => {
  for (const { pid, ended } of daemons.splice(0)) {
    kill(pid, 'SIGKILL')
    await ended
  }
  deleteLinks()
  cleanAll()
  restoreHost()
  rmSync(data(), { recursive: true, force: true })
})

const C1 = { id: 'c1', netns: 'c1' }
const C2 = { id: 'c2', netns: 'c2' }
const data = () => join(directory, 'data')

const network = (): Config => ({
  cniVersion: '1.1.0',
  name: 'net1',
  type: 'bridge',
  isGateway: true,
  ipMasq: true,
  ipam: {
    type: 'host-local',
    dataDir: data(),
    ranges: [[{ subnet: '10.22.0.0/24' }]],
    routes: [{ dst: '0.0.0.0/0' }],
  },
})

async function daemon(): Promise<Started> {
  const started = await startDaemon(program, socket)
  daemons.push(started)
  return started
}

/** One that has ended is no error. */
function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

const addresses = () => readdirSync(join(data(), 'net1')).filter((name) => !name.startsWith('last'))

/**
 * An address of which nobody can read whose it is until `goOn` is called: ADD and DEL, which look for the addresses of a container, wait.
 * `reached` resolves when one of them does.
 */
function obstacle() {
  const path = join(data(), 'net1/10.22.0.99')
  mkdirSync(join(data(), 'net1'), { recursive: true })
  execFileSync('mkfifo', [path])
  let fd = -1
  /** ENXIO until there is a reader. */
  const isRead = () => {
    try {
      fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error
      return false
    }
  }
  return {
    reached: () => expect.poll(isRead, { timeout: 10_000 * PATIENCE }).toBe(true),
    goOn: () => {
      rmSync(path)
      writeSync(fd, 'other\r\neth0')
      closeSync(fd)
    },
  }
}

/** Those that are by chance. */
const withoutMacs = (answer: Printed | null) =>
  answer && {
    ...answer,
    interfaces: (answer['interfaces'] as Printed[] | undefined)?.map(({ name }) => name),
  }

it('answers as the plugin itself does, results and errors', async () => {
  const { pid, ended } = await daemon()
  expect(statSync(socket).mode & 0o777).toBe(0o600)
  const port = {
    ...network(),
    type: 'portmap',
    runtimeConfig: { portMappings: [{ hostPort: 80, containerPort: 8 }] },
  }
  const seen = []
  for (const bin of [oneShot, alone]) {
    const ask = (command: string, config = network(), container: Container = C1) =>
      call(bin, command, container, config)
    const prevResult = await ask('ADD')
    const answers = [
      prevResult,
      await ask('VERSION'),
      await ask('STATUS'),
      await ask('CHECK', { ...network(), prevResult }),
      await ask('ADD', { ...port, prevResult }),
      await ask('ADD'),
      await ask('MAKE'),
    ]
    const made = [linkNames(), linkNames('c1'), ipJson('route', 'c1'), addresses()]
    answers.push(
      await ask('DEL', port),
      await ask('DEL'),
      await ask('ADD', network(), { ...C2, args: 'IP=10.99.0.1' }),
      await ask('ADD', network(), { ...C2, args: 'IgnoreUnknown=a=b;IP=10.22.0.200' }),
      await ask('DEL', network(), C2),
    )
    seen.push([answers.map(withoutMacs), made, linkNames(), linkNames('c1'), addresses()])
    rmSync(data(), { recursive: true })
  }
  expect(seen[1]).toEqual(seen[0])
  expect(seen[0]![0]).toMatchObject([
    ...[{ ips: [{ address: '10.22.0.2/24' }] }, { supportedVersions: expect.any(Array) }, null, null],
    ...[{ ips: expect.any(Array) }, { code: 100 }, { code: 4 }, null, null],
    ...[{ code: 7 }, { ips: [{ address: '10.22.0.200/24' }] }, null],
  ])
  kill(pid, 'SIGTERM')
  expect(await ended).toEqual({ status: 0, stdout: `listening on ${socket}\n`, stderr: '' })
  expect(existsSync(socket)).toBe(false)
})

it('without a daemon the plugin is started; without both it is an error that says so', async () => {
  expect(await call(alone, 'ADD', C1, network())).toMatchObject({
    code: 11,
    msg: expect.stringContaining(socket),
  })
  expect(await call(forward, 'ADD', C1, network())).toMatchObject({ ips: [{ address: '10.22.0.2/24' }] })
  expect(await call(forward, 'DEL', C1, network())).toBe(null)
})

it('after kill -9 another takes the path over; of two, the second says that there is one', async () => {
  const first = await daemon()
  expect(await call(alone, 'ADD', C1, network())).toMatchObject({ ips: [{ address: '10.22.0.2/24' }] })
  kill(first.pid, 'SIGKILL')
  await first.ended
  expect(existsSync(socket)).toBe(true)
  expect(await call(alone, 'DEL', C1, network())).toMatchObject({ code: 11 })
  await daemon()
  const second = start([process.execPath, program, socket])
  daemons.push(second)
  const { status, stderr } = await second.ended
  expect(status).toBe(1)
  expect(stderr).toContain('EADDRINUSE')
  expect(await call(alone, 'DEL', C1, network())).toBe(null)
  expect([linkNames('c1'), addresses()]).toEqual([['lo'], []])
})

it('at its end it takes no more calls, and answers those that it has taken', async () => {
  const { pid, ended } = await daemon()
  const { reached, goOn } = obstacle()
  const answer = call(alone, 'ADD', C1, network())
  await reached()
  // What has not said all that it wants is no call.
  const silent = connect(socket)
  await once(silent, 'connect')
  kill(pid, 'SIGTERM')
  await once(silent, 'close')
  expect(existsSync(socket)).toBe(false)
  expect(await call(alone, 'DEL', C2, network())).toMatchObject({ code: 11 })
  goOn()
  expect(await answer).toMatchObject({ ips: [{ address: '10.22.0.2/24' }] })
  expect(await ended).toMatchObject({ status: 0, stderr: '' })
  expect(linkNames('c1')).toEqual(['lo', 'eth0'])
})

it('a runtime that is killed during ADD sends DEL later: it waits for the ADD, and nothing is left', async () => {
  await daemon()
  const { reached, goOn } = obstacle()
  const add = spawn(join(alone, 'bridge'), { env: environment(alone, 'ADD', C1) })
  add.stdin.end(JSON.stringify(network()))
  await reached()
  add.kill('SIGKILL')
  await once(add, 'close')
  const variables = Object.entries(environment(alone, 'DEL', C1)).map((pair) => `${pair.join('=')}\0`)
  const del = connect(socket, () => del.write(`${variables.join('')}\0${JSON.stringify(network())}\0`))
  const answer = text(del)
  // Calls of others do not wait, and this one came later.
  expect(await call(alone, 'VERSION', C2, network())).toHaveProperty('supportedVersions')
  goOn()
  expect(await answer).toBe('0')
  expect([linkNames('c1'), linkNames(), addresses()]).toEqual([['lo'], ['lo', 'cni0'], []])
})

it('a call that is cut off is none', async () => {
  await daemon()
  const half = connect(socket, () => half.end(`CNI_COMMAND=ADD\0\0${JSON.stringify(network())}`))
  expect(await text(half)).toBe('')
  expect(await call(alone, 'ADD', C1, network())).toMatchObject({ ips: [{ address: '10.22.0.2/24' }] })
})

it('the script compares plugins, shows what Node takes to start, and leaves nothing', async (context) => {
  const sets = [`one-shot=${oneShot}`, `long-lived=${alone}`]
  if (existsSync('/usr/lib/cni/bridge') && hasTool('iptables')) sets.unshift('go=/usr/lib/cni')
  else if (process.env['NETLINK_REQUIRE'] === 'all')
    context.skip('not installed: containernetworking-plugins')
  await daemon()
  const script = ['--import', TSX, 'docs/examples/cni/latency.ts', '--containers', '2', ...sets]
  const { status, stdout, stderr } = await start([process.execPath, ...script]).ended
  expect([status, stderr]).toEqual([0, ''])
  const rows = stdout.trimEnd().split('\n').slice(2)
  expect(
    rows.map((row) =>
      row
        .split('|')
        .slice(1, 3)
        .map((cell) => cell.trim()),
    ),
  ).toEqual([
    ...sets.flatMap((set) => ['ADD', 'DEL'].map((command) => [set.split('=')[0], command])),
    ['Node itself', '-e 0'],
  ])
  for (const row of rows) expect(row).toMatch(/^\| [\w -]+ \|( \S+ \|| -e 0 \|)( \d+\.\d \|){3}$/)
  expect([readdirSync('/run/netns').sort(), linkNames()]).toEqual([['c1', 'c2'], ['lo']])
  expect(execFileSync('nft', ['list', 'ruleset'])).not.toMatch(/10\.9\.|latency/)
})
