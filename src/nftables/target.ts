/** Addresses with ports, as people write them. */

import { show } from '../codec/fault.js'
import { checkInteger } from '../netlink/check.js'
import { datatypes } from './datatypes.js'
import { compareBytes } from './value.js'

/** A port, or a range of ports, both included. */
export interface PortRange {
  readonly from: number
  readonly to: number
}

/** An address or a range of them (`till`), and perhaps ports. Bytes are in network order. */
export interface Target {
  readonly family: 'ip' | 'ip6'
  readonly from: Uint8Array
  readonly till: Uint8Array | null
  readonly port: PortRange | null
}

/** 8080 or '8000-8010'. Throws RangeError or TypeError naming the field. */
export function parsePort(value: unknown, field: string): PortRange {
  if (typeof value === 'number') {
    const port = checkInteger(value, field, 1, 0xffff, 'a port')
    return { from: port, to: port }
  }
  const match = typeof value === 'string' ? /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(value) : null
  if (match === null)
    throw new TypeError(`${field}: ${show(value)} is not a port or a range of ports such as '8000-8010'`)
  const from = checkInteger(Number(match[1]), field, 1, 0xffff, 'a port')
  const to = checkInteger(Number(match[2] ?? match[1]), field, 1, 0xffff, 'a port')
  if (to < from) throw new RangeError(`${field}: ${show(value)} ends before it begins`)
  return { from, to }
}

/** '192.168.15.2:8080', '[2001:db8::2]:80', an address alone or a range of them. Throws RangeError or TypeError naming the field. */
export function parseTarget(value: unknown, field: string): Target {
  if (typeof value !== 'string')
    throw new TypeError(`${field}: ${show(value)} is not an address such as '192.168.15.2:8080'`)
  const bracketed = /^\[([^\]]*)\](?::([\d-]*))?$/.exec(value)
  const isPlain6 = bracketed === null && value.split(':').length > 2
  const [address, port] =
    bracketed !== null ? [bracketed[1]!, bracketed[2]] : isPlain6 ? [value, undefined] : split(value, ':')
  const [first, last] = split(address!, '-')
  const isV6 = first!.includes(':')
  if (!isV6 && !/^[\d.]+$/.test(first!))
    throw new RangeError(
      `${field}: ${show(value)} is not an address such as '192.168.15.2:8080' or '[2001:db8::2]:8080'`,
    )
  const type = isV6 ? datatypes.ipv6_addr : datatypes.ipv4_addr
  const from = type.encode(first, field)
  const till = last === undefined ? null : type.encode(last, field)
  if (till !== null && compareBytes(from, till) > 0)
    throw new RangeError(`${field}: ${show(value)} ends before it begins`)
  return { family: isV6 ? 'ip6' : 'ip', from, till, port: port === undefined ? null : parsePort(port, field) }
}

function split(text: string, by: string): [string, string | undefined] {
  const at = text.indexOf(by)
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}
