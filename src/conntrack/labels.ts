/** Labels of a connection: 128 bits that rules set and match (nft `ct label`, connlabel of iptables). */

import { host } from '../codec/bytes.js'
import { show } from '../codec/fault.js'
import { checkInteger } from '../netlink/check.js'

const BITS = 128
const SIZE = BITS / 8

/** The kernel keeps them in an array of long and sends that as it lies in memory. */
function byteOf(bit: number): number {
  return host.littleEndian ? bit >> 3 : ((bit >> 3) & ~7) | (7 - ((bit >> 3) & 7))
}

/** Numbers of the labels that are set. */
export function readLabels(bytes: Uint8Array): number[] {
  const labels: number[] = []
  for (let bit = 0; bit < bytes.length * 8; bit++)
    if (bytes[byteOf(bit)]! & (1 << (bit & 7))) labels.push(bit)
  return labels
}

export function labelBytes(labels: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(SIZE)
  for (const bit of labels) bytes[byteOf(bit)]! |= 1 << (bit & 7)
  return bytes
}

export function checkLabels(labels: unknown, field: string): readonly number[] {
  if (!Array.isArray(labels)) throw new TypeError(`${field}: ${show(labels)} is not an array of numbers`)
  for (const label of labels) checkInteger(label, field, 0, BITS - 1, 'a label')
  return labels as number[]
}
