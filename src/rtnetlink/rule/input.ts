/** A routing rule as callers write it, and the checks that need no kernel. */

import { isRecord, show } from '../../codec/fault.js'
import type { AnyOf, OneOf } from '../../codec/index.js'
import { checkBoolean, checkInteger } from '../../netlink/check.js'
import { AF_INET6, type Family, familyNumber } from '../family.js'
import { checkIfname, checkOneOf } from '../input.js'
import { checkRealms, parseNetwork } from '../route/check.js'
import type { Realms, RouteProtocol } from '../route/input.js'
import { type IpProtocol, ipProtocols, routeProtocols } from '../route/table.js'
import type { NumberRange, RuleAction, RuleFlag } from './rule.js'
import { ruleActions } from './table.js'

/**
 * A rule to add or delete: selectors, all of which have to match, and what to do. Null is the same as leaving out, so that a
 * listed `Rule` fits.
 */
export interface RuleInput {
  /** Needed where neither `from` nor `to` tells it. */
  family?: Family | null | undefined
  /**
   * A rule that chooses among the tables of multicast routes, as `ip mrule`: it looks at interfaces, mark, users and tunnel id alone.
   */
  multicast?: boolean | null | undefined
  /** Rules are asked in this order. Without it the kernel puts a new rule before those there are, but for that of priority 0. */
  priority?: number | null | undefined
  /** Packets from this prefix. */
  from?: string | null | undefined
  to?: string | null | undefined
  /** All packets but those that the selectors tell. */
  invert?: boolean | null | undefined
  /** The interface that they come in by, which need not exist yet; 'lo' is for what is made on this machine. */
  iif?: string | null | undefined
  oif?: string | null | undefined
  /** 0 is no mark. */
  fwmark?: number | null | undefined
  /** The bits of the mark that count; all without it. */
  fwmask?: number | null | undefined
  tos?: number | null | undefined
  /** 0 to 63. Linux 6.13 and later. */
  dscp?: number | null | undefined
  /** The bits of it that count; all without it. */
  dscpMask?: number | null | undefined
  ipProtocol?: OneOf<IpProtocol> | null | undefined
  /** One port or a range. */
  sport?: number | NumberRange | null | undefined
  sportMask?: number | null | undefined
  dport?: number | NumberRange | null | undefined
  dportMask?: number | null | undefined
  /** The users whose packets they are. */
  uidRange?: NumberRange | null | undefined
  /** A number counts too, so that a rule that has been through JSON fits. */
  tunId?: bigint | number | null | undefined
  /** IPv6, 20 bits. Linux 6.14 and later. */
  flowlabel?: number | null | undefined
  /** The bits of the label that count; all without it. */
  flowlabelMask?: number | null | undefined
  /** Without it 'goto' where `goto` is given, otherwise 'lookup'. */
  action?: OneOf<RuleAction> | null | undefined
  /** The table to look up; 254 is main. */
  table?: number | null | undefined
  /** The priority of the rule to go on with. */
  goto?: number | null | undefined
  /** Looks up the table of the VRF that the interface belongs to. */
  l3mdev?: boolean | null | undefined
  /** Passes over routes with a prefix of this length or shorter: 0 is the default route. */
  suppressPrefixLength?: number | null | undefined
  /** Passes over routes by an interface of this group. */
  suppressIfgroup?: number | null | undefined
  /** IPv4. */
  realms?: Realms | null | undefined
  /** Who made the rule. */
  protocol?: OneOf<RouteProtocol> | null | undefined
  /** What the kernel reports: not sent. */
  flags?: AnyOf<RuleFlag> | undefined
}

type Check = (value: never, field: string) => void
const MAX_U32 = 0xffffffff

const CHECKS: Readonly<Record<keyof RuleInput, Check>> = {
  family: (value: Family) => familyNumber(value),
  multicast: checkBoolean,
  priority: integer(0, MAX_U32),
  from: parseNetwork,
  to: parseNetwork,
  invert: checkBoolean,
  iif: checkIfname,
  oif: checkIfname,
  fwmark: integer(0, MAX_U32),
  fwmask: integer(0, MAX_U32),
  tos: integer(0, 255),
  dscp: integer(0, 63),
  dscpMask: integer(0, 63),
  ipProtocol: checkIpProtocol,
  sport: checkPorts,
  sportMask: integer(0, 0xffff),
  dport: checkPorts,
  dportMask: integer(0, 0xffff),
  uidRange: (value: NumberRange, field) => checkRange(value, field, 0, MAX_U32 - 1),
  tunId: checkTunId,
  flowlabel: integer(0, 0xfffff),
  flowlabelMask: integer(0, 0xfffff),
  action: (value: OneOf<RuleAction>, field) => checkOneOf(ruleActions, value, field),
  table: integer(1, MAX_U32),
  goto: integer(0, MAX_U32),
  l3mdev: checkBoolean,
  suppressPrefixLength: integer(0, 128),
  suppressIfgroup: integer(0, MAX_U32 - 1),
  realms: checkRealms,
  protocol: (value: OneOf<RouteProtocol>, field) => checkOneOf(routeProtocols, value, field),
  flags: () => {},
}

export const RULE_KEYS = Object.keys(CHECKS) as readonly (keyof RuleInput)[]

/** Checks the values of a rule, or of some of its properties. Throws RangeError or TypeError. */
export function checkRule(input: RuleInput): void {
  for (const key of RULE_KEYS) if (input[key] != null) CHECKS[key](input[key] as never, key)
}

/** What rules of multicast routing do not have: the kernel passes over it (ipmr_rule_configure() of net/ipv4/ipmr.c). */
const NOT_MULTICAST: readonly (keyof RuleInput)[] = [
  'from',
  'to',
  'tos',
  'dscp',
  'dscpMask',
  'ipProtocol',
  'sport',
  'sportMask',
  'dport',
  'dportMask',
  'flowlabel',
  'flowlabelMask',
  'suppressPrefixLength',
  'suppressIfgroup',
  'realms',
]

/** Throws TypeError for a rule of multicast routing that selects by what such rules do not look at: it would be for all packets. */
export function checkMulticast(input: RuleInput): void {
  if (!input.multicast) return
  // Each listed rule has a type of service.
  for (const key of NOT_MULTICAST)
    if (input[key] != null && !(key === 'tos' && input.tos === 0))
      throw new TypeError(`${key}: ${show(input[key])} is not for rules of multicast routing`)
}

/** What a new rule needs besides. Throws TypeError. */
export function checkNewRule(input: RuleInput): void {
  const action = actionOf(input)
  if (action === 'lookup' && input.table == null && !input.l3mdev)
    throw new TypeError('table: a rule that looks up needs one (254 is main)')
  if (action === 'goto' && input.goto == null)
    throw new TypeError('goto: the priority of the rule to go on with is needed')
}

/** What a rule does, where nothing is said. */
export function actionOf(input: RuleInput): OneOf<RuleAction> {
  if (input.action != null) return ruleActions.normal(input.action)
  return input.goto == null ? 'lookup' : 'goto'
}

/** The family, from whatever tells it. Throws TypeError where nothing does, RangeError where two things tell another. */
export function familyOfRule({ family, from, to, realms }: RuleInput): number {
  let found = family == null ? undefined : familyNumber(family)
  if (from != null) found = parseNetwork(from, 'from', found).family
  if (to != null) found = parseNetwork(to, 'to', found).family
  if (found === undefined)
    throw new TypeError("family: a rule without from and to needs it ('ipv4' or 'ipv6')")
  // The kernel would pass over them.
  if (realms != null && found === AF_INET6)
    throw new TypeError(`realms: ${show(realms)} is not for IPv6 rules`)
  return found
}

function integer(min: number, max: number): Check {
  return (value: number, field: string) => checkInteger(value, field, min, max)
}

/** To the kernel 0 is a rule for every protocol. */
function checkIpProtocol(value: OneOf<IpProtocol>, field: string): void {
  checkOneOf(ipProtocols, value, field)
  checkInteger(ipProtocols.toNumber(value), field, 1, 255, 'a protocol of packets')
}

function checkPorts(value: number | NumberRange, field: string): void {
  if (typeof value === 'number') checkInteger(value, field, 1, 0xffff)
  else checkRange(value, field, 1, 0xffff)
}

function checkRange(value: NumberRange, field: string, min: number, max: number): void {
  if (!isRecord(value)) throw new TypeError(`${field}: ${show(value)} is not { start, end }`)
  checkInteger(value.start, `${field}.start`, min, max)
  checkInteger(value.end, `${field}.end`, value.start, max)
}

function checkTunId(value: bigint | number, field: string): void {
  if (typeof value === 'number') checkInteger(value, field, 1, Number.MAX_SAFE_INTEGER)
  else if (typeof value !== 'bigint') throw new TypeError(`${field}: ${show(value)} is not a bigint`)
  else if (value < 1n || value >= 1n << 64n)
    throw new RangeError(`${field}: ${value} is not from 1 to 2^64 - 1`)
}
