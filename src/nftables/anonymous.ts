/** Anonymous sets and binding chains: what has no name of its own and is made with the rule that refers to it. */

import { NLM_F_CREATE } from '../netlink/constants.js'
import type { Request } from '../netlink/request.js'
import { anonymousName } from './anonymous-set.js'
import { change } from './change.js'
import { withoutMetEnds } from './element.js'
import { addElements } from './element-request.js'
import type { Expression } from './expression.js'
import { Keys } from './keys.js'
import { newChain } from './messages.js'
import { families } from './names.js'
import { chainNameOf, setNameOf, withChain, withSet } from './references.js'
import {
  type AnonymousChainInput,
  type AnonymousSetInput,
  checkRule,
  type NftRuleInput,
  putRule,
} from './rule.js'
import { shapeOfInput } from './set.js'
import { addSet, checkSet } from './set-request.js'
import { writtenElements } from './written-elements.js'

/** The table that the rule goes into, wherever it was listed, and what numbers the transaction has left. */
interface Into {
  readonly family: number
  readonly table: string
  readonly nextId: () => number
}

interface MadeSet {
  readonly name: string
  readonly id: number
}

/** The messages that make the anonymous sets and binding chains of a rule, and its expressions, which refer to them by their numbers. */
export function withAnonymous(
  { sets = [], chains = [], expressions = [] }: NftRuleInput,
  into: Into,
): { messages: Request[]; renamed: Expression[] } {
  const messages: Request[] = []
  const madeSets = new Map(sets.map((one) => [one.name, makeSet(messages, one, into)]))
  const madeChains = new Map(chains.map((one) => [one.name, makeChain(messages, one, into)]))
  const renamed = expressions.map((one) => {
    const set = madeSets.get(setNameOf(one) ?? '')
    const chain = madeChains.get(chainNameOf(one) ?? '')
    if (set !== undefined) return withSet(one, set.name, set.id)
    return chain === undefined ? one : withChain(one, chain)
  })
  return { messages, renamed }
}

function makeSet(
  messages: Request[],
  { elements, ...one }: AnonymousSetInput,
  { family, table, nextId }: Into,
): MadeSet {
  checkSet('addSet', one)
  const familyName = families.toName(family)
  const shape = shapeOfInput(one)
  // A meter is called what the rule calls it; the others the kernel numbers.
  const set = { name: one.flags?.includes('dynamic') ? one.name : anonymousName(shape), id: nextId() }
  const { raw: all } = writtenElements(shape, elements)
  const raw = all instanceof Keys ? all : withoutMetEnds(all)
  // A constant set is as large as what is in it, which may have been changed since it was listed.
  const size = one.flags?.includes('constant') ? raw.length : one.size
  messages.push(addSet({ ...one, family: familyName, table, name: set.name, size }, 'add', set.id))
  const input = { family: familyName, table, set: set.name, elements }
  // A meter can have none, and the kernel refuses a list of none.
  if (raw.length > 0) messages.push(...addElements(input, { raw }, 'add', set.id))
  return set
}

function makeChain(messages: Request[], { name, rules }: AnonymousChainInput, into: Into): number {
  const { family, table, nextId } = into
  const id = nextId()
  messages.push(anonymousChain(family, table, id))
  for (const one of rules) {
    if (one.rule !== undefined)
      throw new TypeError(`chain '${name}': its rules are in expressions; jump([rule(…)]) takes others`)
    checkRule(one, 'add')
    const made = withAnonymous(one, into)
    messages.push(
      ...made.messages,
      putRule({ ...one, family: families.toName(family), table }, made.renamed, 'add', id),
    )
  }
  return id
}

/** NFT_MSG_NEWCHAIN of a chain without a name, which goes with the rule that jumps to it (Linux 5.9). */
export function anonymousChain(family: number, table: string, id: number): Request {
  const subject = `chain of a rule of table ${families.toName(family)} '${table}'`
  return change(newChain, family, { table, id, flags: ['binding'] }, NLM_F_CREATE, subject)
}
