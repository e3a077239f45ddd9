/** An MPLS route as callers write it, its checks, and the requests that operations are made of. */

import { show } from '../../codec/fault.js'
import { type AnyOf, type Infer, type Message, mac, type OneOf, parseMac } from '../../codec/index.js'
import { ipLength } from '../../codec/ip.js'
import { NO_SIBLINGS } from '../../codec/type.js'
import { checkBoolean, checkInteger, checkKeys } from '../../netlink/check.js'
import type { Channel, Operation } from '../../netlink/operation.js'
import type { Advice, Request } from '../../netlink/request.js'
import { AF_MPLS } from '../family.js'
import { checkDev, checkIfindex, checkOneOf } from '../input.js'
import { type Dev, resolveDev } from '../link/request.js'
import { RT_TABLE_MAIN, RTN_UNICAST, RTPROT_BOOT, RTPROT_UNSPEC } from '../route/constants.js'
import { normalAddress } from '../route/filter.js'
import type { NexthopFlag, RouteProtocol } from '../route/input.js'
import { routeProtocols } from '../route/table.js'
import { delMplsRoute, type mplsHopAttributes, type mplsRouteAttributes, newMplsRoute } from './table.js'

/** One of several nexthops. Null is the same as leaving out, so that a listed `MplsNexthop` fits. */
export interface MplsNexthopInput {
  /** An IPv4, IPv6 or link-layer address. */
  via?: string | null | undefined
  dev?: Dev | null | undefined
  /** Used where there is no `dev`. */
  ifindex?: number | null | undefined
  /** The labels that take the place of the one that came, the outermost first; without any it is taken off. */
  as?: readonly number[] | null | undefined
  /** What the kernel reports: not sent. */
  flags?: AnyOf<NexthopFlag> | undefined
}

/** An MPLS route to add or delete. Null is the same as leaving out, so that a listed `MplsRoute` fits. */
export interface MplsRouteInput extends MplsNexthopInput {
  /** The label of packets that come in, 16 to 1,048,575. */
  label: number
  /** Several nexthops, among which flows are shared out evenly; instead of `via`, `dev` and `as`. */
  nexthops?: readonly MplsNexthopInput[] | null | undefined
  /** Whether the time to live of the label goes back into the packet. Without it as net.mpls.ip_ttl_propagate says. */
  ttlPropagate?: boolean | null | undefined
  /** Who makes the route, by name or number; without it 'boot', as with `ip route`. */
  protocol?: OneOf<RouteProtocol> | null | undefined
}

const HOP_KEYS: readonly (keyof MplsNexthopInput)[] = ['via', 'dev', 'ifindex', 'as', 'flags']
export const MPLS_KEYS: readonly (keyof MplsRouteInput)[] = [
  'label',
  'via',
  'dev',
  'ifindex',
  'as',
  'flags',
  'nexthops',
  'ttlPropagate',
  'protocol',
]

export const MAX_LABEL = 0xfffff
/** Lower labels are reserved (RFC 3032). */
const FIRST_LABEL = 16

/** Throws RangeError or TypeError naming the field. */
export function checkMplsRoute(input: MplsRouteInput): void {
  const { label, nexthops, ttlPropagate, protocol } = input
  checkLabel(label)
  checkHop(input, '')
  if (ttlPropagate != null) checkBoolean(ttlPropagate, 'ttlPropagate')
  if (protocol != null) checkOneOf(routeProtocols, protocol, 'protocol')
  if (nexthops == null) return
  if (!Array.isArray(nexthops) || nexthops.length === 0)
    throw new TypeError(`nexthops: ${show(nexthops)} is not an array of nexthops`)
  if (input.via != null || input.dev != null || input.as != null)
    throw new TypeError('nexthops: a route has either nexthops or via, dev and as')
  nexthops.forEach((hop: MplsNexthopInput, index) => {
    checkKeys(`nexthops[${index}]`, hop, HOP_KEYS)
    checkHop(hop, `nexthops[${index}].`)
  })
}

/** Throws TypeError for a route that is to be made and leads to no interface (find_outdev() of net/mpls/af_mpls.c). */
export function checkWays(input: MplsRouteInput): void {
  const hops = input.nexthops ?? [input]
  hops.forEach(({ via, dev, ifindex }, index) => {
    if (dev != null || ifindex != null || (via != null && ipLength(via) > 0)) return
    const prefix = input.nexthops == null ? '' : `nexthops[${index}].`
    throw new TypeError(`${prefix}dev: without a via that is an IP address the route needs an interface`)
  })
}

function checkHop({ via, dev, ifindex, as }: MplsNexthopInput, prefix: string): void {
  if (via != null) checkVia(via, `${prefix}via`)
  if (dev != null) checkDev(dev, `${prefix}dev`)
  if (ifindex != null) checkIfindex(ifindex, `${prefix}ifindex`)
  if (as != null) checkLabels(as, `${prefix}as`)
}

/** Throws RangeError for what is no address of a gateway. */
export function checkVia(via: string, field: string): void {
  if (typeof via !== 'string' || (ipLength(via) === 0 && parseMac(via) === null))
    throw new RangeError(`${field}: ${show(via)} is not an IPv4, IPv6 or link-layer address`)
}

/** A checked address as routes have it. */
export function normalVia(via: string): string {
  if (ipLength(via) > 0) return normalAddress(via)
  const bytes = parseMac(via)!
  return mac.decode(bytes, 0, bytes.length, NO_SIBLINGS)
}

/** Throws RangeError or TypeError for what cannot be the label of a packet that comes in. */
export function checkLabel(label: number): void {
  checkInteger(label, 'label', FIRST_LABEL, MAX_LABEL, 'an MPLS label')
}

/** Throws RangeError or TypeError for what is no list of labels. */
export function checkLabels(labels: readonly number[], field: string): void {
  if (!Array.isArray(labels) || labels.length === 0)
    throw new TypeError(`${field}: ${show(labels)} is not an array of labels`)
  labels.forEach((label, index) => {
    checkInteger(label, `${field}[${index}]`, 0, MAX_LABEL, 'an MPLS label')
  })
}

/** RTM_NEWROUTE with NLM_F_CREATE and the like, of a checked route; names are resolved on the channel. */
export function* newMplsRouteRequest(
  channel: Channel,
  input: MplsRouteInput,
  flags: number,
): Operation<Request> {
  const { ttlPropagate, nexthops, protocol } = input
  const attributes: Infer<typeof mplsRouteAttributes> = { dst: [input.label] }
  // In the order of iproute2.
  if (ttlPropagate != null) attributes.ttlPropagate = ttlPropagate ? 1 : 0
  if (nexthops == null) {
    Object.assign(attributes, hopAttributes(input))
    const oif = yield* interfaceOf(channel, input, 'dev')
    if (oif > 0) attributes.oif = oif
  } else {
    const hops = []
    for (const [index, hop] of nexthops.entries())
      hops.push({
        flags: 0,
        // The kernel takes no weights (mpls_nh_build_multi() of net/mpls/af_mpls.c).
        hops: 0,
        ifindex: yield* interfaceOf(channel, hop, `nexthops[${index}].dev`),
        attributes: hopAttributes(hop),
      })
    attributes.multipath = hops
  }
  return {
    ...routeRequest(newMplsRoute, input.label, protocol ?? RTPROT_BOOT, attributes),
    flags,
    advise: (code, { message }) => (message === null ? ADVICE[code] : undefined),
  }
}

/** RTM_DELROUTE of the route for a label, of the interface if one is given. */
export function* deleteMplsRouteRequest(channel: Channel, input: MplsRouteInput): Operation<Request> {
  const attributes: Infer<typeof mplsRouteAttributes> = { dst: [input.label] }
  const oif = yield* interfaceOf(channel, input, 'dev')
  if (oif > 0) attributes.oif = oif
  return {
    ...routeRequest(delMplsRoute, input.label, input.protocol ?? RTPROT_UNSPEC, attributes),
    advise: (code, { message }) => (message === null ? ADVICE[code] : undefined),
  }
}

type MplsMessage = Message<
  (typeof newMplsRoute)['header']['members'],
  (typeof newMplsRoute)['table']['fields']
>

function routeRequest(
  message: MplsMessage,
  label: number,
  protocol: OneOf<RouteProtocol>,
  attributes: Infer<typeof mplsRouteAttributes>,
): Request {
  return {
    message,
    body: {
      header: {
        family: AF_MPLS,
        dstLen: LABEL_BITS,
        table: RT_TABLE_MAIN,
        protocol: routeProtocols.toNumber(protocol),
        type: RTN_UNICAST,
      },
      attributes,
    },
    flags: 0,
    answer: 'ack',
    subject: `route for the MPLS label ${label}`,
  }
}

/** rtm_dst_len of a label. */
export const LABEL_BITS = 20

const ADVICE: Advice = {
  ENOENT: 'there is no route for this label: addMplsRoute makes one',
  EINVAL:
    'the interface has to be of a type that carries MPLS (Ethernet, loopback, IP tunnels), and a link-layer via as long as its addresses',
  EOPNOTSUPP: 'the kernel has no MPLS routing (modprobe mpls_router)',
}

function hopAttributes({ via, as }: MplsNexthopInput): Infer<typeof mplsHopAttributes> {
  return { ...(as != null && { newdst: as }), ...(via != null && { via }) }
}

function* interfaceOf(
  channel: Channel,
  { dev, ifindex }: Pick<MplsNexthopInput, 'dev' | 'ifindex'>,
  field: string,
): Operation<number> {
  return dev == null ? (ifindex ?? 0) : yield* resolveDev(channel, dev, field)
}
