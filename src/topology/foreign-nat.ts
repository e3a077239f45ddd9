/** Entries of `nat` that have a name of a topology and are not the topology's. */

import type { NatEntry } from '../nat/list-nat.js'
import type { Operation } from '../netlink/operation.js'
import { TopologyError, taken } from './error.js'
import { type Holder, holdersBeside, nameAdvice, type Taker, whose } from './holder.js'
import { journalNamesNaming } from './journal-files.js'
import { type NatModel, natMatches } from './nat.js'
import { HOST, type Place } from './network.js'

/**
 * The error for the first, if any, in the process's own namespace. What is made takes the place of all that has its name, so that a name is
 * the topology's whose record has it, also where somebody flushed the entry. Two may have one, by two journals that were put together: then
 * what is there is of the one that says the same. A plan alone (`isPlan`) passes over what is of no topology.
 */
export function* foreignNat(
  call: string,
  { nat }: Place,
  owned: Place | undefined,
  found: readonly NatEntry[],
  taker: Taker,
  isPlan = false,
): Operation<TopologyError | null> {
  let holders: readonly Holder[] | null = null
  for (const { path, value } of nat) {
    const there = found.filter((one) => hasName(one, value))
    const own = owned?.nat.filter((one) => hasName(one.value, value)) ?? []
    const isThere = (one: NatModel) => there.some((entry) => natMatches(one, entry))
    if (own.length > 0 && (there.length === 0 || own.some((one) => isThere(one.value)))) continue
    // Those that have a name of some entry.
    holders ??= yield* holdersBeside(
      taker,
      true,
      journalNamesNaming(
        taker.directory,
        nat.map((one) => one.value),
      ),
    )
    const holder = holderOf(holders, value, own.length > 0 ? isThere : undefined)
    if (there.length > 0 && (holder !== undefined || (own.length === 0 && !isPlan)))
      return taken(call, path, wordsOf(value), whose(taker, holder))
    if (there.length === 0 && holder !== undefined) return flushed(call, path, value, taker, holder)
  }
  return null
}

/** Nothing is there, but it would be in the way of what has the name. */
function flushed(
  call: string,
  path: string,
  value: NatModel,
  taker: Taker,
  { name, isHalf }: Holder,
): TopologyError {
  const advice = isHalf ? ', and was left half-made: recoverTopologies() comes first' : ''
  const text = `the topology '${name}' has ${wordsOf(value)}, which is not there now${advice}${nameAdvice(taker, name)}`
  return new TopologyError({ call, path, code: 'EEXIST', text })
}

function holderOf(
  holders: readonly Holder[],
  value: NatModel,
  isIt: (one: NatModel) => boolean = () => true,
): Holder | undefined {
  return holders.find(({ network }) =>
    network.places.get(HOST)!.nat.some((one) => hasName(one.value, value) && isIt(one.value)),
  )
}

function hasName(one: { readonly verb: string; readonly name?: string }, { verb, name }: NatModel): boolean {
  return one.verb === verb && one.name === name
}

function wordsOf({ verb, name }: NatModel): string {
  return `a ${verb}() of the name '${name}'`
}
