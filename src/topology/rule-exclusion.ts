/** Rules that the kernel does not take beside one another, of which those of one priority alone can be. */

import { actionOf, familyOfRule, type RuleInput } from '../rtnetlink/rule/input.js'
import { WHOLE_LABEL, WHOLE_MARK } from '../rtnetlink/rule/request.js'
import type { Item } from './network.js'

const WHOLE_PORT = 0xffff
const WHOLE_DSCP = 0x3f

/** Throws RangeError naming the later one of two and the earlier. In the other order the kernel may take both. */
export function checkRules(rules: readonly Item<RuleInput>[]): void {
  const groups = new Map<string, Item<RuleInput>[]>()
  for (const rule of rules) {
    const { path, value } = rule
    // Each gets a priority of its own, but what is there could not be told from what is not.
    const isAnywhere = value.priority == null
    const key = isAnywhere ? wholeKey(value) : comparedKey(value)
    const group = groups.get(key)
    if (group === undefined) {
      groups.set(key, [rule])
      continue
    }
    if (isAnywhere) throw new RangeError(`${path}: it is there twice`)
    const other = group.find((one) => excludes(value, one.value))
    if (other !== undefined)
      throw new RangeError(
        `${path}: ${other.path} excludes it: the kernel compares the two by what this one says, without invert and goto; another priority keeps both`,
      )
    group.push(rule)
  }
}

function wholeKey(rule: RuleInput): string {
  return JSON.stringify(Object.entries(rule).sort(([one], [other]) => (one < other ? -1 : 1)))
}

/** What rule_exists() of net/core/fib_rules.c compares of every rule. */
function comparedKey(rule: RuleInput): string {
  const { priority, table, iif, oif, fwmark, fwmask, tunId, uidRange, ipProtocol, protocol, l3mdev } = rule
  const { suppressPrefixLength, suppressIfgroup, sport, sportMask, dport, dportMask } = rule
  return JSON.stringify([
    [familyOfRule(rule), priority, actionOf(rule), table ?? 0, iif, oif],
    [fwmark ?? 0, fwmask ?? (fwmark ? WHOLE_MARK : 0), Number(tunId ?? 0), uidRange?.start, uidRange?.end],
    [ipProtocol, protocol ?? 'unspec', l3mdev ?? false, suppressPrefixLength, suppressIfgroup],
    [portsKey(sport, sportMask), portsKey(dport, dportMask)],
  ])
}

function portsKey(ports: RuleInput['sport'], mask: RuleInput['sportMask']): unknown[] {
  if (ports == null) return []
  const { start, end } = typeof ports === 'number' ? { start: ports, end: ports } : ports
  return [start, end, mask ?? WHOLE_PORT]
}

/** What the compare() of a family passes over where a new rule does not say it (fib4_rule_compare(), fib6_rule_compare()). */
function excludes(rule: RuleInput, there: RuleInput): boolean {
  const { from, to, tos, dscp, dscpMask, flowlabel, flowlabelMask, realms } = rule
  return (
    (from == null || from === there.from) &&
    (to == null || to === there.to) &&
    (!tos || tos === there.tos) &&
    (dscp == null || dscp === there.dscp) &&
    (dscpMask == null || dscpMask === (there.dscpMask ?? WHOLE_DSCP)) &&
    (flowlabel == null ||
      (flowlabel === there.flowlabel &&
        (flowlabelMask ?? WHOLE_LABEL) === (there.flowlabelMask ?? WHOLE_LABEL))) &&
    (realms == null || (realms.from === (there.realms?.from ?? 0) && realms.to === (there.realms?.to ?? 0)))
  )
}
