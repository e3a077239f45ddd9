/** What the kernel tests of nftables share: both faces, and nft(8) as the oracle. */

import * as promises from '../../src/nftables.js'
import * as sync from '../../src/nftables-sync.js'
import { LACKING } from './needs.js'
import { execIn } from './support.js'

/** Both faces of netlink-ts/nftables; `await` suits either. */
export const NFT_FACES = [
  { face: 'promises', nft: promises },
  { face: 'sync', nft: sync },
] as const

/** Runs nft in a namespace: `nftIn(netns, 'add table inet t')`. Returns what it printed; throws where it failed. */
export function nftIn(netns: string, command: string, options: readonly string[] = []): string {
  return execIn(netns, 'nft', ...options, command)
}

/** Whether nft gets something done; false where the kernel lacks what it needs. */
export function acceptsNft(netns: string, command: string): boolean {
  try {
    nftIn(netns, command)
    return true
  } catch (error) {
    if (!LACKING.test(String(error))) throw error
    return false
  }
}

/** The ruleset of a namespace as nft prints it, without handles. */
export function rulesetIn(netns: string): string {
  return nftIn(netns, 'list ruleset')
}

// biome-ignore lint/suspicious/noExplicitAny: what nft prints is compared field by field, not typed
export type Printed = Record<string, any>

/** The things of one kind in a namespace, as `nft -j` tells them. */
export function nftJson(netns: string, kind: string): Printed[] {
  const { nftables } = JSON.parse(nftIn(netns, 'list ruleset', ['-j'])) as { nftables: Printed[] }
  return nftables.filter((one) => kind in one).map((one) => one[kind] as Printed)
}

/** The ruleset as `nft -j` tells it, without handles; elements are sorted, as the kernel keeps them in any order. */
export function plainRuleset(netns: string): unknown {
  const ruleset = JSON.parse(nftIn(netns, 'list ruleset', ['-j'])) as { nftables: unknown[] }
  return plain(ruleset.nftables.slice(1))
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
    .filter(([key]) => key !== 'handle')
    .map(([key, one]) => {
      const inner = plain(one)
      const isUnordered = (key === 'elem' || key === 'set') && Array.isArray(inner)
      return [key, isUnordered ? inner.map((it) => JSON.stringify(it)).sort() : inner]
    })
  return Object.fromEntries(entries)
}

/** Deletes the tables and makes them again of what was listed. */
export function again(tx: promises.Transaction, ruleset: promises.NftRuleset): void {
  for (const table of ruleset.tables) {
    tx.deleteTable(table)
    const { chains, sets, objects, flowtables, ...itself } = table
    tx.addTable(itself)
    for (const { rules: _, ...chain } of chains) tx.addChain(chain)
    for (const object of objects) tx.addObject(object)
    for (const flowtable of flowtables) tx.addFlowtable(flowtable)
    for (const { elements, ...one } of sets) tx.addSet(one, elements)
    for (const { rules } of chains) for (const one of rules) tx.addRule(one)
  }
}
