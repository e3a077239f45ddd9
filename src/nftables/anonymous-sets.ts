/** A rule that was listed brings its anonymous sets with it. */

import type { Request } from '../netlink/request.js'
import { rawElements } from './element.js'
import { addElements } from './element-request.js'
import { type NftRuleInput, setNameOf, withSet } from './rule.js'
import { shapeOfInput } from './set.js'
import { addSet } from './set-request.js'

/** The messages that make them, and the rule's expressions, which refer to them by the numbers that `nextId` gives. */
export function anonymousSetsOf({ sets = [], expressions = [] }: NftRuleInput, nextId: () => number) {
  const made = new Map<string, { name: string; id: number }>()
  const messages: Request[] = []
  for (const { elements, ...one } of sets) {
    const shape = shapeOfInput(one)
    const set = { name: shape.data === null ? '__set%d' : '__map%d', id: nextId() }
    made.set(one.name, set)
    messages.push(addSet({ ...one, name: set.name }, 'add', set.id))
    const input = { family: one.family, table: one.table, set: set.name, elements }
    messages.push(...addElements(input, rawElements(shape, elements), 'add', set.id))
  }
  const renamed = expressions.map((one) => {
    const set = made.get(setNameOf(one) ?? '')
    return set === undefined ? one : withSet(one, set.name, set.id)
  })
  return { messages, renamed }
}
