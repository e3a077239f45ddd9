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
    const inner = error.stack!.split('\n')
    const outer = here.stack!.split('\n').slice(1)
    error.stack = [...inner, ...outer.slice(shared(inner, outer))].join('\n')
  }
  return error
}

/** How many calls the second begins with that the first ends with. Both have the call that was under way here, each at a place of its own. */
function shared(inner: readonly string[], outer: readonly string[]): number {
  for (let count = Math.min(inner.length, outer.length); count > 1; count--) {
    const end = inner.slice(-count)
    if (end.every((call, i) => i === 0 || call === outer[i])) return count
  }
  return 0
}

function isCut({ stack = '' }: Error): boolean {
  return stack.split('\n    at ').length > Error.stackTraceLimit
}
