/** Reads the ruleset. */

import { decodeBody, type OneOf } from '../codec/index.js'
import type { CallOptions } from '../netlink/call.js'
import { CALL_OPTIONS, checkBoolean, checkKeys } from '../netlink/check.js'
import { NETLINK_NETFILTER } from '../netlink/netfilter.js'
import { type Operation, requestOne, withChannel } from '../netlink/operation.js'
import type { NftChain } from './chain.js'
import { chainsIn, elementsIn, flowtablesIn, objectsIn, rulesIn, setsIn, tablesIn } from './dumps.js'
import type { NftElement } from './element.js'
import type { NftFlowtable } from './flowtable.js'
import { askGeneration } from './generation.js'
import { checkName, familyNumber, oneOf } from './input.js'
import * as m from './messages.js'
import { type NftFamily, type ObjectType, objectTypes } from './names.js'
import type { NftObject } from './object.js'
import type { NftRule } from './rule.js'
import { type NftSet, setOf } from './set.js'
import type { NftTable } from './table.js'

/** Which: whatever is given must hold. */
export interface NftFilter extends CallOptions {
  family?: OneOf<NftFamily> | undefined
  table?: string | undefined
}

/** Which rules. */
export interface NftRuleFilter extends NftFilter {
  chain?: string | undefined
}

/** Which objects. */
export interface NftObjectFilter extends NftFilter {
  type?: OneOf<ObjectType> | undefined
  /** Set counters and quotas back to zero as they are read. */
  reset?: boolean | undefined
}

/** Which set's elements. */
export interface NftElementFilter extends CallOptions {
  family: OneOf<NftFamily>
  table: string
  set: string
}

function filterOf(
  call: string,
  options: NftFilter,
  keys: readonly string[] = [],
): { family: number; table?: string } {
  checkKeys(call, options, ['family', 'table', ...keys, ...CALL_OPTIONS])
  const { family, table } = options
  return {
    family: family === undefined ? 0 : familyNumber(family),
    ...(table !== undefined && { table: checkName(table, 'table') }),
  }
}

/**
 * Lists tables.
 *
 * @throws RangeError or TypeError naming the option
 * @see nft(8), linux/netfilter/nf_tables.h
 * @example const tables = await listTables({ family: 'inet' })
 */
export function* listTables(options: Omit<NftFilter, 'table'> = {}): Operation<NftTable[]> {
  const { family } = filterOf('listTables', options)
  return yield* withChannel(options.netns, (channel) => tablesIn(channel, family), NETLINK_NETFILTER)
}

/**
 * Lists chains, those without a name that belong to rules too (flag 'binding'): these come and go with their rules, see listRuleset().
 *
 * @throws RangeError or TypeError naming the option
 * @see nft(8), linux/netfilter/nf_tables.h
 * @example const chains = await listChains({ family: 'inet', table: 'filter' })
 */
export function* listChains(options: NftFilter = {}): Operation<NftChain[]> {
  const { family, table } = filterOf('listChains', options)
  return yield* withChannel(options.netns, (channel) => chainsIn(channel, family, table), NETLINK_NETFILTER)
}

/**
 * Lists rules, each chain's in their order. To add one that has anonymous sets or chains of its own, take it from listRuleset(), which has
 * them too.
 *
 * @throws RangeError or TypeError naming the option
 * @see nft(8), linux/netfilter/nf_tables.h
 * @example const rules = await listRules({ family: 'inet', table: 'filter', chain: 'input' })
 */
export function* listRules(options: NftRuleFilter = {}): Operation<NftRule[]> {
  const { family, table } = filterOf('listRules', options, ['chain'])
  const { chain } = options
  if (chain !== undefined) checkName(chain, 'chain')
  return yield* withChannel(
    options.netns,
    (channel) => rulesIn(channel, family, table, chain),
    NETLINK_NETFILTER,
  )
}

/**
 * Lists sets and maps, anonymous ones of rules too, without their elements.
 *
 * @throws RangeError or TypeError naming the option
 * @see nft(8), linux/netfilter/nf_tables.h
 * @example const sets = await listSets({ family: 'inet', table: 'filter' })
 */
export function* listSets(options: NftFilter = {}): Operation<NftSet[]> {
  const { family, table } = filterOf('listSets', options)
  return yield* withChannel(options.netns, (channel) => setsIn(channel, family, table), NETLINK_NETFILTER)
}

/**
 * Lists the elements of a set or map.
 *
 * @throws RangeError or TypeError naming the option; NetlinkError ENOENT where there is no such set
 * @see nft(8), linux/netfilter/nf_tables.h
 * @example const elements = await listElements({ family: 'inet', table: 'filter', set: 'allowed' })
 */
export function* listElements(options: NftElementFilter): Operation<NftElement[]> {
  checkKeys('listElements', options, ['family', 'table', 'set', ...CALL_OPTIONS])
  const family = familyNumber(options.family)
  const table = checkName(options.table, 'table')
  const name = checkName(options.set, 'set')
  return yield* withChannel(
    options.netns,
    function* (channel) {
      const set = yield* requestOne(channel, {
        message: m.getSet,
        body: { header: { family }, attributes: { table, name } },
        flags: 0,
        answer: 'reply',
        subject: `set '${name}' of table ${String(options.family)} '${table}'`,
        read: (bytes, start, end) => setOf(decodeBody(m.newSet, bytes, start, end)),
      })
      return yield* elementsIn(channel, family, set)
    },
    NETLINK_NETFILTER,
  )
}

/**
 * Lists stateful objects: counters, quotas, limits and the like.
 *
 * @throws RangeError or TypeError naming the option
 * @see nft(8), linux/netfilter/nf_tables.h
 * @example const counters = await listObjects({ family: 'inet', table: 'filter', type: 'counter' })
 */
export function* listObjects(options: NftObjectFilter = {}): Operation<NftObject[]> {
  const { family, table } = filterOf('listObjects', options, ['type', 'reset'])
  const { type, reset = false } = options
  checkBoolean(reset, 'reset')
  const number = type === undefined ? undefined : oneOf(objectTypes, type, 'type')
  return yield* withChannel(
    options.netns,
    (channel) => objectsIn(channel, family, table, number, reset),
    NETLINK_NETFILTER,
  )
}

/**
 * Lists flowtables.
 *
 * @throws RangeError or TypeError naming the option
 * @see nft(8), linux/netfilter/nf_tables.h
 * @example const flowtables = await listFlowtables({ family: 'inet' })
 */
export function* listFlowtables(options: NftFilter = {}): Operation<NftFlowtable[]> {
  const { family, table } = filterOf('listFlowtables', options)
  return yield* withChannel(
    options.netns,
    (channel) => flowtablesIn(channel, family, table),
    NETLINK_NETFILTER,
  )
}

/**
 * The number of the ruleset's state, which every commit of any program raises.
 *
 * @see nft(8), linux/netfilter/nf_tables.h
 * @example const before = await getGeneration()
 */
export function* getGeneration(options: CallOptions = {}): Operation<number> {
  checkKeys('getGeneration', options, CALL_OPTIONS)
  return yield* withChannel(options.netns, askGeneration, NETLINK_NETFILTER)
}
