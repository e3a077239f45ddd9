/**
 * The forwarding table's view of struct ndmsg and enum NDA_* (linux/neighbour.h), whose messages are those of neighbours in the family
 * AF_BRIDGE.
 */

import { names, type OneOf } from '../../../codec/index.js'
import * as n from '../../neighbour/constants.js'

const headerFlags = {
  use: n.NTF_USE,
  extern_learn: n.NTF_EXT_LEARNED,
  offload: n.NTF_OFFLOADED,
  sticky: n.NTF_STICKY,
  router: n.NTF_ROUTER,
} as const
/** Bits of ndm_flags, by which entries are flushed: NDA_NDM_FLAGS_MASK has no room for others. NTF_SELF and NTF_MASTER tell the table. */
export const fdbFlushFlags = names(headerFlags)
/** What a flush can look at of the flags of an entry. */
export type FdbFlushFlag = keyof typeof headerFlags

/** Bits of ndm_flags, and above them those of NDA_FLAGS_EXT. */
export const fdbFlags = names({
  ...headerFlags,
  managed: n.NTF_EXT_MANAGED << n.NTF_EXT_SHIFT,
  locked: n.NTF_EXT_LOCKED << n.NTF_EXT_SHIFT,
})
/**
 * What an entry of a forwarding table is besides its state, as `bridge fdb` calls it: NTF_* and NTF_EXT_* of linux/neighbour.h.
 */
export type FdbFlag = keyof typeof fdbFlags.numbers

/**
 * ndm_state as `bridge fdb` sends it; both 'permanent' and 'static' do not age. An entry that is past its time can only be put back as
 * a dynamic one.
 */
export const fdbStates = names({
  permanent: n.NUD_PERMANENT | n.NUD_NOARP,
  static: n.NUD_REACHABLE | n.NUD_NOARP,
  dynamic: n.NUD_REACHABLE,
  stale: n.NUD_REACHABLE,
})
/** Whether an entry of a forwarding table ages, as `bridge fdb` calls it: NUD_* of linux/neighbour.h. */
export type FdbState = keyof typeof fdbStates.numbers

/** What a listed entry's ndm_state says: the first bit that is set. */
const STATE_BITS: readonly (readonly [number, FdbState])[] = [
  [n.NUD_PERMANENT, 'permanent'],
  [n.NUD_NOARP, 'static'],
  [n.NUD_STALE, 'stale'],
  [n.NUD_REACHABLE, 'dynamic'],
]

export function stateName(bits: number): OneOf<FdbState> {
  return STATE_BITS.find(([bit]) => bits & bit)?.[1] ?? bits
}
