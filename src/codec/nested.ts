/** Types that hold attributes: nested sets, lists, and sets chosen by a sibling. */

import { align, copyOf } from './bytes.js'
import { attributeLength, decodeAttributes } from './decode.js'
import { encodeAttribute, encodeAttributes, encodeEach } from './encode.js'
import { located, show, wrongType } from './fault.js'
import type { Fields, Infer, Table } from './table.js'
import { fieldOf } from './table.js'
import type { Siblings, Type } from './type.js'

/**
 * An attribute that holds a set of attributes.
 *
 * @example
 * const table = attributes('IFLA', { linkinfo: [18, nested(attributes('IFLA_INFO', { kind: [1, text()] }))] })
 * const out = new Writer()
 * encodeAttributes(table, out, { linkinfo: { kind: 'ifb' } })
 * toHex(out.take()) // '0c0012000800010069666200'
 */
export function nested<F extends Fields>(table: Table<F>): Type<Infer<Table<F>>> {
  return {
    label: 'nested',
    size: 0,
    encode: (out, value) => encodeAttributes(table, out, value as Siblings),
    decode: (bytes, start, end) => decodeAttributes(table, bytes, start, end),
    inner: () => table,
  }
}

/**
 * The same attribute with NLA_F_NESTED set, where the kernel or iproute2 wants it.
 *
 * @example
 * const table = attributes('IFLA', { propList: [52, flagged(nested(attributes('IFLA', { altIfname: [53, u8] })))] })
 * const out = new Writer()
 * encodeAttributes(table, out, { propList: { altIfname: 7 } })
 * toHex(out.take()) // '0c0034800500350007000000'
 */
export function flagged<T>(type: Type<T>): Type<T> {
  return { ...type, flagged: true }
}

/**
 * An attribute that comes once for each element.
 *
 * @example
 * const table = attributes('IFLA_IPTUN', { port: [1, repeated(u8)] })
 * const out = new Writer()
 * encodeAttributes(table, out, { port: [7, 8] })
 * toHex(out.take()) // '05000100070000000500010008000000'
 */
export function repeated<T>(element: Type<T>): Type<readonly T[]> {
  // The table's encoder and decoder call the element's functions; the array is theirs.
  return { ...element, repeated: true } as Type<unknown> as Type<readonly T[]>
}

/**
 * A nested list: the elements are attributes numbered 1, 2, 3 … (or all `number`). On decode their order counts.
 *
 * @example
 * const table = attributes('CTRL_ATTR', { ops: [6, array(u8)] })
 * const out = new Writer()
 * encodeAttributes(table, out, { ops: [7, 8] })
 * toHex(out.take()) // '1400060005000100070000000500020008000000'
 */
export function array<T>(element: Type<T>, number?: number): Type<readonly T[]> {
  const table = listTable(element, number)
  return {
    label: 'array',
    size: 0,
    encode(out, value, siblings) {
      encodeEach(value, (item, index) =>
        encodeAttribute(out, number ?? index + 1, element, item as T, siblings),
      )
    },
    decode(bytes, start, end, siblings) {
      const list: T[] = []
      try {
        for (let at = start; at < end; ) {
          const length = attributeLength(bytes, at, end)
          if (length === 0) break
          list.push(element.decode(bytes, at + 4, at + length, siblings))
          at += align(length)
        }
      } catch (error) {
        throw located(error, `[${list.length}]`)
      }
      return list
    },
    inner: () => table,
  }
}

/** A list seen as a table, for those who walk through nested attributes: the fields are called '[0]', '[1]' … */
function listTable(element: Type<unknown>, number: number | undefined): Table {
  return {
    name: 'list',
    fields: {},
    field: {},
    size: 0,
    newValue: () => ({}),
    byName: () => undefined,
    byNumber: (n) => fieldOf(number === undefined ? `[${n - 1}]` : '[]', n, element),
  }
}

/** What a value of a chosen set may be: its attributes, or bytes where no table is known. */
export type Chosen = object | Uint8Array

/**
 * A set that the sibling `by` chooses, as IFLA_INFO_DATA is chosen by IFLA_INFO_KIND. A choice for which `tables` has
 * undefined is bytes in both directions. The choice may come from received bytes: `tables` must not look it up in a
 * plain object without `Object.hasOwn` ('constructor').
 *
 * @example
 * const vlan = attributes('IFLA_VLAN', { id: [1, u16] })
 * const info = attributes('IFLA_INFO', { kind: [1, text()], data: [2, selected('kind', (kind) => (kind === 'vlan' ? vlan : undefined))] })
 * const out = new Writer()
 * encodeAttributes(info, out, { kind: 'vlan', data: { id: 5 } })
 * toHex(out.take()) // '09000100766c616e000000000c0002000600010005000000'
 */
export function selected(by: string, tables: (choice: string) => Table | undefined): Type<Chosen> {
  const choose = (siblings: Siblings) => {
    const choice = siblings[by]
    return typeof choice === 'string' ? tables(choice) : undefined
  }
  return {
    label: 'selected',
    size: 0,
    by,
    encode(out, value, siblings) {
      if (value instanceof Uint8Array) {
        out.raw(value)
        return
      }
      const table = choose(siblings)
      if (table === undefined)
        throw wrongType(value, `a Uint8Array, and ${by} ${show(siblings[by])} has no table`)
      encodeAttributes(table, out, value as Siblings)
    },
    decode(bytes, start, end, siblings) {
      const table = choose(siblings)
      return table === undefined ? copyOf(bytes, start, end) : decodeAttributes(table, bytes, start, end)
    },
    inner: (siblings) => choose(siblings) ?? null,
  }
}
