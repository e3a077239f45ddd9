/** The address requests that operations are made of, and the checks on what callers give. */

import { toBits } from '../../codec/choice.js'
import { show } from '../../codec/fault.js'
import { type AnyOf, guarded, type Names, type OneOf, parseIp } from '../../codec/index.js'
import { formatIpv4 } from '../../codec/ip.js'
import type { Request } from '../../netlink/request.js'
import { AF_INET, AF_INET6 } from '../family.js'
import { checkInteger, checkIp, checkKeys, parsePrefix } from '../input.js'
import { INFINITY_LIFE_TIME, RT_SCOPE_HOST, RT_SCOPE_UNIVERSE } from './constants.js'
import { type addressFlags, addressProtocols, addressScopes, delAddress, newAddress } from './table.js'

/** 'temporary' is what bit IFA_F_SECONDARY means for an IPv6 address. */
export type AddressFlag = keyof typeof addressFlags.numbers | 'temporary'
export type AddressScope = keyof typeof addressScopes.numbers
export type AddressProtocol = keyof typeof addressProtocols.numbers
/** Seconds from now. */
export type Lifetime = number | 'forever'

/** What an address can have besides itself. Null is the same as leaving out, so that a listed address fits. */
export interface AddressOptions {
  /** IPv4: the broadcast address; `true` computes it (a /31 or /32 has none). Without it there is none, as with `ip address add`. */
  broadcast?: string | true | null | undefined
  /** IPv4: the name that ifconfig shows, at most 15 bytes, by custom 'eth0:something'. */
  label?: string | null | undefined
  /** By name or number (0 to 255). 127.0.0.0/8 is 'host', anything else 'global'. The kernel derives that of an IPv6 address itself. */
  scope?: OneOf<AddressScope> | undefined
  /** The address at the other end of a point-to-point link. The prefix length is the peer's, wherever it is written. */
  peer?: string | null | undefined
  /**
   * 'nodad', 'noprefixroute', 'home', 'mngtmpaddr', 'autojoin', 'optimistic'; unknown bits as a number. What the kernel decides
   * by itself ('permanent', 'tentative', …) may stand here, as it does in a listed address, and is not sent.
   */
  flags?: AnyOf<AddressFlag> | undefined
  /** After these seconds the address is deprecated: no new connections from it. Without it as long as it is valid. */
  preferredLifetime?: Lifetime | undefined
  /** After these seconds the kernel removes the address. Without it 'forever'. */
  validLifetime?: Lifetime | undefined
  /** The metric of the prefix route that comes with the address. */
  metric?: number | null | undefined
  /** Who made the address, by name or number (1 to 255). Linux 5.18 and later; older ones ignore it. */
  protocol?: OneOf<AddressProtocol> | null | undefined
}

/** An address and what it can have: `{ address: '192.168.15.1/24', label: 'eth0:1' }`. A listed `Address` is one. */
export interface AddressInput extends AddressOptions {
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

/** What a listed address tells besides: not sent. */
const READ_ONLY = ['family', 'ifindex', 'dev', 'created', 'updated'] as const
const INPUT_KEYS = ['address', ...ADDRESS_OPTIONS, ...READ_ONLY]

/** The flags that the kernel keeps by itself. */
const KERNEL_FLAGS =
  c.IFA_F_SECONDARY |
  c.IFA_F_DADFAILED |
  c.IFA_F_DEPRECATED |
  c.IFA_F_TENTATIVE |
  c.IFA_F_PERMANENT |
  c.IFA_F_STABLE_PRIVACY

/** Checks an address given as text or with options. Throws RangeError or TypeError naming `field` ('addresses[0]') or what is in it. */
export function checkAddressInput(input: string | AddressInput, field: string): AddressInput {
  if (typeof input === 'string') return checkAddress({ address: input }, field, '')
  checkKeys(field, input, INPUT_KEYS)
  return checkAddress(input, `${field}.address`, `${field}.`)
}

/** The same for the call that has the options as its own; without their keys, which the call knows. */
export function checkAddress(input: AddressInput, field: string, prefix: string): AddressInput {
  const { family, length, peer } = placeOf(input, field, `${prefix}peer`)
  const { broadcast, label, scope, flags, metric, protocol } = input
  if (broadcast != null) checkBroadcast(broadcast, family, `${prefix}broadcast`)
  if (label != null) checkLabel(label, family, `${prefix}label`)
  checkName(addressScopes, scope, 0, `${prefix}scope`)
  checkName(addressProtocols, protocol, 1, `${prefix}protocol`)
  if (flags !== undefined) guarded(`${prefix}flags`, () => flagBits(flags))
  if (metric != null) checkInteger(metric, `${prefix}metric`, 0, 0xffffffff)
  checkLifetimes(input, prefix)
  return input
}
