/** What errors of rules that change sets mean, and of expressions that elements have: nft_dynset_init() and nft_set_elem_expr_alloc() of net/netfilter. */

import type { Expression } from './expression.js'
import { setNameOf } from './references.js'

interface Named {
  readonly name?: string | undefined
}
interface Own {
  readonly expr?: Named | undefined
  readonly expressions?: { readonly elem?: readonly Named[] | undefined } | undefined
}
interface Given extends Own {
  readonly op?: unknown
  readonly sregData?: unknown
  readonly timeout?: unknown
}

/** NFT_SET_EXPR_MAX */
export const TOO_MANY = 'an element has two expressions of its own at most'
/** Expressions of the kind NFT_EXPR_GC are not beside NFT_SET_TIMEOUT, nor in sets without gc_init (net/netfilter/nft_set_hash.c, nft_set_bitmap.c). */
export const NO_LIMIT_HERE =
  "elements have no connection limit of their own in sets with the flag 'timeout', nor in those with a size, or with keys of one or two bytes, that have neither the flag 'dynamic' nor 'interval'"

const OTHER_EXPRESSIONS = 'has other expressions for all its elements'

/** What it means for an element with expressions of its own; undefined for another error, and one without them. */
export function elementMeaning(code: string, element: Own): string | undefined {
  const own = expressionsOf(element)
  if (own.length === 0) return undefined
  if (code === 'E2BIG') return TOO_MANY
  if (code !== 'EOPNOTSUPP') return undefined
  return `the set ${OTHER_EXPRESSIONS}${own.some(limits) ? `, or ${NO_LIMIT_HERE}` : ''}`
}

/** What it means for an expression 'dynset'; undefined for another error. */
export function dynamicMeaning(code: string, expression: Expression): string | undefined {
  const set = `set '${setNameOf(expression)}'`
  const given = (expression.data instanceof Uint8Array ? {} : (expression.data ?? {})) as Given
  const own = expressionsOf(given)
  const hasValue = given.sregData !== undefined
  const reasons: string[] = []
  switch (code) {
    case 'E2BIG':
      return TOO_MANY
    case 'EBUSY':
      return `${set} has the flag 'constant'`
    case 'EOPNOTSUPP':
      if (own.length > 0) reasons.push(OTHER_EXPRESSIONS)
      if (hasValue) reasons.push('is no map of values')
      reasons.push(
        `lacks the flag 'dynamic'${timed(given) ? ", or 'timeout' for elements with a timeout" : ''}`,
      )
      return `${set} ${reasons.join(', or ')}${own.some(limits) ? `, or ${NO_LIMIT_HERE}` : ''}`
    case 'EINVAL':
      if (own.length > 0) reasons.push("lacks the flag 'dynamic', without which elements have no expressions")
      if (!hasValue && given.op !== 'delete') reasons.push('is a map, and the element has no value')
      return `${set} ${[...reasons, OTHER_TYPES].join(', or ')}`
    default:
      return undefined
  }
}

export const OTHER_TYPES = 'is of other types than what the rule has for it'

const timed = ({ op, timeout }: Given) => timeout !== undefined || op === 'update'
const limits = ({ name }: Named) => name === 'connlimit'

function expressionsOf({ expr, expressions }: Own): readonly Named[] {
  return expressions?.elem ?? (expr === undefined ? [] : [expr])
}
