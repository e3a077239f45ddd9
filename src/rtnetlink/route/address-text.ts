/** Text of the addresses in routes and rules. */

import { decodeField } from '../../codec/decode.js'
import { type Field, formatIpv4 } from '../../codec/index.js'
import { NO_SIBLINGS } from '../../codec/type.js'

/** An address of either family. */
export function readAddress(field: Field<string>, bytes: Uint8Array, start: number, end: number): string {
  return end - start === 4 ? formatIpv4(bytes, start) : decodeField(field, bytes, start, end, NO_SIBLINGS)
}

const lastGateway = new Uint8Array(16)
let lastGatewayLength = -1
let lastGatewayText = ''

/** An address that often is the same as in the route before: then it is the same string too. */
export function readGateway(field: Field<string>, bytes: Uint8Array, start: number, end: number): string {
  if (!isLastGateway(bytes, start, end)) {
    lastGatewayText = readAddress(field, bytes, start, end)
    lastGatewayLength = end - start
    lastGateway.set(bytes.subarray(start, end))
  }
  return lastGatewayText
}

function isLastGateway(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start !== lastGatewayLength) return false
  for (let i = 0; i < lastGatewayLength; i++) if (bytes[start + i] !== lastGateway[i]) return false
  return true
}

/** A prefix as `ip route` prints it; null for that of length 0. */
export function networkText(address: string | null, length: number, v6: boolean): string | null {
  if (address === null || length === 0) return null
  return length === (v6 ? 128 : 32) ? address : `${address}/${length}`
}
