/** What the tests of the addon's namespaces share. */

import { mkdirSync, readFileSync, statSync } from 'node:fs'
import { onTestFinished } from 'vitest'
import type { Answer, CreatedNetns, Done, Failure } from '../../src/socket/native.js'
import { must, native, PLAIN, SOL_NETLINK } from './native-addon.js'

/** A directory of namespaces. */
export const SHARED = '/run/native-test'
mkdirSync(SHARED, { recursive: true })

export const AF_INET = 2
export const SOCK_STREAM = 1
export const SOCK_DGRAM = 2
export const UNBOUND = new Uint8Array(0)
/** An option that the kernel does not know. */
export const REFUSED = Int32Array.of(0, 0, SOL_NETLINK, 999, 1)

/** Both ways of calling: blocking, and with `done`. */
export type Way = <T>(call: (done?: Done<T>) => Answer<T>) => Promise<T | Failure>
export const ways: [string, Way][] = [
  ['blocking', async <T>(call: (done?: Done<T>) => Answer<T>) => call() as T],
  ['with done', (call) => later((done) => void call(done))],
]

/** The answer of a call with `done`. */
export function later<T>(call: (done: Done<T>) => void): Promise<T | Failure> {
  return new Promise(call)
}

let made = 0

/** A file that does not exist yet, in SHARED. */
export function path(kind = 'n'): string {
  return `${SHARED}/${kind}${process.pid}-${++made}`
}

/** A directory that does not exist yet. */
export function newDirectory(): string {
  return `${SHARED}-${process.pid}-${++made}`
}

/** A namespace with a socket in it, for the length of a test. */
export function create(name: string | null = null): CreatedNetns {
  const created = must(native.createNetns(name, PLAIN, false))
  onTestFinished(() => {
    created.socket.close()
    native.close(created.fd)
    if (name !== null) native.removeNetns(name)
  })
  return created
}

/** The mounts on a path, topmost last. */
export function mounts(on: string): string[] {
  const table = readFileSync('/proc/self/mountinfo', 'utf8').split('\n')
  return table.filter((line) => line.split(' ')[4] === on)
}

/** The same for two descriptors of one namespace, however they were opened. */
export function identity(fd: number): string {
  const { dev, ino } = statSync(`/proc/self/fd/${fd}`)
  return `${dev}:${ino}`
}

/** struct sockaddr_in */
export function inet(port: number, address: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(16)
  bytes.writeUInt16LE(AF_INET, 0)
  bytes.writeUInt16BE(port, 2)
  bytes.set(address, 4)
  return bytes
}
