import { type CallOptions, checkSignal } from '../netlink/call.js'
import { CALL_OPTIONS, checkInteger, checkKeys } from '../netlink/check.js'
import { NETLINK_ADD_MEMBERSHIP, NETLINK_LISTEN_ALL_NSID, SOL_NETLINK } from '../netlink/constants.js'
import { EINVAL } from '../netlink/errno.js'
import { SystemError } from '../netlink/errors.js'
import { EventSocket, type MakeReader } from './event-socket.js'
import { systemError } from './failure.js'
import { Feed } from './feed.js'
import { openSocket } from './open.js'

export interface SubscribeOptions extends CallOptions {
  /**
   * Bytes that the kernel keeps while nobody reads; 32 MiB, which is some 80,000 events, and takes memory only while they wait. Without
   * CAP_NET_ADMIN in the first user namespace net.core.rmem_max is the most, 208 KiB on most machines and some 500 events.
   */
  receiveBuffer?: number | undefined
  /** Bytes taken from the kernel that wait for the reader; 4 MiB, which is some 40,000 events. Beyond that the kernel keeps them. */
  queueLimit?: number | undefined
}

const DEFAULT_RECEIVE_BUFFER = 32 << 20
const DEFAULT_QUEUE_LIMIT = 4 << 20
/** The kernel doubles what it is asked for, in an int. */
const MAX_BUFFER = 0x3fffffff

export interface Subscription<E> {
  readonly protocol: number
  /** Numbers of multicast groups. */
  readonly groups: readonly number[]
  readonly reader: MakeReader<E>
  /** Whether to be told of other namespaces too: those that have an id in the socket's own. */
  readonly everywhere?: boolean
  /** For the warning when the feed is collected unclosed. */
  readonly label: string
}

/** Throws what is wrong with the options of `call`; `common` are those that other calls have, too. */
export function checkSubscribeOptions(
  call: string,
  options: SubscribeOptions,
  common: readonly (keyof CallOptions)[] = CALL_OPTIONS,
): void {
  checkKeys(call, options, ['receiveBuffer', 'queueLimit', ...common])
  checkSignal(options.signal)
  for (const key of ['receiveBuffer', 'queueLimit'] as const) {
    if (options[key] !== undefined) checkInteger(options[key], key, 1, MAX_BUFFER, 'a number of bytes')
  }
}

/** Opens a socket and joins the groups: what happens afterwards is in the feed. */
export async function subscribe<E extends object>(
  subscription: Subscription<E>,
  options: SubscribeOptions,
): Promise<Feed<E>> {
  return new Feed(await openEvents(subscription, options), subscription.label, options.signal)
}

function notJoined(errno: number, subject: string): Error {
  if (errno !== EINVAL) return systemError({ errno, syscall: 'setsockopt' }, subject)
  return new SystemError({
    errno,
    syscall: 'setsockopt',
    subject,
    advice: 'the kernel has no such group: it is too old for it, or another protocol has it',
  })
}

/** The same as a source, for who makes one feed of several. */
export async function openEvents<E extends object>(
  { protocol, groups, reader, everywhere = false }: Omit<Subscription<E>, 'label'>,
  options: SubscribeOptions,
): Promise<EventSocket<E>> {
  const { netns, signal } = options
  const { receiveBuffer = DEFAULT_RECEIVE_BUFFER, queueLimit = DEFAULT_QUEUE_LIMIT } = options
  signal?.throwIfAborted()
  const settings = everywhere ? [SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, 1] : []
  const { socket, where } = await openSocket(netns, protocol, Int32Array.of(0, receiveBuffer, ...settings))
  try {
    for (const group of groups) {
      const status = socket.setOption(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group)
      const subject = `multicast group ${group} ${where}`.trimEnd()
      if (status < 0) throw notJoined(-status, subject)
    }
    signal?.throwIfAborted()
    return new EventSocket(socket, queueLimit, reader, everywhere)
  } catch (error) {
    socket.close()
    throw error
  }
}
