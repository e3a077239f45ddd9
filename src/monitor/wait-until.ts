import type { CallOptions } from '../netlink/call.js'
import { CALL_OPTIONS, checkKeys } from '../netlink/check.js'
import { onAbort } from '../socket/abort.js'
import type { MonitorGroup } from './events.js'
import { monitor } from './monitor.js'

/** What says that it is not so yet. */
type NotYet = null | undefined | false

/**
 * Waits until something is so, and resolves with what `look` returns then: `look` is called at once, and again after the kernel has told
 * something of the groups, until it returns anything but false, null or undefined. Nothing is missed that happens meanwhile, and
 * nothing is asked while nothing happens. Many events that come together are one reason to look.
 *
 * @throws what `look` throws; the signal's reason, also while `look` is at it, which is not waited for then; what monitor() throws
 * @see monitor()
 * @example
 * const eth0 = await waitUntil(
 *   ['link'],
 *   async () => (await listLinks()).find(({ name, carrier }) => name === 'eth0' && carrier),
 *   { signal: AbortSignal.timeout(5000) },
 * )
 */
export async function waitUntil<T>(
  groups: readonly MonitorGroup[],
  look: () => T | Promise<T>,
  options: CallOptions = {},
): Promise<Exclude<T, NotYet>> {
  checkKeys('waitUntil', options, CALL_OPTIONS)
  if (typeof look !== 'function')
    throw new TypeError('waitUntil: the second argument is not a function that looks')
  using events = await monitor(groups, options)
  const next = () => {
    const told = events.next()
    // It may fail while nobody waits for it yet.
    told.catch(() => {})
    return told
  }
  let told = next()
  for (;;) {
    const found = await unlessAborted(look, options.signal)
    if (found !== null && found !== undefined && found !== false) return found as Exclude<T, NotYet>
    // What has come by now is told together.
    do {
      await told
      told = next()
    } while ((await Promise.race([told, null])) !== null)
  }
}

/** What work gives, or the signal's reason. The signal is let go of each time: a promise of it would gather what waits for it. */
async function unlessAborted<T>(work: () => T | Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await work()
  signal.throwIfAborted()
  let forget: (() => void) | undefined
  const aborted = new Promise<never>((_, reject) => {
    forget = onAbort(signal, () => reject(signal.reason))
  })
  try {
    // Inside a promise, so that the other is waited for even where it throws.
    return await Promise.race([(async () => await work())(), aborted])
  } finally {
    forget!()
  }
}
