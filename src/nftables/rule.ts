/** Rules: what happens to packets, as lists of expressions. */

import { show } from '../codec/fault.js'
import type { Body, OneOf, RawAttribute } from '../codec/index.js'
import { checkKeys } from '../netlink/check.js'
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_REPLACE } from '../netlink/constants.js'
import type { Request } from '../netlink/request.js'
import type { RuleBody } from './builder/rule.js'
import { type AttributesOf, change } from './change.js'
import type { NftData } from './data.js'
import type { NftElementsInput } from './element.js'
import { checkExpressions, type Expression } from './expression.js'
import { checkHandle, checkName, familyNumber } from './input.js'
import { delRule, destroyRule, newRule } from './messages.js'
import { families, type NftFamily } from './names.js'
import type { NftSetInput } from './set.js'
import { commentOf, type UserdataInput, userdataFor } from './userdata.js'
import { writable } from './writable.js'

/** A rule as the kernel has it. See enum nft_rule_attributes of linux/netfilter/nf_tables.h. */
export interface NftRule {
  readonly family: OneOf<NftFamily>
  readonly table: string
  readonly chain: string
  readonly handle: number
  /** The handle of the rule before it; null for the first one. */
  readonly position: number | null
  readonly expressions: readonly Expression[]
  /** What iptables-nft keeps with its rules. */
  readonly compat: { readonly proto: number; readonly flags: number } | null
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
export interface NftRuleInput extends UserdataInput {
  family: OneOf<NftFamily>
  table: string
  chain: string
  rule?: RuleBody | undefined
  expressions?: readonly Expression[] | undefined
  /** The anonymous sets that the expressions refer to, as listRuleset() has them: they are made anew with the rule. */
  sets?: readonly AnonymousSetInput[] | undefined
  /** The chains without a name that the expressions jump to, as listRuleset() has them: they are made anew with the rule. */
  chains?: readonly AnonymousChainInput[] | undefined
  compat?: { proto: number; flags: number } | null | undefined
  unknown?: readonly RawAttribute[] | undefined
  /** What the kernel reports: of use to replaceRule and deleteRule alone. */
  handle?: number | undefined
  position?: number | null | undefined
}

/** Which rule. Without a handle all rules of the chain, without a chain all of the table. */
export interface NftRuleRef {
  family: OneOf<NftFamily>
  table: string
  chain: string
  handle: number
}

export const RULE_KEYS = [
  ...['family', 'table', 'chain', 'rule', 'expressions', 'sets', 'chains', 'compat', 'unknown'],
  ...['handle', 'position', 'comment', 'userdata', 'after', 'before'],
]

/** Where a rule goes: behind or before another one, or to the end or the beginning of its chain. */
export type RulePlace = { after?: number | undefined; before?: number | undefined }

export type PutRule = 'add' | 'insert' | 'replace'

/** Throws RangeError or TypeError for what is wrong with a rule to add, but for its expressions. */
export function checkRule(input: NftRuleInput & RulePlace, how: PutRule): void {
  checkKeys(`${how}Rule`, input, RULE_KEYS)
  if ((input.rule === undefined) === (input.expressions === undefined))
    throw new TypeError(`${how}Rule: it takes either rule or expressions`)
  if (input.rule !== undefined && !Array.isArray((input.rule as Partial<RuleBody>)?.statements))
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
  input: NftRuleInput & RulePlace,
  expressions: readonly Expression[],
  how: PutRule,
  chainId?: number,
): Request {
  const at = how === 'add' ? input.after : how === 'insert' ? input.before : undefined
  const attributes: AttributesOf<typeof newRule> = {
    table: checkName(input.table, 'table'),
    chain: chainId === undefined ? checkName(input.chain, 'chain') : undefined,
    chainId,
    handle: how === 'replace' ? checkHandle(input.handle) : undefined,
    expressions: { elem: checkExpressions(expressions).map(writable) },
    compat: input.compat ?? undefined,
    userdata: userdataFor(input),
    position: at === undefined ? undefined : checkHandle(at, how === 'add' ? 'after' : 'before'),
    unknown: input.unknown === undefined || input.unknown.length === 0 ? undefined : [...input.unknown],
  }
  const request = change(newRule, familyNumber(input.family), attributes, FLAGS[how], describeRule(input))
  return adviseOn(request, expressions)
}

/** The request of a rule, with what errors of its expressions mean. */
export function adviseOn(request: Request, expressions: readonly Expression[]): Request {
  return {
    ...request,
    advise: (code, extack) => adviseRule(code, extack.path, expressions) ?? request.advise?.(code, extack),
  }
}

/** What an error of an expression means: what it refers to is not there, or it has no place in its chain. */
function adviseRule(
  code: string,
  path: string | null,
  expressions: readonly Expression[],
): string | undefined {
  if (code === 'EMLINK')
    return 'its chains lead back to where they come from, or more than 16 jumps are in one another'
  const at = /^expressions\.elem\[(\d+)\]/.exec(path ?? '')
  if (at === null) return code === 'EOPNOTSUPP' ? placeOf(expressions) : undefined
  const expression = expressions[Number(at[1])]
  return expression === undefined ? undefined : MEANINGS[code]?.(expression)
}

const MEANINGS: Readonly<Record<string, (expression: Expression) => string | undefined>> = {
  ENOENT: (expression) => {
    const set = setNameOf(expression)
    if (set !== undefined) return `the table has no set '${set}'`
    if (expression.name === 'immediate') return 'the table has no chain of the name that is jumped to'
    if (expression.name === 'objref') return 'the table has no object of that type and name'
    if (expression.name === 'flow_offload') return 'the table has no flowtable of that name'
    const elsewhere = Object.hasOwn(PLACES, expression.name) ? ', or not in tables of this family' : ''
    return `this kernel has no expression '${expression.name}'${elsewhere}`
  },
  EOPNOTSUPP: (expression) => {
    if (expression.name === 'immediate')
      return 'a chain with a hook is not jumped to, nor is there one without a name in another without a name'
    if (expression.name === 'dynset')
      return `set '${setNameOf(expression)}' lacks the flag 'dynamic', or 'timeout' for elements with a timeout`
    return placeOf([expression]) ?? lackingKey(expression)
  },
  EINVAL: otherTypes,
  // Since Linux 6.5: a register that nothing was written to.
  ENODATA: otherTypes,
}

function lackingKey({ name, data }: Expression): string | undefined {
  const { key } = (data ?? {}) as { key?: unknown }
  return key === undefined
    ? undefined
    : `this kernel has no '${name} ${String(key)}', or not in tables of this family`
}

function otherTypes(expression: Expression): string | undefined {
  const set = setNameOf(expression)
  return set === undefined ? undefined : `set '${set}' is of other types than what the rule has for it`
}

/** Where the kernel takes expressions: the function `validate` of each, net/netfilter/nft_*.c. */
const PLACES: Readonly<Record<string, string>> = {
  masq: "chains of type 'nat' at postrouting",
  redir: "chains of type 'nat' at prerouting and output",
  nat: "chains of type 'nat', at prerouting and output for destinations, at postrouting and input for sources",
  reject: 'prerouting, input, forward and output',
  tproxy: 'prerouting',
  synproxy: 'input and forward',
  flow_offload: 'forward',
  socket: 'prerouting, input and output',
  osf: 'prerouting, input and forward',
  fwd: "ingress and egress of the family 'netdev'",
  fib: 'hooks at which the interface that it asks for is known',
  rt: 'hooks at which the route is known: forward, output and postrouting',
}

function placeOf(expressions: readonly Expression[]): string | undefined {
  const placed = expressions.find(({ name }) => Object.hasOwn(PLACES, name))
  return placed === undefined ? undefined : `'${placed.name}' is for ${PLACES[placed.name]}`
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

/** The names of the sets that an expression refers to. */
export function setNameOf({ data }: Expression): string | undefined {
  if (data === undefined || data instanceof Uint8Array) return undefined
  const { set, setName } = data as { set?: string; setName?: string }
  return set ?? setName
}

/** The name of the chain that an expression goes on in. */
export function chainNameOf({ name, data }: Expression): string | undefined {
  if (name !== 'immediate' || data === undefined || data instanceof Uint8Array) return undefined
  return (data as Immediate).data?.verdict?.chain
}

type Immediate = { readonly data?: NftData }

/** The expression with a chain of the same transaction in the place of the one that it was read with. */
export function withChain(expression: Expression, chainId: number): Expression {
  const data = expression.data as Immediate
  const { chain: _, ...verdict } = data.data!.verdict!
  return { name: 'immediate', data: { ...data, data: { verdict: { ...verdict, chainId } } } }
}

/** The expression with a set of the same transaction in the place of the one that it was read with. */
export function withSet(expression: Expression, name: string, id: number): Expression {
  const data = { ...(expression.data as object) }
  return {
    ...expression,
    data: { ...data, ['set' in data ? 'set' : 'setName']: name, setId: id },
  } as Expression
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
  return `rule ${handle === undefined ? '' : `with handle ${handle} `}of chain '${chain}' of table ${String(family)} '${table}'`
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
