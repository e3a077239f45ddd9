/** What callers give for an address, and the checks on it. */

import { toBits } from '../../codec/choice.js'
import { show } from '../../codec/fault.js'
import { type AnyOf, guarded, names, type OneOf, parseIp } from '../../codec/index.js'
import { checkInteger, checkKeys } from '../../netlink/check.js'
import { AF_INET } from '../family.js'
import { checkIp, checkOneOf, parsePrefix } from '../input.js'
import { routeScopes } from '../route/table.js'
import * as c from './constants.js'
import { addressFlags, addressProtocols } from './table.js'

/** 'temporary' is what the bit of 'secondary' means for an IPv6 address. */
export type AddressFlag = keyof typeof addressFlags.numbers | 'temporary'
/**
 * How far an address is valid, as that of a route: 'global', 'link' or 'host' mostly. rt_scope_t of linux/rtnetlink.h.
 */
export type AddressScope = keyof typeof routeScopes.numbers
/**
 * Who made an address, where it was the kernel: IFAPROT_* of linux/if_addr.h (Linux 5.18). Programs have numbers of their own.
 */
export type AddressProtocol = keyof typeof addressProtocols.numbers
/** Seconds from now. */
export type Lifetime = number | 'forever'

/** What an address can have. Null is the same as leaving out, so that a listed address fits. See ip-address(8), linux/if_addr.h. */
export interface AddressOptions {
  /** IPv4: the broadcast address; `true` computes it (a /31 or /32 has none). Without it there is none, as with `ip address add`. */
  broadcast?: string | true | null | undefined
  /** IPv4: the name that ifconfig shows, at most 15 bytes, by custom 'eth0:something'. */
  label?: string | null | undefined
  /** A name, or a number from 0 to 255. Without it 'host' in 127.0.0.0/8, else 'global'; the kernel derives that of IPv6 itself. */
  scope?: OneOf<AddressScope> | undefined
  /** The address at the other end of a point-to-point link. The prefix length, on whichever of the two it stands, is the peer's. */
  peer?: string | null | undefined
  /**
   * 'noprefixroute', 'autojoin', of IPv6 'nodad', 'home', 'mngtmpaddr' and 'optimistic', too; bits that have no name as a number. What the
   * kernel decides by itself ('permanent', 'tentative', …) may stand here as it does in a listed address; it is not sent.
   */
  flags?: AnyOf<AddressFlag> | undefined
  /**
   * Afterwards the address is deprecated: nothing new is sent from it. Without it, as long as it is valid. Of an IPv4 address
   * that is valid for ever the kernel takes 0 alone, and makes 'forever' of any other number.
   */
  preferredLifetime?: Lifetime | undefined
  /** Afterwards the kernel removes the address. Without it 'forever'. */
  validLifetime?: Lifetime | undefined
  /** The metric of the route to the prefix. */
  metric?: number | null | undefined
  /** Who made the address: a name, or a number from 1 to 255. Before Linux 5.18 it is ignored. */
  protocol?: OneOf<AddressProtocol> | null | undefined
}

/** An address with its options: `{ address: '192.168.15.1/24', label: 'eth0:1' }`. A listed `Address` is one. */
export interface AddressInput extends AddressOptions {
  /** The address and its prefix length; without a length /32 or /128. */
  address: string
}

export const ADDRESS_OPTIONS = [
  'broadcast',
  'label',
  'scope',
  'peer',
  'flags',
  'preferredLifetime',
  'validLifetime',
  'metric',
  'protocol',
] as const
/** What a listed address tells besides; it is not sent. */
const READ_ONLY = ['family', 'ifindex', 'dev', 'created', 'updated'] as const
const INPUT_KEYS = ['address', ...ADDRESS_OPTIONS, ...READ_ONLY]

/**
 * Checks an address given as text or with options.
 *
 * @throws RangeError, TypeError naming `field` ('addresses[0]') or the option inside it
 */
export function checkAddressInput(input: string | AddressInput, field: string): AddressInput {
  if (typeof input === 'string') return checkAddress({ address: input }, field, '')
  if (typeof input !== 'object' || input === null)
    throw new TypeError(`${field}: ${show(input)} is not an address such as '192.168.15.1/24'`)
  checkKeys(field, input, INPUT_KEYS)
  return checkAddress(input, `${field}.address`, `${field}.`)
}

/** `field` is the name of the address in errors, `prefix` stands before those of its options. */
export function checkAddress(input: AddressInput, field: string, prefix: string): AddressInput {
  const { family, local } = placeOf(input, field, prefix)
  // The kernel says that it has given it, and has not (__inet_insert_ifa() of net/ipv4/devinet.c).
  if (isUnspecified(local, family))
    throw new RangeError(`${field}: ${show(input.address)} is no address that an interface can have`)
  const { broadcast, label, scope, flags, metric, protocol } = input
  if (broadcast != null) {
    onlyIpv4(family, `${prefix}broadcast`)
    if (broadcast !== true) checkIp(broadcast, `${prefix}broadcast`, AF_INET)
  }
  if (label != null) {
    onlyIpv4(family, `${prefix}label`)
    checkLabel(label, `${prefix}label`)
  }
  if (scope !== undefined) checkScope(scope, `${prefix}scope`)
  if (protocol != null) checkOneOf(addressProtocols, protocol, `${prefix}protocol`, 0xff, 1)
  if (flags !== undefined) checkFlags(flags, family, `${prefix}flags`)
  if (metric != null) checkInteger(metric, `${prefix}metric`, 0, 0xffffffff)
  checkLifetimes(input, prefix)
  return input
}

const isUnspecified = (address: string, family: number) =>
  family === AF_INET && parseIp(address)!.every((octet) => octet === 0)

/** The numbers that an address stands for. */
export interface Place {
  readonly family: number
  readonly length: number
  /** IFA_LOCAL: the interface's own address. */
  readonly local: string
  /** IFA_ADDRESS: the peer's, or again the interface's own. */
  readonly address: string
}

export function placeOf(
  { address, peer }: Pick<AddressInput, 'address' | 'peer'>,
  field = 'address',
  prefix = '',
): Place {
  const own = parsePrefix(address, field)
  if (peer == null)
    return { family: own.family, length: own.length, local: own.address, address: own.address }
  const far = parsePrefix(peer, `${prefix}peer`)
  if (far.family !== own.family)
    throw new RangeError(`${prefix}peer: ${show(peer)} is not of the family of ${show(address)}`)
  const both = address.includes('/') && peer.includes('/')
  if (both && far.length !== own.length)
    throw new RangeError(
      `${prefix}peer: ${show(peer)} has another prefix length than ${show(address)}; there is one, the peer's`,
    )
  const { length } = peer.includes('/') ? far : own
  return { family: own.family, length, local: own.address, address: far.address }
}

/** The flags that the kernel keeps by itself. */
const KERNEL_FLAGS =
  c.IFA_F_SECONDARY |
  c.IFA_F_DADFAILED |
  c.IFA_F_DEPRECATED |
  c.IFA_F_TENTATIVE |
  c.IFA_F_PERMANENT |
  c.IFA_F_STABLE_PRIVACY

const inputFlags = names<AddressFlag>({ ...addressFlags.numbers, temporary: c.IFA_F_SECONDARY })

/** The bits to send. Throws a fault for a name that does not exist. */
export function flagBits(flags: AnyOf<AddressFlag>): number {
  return (toBits(inputFlags, flags) & ~KERNEL_FLAGS) >>> 0
}

/** Flags as a listed address has them. Throws a fault for a name that does not exist. */
export function flagNames(flags: AnyOf<AddressFlag>): AnyOf<AddressFlag> {
  // Checked all together; a bit in place of a name may be one that has a name.
  toBits(inputFlags, flags)
  return flags.flatMap(
    (flag): AnyOf<AddressFlag> => (typeof flag === 'number' ? addressFlags.toNames(flag) : [flag]),
  )
}

/** Both lifetimes, where one is given. */
export function lifetimesOf({ validLifetime, preferredLifetime }: AddressOptions) {
  if (validLifetime === undefined && preferredLifetime === undefined) return undefined
  const valid = validLifetime ?? 'forever'
  return { prefered: preferredLifetime ?? valid, valid }
}

function checkLifetimes(input: AddressOptions, prefix: string): void {
  const { validLifetime, preferredLifetime } = input
  // The kernel refuses an address that is not valid.
  if (validLifetime !== undefined) checkLifetime(validLifetime, 1, `${prefix}validLifetime`)
  if (preferredLifetime !== undefined) checkLifetime(preferredLifetime, 0, `${prefix}preferredLifetime`)
  const { prefered, valid } = lifetimesOf(input) ?? {}
  if (typeof valid === 'number' && (prefered === 'forever' || prefered! > valid))
    throw new RangeError(
      `${prefix}preferredLifetime: ${show(prefered)} is longer than validLifetime, ${valid} s`,
    )
}

function checkLifetime(value: unknown, min: number, field: string): void {
  if (value !== 'forever')
    checkInteger(value, field, min, c.INFINITY_LIFE_TIME - 1, "'forever' or a number of seconds")
}

export function checkScope(scope: OneOf<AddressScope>, field: string): void {
  checkOneOf(routeScopes, scope, field)
}

function checkLabel(label: unknown, field: string): void {
  if (typeof label !== 'string') throw new TypeError(`${field}: ${show(label)} is not a string`)
  const length = new TextEncoder().encode(label).length
  if (length === 0 || length > 15 || label.includes('\0'))
    throw new RangeError(`${field}: ${show(label)} is not a label (1 to 15 bytes, no NUL)`)
}

/** What the kernel drops of an IPv4 address, without a word. */
const OF_IPV6 = {
  nodad: c.IFA_F_NODAD,
  optimistic: c.IFA_F_OPTIMISTIC,
  home: c.IFA_F_HOMEADDRESS,
  mngtmpaddr: c.IFA_F_MANAGETEMPADDR,
}

function checkFlags(flags: AnyOf<AddressFlag>, family: number, field: string): void {
  const bits = guarded(field, () => flagBits(flags))
  if (family !== AF_INET) return
  for (const [name, bit] of Object.entries(OF_IPV6))
    if (bits & bit) throw new RangeError(`${field}: ${show(flags)}: an IPv4 address has no '${name}'`)
}

function onlyIpv4(family: number, field: string): void {
  if (family !== AF_INET) throw new RangeError(`${field}: an IPv6 address has none`)
}
