/** Reads the whole ruleset in one state. */

import type { OneOf } from '../codec/index.js'
import type { CallOptions } from '../netlink/call.js'
import { CALL_OPTIONS, checkKeys } from '../netlink/check.js'
import { withNetfilter } from '../netlink/netfilter.js'
import type { Channel, Operation } from '../netlink/operation.js'
import type { NftChain } from './chain.js'
import { chainsIn, elementsIn, flowtablesIn, objectsIn, rulesLater, setsIn, tablesIn } from './dumps.js'
import type { NftElement } from './element.js'
import type { Expression } from './expression.js'
import type { NftFlowtable } from './flowtable.js'
import { inOneState } from './generation.js'
import { checkName, familyNumber } from './input.js'
import { getRule } from './messages.js'
import type { NftFamily } from './names.js'
import type { NftObject } from './object.js'
import { chainNameOf, setNameOf } from './references.js'
import type { NftRule } from './rule.js'
import type { NftSet } from './set.js'
import type { NftTable } from './table.js'

/** A set with its elements. */
export interface NftSetContents extends NftSet {
  readonly elements: readonly NftElement[]
}

/** A rule with the anonymous sets that belong to it, and the chains without a name that it goes on in. */
export interface NftRuleContents extends NftRule {
  readonly sets: readonly NftSetContents[]
  readonly chains: readonly NftChainContents[]
}

/** A chain with its rules. */
export interface NftChainContents extends NftChain {
  readonly rules: readonly NftRuleContents[]
}

/** A table with everything in it. */
export interface NftTableContents extends NftTable {
  /** Those without the flag 'binding'; the others are in `chains` of their rules. */
  readonly chains: readonly NftChainContents[]
  /** Those without the flag 'anonymous'; the others are in `sets` of their rules. */
  readonly sets: readonly NftSetContents[]
  readonly objects: readonly NftObject[]
  readonly flowtables: readonly NftFlowtable[]
}

/** Everything of one state of the ruleset. */
export interface NftRuleset {
  readonly generation: number
  readonly tables: readonly NftTableContents[]
}

/** Which tables, and where. */
export interface ListRulesetOptions extends CallOptions {
  family?: OneOf<NftFamily> | undefined
  table?: string | undefined
}

/**
 * Lists everything: tables with their chains and rules, sets with their elements, objects and flowtables, all of one state of the ruleset.
 * With `table` only what is in tables of this name.
 *
 * What comes back is whole and of one state, never a mixture of two: where any program commits while it is read, whatever the table, it is
 * read again, up to a hundred times. That ends as soon as the time between two commits is as long as the reading of everything but the sets
 * of rules, which are read once. Between commits that never leave so much time the kernel has no state that could be read.
 *
 * @throws RangeError or TypeError naming the option; DumpInterruptedError where it changed each of a hundred times, in whose `values` are the
 * tables as they were read last to the end, of several states; none where that never came
 * @see nft(8), linux/netfilter/nf_tables.h
 * @example const { tables } = await listRuleset({ family: 'inet', table: 'filter' })
 */
export function* listRuleset(options: ListRulesetOptions = {}): Operation<NftRuleset> {
  checkKeys('listRuleset', options, ['family', 'table', ...CALL_OPTIONS])
  const family = options.family === undefined ? 0 : familyNumber(options.family)
  const table = options.table === undefined ? undefined : checkName(options.table, 'table')
  const constant = new Map<string, readonly NftElement[]>()
  const { generation, value } = yield* withNetfilter(options.netns, (channel) =>
    inOneState(channel, getRule.name, () => contents(channel, family, table, constant)),
  )
  return { generation, tables: value }
}

/**
 * The sets are those of all tables: that the kernel has no table of a name any more would be an error. `constant` has the elements of sets of
 * rules, which never change and need no second reading: a set that has the same handle in a table with the same one has been there all the
 * time. So the sets of which there are the most, and a dump for each, do not make every attempt as long as the first.
 */
function* contents(
  channel: Channel,
  family: number,
  name: string | undefined,
  constant: Map<string, readonly NftElement[]>,
): Operation<() => NftTableContents[]> {
  const all = yield* tablesIn(channel, family)
  const tables = name === undefined ? all : all.filter((table) => table.name === name)
  if (tables.length === 0) return () => []
  const handles = new Map(tables.map((it) => [tableKey({ family: it.family, table: it.name }), it.handle]))
  const chains = yield* chainsIn(channel, family, name)
  const rules = yield* rulesLater(channel, family, name)
  const sets: NftSetContents[] = []
  for (const set of yield* setsIn(channel, family)) {
    const table = handles.get(tableKey(set))
    if (table === undefined) continue
    const key = `${table} ${set.handle}`
    const elements = constant.get(key) ?? (yield* elementsIn(channel, familyNumber(set.family), set))
    if (set.flags.includes('anonymous') && set.flags.includes('constant')) constant.set(key, elements)
    sets.push({ ...set, elements })
  }
  const objects = yield* objectsIn(channel, family, name)
  const flowtables = yield* flowtablesIn(channel, family, name)
  return () => together({ tables, chains, rules: rules(), sets, objects, flowtables })
}

interface Parts {
  readonly tables: readonly NftTable[]
  readonly chains: readonly NftChain[]
  readonly rules: readonly NftRule[]
  readonly sets: readonly NftSetContents[]
  readonly objects: readonly NftObject[]
  readonly flowtables: readonly NftFlowtable[]
}

/** Each thing where it belongs. */
function together({ tables, ...parts }: Parts): NftTableContents[] {
  const chainsByTable = grouped(parts.chains, tableKey)
  const rules = grouped(parts.rules, chainKey)
  const setsByTable = grouped(parts.sets, tableKey)
  const objects = grouped(parts.objects, tableKey)
  const flowtables = grouped(parts.flowtables, tableKey)
  return tables.map((table) => {
    const key = tableKey({ family: table.family, table: table.name })
    const [bound, named] = parted(setsByTable.get(key) ?? [], 'anonymous')
    const [branches, ofTable] = parted(chainsByTable.get(key) ?? [], 'binding')
    const withRules = (chain: NftChain): NftChainContents => ({
      ...chain,
      rules: (rules.get(chainKey({ ...chain, chain: chain.name })) ?? []).map(withParts),
    })
    const withParts = (rule: NftRule): NftRuleContents => ({
      ...rule,
      sets: foundBy(rule, setNameOf, bound),
      chains: foundBy(rule, chainNameOf, branches).map(withRules),
    })
    return {
      ...table,
      chains: ofTable.map(withRules),
      sets: named,
      objects: objects.get(key) ?? [],
      flowtables: flowtables.get(key) ?? [],
    }
  })
}

function tableKey({ family, table }: { readonly family: unknown; readonly table: string }): string {
  return `${String(family)} ${table}\0`
}

function chainKey(of: { readonly family: unknown; readonly table: string; readonly chain: string }): string {
  return `${tableKey(of)} ${of.chain}`
}

/** Those with a flag, by their names, and the rest. */
function parted<T extends { readonly name: string; readonly flags: readonly unknown[] }>(
  list: readonly T[],
  flag: string,
): [Map<string, T>, T[]] {
  const marked = list.filter(({ flags }) => flags.includes(flag))
  return [new Map(marked.map((it) => [it.name, it])), list.filter(({ flags }) => !flags.includes(flag))]
}

/** What a rule refers to by names, each once. */
function foundBy<T>(
  { expressions }: NftRule,
  nameOf: (expression: Expression) => string | undefined,
  among: ReadonlyMap<string, T>,
): T[] {
  const names = new Set(expressions.map((one) => nameOf(one) ?? ''))
  return [...names].flatMap((name) => among.get(name) ?? [])
}

function grouped<T>(list: readonly T[], keyOf: (value: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const value of list) {
    const key = keyOf(value)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [value])
    else group.push(value)
  }
  return groups
}
