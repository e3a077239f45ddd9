/** Commands inside a namespace: Node's own child processes, started through the netlink-exec helper. */

import type {
  ChildProcess,
  ChildProcessByStdio,
  ChildProcessWithoutNullStreams,
  CommonSpawnOptions,
  SpawnOptions,
  SpawnSyncOptions,
  SpawnSyncReturns,
  StdioNull,
  StdioOptions,
  StdioPipe,
} from 'node:child_process'
import { statSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Readable, Writable } from 'node:stream'
import { show } from './codec/fault.js'
import { checkInteger } from './netlink/check.js'
import { ENOENT, ENOTDIR } from './netlink/errno.js'
import { SystemError } from './netlink/errors.js'
import type { NetnsLike } from './netlink/operation.js'
import { execHelper } from './socket/exec-helper.js'
import { hold } from './socket/place.js'

type Stdio = StdioNull | StdioPipe
type StreamOf<S, Stream> = S extends StdioPipe ? Stream : null
/** What Node's own declarations say in ten signatures, of which an editor shows the comment of none. */
type Child<S> = [S] extends [readonly [infer I, infer O, infer E]]
  ? ChildProcessByStdio<StreamOf<I, Writable>, StreamOf<O, Readable>, StreamOf<E, Readable>>
  : [S] extends ['pipe' | 'overlapped' | undefined]
    ? ChildProcessWithoutNullStreams
    : ChildProcess
type Printed<E> = E extends 'buffer' | null | undefined ? Buffer : string
type Command<Of extends unknown[], O> =
  | [...of: Of, command: string, args?: readonly string[] | null | undefined, options?: O | undefined]
  | [...of: Of, command: string, options: O]

/** How spawn() of Node is called, which streams come of it, and before that what `Of` says: a namespace, or nothing for a handle's own. */
export type SpawnInNetns<Of extends unknown[]> = <S extends StdioOptions | [Stdio, Stdio, Stdio] = 'pipe'>(
  ...call: Command<Of, Omit<SpawnOptions, 'stdio'> & { stdio?: S | undefined }>
) => Child<S>

/** The same of spawnSync(). */
export type SpawnSyncInNetns<Of extends unknown[]> = <E extends SpawnSyncOptions['encoding'] = 'buffer'>(
  ...call: Command<Of, Omit<SpawnSyncOptions, 'encoding'> & { encoding?: E | undefined }>
) => SpawnSyncReturns<Printed<E>>

type InNetns = [netns: NetnsLike]

/** These functions as methods of a handle. */
export type OwnSpawning<Functions> = {
  [K in keyof Functions]: Functions[K] extends SpawnInNetns<InNetns>
    ? SpawnInNetns<[]>
    : Functions[K] extends SpawnSyncInNetns<InNetns>
      ? SpawnSyncInNetns<[]>
      : never
}

/** A tenth of what importing this package costs: loaded when it is first used. */
function childProcess(): typeof import('node:child_process') {
  return createRequire(import.meta.url)('node:child_process')
}

/**
 * Starts a command in a namespace, as `ip netns exec`, and returns Node's ChildProcess at once, as child_process.spawn() does and with its
 * options. The command sees the namespace's own /sys and, in one with a name, the files of /etc/netns/NAME in place of those of /etc. It
 * is looked up along the PATH of its own environment. The namespace may be closed as soon as this returns.
 *
 * Exit status 125: the namespace could not be entered (stderr says why; CAP_SYS_ADMIN is needed); 126: the command could not be
 * executed; 127: there is no such command.
 *
 * @throws TypeError or RangeError for arguments that cannot be right; SystemError ENOENT where there is no such namespace, or no
 * directory `cwd`.
 * @see ip-netns(8), https://nodejs.org/api/child_process.html
 * @example spawnInNetns('red', 'ping', ['-c1', '192.168.15.2'], { stdio: 'inherit' })
 */
export const spawnInNetns = ((netns: NetnsLike, command: string, ...rest: Rest<SpawnOptions>) =>
  enter(netns, command, rest, childProcess().spawn)) as SpawnInNetns<InNetns>

/**
 * Runs a command in a namespace to its end, as child_process.spawnSync() does and with its options. Otherwise it is as spawnInNetns().
 *
 * @throws TypeError or RangeError for arguments that cannot be right; SystemError ENOENT where there is no such namespace, or no
 * directory `cwd`.
 * @see ip-netns(8), https://nodejs.org/api/child_process.html
 * @example const { status, stdout } = spawnSyncInNetns('red', 'cat', ['/sys/class/net/eth0/address'], { encoding: 'utf8' })
 */
export const spawnSyncInNetns = ((netns: NetnsLike, command: string, ...rest: Rest<SpawnSyncOptions>) =>
  enter(netns, command, rest, childProcess().spawnSync)) as SpawnSyncInNetns<InNetns>

/** As Node takes them: options may stand in the place of arguments. */
type Rest<O> = [args?: readonly string[] | null | undefined, options?: O | undefined] | [options: O]

function argumentsOf(rest: Rest<Launch>): [args: readonly string[], options: Launch] {
  const [first, options] = rest
  if (Array.isArray(first) || typeof first !== 'object' || first === null)
    // What is neither is told by commandLine().
    return [(first ?? []) as readonly string[], options ?? {}]
  return [[], first as Launch]
}

interface Launch extends CommonSpawnOptions {
  argv0?: string | undefined
}

/** The child has its copy of the namespace's descriptor when `start` returns. */
function enter<R>(
  netns: NetnsLike,
  command: string,
  rest: Rest<Launch>,
  start: (file: string, args: string[], options: CommonSpawnOptions) => R,
): R {
  const [args, { shell, argv0, uid, gid, stdio, ...options }] = argumentsOf(rest)
  const line = commandLine(command, args, shell)
  const identity = switches({ argv0, uid, gid })
  const files = stdioFiles(stdio)
  checkDirectory(options.cwd)
  const helper = execHelper()
  const place = hold(netns)
  try {
    return start(helper, [...identity, String(files.length), place.name ?? '', ...line], {
      ...options,
      stdio: [...files, place.fd],
    })
  } finally {
    place.release()
  }
}

/** A shell is run in the namespace; Node would give it the helper's arguments to interpret. */
function commandLine(command: string, args: readonly string[], shell: Launch['shell']): string[] {
  if (typeof command !== 'string') throw new TypeError(`command: ${show(command)} is not a string`)
  if (command === '') throw new RangeError('command: it cannot be empty')
  if (!Array.isArray(args)) throw new TypeError(`args: ${show(args)} is not an array of strings`)
  for (const [i, arg] of args.entries())
    if (typeof arg !== 'string') throw new TypeError(`args[${i}]: ${show(arg)} is not a string`)
  if (!shell) return [command, ...args]
  return [shell === true ? '/bin/sh' : shell, '-c', [command, ...args].join(' ')]
}

/** Node would report it as a failure to start the helper, by the helper's name. */
function checkDirectory(cwd: Launch['cwd']): void {
  if (cwd == null) return
  const found = statSync(cwd, { throwIfNoEntry: false })
  if (found?.isDirectory()) return
  throw new SystemError({
    errno: found === undefined ? ENOENT : ENOTDIR,
    syscall: 'chdir',
    subject: String(cwd),
    advice: 'the option cwd has to be a directory',
  })
}

/** One entry for each of the child's descriptors, so that the namespace's comes after them. */
function stdioFiles(given: Launch['stdio'] | null) {
  const stdio = given ?? 'pipe'
  if (typeof stdio === 'string') return [stdio, stdio, stdio]
  return [...stdio, ...Array<undefined>(Math.max(0, 3 - stdio.length))]
}

/** 2^32 - 1 is what leaves it unchanged (setuid(2)). */
const MAX_ID = 0xfffffffe

/** What has to wait until the namespace is entered is the helper's work. */
function switches({ argv0, uid, gid }: Pick<Launch, 'argv0' | 'uid' | 'gid'>): string[] {
  if (argv0 != null && typeof argv0 !== 'string') throw new TypeError(`argv0: ${show(argv0)} is not a string`)
  if (uid != null) checkInteger(uid, 'uid', 0, MAX_ID, 'a user')
  if (gid != null) checkInteger(gid, 'gid', 0, MAX_ID, 'a group')
  return Object.entries({ '-a': argv0, '-u': uid, '-g': gid }).flatMap(([flag, value]) =>
    value == null ? [] : [flag, String(value)],
  )
}
