/** What a verb made, and how it is withdrawn. */

import type { Operation } from '../netlink/operation.js'

/** What a verb returns: the faces make a handle of it, whose withdraw() runs the operation. */
export class Made<V> {
  constructor(
    readonly value: V,
    /** Takes away what the verb made, not what has taken its place; what is not there any more is no error. */
    readonly withdraw: () => Operation<void>,
  ) {}
}

/** Runs the withdrawal in the way of a face. */
export type RunWithdrawal = (operation: Operation<void>) => unknown

/** A result of an operation as a face hands it out. */
export function withHandles(result: unknown, run: RunWithdrawal): unknown {
  if (result instanceof Made)
    return Object.assign({}, result.value, { withdraw: () => run(result.withdraw()) })
  if (Array.isArray(result) && result[0] instanceof Made) return result.map((one) => withHandles(one, run))
  return result
}
