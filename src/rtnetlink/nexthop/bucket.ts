/** The buckets of resilient groups: which member gets the flows of which part of the hash (RTM_GETNEXTHOPBUCKET, linux/nexthop.h). */

import { Attributes, type Infer } from '../../codec/index.js'
import type { CallOptions } from '../../netlink/call.js'
import { CALL_OPTIONS, checkInteger, checkKeys } from '../../netlink/check.js'
import type { Extack } from '../../netlink/extack.js'
import { items, type Operation, requestOne, withChannel } from '../../netlink/operation.js'
import { checkDev } from '../input.js'
import { type Dev, resolveDev } from '../link/request.js'
import { ABSENT, RESILIENT } from './request.js'
import { getNexthopBucketMessage, nexthopAttributes, nhmsg } from './table.js'

/** A bucket of a resilient group. See ip-nexthop(8), linux/nexthop.h (NHA_RES_BUCKET_*). */
export interface NexthopBucket {
  /** The id of the group. */
  readonly id: number
  /** From 0. */
  readonly index: number
  /** The id of the member to which its flows go. */
  readonly nhid: number
  /** Seconds since a packet went through it. */
  readonly idleTime: number
}

/** Which buckets, and where; whatever is given must hold. */
export interface ListNexthopBucketsOptions extends CallOptions {
  /** Only those of this group. */
  id?: number | undefined
  /** Only those whose flows go to this member. */
  nhid?: number | undefined
  /** Only those whose flows leave by this interface. */
  dev?: Dev | undefined
  /** A VRF, by whose interfaces they leave. */
  master?: Dev | undefined
}

const MAX_U32 = 0xffffffff
const MAX_INDEX = 0xffff

/**
 * The buckets of resilient groups, as `ip nexthop bucket show`: how evenly flows are shared out, and which of them are in use. The kernel
 * filters by all options. Linux 5.13.
 *
 * @throws RangeError or TypeError naming the option, before anything is sent; NetlinkError ENODEV where `dev` or `master` is no interface,
 * ENOENT where there is no nexthop `id`, EINVAL where that is no resilient group, EOPNOTSUPP from an older kernel
 * @see ip-nexthop(8), linux/nexthop.h
 * @example const unused = (await listNexthopBuckets({ id: 10 })).filter(({ idleTime }) => idleTime > 60)
 */
export function* listNexthopBuckets(options: ListNexthopBucketsOptions = {}): Operation<NexthopBucket[]> {
  checkKeys('listNexthopBuckets', options, ['id', 'nhid', 'dev', 'master', ...CALL_OPTIONS])
  const { id, nhid, dev, master } = options
  if (id !== undefined) checkInteger(id, 'id', 1, MAX_U32)
  if (nhid !== undefined) checkInteger(nhid, 'nhid', 1, MAX_U32)
  if (dev !== undefined) checkDev(dev, 'dev')
  if (master !== undefined) checkDev(master, 'master')
  return yield* withChannel(options.netns, function* (channel) {
    const attributes: Infer<typeof nexthopAttributes> = {}
    if (id !== undefined) attributes.id = id
    if (dev !== undefined) attributes.oif = yield* resolveDev(channel, dev)
    if (master !== undefined) attributes.master = yield* resolveDev(channel, master, 'master')
    if (nhid !== undefined) attributes.resBucket = { nhId: nhid }
    return yield* items(channel, {
      message: getNexthopBucketMessage,
      body: { header: {}, attributes },
      flags: 0,
      answer: 'dump',
      subject: id === undefined ? undefined : `nexthop ${id}`,
      read: readBucket,
      advise: adviseAbsent,
    })
  })
}

/**
 * One bucket of a resilient group, by its number, as `ip nexthop bucket get`. Linux 5.13.
 *
 * @throws RangeError or TypeError naming the argument, before anything is sent; NetlinkError ENOENT where there is no such group or
 * bucket, EINVAL where the nexthop is no resilient group, EOPNOTSUPP from an older kernel
 * @see ip-nexthop(8), linux/nexthop.h
 * @example const { nhid } = await getNexthopBucket(10, 0)
 */
export function* getNexthopBucket(
  id: number,
  index: number,
  options: CallOptions = {},
): Operation<NexthopBucket> {
  checkKeys('getNexthopBucket', options, CALL_OPTIONS)
  checkInteger(id, 'id', 1, MAX_U32)
  checkInteger(index, 'index', 0, MAX_INDEX)
  return yield* withChannel(options.netns, (channel) =>
    requestOne(channel, {
      message: getNexthopBucketMessage,
      body: { header: {}, attributes: { id, resBucket: { index } } },
      flags: 0,
      answer: 'reply',
      subject: `bucket ${index} of nexthop ${id}`,
      read: readBucket,
      advise: adviseAbsent,
    }),
  )
}

/** Of a bucket that is not there the kernel says so. */
function adviseAbsent(code: string, { message }: Extack): string | undefined {
  if (code === 'EOPNOTSUPP') return RESILIENT
  return message === null ? ABSENT[code] : undefined
}

/** Reads a bucket: `start` is its struct nhmsg. */
export function readBucket(bytes: Uint8Array, start: number, end: number): NexthopBucket {
  const found = new Attributes(nexthopAttributes).load(bytes, start + nhmsg.size, end)
  const bucket = found.get(nexthopAttributes.field.resBucket)
  return {
    id: found.get(nexthopAttributes.field.id) ?? 0,
    index: bucket?.index ?? 0,
    nhid: bucket?.nhId ?? 0,
    idleTime: bucket?.idleTime ?? 0,
  }
}
