import type { CallOptions } from '../../netlink/call.js'
import { CALL_OPTIONS, checkInteger, checkKeys } from '../../netlink/check.js'
import { EEXIST, EOPNOTSUPP } from '../../netlink/errno.js'
import { NetlinkError } from '../../netlink/errors.js'
import type { Extack } from '../../netlink/extack.js'
import { checkNetns } from '../../netlink/netns-like.js'
import {
  type Channel,
  exchange,
  type NetnsLike,
  type OpenNetns,
  type Operation,
  request,
  requestOne,
  withChannel,
  withNetns,
} from '../../netlink/operation.js'
import { refined } from '../../netlink/request.js'
import { checkDev, checkIfindex, checkLinkName } from '../input.js'
import type { Link } from './link.js'
import { type Dev, describeDev, getLinkRequest, isNameTaken, newLinkRequest, resolveDev } from './request.js'

/** What a moved interface is called over there, and where it is now. */
export interface MoveLinkOptions extends CallOptions {
  /** Its name over there; without it, it keeps its own. */
  name?: string | undefined
  /** Its ifindex over there (Linux 5.13); without it, it keeps its own where that is free. Not for one that is there already. */
  ifindex?: number | undefined
}

/**
 * Moves an interface to another namespace and reads it back there. The kernel waits for readers on all processors: some 15 to 20 ms,
 * where making an interface in its namespace costs nothing more (createVethPair does that). It loses its addresses and routes, and is
 * down. The process's own namespace, to which an interface is to go back, is `{ pid: process.pid }`. An abort that comes when the kernel has
 * moved it rejects, and it stays where it is.
 *
 * @throws RangeError or TypeError naming the option; NetlinkError ENODEV where there is no such interface, EEXIST where the name is
 * taken over there (on Linux 5.10 EINVAL where it is its own; where another program takes `name` at the same moment the interface has moved
 * all the same, and the advice says so), EBUSY where the ifindex is, EINVAL for interfaces that cannot move (lo, a bridge); EOPNOTSUPP where it is there, by another ifindex than
 * was asked for
 * @see ip-link(8), network_namespaces(7)
 * @example await moveLink('eth7', 'red', { name: 'eth0' })
 */
export function* moveLink(dev: Dev, target: NetnsLike, options: MoveLinkOptions = {}): Operation<Link> {
  checkKeys('moveLink', options, ['name', 'ifindex', ...CALL_OPTIONS])
  checkDev(dev, 'dev')
  checkNetns(target, 'target')
  if (options.name !== undefined) checkLinkName(options.name)
  if (options.ifindex !== undefined) checkIfindex(options.ifindex, 'ifindex')
  // All is held and opened before the move: a handle that is closed, or a lack of descriptors, must not come between it and its answer.
  return yield* withNetns(target, (netns) =>
    withChannel(options.netns, (channel) =>
      withChannel(netns, (there) => move({ dev, options, channel, there, netns })),
    ),
  )
}

interface Move {
  readonly dev: Dev
  readonly options: MoveLinkOptions
  readonly channel: Channel
  readonly there: Channel
  readonly netns: OpenNetns
}

function* move({ dev, options, channel, there, netns }: Move): Operation<Link> {
  const ifindex = yield* resolveDev(channel, dev)
  const own = channel.ifname(ifindex)
  const name = options.name ?? own
  const moving = newLinkRequest(describeDev(dev), 0, {
    header: { index: ifindex },
    attributes: { netNsFd: netns.fd, ifname: options.name, newIfindex: options.ifindex },
  })
  const taken = `the name '${name}' is taken in the target namespace, or an alternative name is`
  // The kernel looks whether its own name is free there, moves it, and names it then (do_setlink()).
  if (name !== null && name !== own && (yield* isNameTaken(there, name)))
    throw new NetlinkError({
      operation: moving.message.name,
      errno: EEXIST,
      subject: moving.subject,
      advice: taken,
    })
  const adviseMove = (code: string, { message }: Extack) => {
    // Of its own name Linux 5.10 says this, as of what cannot move (dev_get_valid_name() of no name).
    if (code === 'EINVAL' && message === null && own !== null && own !== 'lo' && there.ifindex(own) > 0)
      return `perhaps ${taken}; or it cannot move`
    if (code !== 'EEXIST') return undefined
    return channel.ifname(ifindex) === null ? `it has moved, and is '${own}' there: ${taken}` : taken
  }
  const [moved] = yield* exchange(channel, [refined(moving, { holds: [netns], advise: adviseMove })])
  if (moved!.error !== null) throw moved!.error
  const link = yield* requestOne(there, getLinkRequest(name ?? options.ifindex ?? ifindex))
  if (options.ifindex === undefined || link.ifindex === options.ifindex) return link
  throw new NetlinkError({
    operation: moving.message.name,
    errno: EOPNOTSUPP,
    subject: moving.subject,
    advice: `it has kept the ifindex ${link.ifindex}: it was in that namespace already, or Linux is older than 5.13`,
  })
}

/**
 * Moves all interfaces of a group (`group` when they were made) to another namespace, in one request, as `ip link set group 42 netns red`; none,
 * where it is empty. They keep their names and stay in the group, and lose what moveLink() says.
 *
 * @throws RangeError or TypeError for what is no group above 0 (0 is the group of all that were given none, lo among them); NetlinkError EEXIST
 * where a name is taken over there, EINVAL where an interface cannot move (a bridge): those before it have moved then
 * @see ip-link(8), network_namespaces(7)
 * @example await moveLinkGroup(42, 'red')
 */
export function* moveLinkGroup(group: number, target: NetnsLike, options: CallOptions = {}): Operation<void> {
  checkKeys('moveLinkGroup', options, CALL_OPTIONS)
  checkInteger(group, 'group', 1, 0xffffffff, 'a group')
  checkNetns(target, 'target')
  yield* withNetns(target, (netns) =>
    withChannel(options.netns, (channel) => {
      const attributes = { group, netNsFd: netns.fd }
      const moving = newLinkRequest(`group ${group}`, 0, { header: {}, attributes })
      return request(channel, refined(moving, { holds: [netns], advise: MOVING_GROUP }))
    }),
  )
}

const MOVING_GROUP: Readonly<Record<string, string>> = {
  EEXIST:
    'a name is taken in the target namespace, or an alternative name is; interfaces before that one have moved',
  EINVAL: 'one of them cannot leave its namespace; interfaces before that one have moved',
}
