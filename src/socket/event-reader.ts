import { getU16 } from '../codec/bytes.js'
import { guarded, malformed } from '../codec/fault.js'
import type { Message } from '../codec/index.js'
import { NLMSG_HDRLEN } from '../netlink/constants.js'
import type { EventReader } from './event-socket.js'
import { trace } from './trace.js'

/** What becomes of the messages of one type; `start` is the fixed struct. Undefined: of no interest. */
export interface MessageReader<E> {
  readonly message: Message
  read(bytes: Uint8Array, start: number, end: number): E | undefined
}

/** Reads each message as its type says; messages of other types are passed over. */
export function eventReader<E>(
  readers: readonly MessageReader<E>[],
  lost: EventReader<E>['lost'],
): EventReader<E> {
  const byType = new Map(readers.map((reader) => [reader.message.number, reader]))
  const log = trace()
  return {
    lost,
    read(bytes, start, end) {
      const reader = byType.get(getU16(bytes, start + 4))
      log?.('receive', bytes, start, end, reader?.message ?? null)
      if (reader === undefined) return undefined
      const { name, header } = reader.message
      return guarded(
        name,
        () => {
          const body = start + NLMSG_HDRLEN
          if (end - body < header.size)
            throw malformed(`${end - body} bytes where ${header.size} are fixed`, body)
          return reader.read(bytes, body, end)
        },
        start,
      )
    },
  }
}
