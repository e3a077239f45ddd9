import { NLM_F_ACK } from '../netlink/constants.js'
import { errnoNumber } from '../netlink/errno.js'
import { NETNS, type NetnsHandle } from '../netlink/operation.js'
import type { Addon, Done, NativeSocket } from '../socket/native.js'
import { NetnsCore } from '../socket/netns-core.js'
import { messages } from './messages.js'
import { type Answer, done, failure, reply, success, thrown } from './reply.js'
import type { FakeRequest } from './request.js'
import { type FakeKernelSide, FakeSocket } from './socket.js'

/**
 * Answers a request; a promise answers it late, and later requests of the same socket wait for it, as they do in the kernel. Undefined
 * is what the kernel does when it has nothing to say: a change has succeeded, a table is empty, the ruleset of nf_tables is in its first
 * generation, another get is not supported.
 */
export type Handler = (request: FakeRequest) => Answer | undefined | Promise<Answer | undefined>

/** What a fake kernel knows besides its handler. */
export interface FakeKernelOptions {
  /** The interfaces that names resolve to: `{ lo: 1, eth0: 2 }`. */
  interfaces?: Readonly<Record<string, number>> | undefined
}

/**
 * Makes a fake kernel: `fakeKernel((request) => (request.name === 'RTM_NEWROUTE' ? failure('EEXIST') : success()))`.
 *
 * @example
 * const kernel = fakeKernel(({ name }) => (name === 'RTM_NEWROUTE' ? failure('EEXIST') : undefined), { interfaces: { eth0: 2 } })
 * await addRoute({ to: 'default', via: '192.0.2.1', dev: 'eth0', netns: kernel }) // NetlinkError: RTM_NEWROUTE
 */
export function fakeKernel(handler: Handler, options: FakeKernelOptions = {}): FakeKernel {
  return new FakeKernel(handler, options)
}

/** Far above any descriptor that is open, so that a real system call refuses it. */
let nextFd = 0x40000000
let nextPortid = 0x40000000

/**
 * A namespace whose kernel is a function. It is a handle: `{ netns: kernel }` makes an operation of any face talk to it, and
 * `openNetns(kernel)` gives a handle with methods. No addon, no root, no Linux is needed.
 */
export class FakeKernel implements NetnsHandle, Disposable {
  readonly [NETNS]: NetnsCore
  /** Every request so far, in the order in which the kernel saw them. */
  readonly requests: FakeRequest[] = []
  /** The interfaces that names resolve to; may be changed. */
  readonly interfaces: Map<string, number>
  readonly #sockets = new Set<FakeSocket>()
  #sendError = 0

  constructor(handler: Handler, options: FakeKernelOptions = {}) {
    this.interfaces = new Map(Object.entries(options.interfaces ?? {}))
    const side: FakeKernelSide = {
      interfaces: this.interfaces,
      sendError: () => {
        const error = this.#sendError
        this.#sendError = 0
        return error
      },
      handle: (request) => {
        this.requests.push(request)
        return answerOf(handler, request)
      },
      closed: (socket) => this.#sockets.delete(socket),
    }
    const open = (protocol: number) => {
      const socket = new FakeSocket(side, protocol, nextPortid++)
      this.#sockets.add(socket)
      return socket
    }
    // One function for both forms: it answers, or calls back.
    const openNetlink = ((_netns, protocol, _settings, then?: Done<NativeSocket>) => {
      if (then === undefined) return open(protocol)
      setImmediate(() => then(open(protocol)))
      return undefined
    }) as Addon['openNetlink']
    const system = { openNetlink, duplicate: () => nextFd++, close: () => 0 }
    this[NETNS] = new NetnsCore(nextFd++, null, 'a fake kernel', false, system)
  }

  /** Sockets that are open. */
  get sockets(): number {
    return this.#sockets.size
  }

  /** Sends to every socket that has joined a group, as the kernel does for a monitor; `{ error: 'ENOBUFS' }` is an overflow. */
  multicast(group: number, answer: Answer): void {
    const to = { seq: 0, portid: 0, flags: 0, bytes: new Uint8Array(16) }
    for (const socket of this.#sockets) if (socket.groups.has(group)) socket.deliver(answer, to)
  }

  /** The next sendmsg fails as a whole: nothing of it reaches the handler. */
  failSend(code: string): void {
    this.#sendError = errnoNumber(code)
  }

  /** Closes the namespace, as close() of a handle does. */
  close(): void {
    this[NETNS].close()
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

function answerOf(handler: Handler, request: FakeRequest): Answer | Promise<Answer> {
  try {
    const answer = handler(request)
    if (!(answer instanceof Promise)) return answer ?? nothingToSay(request)
    return answer.then(
      (late) => late ?? nothingToSay(request),
      (error) => thrown(error),
    )
  } catch (error) {
    return thrown(error)
  }
}

/** The state of a ruleset that nothing is in. */
const FIRST_GENERATION = { header: {}, attributes: { id: 1 } } as const

function nothingToSay(request: FakeRequest): Answer {
  if (request.isDump) return done()
  if (request.name === 'NFT_MSG_GETGEN') return reply(messages.NFT_MSG_NEWGEN, FIRST_GENERATION)
  if (!request.isGet || request.flags & NLM_F_ACK) return success()
  return failure('EOPNOTSUPP', {
    message: `the fake kernel has no answer to ${request.name ?? request.type}`,
  })
}
