import type { CallOptions } from '../../netlink/call.js'
import { CALL_OPTIONS, checkBoolean, checkInteger, checkKeys } from '../../netlink/check.js'
import { checkNetns } from '../../netlink/netns-like.js'
import {
  dump,
  type NetnsLike,
  type Operation,
  request,
  requestOne,
  withChannel,
  withNetns,
} from '../../netlink/operation.js'
import { NETNSA_NSID_NOT_ASSIGNED } from './constants.js'
import { namesOfNsids } from './names.js'
import { findNsidRequest, getNsidRequest, listNsidsRequest, MAX_NSID, newNsidRequest } from './request.js'

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
  checkNetns(netns, 'netns')
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
  checkNetns(netns, 'netns')
  return yield* withNetns(netns, (named) =>
    withChannel(options.netns, (channel) => requestOne(channel, getNsidRequest(named))),
  )
}

/** Where ids are asked about. */
export interface ListNsidsOptions extends CallOptions {
  /** The namespace of this id is asked which ids it gives, instead of `netns`. */
  target?: number | undefined
  /**
   * Only this id, by one request instead of a dump: an empty list where no namespace has it. With `target` it is still an id of `netns`,
   * and what is told is the id that `target` gives to the same namespace; an empty list where that gives none.
   */
  nsid?: number | undefined
  /** Look up which of them have a name; costs a request for each name. Not with `target`. */
  names?: boolean | undefined
}

/** An id by which a namespace names another one. */
export interface Nsid {
  readonly nsid: number
  /** With `target`: the id by which the same namespace is named here; null where it has none, and without `target`. */
  readonly current: number | null
  /** The name under /run/netns, of several the first; null where it has none, and without `names`. */
  readonly name: string | null
}

/**
 * The ids by which a namespace names others, as `ip netns list-id`; with `names` also the names that some of them have. That is how an id
 * in an event, as `linkNetnsid` of a link, becomes a name; getLink() and listLinks() do it by themselves with `include: ['linkNetns']`.
 *
 * @throws RangeError, TypeError before anything is sent; NetlinkError EINVAL where no namespace has the id `target`
 * @see rtnetlink(7), linux/net_namespace.h, `ip netns list-id`
 * @example for (const { nsid, name } of await listNsids({ names: true, netns: 'red' })) console.log(nsid, name)
 */
export function* listNsids(options: ListNsidsOptions = {}): Operation<Nsid[]> {
  checkKeys('listNsids', options, ['target', 'nsid', 'names', ...CALL_OPTIONS])
  const { target, nsid, names = false } = options
  if (nsid !== undefined) checkInteger(nsid, 'nsid', 0, MAX_NSID, 'an id')
  if (target !== undefined) checkInteger(target, 'target', 0, MAX_NSID, 'an id')
  checkBoolean(names, 'names')
  if (names && target !== undefined)
    throw new TypeError('names: not with target, whose ids are those of another namespace')
  return yield* withChannel(options.netns, function* (channel) {
    const nsids = yield* nsid === undefined
      ? dump(channel, listNsidsRequest(target))
      : request(channel, { ...findNsidRequest(nsid, target), mayBeAbsent: true })
    if (!names) return [...nsids]
    const known = yield* namesOfNsids(channel, new Set(nsids.map(({ nsid }) => nsid)))
    return nsids.map((one) => ({ ...one, name: known.get(one.nsid) ?? null }))
  })
}
