/** The primitives over the addon, each once: `call` hides whether the addon blocks or calls back. */

import {
  closeSync,
  constants,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { NETLINK_ADD_MEMBERSHIP, NETLINK_ROUTE, SOL_NETLINK } from '../netlink/constants.js'
import { SystemError } from '../netlink/errors.js'
import type { OpenNetns } from '../netlink/operation.js'
import type { Primitives } from '../netlink/primitives.js'
import { addon } from './addon.js'
import { check } from './failure.js'
import type { Answer, CreatedNetns, Done, Failure, NativeSocket } from './native.js'
import { NetnsCore, type OwnedChannel } from './netns-core.js'
import { HeldFile } from './open-file.js'
import { openCore } from './place.js'
import { filesWith } from './search-files.js'
import { RECEIVE_SIZE, REQUEST_SETTINGS } from './settings.js'

/** Runs a call of the addon that takes `done` in one of the two ways. */
export type Run = <T, R>(
  start: (done?: Done<T>) => Answer<T>,
  then: (answer: T | Failure) => R,
) => R | Promise<R>

/** The process's own namespace, to the addon. */
const OWN = -1

type TunArguments = [
  netns: number,
  name: string,
  flags: number,
  owner: number,
  group: number,
  persist: boolean,
]

type Implementation = {
  [K in keyof Primitives]: (
    ...args: Parameters<Primitives[K]>
  ) => ReturnType<Primitives[K]> | Promise<ReturnType<Primitives[K]>>
}

/** `attach` makes a face's own channel of the socket that came with a new namespace. */
export function primitives(
  run: Run,
  attach: (core: NetnsCore, socket: NativeSocket) => OwnedChannel,
  face: 'sync' | 'async',
): Implementation {
  const act = (path: string, start: (done?: Done<0>) => Answer<0>) =>
    run<0, void>(start, (answer) => void check(answer, path))
  const tun = <R>(args: TunArguments, then: (fd: number) => R) =>
    run<number, R>(
      (done) => addon().openTun(...args, done),
      (answer) => then(check(answer, args[1])),
    )
  const made = (name: string | null, answer: CreatedNetns | Failure) => {
    const { fd, socket } = check(answer, name === null ? 'a new namespace' : `namespace '${name}'`)
    const core = new NetnsCore(fd, name, name === null ? 'an unnamed namespace' : `namespace '${name}'`)
    core.channels[face].set(NETLINK_ROUTE, attach(core, socket))
    return core
  }
  return {
    createNetns: (path, name, loopback) =>
      run<CreatedNetns, OpenNetns>(
        (done) => addon().createNetns(path, REQUEST_SETTINGS, loopback, done),
        (answer) => made(name, answer),
      ),
    beginNetns: (path, name, loopback) => ({
      name,
      number: addon().beginNetns(path, REQUEST_SETTINGS, loopback),
    }),
    finishNetns: ({ name, number }) =>
      run<CreatedNetns, OpenNetns>(
        (done) => addon().finishNetns(number, done),
        (answer) => made(name, answer),
      ),
    nameNetns: (netns, path) => act(path, (done) => addon().nameNetns(netns.fd, path, done)),
    removeNetns: (path) => act(path, (done) => addon().removeNetns(path, done)),
    openNetns: (netns) => openCore(netns),
    identity: (path) =>
      files(path, () => {
        const { dev, ino } = statSync(path, { bigint: true })
        return `${dev}:${ino}`
      }),
    listDirectory: (path) => files(path, () => readdirSync(path)),
    filesWith: (path, names, texts) => files(path, () => filesWith(path, names, texts)),
    readFile: (netns, path) => {
      const fd = netns?.fd ?? OWN
      return run<Uint8Array, string>(
        (done) => addon().readFile(fd, path, done),
        (answer) => new TextDecoder().decode(check(answer, path)),
      )
    },
    writeFile: (netns, path, text) => {
      const fd = netns?.fd ?? OWN
      const data = new TextEncoder().encode(text)
      return act(path, (done) => addon().writeFile(fd, path, data, done))
    },
    closeSocket: (fd) => void addon().close(fd),
    releaseSocket: (fd) => addon().release(fd),
    listen: (netns, groups) => {
      const open = addon().openNetlink
      const namespace = netns?.fd ?? OWN
      return run<NativeSocket, NativeSocket>(
        (done) =>
          done === undefined
            ? open(namespace, NETLINK_ROUTE, REQUEST_SETTINGS)
            : open(namespace, NETLINK_ROUTE, REQUEST_SETTINGS, done),
        (answer) => {
          const socket = check(answer, netns?.label)
          for (const group of groups)
            checkStatus(socket.setOption(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group), 'setsockopt')
          return socket
        },
      )
    },
    wait: (listener) => {
      const socket = listener as NativeSocket
      // What it is does not matter, nor whether some of it was lost.
      const receive = (wait: boolean) => void socket.receive(new Uint8Array(RECEIVE_SIZE), wait)
      return run<0, void>(
        (done) => {
          if (done === undefined) return receive(true)
          const status = socket.watch(() => {
            socket.unwatch()
            receive(false)
            done(0)
          })
          checkStatus(status, 'watch')
        },
        () => {},
      )
    },
    stamp: (path) =>
      files(path, () => {
        const { dev, ino, ctimeNs } = statSync(path, { bigint: true })
        return `${dev}:${ino}:${ctimeNs}`
      }),
    readText: (path) => files(path, () => readFileSync(path, 'utf8')),
    makeDirectory: (path) => files(path, () => makeDirectories(path)),
    claimFile: (path, text) =>
      files(path, () => {
        const made = `${path}.new`
        try {
          writeFileSync(made, text, { mode: 0o600 })
          linkSync(made, path)
        } finally {
          rmSync(made, { force: true })
        }
      }),
    claimLink: (path, text) => files(path, () => symlinkSync(text, path)),
    readLink: (path) => files(path, () => readlinkSync(path)),
    createFile: (path) =>
      files(path, () => openSync(path, APPEND | constants.O_CREAT | constants.O_EXCL, 0o600)),
    openFile: (path) => files(path, () => openSync(path, APPEND)),
    appendFile: (fd, text) =>
      files('the journal', () => {
        const bytes = Buffer.from(text)
        for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at)
      }),
    closeFile: (fd) => closeSync(fd),
    renameFile: (path, to) => files(path, () => renameSync(path, to)),
    removeFile: (path) => files(path, () => rmSync(path, { force: true })),
    runtimeDirectory: () => (process.getuid?.() === 0 ? '/run' : process.env['XDG_RUNTIME_DIR'] || null),
    createTun: (netns, name, flags, owner, group) =>
      tun([netns?.fd ?? OWN, name, flags, owner, group, true], (fd) => void addon().close(fd)),
    openTun: (netns, name, flags) => tun([netns?.fd ?? OWN, name, flags, -1, -1, false], (fd) => fd),
    openPinned: (path) =>
      run<number, HeldFile>(
        (done) => addon().openPinned(path, done),
        (answer) => new HeldFile(check(answer, path)),
      ),
    openSocket: ({ fd, label }, family, type, protocol, address) =>
      run<number, number>(
        (done) => addon().openSocket(fd, family, type, protocol, address, done),
        (answer) => check(answer, label),
      ),
  }
}

function checkStatus(status: number, syscall: string): void {
  if (status < 0) check({ errno: -status, syscall })
}

const DIRECTORY_MODE = 0o755

/**
 * With those above it. Not by the option `recursive` of Node.js: what keeps that from making the first one that is missing it calls ENOENT
 * (EROFS, EDQUOT), and below /proc, where none can be made, it comes to no end.
 */
function makeDirectories(path: string): void {
  try {
    mkdirSync(path, DIRECTORY_MODE)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST' && statSync(path, { throwIfNoEntry: false })?.isDirectory()) return
    if (code !== 'ENOENT' || lstatSync(dirname(path), { throwIfNoEntry: false }) !== undefined) throw error
    makeDirectories(dirname(path))
    makeDirectories(path)
  }
}

const APPEND = constants.O_WRONLY | constants.O_APPEND

function files<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    const { errno, syscall } = error as { errno?: number; syscall?: string }
    if (errno === undefined || syscall === undefined) throw error
    throw new SystemError({ errno: Math.abs(errno), syscall, subject: path })
  }
}
