/** What a fake kernel answers with: messages as the kernel writes them. */

import { putU16, putU32 } from '../codec/bytes.js'
import { type Body, encodeAttributes, encodeBody, type Message, Writer } from '../codec/index.js'
import * as nl from '../netlink/constants.js'
import { errnoNumber } from '../netlink/errno.js'
import { type ErrorAttributes, errorAttributes } from '../netlink/extack.js'

/** Whom a message answers: a request, or nobody (0, 0) where it is multicast. */
export interface Addressee {
  readonly seq: number
  readonly portid: number
  /** nlmsg_flags of the request. */
  readonly flags: number
  /** The request; empty where there is none. */
  readonly bytes: Uint8Array
}

/** A message that knows whom it answers when it is sent. */
export type Part = (to: Addressee) => Uint8Array

/** An errno that recvmsg gives instead of a datagram: { error: 'ENOBUFS' }. */
export interface SocketError {
  readonly error: string
}

/** A break between two receives: see PAUSE. */
export interface Pause {
  readonly pause: true
}

/** Ends what one receive returns; the rest comes with the next. */
export const PAUSE: Pause = { pause: true }

/** One datagram (bytes go out as they are), an error of the socket, or a pause. */
export type Reply = Part | Uint8Array | SocketError | Pause

/** What a handler answers a request with, in order. */
export type Answer = Reply | readonly Answer[]

/**
 * An acknowledgement, where the request asks for one.
 *
 * @example
 * const kernel = fakeKernel(({ name }) => (name === 'RTM_NEWADDR' ? success() : failure('EPERM')), { interfaces: { eth0: 2 } })
 * await addAddress('eth0', '192.0.2.1/24', { netns: kernel })
 * kernel.requests.map(({ name }) => name) // [ 'RTM_NEWADDR' ]
 */
export function success(): Part {
  return (to) => (to.flags & nl.NLM_F_ACK ? errorMessage(to, 0, {}) : new Uint8Array(0))
}

/**
 * A refusal: `failure('EEXIST')`, `failure('EINVAL', { message: 'Invalid MTU', offset: 36 })`. `extack` are the attributes of enum
 * nlmsgerr_attrs (linux/netlink.h); `offset` counts from the start of the request, its nlmsghdr included.
 *
 * @example
 * const kernel = fakeKernel(() => failure('EINVAL', { message: 'Invalid MTU' }), { interfaces: { eth0: 2 } })
 * await setLink('eth0', { mtu: 1, netns: kernel }) // NetlinkError: RTM_NEWLINK
 */
export function failure(code: string, extack: ErrorAttributes = {}): Part {
  const errno = errnoNumber(code)
  return (to) => errorMessage(to, errno, extack)
}

/** An assertion that fails in a handler must not be lost, nor what cannot be written: the call under test fails with its text. */
export function thrown(error: unknown): Part {
  return failure('EPROTO', { message: `the fake kernel's handler threw: ${String(error)}` })
}

/**
 * One message: `reply(messages.RTM_NEWLINK, { header: { index: 2 }, attributes: { ifname: 'eth0' } })`.
 *
 * @example
 * const eth0 = { header: { index: 2 }, attributes: { ifname: 'eth0' } }
 * const kernel = fakeKernel(() => reply(messages.RTM_NEWLINK, eth0), { interfaces: { eth0: 2 } })
 * const { name } = await getLink('eth0', { netns: kernel })
 * name // 'eth0'
 */
export function reply<M extends Message>(message: M, body: Body<M>, flags = 0): Part {
  return (to) => write(message.number, flags, to, (out) => encodeBody(message, out, body))
}

/** How a dump ended, where it did not end well. */
export interface DoneOptions {
  /** NLM_F_DUMP_INTR: the table changed while it was read. */
  interrupted?: boolean | undefined
  /** The dump failed, as one of a table that does not exist ('ENOENT'). */
  error?: string | undefined
  extack?: ErrorAttributes | undefined
}

/**
 * The end of a dump.
 *
 * @example
 * const kernel = fakeKernel(() => done({ error: 'ENOENT' }))
 * await listRoutes({ table: 77, netns: kernel }) // []
 */
export function done(options: DoneOptions = {}): Part {
  const errno = options.error === undefined ? 0 : errnoNumber(options.error)
  const { extack } = options
  const flags =
    nl.NLM_F_MULTI |
    (options.interrupted ? nl.NLM_F_DUMP_INTR : 0) |
    (extack === undefined ? 0 : nl.NLM_F_ACK_TLVS)
  return (to) =>
    write(nl.NLMSG_DONE, flags, to, (out) => {
      putErrno(out, errno)
      if (extack !== undefined) encodeAttributes(errorAttributes, out, extack)
    })
}

/**
 * A whole dump: `dump(messages.RTM_NEWLINK, [{ header, attributes }, …])`.
 *
 * @example
 * const eth0 = { header: { index: 2 }, attributes: { ifname: 'eth0' } }
 * const kernel = fakeKernel(() => dump(messages.RTM_NEWLINK, [eth0]))
 * const links = await listLinks({ netns: kernel })
 * links.map(({ name }) => name) // [ 'eth0' ]
 */
export function dump<M extends Message>(
  message: M,
  bodies: readonly Body<M>[],
  options: DoneOptions = {},
): Part[] {
  return [...bodies.map((body) => reply(message, body, nl.NLM_F_MULTI)), done(options)]
}

function errorMessage(to: Addressee, errno: number, extack: ErrorAttributes): Uint8Array {
  const flags = nl.NLM_F_CAPPED | (Object.keys(extack).length > 0 ? nl.NLM_F_ACK_TLVS : 0)
  return write(nl.NLMSG_ERROR, flags, to, (out) => {
    putErrno(out, errno)
    out.raw(to.bytes.subarray(0, nl.NLMSG_HDRLEN))
    encodeAttributes(errorAttributes, out, extack)
  })
}

function putErrno(out: Writer, errno: number): void {
  const at = out.reserve(4)
  putU32(out.bytes, at, -errno)
}

function write(type: number, flags: number, to: Addressee, body: (out: Writer) => void): Uint8Array {
  const out = new Writer(256)
  out.reserve(nl.NLMSG_HDRLEN)
  body(out)
  putU32(out.bytes, 0, out.length)
  putU16(out.bytes, 4, type)
  putU16(out.bytes, 6, flags)
  putU32(out.bytes, 8, to.seq)
  putU32(out.bytes, 12, to.portid)
  return out.take()
}
