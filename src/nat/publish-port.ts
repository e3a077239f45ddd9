import { EEXIST } from '../netlink/errno.js'
import { NetlinkError } from '../netlink/errors.js'
import { type Channel, exchange, type NetnsLike, type Operation, withPlace } from '../netlink/operation.js'
import type { Outcome } from '../netlink/request.js'
import type { NftChain } from '../nftables/chain.js'
import type { NftElement } from '../nftables/element.js'
import { newElements } from '../nftables/messages.js'
import type { Transaction } from '../nftables/recorder.js'
import { findElements } from './elements.js'
import { putCounts, recount, type Target } from './hairpin.js'
import { Made } from './made.js'
import { addLayout, isWhole, layoutQuestions } from './own-table.js'
import {
  addPorts,
  checkPublication,
  deletePorts,
  describePublication,
  keyOf,
  mapOf,
  type PortPair,
  type Publication,
  type PublishedPort,
  type PublishPortOptions,
  portsOf,
  published,
  tagOf,
  targetOf,
} from './publication.js'
import { networkOf } from './route.js'
import { answersOf, settle, withRuleset } from './settle.js'
import { flushStale } from './stale.js'

/**
 * Publishes a port of this machine: connections to it go to the target, from outside, from this machine itself, from the target's own
 * network and from the target (which then see an address of this machine as their peer). A port is one element of a map, however many
 * there are. Published again it stays as it is, or moves to another target under the same name; connections that are going where it says
 * go on, those of the old way are ended.
 *
 * The machine has to forward (see enableForwarding); connections to 127.0.0.1 need its `localhost` besides. IPv6 has no such thing for ::1.
 *
 * @throws RangeError or TypeError naming the option, before anything is sent; NetlinkError EEXIST where the port is published under
 * another name
 * @see nft(8), linux/netfilter/nf_tables.h
 * @example
 * const web = await publishPort({ hostPort: 8080, to: '192.168.15.2:80' })
 * await web.withdraw()
 */
export function* publishPort(options: PublishPortOptions): Operation<Made<PublishedPort>> {
  const checked = checkPublication(options)
  const publication = yield* withPlace(options.netns, function* (netns) {
    const { dev, target } = checked
    const complete = { ...checked, dev: dev === undefined ? yield* networkOf(netns, target) : dev }
    yield* withRuleset(netns, function* (channel) {
      yield* settle(channel, (it) => republication(it, complete))
      yield* flushStale(channel, netns, complete, false)
    })
    return complete
  })
  return madePort(publication, options.netns)
}

/** A publication with what withdraws it. */
export function madePort(publication: Publication, netns: NetnsLike | undefined): Made<PublishedPort> {
  return new Made(published(publication), () =>
    withPlace(netns, (open) =>
      withRuleset(open, function* (channel) {
        yield* settle(channel, (it) => withdrawal(it, publication))
        yield* flushStale(channel, open, publication, true)
      }),
    ),
  )
}

function targetFor({ family, protocol, target, dev = null }: Publication, port: number): Target {
  return { family, protocol, address: target, port, dev }
}

interface Found extends PortPair {
  readonly element: NftElement
}

/** What the map has of the ports of a publication. */
function* askPorts(channel: Channel, publication: Publication): Operation<Found[]> {
  const ports = portsOf(publication)
  const answers = yield* findElements(
    channel,
    mapOf(publication),
    ports.map(({ port }) => keyOf(publication, port)),
  )
  return ports.flatMap((one, i) => {
    const element = answers[i]
    return element == null ? [] : [{ ...one, element }]
  })
}

function goesTo({ target }: Publication, { to, element }: Found): boolean {
  const found = targetOf(element)
  return found.address === target && found.port === to
}

/** Where a port goes that is in the map. */
function foundTarget({ family, protocol }: Publication, { element }: Found): Target {
  return { family, protocol, ...targetOf(element), dev: tagOf(element).dev }
}

/** The rules where they are not as they have to be, and the ports that are not there or go elsewhere. */
function* republication(
  channel: Channel,
  publication: Publication,
): Operation<((tx: Transaction) => void) | null> {
  const whole = isWhole(answersOf((yield* exchange(channel, layoutQuestions())) as Outcome<NftChain>[]))
  const found = yield* askPorts(channel, publication)
  const { name, dev = null } = publication
  const foreign = found.find(({ element }) => tagOf(element).name !== name)
  if (foreign !== undefined) throw taken(publication, foreign)
  const right = found.filter((one) => goesTo(publication, one) && tagOf(one.element).dev === dev)
  const wrong = found.filter((one) => !right.includes(one))
  const kept = new Set(right.map(({ port }) => port))
  const missing = portsOf(publication).filter(({ port }) => !kept.has(port))
  if (whole && missing.length === 0) return null
  const counts = yield* recount(
    channel,
    wrong.map((one) => foundTarget(publication, one)),
    missing.map(({ to }) => targetFor(publication, to)),
  )
  return (tx) => {
    if (!whole) addLayout(tx)
    if (wrong.length > 0) deletePorts(tx, publication, wrong)
    if (missing.length > 0) addPorts(tx, publication, missing)
    putCounts(tx, counts)
  }
}

function taken(publication: Publication, { port, element }: Found): NetlinkError {
  const { address, port: to } = targetOf(element)
  return new NetlinkError({
    operation: newElements.name,
    errno: EEXIST,
    subject: describePublication({ ...publication, ports: { from: port, to: port } }),
    advice: `it is published as '${tagOf(element).name}' to ${address} port ${to}: withdraw that, or use its name`,
  })
}

/** Those of its ports that are still its own. */
function* withdrawal(
  channel: Channel,
  publication: Publication,
): Operation<((tx: Transaction) => void) | null> {
  const own = (yield* askPorts(channel, publication)).filter(
    (one) => tagOf(one.element).name === publication.name && goesTo(publication, one),
  )
  if (own.length === 0) return null
  const counts = yield* recount(
    channel,
    own.map((one) => foundTarget(publication, one)),
    [],
  )
  return (tx) => {
    deletePorts(tx, publication, own)
    putCounts(tx, counts)
  }
}
