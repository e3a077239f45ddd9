/** A neighbour table as callers see it, and how one is read out of an RTM_NEWNEIGHTBL. */

import { Attributes, type Infer, malformed, type StructValue } from '../../codec/index.js'
import { numbered } from '../counters.js'
import type { NameOf } from '../devnames.js'
import { type Family, familyName } from '../family.js'
import {
  ndtmsg,
  neighbourTableAttributes,
  type parameterAttributes,
  type tableConfig,
  type tableStats,
} from './table.js'

/**
 * What counts for the neighbours of one interface, or by default: as in /proc/sys/net/ipv4/neigh. Times are milliseconds. Null is what
 * the kernel did not tell, because it is older.
 */
export interface NeighbourParameters {
  /** Milliseconds for which an entry is taken to be reachable: by chance between half and one and a half of `baseReachableTime`. */
  readonly reachableTime: number | null
  /** 30,000 (30 seconds) unless it was set. */
  readonly baseReachableTime: number | null
  /** Milliseconds between two solicitations. */
  readonly retransTime: number | null
  /** Milliseconds after which entries that nobody uses are looked for. */
  readonly gcStaletime: number | null
  /** Milliseconds before a stale entry in use is asked for. */
  readonly delayProbeTime: number | null
  /** Packets that wait for an answer, in packets of one size; `queueLenbytes` is what counts. */
  readonly queueLen: number | null
  /** Bytes that wait for an answer. */
  readonly queueLenbytes: number | null
  /** Solicitations that are left to a program, before those by multicast. */
  readonly appProbes: number | null
  readonly ucastProbes: number | null
  readonly mcastProbes: number | null
  /** More solicitations by multicast, after those by unicast have failed. */
  readonly mcastReprobes: number | null
  readonly anycastDelay: number | null
  readonly proxyDelay: number | null
  /** Packets. */
  readonly proxyQlen: number | null
  /** Milliseconds for which an entry stays as it is, so that the first answer counts. */
  readonly locktime: number | null
  /** Milliseconds between two probes of an entry with the flag 'managed'. Linux 6.0. */
  readonly intervalProbeTime: number | null
  /** Users inside the kernel. */
  readonly references: number | null
}

/** The size of a table and what it holds. Times are milliseconds. struct ndt_config of linux/neighbour.h. */
export interface NeighbourTableConfig extends Readonly<StructValue<(typeof tableConfig)['members']>> {}

/** What happened in a table, in all namespaces together, since the machine started. struct ndt_stats of linux/neighbour.h. */
export type NeighbourTableStats = {
  readonly [K in keyof StructValue<(typeof tableStats)['members']>]: number
}

/**
 * A neighbour table, or the parameters that an interface has in it. See ip-ntable(8), linux/neighbour.h.
 */
export interface NeighbourTable {
  readonly family: Family
  /** 'arp_cache' (IPv4) or 'ndisc_cache' (IPv6). */
  readonly name: string
  /** The interface whose parameters these are; null for the table itself. */
  readonly dev: string | null
  readonly ifindex: number | null
  readonly parameters: NeighbourParameters
  /** So many entries are never collected. Null for an interface's, as all that follows. */
  readonly thresh1: number | null
  /** More entries than these are collected after five seconds. */
  readonly thresh2: number | null
  /** More entries than these there cannot be. */
  readonly thresh3: number | null
  /** Milliseconds. */
  readonly gcInterval: number | null
  readonly config: NeighbourTableConfig | null
  readonly stats: NeighbourTableStats | null
}

const at = ndtmsg.offsets

/** Reads a table: `start` is its struct ndtmsg. Null for a family that is not IPv4 or IPv6. */
export function readNeighbourTable(
  bytes: Uint8Array,
  start: number,
  end: number,
  nameOf: NameOf,
): NeighbourTable | null {
  const family = familyName(bytes[start + at.family]!)
  if (family === null) return null
  const found = new Attributes(neighbourTableAttributes).load(bytes, start + ndtmsg.size, end)
  const field = neighbourTableAttributes.field
  const name = found.get(field.name)
  if (name === null) throw malformed('no name', start)
  const parms = found.get(field.parms) ?? {}
  return {
    family,
    name,
    dev: parms.ifindex === undefined ? null : nameOf(parms.ifindex),
    ifindex: parms.ifindex ?? null,
    parameters: parametersOf(parms),
    thresh1: found.get(field.thresh1),
    thresh2: found.get(field.thresh2),
    thresh3: found.get(field.thresh3),
    gcInterval: found.get(field.gcInterval),
    config: found.get(field.config),
    stats: numbered(found.get(field.stats)),
  }
}

function parametersOf(parms: Infer<typeof parameterAttributes>): NeighbourParameters {
  return {
    reachableTime: parms.reachableTime ?? null,
    baseReachableTime: parms.baseReachableTime ?? null,
    retransTime: parms.retransTime ?? null,
    gcStaletime: parms.gcStaletime ?? null,
    delayProbeTime: parms.delayProbeTime ?? null,
    queueLen: parms.queueLen ?? null,
    queueLenbytes: parms.queueLenbytes ?? null,
    appProbes: parms.appProbes ?? null,
    ucastProbes: parms.ucastProbes ?? null,
    mcastProbes: parms.mcastProbes ?? null,
    mcastReprobes: parms.mcastReprobes ?? null,
    anycastDelay: parms.anycastDelay ?? null,
    proxyDelay: parms.proxyDelay ?? null,
    proxyQlen: parms.proxyQlen ?? null,
    locktime: parms.locktime ?? null,
    intervalProbeTime: parms.intervalProbeTimeMs ?? null,
    references: parms.refcnt ?? null,
  }
}
