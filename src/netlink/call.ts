import { show } from '../codec/fault.js'
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
  throw new TypeError(`signal: ${show(signal)} is not an AbortSignal`)
}

/** The signal among a call's options, wherever they stand. */
export function signalOf(args: readonly unknown[]): AbortSignal | undefined {
  for (let i = args.length - 1; i >= 0; i--) {
    const arg = args[i]
    if (typeof arg === 'object' && arg !== null && 'signal' in arg && arg.signal !== undefined)
      return checkSignal(arg.signal)
  }
  return undefined
}
