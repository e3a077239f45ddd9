/** Checks on what the verbs are given: each throws RangeError or TypeError naming the field, before anything is sent. */

import { show } from '../codec/fault.js'
import { datatypes } from '../nftables/datatypes.js'
import type { KeyPart } from '../nftables/element.js'
import { type PortRange, parsePort } from '../nftables/target.js'
import { intervalOf, showInterval } from '../nftables/value.js'
import { checkIfname } from '../rtnetlink/input.js'

/** A family of addresses, as rules name it. */
export type IpFamily = 'ip' | 'ip6'
/** A protocol with ports. */
export type PortProtocol = 'tcp' | 'udp' | 'sctp'

const utf8 = new TextEncoder()
const PROTOCOLS: readonly string[] = ['tcp', 'udp', 'sctp']

/** What the names of chains, of 255 bytes, have room for behind 'masquerade-', the longest verb. */
const MAX_CHAIN = 244
/** The 255 bytes that the kernel keeps with an element have the interface of the target, too. */
const MAX_PORT = 100

/** What names may have, those that are derived where none is given among them: see derivedName(), and publishPort() with an address. */
const LABELS = {
  chain: { pattern: /^[A-Za-z0-9][A-Za-z0-9._/-]*$/, most: MAX_CHAIN, others: "'.', '_', '-' and '/'" },
  port: {
    pattern: /^[A-Za-z0-9][A-Za-z0-9._/:[\]-]*$/,
    most: MAX_PORT,
    others: "'.', '_', '-', '/', ':', '[' and ']'",
  },
}

/** A name under which something is kept. */
export function checkLabel(value: unknown, of: keyof typeof LABELS): string {
  if (typeof value !== 'string') throw new TypeError(`name: ${show(value)} is not a string`)
  const { pattern, most, others } = LABELS[of]
  if (!pattern.test(value) || value.length > most)
    throw new RangeError(
      `name: ${show(value)} is not a name of at most ${most} letters, digits, ${others}, beginning with a letter or digit`,
    )
  return value
}

/**
 * The name of what is given none: what it is about, of which other options make another name. Parts are told apart by '//', which no part
 * has: names of interfaces have no slash, and behind that of a network there is a digit, as behind that which stands for what nft(8) has not
 * in names (a byte of two hexadecimal digits).
 *
 * @throws RangeError where it is too long
 */
export function derivedName(parts: readonly string[]): string {
  const label = parts.map(asLabel).join('//')
  if (label.length > MAX_CHAIN)
    throw new RangeError(
      `name: one is needed; made of the other options it would have ${label.length} letters, of at most ${MAX_CHAIN}`,
    )
  return label
}

function asLabel(text: string): string {
  return text.replace(/[^A-Za-z0-9._/-]+/g, (it) =>
    Array.from(utf8.encode(it), (byte) => `/${byte.toString(16).padStart(2, '0')}`).join(''),
  )
}

export function checkProtocol(value: unknown): PortProtocol {
  if (typeof value === 'string' && PROTOCOLS.includes(value)) return value as PortProtocol
  throw new RangeError(`protocol: ${show(value)} is not one of ${PROTOCOLS.join(', ')}`)
}

/** 8080 or '8000-8010'. */
export function checkPorts(value: unknown, field: string): PortRange {
  if (typeof value === 'string' && !value.includes('-'))
    throw new TypeError(`${field}: ${show(value)} is not a number or a range such as '8000-8010'`)
  return parsePort(value, field)
}

/** As callers write ports. */
export function portsText({ from, to }: PortRange): string {
  return from === to ? String(from) : `${from}-${to}`
}

/** Whether it looks like an address or a network. */
function isNetwork(value: unknown): value is string {
  return typeof value === 'string' && /^(?=.*[.:])[\da-f.:]+(\/\d+)?$/i.test(value)
}

/** An address or a prefix of either family, or of one; the bits behind the prefix length are passed over. */
export function checkNetwork(
  value: unknown,
  field: string,
  family?: IpFamily,
): { network: string; family: IpFamily } {
  if (!isNetwork(value))
    throw new TypeError(
      `${field}: ${show(value)} is not a network such as '192.168.15.0/24' or '2001:db8::/64'`,
    )
  const found: IpFamily = value.includes(':') ? 'ip6' : 'ip'
  if (family !== undefined && found !== family)
    throw new RangeError(
      `${field}: ${show(value)} is not of ${family === 'ip' ? 'IPv4' : 'IPv6'}, as the rest is`,
    )
  const type = addressType(found)
  const network = String(showInterval(type, intervalOf(type, value, field)) as KeyPart)
  checkInPackets(network, value, field)
  return { network, family: found }
}

/** Not addresses of IPv4 as a socket of both families tells its peer's. */
export function checkInPackets(network: string, given: unknown, field: string): void {
  const [, mapped, length] = /^::ffff:(\d+(?:\.\d+){3})(?:\/(\d+))?$/.exec(network) ?? []
  if (mapped === undefined) return
  const [what, written] =
    length === undefined ? ['address', mapped] : ['network', `${mapped}/${Number(length) - 96}`]
  throw new RangeError(`${field}: ${show(given)} is in no packet: the ${what} of IPv4 is '${written}'`)
}

/** An address alone, as the kernel writes it. */
export function checkAddress(value: unknown, field: string, family: IpFamily): string {
  if (!isNetwork(value))
    throw new TypeError(`${field}: ${show(value)} is not an address such as '192.0.2.1' or '2001:db8::1'`)
  const { network } = checkNetwork(value, field, family)
  if (network.includes('/')) throw new RangeError(`${field}: ${show(value)} is a network, not an address`)
  return network
}

/** Whether it stands for every address of its family, as that does which a socket is bound to. */
export function isEvery(address: string): boolean {
  return address === '0.0.0.0' || address === '::'
}

/** Whether connections can go there: no address of every machine, of none or of a group. */
export function isOfOneMachine(address: string): boolean {
  return (
    !isEvery(address) && address !== '255.255.255.255' && !/^(22[4-9]|23\d)\.|^ff[\da-f]{2}:/.test(address)
  )
}

function addressType(family: IpFamily) {
  return family === 'ip' ? datatypes.ipv4_addr : datatypes.ipv6_addr
}

/** One or several of something. */
export function listOf<T>(value: T | readonly T[] | undefined, field: string): readonly T[] {
  if (value === undefined) return []
  const list = Array.isArray(value) ? (value as readonly T[]) : [value as T]
  if (list.length === 0) throw new RangeError(`${field}: the list is empty`)
  return list
}

/** The name of an interface, or 'eth*' for all that begin so. */
export function checkDevice(value: unknown, field: string): string {
  return checkIfname(value, field)
}

/** The name of one interface, as elements of sets without ranges have it. */
export function checkOneDevice(value: unknown, field: string): string {
  const name = checkDevice(value, field)
  if (name.endsWith('*')) throw new RangeError(`${field}: ${show(value)} is more than one interface`)
  return name
}

/** Interfaces by name. */
export function checkDevices(value: unknown, field: string): readonly string[] {
  const list = listOf(value, field)
  return list.map((one, i) => checkDevice(one, list.length === 1 ? field : `${field}[${i}]`))
}
