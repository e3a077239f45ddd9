/** Runs CNI plugins as a container runtime does: an environment, a configuration on standard input, JSON on standard output. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, type TestContext } from 'vitest'
import { handle } from '../../docs/examples/cni/handle.js'
import { get } from '../../docs/examples/http-in-namespace.js'
import { openSocketInNetns } from '../../src/index.js'
import { PATIENCE } from './patience.js'
import { type Ended, type Started, start } from './program.js'
import { execFileSync } from './programs.js'
import { restoreHost } from './restore.js'
import { hasTool, ip, type Printed } from './support.js'
import { cleanAll, deleteLinks } from './topology-support.js'

/** Where Debian's containernetworking-plugins are; NETLINK_CNI names others (`test/kernels/fetch.sh CACHE cni` brings newer ones). */
export const THEIRS = process.env['NETLINK_CNI'] ?? '/usr/lib/cni'

export const skipWithoutTheirs = (context: TestContext) =>
  context.skip(!existsSync(join(THEIRS, 'bridge')), 'not installed: containernetworking-plugins')

/** What each test of a file has, and what goes with it: the namespace c1, and a directory where addresses are kept. */
export function eachWithContainer(): { readonly dataDir: string } {
  const each = { dataDir: '' }
  beforeEach((context) => {
    context.skip(!hasTool('nft'), 'not installed: nftables')
    each.dataDir = mkdtempSync(join(tmpdir(), 'netlink-ts-cni-'))
    ip('netns add c1')
  })
  afterEach(() => {
    deleteLinks()
    cleanAll()
    restoreHost()
    rmSync(each.dataDir, { recursive: true, force: true })
  })
  return each
}

export interface Container {
  readonly id: string
  readonly netns: string
  readonly args?: string | undefined
  /** 'eth0' without it. */
  readonly ifname?: string | undefined
}

/** One plugin of a list; `chained` is what the one before it answered. */
export type Config = Record<string, unknown>

/** The variables of a call. */
export function environment(directory: string, command: string, { id, netns, args, ifname }: Container) {
  return {
    PATH: process.env['PATH'],
    CNI_COMMAND: command,
    CNI_CONTAINERID: id,
    CNI_NETNS: netns === '' ? '' : `/run/netns/${netns}`,
    CNI_IFNAME: ifname ?? 'eth0',
    CNI_PATH: directory,
    CNI_ARGS: args ?? '',
  }
}

/** Starts the plugin `config.type` that lies in a directory; with `killAfter` (milliseconds) it is killed unless it has ended by then. */
export async function run(
  directory: string,
  command: string,
  container: Container,
  config: Config,
  killAfter = 60_000 * PATIENCE,
): Promise<Ended> {
  const child = spawn(join(directory, String(config['type'])), {
    env: environment(directory, command, container),
    timeout: killAfter,
    killSignal: 'SIGKILL',
  })
  // A plugin that is killed reads nothing any more.
  child.stdin.on('error', () => {})
  child.stdin.end(JSON.stringify(config))
  const ended = once(child, 'close') as Promise<[number | null]>
  const [stdout, stderr, [status]] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  return { status, stdout, stderr }
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

/** A directory in which docs/examples/cni/forward.c is installed under the same names: a socket's front end. */
export function installForward(directory: string, socket: string, plugin: string): void {
  const [source, output] = ['docs/examples/cni/forward.c', join(directory, 'forward')]
  const paths = [`-DSOCKET="${socket}"`, `-DPLUGIN="${plugin}"`]
  execFileSync('cc', ['-Wall', '-Wextra', '-Werror', '-O2', ...paths, '-o', output, source])
  install(directory, output)
}

/** Starts docs/examples/cni/daemon.ts, which has been bundled; resolves when it listens. */
export async function startDaemon(bundled: string, socket: string): Promise<Started> {
  const daemon = start([process.execPath, bundled, socket])
  await daemon.ready
  return daemon
}

/** Asks the plugin in this process; what it prints. */
export async function ask(
  command: string,
  config: object,
  env: Record<string, string> = {},
): Promise<Printed | null> {
  const of = { CNI_CONTAINERID: 'c1', CNI_NETNS: '/run/netns/c1', CNI_IFNAME: 'eth0' }
  return (await handle({ CNI_COMMAND: command, ...of, ...env }, JSON.stringify(config))).output
}

/** Tells its visitors who they are, behind a greeting. */
export async function mirror(netns: string, address: string, greeting = ''): Promise<http.Server> {
  const server = http.createServer(({ socket }, response) => {
    response.setHeader('connection', 'close')
    response.end(greeting + socket.remoteAddress)
  })
  const fd = await openSocketInNetns(netns, { address, port: 80 })
  return await new Promise((resolve) => server.listen({ fd }, () => resolve(server)))
}

/** As whom a server saw its visitor; null is the process's own namespace. */
export async function page(netns: string | null, url: string): Promise<string> {
  const late = AbortSignal.timeout(3000)
  const silence = once(late, 'abort').then(() => 'no answer')
  const answer =
    netns === null ? fetch(url, { signal: late }).then((it) => it.text()) : get(netns, new URL(url))
  return await Promise.race([answer.catch((error: Error) => error.message), silence])
}
