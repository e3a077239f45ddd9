/** An expression as callers have it: what one step of a rule does. */

import { isRecord, show } from '../codec/fault.js'
import type { Infer } from '../codec/index.js'
import type { expressions } from './expressions/registry.js'
import { writable } from './writable.js'

type Registry = typeof expressions

/** The name of an expression that this library knows. */
export type ExpressionName = keyof Registry

/** An expression of the registry, with the attributes of its table. */
export type KnownExpression = {
  [K in ExpressionName]: { readonly name: K; readonly data?: Infer<ReturnType<Registry[K]>> | undefined }
}[ExpressionName]

/** An expression that this library does not know: its attributes are bytes, which survive a read and a write. */
export interface UnknownExpression {
  readonly name: string
  readonly data?: Uint8Array | undefined
}

/**
 * One step of a rule in the kernel's terms, `{ name: 'payload', data: { dreg: 1, base: 'network-header', offset: 12, len: 4 } }`. Registers
 * are numbers (enum nft_registers), values are bytes. The rule builder makes them.
 */
export type Expression = KnownExpression | UnknownExpression

/** Expressions as the kernel takes them. Throws TypeError for what is no list of them; their attributes are checked as they are written. */
export function checkExpressions(value: unknown, field = 'expressions'): readonly Expression[] {
  const [first = value] = Array.isArray(value) ? (value as unknown[]) : []
  if (isRecord(first) && 'compile' in first)
    throw new TypeError(
      `${field}: it takes expressions; stateful() makes them of statements such as counter()`,
    )
  if (!Array.isArray(value)) throw new TypeError(`${field}: ${show(value)} is not an array of expressions`)
  for (const [i, one] of value.entries()) {
    if (!isRecord(one) || typeof one['name'] !== 'string')
      throw new TypeError(`${field}[${i}]: ${show(one)} is not an expression { name, data }`)
  }
  return (value as readonly Expression[]).map(writable)
}
