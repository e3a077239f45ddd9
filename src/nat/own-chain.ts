/** Verbs that are a base chain of their own in the own table: made, found and deleted by its name, without looking at others. */

import type { Channel, NetnsLike, Operation } from '../netlink/operation.js'
import { type RuleBody, rule, verdict } from '../nftables/builder/index.js'
import type { NftChain, NftChainType } from '../nftables/chain.js'
import { rulesIn } from '../nftables/dumps.js'
import type { NftHook, PriorityName } from '../nftables/hooks.js'
import { familyNumber } from '../nftables/input.js'
import { withRuleset } from '../nftables/large.js'
import type { Transaction } from '../nftables/recorder.js'
import type { NftRule } from '../nftables/rule.js'
import type { NftSetInput } from '../nftables/set.js'
import { chainName, type Described, describe, descriptionOf, isDescribedByRules } from './description.js'
import { Made } from './made.js'
import { addOwnTable, chainQuestion, OWN } from './own-table.js'
import { askWithGeneration, type Left, layoutIn, type Plan, settle } from './settle.js'

/** A chain of a verb. */
export interface OwnChain<D extends Described> {
  readonly described: D
  readonly type: NftChainType
  readonly hook: NftHook
  readonly priority: PriorityName
  readonly rules: readonly RuleBody[]
  /** Sets that the rules refer to. */
  readonly sets?: readonly NftSetInput[]
}

/** `isThere`: a chain of the name, which is replaced. */
function put<D extends Described>(tx: Transaction, chain: OwnChain<D>, isThere: boolean): void {
  const { described, type, hook, priority, rules, sets = [] } = chain
  const name = chainName(described)
  const kept = describe(described)
  addOwnTable(tx)
  for (const one of sets) tx.addSet(one)
  if (isThere) tx.deleteChain({ name, ...OWN })
  tx.createChain({ name, type, hook, priority, comment: kept.chain, ...OWN })
  for (const one of rules) tx.addRule({ chain: name, rule: one, ...OWN })
  for (const comment of kept.rules)
    tx.addRule({ chain: name, rule: rule(verdict('continue')), comment, ...OWN })
}

/** Makes the chain, or puts it in the place of one of its name that is not the same. */
export function* putChain<D extends Described>(
  chain: OwnChain<D>,
  netns: NetnsLike | undefined,
): Operation<Made<D>> {
  const look = (channel: Channel, left: Left | null) => replacement(channel, chain, left)
  yield* withRuleset(netns, (channel) => settle(channel, look, chain.described.verb))
  return madeChain(chain.described, netns)
}

/** Nothing, where the chain is there as it is to be. */
function* replacement<D extends Described>(
  channel: Channel,
  chain: OwnChain<D>,
  left: Left | null,
): Operation<Plan> {
  if (left !== null) {
    return { ...left, record: (tx) => put(tx, chain, false), isNew: true, isGuess: true }
  }
  const question = chainQuestion(chainName(chain.described))
  const { generation, answers } = yield* askWithGeneration(channel, [question])
  const found = answers[0]!
  const { described, rules } = chain
  const isWhole = found?.use === rules.length + describe(described).rules.length
  const same = isWhole && isSame(yield* describedBy(channel, found), described)
  return {
    generation,
    record: same ? null : (tx) => put(tx, chain, found !== null),
    isNew: found === null,
    isGuess: false,
    layout: layoutIn(channel, generation),
  }
}

/** The chain, unless something else has taken its place. Where nothing says what it was made of any more, its name is all there is. */
function* withdrawal(channel: Channel, described: Described): Operation<Plan> {
  const name = chainName(described)
  const { generation, answers } = yield* askWithGeneration(channel, [chainQuestion(name)])
  const found = answers[0]!
  const there = found === null ? null : yield* describedBy(channel, found)
  const isIt = found !== null && (there === null || isSame(there, described))
  return {
    generation,
    record: isIt ? (tx) => tx.deleteChain({ name, ...OWN }) : null,
    isNew: false,
    isGuess: false,
    layout: layoutIn(channel, generation),
  }
}

function* describedBy(channel: Channel, found: NftChain): Operation<Described | null> {
  return descriptionOf(found, isDescribedByRules(found) ? yield* rulesOf(channel, found.name) : [])
}

function isSame(there: Described | null, described: Described): boolean {
  return there !== null && textOf(there) === textOf(described)
}

/** Another version may write the fields in another order. */
function textOf(described: Described): string {
  return JSON.stringify(Object.entries(described).sort(([one], [other]) => (one < other ? -1 : 1)))
}

/** The rules of a chain of the own table; none where it is gone. */
export function* rulesOf(channel: Channel, chain: string): Operation<NftRule[]> {
  return yield* rulesIn(channel, familyNumber(OWN.family), OWN.table, chain)
}

/** A chain with what withdraws it. */
export function madeChain<D extends Described>(described: D, netns: NetnsLike | undefined): Made<D> {
  const look = (channel: Channel) => withdrawal(channel, described)
  return new Made(described, function* () {
    yield* withRuleset(netns, (channel) => settle(channel, look, null))
  })
}
