/** What tells a link from others, for who made it and hands out no more. */

import { getU32 } from '../../codec/bytes.js'
import { Attributes } from '../../codec/index.js'
import type { Link } from './link.js'
import { ifinfomsg, linkAttributes } from './table.js'

export type LinkIdentity = Pick<Link, 'ifindex' | 'name' | 'link'>

let reused: Attributes | undefined

/** Reads no more of a link than that: `start` is its struct ifinfomsg. */
export function readIdentity(bytes: Uint8Array, start: number, end: number): LinkIdentity {
  reused ??= new Attributes(linkAttributes)
  const found = reused.load(bytes, start + ifinfomsg.size, end)
  const { ifname, link } = linkAttributes.field
  return {
    ifindex: getU32(bytes, start + ifinfomsg.offsets.index),
    name: found.get(ifname) ?? '',
    link: found.u32(link) || null,
  }
}
