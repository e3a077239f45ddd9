/** Types that hold attributes: nested sets, lists, and sets chosen by a sibling. */

import { align } from './bytes.js'
import { Fault, wrongType } from './fault.js'
import type { Fields, Infer, Table } from './table.js'
import { attributeLength, attributes, decodeAttributes, encodeAttributes } from './table.js'
import { bytes as rawBytes } from './text.js'
import type { Siblings, Type } from './type.js'

/** An attribute that holds a set of attributes. */
export function nested<F extends Fields>(table: Table<F>): Type<Infer<Table<F>>> {
  return {
    label: 'nested',
    size: 0,
    encode: (out, value) => encodeAttributes(table, out, value as Siblings),
    decode: (bytes, start, end) => decodeAttributes(table, bytes, start, end),
    inner: () => table,
  }
}

/** The same attribute with NLA_F_NESTED set, where the kernel or iproute2 wants it. */
export function flagged<T>(type: Type<T>): Type<T> {
  return { ...type, flagged: true }
}

/** An attribute that comes once for each element. */
export function repeated<T>(element: Type<T>): Type<readonly T[]> {
  // The table's encoder and decoder call the element's functions; the array is theirs.
  return { ...element, repeated: true } as Type<unknown> as Type<readonly T[]>
}

/** A nested list: the elements are attributes numbered 1, 2, 3 … (or all `number`). */
export function array<T>(element: Type<T>, number?: number): Type<readonly T[]> {
  const table = attributes('list', number === undefined ? {} : { element: [number, element] })
  return {
    label: 'array',
    size: 0,
    encode(out, value, siblings) {
      if (!Array.isArray(value)) throw wrongType(value, 'an array')
      ;(value as readonly T[]).forEach((item, index) => {
        const at = out.open(number ?? index + 1)
        inElement(index, () => element.encode(out, item, siblings))
        if (!out.close(at)) throw new Fault('range', 'too long for an attribute').within(`[${index}]`)
      })
    },
    decode(bytes, start, end, siblings) {
      const list: T[] = []
      for (let at = start; at < end; ) {
        const length = attributeLength(bytes, at, end)
        const payload = at + 4
        inElement(list.length, () =>
          list.push(element.decode(bytes, payload, payload + length - 4, siblings)),
        )
        at += align(length)
      }
      return list
    },
    inner: () => table,
  }
}

function inElement(index: number, work: () => void): void {
  try {
    work()
  } catch (error) {
    throw error instanceof Fault ? error.within(`[${index}]`) : error
  }
}

/** What a value of a chosen set may be: its attributes, or bytes where no table is known. */
export type Chosen = object | Uint8Array

/**
 * A set that the sibling `by` chooses, as IFLA_INFO_DATA is chosen by IFLA_INFO_KIND. A choice that `tables` does not
 * have is bytes in both directions.
 */
export function selected(by: string, tables: (choice: string) => Table | undefined): Type<Chosen> {
  const choose = (siblings: Siblings) => {
    const choice = siblings[by]
    return typeof choice === 'string' ? tables(choice) : undefined
  }
  return {
    label: 'selected',
    size: 0,
    encode(out, value, siblings) {
      const table = choose(siblings)
      if (value instanceof Uint8Array) rawBytes.encode(out, value, siblings)
      else if (table === undefined)
        throw wrongType(value, `a Uint8Array (${by} '${String(siblings[by])}' has no table)`)
      else encodeAttributes(table, out, value as Siblings)
    },
    decode(bytes, start, end, siblings) {
      const table = choose(siblings)
      return table === undefined ? bytes.slice(start, end) : decodeAttributes(table, bytes, start, end)
    },
    inner: (siblings) => choose(siblings) ?? null,
  }
}
