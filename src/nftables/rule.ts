/** Rules: what happens to packets, as lists of expressions. */

import { show } from '../codec/fault.js'
import type { Body, OneOf, RawAttribute } from '../codec/index.js'
import { checkKeys } from '../netlink/check.js'
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_REPLACE } from '../netlink/constants.js'
import type { Request } from '../netlink/request.js'
import { isRuleBody, type RuleBody } from './builder/rule.js'
import { type AttributesOf, change } from './change.js'
import { compatOf, type RuleCompat } from './compat.js'
import type { NftElementsInput } from './element.js'
import { checkExpressions, type Expression } from './expression.js'
import { checkHandle, checkName, familyNumber, type UnknownInput, unknownFor } from './input.js'
import { delRule, destroyRule, newRule } from './messages.js'
import { families, type NftFamily } from './names.js'
import { adviseRule } from './rule-advice.js'
import type { NftSetInput } from './set.js'
import { commentOf, type UserdataInput, userdataFor } from './userdata.js'

/** A rule as the kernel has it. See enum nft_rule_attributes of linux/netfilter/nf_tables.h. */
export interface NftRule {
  readonly family: OneOf<NftFamily>
  readonly table: string
  readonly chain: string
  readonly handle: number
  /** The handle of the rule before it; null for the first one. */
  readonly position: number | null
  readonly expressions: readonly Expression[]
  /** Which protocol its matches and targets of x_tables are for. No kernel tells it so far: null. */
  readonly compat: RuleCompat | null
  readonly comment: string | null
  readonly userdata: Uint8Array | null
  /** Attributes that this library does not know. */
  readonly unknown: readonly RawAttribute[]
}

/** A set without a name of its own, which belongs to a rule, with its elements. */
export interface AnonymousSetInput extends NftSetInput {
  elements: NftElementsInput['elements']
}

/** A chain without a name of its own, which belongs to the rule that jumps to it, with its rules. */
export interface AnonymousChainInput {
  name: string
  rules: readonly NftRuleInput[]
}

/** A rule to add: of the builder (`rule`), or in the kernel's terms (`expressions`). */
export interface NftRuleInput extends UserdataInput, UnknownInput {
  family: OneOf<NftFamily>
  table: string
  chain: string
  rule?: RuleBody | undefined
  expressions?: readonly Expression[] | undefined
  /** The anonymous sets that the expressions refer to, as listRuleset() has them: they are made anew with the rule. */
  sets?: readonly AnonymousSetInput[] | undefined
  /** The chains without a name that the expressions jump to, as listRuleset() has them: they are made anew with the rule. */
  chains?: readonly AnonymousChainInput[] | undefined
  /**
   * Which protocol matches and targets of x_tables are for, as iptables-nft tells it: a number of IP protocols (of an ethertype as the host
   * reads it in tables of bridges), and in `flags` 2 where all others are meant. Where it is left out or null it is what the expressions
   * compare the protocol of packets with.
   */
  compat?: RuleCompat | null | undefined
  /** What the kernel reports: of use to replaceRule and deleteRule alone. */
  handle?: number | undefined
  position?: number | null | undefined
}

/** One rule, by its handle. */
export interface NftRuleRef {
  family: OneOf<NftFamily>
  table: string
  chain: string
  handle: number
}

const RULE_KEYS = [
  ...['family', 'table', 'chain', 'rule', 'expressions', 'sets', 'chains', 'compat', 'unknown'],
  ...['handle', 'position', 'comment', 'userdata'],
]

/** Where a rule goes: behind or before another one, or to the end or the beginning of its chain. */
export type RulePosition = { after?: number | undefined; before?: number | undefined }

export type PutRule = 'add' | 'insert' | 'replace'

/** Which of them each call takes. */
const PLACE_KEYS = { add: ['after'], insert: ['before'], replace: [] }

/** Throws RangeError or TypeError for what is wrong with a rule to add, but for its expressions. */
export function checkRule(input: NftRuleInput & RulePosition, how: PutRule): void {
  checkKeys(`${how}Rule`, input, [...RULE_KEYS, ...PLACE_KEYS[how]])
  if ((input.rule === undefined) === (input.expressions === undefined))
    throw new TypeError(`${how}Rule: it takes either rule or expressions`)
  if (input.rule !== undefined && (input.sets ?? []).length + (input.chains ?? []).length > 0)
    throw new TypeError(`${how}Rule: sets and chains are of expressions; rule makes its own`)
  if (input.rule !== undefined && !isRuleBody(input.rule))
    throw new TypeError(
      `rule: ${show(input.rule)} is not made by rule(), as rule(tcp.dport(22), accept()) is`,
    )
  putRule(input, input.expressions ?? [], how)
}

/**
 * NFT_MSG_NEWRULE: at the end or behind `after`, at the beginning or before `before`, or in the place of its handle. `chainId` is the
 * number of a chain without a name.
 */
export function putRule(
  input: NftRuleInput & RulePosition,
  expressions: readonly Expression[],
  how: PutRule,
  chainId?: number,
): Request {
  const at = how === 'add' ? input.after : how === 'insert' ? input.before : undefined
  const family = familyNumber(input.family)
  const attributes: AttributesOf<typeof newRule> = {
    table: checkName(input.table, 'table'),
    chain: chainId === undefined ? checkName(input.chain, 'chain') : undefined,
    chainId,
    handle: how === 'replace' ? checkHandle(input.handle) : undefined,
    expressions: { elem: checkExpressions(expressions) },
    compat: input.compat ?? compatOf(family, expressions),
    userdata: userdataFor(input),
    position: at === undefined ? undefined : checkHandle(at, how === 'add' ? 'after' : 'before'),
    unknown: unknownFor(input),
  }
  return adviseRule(change(newRule, family, attributes, FLAGS[how], describeRule(input)), family, expressions)
}

const FLAGS = { add: NLM_F_CREATE | NLM_F_APPEND, insert: NLM_F_CREATE, replace: NLM_F_REPLACE }

/** NFT_MSG_DELRULE of one rule, or NFT_MSG_DESTROYRULE (Linux 6.3), to which an absent rule is no error. */
export function deleteRule(ref: NftRuleRef, destroy: boolean): Request {
  checkKeys(destroy ? 'destroyRule' : 'deleteRule', ref, RULE_KEYS)
  const attributes = {
    table: checkName(ref.table, 'table'),
    chain: checkName(ref.chain, 'chain'),
    handle: checkHandle(ref.handle),
  }
  return change(destroy ? destroyRule : delRule, familyNumber(ref.family), attributes, 0, describeRule(ref))
}

/** NFT_MSG_DELRULE of all rules of a chain, or of a table where `chain` is left out. */
export function flushRules(ref: {
  family: OneOf<NftFamily>
  table: string
  chain?: string | undefined
}): Request {
  const attributes = {
    table: checkName(ref.table, 'table'),
    chain: ref.chain === undefined ? undefined : checkName(ref.chain, 'chain'),
  }
  const subject = `rules of ${ref.chain === undefined ? '' : `chain '${ref.chain}' of `}table ${ref.family} '${ref.table}'`
  return change(delRule, familyNumber(ref.family), attributes, 0, subject)
}

/** In errors: "rule with handle 5 of chain 'input' of table inet 'filter'". */
function describeRule({
  family,
  table,
  chain,
  handle,
}: {
  family: unknown
  table: string
  chain: string
  handle?: number | undefined
}): string {
  return `rule ${handle === undefined ? '' : `with handle ${show(handle)} `}of chain '${chain}' of table ${String(family)} '${table}'`
}

/** Reads a NFT_MSG_NEWRULE. */
export function ruleOf({ header, attributes: found }: Body<typeof newRule>): NftRule {
  const { compat } = found
  return {
    family: families.toName(header.family ?? 0),
    table: found.table ?? '',
    chain: found.chain ?? '',
    handle: found.handle ?? 0,
    position: found.position ?? null,
    expressions: (found.expressions?.elem ?? []) as readonly Expression[],
    compat: compat === undefined ? null : { proto: compat.proto ?? 0, flags: compat.flags ?? 0 },
    comment: commentOf(found.userdata),
    userdata: found.userdata ?? null,
    unknown: found.unknown ?? [],
  }
}
