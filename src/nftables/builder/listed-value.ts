/** Values of a rule's own list that have something beside the value: a counter, a limit, a comment. */

import { checkKeys } from '../../netlink/check.js'
import type { NftElementInput } from '../element.js'
import { checkExpressions } from '../expression.js'
import { checkText } from '../input.js'
import { MAX_COMMENT, type UserdataInput } from '../userdata.js'

/**
 * A value of a list with what is its own: a counter, a limit, a comment of at most 127 bytes. Null stands for all other values (Linux 5.13).
 * What is wrong by itself is a RangeError or TypeError of the call, `tcp dport[0].comment: …`. One that has something of its own and overlaps
 * another value, or is there twice, is a RangeError of the transaction; values that have nothing are put together.
 *
 * @example tcp.dport([{ key: 22, expressions: stateful(counter()) }, { key: 80, comment: 'web' }, '8000-8099'])
 */
export interface ListedValue<K> extends Pick<UserdataInput, 'comment'> {
  key: K | null
  /** One or two statements with a state, `stateful(counter())`; two need Linux 5.11. */
  expressions?: NftElementInput['expressions']
}

export function isListedValue(value: unknown): value is ListedValue<unknown> {
  return typeof value === 'object' && value !== null && 'key' in value
}

/** Whether a value has something besides. */
export function hasOwn(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { expressions, comment } = value as Partial<ListedValue<unknown>>
  return comment != null || (expressions != null && expressions.length > 0)
}

/** The value itself. Throws RangeError or TypeError for what is wrong with the rest. */
export function checkedKey(value: unknown, field: string): unknown {
  if (!isListedValue(value)) return value
  checkKeys(field, value, ['key', 'expressions', 'comment'])
  checkExpressions(value.expressions ?? [], `${field}.expressions`)
  if (value.comment != null) checkText(value.comment, `${field}.comment`, MAX_COMMENT)
  return value.key
}
