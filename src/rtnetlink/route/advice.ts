/** What routes and nexthop objects are refused for alike. */

import type { OneOf } from '../../codec/index.js'
import type { Extack } from '../../netlink/extack.js'
import { adviseBpf, type BpfEncap } from './encap/bpf.js'
import type { EncapType } from './encap/table.js'

/** ENETUNREACH, and EHOSTUNREACH of IPv6. */
export const NO_WAY_TO_GATEWAY =
  'no address of an interface that is up is in the network of the gateway, or the route of that network is gone (onlink with dev skips the check)'

/** Whether the kernel lacks a type of encapsulation; one that is newer than all of its own it calls unknown (lwtunnel_valid_encap_type()). */
const lacksEncap = (code: string, { message }: Extack): boolean =>
  code === 'EOPNOTSUPP' || message === 'Unknown lwt encapsulation type'

/** A tunnel as it is sent: RTA_ENCAP_TYPE and RTA_ENCAP. */
export interface SentEncap {
  readonly encapType?: OneOf<EncapType> | undefined
  readonly encap?: unknown
}

/** Advice about the tunnel of a route or nexthop that is to be made. */
export function adviseTunnel(
  code: string,
  extack: Extack,
  { encapType, encap }: SentEncap,
): string | undefined {
  if (encapType === undefined) return undefined
  if (lacksEncap(code, extack)) return noEncap(encapType)
  return encapType === 'bpf' ? adviseBpf(code, extack, encap as Omit<BpfEncap, 'type'>) : undefined
}

/** Each type is a module or a CONFIG_ of its own; of which one it lacks the kernel says nothing. */
function noEncap(type: OneOf<EncapType>): string {
  return `the kernel lacks encapsulation '${type}' of routes, or one of its options (a module to load, or CONFIG_ of the kernel)`
}
