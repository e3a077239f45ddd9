/** The message that makes the set of a rule. */

import type { OneOf } from '../codec/index.js'
import { NLM_F_CREATE } from '../netlink/constants.js'
import type { Request } from '../netlink/request.js'
import { type AttributesOf, change } from './change.js'
import { concatId } from './datatypes.js'
import { familyNumber } from './input.js'
import { newSet } from './messages.js'
import type { NftFamily, ObjectType, SetFlag } from './names.js'
import { dataAttributes, partsOfKey, setUserdata } from './set-attributes.js'
import { lengthOf, type SetShape } from './set-shape.js'
import type { UserRecord } from './userdata.js'

/** What nft(8) calls the set of a rule: a pattern, of which the kernel makes a name. */
export function anonymousName({ data }: SetShape): string {
  return data === null ? '__set%d' : data === 'object' ? '__objmap%d' : '__map%d'
}

/** NFT_MSG_NEWSET of a set that belongs to a rule; `origin` are records of nft(8) of the fields that its types come from. */
export function anonymousSet(
  { family, table, name }: { family: OneOf<NftFamily>; table: string; name: string },
  shape: SetShape,
  id: number,
  count: number,
  objects: Exclude<ObjectType, 'unspec'> | undefined,
  origin: readonly UserRecord[],
): Request {
  const key = shape.key!
  const flags: SetFlag[] = ['anonymous', 'constant']
  if (shape.interval) flags.push('interval')
  if (shape.data !== null) flags.push(shape.data === 'object' ? 'object' : 'map')
  if (shape.concat) flags.push('concat')
  const attributes: AttributesOf<typeof newSet> = {
    table,
    name,
    flags,
    keyType: concatId(key),
    keyLen: lengthOf(key),
    ...dataAttributes({ map: objects }, shape),
    id,
    desc: { size: count, concat: shape.concat ? partsOfKey(key) : undefined },
    userdata: setUserdata({ autoMerge: shape.interval && shape.data === null }, shape, origin),
  }
  return change(
    newSet,
    familyNumber(family),
    attributes,
    NLM_F_CREATE,
    `set of a rule of table ${family} '${table}'`,
  )
}
