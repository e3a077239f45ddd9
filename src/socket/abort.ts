const waiting = new WeakMap<AbortSignal, Set<() => void>>()

/**
 * Calls back when a signal fires, and returns what takes that back. One listener for all calls that share a signal: an EventTarget warns
 * when it has more than ten. None where nobody waits: Node keeps a signal of AbortSignal.any() or timeout() as long as it has one.
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  let callbacks = waiting.get(signal)
  if (callbacks === undefined) {
    callbacks = new Set()
    waiting.set(signal, callbacks)
  }
  if (callbacks.size === 0) signal.addEventListener('abort', callAll)
  callbacks.add(callback)
  const all = callbacks
  return () => {
    all.delete(callback)
    if (all.size === 0) signal.removeEventListener('abort', callAll)
  }
}

function callAll(this: AbortSignal): void {
  for (const each of [...waiting.get(this)!]) each()
}
