/** The number of a ruleset's state, which each commit raises. */

import { decodeBody } from '../codec/index.js'
import { type Channel, type Operation, requestOne } from '../netlink/operation.js'
import type { Request } from '../netlink/request.js'
import { getGen, newGen } from './messages.js'

/** NFT_MSG_GETGEN */
export const generationRequest: Request<number> = {
  message: getGen,
  body: { header: {}, attributes: {} },
  flags: 0,
  answer: 'reply',
  read: (bytes, start, end) => decodeBody(newGen, bytes, start, end).attributes.id ?? 0,
}

export function* askGeneration(channel: Channel): Operation<number> {
  return yield* requestOne(channel, generationRequest)
}
