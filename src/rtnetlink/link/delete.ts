import type { CallOptions } from '../../netlink/call.js'
import { CALL_OPTIONS, checkInteger, checkKeys } from '../../netlink/check.js'
import { type Channel, type Operation, request, withChannel } from '../../netlink/operation.js'
import { refined } from '../../netlink/request.js'
import { checkDev } from '../input.js'
import { adviseMissing, type Dev, deleteLinkRequest, describeDev, resolveDev } from './request.js'
import { delLink } from './table.js'

/**
 * Deletes an interface; a veth's peer goes too. Deleting the namespace of many interfaces is much faster than deleting them one by one.
 *
 * @throws RangeError or TypeError for what is no name and no ifindex; NetlinkError ENODEV where there is no such interface, EOPNOTSUPP
 * for one that was not made by netlink (lo)
 * @see ip-link(8), rtnetlink(7)
 * @example await deleteLink('veth-red-br')
 */
export function* deleteLink(dev: Dev, options: CallOptions = {}): Operation<void> {
  checkKeys('deleteLink', options, CALL_OPTIONS)
  checkDev(dev, 'dev')
  yield* withChannel(options.netns, function* (channel) {
    const ifindex = yield* resolveDev(channel, dev)
    const asked = deleteLinkRequest(ifindex, describeDev(dev))
    yield* request(channel, refined(asked, { advise: (code) => adviseDeleting(code, channel) }))
  })
}

function adviseDeleting(code: string, channel: Channel): string | undefined {
  if (code === 'EOPNOTSUPP')
    return 'only what was made by netlink can be deleted: not lo, nor the device of a driver'
  return adviseMissing(channel)(code)
}

/**
 * Deletes all interfaces of a group (`group` when they were made) in one request: much faster than one by one.
 *
 * @throws RangeError or TypeError for what is no group above 0 (0 is the group of all that were given none); NetlinkError ENODEV
 * where no interface is in it, EOPNOTSUPP where one cannot be deleted: then all of them stay
 * @see ip-link(8), rtnetlink(7)
 * @example await deleteLinkGroup(42)
 */
export function* deleteLinkGroup(group: number, options: CallOptions = {}): Operation<void> {
  checkKeys('deleteLinkGroup', options, CALL_OPTIONS)
  checkInteger(group, 'group', 1, 0xffffffff, 'a group')
  yield* withChannel(options.netns, (channel) =>
    request(channel, {
      message: delLink,
      body: { header: {}, attributes: { group } },
      flags: 0,
      answer: 'ack',
      subject: `group ${group}`,
    }),
  )
}
