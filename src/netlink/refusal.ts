/** The error of a request that the kernel refused. */

import { guarded } from '../codec/fault.js'
import { DecodeError, Writer } from '../codec/index.js'
import { advise } from './advice.js'
import { NLMSG_HDRLEN } from './constants.js'
import { errnoCode } from './errno.js'
import { NetlinkError } from './errors.js'
import { readErrorAttributes, resolveExtack } from './extack.js'
import { writeRequest } from './nlmsg.js'
import { adviceOf, type Request } from './request.js'

/** `start` to `end` is the NLMSG_ERROR that answered the request with the number `seq`, asked in the namespace that `where` names. */
export function refusal(
  request: Request,
  seq: number,
  where: string,
  errno: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): Error {
  try {
    const copy = new Writer()
    writeRequest(request, seq, copy)
    const sent = copy.take()
    const said = guarded('NLMSG_ERROR', () => readErrorAttributes(bytes, start, end), start)
    const extack = resolveExtack(said, request.message, sent)
    return new NetlinkError({
      operation: request.message.name,
      errno,
      subject: request.subject,
      extack,
      // Where the kernel has words of its own it is not about what a number alone means.
      advice:
        adviceOf(request, errnoCode(errno), extack) ??
        (extack.message === null ? advise(errno, where) : undefined),
      request: sent,
    })
  } catch (error) {
    // It belongs to this request alone: the others must not fail with it.
    return error as Error
  }
}

/** What an NLMSG_ERROR says that has no number, or one that would pass for success. */
export function noError(number: number | null, start: number, end: number): DecodeError {
  if (number === null)
    return new DecodeError('NLMSG_ERROR', '', 0, `${end - start} bytes where an error has 20`)
  return new DecodeError('NLMSG_ERROR', '', NLMSG_HDRLEN, `${number} where an error is below 0`)
}
