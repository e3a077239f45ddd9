/** Entries of `nat` that have a name of a topology and are not the topology's. */

import type { NatEntry } from '../nat/list-nat.js'
import type { Operation } from '../netlink/operation.js'
import { type TopologyError, taken } from './error.js'
import { type Holder, holdersBeside, type Taker, whose } from './holder.js'
import { type NatModel, natMatches } from './nat.js'
import { HOST, type Item, type Place } from './network.js'

/**
 * The error for the first, if any, in the process's own namespace. What is made takes the place of all that has its name, so that a name is
 * the topology's whose record has it, also where somebody flushed what was made of it. Two may have one, where the second was made after
 * that: then what is there is of the one that says the same.
 */
export function* foreignNat(
  call: string,
  { nat }: Place,
  owned: Place | undefined,
  found: readonly NatEntry[],
  taker: Taker,
): Operation<TopologyError | null> {
  let holders: readonly Holder[] | null = null
  for (const { path, value } of nat) {
    const there = found.filter((one) => hasName(one, value))
    const own = owned?.nat.filter((one) => hasName(one.value, value)) ?? []
    const isThere = (item: Item<NatModel>) => there.some((one) => natMatches(item.value, one))
    if (own.length > 0 && (there.length === 0 || own.some(isThere))) continue
    holders ??= yield* natHolders(taker, nat)
    const holder = holders.find(({ network }) =>
      network.places
        .get(HOST)!
        .nat.some((one) => hasName(one.value, value) && (own.length === 0 || isThere(one))),
    )
    if (holder === undefined && (own.length > 0 || there.length === 0)) continue
    return taken(call, path, wordsOf(value, there.length === 0), whose(taker, holder))
  }
  return null
}

/**
 * Those that have a name of some entries, as far as they have begun them: what takes back an entry has its name, whether or not the value
 * has it. To parse all the others' records takes far longer than to look for the names in them.
 */
function* natHolders(taker: Taker, nat: readonly Item<NatModel>[]): Operation<Holder[]> {
  const names = nat.map(({ value: { name } }) => `"name":${JSON.stringify(name)}`)
  return yield* holdersBeside(taker, true, (text) => names.some((name) => text.includes(name)))
}

type Named = Pick<NatModel, 'name'> & { readonly verb: string }

function hasName(one: { readonly verb: string; readonly name?: string }, { verb, name }: Named): boolean {
  return one.verb === verb && one.name === name
}

function wordsOf({ verb, name }: Named, isFlushed: boolean): string {
  return `a ${isFlushed ? 'flushed ' : ''}${verb}() of the name '${name}'`
}
