/** Operations that are looked at, or disturbed, effect by effect. */

import type { Effect, Operation } from '../../src/netlink/operation.js'

/** The same operation. What `before` returns is thrown into it in the place of its next effect; a shield is none that could fail. */
export function* watched<T>(
  operation: Operation<T>,
  before: (effect: Effect) => Error | undefined,
): Operation<T> {
  let step = operation.next()
  while (!step.done) {
    const fault = step.value.kind === 'shield' ? undefined : before(step.value)
    if (fault !== undefined) {
      step = operation.throw(fault)
      continue
    }
    let answer: unknown
    try {
      answer = yield step.value
    } catch (error) {
      step = operation.throw(error)
      continue
    }
    step = operation.next(answer)
  }
  return step.value
}

/** Whether an effect writes a line of the journal that has this. */
export const writes = (effect: Effect, text: string) =>
  effect.kind === 'primitive' && effect.name === 'appendFile' && String(effect.args[1]).includes(text)
