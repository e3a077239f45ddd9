/** A lightweight tunnel as callers see it, the checks on it, and how one is sent. */

import { encodeAttributes } from '../../../codec/encode.js'
import { isRecord, show } from '../../../codec/fault.js'
import { type Chosen, guarded, type OneOf, Writer } from '../../../codec/index.js'
import type { Siblings } from '../../../codec/type.js'
import { checkInteger } from '../../../netlink/check.js'
import type { Channel, Operation } from '../../../netlink/operation.js'
import { checkDev } from '../../input.js'
import { type Dev, resolveDev } from '../../link/request.js'
import type { BpfEncap } from './bpf.js'
import type { Ioam6Encap } from './ioam6.js'
import type { Ip6Encap, IpEncap } from './ip.js'
import type { MplsEncap } from './mpls.js'
import type { RplEncap } from './rpl.js'
import type { Seg6Encap } from './seg6.js'
import type { Seg6LocalEncap } from './seg6local.js'
import { type EncapType, encapTables, encapTypes } from './table.js'
import type { XfrmEncap } from './xfrm.js'

/** A lightweight tunnel of a type that has no name: LWTUNNEL_ENCAP_* of linux/lwtunnel.h, and its attributes as the kernel sent them. */
export interface RawEncap {
  readonly type: number
  readonly data: Uint8Array
}

/** What a lightweight tunnel does to packets of a route; `type` says which it is. Interfaces are ifindexes when read. */
export type RouteEncap =
  | MplsEncap
  | IpEncap
  | Ip6Encap
  | Seg6Encap
  | Seg6LocalEncap
  | RplEncap
  | Ioam6Encap
  | BpfEncap
  | XfrmEncap
  | RawEncap

/** The same to be sent: interfaces by name or ifindex. */
export type RouteEncapInput =
  | Exclude<RouteEncap, Seg6LocalEncap | XfrmEncap>
  | (Omit<Seg6LocalEncap, 'iif' | 'oif'> & { iif?: Dev | undefined; oif?: Dev | undefined })
  | (Omit<XfrmEncap, 'link'> & { link?: Dev | undefined })

/** Attributes that are interfaces. */
const DEVS: Partial<Record<EncapType, readonly string[]>> = { seg6local: ['iif', 'oif'], xfrm: ['link'] }

/** Makes a lightweight tunnel of the attributes RTA_ENCAP_TYPE and RTA_ENCAP. */
export function encapOf(type: OneOf<EncapType>, value: Chosen | undefined): RouteEncap {
  if (typeof type === 'number') return { type, data: value instanceof Uint8Array ? value : new Uint8Array(0) }
  return { type, ...value } as RouteEncap
}

/**
 * Throws RangeError or TypeError naming the field.
 *
 * Options of tunnels (LWTUNNEL_IP_OPTS, LWTUNNEL_IP6_OPTS) are refused: since Linux 6.15 ip_tun_set_opts() of
 * net/ipv4/ip_tunnel_core.c writes them behind a struct ip_tunnel_info before it says, in options_len, how many there are, and where the
 * compiler checks that (__counted_by(), CONFIG_FORTIFY_SOURCE) the memcpy() of geneve options stops the kernel with the rtnl lock held:
 * nothing about networking is answered any more. Those of vxlan and erspan go the same way without a memcpy(). What has no options does
 * not come there (ip_tun_parse_opts() returns at once), nor does any other type: each has a build_state() of its own, and no
 * struct ip_tunnel_info.
 */
export function checkEncap(encap: RouteEncapInput, field: string): void {
  if (!isRecord(encap)) throw new TypeError(`${field}: ${show(encap)} is not an object with a type`)
  const { type, ...attributes } = encap as { type: unknown } & Record<string, unknown>
  if (typeof type === 'number') {
    checkRaw(type, attributes, field)
    return
  }
  if (typeof type !== 'string' || !Object.hasOwn(encapTables, type))
    throw new RangeError(
      `${field}.type: ${show(type)} is not one of ${Object.keys(encapTables).join(', ')}, or a number`,
    )
  if (
    (type === 'ip' || type === 'ip6') &&
    (attributes['opts'] !== undefined || attributes['unknown'] !== undefined)
  )
    throw new TypeError(
      `${field}.opts: options of tunnels are read, not sent: they stop some kernels for good (Linux 6.15 and later)`,
    )
  const resolved: Record<string, unknown> = { ...attributes }
  for (const dev of DEVS[type as EncapType] ?? [])
    if (resolved[dev] !== undefined) {
      checkDev(resolved[dev], `${field}.${dev}`)
      resolved[dev] = 1
    }
  guarded(field, () => encodeAttributes(encapTables[type as EncapType], new Writer(256), resolved))
}

function checkRaw(type: number, attributes: Readonly<Record<string, unknown>>, field: string): void {
  checkInteger(type, `${field}.type`, 1, 0xffff)
  const name = encapTypes.toName(type)
  if (typeof name === 'string')
    throw new TypeError(`${field}.type: ${type} has a name and attributes of its own: give '${name}'`)
  const { data, ...more } = attributes
  if (!(data instanceof Uint8Array)) throw new TypeError(`${field}.data: ${show(data)} is not a Uint8Array`)
  for (const key of Object.keys(more))
    throw new TypeError(`${field}: unknown option '${key}' (known: type, data)`)
}

/** The attributes of a checked lightweight tunnel; names are resolved on the channel. */
export function* encapAttributes(
  channel: Channel,
  encap: RouteEncapInput,
  field: string,
): Operation<{ encap: Chosen; encapType: OneOf<EncapType> }> {
  const { type, ...attributes } = encap as { type: OneOf<EncapType> } & Record<string, unknown>
  if (typeof type === 'number') return { encap: attributes['data'] as Uint8Array, encapType: type }
  const resolved: Record<string, unknown> = { ...attributes }
  for (const dev of DEVS[type] ?? [])
    if (resolved[dev] !== undefined)
      resolved[dev] = yield* resolveDev(channel, resolved[dev] as Dev, `${field}.${dev}`)
  return { encap: resolved as Siblings, encapType: type }
}
