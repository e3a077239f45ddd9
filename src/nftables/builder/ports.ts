/** Ports for statements that take them: constants, ranges, or what a map has. */

import { datatypes } from '../datatypes.js'
import { type PortRange, parsePort } from '../target.js'
import { type Compiler, REGISTER_SIZE, registerAt } from './compiler.js'
import { type Expr, isExpr, registerBytes, valueFor } from './selector.js'

/** Gives registers of 16 bytes one after another, from the first one or a later one. */
export function registers(used = 0): () => number {
  let next = used
  return () => registerAt(REGISTER_SIZE * next++)
}

export function immediateInto(compiler: Compiler, value: Uint8Array, next: () => number): number {
  const register = next()
  compiler.immediate(value, register)
  return register
}

/** Puts a port, or the ends of a range, into registers. */
export type Ports = (
  compiler: Compiler,
  next: () => number,
) => { first: number | undefined; last: number | undefined }

/** 8080, '8000-8010', or what a map has; null where there is none. Throws RangeError or TypeError naming the field. */
export function portsFor(ports: number | string | Expr | undefined, field: string): Ports | null {
  if (!isExpr(ports)) return ports === undefined ? null : rangeInto(parsePort(ports, field))
  const compute = valueFor(datatypes.inet_service, ports, field)
  return (compiler, next) => {
    const first = next()
    compute(compiler, first)
    return { first, last: undefined }
  }
}

export function rangeInto(port: PortRange | null): Ports | null {
  if (port === null) return null
  const bytes = (number: number) => registerBytes(datatypes.inet_service, number, 'port')
  return (compiler, next) => {
    const first = immediateInto(compiler, bytes(port.from), next)
    const last = port.to === port.from ? undefined : immediateInto(compiler, bytes(port.to), next)
    return { first, last }
  }
}
