/** A routing rule as callers see it, and how one is read out of an RTM_NEWRULE. */

import { getU32 } from '../../codec/bytes.js'
import { type AnyOf, Attributes, type OneOf } from '../../codec/index.js'
import { AF_INET, AF_INET6, type Family, RTNL_FAMILY_IP6MR, RTNL_FAMILY_IPMR } from '../family.js'
import { networkText } from '../route/address-text.js'
import type { Realms, RouteProtocol } from '../route/input.js'
import type { IpProtocol } from '../route/table.js'
import { realms } from '../route/types.js'
import * as c from './constants.js'
import { fibRuleHdr, ruleActions, ruleAttributes, ruleFlags } from './table.js'

/**
 * What a rule does with the packets that it is for: 'lookup' in its table, 'goto' another rule, 'blackhole' … FR_ACT_* of
 * linux/fib_rules.h.
 */
export type RuleAction = keyof typeof ruleActions.numbers
/** What the kernel says of a rule: FIB_RULE_* of linux/fib_rules.h. */
export type RuleFlag = keyof typeof ruleFlags.numbers

/** Numbers from `start` to `end`, both included. */
export interface NumberRange {
  readonly start: number
  readonly end: number
}

/**
 * A routing rule: which packets, and what to do with them. The rules are asked in the order of their priority. What a rule does
 * not look at is null. See ip-rule(8), linux/fib_rules.h.
 */
export interface Rule {
  readonly family: Family
  /** It chooses among the tables of multicast routes, as `ip mrule` shows it. */
  readonly multicast: boolean
  readonly priority: number
  /** Packets from this prefix, in the form that routes have. */
  readonly from: string | null
  readonly to: string | null
  /** All packets but those that the selectors tell. */
  readonly invert: boolean
  /** The interface that they come in by ('lo': made on this machine); it need not exist. */
  readonly iif: string | null
  readonly oif: string | null
  readonly fwmark: number | null
  /** The bits of the mark that count. */
  readonly fwmask: number | null
  readonly tos: number
  /** 0 to 63. */
  readonly dscp: number | null
  readonly dscpMask: number | null
  readonly ipProtocol: OneOf<IpProtocol> | null
  readonly sport: NumberRange | null
  readonly sportMask: number | null
  readonly dport: NumberRange | null
  readonly dportMask: number | null
  readonly uidRange: NumberRange | null
  readonly tunId: bigint | null
  readonly flowlabel: number | null
  readonly flowlabelMask: number | null
  readonly action: OneOf<RuleAction>
  /** The table that is looked up. */
  readonly table: number | null
  /** The priority of the rule to go on with. */
  readonly goto: number | null
  /** The table is that of the interface's VRF. */
  readonly l3mdev: boolean
  /** Routes with a prefix of this length or shorter do not count. */
  readonly suppressPrefixLength: number | null
  /** Routes by an interface of this group do not count. */
  readonly suppressIfgroup: number | null
  readonly realms: Realms | null
  /** Who made the rule. */
  readonly protocol: OneOf<RouteProtocol> | null
  /** 'iif-detached' where the interface does not exist, 'unresolved' where the rule to go to does not, and so on. */
  readonly flags: AnyOf<RuleFlag>
}

const at = fibRuleHdr.offsets
/** The kernel's -1: nothing is suppressed. */
const NONE = 0xffffffff

/** Families of rules, by the numbers in messages. */
const FAMILIES: { readonly [number: number]: Pick<Rule, 'family' | 'multicast'> } = {
  [AF_INET]: { family: 'ipv4', multicast: false },
  [AF_INET6]: { family: 'ipv6', multicast: false },
  [RTNL_FAMILY_IPMR]: { family: 'ipv4', multicast: true },
  [RTNL_FAMILY_IP6MR]: { family: 'ipv6', multicast: true },
}

/** Reads a rule: `start` is its struct fib_rule_hdr. Null for a family that is not known. */
export function readRule(bytes: Uint8Array, start: number, end: number): Rule | null {
  const known = FAMILIES[bytes[start + at.family]!]
  if (known === undefined) return null
  const found = new Attributes(ruleAttributes).load(bytes, start + fibRuleHdr.size, end)
  const field = ruleAttributes.field
  const { family, multicast } = known
  const v6 = family === 'ipv6'
  const flags = getU32(bytes, start + at.flags)
  const flow = found.get(field.flow)
  const prefixLength = found.get(field.suppressPrefixlen)
  const fwmask = found.get(field.fwmask)
  return {
    family,
    multicast,
    priority: found.get(field.priority) ?? 0,
    from: networkText(found.get(field.src), bytes[start + at.srcLen]!, v6),
    to: networkText(found.get(field.dst), bytes[start + at.dstLen]!, v6),
    invert: (flags & c.FIB_RULE_INVERT) !== 0,
    iif: found.get(field.iifname),
    oif: found.get(field.oifname),
    // A mark of 0 is not sent.
    fwmark: found.get(field.fwmark) ?? (fwmask === null ? null : 0),
    fwmask,
    tos: bytes[start + at.tos]!,
    dscp: found.get(field.dscp),
    dscpMask: found.get(field.dscpMask),
    ipProtocol: found.get(field.ipProto),
    sport: found.get(field.sportRange),
    sportMask: found.get(field.sportMask),
    dport: found.get(field.dportRange),
    dportMask: found.get(field.dportMask),
    uidRange: found.get(field.uidRange),
    tunId: found.get(field.tunId),
    flowlabel: found.get(field.flowlabel),
    flowlabelMask: found.get(field.flowlabelMask),
    action: ruleActions.toName(bytes[start + at.action]!),
    table: found.get(field.table) || bytes[start + at.table] || null,
    goto: found.get(field.goto),
    l3mdev: (found.get(field.l3mdev) ?? 0) !== 0,
    suppressPrefixLength: prefixLength === NONE ? null : prefixLength,
    suppressIfgroup: found.get(field.suppressIfgroup),
    realms: flow === null ? null : realms(flow),
    protocol: found.get(field.protocol),
    flags: ruleFlags.toNames(flags),
  }
}
