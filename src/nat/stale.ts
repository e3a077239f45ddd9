/** The tracked connections that would keep the old way when a port is published, moved or withdrawn. */

import type { ConntrackEntry } from '../conntrack/entry.js'
import { type ConntrackFilter, checkFilter } from '../conntrack/filter.js'
import { deleteEach, flushEach } from '../conntrack/flush.js'
import { entriesIn, queriesOf } from '../conntrack/query.js'
import { globalRequest } from '../conntrack/stats.js'
import {
  type Channel,
  type OpenNetns,
  type Operation,
  requestOne,
  withChannel,
} from '../netlink/operation.js'
import type { Request } from '../netlink/request.js'
import type { Publication } from './publication.js'
import { ownAddresses, routeTo } from './route.js'

type Counted = typeof globalRequest extends Request<infer T> ? T : never

/** Where connections to a port went: `to` is the port of the target. */
export interface Way {
  readonly port: number
  readonly address: string
  readonly to: number
}

/** What a transaction changed: ports that nothing was published at before, and ways that connections do not go any more. */
export interface Change {
  readonly fresh: readonly number[]
  readonly left: readonly Way[]
}

/** Where connections go that were begun before is to be looked at. */
export const UNKNOWN = null

/** So many walks of a flush take less time than the one of a dump, see docs/nat.md. */
const MAX_FLUSHES = 16

/** Asks for the number of entries, together with a transaction of few messages. */
export function countFor({ ports }: Publication): readonly Request<Counted>[] {
  return ports.to - ports.from < MAX_FLUSHES ? [globalRequest] : []
}

/**
 * Deletes connections that were begun to the published port: after it was published (`going` false) those that go elsewhere than it says,
 * after it was withdrawn those that went where it said. Others go on. An entry that went away meanwhile is no error.
 */
export function* flushStale(
  channel: Channel,
  netns: OpenNetns | null,
  publication: Publication,
  change: Change | null,
  going: boolean,
  counted: Counted | null,
): Operation<void> {
  const { entries } = counted ?? (yield* requestOne(channel, globalRequest))
  if (entries === 0) return
  const filters = change === null ? null : yield* filtersOf(netns, publication, change)
  if (filters !== null && (yield* flushEach(channel, filters.map(checkFilter).flatMap(queriesOf)))) return
  const candidates = (yield* begunTo(channel, publication)).filter(
    (entry) => goesToTarget(publication, entry) === going,
  )
  const { hostAddress } = publication
  const stale = hostAddress === null && !going ? yield* toThisMachine(netns, candidates) : candidates
  yield* deleteEach('publishPort', channel, stale)
}

/**
 * What the kernel can flush by itself, for which it passes over what is empty of its table; null where a dump is needed. It compares no
 * addresses of IPv6, and where an address of this machine is published anew its connections may go where the port of all addresses goes.
 */
function* filtersOf(
  netns: OpenNetns | null,
  { family, protocol, hostAddress }: Publication,
  { fresh, left }: Change,
): Operation<ConntrackFilter[] | null> {
  if (family !== 'ip' || protocol === 'sctp' || left.length > MAX_FLUSHES) return null
  const common = { family: 'ipv4', protocol, statusMask: ['dst-nat'] } as const
  const filters = left.map(({ port, address, to }): ConntrackFilter => {
    const original = hostAddress === null ? { dport: port } : { dport: port, dst: hostAddress }
    return { status: ['dst-nat'], original, reply: { src: address, sport: to }, ...common }
  })
  if (fresh.length === 0) return filters
  const most = Math.floor((MAX_FLUSHES - filters.length) / fresh.length)
  const own = hostAddress === null && most > 0 ? yield* ownAddresses(netns, most) : null
  if (own === null) return null
  for (const dport of fresh) for (const dst of own) filters.push({ original: { dst, dport }, ...common })
  return filters
}

/** Entries with a changed destination: some table translates, or has translated. */
export function* someAreTranslated(channel: Channel): Operation<boolean> {
  if ((yield* requestOne(channel, globalRequest)).entries === 0) return false
  const filter = checkFilter({ status: ['dst-nat'] })
  return (yield* entriesIn(channel, filter)).length > 0
}

/** Entries whose packets were sent to the published port: the kernel walks through its whole table. */
function* begunTo(channel: Channel, publication: Publication): Operation<ConntrackEntry[]> {
  const { family, protocol, hostAddress, ports } = publication
  const filter = checkFilter({
    family: family === 'ip' ? 'ipv4' : 'ipv6',
    protocol,
    original: { dst: hostAddress ?? undefined, dport: { start: ports.from, end: ports.to } },
  })
  return yield* entriesIn(channel, filter)
}

function goesToTarget(
  { target, ports, targetPort }: Publication,
  { original, reply }: ConntrackEntry,
): boolean {
  return reply.src === target && reply.sport === targetPort + (original.dport ?? 0) - ports.from
}

/** The port of an address that is none of this machine's is another machine's. */
function* toThisMachine(
  netns: OpenNetns | null,
  entries: readonly ConntrackEntry[],
): Operation<ConntrackEntry[]> {
  if (entries.length === 0) return []
  const local = new Set<string>()
  yield* withChannel(netns ?? undefined, function* (channel) {
    for (const address of new Set(entries.map(({ original }) => original.dst)))
      if ((yield* routeTo(channel, address))?.type === 'local') local.add(address)
  })
  return entries.filter(({ original }) => local.has(original.dst))
}
