/** The operations on routing rules. */

import { isRecord } from '../../codec/fault.js'
import type { OneOf } from '../../codec/index.js'
import type { CallOptions } from '../../netlink/call.js'
import { CALL_OPTIONS, checkKeys } from '../../netlink/check.js'
import { NLM_F_CREATE, NLM_F_EXCL } from '../../netlink/constants.js'
import { deleteAll } from '../../netlink/delete-all.js'
import { NetlinkError } from '../../netlink/errors.js'
import { type Channel, dump, items, type Operation, request, withChannel } from '../../netlink/operation.js'
import type { Request } from '../../netlink/request.js'
import { AF_UNSPEC, type Family, familyName, familyNumber } from '../family.js'
import { checkFlush, type FlushAll } from '../flush.js'
import { parseNetwork } from '../route/check.js'
import { normalPrefix } from '../route/filter.js'
import type { RouteProtocol } from '../route/input.js'
import { type IpProtocol, ipProtocols, routeProtocols } from '../route/table.js'
import {
  actionOf,
  checkMulticast,
  checkNewRule,
  checkRule,
  familyOfRule,
  RULE_KEYS,
  type RuleInput,
} from './input.js'
import { absentRule, addRecent, RECENT_KEYS, recentSelectors } from './recent.js'
import { adviseRule, deleteRuleRequest, multicastFamily, newRuleRequest, WHOLE_MARK } from './request.js'
import { type NumberRange, type Rule, type RuleAction, readRule } from './rule.js'
import { getRuleMessage, ruleActions } from './table.js'

/** A rule, and where. */
export interface RuleOptions extends RuleInput, CallOptions {}

/**
 * Adds a routing rule, as `ip rule add`, or with `multicast` as `ip mrule add`. Without `priority` the kernel puts it behind the first
 * rule (that of table local) and before all others, and the same call once more makes a second rule.
 *
 * @throws RangeError or TypeError naming the field, before anything is sent; NetlinkError EEXIST where there is such a rule of the same
 * priority, EOPNOTSUPP where the kernel is older than a selector, EAFNOSUPPORT where it has no rules of the family, or none of multicast routing.
 * @see ip-rule(8), linux/fib_rules.h
 * @example await addRule({ from: '192.168.15.0/24', table: 100, priority: 1000 })
 */
export function* addRule(options: RuleOptions): Operation<void> {
  checkKeys('addRule', options, [...RULE_KEYS, ...CALL_OPTIONS])
  checkRule(options)
  familyOfRule(options)
  checkMulticast(options)
  checkNewRule(options)
  const recent = recentSelectors(options)
  const flags = NLM_F_CREATE | NLM_F_EXCL
  yield* withChannel(options.netns, function* (channel) {
    if (recent.length > 0) yield* addRecent(channel, options, flags, recent)
    else yield* request(channel, newRuleRequest(options, flags))
  })
}

const SELECTING = RULE_KEYS.filter((key) => !['family', 'multicast', 'invert', 'flags'].includes(key))

/** What counts where it is 0; of the rest rule_find() of net/core/fib_rules.c passes over zeros. */
const COUNTING_AS_0: readonly string[] = [
  ...['priority', 'suppressPrefixLength', 'suppressIfgroup'],
  ...RECENT_KEYS,
]

/** Whether a rule that is to go has to have this. */
function isWanted(key: string, value: unknown): boolean {
  if (value == null || COUNTING_AS_0.includes(key)) return value != null
  return ![null, 0, false, 'unspec', 'ip'].includes(normal(key, value) as null)
}

/** Whether it is for packets without a mark: all bits of it count where no mask says which. */
function isForNoMark({ fwmark, fwmask }: RuleInput): boolean {
  return fwmark === 0 && fwmask !== 0
}

/**
 * Deletes the first rule that has everything that is given, of which there has to be something, as `ip rule delete`; what is 0 or false
 * is not given, but for a priority, what is suppressed and a mark (that has a mask, or none: all bits of it count). A listed rule names itself. The kernel compares neither
 * `goto` nor `invert`, nor a mark of 0: with one of them, or with a selector of recent kernels, the rule is looked up first. Of two of the
 * same priority that differ in nothing else the first may go.
 *
 * @throws RangeError or TypeError naming the field, before anything is sent; NetlinkError ENOENT where there is none, EAFNOSUPPORT where
 * the kernel has no rules of the family, or none of multicast routing.
 * @see ip-rule(8), linux/fib_rules.h
 * @example await deleteRule({ family: 'ipv4', priority: 1000 })
 */
export function* deleteRule(options: RuleOptions): Operation<void> {
  checkKeys('deleteRule', options, [...RULE_KEYS, ...CALL_OPTIONS])
  checkRule(options)
  familyOfRule(options)
  checkMulticast(options)
  if (!isForNoMark(options) && !SELECTING.some((key) => isWanted(key, options[key])))
    throw new TypeError(`deleteRule: which rule? Give at least one of ${SELECTING.join(', ')}`)
  const isUnsure =
    options.goto != null ||
    actionOf(options) === 'goto' ||
    options.invert ||
    isForNoMark(options) ||
    recentSelectors(options).length > 0
  yield* withChannel(options.netns, function* (channel) {
    const rule = isUnsure ? yield* firstWith(channel, options) : options
    yield* request(channel, deleteRuleRequest(rule))
  })
}

/** The first rule that has everything that is given. */
function* firstWith(channel: Channel, input: RuleInput): Operation<Rule> {
  const wanted = [...SELECTING, 'invert' as const].filter((key) => isWanted(key, input[key]))
  const asked = dumpRequest({
    ...Object.fromEntries(wanted.map((key) => [key, input[key]])),
    ...(isForNoMark(input) && { fwmark: 0, fwmask: input.fwmask ?? WHOLE_MARK }),
    family: familyName(familyOfRule(input))!,
    multicast: input.multicast ?? false,
  })
  const [found] = yield* dump(channel, asked)
  if (found === undefined) throw absentRule(input)
  return found
}

/** Which rules; whatever is given must hold. */
export interface RuleFilter {
  family?: Family | undefined
  /** Those that choose among the tables of multicast routes, as `ip mrule`, instead of the others. */
  multicast?: boolean | undefined
  priority?: number | undefined
  table?: number | undefined
  /** Exactly this prefix. */
  from?: string | undefined
  to?: string | undefined
  /** Only those for all packets but the ones that the selectors tell (`not` of ip-rule(8)), or (false) only the others. */
  invert?: boolean | undefined
  iif?: string | undefined
  oif?: string | undefined
  fwmark?: number | undefined
  fwmask?: number | undefined
  tos?: number | undefined
  dscp?: number | undefined
  dscpMask?: number | undefined
  ipProtocol?: OneOf<IpProtocol> | undefined
  /** Exactly this port or range. */
  sport?: number | NumberRange | undefined
  sportMask?: number | undefined
  dport?: number | NumberRange | undefined
  dportMask?: number | undefined
  /** Exactly these users. */
  uidRange?: NumberRange | undefined
  tunId?: bigint | number | undefined
  flowlabel?: number | undefined
  flowlabelMask?: number | undefined
  l3mdev?: boolean | undefined
  action?: OneOf<RuleAction> | undefined
  protocol?: OneOf<RouteProtocol> | undefined
}

/** Which rules, and where. */
export interface ListRulesOptions extends RuleFilter, CallOptions {}

/** Which rules are to go, and where. */
export interface FlushRulesOptions extends ListRulesOptions, FlushAll {}

const FILTERS: readonly (keyof RuleFilter)[] = [
  'family',
  'priority',
  'table',
  'from',
  'to',
  'invert',
  'iif',
  'oif',
  'fwmark',
  'fwmask',
  'tos',
  'dscp',
  'dscpMask',
  'ipProtocol',
  'sport',
  'sportMask',
  'dport',
  'dportMask',
  'uidRange',
  'tunId',
  'flowlabel',
  'flowlabelMask',
  'l3mdev',
  'action',
  'protocol',
  'multicast',
]

/** The options of listRules. */
const LIST_RULE_KEYS = [...FILTERS, ...CALL_OPTIONS]

/**
 * Lists the routing rules of both families, or those that the options let through, in the order in which the kernel asks them; none of a
 * family, or of multicast routing, that the kernel does not have.
 *
 * @throws RangeError or TypeError naming the option.
 * @see ip-rule(8), linux/fib_rules.h
 * @example const rules = await listRules({ family: 'ipv4', netns: 'red' })
 */
export function* listRules(options: ListRulesOptions = {}): Operation<Rule[]> {
  checkKeys('listRules', options, LIST_RULE_KEYS)
  const { netns, signal, ...filter } = options
  checkRule(filter)
  return yield* withChannel(netns, (channel) => noneOfAbsentFamily(items(channel, dumpRequest(filter))))
}

/** A dump, which is empty where the kernel has no rules of the family, as one of all families would be. */
function* noneOfAbsentFamily(dumped: Operation<Rule[]>): Operation<Rule[]> {
  try {
    return yield* dumped
  } catch (error) {
    if (error instanceof NetlinkError && error.code === 'EAFNOSUPPORT') return []
    throw error
  }
}

/**
 * Deletes the rules that the options let through, of which there has to be at least one that is not false, and returns how many; with `all: true` all. As
 * `ip rule flush` it spares those of priority 0, such as the one that looks up table local, unless `priority` asks for them; the others
 * that the kernel made go too: without that of table main (`addRule({ family, table: 254, priority: 32766 })`) no route counts but those
 * of other rules' tables. A rule that went away meanwhile is no error. Of several with the same priority the kernel deletes the first that has
 * everything that the listed one has.
 *
 * @throws TypeError without any option, RangeError or TypeError naming an option, before anything is sent; NetlinkError where a rule
 * cannot be deleted: the others are gone then.
 * @see ip-rule(8), linux/fib_rules.h
 * @example await flushRules({ table: 100, netns: 'red' })
 */
export function* flushRules(options: FlushRulesOptions): Operation<number> {
  checkKeys('flushRules', options, ['all', ...LIST_RULE_KEYS])
  const { netns, signal, all: _, ...filter } = options
  checkRule(filter)
  checkFlush('flushRules', 'rules', FILTERS, options)
  return yield* withChannel(netns, function* (channel) {
    const found = yield* noneOfAbsentFamily(dump(channel, dumpRequest(filter)))
    const doomed = filter.priority === undefined ? found.filter(({ priority }) => priority > 0) : found
    return yield* deleteAll(channel, doomed.map(deleteRuleRequest), ['ENOENT'])
  })
}

/** Values as rules have them, where callers may write another. */
const NORMAL: Readonly<Record<string, (value: never) => unknown>> = {
  from: (value: string) => normalPrefix(parseNetwork(value, 'from')),
  to: (value: string) => normalPrefix(parseNetwork(value, 'to')),
  sport: asRange,
  dport: asRange,
  tunId: (value: bigint | number) => BigInt(value),
  ipProtocol: (value: OneOf<IpProtocol>) => ipProtocols.normal(value),
  action: (value: OneOf<RuleAction>) => ruleActions.normal(value),
  protocol: (value: OneOf<RouteProtocol>) => routeProtocols.normal(value),
}

function normal(key: string, value: unknown): unknown {
  return key in NORMAL ? NORMAL[key]!(value as never) : value
}

function asRange(value: number | NumberRange): NumberRange {
  return typeof value === 'number' ? { start: value, end: value } : value
}

function isSame(found: unknown, wanted: unknown): boolean {
  if (!isRecord(wanted) || !isRecord(found)) return found === wanted
  return Object.keys(wanted).every((key) => found[key] === wanted[key])
}

/** RTM_GETRULE with NLM_F_DUMP. The kernel filters by family only (fib_nl_dumprule() of net/core/fib_rules.c). */
function dumpRequest({ family, multicast = false, ...filter }: RuleFilter): Request<Rule> {
  const asked = familyNumber(family)
  const wanted = Object.entries({ family, multicast, ...filter })
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => [key as keyof Rule, normal(key, value)] as const)
  return {
    message: getRuleMessage,
    body: {
      header: { family: multicast && asked !== AF_UNSPEC ? multicastFamily(asked) : asked },
      attributes: {},
    },
    flags: 0,
    answer: 'dump',
    advise: adviseRule(multicast),
    // A dump of all families has the rules of multicast routing too.
    read: (bytes, start, end) => {
      const rule = readRule(bytes, start, end)
      return rule !== null && wanted.every(([key, value]) => isSame(rule[key], value)) ? rule : undefined
    },
  }
}
