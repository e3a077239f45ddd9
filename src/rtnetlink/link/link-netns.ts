/** The part 'linkNetns' of a link: the kernel tells ids alone, and names are looked up afterwards. */

import type { Channel, Operation } from '../../netlink/operation.js'
import { namesOfNsids } from '../nsid/names.js'
import type { Link } from './link.js'

/** The links with the names of the namespaces of their `link`. */
export function* withLinkNetns(channel: Channel, links: readonly Link[]): Operation<Link[]> {
  // -1: a namespace that has no id here.
  const nsids = links.flatMap(({ linkNetnsid }) =>
    linkNetnsid === null || linkNetnsid < 0 ? [] : [linkNetnsid],
  )
  const names = yield* namesOfNsids(channel, new Set(nsids))
  return links.map((link) =>
    link.linkNetnsid === null ? link : { ...link, linkNetns: names.get(link.linkNetnsid) ?? null },
  )
}
