import type { CallOptions } from '../../netlink/call.js'
import { CALL_OPTIONS, checkInteger, checkKeys } from '../../netlink/check.js'
import {
  type NetnsLike,
  type Operation,
  request,
  requestOne,
  withChannel,
  withNetns,
} from '../../netlink/operation.js'
import { NETNSA_NSID_NOT_ASSIGNED } from './constants.js'
import { getNsidRequest, newNsidRequest } from './request.js'

const MAX_NSID = 0x7fffffff

/**
 * Gives a namespace the id by which the kernel names it here, as in `linkNetnsid` of a link; 'auto' leaves the number to the
 * kernel. Without this the kernel gives one when it first needs it. An id lasts as long as both namespaces and cannot be changed.
 *
 * @throws RangeError for an id that is not from 0 to 2147483647; NetlinkError EEXIST where the namespace has an id already or
 * the id is another's, EPERM without CAP_NET_ADMIN.
 * @see rtnetlink(7), linux/net_namespace.h, `ip netns set`
 * @example await setNsid('red', 10)
 */
export function* setNsid(netns: NetnsLike, id: number | 'auto', options: CallOptions = {}): Operation<void> {
  checkKeys('setNsid', options, CALL_OPTIONS)
  const nsid =
    id === 'auto' ? NETNSA_NSID_NOT_ASSIGNED : checkInteger(id, 'id', 0, MAX_NSID, "'auto' or an id")
  yield* withNetns(netns, (named) =>
    withChannel(options.netns, (channel) => request(channel, newNsidRequest(named, nsid))),
  )
}

/**
 * The id by which the kernel names a namespace here; null while it has none.
 *
 * @throws SystemError ENOENT where there is no such namespace
 * @see rtnetlink(7), linux/net_namespace.h, `ip netns list-id`
 * @example const id = await getNsid('red')
 */
export function* getNsid(netns: NetnsLike, options: CallOptions = {}): Operation<number | null> {
  checkKeys('getNsid', options, CALL_OPTIONS)
  return yield* withNetns(netns, (named) =>
    withChannel(options.netns, (channel) => requestOne(channel, getNsidRequest(named))),
  )
}
