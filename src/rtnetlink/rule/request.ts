/** The rule requests that operations are made of. */

import type { Infer, Message } from '../../codec/index.js'
import type { Advice, Request } from '../../netlink/request.js'
import { AF_INET6, RTNL_FAMILY_IP6MR, RTNL_FAMILY_IPMR } from '../family.js'
import { parseNetwork } from '../route/check.js'
import { ipProtocols, routeProtocols } from '../route/table.js'
import { flow } from '../route/types.js'
import * as c from './constants.js'
import { actionOf, familyOfRule, type RuleInput } from './input.js'
import type { NumberRange } from './rule.js'
import { delRule, type fibRuleHdr, newRule, ruleActions, type ruleAttributes } from './table.js'

/** RTM_NEWRULE with NLM_F_CREATE and the like. */
export function newRuleRequest(input: RuleInput, flags: number): Request {
  return ruleRequest(newRule, input, actionOf(input), flags)
}

/** RTM_DELRULE of the first rule that has everything that `input` gives. Without an action the kernel takes no `goto`. */
export function deleteRuleRequest(input: RuleInput): Request {
  return ruleRequest(delRule, input, input.goto == null ? input.action : actionOf(input), 0)
}

type Attributes = Infer<typeof ruleAttributes>

function ruleRequest(
  message: Message<(typeof fibRuleHdr)['members'], (typeof ruleAttributes)['fields']>,
  input: RuleInput,
  action: RuleInput['action'],
  flags: number,
): Request {
  const family = familyOfRule(input)
  const from = input.from == null ? null : parseNetwork(input.from, 'from', family)
  const to = input.to == null ? null : parseNetwork(input.to, 'to', family)
  const table = input.table ?? 0
  return {
    message,
    body: {
      header: {
        family: input.multicast ? multicastFamily(family) : family,
        dstLen: to?.length ?? 0,
        srcLen: from?.length ?? 0,
        tos: input.tos ?? 0,
        table: table > 255 ? 0 : table,
        action: ruleActions.toNumber(action ?? c.FR_ACT_UNSPEC),
        flags: input.invert ? ['invert'] : [],
      },
      attributes: {
        src: from === null || from.length === 0 ? undefined : from.address,
        dst: to === null || to.length === 0 ? undefined : to.address,
        ...selectors(input, message === newRule),
        ...effects(input, table),
      },
    },
    flags,
    answer: 'ack',
    subject: describeRule(input),
    advise: adviseRule(input.multicast),
  }
}

// In the order of iproute2. Undefined is not sent.

/** A mask of all bits. */
export const WHOLE_MARK = 0xffffffff
export const WHOLE_LABEL = 0xfffff

function selectors(input: RuleInput, adding: boolean): Attributes {
  return {
    fwmark: input.fwmark ?? undefined,
    // Without it the kernel compares the bits of a mark that is not 0 alone, and takes 0 for any mark (fib_nl2rule()).
    fwmask: input.fwmask ?? (adding && input.fwmark === 0 ? WHOLE_MARK : undefined),
    iifname: input.iif ?? undefined,
    oifname: input.oif ?? undefined,
    dscp: input.dscp ?? undefined,
    dscpMask: input.dscpMask ?? undefined,
    ipProto: input.ipProtocol == null ? undefined : ipProtocols.toNumber(input.ipProtocol),
    sportRange: ports(input.sport),
    sportMask: input.sportMask ?? undefined,
    dportRange: ports(input.dport),
    dportMask: input.dportMask ?? undefined,
    uidRange: input.uidRange ?? undefined,
    tunId: input.tunId == null ? undefined : BigInt(input.tunId),
    flowlabel: input.flowlabel ?? undefined,
    // The kernel takes none without a mask (fib6_nl2rule_flowlabel() of net/ipv6/fib6_rules.c).
    flowlabelMask: input.flowlabelMask ?? (input.flowlabel == null ? undefined : WHOLE_LABEL),
  }
}

function effects(input: RuleInput, table: number): Attributes {
  return {
    priority: input.priority ?? undefined,
    table: table > 255 ? table : undefined,
    goto: input.goto ?? undefined,
    l3mdev: input.l3mdev ? 1 : undefined,
    suppressPrefixlen: input.suppressPrefixLength ?? undefined,
    suppressIfgroup: input.suppressIfgroup ?? undefined,
    flow: input.realms == null ? undefined : flow(input.realms),
    protocol: input.protocol == null ? undefined : routeProtocols.toNumber(input.protocol),
  }
}

function ports(value: number | NumberRange | null | undefined): NumberRange | undefined {
  return typeof value === 'number' ? { start: value, end: value } : (value ?? undefined)
}

/** The rule in errors: "rule 100 from 192.0.2.0/24". */
export function describeRule({ priority, from, to }: RuleInput): string {
  return `rule${priority == null ? '' : ` ${priority}`}${from == null ? '' : ` from ${from}`}${to == null ? '' : ` to ${to}`}`
}

/** The family of multicast routing that goes with AF_INET or AF_INET6. */
export function multicastFamily(family: number): number {
  return family === AF_INET6 ? RTNL_FAMILY_IP6MR : RTNL_FAMILY_IPMR
}

/** What an error about rules means, given as a request has it. */
export function adviseRule(multicast: boolean | null | undefined): (code: string) => string | undefined {
  return (code) => (code === 'EAFNOSUPPORT' && multicast ? NO_MULTICAST : ADVICE[code])
}

const ADVICE: Advice = {
  EEXIST: 'there is such a rule already',
  ENOENT: 'there is no such rule',
}
const NO_MULTICAST =
  'the kernel has no rules of multicast routing (CONFIG_IP_MROUTE_MULTIPLE_TABLES, CONFIG_IPV6_MROUTE_MULTIPLE_TABLES)'
