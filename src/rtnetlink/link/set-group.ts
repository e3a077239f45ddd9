import type { CallOptions } from '../../netlink/call.js'
import { CALL_OPTIONS, checkInteger, checkKeys } from '../../netlink/check.js'
import { type Operation, request, withChannel } from '../../netlink/operation.js'
import { checkDev } from '../input.js'
import {
  afSpecOf,
  checkLinkOptions,
  flagsHeader,
  LINK_OPTIONS,
  type LinkOptions,
  plainAttributes,
} from './options.js'
import { type Dev, newLinkRequest } from './request.js'
import { resolveMaster } from './target.js'

/** What can be changed of all interfaces of a group at once. */
export interface SetLinkGroupOptions extends LinkOptions, CallOptions {
  master?: Dev | null | undefined
}

/**
 * Changes all interfaces of a group (`group` when they were made) in one request; none, where it is empty.
 *
 * @throws RangeError or TypeError naming the option; NetlinkError as setLink: then some of them may have been changed
 * @see ip-link(8), rtnetlink(7)
 * @example await setLinkGroup(42, { up: false })
 */
export function* setLinkGroup(group: number, options: SetLinkGroupOptions): Operation<void> {
  checkKeys('setLinkGroup', options, [...LINK_OPTIONS, 'master', ...CALL_OPTIONS])
  checkInteger(group, 'group', 0, 0xffffffff, 'a group')
  checkLinkOptions(options)
  const { master } = options
  if (master !== undefined && master !== null) checkDev(master, 'master')
  if (options.group !== undefined)
    throw new TypeError('group: a group cannot be renumbered; setLink moves an interface to another one')
  yield* withChannel(options.netns, function* (channel) {
    const attributes = {
      ...plainAttributes(options),
      master: yield* resolveMaster(channel, master),
      afSpec: afSpecOf(options),
      group,
    }
    yield* request(channel, newLinkRequest(`group ${group}`, 0, { header: flagsHeader(options), attributes }))
  })
}
