/** RTM_NEWMDB, RTM_DELMDB and RTM_GETMDB: struct br_port_msg, struct br_mdb_entry and enum MDB*_* (linux/if_bridge.h). */

import {
  attributes,
  enumeration,
  flagged,
  flags,
  ip,
  message,
  names,
  nested,
  padding,
  repeated,
  struct,
  u8,
  u16,
  u32,
} from '../../../codec/index.js'
import { routeProtocols } from '../../route/table.js'
import { seconds32 } from '../../time.js'
import * as c from '../constants.js'
import { headed } from '../headed.js'
import { routerAttributes } from '../router-table.js'
import { groupAddress } from './group.js'

/** struct br_port_msg; of the bridge, or a vxlan device. */
export const mdbMessage = struct({ family: u8, pad: padding(3), ifindex: u32 })

/** MDB_TEMPORARY and MDB_PERMANENT, as `bridge mdb` calls them. */
export const mdbStates = names({ temp: c.MDB_TEMPORARY, permanent: c.MDB_PERMANENT })
/** Whether an entry of a multicast table runs out: MDB_TEMPORARY and MDB_PERMANENT of linux/if_bridge.h. */
export type MdbState = keyof typeof mdbStates.numbers

/** MDB_FLAGS_*, as `bridge mdb` calls them. */
export const mdbFlags = names({
  offload: c.MDB_FLAGS_OFFLOAD,
  fast_leave: c.MDB_FLAGS_FAST_LEAVE,
  added_by_star_ex: c.MDB_FLAGS_STAR_EXCL,
  blocked: c.MDB_FLAGS_BLOCKED,
  offload_failed: c.MDB_FLAGS_OFFLOAD_FAILED,
})
/**
 * What the kernel says of an entry of a multicast table, as `bridge mdb` calls it: MDB_FLAGS_* of linux/if_bridge.h.
 */
export type MdbFlag = keyof typeof mdbFlags.numbers

export const filterModes = names({ exclude: c.MCAST_EXCLUDE, include: c.MCAST_INCLUDE })
/** Whether a list of sources says whose frames are wanted, or whose are not. */
export type MdbFilterMode = keyof typeof filterModes.numbers

/** struct br_mdb_entry */
export const mdbEntry = struct({
  ifindex: u32,
  state: enumeration(u8, mdbStates),
  flags: flags(u8, mdbFlags),
  vid: u16,
  group: groupAddress,
})

export const mdbSource = attributes('MDBA_MDB_SRCATTR', { address: [1, ip], timer: [2, seconds32] })
const mdbSources = attributes('MDBA_MDB_SRCLIST', { entry: [1, repeated(nested(mdbSource))] })

/** What stands behind the struct in an answer. */
export const mdbEntryAttributes = attributes('MDBA_MDB_EATTR', {
  timer: [1, seconds32],
  srcList: [2, nested(mdbSources)],
  groupMode: [3, enumeration(u8, filterModes)],
  source: [4, ip],
  rtprot: [5, enumeration(u8, routeProtocols)],
  dst: [6, ip],
  dstPort: [7, u16],
  vni: [8, u32],
  ifindex: [9, u32],
  srcVni: [10, u32],
})

const mdbEntryList = attributes('MDBA_MDB_ENTRY', {
  info: [1, repeated(headed(mdbEntry, mdbEntryAttributes))],
})
const mdbList = attributes('MDBA_MDB', { entry: [1, repeated(nested(mdbEntryList))] })

/** What an answer holds. */
export const mdbAttributes = attributes('MDBA', {
  mdb: [1, nested(mdbList)],
  router: [2, nested(routerAttributes)],
})

const requestSource = attributes('MDBE_SRCATTR', { address: [1, ip] })
const requestSources = attributes('MDBE_SRC_LIST', { entry: [1, repeated(flagged(nested(requestSource)))] })

/** What a request says besides the struct. */
export const mdbRequestAttributes = attributes('MDBE_ATTR', {
  source: [1, ip],
  srcList: [2, flagged(nested(requestSources))],
  groupMode: [3, enumeration(u8, filterModes)],
  rtprot: [4, enumeration(u8, routeProtocols)],
  dst: [5, ip],
  dstPort: [6, u16],
  vni: [7, u32],
  ifindex: [8, u32],
  srcVni: [9, u32],
  stateMask: [10, u8],
})

/** MDBA_SET_ENTRY_*, and with the same numbers MDBA_GET_ENTRY_*. */
export const mdbRequest = attributes('MDBA_SET_ENTRY', {
  entry: [1, mdbEntry],
  attrs: [2, flagged(nested(mdbRequestAttributes))],
})

export const newMdb = message('RTM_NEWMDB', c.RTM_NEWMDB, mdbMessage, mdbRequest)
export const delMdb = message('RTM_DELMDB', c.RTM_DELMDB, mdbMessage, mdbRequest)
export const getMdb = message('RTM_GETMDB', c.RTM_GETMDB, mdbMessage, mdbRequest)
