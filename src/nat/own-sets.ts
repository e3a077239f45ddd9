/** The sets and maps of the own table. Somebody else may have made one of their names, with keys or values of other types. */

import { EEXIST } from '../netlink/errno.js'
import { NetlinkError } from '../netlink/errors.js'
import type { Channel, Operation } from '../netlink/operation.js'
import { setsIn } from '../nftables/dumps.js'
import { anyOf, familyNumber } from '../nftables/input.js'
import { newSet } from '../nftables/messages.js'
import { setFlags } from '../nftables/names.js'
import type { NftSet, NftSetInput } from '../nftables/set.js'
import { otherSetAdvice } from '../nftables/set-request.js'
import { OWN } from './own-table.js'

/** All sets of the own table by name; none where there is no table. */
export function* setsByName(channel: Channel): Operation<ReadonlyMap<string, NftSet>> {
  const sets = yield* setsIn(channel, familyNumber(OWN.family), OWN.table)
  return new Map(sets.map((set) => [set.name, set]))
}

/** Whether elements of what is there are read as those of the set: others are nobody's entries. */
export function isLike(there: NftSet, set: NftSetInput): boolean {
  return textOf(there) === textOf(set)
}

function textOf({ type, map = null, mapInterval = false, flags }: NftSet | NftSetInput): string {
  return JSON.stringify([type, map, mapInterval, anyOf(setFlags, flags, 'flags').includes('interval')])
}

/** Those in whose place there is somebody else's set. */
export function* displaced(channel: Channel, sets: readonly NftSetInput[]): Operation<NftSetInput[]> {
  try {
    const found = yield* setsByName(channel)
    return sets.filter((set) => {
      const there = found.get(set.name)
      return there !== undefined && !isLike(there, set)
    })
  } catch (error) {
    if (error instanceof NetlinkError && error.code === 'ENOENT') return []
    throw error
  }
}

/** The error that the kernel answers with where the set is added, too. */
export function displacedError({ name }: NftSetInput): NetlinkError {
  return new NetlinkError({
    operation: newSet.name,
    errno: EEXIST,
    subject: `set '${name}' of table ${OWN.family} '${OWN.table}'`,
    advice: otherSetAdvice(name),
  })
}
