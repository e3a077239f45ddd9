/** RTM_NEWNEIGHTBL, RTM_GETNEIGHTBL and RTM_SETNEIGHTBL: struct ndtmsg, enum NDTA_* and NDTPA_* (linux/neighbour.h). */

import {
  alignedAttributes,
  message,
  nested,
  padding,
  string,
  struct,
  u8,
  u16,
  u32,
  u64,
} from '../../codec/index.js'
import { milliseconds64 } from '../time.js'
import * as c from './constants.js'

export const ndtmsg = struct({ family: u8, pad: padding(3) })

/** struct ndt_config; the times are milliseconds ago. */
export const tableConfig = struct({
  keyLen: u16,
  entrySize: u16,
  entries: u32,
  lastFlush: u32,
  lastRand: u32,
  hashRnd: u32,
  hashMask: u32,
  hashChainGc: u32,
  proxyQlen: u32,
})

/** struct ndt_stats */
export const tableStats = struct({
  allocs: u64,
  destroys: u64,
  hashGrows: u64,
  resFailed: u64,
  lookups: u64,
  hits: u64,
  rcvProbesMcast: u64,
  rcvProbesUcast: u64,
  periodicGcRuns: u64,
  forcedGcRuns: u64,
  tableFulls: u64,
})

/** NDTA_PARMS: what counts for one interface, or by default. Times are milliseconds. */
export const parameterAttributes = alignedAttributes('NDTPA', c.NDTPA_PAD, {
  ifindex: [c.NDTPA_IFINDEX, u32],
  refcnt: [c.NDTPA_REFCNT, u32],
  reachableTime: [c.NDTPA_REACHABLE_TIME, milliseconds64],
  baseReachableTime: [c.NDTPA_BASE_REACHABLE_TIME, milliseconds64],
  retransTime: [c.NDTPA_RETRANS_TIME, milliseconds64],
  gcStaletime: [c.NDTPA_GC_STALETIME, milliseconds64],
  delayProbeTime: [c.NDTPA_DELAY_PROBE_TIME, milliseconds64],
  queueLen: [c.NDTPA_QUEUE_LEN, u32],
  appProbes: [c.NDTPA_APP_PROBES, u32],
  ucastProbes: [c.NDTPA_UCAST_PROBES, u32],
  mcastProbes: [c.NDTPA_MCAST_PROBES, u32],
  anycastDelay: [c.NDTPA_ANYCAST_DELAY, milliseconds64],
  proxyDelay: [c.NDTPA_PROXY_DELAY, milliseconds64],
  proxyQlen: [c.NDTPA_PROXY_QLEN, u32],
  locktime: [c.NDTPA_LOCKTIME, milliseconds64],
  queueLenbytes: [c.NDTPA_QUEUE_LENBYTES, u32],
  mcastReprobes: [c.NDTPA_MCAST_REPROBES, u32],
  intervalProbeTimeMs: [c.NDTPA_INTERVAL_PROBE_TIME_MS, milliseconds64],
})

export const neighbourTableAttributes = alignedAttributes('NDTA', c.NDTA_PAD, {
  name: [c.NDTA_NAME, string],
  thresh1: [c.NDTA_THRESH1, u32],
  thresh2: [c.NDTA_THRESH2, u32],
  thresh3: [c.NDTA_THRESH3, u32],
  config: [c.NDTA_CONFIG, tableConfig],
  parms: [c.NDTA_PARMS, nested(parameterAttributes)],
  stats: [c.NDTA_STATS, tableStats],
  gcInterval: [c.NDTA_GC_INTERVAL, milliseconds64],
})

export const newNeighbourTable = message(
  'RTM_NEWNEIGHTBL',
  c.RTM_NEWNEIGHTBL,
  ndtmsg,
  neighbourTableAttributes,
)
export const getNeighbourTableMessage = message(
  'RTM_GETNEIGHTBL',
  c.RTM_GETNEIGHTBL,
  ndtmsg,
  neighbourTableAttributes,
)
export const setNeighbourTableMessage = message(
  'RTM_SETNEIGHTBL',
  c.RTM_SETNEIGHTBL,
  ndtmsg,
  neighbourTableAttributes,
)
