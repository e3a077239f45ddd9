/** Asks for one set by its name. */

import { decodeBody, type OneOf } from '../codec/index.js'
import type { Request } from '../netlink/request.js'
import { familyNumber } from './input.js'
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
export function setRequest({ family, table, name }: Place): Request<NftSet> {
  return {
    message: getSet,
    body: { header: { family: familyNumber(family) }, attributes: { table, name } },
    flags: 0,
    answer: 'reply',
    subject: `set '${name}' of table ${String(family)} '${table}'`,
    read: (bytes, start, end) => setOf(decodeBody(newSet, bytes, start, end)),
  }
}
