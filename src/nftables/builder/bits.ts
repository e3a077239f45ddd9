/** Operations on the bits of a field. */

import { show } from '../../codec/fault.js'
import { checkInteger } from '../../netlink/check.js'
import { type Datatype, inRegister } from '../datatypes.js'
import { hostInteger } from './compiler.js'
import type { Expr } from './selector.js'
import { convert, load, maskBits, plainOf, type Source } from './source.js'

/** Bits as a number, or those that have names. */
export type Bits = number | readonly string[]

/** Some of its bits alone. */
export function masked(source: Source, bits: Bits): Source {
  const { type, name } = source
  const mask = inRegister(type, bytesOf(type, bits, `${name}.mask`))
  const { payload: _, bits: __, mask: inner, learn: ___, ...rest } = source
  if (inner !== undefined) throw new TypeError(`${name}.mask: the field is some bits already`)
  return {
    ...rest,
    name: `${name} & ${show(bits)}`,
    kept: { mask, of: source },
    load: (compiler, dreg) => {
      source.load(compiler, dreg)
      maskBits(compiler, mask, dreg)
    },
  }
}

/** Its bits at other places: those of a number that the host has, since the kernel shifts words of the host. */
export function shifted(source: Source, op: 'lshift' | 'rshift', by: number): Source {
  const { type, name } = source
  if (type.order !== 'host' || type.size !== 4)
    throw new TypeError(`${name}.${op}: only numbers of four bytes that the host has can be shifted`)
  const value = hostInteger(checkInteger(by, `${name}.${op}`, 1, 31), 4)
  const { payload: _, bits: __, mask: ___, learn: ____, kept: _____, ...rest } = source
  return {
    ...rest,
    name: `${name} ${op} ${by}`,
    load: (compiler, dreg) => {
      load(compiler, source, dreg)
      compiler.emit({
        name: 'bitwise',
        data: { sreg: dreg, dreg, op, len: type.size, data: { value } },
      })
    },
  }
}

/** With some bits set, or turned. */
export function withBits(source: Source, op: 'or' | 'xor', bits: Bits): Expr {
  const plain = plainOf(source)
  const { type, name } = plain
  const xor = inRegister(type, bytesOf(type, bits, `${name}.${op}`))
  // What a mask has kept before is kept by the same step.
  const { of, mask: kept } = plain.kept ?? { of: plain, mask: xor.map(() => 0xff) }
  const mask = kept.map((byte, i) => (op === 'or' ? byte & ~xor[i]! : byte))
  return {
    gives: () => ({ types: [type], ranges: null }),
    depend: (compiler) => plain.depend(compiler),
    compute: (compiler, wanted, dreg) => {
      load(compiler, of, dreg)
      const data = { sreg: dreg, dreg, op: 'mask-xor', len: type.size } as const
      compiler.emit({ name: 'bitwise', data: { ...data, mask: { value: mask }, xor: { value: xor } } })
      convert(compiler, plain, wanted, dreg)
    },
  }
}

function bytesOf(type: Datatype, bits: Bits, field: string): Uint8Array {
  const value = new Uint8Array(type.size)
  if (typeof bits !== 'number' && !Array.isArray(bits))
    throw new TypeError(`${field}: ${show(bits)} is not a number or a list of names`)
  for (const one of typeof bits === 'number' ? [bits] : bits)
    for (const [at, byte] of type.encode(one, field).entries()) value[at]! |= byte
  return value
}
