import { getU16 } from '../codec/bytes.js'
import { guarded } from '../codec/fault.js'
import type { Message } from '../codec/index.js'
import { bodyStart } from '../netlink/nlmsg.js'
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
      const { message } = readers[0]!
      return guarded(
        message.name,
        () => {
          const body = bodyStart(message, start, end)
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
