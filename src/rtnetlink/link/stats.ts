/** Counters of an interface (linux/if_link.h, struct rtnl_link_stats64): packets and bytes since it was made. */

import { type StructValue, struct, u32, u64 } from '../../codec/index.js'

/** struct rtnl_link_stats64 */
export const linkStats64 = struct({
  rxPackets: u64,
  txPackets: u64,
  rxBytes: u64,
  txBytes: u64,
  rxErrors: u64,
  txErrors: u64,
  rxDropped: u64,
  txDropped: u64,
  multicast: u64,
  collisions: u64,
  rxLengthErrors: u64,
  rxOverErrors: u64,
  rxCrcErrors: u64,
  rxFrameErrors: u64,
  rxFifoErrors: u64,
  rxMissedErrors: u64,
  txAbortedErrors: u64,
  txCarrierErrors: u64,
  txFifoErrors: u64,
  txHeartbeatErrors: u64,
  txWindowErrors: u64,
  rxCompressed: u64,
  txCompressed: u64,
  rxNohandler: u64,
  /** Since Linux 5.19. */
  rxOtherhostDropped: u64,
})

/** struct rtnl_link_stats, the same in 32 bits, which wrap around. */
export const linkStats = struct({
  rxPackets: u32,
  txPackets: u32,
  rxBytes: u32,
  txBytes: u32,
  rxErrors: u32,
  txErrors: u32,
  rxDropped: u32,
  txDropped: u32,
  multicast: u32,
  collisions: u32,
  rxLengthErrors: u32,
  rxOverErrors: u32,
  rxCrcErrors: u32,
  rxFrameErrors: u32,
  rxFifoErrors: u32,
  rxMissedErrors: u32,
  txAbortedErrors: u32,
  txCarrierErrors: u32,
  txFifoErrors: u32,
  txHeartbeatErrors: u32,
  txWindowErrors: u32,
  rxCompressed: u32,
  txCompressed: u32,
  rxNohandler: u32,
})

type Counter = keyof StructValue<(typeof linkStats64)['members']>
/** Counters that the oldest kernels supported do not have. */
type Newer = 'rxOtherhostDropped'
type Counters<T> = { readonly [K in Exclude<Counter, Newer>]: T } & { readonly [K in Newer]: T | null }

/** Packets and bytes since the interface was made. Exact up to 2^53; beyond it `BigLinkStats` is. */
export interface LinkStats extends Counters<number> {}
/** The same as bigint: exact. */
export interface BigLinkStats extends Counters<bigint> {}

type Read = Partial<StructValue<(typeof linkStats64)['members']>>

/** Counters as numbers; null where the kernel is too old to have one. */
export function toStats(read: Read): LinkStats {
  const stats: Record<string, number | null> = {}
  for (const name in linkStats64.members) {
    const value = read[name as Counter]
    stats[name] = value === undefined ? null : Number(value)
  }
  // TypeScript does not see that every member has been written.
  return stats as unknown as LinkStats
}

/** Counters as bigint; null where the kernel is too old to have one. */
export function toBigStats(read: Read): BigLinkStats {
  return { rxOtherhostDropped: null, ...read } as BigLinkStats
}
