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

/** Reads each message as its type says, by the first of several readers that it interests; others are passed over. */
export function eventReader<E>(
  readers: readonly MessageReader<E>[],
  lost: EventReader<E>['lost'],
): EventReader<E> {
  const byType = new Map<number, MessageReader<E>[]>()
  for (const reader of readers) {
    const { number } = reader.message
    byType.set(number, [...(byType.get(number) ?? []), reader])
  }
  const log = trace()
  return {
    lost,
    read(bytes, start, end) {
      const readers = byType.get(getU16(bytes, start + 4))
      log?.('receive', bytes, start, end, readers?.[0]?.message ?? null)
      if (readers === undefined) return undefined
      const { name, header } = readers[0]!.message
      return guarded(
        name,
        () => {
          const body = start + NLMSG_HDRLEN
          if (end - body < header.size)
            throw malformed(`${end - body} bytes where ${header.size} are fixed`, body)
          for (const reader of readers) {
            const event = reader.read(bytes, body, end)
            if (event !== undefined) return event
          }
          return undefined
        },
        start,
      )
    },
  }
}
