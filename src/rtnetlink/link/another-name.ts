/**
 * Links whose name is taken in the namespace where they are asked for, and free where they will live: before Linux 6.15 the kernel makes a link
 * in the first and then moves it. It is made under another name.
 */

import { NetlinkError } from '../../netlink/errors.js'
import { type Channel, exchange, type Operation } from '../../netlink/operation.js'
import { refined } from '../../netlink/request.js'
import { adviseMaster, adviseRaised } from './advice.js'
import { orUndo } from './finish.js'
import type { Link } from './link.js'
import { flagsHeader } from './options.js'
import { getLinkRequest, newLinkRequest } from './request.js'
import { isRaisedLater, type LinkSettings } from './settings.js'

export const ANOTHER = 'netlink%d'

/** Runs `create`, or `instead` where the name is free in `home` and not where the link is asked for. */
export function* orUnderAnother(
  name: string,
  create: Operation<Link>,
  creator: Channel,
  home: Channel,
  instead: () => Operation<Link>,
): Operation<Link> {
  try {
    return yield* create
  } catch (error) {
    const isTaken = error instanceof NetlinkError && error.code === 'EEXIST'
    if (!isTaken || home.ifindex(name) > 0 || creator.ifindex(name) <= 0) throw error
  }
  return yield* instead()
}

/** What `create` makes gets its name, then its master, and comes up: do_setlink() of the kernel does it in this order. */
export function* renamed(
  home: Channel,
  create: Operation<Link>,
  settings: LinkSettings,
  name: string,
  master: number | undefined,
): Operation<Link> {
  const made = yield* create
  const { ifindex } = made
  const { up } = settings
  const flags = isRaisedLater(settings) || up === undefined ? {} : flagsHeader({ up })
  const request = newLinkRequest(`interface '${name}'`, 0, {
    header: Object.assign({ index: ifindex }, flags),
    attributes: { ifname: name, master },
  })
  const naming = refined(request, {
    advise: (code, extack) =>
      adviseRaised(code, extack, settings) ?? adviseMaster(code, extack, settings.master, home),
  })
  const named = (function* () {
    const [one, read] = yield* exchange(home, [naming, getLinkRequest(ifindex)])
    const error = one!.error ?? read!.error
    if (error !== null) throw error
    return read!.values[0] as Link
  })()
  return yield* orUndo(home, made, named)
}
