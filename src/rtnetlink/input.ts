/** Checks on names and addresses that callers give, before anything is sent: each throws an error that names the field and the value. */

import { show } from '../codec/fault.js'
import { parseMac } from '../codec/index.js'
import { ipLength } from '../codec/ip.js'
import { checkInteger } from '../netlink/check.js'
import { AF_INET, AF_INET6 } from './family.js'
import type { Dev } from './link/request.js'

const utf8 = new TextEncoder()
/** Bytes of a name: IFNAMSIZ counts the NUL. */
export const MAX_IFNAME = 15
const MAX_ALTNAME = 127

/**
 * A name for a new interface: dev_valid_name() of net/core/dev.c, no more than 15 bytes, and no '%', of which the kernel would make
 * another name (dev_alloc_name()).
 */
export function checkIfname(name: unknown, field = 'name'): string {
  const checked = checkName(name, field, MAX_IFNAME)
  if (checked.includes('%'))
    throw new RangeError(
      `${field}: '${checked}' is a pattern to the kernel, which does not tell the name that it makes of it; createLink(), createVethPair() and createTuntap() take one`,
    )
  return checked
}

/** Directories of net.ipv4.conf and net.ipv6.conf that are no interface's (sysctl_dev_name_is_allowed() of linux/inetdevice.h). */
const OF_SYSCTL: readonly string[] = ['all', 'default']

/** The same for an interface that is to be made or renamed. */
export function checkLinkName(name: unknown, field = 'name'): string {
  const checked = checkIfname(name, field)
  if (OF_SYSCTL.includes(checked))
    throw new RangeError(
      `${field}: '${checked}' is no name for an interface: its settings would be those of net.ipv4.conf.${checked}, which are of others`,
    )
  return checked
}

/** The same, in which '%d' may stand for a number that makes it a name that nobody has (withFreeName()). */
export function checkNewIfname(name: unknown, field = 'name'): string {
  if (typeof name !== 'string' || !name.includes('%')) return checkLinkName(name, field)
  if (!/^[^%]*%d[^%]*$/.test(name))
    throw new RangeError(
      `${field}: ${show(name)} is not an interface name: of '%' it may have one '%d', for a number that makes it free`,
    )
  return checkName(name, field, MAX_IFNAME)
}

/** A name of an existing interface, which may be an alternative name. */
export function checkDevName(name: unknown, field = 'dev'): string {
  return checkName(name, field, MAX_ALTNAME)
}

/** Nearly all names: accepted without counting their bytes. */
const PLAIN_NAME = /^[a-zA-Z0-9_@-][a-zA-Z0-9_@.-]{0,14}$/

function checkName(name: unknown, field: string, max: number): string {
  if (typeof name === 'string' && PLAIN_NAME.test(name)) return name
  if (typeof name !== 'string') throw new TypeError(`${field}: ${show(name)} is not a string`)
  if (name === '') throw new RangeError(`${field}: an interface name cannot be empty`)
  const length = utf8.encode(name).length
  if (length > max)
    throw new RangeError(
      `${field}: '${name}' has ${length} bytes; ${max === MAX_IFNAME ? 'an interface' : 'an alternative'} name has at most ${max}`,
    )
  if (name === '.' || name === '..' || /[/:\s\0]/.test(name)) {
    throw new RangeError(
      `${field}: ${show(name)} is not an interface name ('.', '..', '/', ':' and white space are not allowed)`,
    )
  }
  return name
}

/** A name of an existing interface, or its ifindex. */
export function checkDev(dev: unknown, field = 'dev'): Dev {
  if (typeof dev === 'number') return checkIfindex(dev, field)
  if (typeof dev !== 'string')
    throw new TypeError(`${field}: ${show(dev)} is neither the name of an interface nor its ifindex`)
  return checkDevName(dev, field)
}

/** A name of a table, or a number from `min` to `max`, which may be one that the table does not know. */
export function checkOneOf(
  table: { readonly numbers: Readonly<Record<string, number>> },
  value: unknown,
  field: string,
  max = 0xff,
  min = 0,
): unknown {
  if (typeof value === 'number') return checkInteger(value, field, min, max)
  if (typeof value !== 'string') throw new TypeError(`${field}: ${show(value)} is not a name or a number`)
  if (!Object.hasOwn(table.numbers, value))
    throw new RangeError(`${field}: ${show(value)} is not one of ${Object.keys(table.numbers).join(', ')}`)
  return value
}

export function checkIfindex(ifindex: unknown, field = 'dev'): number {
  return checkInteger(ifindex, field, 1, 0x7fffffff, 'an ifindex')
}

/** A kind of link to look for, which may be one that is unknown here: 'wwan'. */
export function checkKind(kind: unknown, field: string): void {
  if (typeof kind !== 'string' || kind === '')
    throw new TypeError(`${field}: ${show(kind)} is not a kind of link`)
}

const ETHERNET = 6
/** Bytes: IPv4 tunnels, Ethernet, EUI-64 and FireWire, IPv6 tunnels, InfiniBand. */
const LINK_ADDRESSES = [4, ETHERNET, 8, 16, 20]

/** A link-layer address of whatever device, a multicast one too. */
export function checkLinkAddress(value: unknown, field: string, lengths = LINK_ADDRESSES): Uint8Array {
  const octets = parseMac(value)
  if (octets === null || !lengths.includes(octets.length))
    throw new RangeError(
      `${field}: ${show(value)} is not a link-layer address such as '02:00:00:00:00:09' (${lengths.join(', ')} bytes)`,
    )
  return octets
}

/** A link-layer address of Ethernet, a multicast one too. */
export function checkEthernet(value: unknown, field: string): Uint8Array {
  return checkLinkAddress(value, field, [ETHERNET])
}

/** One of Ethernet that is no multicast one. */
export function checkUnicast(value: unknown, field: string): Uint8Array {
  const octets = checkEthernet(value, field)
  if (octets[0]! & 1) throw new RangeError(`${field}: ${show(value)} is a multicast address`)
  return octets
}

export const isZero = (octets: Uint8Array): boolean => octets.every((octet) => octet === 0)

/** One that a new Ethernet interface can have (is_valid_ether_addr() of linux/etherdevice.h). */
export function checkMac(value: unknown, field = 'mac'): string {
  if (isZero(checkUnicast(value, field)))
    throw new RangeError(`${field}: ${show(value)} is all zeros, which no interface can have`)
  return value as string
}

/** One that an interface may take: of Ethernet a unicast one. Whether it takes zeros is its driver's matter. */
export function checkAnyMac(value: unknown, field: string): void {
  if (checkLinkAddress(value, field).length === ETHERNET) checkUnicast(value, field)
}

/** An address with a prefix length, as people write it. */
export interface Prefix {
  readonly family: number
  /** Text, without the length. */
  readonly address: string
  readonly length: number
}

/** What was read last: a call checks its input and then makes a request of it, and both read the same text. */
let last: { readonly text: string; readonly prefix: Prefix } | undefined

/** '192.168.15.1/24', '2001:db8::/64'; without a length the whole address (/32, /128). */
export function parsePrefix(value: unknown, field: string): Prefix {
  if (last !== undefined && value === last.text) return last.prefix
  if (typeof value !== 'string')
    throw new TypeError(`${field}: ${show(value)} is not a string such as '192.168.15.1/24'`)
  const slash = value.indexOf('/')
  const address = slash < 0 ? value : value.slice(0, slash)
  const bytes = ipLength(address)
  if (bytes === 0)
    throw new RangeError(`${field}: ${show(value)} is not an address: '${address}' is neither IPv4 nor IPv6`)
  const max = bytes * 8
  const length = slash < 0 ? max : decimal(value, slash + 1)
  if (!(length <= max))
    throw new RangeError(`${field}: ${show(value)} has a prefix length that is not from 0 to ${max}`)
  const prefix = { family: bytes === 4 ? AF_INET : AF_INET6, address, length }
  last = { text: value, prefix }
  return prefix
}

/** A number of one to three digits at the end of a text; NaN for anything else. */
function decimal(text: string, from: number): number {
  const digits = text.length - from
  if (digits < 1 || digits > 3) return Number.NaN
  let number = 0
  for (let i = from; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48
    if (!(digit >= 0 && digit <= 9)) return Number.NaN
    number = number * 10 + digit
  }
  return number
}

/** An address without a length, of one family if `family` is given. */
export function checkIp(value: unknown, field: string, family?: number): string {
  const bytes = typeof value === 'string' ? ipLength(value) : 0
  if (bytes === 0) throw new RangeError(`${field}: ${show(value)} is not an IPv4 or IPv6 address`)
  const is = bytes === 4 ? AF_INET : AF_INET6
  if (family !== undefined && is !== family) {
    throw new RangeError(`${field}: ${show(value)} is not an ${family === AF_INET ? 'IPv4' : 'IPv6'} address`)
  }
  return value as string
}
