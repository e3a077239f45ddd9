/** How a caller names a kind: one of the registry by `kind`, any by `rawKind` and its bytes. */

import { show } from '../../codec/fault.js'
import { findKind } from './kinds/index.js'
import type { Kind } from './kinds/kind.js'

/** The kind of a link that is made or changed. */
export interface NamedKind {
  readonly name: string
  /** Undefined where it was named by `rawKind`. */
  readonly known: Kind | undefined
  /** IFLA_INFO_DATA of such a kind; null for none. */
  readonly data: Uint8Array | null
  /** What may be given because of the kind; the other way to name one as undefined. */
  readonly options: readonly string[]
}

/** Throws for a kind that is not known, or is not named. */
export function namedKind(call: string, options: object): NamedKind {
  const { kind, rawKind, data } = options as { kind?: unknown; rawKind?: unknown; data?: unknown }
  if (rawKind === undefined) {
    const known = findKind(kind as string)
    if (known === undefined)
      throw new TypeError(
        `${call}: kind: ${show(kind)} is not a kind of link such as 'bridge'; one that is not known here is named by rawKind, and its attributes are given as bytes`,
      )
    checkOtherNames(call, known, options)
    return { name: known.name, known, data: null, options: ['kind', 'rawKind', ...known.options] }
  }
  if (typeof rawKind !== 'string' || rawKind === '')
    throw new TypeError(`${call}: rawKind: ${show(rawKind)} is not a kind of link such as 'ppp'`)
  if (data !== null && !(data instanceof Uint8Array))
    throw new TypeError(
      `${call}: data: ${show(data)} is neither the attributes of a link of kind '${rawKind}', as bytes, nor null`,
    )
  const own = kind === undefined ? ['kind', 'rawKind', 'data'] : ['rawKind', 'data']
  return { name: rawKind, known: undefined, data, options: own }
}

/** Instead of the list of all that it has, in which the right name would have to be guessed. */
function checkOtherNames(call: string, { name, otherwise = {} }: Kind, options: object): void {
  for (const option of Object.keys(options))
    if (Object.hasOwn(otherwise, option))
      throw new TypeError(`${call}: unknown option '${option}' of kind '${name}': ${otherwise[option]}`)
}
