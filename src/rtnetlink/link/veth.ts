import type { CallOptions } from '../../netlink/call.js'
import { CALL_OPTIONS, checkKeys } from '../../netlink/check.js'
import type { NetnsLike, Operation } from '../../netlink/operation.js'
import type { LinkIdentity } from './identity.js'
import { veth } from './kinds/veth.js'
import type { Link } from './link.js'
import { checkEnds, createPair } from './pair.js'
import { type AskLink, getLinkRequest } from './request.js'
import type { LinkEnd } from './settings.js'

/** One end of a veth pair. */
export type VethEnd = LinkEnd

const FIELDS = ['near.name', 'far.name'] as const

/**
 * Makes a pair of joined Ethernet interfaces, each end in its namespace from the start (nothing is moved), with its port, state, addresses
 * and routes, and returns both as they were read back: near end first, and as it was before the far end came up (no carrier
 * yet). Two sendmsg for a whole container. A failure leaves nothing behind.
 *
 * @throws RangeError or TypeError naming the end and the option (`far.mtu`); NetlinkError EEXIST where a name is taken (the advice
 * says which), EOPNOTSUPP where a master takes no ports, and what addAddress and addRoute throw.
 * @see veth(4), linux/veth.h
 * @example await createVethPair({ name: 'veth-red-br', master: 'v-net-0', up: true }, { name: 'eth0', netns: red, up: true })
 */
export function* createVethPair(
  near: VethEnd,
  far: VethEnd,
  options: CallOptions = {},
): Operation<[Link, Link]> {
  checkKeys('createVethPair', options, CALL_OPTIONS)
  return yield* createVethPairAsking(getLinkRequest, near, far, options.netns)
}

/** createVethPair() that reads back what `ask` asks. */
export function* createVethPairAsking<T extends LinkIdentity>(
  ask: AskLink<T>,
  near: VethEnd,
  far: VethEnd,
  netns?: NetnsLike,
): Operation<[T, T]> {
  checkEnds('createVethPair', near, far)
  return yield* createPair({ kind: veth, near, far, data: {}, fields: FIELDS, ask }, netns)
}
