/**
 * What CHECK compares with: the tables of ADD, made once more in a namespace that nobody sees and that ends with its handle. The kernel tells
 * them there in the same words, but for the names of what has none of its own.
 */
import { createNetns, type NetnsHandle } from 'netlink-ts'
import { listRuleset, type NftRuleContents, type NftTableContents } from 'netlink-ts/nftables'
import { CniError } from './error.js'

export interface Comparison {
  readonly family: 'inet' | 'bridge'
  readonly table: string
  /** Whose rules those of shared chains are, by their comment, and elements, by the first word of theirs. */
  readonly tag: string
  /** Chains in which each attachment has rules of its own; every one that has the tag is this comparison's. */
  readonly shared: readonly string[]
  /** The key of the configuration that a rule or an element is there for. */
  readonly keyOf: (chain: string, index: number) => string
  /** What ADD does, in another namespace. */
  readonly make: (netns: NetnsHandle) => Promise<unknown>
}

type Part = Pick<NftTableContents, 'chains' | 'sets'>
type Chain = Part['chains'][number]
type NamedSet = Part['sets'][number]

/** Makes the namespace in which checkTable() makes what it compares with: one for all that a call compares. */
export async function withScratch(check: (netns: NetnsHandle) => Promise<void>): Promise<void> {
  const netns = await createNetns()
  try {
    await check(netns)
  } finally {
    netns.close()
  }
}

/** Throws CniError that names what is missing, was changed or is there twice. What others have in the same table is passed over. */
export async function checkTable(netns: NetnsHandle, of: Comparison): Promise<void> {
  await of.make(netns)
  const [wanted, there] = [await contents(of, netns), await contents(of)]
  for (const chain of wanted.chains) checkChain(of, chain, there)
  for (const chain of there.chains) {
    const isWanted = wanted.chains.some(({ name }) => name === chain.name)
    if (!isWanted && of.shared.includes(chain.name) && ownRules(of, chain).length > 0)
      throw changed(of, `a rule too many is in chain '${chain.name}'`)
  }
  for (const set of wanted.sets) checkSet(of, set, there)
}

async function contents({ family, table }: Comparison, netns?: NetnsHandle): Promise<Part> {
  const { tables } = await listRuleset({ family, table, netns })
  return tables[0] ?? { chains: [], sets: [] }
}

function changed({ family, table }: Comparison, what: string): CniError {
  return new CniError('changed', `${what} (table ${family} '${table}')`)
}

function checkChain(of: Comparison, wanted: Chain, { chains }: Part): void {
  const { name } = wanted
  const there = chains.find((chain) => chain.name === name)
  const key = of.keyOf(name, 0)
  if (there === undefined) throw changed(of, `${key}: there is no chain '${name}'`)
  if (hookOf(there) !== hookOf(wanted))
    throw changed(of, `${key}: chain '${name}' has another type, hook, priority or policy`)
  const found = difference(ownRules(of, wanted), ownRules(of, there))
  if (found === null) return
  const { index, what } = found
  const which = index === null ? '' : `${of.keyOf(name, index)}: `
  throw changed(of, `${which}${what} in chain '${name}'`)
}

function hookOf({ type, hook, priority, policy }: Chain): string {
  return [type, hook, priority, policy].join(' ')
}

/** Those to compare, as texts. */
function ownRules({ shared, tag }: Comparison, { name, rules }: Chain): string[] {
  const own = shared.includes(name) ? rules.filter(({ comment }) => comment === tag) : rules
  return own.map(textOf)
}

/** What differs first, and of which rule before; null where nothing does. */
function difference(
  before: readonly string[],
  now: readonly string[],
): { index: number | null; what: string } | null {
  const more = (text: string) => count(now, text) - count(before, text)
  const missing = before.findIndex((text) => more(text) < 0)
  const added = now.find((text) => more(text) > 0)
  if (missing >= 0) {
    if (added === undefined) return { index: missing, what: 'its rule is missing' }
    const isOne = before.length === now.length
    return { index: missing, what: `its rule ${isOne ? 'was changed' : 'is missing or was changed'}` }
  }
  if (added !== undefined) {
    const index = before.indexOf(added)
    if (index < 0) return { index: null, what: 'a rule too many is' }
    return { index, what: 'its rule is there twice' }
  }
  const moved = before.findIndex((text, index) => text !== now[index])
  return moved < 0 ? null : { index: moved, what: 'the rules are in another order' }
}

function count(texts: readonly string[], text: string): number {
  return texts.filter((one) => one === text).length
}

/** A rule as a text. The kernel's names of anonymous sets and of chains without one give way to what these have. */
function textOf({ expressions, sets, chains }: NftRuleContents): string {
  const ofSets = new Map(
    sets.map((set) => [set.name, set.elements.map(({ key, value }) => asText([key, value])).sort()]),
  )
  const ofChains = new Map(chains.map(({ name, rules }) => [name, rules.map(textOf)]))
  // The fields of lookup and dynset, and of a verdict.
  const named: Record<string, ReadonlyMap<string, unknown>> = {
    set: ofSets,
    setName: ofSets,
    chain: ofChains,
  }
  return asText(expressions, (key, text) => named[key]?.get(text) ?? text)
}

function asText(
  value: unknown,
  replaced: (key: string, text: string) => unknown = (_, text) => text,
): string {
  return JSON.stringify(value, (key, one: unknown) => {
    if (typeof one === 'string') return replaced(key, one)
    if (typeof one === 'bigint') return String(one)
    return one instanceof Uint8Array ? [...one] : one
  })
}

function checkSet(of: Comparison, wanted: NamedSet, { sets }: Part): void {
  const { name } = wanted
  const there = sets.find((one) => one.name === name)
  const key = of.keyOf(name, 0)
  if (there === undefined) throw changed(of, `${key}: there is no set '${name}'`)
  if (shapeOf(there) !== shapeOf(wanted))
    throw changed(of, `${key}: set '${name}' has another type or other flags`)
  const left = new Map(there.elements.map((one) => [asText(one.key), one]))
  const where = (element: unknown) => `${key}: ${[element].flat().join(' . ')}`
  for (const element of wanted.elements) {
    const found = left.get(asText(element.key))
    if (found === undefined) throw changed(of, `${where(element.key)} is missing in '${name}'`)
    if (meaningOf(found) !== meaningOf(element))
      throw changed(of, `${where(element.key)} was changed in '${name}'`)
    left.delete(asText(element.key))
  }
  for (const element of left.values())
    if (firstWord(element) === of.tag) throw changed(of, `${where(element.key)} is too many in '${name}'`)
}

function shapeOf({ type, map, mapInterval, flags }: NamedSet): string {
  return asText([type, map, mapInterval, flags])
}

/** Where a key leads to, and whose it is; a key that leads nowhere is of all who need it, under the tag of the first. */
function meaningOf(element: NamedSet['elements'][number]): string {
  return asText(element.value === null ? null : [element.value, firstWord(element)])
}

function firstWord({ comment }: NamedSet['elements'][number]): string | undefined {
  return comment?.split(' ')[0]
}
