/** Reads the ruleset. */

import type { OneOf } from '../codec/index.js'
import type { CallOptions } from '../netlink/call.js'
import { CALL_OPTIONS, checkBoolean, checkKeys } from '../netlink/check.js'
import { DumpInterruptedError } from '../netlink/errors.js'
import { withNetfilter } from '../netlink/netfilter.js'
import { type Channel, items, type Operation, requestOne } from '../netlink/operation.js'
import type { NftChain } from './chain.js'
import {
  chainsIn,
  elementsIn,
  elementsRequest,
  flowtablesIn,
  objectsIn,
  rulesIn,
  setsIn,
  tablesIn,
} from './dumps.js'
import type { NftElement, NftElementFilter } from './element.js'
import type { NftFlowtable } from './flowtable.js'
import { askGeneration } from './generation.js'
import { type Place, setRequest } from './get-set.js'
import { checkHandle, checkName, familyNumber, oneOf } from './input.js'
import { getElements } from './messages.js'
import { type NftFamily, type ObjectType, objectTypes } from './names.js'
import type { NftObject } from './object.js'
import type { NftRule } from './rule.js'
import type { NftSet } from './set.js'
import type { NftTable } from './table.js'

/** Which: whatever is given must hold. */
export interface NftFilter extends CallOptions {
  family?: OneOf<NftFamily> | undefined
  table?: string | undefined
  /** With family and table the kernel looks for this one alone. */
  name?: string | undefined
}

/** Which tables. */
export type NftTableFilter = Omit<NftFilter, 'table'>

/** Which rules. */
export interface NftRuleFilter extends Omit<NftFilter, 'name'> {
  chain?: string | undefined
  /** With family, table and chain the kernel looks for this one alone. */
  handle?: number | undefined
  /** Set counters and quotas back to zero as they are read (Linux 6.2). It needs the family with a table, a table with a chain. */
  reset?: boolean | undefined
}

/** Which objects. */
export interface NftObjectFilter extends NftFilter {
  type?: OneOf<ObjectType> | undefined
  /** Set counters and quotas back to zero as they are read. With `name` it needs family, table and type. */
  reset?: boolean | undefined
}

/** The kernel sets back all that it reads, so that it has to know what is wanted: what is given needs all that comes before it. */
function checkReset(options: object, path: readonly string[]): void {
  const given = path.map((key) => options[key as keyof typeof options] !== undefined)
  const missing = path.find((_, i) => !given[i] && given.lastIndexOf(true) > i)
  if (missing !== undefined) throw new TypeError(`reset: it needs ${missing}, too`)
}

function filterOf(
  call: string,
  options: Pick<NftFilter, 'family'> & { table?: string | undefined; name?: string | undefined },
  keys: readonly string[],
): { family: number; table: string | undefined; name: string | undefined } {
  checkKeys(call, options, ['family', ...keys, ...CALL_OPTIONS])
  const { family, table, name } = options
  return {
    family: family === undefined ? 0 : familyNumber(family),
    table: table === undefined ? undefined : checkName(table, 'table'),
    name: name === undefined ? undefined : checkName(name, 'name'),
  }
}

/**
 * Lists tables.
 *
 * @throws RangeError or TypeError naming the option
 * @see nft(8), linux/netfilter/nf_tables.h
 * @example const tables = await listTables({ family: 'inet' })
 */
export function* listTables(options: NftTableFilter = {}): Operation<NftTable[]> {
  const { family, name } = filterOf('listTables', options, ['name'])
  return yield* withNetfilter(options.netns, (channel) => tablesIn(channel, family, name))
}

/**
 * Lists chains, those without a name that belong to rules too (flag 'binding'): these come and go with their rules, see listRuleset().
 *
 * @throws RangeError or TypeError naming the option
 * @see nft(8), linux/netfilter/nf_tables.h
 * @example const chains = await listChains({ family: 'inet', table: 'filter' })
 */
export function* listChains(options: NftFilter = {}): Operation<NftChain[]> {
  const { family, table, name } = filterOf('listChains', options, ['table', 'name'])
  return yield* withNetfilter(options.netns, (channel) => chainsIn(channel, family, table, name))
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
  const keys = ['table', 'chain', 'handle', 'reset']
  const { family, table } = filterOf('listRules', options, keys)
  const { chain, handle, reset = false } = options
  if (chain !== undefined) checkName(chain, 'chain')
  if (handle !== undefined) checkHandle(handle)
  checkBoolean(reset, 'reset')
  if (reset) checkReset(options, ['family', 'table', 'chain', 'handle'])
  return yield* withNetfilter(options.netns, (channel) =>
    rulesIn(channel, family, table, chain, handle, reset),
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
  const { family, table, name } = filterOf('listSets', options, ['table', 'name'])
  return yield* withNetfilter(options.netns, (channel) => setsIn(channel, family, table, name))
}

/**
 * Lists the elements of a set or map, all of one state: where any program commits while they are read they are read again, since the kernel's
 * dump would lack some then if it was this set that changed, or have intervals that end elsewhere, and does not say so. Two readings in a
 * row that tell the same say that it was another. With `reset` they are read once: what was read is told.
 *
 * @throws RangeError or TypeError naming the option; NetlinkError ENOENT where there is no such set; DumpInterruptedError where they changed
 * each of twenty times, in whose `values` is what was read last
 * @see nft(8), linux/netfilter/nf_tables.h
 * @example const elements = await listElements({ family: 'inet', table: 'filter', set: 'allowed' })
 */
export function* listElements(options: NftElementFilter): Operation<NftElement[]> {
  checkKeys('listElements', options, ['family', 'table', 'set', 'reset', ...CALL_OPTIONS])
  const place = placeOf(options)
  const reset = checkBoolean(options.reset ?? false, 'reset')
  return yield* withNetfilter(options.netns, (channel) =>
    reset ? readElements(channel, place, true) : elementsOfOneState(channel, place),
  )
}

function* readElements(channel: Channel, place: Place, reset = false): Operation<NftElement[]> {
  const set = yield* requestOne(channel, setRequest(place))
  return yield* elementsIn(channel, familyNumber(place.family), set, reset)
}

/** Of a large set and many commits it is as many dumps, each as long as the kernel takes for it. */
const MAX_ATTEMPTS = 20

function* elementsOfOneState(channel: Channel, place: Place): Operation<NftElement[]> {
  let before: string | undefined
  for (let attempt = 1; ; attempt++) {
    const generation = yield* askGeneration(channel)
    const { elements, isWhole } = yield* attempted(readElements(channel, place))
    if (isWhole) {
      if ((yield* askGeneration(channel)) === generation) return elements
      const now = JSON.stringify(elements.map(({ key, value, object }) => [key, value, object]))
      if (now === before) return elements
      before = now
    }
    if (attempt === MAX_ATTEMPTS) throw new DumpInterruptedError(getElements.name, attempt, elements)
  }
}

/** What was read, be it that the kernel or the order of intervals tells of a change meanwhile. */
function* attempted(read: Operation<NftElement[]>): Operation<{ elements: NftElement[]; isWhole: boolean }> {
  try {
    return { elements: yield* read, isWhole: true }
  } catch (error) {
    if (!(error instanceof DumpInterruptedError)) throw error
    return { elements: error.values as NftElement[], isWhole: false }
  }
}

/** The elements of a set as they come, for a stream: none is kept. That they were of several states is told behind the last. */
export function* elementsAsTheyCome(options: Omit<NftElementFilter, 'reset'>): Operation<NftElement[]> {
  checkKeys('streamElements', options, ['family', 'table', 'set', ...CALL_OPTIONS])
  const place = placeOf(options)
  return yield* withNetfilter(options.netns, function* (channel) {
    const generation = yield* askGeneration(channel)
    const set = yield* requestOne(channel, setRequest(place))
    const elements = yield* items(channel, elementsRequest(familyNumber(place.family), set))
    if ((yield* askGeneration(channel)) !== generation)
      throw new DumpInterruptedError(getElements.name, 1, elements)
    return elements
  })
}

function placeOf({ family, table, set }: NftElementFilter): Place {
  familyNumber(family)
  return { family, table: checkName(table, 'table'), name: checkName(set, 'set') }
}

/**
 * Lists stateful objects: counters, quotas, limits and the like.
 *
 * @throws RangeError or TypeError naming the option
 * @see nft(8), linux/netfilter/nf_tables.h
 * @example const counters = await listObjects({ family: 'inet', table: 'filter', type: 'counter' })
 */
export function* listObjects(options: NftObjectFilter = {}): Operation<NftObject[]> {
  const { family, table, name } = filterOf('listObjects', options, ['table', 'name', 'type', 'reset'])
  const { type, reset = false } = options
  checkBoolean(reset, 'reset')
  if (reset && name !== undefined) checkReset(options, ['family', 'table', 'type', 'name'])
  const number = type === undefined ? undefined : oneOf(objectTypes, type, 'type')
  return yield* withNetfilter(options.netns, (channel) =>
    objectsIn(channel, family, table, number, name, reset),
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
  const { family, table, name } = filterOf('listFlowtables', options, ['table', 'name'])
  return yield* withNetfilter(options.netns, (channel) => flowtablesIn(channel, family, table, name))
}

/**
 * The number of the ruleset's state, which every commit of any program raises.
 *
 * @throws TypeError for options that do not exist; NetlinkError EPERM without CAP_NET_ADMIN
 * @see nft(8), linux/netfilter/nf_tables.h
 * @example const before = await getGeneration()
 */
export function* getGeneration(options: CallOptions = {}): Operation<number> {
  checkKeys('getGeneration', options, CALL_OPTIONS)
  return yield* withNetfilter(options.netns, askGeneration)
}
