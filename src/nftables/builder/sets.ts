/** Rules that change sets, and that use what sets hold. */

import { checkInteger, checkKeys } from '../../netlink/check.js'
import { checkExpressions, type Expression } from '../expression.js'
import { REG, type Statement } from './compiler.js'
import { loadKey } from './match.js'
import type { Concatenation, Selector } from './selector.js'
import { locate, type SetRef } from './set-ref.js'

/** What an element gets that a rule adds. */
export interface DynamicOptions {
  /** Milliseconds; without it that of the set. */
  timeout?: number | undefined
  /** Expressions of the element's own: a counter, a limit. */
  expressions?: readonly Expression[] | undefined
}

type Key = Selector | Concatenation

function sourcesOf(key: Key) {
  return 'sources' in key ? key.sources : [key.source]
}

function dynamic(op: 'add' | 'update' | 'delete', set: SetRef, key: Key, options: DynamicOptions): Statement {
  const call = `${op}Element`
  checkKeys(call, options, ['timeout', 'expressions'])
  const { timeout, expressions = [] } = options
  if (timeout !== undefined)
    checkInteger(timeout, `${call}.timeout`, 1, Number.MAX_SAFE_INTEGER, 'a time in milliseconds')
  const list = checkExpressions(expressions, `${call}.expressions`)
  const sources = sourcesOf(key)
  return {
    compile: (compiler) => {
      const located = locate(compiler, set)
      loadKey(compiler, sources, located)
      compiler.emit({
        name: 'dynset',
        data: {
          sregKey: REG,
          op,
          timeout,
          setName: located.set,
          setId: located.setId,
          expr: list.length === 1 ? list[0] : undefined,
          expressions: list.length > 1 ? { elem: list } : undefined,
        },
      })
    },
  }
}

/** Adds the packet's value to a set with the flag 'dynamic'; the rule goes on where there was room. */
export function addElement(set: SetRef, key: Key, options: DynamicOptions = {}): Statement {
  return dynamic('add', set, key, options)
}

/** Adds the packet's value to a set with the flag 'dynamic', or begins its timeout anew. */
export function updateElement(set: SetRef, key: Key, options: DynamicOptions = {}): Statement {
  return dynamic('update', set, key, options)
}

/** Takes the packet's value out of a set with the flag 'dynamic'. */
export function deleteElement(set: SetRef, key: Key): Statement {
  return dynamic('delete', set, key, {})
}

/** Uses the object that a map to objects has for the packet's value: its counter counts, its limit limits. */
export function useObject(map: SetRef, key: Key): Statement {
  const sources = sourcesOf(key)
  return {
    compile: (compiler) => {
      const located = locate(compiler, map)
      loadKey(compiler, sources, located)
      compiler.emit({
        name: 'objref',
        data: { setSreg: REG, setName: located.set, setId: located.setId },
      })
    },
  }
}
