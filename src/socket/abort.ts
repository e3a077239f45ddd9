const waiting = new WeakMap<AbortSignal, Set<() => void>>()

/**
 * Calls back when a signal fires, and returns what takes that back. One listener for all calls that share a signal: an EventTarget warns
 * when it has more than ten.
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  let callbacks = waiting.get(signal)
  if (callbacks === undefined) {
    const all = new Set<() => void>()
    callbacks = all
    waiting.set(signal, all)
    signal.addEventListener(
      'abort',
      () => {
        for (const each of [...all]) each()
      },
      { once: true },
    )
  }
  callbacks.add(callback)
  return () => callbacks.delete(callback)
}
