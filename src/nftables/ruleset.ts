/** Reads the whole ruleset in one state. */

import type { OneOf } from '../codec/index.js'
import type { CallOptions } from '../netlink/call.js'
import { CALL_OPTIONS, checkKeys } from '../netlink/check.js'
import { withNetfilter } from '../netlink/netfilter.js'
import type { Channel, Operation } from '../netlink/operation.js'
import type { NftChain } from './chain.js'
import { chainsIn, elementsIn, flowtablesIn, objectsIn, rulesIn, setsIn, tablesIn } from './dumps.js'
import type { NftElement } from './element.js'
import type { Expression } from './expression.js'
import type { NftFlowtable } from './flowtable.js'
import { inOneState } from './generation.js'
import { checkName, familyNumber } from './input.js'
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
 * It is read again where any of it changes meanwhile, a few times. With `table` only what is in tables of this name.
 *
 * @throws RangeError or TypeError naming the option; DumpInterruptedError where it changed each time
 * @see nft(8), linux/netfilter/nf_tables.h
 * @example const { tables } = await listRuleset({ family: 'inet', table: 'filter' })
 */
export function* listRuleset(options: ListRulesetOptions = {}): Operation<NftRuleset> {
  checkKeys('listRuleset', options, ['family', 'table', ...CALL_OPTIONS])
  const family = options.family === undefined ? 0 : familyNumber(options.family)
  const table = options.table === undefined ? undefined : checkName(options.table, 'table')
  const { generation, value } = yield* withNetfilter(options.netns, (channel) =>
    inOneState(channel, () => contents(channel, family, table)),
  )
  return { generation, tables: value }
}

/** The sets are those of all tables: that the kernel has no table of a name any more would be an error. */
function* contents(
  channel: Channel,
  family: number,
  name: string | undefined,
): Operation<NftTableContents[]> {
  const all = yield* tablesIn(channel, family)
  const tables = name === undefined ? all : all.filter((table) => table.name === name)
  if (tables.length === 0) return []
  const own = new Set(tables.map((table) => tableKey({ family: table.family, table: table.name })))
  const chainsByTable = grouped(yield* chainsIn(channel, family, name), tableKey)
  const rules = grouped(yield* rulesIn(channel, family, name), chainKey)
  const sets: NftSetContents[] = []
  for (const set of (yield* setsIn(channel, family)).filter((one) => own.has(tableKey(one))))
    sets.push({ ...set, elements: yield* elementsIn(channel, familyNumber(set.family), set) })
  const setsByTable = grouped(sets, tableKey)
  const objects = grouped(yield* objectsIn(channel, family, name), tableKey)
  const flowtables = grouped(yield* flowtablesIn(channel, family, name), tableKey)
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
