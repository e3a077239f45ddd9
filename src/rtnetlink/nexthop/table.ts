/** RTM_NEWNEXTHOP, RTM_NEWNEXTHOPBUCKET and what belongs to them: struct nhmsg and enum NHA_* (linux/nexthop.h). */

import {
  alignedAttributes,
  attributes,
  be16,
  enumeration,
  flag,
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
} from '../../codec/index.js'
import { uint } from '../link/types.js'
import { listOf } from '../list-of.js'
import { encap, encapType } from '../route/encap/table.js'
import { nexthopFlags, routeProtocols, routeScopes } from '../route/table.js'
import { seconds32, seconds64 } from '../time.js'
import * as c from './constants.js'

/** NEXTHOP_GRP_TYPE_*, as `ip nexthop` prints them. */
export const groupTypes = names({ mpath: c.NEXTHOP_GRP_TYPE_MPATH, resilient: c.NEXTHOP_GRP_TYPE_RES })

export const nhmsg = struct({
  family: u8,
  scope: enumeration(u8, routeScopes),
  protocol: enumeration(u8, routeProtocols),
  pad: padding(1),
  flags: flags(u32, nexthopFlags),
})

/** struct nexthop_grp; the weight less one, whose high byte came with Linux 6.12. */
export const groupEntry = struct({ id: u32, weight: u8, weightHigh: u8, pad: padding(2) })

/** Times are seconds. */
export const resilientAttributes = alignedAttributes('NHA_RES_GROUP', 0, {
  buckets: [c.NHA_RES_GROUP_BUCKETS, u16],
  idleTimer: [c.NHA_RES_GROUP_IDLE_TIMER, seconds32],
  unbalancedTimer: [c.NHA_RES_GROUP_UNBALANCED_TIMER, seconds32],
  unbalancedTime: [c.NHA_RES_GROUP_UNBALANCED_TIME, seconds64],
})

const bucketAttributes = alignedAttributes('NHA_RES_BUCKET', 0, {
  index: [c.NHA_RES_BUCKET_INDEX, u16],
  idleTime: [c.NHA_RES_BUCKET_IDLE_TIME, seconds64],
  nhId: [c.NHA_RES_BUCKET_NH_ID, u32],
})

const statsEntryAttributes = attributes('NHA_GROUP_STATS_ENTRY', {
  id: [c.NHA_GROUP_STATS_ENTRY_ID, u32],
  packets: [c.NHA_GROUP_STATS_ENTRY_PACKETS, uint],
  packetsHw: [c.NHA_GROUP_STATS_ENTRY_PACKETS_HW, uint],
})
const statsAttributes = attributes('NHA_GROUP_STATS', {
  entry: [c.NHA_GROUP_STATS_ENTRY, repeated(nested(statsEntryAttributes))],
})

export const nexthopAttributes = attributes('NHA', {
  id: [c.NHA_ID, u32],
  group: [c.NHA_GROUP, listOf(groupEntry)],
  groupType: [c.NHA_GROUP_TYPE, enumeration(u16, groupTypes)],
  blackhole: [c.NHA_BLACKHOLE, flag],
  oif: [c.NHA_OIF, u32],
  gateway: [c.NHA_GATEWAY, ip],
  encapType: [c.NHA_ENCAP_TYPE, encapType],
  encap: [c.NHA_ENCAP, encap],
  groups: [c.NHA_GROUPS, flag],
  master: [c.NHA_MASTER, u32],
  fdb: [c.NHA_FDB, flag],
  resGroup: [c.NHA_RES_GROUP, flagged(nested(resilientAttributes))],
  resBucket: [c.NHA_RES_BUCKET, flagged(nested(bucketAttributes))],
  opFlags: [c.NHA_OP_FLAGS, u32],
  groupStats: [c.NHA_GROUP_STATS, nested(statsAttributes)],
  hwStatsEnable: [c.NHA_HW_STATS_ENABLE, u32],
  hwStatsUsed: [c.NHA_HW_STATS_USED, u32],
  dstPort: [c.NHA_DST_PORT, be16],
})

export const newNexthop = message('RTM_NEWNEXTHOP', c.RTM_NEWNEXTHOP, nhmsg, nexthopAttributes)
export const delNexthop = message('RTM_DELNEXTHOP', c.RTM_DELNEXTHOP, nhmsg, nexthopAttributes)
export const getNexthopMessage = message('RTM_GETNEXTHOP', c.RTM_GETNEXTHOP, nhmsg, nexthopAttributes)

export const newNexthopBucket = message(
  'RTM_NEWNEXTHOPBUCKET',
  c.RTM_NEWNEXTHOPBUCKET,
  nhmsg,
  nexthopAttributes,
)
export const delNexthopBucket = message(
  'RTM_DELNEXTHOPBUCKET',
  c.RTM_DELNEXTHOPBUCKET,
  nhmsg,
  nexthopAttributes,
)
export const getNexthopBucketMessage = message(
  'RTM_GETNEXTHOPBUCKET',
  c.RTM_GETNEXTHOPBUCKET,
  nhmsg,
  nexthopAttributes,
)
