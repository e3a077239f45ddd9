/** What IPv6 tells of an interface in messages of its own: RTM_NEWLINK of AF_INET6, whose IFLA_PROTINFO holds IFLA_INET6_*. */

import { getU32 } from '../../codec/bytes.js'
import { Attributes, attributes, nested } from '../../codec/index.js'
import { type AfSpec, inet6Attributes } from './af-spec.js'
import { IFLA_PROTINFO } from './constants.js'
import { ifinfomsg, linkAttributes } from './table.js'

/** What IPv6 keeps of an interface. */
export interface InterfaceInet6 {
  readonly ifindex: number
  readonly dev: string
  /** The same as in the `afSpec` of a link. */
  readonly inet6: NonNullable<AfSpec['inet6']>
}

const inet6LinkAttributes = attributes('IFLA', {
  ...linkAttributes.fields,
  protinfo: [IFLA_PROTINFO, nested(inet6Attributes)],
})

/** Reads such a message: `start` is its struct ifinfomsg. */
export function readInet6(bytes: Uint8Array, start: number, end: number): InterfaceInet6 {
  const found = new Attributes(inet6LinkAttributes).load(bytes, start + ifinfomsg.size, end)
  const { ifname, protinfo } = inet6LinkAttributes.field
  return {
    ifindex: getU32(bytes, start + ifinfomsg.offsets.index),
    dev: found.get(ifname) ?? '',
    inet6: found.get(protinfo) ?? {},
  }
}
