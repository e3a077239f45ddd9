/** Arrays whose elements have names by their position, as the settings of /proc/sys/net/ipv4/conf. */

import { getU32, getU64 } from '../../codec/bytes.js'
import { encodeAttribute } from '../../codec/encode.js'
import { isRecord, wrongType } from '../../codec/fault.js'
import type { Names, Type } from '../../codec/index.js'
import { s32 } from '../../codec/index.js'
import { NO_SIBLINGS } from '../../codec/type.js'

/** Values by name; one that the table does not know is named by its number. */
export type ByName<N extends string> = { readonly [K in N]?: number } & {
  readonly [number: `${number}`]: number
}

function named<N extends string>(
  table: Names<N>,
  label: string,
  size: number,
  read: (bytes: Uint8Array, at: number) => number,
): Pick<Type<ByName<N>>, 'label' | 'size' | 'decode'> {
  return {
    label,
    size: 0,
    decode(bytes, start, end) {
      const value: Record<string, number> = {}
      for (let index = 0; start + (index + 1) * size <= end; index++)
        value[String(table.toName(index))] = read(bytes, start + index * size)
      return value as ByName<N>
    },
  }
}

/**
 * Settings of 32 bits. The kernel sends an array and takes a nested set, whose numbers are one more than the positions
 * (inet_fill_link_af(), inet_set_link_af()). Since Linux 7.1 it wants NLA_F_NESTED there and refuses what it sets itself, `readOnly`, which
 * is not sent (inet_validate_link_af()).
 */
export function settings<N extends string>(table: Names<N>, readOnly: readonly N[] = []): Type<ByName<N>> {
  return {
    ...named(table, 'settings', 4, (bytes, at) => getU32(bytes, at) | 0),
    flagged: true,
    encode(out, value) {
      if (!isRecord(value)) throw wrongType(value, 'an object of settings')
      for (const [name, setting] of Object.entries(value)) {
        const position = /^\d+$/.test(name) ? Number(name) : table.toNumber(name as N)
        if (readOnly.includes(table.toName(position) as N)) continue
        encodeAttribute(out, position + 1, s32, setting as number, NO_SIBLINGS)
      }
    },
  }
}

/** Counters of 64 bits, which are only read. */
export function counters<N extends string>(table: Names<N>): Type<ByName<N>> {
  return {
    ...named(table, 'counters', 8, (bytes, at) => Number(getU64(bytes, at))),
    encode(_out, value) {
      throw wrongType(value, 'something to send: counters are only read')
    },
  }
}
