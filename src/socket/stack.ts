import { NetlinkError, SystemError } from '../netlink/errors.js'

/**
 * Makes the stack of an error that an operation threw lead to the caller, and returns it. What the kernel refused was made where its
 * answer arrived, which tells nobody anything: the caller's stack takes the place of that one. What is wrong with an argument was found
 * many calls deep, and V8 keeps ten of them: those of the caller's that are not among them come behind. An error of the caller's own, such as the reason of an abort,
 * must not be given.
 */
export function leadToCaller(error: unknown): unknown {
  if (error instanceof NetlinkError || error instanceof SystemError)
    Error.captureStackTrace(error, leadToCaller)
  else if ((error instanceof RangeError || error instanceof TypeError) && isCut(error)) {
    const here: { stack?: string } = {}
    Error.captureStackTrace(here, leadToCaller)
    const { stack } = error
    const calls = here.stack!.split('\n').slice(1)
    const known = calls.findLastIndex((call) => stack!.includes(call))
    error.stack = [stack, ...calls.slice(known + 1)].join('\n')
  }
  return error
}

function isCut({ stack = '' }: Error): boolean {
  return stack.split('\n    at ').length > Error.stackTraceLimit
}
