import type { Operation } from '../../src/netlink/operation.js'

/** Runs an operation that has to throw before it asks for anything. */
export function refusal(operation: () => Operation<unknown>): Error {
  try {
    const step = operation().next()
    throw new Error(`it asked for ${step.done ? 'nothing' : step.value.kind}`)
  } catch (error) {
    return error as Error
  }
}
