/**
 * What CHECK compares with: the tables of ADD, made once more in a namespace that nobody sees and that ends with its handle. The kernel tells
 * them there in the same words, but for the names of sets that have none of their own.
 */
import { createNetns, type NetnsHandle } from 'netlink-ts'
import { listRuleset, type NftRuleContents, type NftTableContents } from 'netlink-ts/nftables'
import { CniError } from './error.js'

export interface Comparison {
  readonly family: 'inet' | 'bridge'
  readonly table: string
  /** Whose rules those of shared chains are, by their comment, and elements, by the first word of theirs. */
  readonly tag: string
  /** The key of the configuration that a rule or an element is there for. */
  readonly keyOf: (chain: string, index: number) => string
  /** What ADD does, in another namespace. */
  readonly make: (netns: NetnsHandle) => Promise<unknown>
}

type Part = Pick<NftTableContents, 'chains' | 'sets'>

/** Throws CniError that names what is missing, was changed or is there twice. What others have in the same table is passed over. */
export async function checkTable(of: Comparison): Promise<void> {
  const netns = await createNetns()
  let wanted: Part
  try {
    await of.make(netns)
    wanted = await contents(of, netns)
  } finally {
    netns.close()
  }
  const there = await contents(of)
  for (const chain of wanted.chains) checkChain(of, chain, there)
  for (const { name, rules } of there.chains)
    if (
      !wanted.chains.some((chain) => chain.name === name) &&
      rules.some(({ comment }) => comment === of.tag)
    )
      throw changed(of, `a rule too many is in chain '${name}'`)
  for (const set of wanted.sets) checkElements(of, set, there)
}

async function contents({ family, table }: Comparison, netns?: NetnsHandle): Promise<Part> {
  const { tables } = await listRuleset(netns === undefined ? { family } : { family, netns })
  return tables.find(({ name }) => name === table) ?? { chains: [], sets: [] }
}

function changed({ family, table }: Comparison, what: string): CniError {
  return new CniError('changed', `${what} of table ${family} '${table}'`)
}

function checkChain(of: Comparison, wanted: Part['chains'][number], { chains }: Part): void {
  const { name } = wanted
  const key = (index: number) => of.keyOf(name, index)
  const there = chains.find((chain) => chain.name === name)
  if (there === undefined) throw changed(of, `${key(0)}: there is no chain '${name}'`)
  if (hookOf(there) !== hookOf(wanted))
    throw changed(of, `${key(0)}: the hook was changed of chain '${name}'`)
  // Those of several containers, one behind the other.
  const isShared = wanted.rules.length > 0 && wanted.rules.every(({ comment }) => comment === of.tag)
  const own = isShared ? there.rules.filter(({ comment }) => comment === of.tag) : there.rules
  const [before, now] = [wanted.rules.map(textOf), own.map(textOf)]
  const missing = before.findIndex((text) => !now.includes(text))
  const unknown = now.some((text) => !before.includes(text))
  const twice = before.findIndex((text) => count(now, text) > count(before, text))
  if (missing >= 0)
    throw changed(
      of,
      `${key(missing)}: its rule ${unknown ? 'was changed' : 'is missing'} in chain '${name}'`,
    )
  if (unknown) throw changed(of, `a rule too many is in chain '${name}'`)
  if (twice >= 0) throw changed(of, `${key(twice)}: its rule is there twice in chain '${name}'`)
  if (before.length > now.length)
    throw changed(of, `${key(0)}: one of its rules is missing in chain '${name}'`)
  if (before.some((text, index) => text !== now[index]))
    throw changed(of, `${key(0)}: the rules are in another order in chain '${name}'`)
}

function count(texts: readonly string[], text: string): number {
  return texts.filter((one) => one === text).length
}

function hookOf({ type, hook, priority, policy }: Part['chains'][number]): string {
  return [type, hook, priority, policy].join(' ')
}

/** A rule as a text, with the elements of its sets in the place of their names. */
function textOf({ expressions, sets }: NftRuleContents): string {
  const elements = new Map(
    sets.map((set) => [set.name, set.elements.map(({ key, value }) => asText([key, value])).sort()]),
  )
  return asText(expressions, (text) => elements.get(text) ?? text)
}

function asText(value: unknown, replaced: (text: string) => unknown = (text) => text): string {
  return JSON.stringify(value, (_, one: unknown) => {
    if (typeof one === 'string') return replaced(one)
    if (typeof one === 'bigint') return String(one)
    return one instanceof Uint8Array ? [...one] : one
  })
}

function checkElements(of: Comparison, { name, elements }: Part['sets'][number], { sets }: Part): void {
  const set = sets.find((one) => one.name === name)
  const there = new Map((set?.elements ?? []).map((one) => [asText(one.key), one]))
  const where = (key: unknown) => `${of.keyOf(name, 0)}: ${[key].flat().join(' . ')}`
  for (const { key, value } of elements) {
    const found = there.get(asText(key))
    if (found === undefined) throw changed(of, `${where(key)} is missing in '${name}'`)
    if (asText(found.value) !== asText(value)) throw changed(of, `${where(key)} was changed in '${name}'`)
    there.delete(asText(key))
  }
  for (const { key, comment } of there.values())
    if (comment?.split(' ')[0] === of.tag) throw changed(of, `${where(key)} is too many in '${name}'`)
}
