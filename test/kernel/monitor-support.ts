/** What the tests of monitors share. */

import type { MonitorEvent } from '../../src/index.js'

/** Reads up to the first event that `found` accepts. */
export async function eventsUntil<E extends MonitorEvent>(
  events: AsyncIterator<E, undefined>,
  found: (event: E) => boolean,
): Promise<E[]> {
  const seen: E[] = []
  for (;;) {
    const { value } = await events.next()
    if (value === undefined) throw new Error(`the monitor ended; it told ${JSON.stringify(seen)}`)
    seen.push(value)
    if (found(value)) return seen
  }
}

/** The first event from here on that `found` accepts; the others are passed over. */
export async function until<E extends MonitorEvent>(
  events: AsyncIterator<E, undefined>,
  found: (event: E) => boolean,
): Promise<E> {
  return (await eventsUntil(events, found)).at(-1)!
}
