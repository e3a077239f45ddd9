import {
  type Channel,
  type NetnsLike,
  type OpenNetns,
  type Operation,
  unabortable,
  withPlace,
} from '../netlink/operation.js'
import { withRuleset } from '../nftables/large.js'
import { Made } from './made.js'
import {
  bytesFor,
  checkPublication,
  type Publication,
  type PublishedPort,
  type PublishPortOptions,
  published,
} from './publication.js'
import { type PublicationPlan, republication, withdrawal } from './publication-plan.js'
import { networkOf } from './route.js'
import { type Left, settle } from './settle.js'
import { countFor, flushStale } from './stale.js'

/**
 * Publishes a port of this machine: connections to it go to the target, from outside, from this machine itself, from the target's own
 * network and from the target (which then see an address of this machine as their peer). A port is one element of a map, however many
 * there are. Published again it stays as it is, or moves to another target under the same name, whose other ports stay; connections that are going where it says
 * go on, those of the old way are ended.
 *
 * The machine has to forward (see enableForwarding); connections to 127.0.0.1 need its `localhost` besides. IPv6 has no such thing for ::1.
 *
 * @throws RangeError or TypeError naming the option, before anything is sent; NetlinkError EEXIST where the port is published under
 * another name, or where somebody else's set has the name of one of the own table
 * @see nft(8), linux/netfilter/nf_tables.h
 * @example
 * const web = await publishPort({ hostPort: 8080, to: '192.168.15.2:80' })
 * await web.withdraw()
 */
export function* publishPort(options: PublishPortOptions): Operation<Made<PublishedPort>> {
  const checked = checkPublication(options)
  const publication = yield* withPlace(options.netns, (netns) => publish(netns, checked))
  return madePort(publication, options.netns)
}

function* publish(netns: OpenNetns | null, checked: Publication): Operation<Publication> {
  const { dev, target } = checked
  const complete = { ...checked, dev: dev === undefined ? yield* networkOf(netns, target) : dev }
  const work = (channel: Channel) => bring(channel, netns, complete, republication, false)
  yield* withRuleset(netns ?? undefined, work, bytesFor(complete))
  return complete
}

/** Puts the table into the state that is planned, and ends the connections that would keep the old one. */
function* bring(
  channel: Channel,
  netns: OpenNetns | null,
  publication: Publication,
  plan: (channel: Channel, publication: Publication, left: Left | null) => Operation<PublicationPlan>,
  going: boolean,
): Operation<void> {
  const look = (it: Channel, left: Left | null) => plan(it, publication, left)
  const { plan: carriedOut, answer } = yield* settle(
    channel,
    look,
    going ? null : 'publishPort',
    countFor(publication),
  )
  // The table says it already: an abort comes too late.
  yield* unabortable(flushStale(channel, netns, publication, carriedOut.change, going, answer))
}

/** A publication with what withdraws it. */
export function madePort(publication: Publication, netns: NetnsLike | undefined): Made<PublishedPort> {
  return new Made(published(publication), () =>
    withPlace(netns, (open) => {
      const work = (channel: Channel) => bring(channel, open, publication, withdrawal, true)
      return withRuleset(open ?? undefined, work, bytesFor(publication))
    }),
  )
}
