/** The tracked connections that would keep the old way when a port is published, moved or withdrawn. */

import type { ConntrackEntry } from '../conntrack/entry.js'
import { checkFilter } from '../conntrack/filter.js'
import { checkKey } from '../conntrack/key.js'
import { dumpRequest, dumpsOf } from '../conntrack/query.js'
import { deleteConntrackRequest } from '../conntrack/request.js'
import { globalRequest } from '../conntrack/stats.js'
import { NetlinkError } from '../netlink/errors.js'
import {
  type Channel,
  dump,
  exchange,
  type OpenNetns,
  type Operation,
  requestOne,
  withChannel,
} from '../netlink/operation.js'
import type { Publication } from './publication.js'
import { routeTo } from './route.js'

/**
 * Deletes connections that were begun to the published port: after it was published (`going` false) those that go elsewhere than it says,
 * after it was withdrawn those that went where it said. Others go on. An entry that went away meanwhile is no error.
 */
export function* flushStale(
  channel: Channel,
  netns: OpenNetns | null,
  publication: Publication,
  going: boolean,
): Operation<void> {
  const { hostAddress } = publication
  const candidates = (yield* begunTo(channel, publication)).filter(
    (entry) => goesToTarget(publication, entry) === going,
  )
  const stale = hostAddress === null && !going ? yield* toThisMachine(netns, candidates) : candidates
  if (stale.length === 0) return
  const requests = stale.map((entry) => deleteConntrackRequest(checkKey('publishPort', entry)))
  for (const { error } of yield* exchange(channel, requests))
    if (error !== null && !(error instanceof NetlinkError && error.code === 'ENOENT')) throw error
}

/** Entries whose packets were sent to the published port. The kernel walks through its whole table: not where nothing is tracked. */
function* begunTo(channel: Channel, publication: Publication): Operation<ConntrackEntry[]> {
  if ((yield* requestOne(channel, globalRequest)).entries === 0) return []
  const { family, protocol, hostAddress, ports } = publication
  const filter = checkFilter({
    family: family === 'ip' ? 'ipv4' : 'ipv6',
    protocol,
    original: { dst: hostAddress ?? undefined, dport: { start: ports.from, end: ports.to } },
  })
  const found: ConntrackEntry[] = []
  for (const query of yield* dumpsOf(channel, filter))
    for (const entry of yield* dump(channel, dumpRequest(query, filter))) found.push(entry)
  return found
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
