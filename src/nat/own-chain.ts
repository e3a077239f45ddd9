/** Verbs that are a base chain of their own in the own table: made, found and deleted by its name, without looking at others. */

import type { Channel, NetnsLike, Operation } from '../netlink/operation.js'
import { withPlace } from '../netlink/operation.js'
import type { RuleBody } from '../nftables/builder/index.js'
import type { NftChain, NftChainType } from '../nftables/chain.js'
import type { NftHook, PriorityName } from '../nftables/hooks.js'
import type { Transaction } from '../nftables/recorder.js'
import type { NftSetInput } from '../nftables/set.js'
import { commentRecord, recordsOf, userdataOf } from '../nftables/userdata.js'
import { Made } from './made.js'
import { addOwnTable, chainQuestion, OWN } from './own-table.js'
import { askWithGeneration, attempt, type Plan, settle, withRuleset } from './settle.js'

/** What a verb made; the chain keeps it in its user data. */
export interface Described {
  readonly verb: string
  readonly name: string
}

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

/** The record of a chain's user data that says what it was made of, in JSON; nft(8) passes over it. */
const DESCRIPTION = 0x41
/** NFT_USERDATA_MAXLEN, and what a record has around its value. */
const MAX_DESCRIPTION = 255

export function chainName({ verb, name }: Described): string {
  return `${verb}-${name}`
}

/** Throws RangeError for more than the kernel keeps with a chain. */
function userdata(described: Described): Uint8Array {
  const { verb, name, ...rest } = described
  const value = new TextEncoder().encode(JSON.stringify({ verb, name, ...rest }))
  const records = userdataOf([commentRecord('netlink-ts'), { type: DESCRIPTION, value }])
  if (value.length > MAX_DESCRIPTION || records.length > MAX_DESCRIPTION + 1)
    throw new RangeError(
      `${verb}: the options are too long to be kept with the chain, by ${records.length - MAX_DESCRIPTION - 1} bytes; make it several`,
    )
  return records
}

/** What a chain of the own table was made of; null for one that no verb made. */
export function describedBy({ userdata: kept }: NftChain): Described | null {
  const record = recordsOf(kept ?? new Uint8Array()).find(({ type }) => type === DESCRIPTION)
  return record === undefined ? null : (JSON.parse(new TextDecoder().decode(record.value)) as Described)
}

function put<D extends Described>(tx: Transaction, chain: OwnChain<D>, replaces: boolean): void {
  const { described, type, hook, priority, rules, sets = [] } = chain
  const name = chainName(described)
  addOwnTable(tx)
  for (const one of sets) tx.addSet(one)
  if (replaces) tx.deleteChain({ name, ...OWN })
  tx.createChain({ name, type, hook, priority, userdata: userdata(described), ...OWN })
  for (const rule of rules) tx.addRule({ chain: name, rule, ...OWN })
}

/** Makes the chain, or puts it in the place of one of its name that is not the same. */
export function* putChain<D extends Described>(
  chain: OwnChain<D>,
  netns: NetnsLike | undefined,
): Operation<Made<D>> {
  const { described } = chain
  const tag = userdata(described)
  const look = (channel: Channel) => replacement(channel, chain, tag)
  yield* withPlace(netns, (open) => withRuleset(open, (channel) => settle(channel, look)))
  return madeChain(described, netns)
}

/** Nothing, where the chain is there as it is to be: `tag` is its user data. */
function* replacement<D extends Described>(
  channel: Channel,
  chain: OwnChain<D>,
  tag: Uint8Array,
): Operation<Plan> {
  const question = chainQuestion(chainName(chain.described))
  const { generation, answers } = yield* askWithGeneration(channel, [question])
  const found = answers[0]!
  const same = found !== null && found.use === chain.rules.length && sameBytes(found.userdata, tag)
  return { generation, record: same ? null : (tx) => put(tx, chain, found !== null) }
}

/** A chain with what withdraws it. */
export function madeChain<D extends Described>(described: D, netns: NetnsLike | undefined): Made<D> {
  return new Made(described, () =>
    withPlace(netns, (open) =>
      withRuleset(open, function* (channel) {
        const error = yield* attempt(channel, (tx) => tx.deleteChain({ name: chainName(described), ...OWN }))
        if (error !== null && error.code !== 'ENOENT') throw error
      }),
    ),
  )
}

function sameBytes(a: Uint8Array | null, b: Uint8Array): boolean {
  return a?.length === b.length && b.every((byte, i) => byte === a[i])
}
