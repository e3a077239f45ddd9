/** Whether what was made does its work still: who flushes the rules of a table leaves what tells what they were made of. */

import { withNetfilter } from '../netlink/netfilter.js'
import type { Channel, NetnsLike, Operation } from '../netlink/operation.js'
import type { NftChain } from '../nftables/chain.js'
import { chainsIn } from '../nftables/dumps.js'
import type { NftElement } from '../nftables/element.js'
import { familyNumber } from '../nftables/input.js'
import { chainName, describe } from './description.js'
import { everyElement, type Key } from './elements.js'
import { areLost, type Known, placeText } from './hairpin.js'
import type { NatEntry } from './list-nat.js'
import type { Masquerade } from './masquerade.js'
import { layoutAmong, OWN, portMaps } from './own-table.js'
import { type PublishedPort, parsePublished, portsOf } from './publication.js'
import { targetFor } from './publication-plan.js'

/** Tells of entries whether the verb, called again, would find nothing to mend; of verbs that no topology has it tells nothing. */
export function* wholeness(netns: NetnsLike | undefined): Operation<(entry: NatEntry) => boolean> {
  return yield* withNetfilter(netns, function* (channel) {
    const all = yield* chainsIn(channel, familyNumber(OWN.family), OWN.table)
    const chains = new Map(all.map((chain) => [chain.name, chain]))
    const { isWhole } = layoutAmong(chains)
    const known = isWhole ? yield* targetsIn(channel) : null
    return (entry) => {
      if (entry.verb === 'masquerade') return isMasquerading(entry, chains)
      return entry.verb !== 'publishPort' || (known !== null && isPublished(entry, known))
    }
  })
}

/** It has one rule, and those that have the rest of its description. */
function isMasquerading(entry: Masquerade, chains: ReadonlyMap<string, NftChain>): boolean {
  return chains.get(chainName(entry))?.use === 1 + describe(entry).rules.length
}

function isPublished(entry: PublishedPort, known: Known): boolean {
  const publication = parsePublished(entry)
  return !areLost(
    portsOf(publication).map(({ to }) => targetFor(publication, to)),
    known,
  )
}

/** The targets of all ports, of which those that the sets do not have are known not to be there. */
function* targetsIn(channel: Channel): Operation<Known> {
  const found = new Map<string, NftElement>()
  for (const { targets, hairpin } of Object.values(portMaps))
    for (const set of [targets, hairpin])
      for (const element of yield* everyElement(channel, set))
        found.set(placeText({ set, key: element.key as Key }), element)
  return { get: (text) => found.get(text) ?? null }
}
