/** Whether sets hold what rules look up in them, and add to them. */

import { type Datatype, datatypes } from '../datatypes.js'
import { lengthOf } from '../set-shape.js'
import type { Located, Mapped } from './set-ref.js'
import type { Source } from './source.js'

/** Throws TypeError where a set has keys of other types than a rule has for them: the kernel takes bytes of any meaning. */
export function checkKeyTypes(sources: readonly Source[], { set, shape }: Located): void {
  if (shape === undefined) return
  const { key, keyLength } = shape
  const types = sources.map(({ type }) => type)
  const name = sources.map((source) => source.name).join(' . ')
  if (key !== null) sameTypes(types, key, `${name}: it is`, `set '${set}' has keys`)
  else if (keyLength !== undefined && keyLength !== lengthOf(types))
    throw new TypeError(
      `${name}: it is of type ${nameOf(types)}, and set '${set}' has keys of ${keyLength} bytes`,
    )
}

/** Throws TypeError where a map has values of other types than what they are for. */
export function checkValueTypes(types: readonly Datatype[], { set, shape }: Located, what: string): void {
  if (Array.isArray(shape?.data)) sameTypes(types, shape.data, what, `map '${set}' has values`)
  const length = lengthOf(types)
  // Twice as many bytes are from and to.
  if (shape?.dataLength !== undefined && ![length, 2 * length].includes(shape.dataLength))
    throw new TypeError(
      `${what} of type ${nameOf(types)}, and map '${set}' has values of ${shape.dataLength} bytes`,
    )
}

/** Throws TypeError where an expression gives other types than those that are needed; where nobody has said its types nothing is known. */
export function checkGiven(given: readonly Datatype[], needed: readonly Datatype[], field: string): void {
  if (given.length > 0) sameTypes(needed, given, `${field}: it is for values`, 'what it gets is')
}

/** Throws TypeError where an expression gives from and to, and one value is needed. */
export function checkSingle({ ranges }: Mapped, field: string): void {
  if (ranges !== null) throw new TypeError(`${field}: the map has ${ranges}, not values`)
}

/** Types of as many bytes in the same order are taken for one another, as ports and integers can be. */
function sameTypes(
  types: readonly Datatype[],
  others: readonly Datatype[],
  what: string,
  other: string,
): void {
  const same = ({ size, order }: Datatype, i: number) =>
    size === others[i]?.size && order === others[i]?.order
  if (types.length === others.length && types.every(same)) return
  throw new TypeError(
    `${what} of type ${nameOf(types)}, and ${other} of type ${nameOf(others)}${types.map(likeOf).join('')}`,
  )
}

/** For a type that sets cannot have: those that are taken for it. */
function likeOf({ name, size, order }: Datatype): string {
  if (name in datatypes) return ''
  const like = Object.values(datatypes).filter((one) => one.size === size && one.order === order)
  return like.length === 0 ? '' : `; for ${name} a set can have ${like.map((one) => one.name).join(', ')}`
}

function nameOf(types: readonly Datatype[]): string {
  return types.map(({ name, size }) => (name === 'integer' ? `integer (${8 * size} bits)` : name)).join(' . ')
}
