/** Asks for one set by its name. */

import { decodeBody, type OneOf } from '../codec/index.js'
import type { Request } from '../netlink/request.js'
import { described, familyNumber } from './input.js'
import { getSet, newSet } from './messages.js'
import type { NftFamily } from './names.js'
import { type NftSet, setOf } from './set.js'

/** Where a set is. */
export interface Place {
  readonly family: OneOf<NftFamily>
  readonly table: string
  readonly name: string
}

/** NFT_MSG_GETSET of one set. */
export function setRequest(place: Place): Request<NftSet> {
  const { family, table, name } = place
  return {
    message: getSet,
    body: { header: { family: familyNumber(family) }, attributes: { table, name } },
    flags: 0,
    answer: 'reply',
    subject: described('set', place),
    read: (bytes, start, end) => setOf(decodeBody(newSet, bytes, start, end)),
  }
}
