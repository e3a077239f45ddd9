/**
 * Addresses of another program: the IPAM plugin that `ipam.type` names, looked for in CNI_PATH and started as the runtime has started this one,
 * with the same variables and the same configuration.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { stat } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { asCniError, CniError } from './error.js'
import type { Call, Route } from './input.js'
import type { Ipam, Lease } from './ipam.js'
import { canonical, destination, sizeOf, spelled } from './range.js'
import { parseResult, type Result } from './result.js'

/** As long as the kubelet gives a runtime for a whole container. */
const LIMIT_MS = 120_000

export function delegate(type: string): Ipam {
  const ask = async (command: Call['command'], call: Call) => {
    const program = await programOf(type, command, call)
    return await run(program, { ...call, env: { ...call.env, CNI_COMMAND: command } })
  }
  return {
    needsInterface: true,
    allocate: async (call) => leaseOf(type, await ask('ADD', call)),
    release: async (call) => void (await ask('DEL', call)),
    check: async (call) => void (await ask('CHECK', call)),
    gc: async (call) => void (await ask('GC', call)),
    status: async (call) => void (await ask('STATUS', call)),
  }
}

async function programOf(type: string, command: Call['command'], { env }: Call): Promise<string> {
  const path = env['CNI_PATH'] ?? ''
  const directories = type.includes('/') ? [] : path.split(delimiter).filter((one) => one !== '')
  for (const directory of directories) {
    const program = join(directory, type)
    const isFile = await stat(program).then(
      (found) => found.isFile(),
      () => false,
    )
    if (isFile) return program
  }
  throw new CniError(
    command === 'STATUS' ? 'notAvailable' : 'invalidConfig',
    `ipam.type: there is no plugin '${type}' in CNI_PATH, which is '${path}'`,
  )
}

/** What it printed. Throws the error that it answered with. */
async function run(program: string, call: Call): Promise<string> {
  const [stdout, stderr, [status, signal]] = await inTime(program, call)
  if (status === 0) return stdout
  const { code, msg, details } = errorIn(stdout)
  if (typeof code === 'number') throw new CniError(code, String(msg ?? ''), String(details ?? ''))
  const words = (stdout + stderr).trim()
  throw new CniError('failed', `ipam.type: ${program} ended with ${signal ?? status}: ${words || 'no word'}`)
}

/** How it ended by itself. Throws CniError where it cannot be started, or was killed: late, or for the caller's signal. */
async function inTime(program: string, { env, input, signal: caller }: Call) {
  const end = new AbortController()
  const leave = () => end.abort(caller?.reason)
  const late = () => end.abort(new Error(`it has not answered for ${LIMIT_MS / 1000} s`))
  const timer = setTimeout(late, LIMIT_MS)
  caller?.addEventListener('abort', leave)
  try {
    if (caller?.aborted) leave()
    end.signal.throwIfAborted()
    return await start(program, env, input, end.signal)
  } catch (error) {
    if (end.signal.aborted) {
      const { message } = end.signal.reason as Error
      throw new CniError('tryAgain', `ipam.type: ${program} is not waited for: ${message}`)
    }
    const { reason, message, details } = asCniError(error)
    throw new CniError(reason, `ipam.type: ${program} cannot be started: ${message}`, details)
  } finally {
    clearTimeout(timer)
    caller?.removeEventListener('abort', leave)
  }
}

type End = [status: number | null, signal: NodeJS.Signals | null]

/** In a process group of its own: with it ends what it has started in turn. Throws the signal's reason where that fired. */
async function start(
  program: string,
  env: NodeJS.ProcessEnv,
  input: string,
  signal: AbortSignal,
): Promise<[stdout: string, stderr: string, End]> {
  const child = spawn(program, { env, detached: true })
  const ended = once(child, 'exit') as Promise<End>
  // Where no descriptor is left it has no streams, and its error comes a moment later.
  if ((child.stdin as unknown) === undefined) await ended
  // One that ends without having read it is judged by how it ends.
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
  // The specification has it passed on, for logs: also of one that hangs.
  child.stderr.on('data', (chunk: Buffer) => void process.stderr.write(chunk))
  const stop = () => {
    if (child.pid !== undefined) killGroup(child.pid)
  }
  signal.addEventListener('abort', stop)
  try {
    const end = await ended
    signal.throwIfAborted()
    // All that it has printed lies there to be read, which is done between the two.
    for (let turn = 0; turn < 2; turn++) await setImmediate()
    return [String(Buffer.concat(stdout)), String(Buffer.concat(stderr)), end]
  } finally {
    signal.removeEventListener('abort', stop)
    // What it has started may hold their other ends for as long as it likes.
    child.stdin.destroy()
    child.stdout.destroy()
    child.stderr.destroy()
  }
}

function killGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL')
  } catch {
    // All of it has ended by itself.
  }
}

function errorIn(stdout: string): { code?: unknown; msg?: unknown; details?: unknown } {
  try {
    return Object(JSON.parse(stdout))
  } catch {
    return {}
  }
}

/** What it says of interfaces counts for nothing: it gives addresses for the one that it was asked for. */
function leaseOf(type: string, stdout: string): Lease {
  const { ips, routes, dns } = readable(type, () => {
    const result = parseResult(stdout)
    return { ips: result.ips.map(ipOf), routes: result.routes.map(routeOf), dns: result.dns }
  })
  if (ips.length === 0) throw new CniError('failed', `ipam.type: '${type}' answered without an address`)
  return { ips, routes, dns }
}

function ipOf({ address, gateway }: Result['ips'][number], i: number): Lease['ips'][number] {
  const ip = { address: canonical(`ips[${i}].address`, address) }
  if (gateway === undefined) return ip
  const field = `ips[${i}].gateway`
  // It is given to the bridge with the prefix of the address.
  if (sizeOf(gateway) !== sizeOf(address)) throw otherFamily(field, gateway, address)
  return { ...ip, gateway: spelled(gateway, field) }
}

function routeOf(route: Route, i: number): Route {
  const to = { ...route, dst: destination(`routes[${i}].dst`, route.dst) }
  const { gw } = route
  if (gw === undefined) return to
  const field = `routes[${i}].gw`
  // IPv4 goes by way of IPv6, too.
  if (sizeOf(gw) < sizeOf(to.dst)) throw otherFamily(field, gw, to.dst)
  return { ...to, gw: spelled(gw, field) }
}

function otherFamily(field: string, text: string, beside: string): CniError {
  return new CniError('decoding', `ipam: ${field}: '${text}' is of another family than ${beside}`)
}

function readable<T>(type: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    const reason =
      error instanceof CniError && error.reason === 'incompatibleVersion' ? error.reason : 'decoding'
    throw new CniError(reason, `ipam.type: what '${type}' answered is no result: ${(error as Error).message}`)
  }
}
