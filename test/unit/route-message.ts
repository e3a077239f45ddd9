/** Messages of routes as the kernel sends them. */

import { encodeBody, Writer } from '../../src/codec/index.js'
import { readRoute } from '../../src/rtnetlink/route/route.js'
import { newRoute } from '../../src/rtnetlink/route/table.js'

export type Attributes = Parameters<typeof encodeBody<typeof newRoute>>[2]['attributes']

export type Header = Parameters<typeof encodeBody<typeof newRoute>>[2]['header']

/** A route as the kernel would send it, from its struct rtmsg on. */
export function message(attributes: Attributes, header: Header = {}): Uint8Array {
  const out = new Writer()
  encodeBody(newRoute, out, { header: { family: 2, ...header }, attributes })
  return out.take()
}

export function read(attributes: Attributes, header: Header = {}) {
  const bytes = message(attributes, header)
  return readRoute(bytes, 0, bytes.length, () => null)
}
