/** linux/if_link.h, enum IFLA_MACVLAN_*: macvlan and macvtap. */

import { show } from '../../../codec/fault.js'
import { array, attributes, enumeration, flags, names, s32, u16, u32 } from '../../../codec/index.js'
import { ethernet } from '../types.js'
import { kind } from './kind.js'

/** enum macvlan_mode */
const macvlanModes = names({ private: 1, vepa: 2, bridge: 4, passthru: 8, source: 16 })
/** MACVLAN_FLAG_* */
const macvlanFlags = names({ nopromisc: 1, nodst: 2 })
/** enum macvlan_macaddr_mode: what a change does with the list of source addresses. */
const macaddrModes = names({ add: 0, del: 1, flush: 2, set: 3 })

const IFLA_MACVLAN_MACADDR = 4

const macvlanAttributes = () =>
  attributes('IFLA_MACVLAN', {
    mode: [1, enumeration(u32, macvlanModes)],
    flags: [2, flags(u16, macvlanFlags)],
    macaddrMode: [3, enumeration(u32, macaddrModes)],
    macaddr: [4, ethernet],
    macaddrData: [5, array(ethernet, IFLA_MACVLAN_MACADDR)],
    macaddrCount: [6, u32],
    bcQueueLen: [7, u32],
    bcQueueLenUsed: [8, u32],
    bcCutoff: [9, s32],
  })

/** Addresses without a mode the kernel overlooks. */
function completeMode({
  macaddr,
  macaddrData,
  macaddrMode,
}: Readonly<Record<string, unknown>>): Record<string, unknown> {
  if (macaddrMode !== undefined) return {}
  if (macaddr !== undefined)
    throw new TypeError(`macaddr: ${show(macaddr)} goes with macaddrMode, 'add' or 'del'`)
  return macaddrData === undefined ? {} : { macaddrMode: 'set' }
}

/** A new one in any other mode has no list (macvlan_common_newlink()). */
function checkSource({ mode, macaddrMode, macaddrData }: Readonly<Record<string, unknown>>): void {
  for (const [field, value] of Object.entries({ macaddrMode, macaddrData }))
    if (value !== undefined && mode !== 'source' && mode !== macvlanModes.numbers.source)
      throw new RangeError(`${field}: ${show(value)} goes with mode: 'source'`)
}

const traits = {
  needsLink: true,
  check: checkSource,
  readOnly: ['macaddrCount', 'bcQueueLenUsed'],
  complete: completeMode,
} as const

/**
 * Has a link-layer address of its own on the interface underneath. In mode 'source' `macaddrData` are the addresses that it hears, all of them;
 * `macaddr` is one of them to add or to take away, as `macaddrMode` says.
 */
export const macvlan = kind('macvlan', macvlanAttributes, traits)
/** The same as a TAP device. */
export const macvtap = kind('macvtap', macvlanAttributes, traits)
