import { show } from '../../codec/fault.js'
import type { CallOptions } from '../../netlink/call.js'
import { CALL_OPTIONS, checkInteger, checkKeys } from '../../netlink/check.js'
import type { Extack } from '../../netlink/extack.js'
import { type Operation, request, withChannel } from '../../netlink/operation.js'
import { refined } from '../../netlink/request.js'
import { adviseGroupChange } from './advice.js'
import { checkLinkOptions, flagsHeader, LINK_OPTIONS, type LinkOptions } from './options.js'
import { type LinkBody, newLinkRequest } from './request.js'
import { changedAttributes, checkOwnChanges, type LinkChanges } from './set-options.js'
import { resolveMaster } from './target.js'

/** Of `LinkChanges` all that counts for one interface as for another: no names, options of a port, virtual functions and XDP programs. */
const SHARED = ['master', 'alias', 'carrier', 'protoDown', 'protoDownReason', 'afSpec'] as const

/** What can be changed of all interfaces of a group at once. */
export interface SetLinkGroupOptions
  extends LinkOptions,
    Pick<LinkChanges, (typeof SHARED)[number]>,
    CallOptions {}

/**
 * Changes all interfaces of a group (`group` when they were made) in one request; none, where it is empty. moveLinkGroup() moves them.
 *
 * @throws RangeError or TypeError naming the option; NetlinkError as setLink: then some of them may have been changed
 * @see ip-link(8), rtnetlink(7)
 * @example await setLinkGroup(42, { up: false })
 */
export function* setLinkGroup(group: number, options: SetLinkGroupOptions): Operation<void> {
  checkKeys('setLinkGroup', options, [...LINK_OPTIONS, ...SHARED, ...CALL_OPTIONS])
  checkInteger(group, 'group', 0, 0xffffffff, 'a group')
  checkLinkOptions(options)
  checkOwnChanges(options)
  const { group: other, ...changes } = options
  if (other !== undefined)
    throw new TypeError(
      `group: ${show(other)}: a group cannot be renumbered; setLink moves an interface to another one`,
    )
  yield* withChannel(options.netns, function* (channel) {
    const attributes: LinkBody['attributes'] = { group }
    const master = yield* resolveMaster(channel, changes.master)
    Object.assign(attributes, changedAttributes(changes), { master } satisfies LinkBody['attributes'])
    const changing = newLinkRequest(`group ${group}`, 0, { header: flagsHeader(changes), attributes })
    const advise = (code: string, extack: Extack) => adviseGroupChange(code, extack, changes, channel)
    yield* request(channel, refined(changing, { advise }))
  })
}
