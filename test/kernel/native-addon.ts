/** The bare addon for the kernel tests, and Node processes of their own for what ends one. */

import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { Addon, Failure } from '../../src/socket/native.js'

export const ADDON_PATH = fileURLToPath(new URL('../../build/Release/netlink.node', import.meta.url))
export const EXEC_PATH = fileURLToPath(new URL('../../build/Release/netlink-exec', import.meta.url))
export const native = createRequire(import.meta.url)(ADDON_PATH) as Addon

// asm-generic/errno-base.h, asm-generic/errno.h
export const EPERM = 1
export const ENOENT = 2
export const EBADF = 9
export const EAGAIN = 11
export const ENOMEM = 12
export const EBUSY = 16
export const EEXIST = 17
export const ENODEV = 19
export const ENOTDIR = 20
export const EISDIR = 21
export const EINVAL = 22
export const EMFILE = 24
export const ENOSPC = 28
export const EMSGSIZE = 90
export const ENOPROTOOPT = 92
export const EPROTONOSUPPORT = 93
export const EAFNOSUPPORT = 97
export const EADDRINUSE = 98
export const EADDRNOTAVAIL = 99
export const ENOBUFS = 105

export const NETLINK_ROUTE = 0
export const NETLINK_KOBJECT_UEVENT = 15
export const SOL_NETLINK = 270
export const NETLINK_ADD_MEMBERSHIP = 1
export const NETLINK_CAP_ACK = 10
export const RTNLGRP_LINK = 1

/** Buffers as the kernel has them by default, no options. */
export const PLAIN = Int32Array.of(0, 0)

export const NLMSG_ERROR = 2
export const RTM_NEWLINK = 16

/** A request for one link: the answer is one datagram of more than a kilobyte. */
export function getLink(ifindex: number, seq: number): Uint8Array {
  const bytes = Buffer.alloc(32)
  bytes.writeUInt32LE(bytes.length, 0)
  bytes.writeUInt16LE(18, 4) // RTM_GETLINK
  bytes.writeUInt16LE(1, 6) // NLM_F_REQUEST
  bytes.writeUInt32LE(seq, 8)
  bytes.writeInt32LE(ifindex, 20)
  return bytes
}

/** NLMSG_NOOP with NLM_F_ACK: the answer is one datagram of 36 bytes (header, errno, header of the request). */
export function noop(seq: number): Uint8Array {
  const bytes = Buffer.alloc(16)
  bytes.writeUInt32LE(bytes.length, 0)
  bytes.writeUInt16LE(1, 4) // NLMSG_NOOP
  bytes.writeUInt16LE(5, 6) // NLM_F_REQUEST | NLM_F_ACK
  bytes.writeUInt32LE(seq, 8)
  return bytes
}

export interface Header {
  readonly offset: number
  readonly length: number
  readonly type: number
  readonly seq: number
  readonly portid: number
}

/** The messages in `length` bytes received. */
export function headers(bytes: Uint8Array, length: number): Header[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, length)
  const found: Header[] = []
  for (let offset = 0; offset < length; ) {
    const size = view.getUint32(offset, true)
    if (size < 16) throw new Error(`no message at ${offset}`)
    found.push({
      offset,
      length: size,
      type: view.getUint16(offset + 4, true),
      seq: view.getUint32(offset + 8, true),
      portid: view.getUint32(offset + 12, true),
    })
    offset += (size + 3) & ~3
  }
  return found
}

/** The answer, or an error if it is a Failure. */
export function must<T>(answer: T | Failure | void): T {
  if (typeof answer === 'object' && answer !== null && 'syscall' in answer) {
    throw new Error(`${answer.syscall}: errno ${answer.errno}`)
  }
  return answer as T
}

export interface Thread {
  readonly id: string
  readonly name: string
  readonly netns: string
  readonly blockedSignals: string
}

/** The threads of this process; one that ends meanwhile is left out. */
export function threads(): Thread[] {
  return readdirSync('/proc/self/task').flatMap((id) => {
    try {
      return [
        {
          id,
          name: readFileSync(`/proc/self/task/${id}/comm`, 'utf8').trim(),
          netns: readlinkSync(`/proc/self/task/${id}/ns/net`),
          blockedSignals: /^SigBlk:\s*(\S+)/m.exec(readFileSync(`/proc/self/task/${id}/status`, 'utf8'))![1]!,
        },
      ]
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code
      if (code === 'ENOENT' || code === 'ESRCH') return []
      throw error
    }
  })
}

export interface Ended {
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command to its end, while this process goes on. */
export function run(command: string, ...args: string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    child.on('error', reject)
    child.on('close', (status, signal) => resolve({ status, signal, stdout, stderr }))
  })
}

const PRELUDE = `
const native = require(${JSON.stringify(ADDON_PATH)})
const PLAIN = Int32Array.of(0, 0)
const { readdirSync, readlinkSync } = require('node:fs')
const openFds = () => readdirSync('/proc/self/fd').filter((fd) => {
  try { return /^(socket|net):/.test(readlinkSync('/proc/self/fd/' + fd)) } catch { return false }
}).length
${getLink}
${must}
`

/** The command line of a Node process that runs `source` with `native`, PLAIN, getLink(), must() and openFds(). */
function script(source: string, ...nodeOptions: string[]): string[] {
  return [process.execPath, ...nodeOptions, '-e', PRELUDE + source]
}

/** Runs `source` in a Node process, below the commands of `wrapper` (unshare, setpriv). */
export function runScript(
  source: string,
  wrapper: readonly string[] = [],
  ...nodeOptions: string[]
): Promise<Ended> {
  const [command, ...args] = [...wrapper, ...script(source, ...nodeOptions)]
  return run(command!, ...args)
}
