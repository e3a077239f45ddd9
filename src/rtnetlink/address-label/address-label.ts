/** A label of IPv6 addresses as callers see it, and how one is read out of an RTM_NEWADDRLABEL. */

import { getU32 } from '../../codec/bytes.js'
import { Attributes } from '../../codec/index.js'
import type { NameOf } from '../devnames.js'
import { ifaddrlblmsg, labelAttributes } from './table.js'

/**
 * A label of the IPv6 addresses in a prefix: of several source addresses the kernel prefers one with the label of the destination (RFC 6724).
 * The longest prefix counts. See ip-addrlabel(8).
 */
export interface AddressLabel {
  /** '2002::/16'; '::/0' is for all that no other has. */
  readonly prefix: string
  readonly label: number
  /** It is for this interface alone; null is for all, or where the interface has just gone. */
  readonly dev: string | null
  readonly ifindex: number | null
}

const at = ifaddrlblmsg.offsets

/** Reads a label: `start` is its struct ifaddrlblmsg. */
export function readAddressLabel(
  bytes: Uint8Array,
  start: number,
  end: number,
  nameOf: NameOf,
): AddressLabel {
  const found = new Attributes(labelAttributes).load(bytes, start + ifaddrlblmsg.size, end)
  const field = labelAttributes.field
  const ifindex = getU32(bytes, start + at.ifindex) || null
  return {
    prefix: `${found.get(field.address) ?? '::'}/${bytes[start + at.prefixLength]!}`,
    label: found.get(field.label) ?? 0,
    dev: ifindex === null ? null : nameOf(ifindex),
    ifindex,
  }
}
