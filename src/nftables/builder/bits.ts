/** Operations on the bits of a field. */

import { show } from '../../codec/fault.js'
import { checkInteger } from '../../netlink/check.js'
import { type Datatype, inRegister } from '../datatypes.js'
import { hostU32 } from '../integers.js'
import { hostInteger } from './compiler.js'
import { convert, load, maskBits, plainOf, type Source } from './source.js'

/** Bits as a number, or those that have names. */
export type Bits = number | readonly string[]

/** Some of its bits alone. */
export function masked(source: Source, bits: Bits): Source {
  const { type, name } = source
  const mask = inRegister(type, bytesOf(type, bits, `${name}.mask`))
  if (source.mask !== undefined) throw new TypeError(`${name}.mask: the field is some bits already`)
  return changed(source, `& ${show(bits)}`, (byte, i) => byte & mask[i]!)
}

/** With some bits set, or turned. */
export function withBits(source: Source, op: 'or' | 'xor', bits: Bits): Source {
  const plain = plainOf(source)
  const { type, name } = plain
  const given = inRegister(type, bytesOf(type, bits, `${name}.${op}`))
  return changed(plain, `${op === 'or' ? '|' : '^'} ${show(bits)}`, (byte, i) =>
    op === 'or' ? byte | given[i]! : byte ^ given[i]!,
  )
}

/** What has been done to its bits before and this are one step: each bit is kept or not, and turned or not. */
function changed(source: Source, text: string, change: (byte: number, i: number) => number): Source {
  // Loading the field applies the mask that it has itself.
  const { payload: _, bits: __, learn: ___, mask: ____, kept, ...rest } = source
  const size = source.type.size
  const before = kept ?? { of: source, mask: new Uint8Array(size).fill(0xff), xor: new Uint8Array(size) }
  const { of } = before
  // What becomes of a zero is turned; what is another thing for a one is kept.
  const xor = before.xor.map(change)
  const mask = before.mask.map((byte, i) => byte & (change(0xff, i) ^ change(0, i)))
  return {
    ...rest,
    name: `${source.name} ${text}`,
    kept: { mask, xor, of },
    load: (compiler, dreg) => {
      load(compiler, of, dreg)
      maskBits(compiler, mask, dreg, xor)
    },
  }
}

/** Its bits at other places, as a number of the host, since the kernel shifts words of the host. */
export function shifted(source: Source, op: 'lshift' | 'rshift', by: number): Source {
  const plain = plainOf(source)
  const { type, name } = plain
  const isOfPacket = type.order === 'network' && !type.prefixes && [2, 4].includes(type.size)
  if (!isOfPacket && (type.order !== 'host' || type.size !== 4))
    throw new TypeError(
      `${name}.${op}: only numbers of four bytes that the host has, and those of two or four of packets, can be shifted`,
    )
  checkInteger(by, `${name}.${op}`, 1, 8 * type.size - 1)
  const { payload: _, bits: __, mask: ___, learn: ____, kept: _____, ...rest } = plain
  return {
    ...rest,
    type: isOfPacket ? hostU32 : type,
    name: `${name} ${op} ${by}`,
    load: (compiler, dreg) => {
      load(compiler, plain, dreg)
      if (isOfPacket) convert(compiler, plain, hostU32, dreg)
      const data = { value: hostInteger(by, 4) }
      compiler.emit({ name: 'bitwise', data: { sreg: dreg, dreg, op, len: type.size, data } })
    },
  }
}

function bytesOf(type: Datatype, bits: Bits, field: string): Uint8Array {
  const value = new Uint8Array(type.size)
  if (typeof bits !== 'number' && !Array.isArray(bits))
    throw new TypeError(`${field}: ${show(bits)} is not a number or an array of names or values`)
  for (const one of typeof bits === 'number' ? [bits] : bits)
    for (const [at, byte] of type.encode(one, field).entries()) value[at]! |= byte
  return value
}
