import type { NetnsLike } from './operation.js'

/** The options that every operation has. */
export interface CallOptions {
  /** Where: a handle, a name under /run/netns, `{ pid }`, `{ path }` or `{ fd }`; without it the process's own namespace. */
  netns?: NetnsLike | undefined
  /** Stops the waiting; the kernel may have acted already. Deadlines: `AbortSignal.timeout(ms)`. Promises only. */
  signal?: AbortSignal | undefined
}

/** Throws TypeError for what is no AbortSignal: it would never stop anything. */
export function checkSignal(signal: unknown): AbortSignal | undefined {
  if (signal === undefined || signal instanceof AbortSignal) return signal
  throw new TypeError(`signal: ${String(signal)} is not an AbortSignal`)
}
