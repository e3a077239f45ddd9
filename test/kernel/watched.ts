/** Operations that are looked at, or disturbed, effect by effect. */

import type { Effect, Operation } from '../../src/netlink/operation.js'
import { type BegunNetns, primitive } from '../../src/netlink/primitives.js'

/** Of an operation of which no more is run, as of a process that is killed. */
export const KILLED = Symbol('killed')

/**
 * The same operation. What `before` returns is thrown into it in the place of its next effect, and for KILLED it ends there; a shield is no
 * effect that could fail.
 */
export function* watched<T>(
  operation: Operation<T>,
  before: (effect: Effect) => Error | typeof KILLED | undefined,
): Operation<T> {
  /** A namespace that has been begun comes to be also where nobody asks for it any more. */
  let begun: BegunNetns | null = null
  let step = operation.next()
  while (!step.done) {
    const effect = step.value
    const fault = effect.kind === 'shield' ? undefined : before(effect)
    if (begun !== null && (fault === KILLED || (fault !== undefined && named(effect, 'finishNetns'))))
      (yield* primitive('finishNetns', begun)).close()
    if (named(effect, 'finishNetns')) begun = null
    if (fault === KILLED) throw KILLED
    if (fault !== undefined) {
      step = operation.throw(fault)
      continue
    }
    let answer: unknown
    try {
      answer = yield effect
    } catch (error) {
      step = operation.throw(error)
      continue
    }
    if (named(effect, 'beginNetns')) begun = answer as BegunNetns
    step = operation.next(answer)
  }
  return step.value
}

function named(effect: Effect, name: string): boolean {
  return effect.kind === 'primitive' && effect.name === name
}

/** Whether an effect writes a line of the journal that has this. */
export const writes = (effect: Effect, text: string) =>
  effect.kind === 'primitive' && effect.name === 'appendFile' && String(effect.args[1]).includes(text)
