/** What a rule can look at: fields of headers, facts about a packet, its connection. */

import { align, host } from '../../codec/bytes.js'
import type { Datatype } from '../datatypes.js'
import {
  type Compiler,
  type Dependent,
  hostInteger,
  type PayloadBase,
  REGISTERS_SIZE,
  registerAt,
} from './compiler.js'

/** A value that comes with a packet. */
export interface Source extends Dependent {
  /** As nft(8) writes it, 'ip saddr': for errors, and the key of the tables of typeof.ts. */
  readonly name: string
  readonly type: Datatype
  /** The value into a register; of the first `length` bytes where those are enough. */
  load(compiler: Compiler, dreg: number, length?: number): void
  /** Where it lies, for a field of a header. */
  readonly payload?: { readonly base: PayloadBase; readonly offset: number }
  /** The bits that belong to it, for a field of less than whole bytes; the type shifts its values there. */
  readonly mask?: Uint8Array
  /** How far those bits are from the lower end, and what they are there: as named sets and other fields have them. */
  readonly shift?: { readonly by: number; readonly type: Datatype }
  /** Bits that are kept of another source, and those that are turned then. */
  readonly kept?: { readonly mask: Uint8Array; readonly xor: Uint8Array; readonly of: Source }
  /** Several names are several bits, of which any is enough. */
  readonly bits?: true
  /** To look at it changes it: how many packets have come here. */
  readonly counts?: true
  /** The length can be cut to that of a prefix. */
  readonly cuttable?: true
  /** What a comparison with a value tells about the packet. */
  learn?(compiler: Compiler, value: Uint8Array): void
}

/** A field of less than whole bytes as its plain value; others as they are. */
export function plainOf(source: Source): Source {
  const { shift, name, depend } = source
  if (shift === undefined) return source
  const { by, type } = shift
  return {
    name,
    type,
    depend,
    load: (compiler, dreg) => {
      load(compiler, source, dreg)
      shiftDown(compiler, source.type.size, type.size, by, dreg)
    },
  }
}

/** The kernel shifts words of the host, at the beginning of which a register has its bytes. */
function shiftDown(compiler: Compiler, from: number, to: number, bits: number, dreg: number): void {
  const swaps = host.littleEndian && from > 1
  if (swaps)
    compiler.emit({ name: 'byteorder', data: { sreg: dreg, dreg, op: 'ntoh', len: from, size: from } })
  const by = host.littleEndian ? bits : bits - 8 * (from - to)
  const op = by < 0 ? 'lshift' : 'rshift'
  const data = { value: hostInteger(Math.abs(by), 4) }
  compiler.emit({ name: 'bitwise', data: { sreg: dreg, dreg, op, len: from, data } })
  if (swaps && to > 1)
    compiler.emit({ name: 'byteorder', data: { sreg: dreg, dreg, op: 'hton', len: to, size: to } })
}

/**
 * Several values one after another, each from the beginning of a register of four bytes.
 *
 * @throws TypeError where the registers are not enough
 */
export function loadAll(compiler: Compiler, sources: readonly Source[], first = 0, ordered = false): void {
  let offset = first
  for (const source of sources) {
    if (offset + source.type.size > REGISTERS_SIZE)
      throw new TypeError(
        `${source.name}: with what stands beside it, it does not fit into the ${REGISTERS_SIZE} bytes that a rule has for values`,
      )
    load(compiler, source, registerAt(offset))
    if (ordered) toNetworkOrder(compiler, source.type, registerAt(offset))
    offset += align(source.type.size)
  }
}

/** A value into a register, with the bits of its neighbours taken away. */
export function load(compiler: Compiler, source: Source, dreg: number): void {
  source.load(compiler, dreg)
  const { mask } = source
  if (mask !== undefined) maskBits(compiler, mask, dreg)
}

/** Keeps the bits of a mask, and turns some then. */
export function maskBits(
  compiler: Compiler,
  mask: Uint8Array,
  reg: number,
  xor: Uint8Array = new Uint8Array(mask.length),
): void {
  const data = { sreg: reg, dreg: reg, op: 'mask-xor', len: mask.length } as const
  compiler.emit({ name: 'bitwise', data: { ...data, mask: { value: mask }, xor: { value: xor } } })
}

/**
 * A number as another type has it: one of the host as a port of a packet, say. Where they have not as many bytes it is their lower ones
 * that count.
 *
 * @throws TypeError where they have not as many, and one more than four, or one is a text
 */
export function convert(
  compiler: Compiler,
  { name, type: from }: Source,
  to: Datatype | null,
  reg: number,
): void {
  if (to === null || (from.order === to.order && from.size === to.size)) return
  if (
    from.order === 'text' ||
    to.order === 'text' ||
    (from.size !== to.size && !(from.size <= 4 && to.size <= 4))
  )
    throw new TypeError(
      `${name}: it is of type ${from.name} (${from.size} bytes), which is no ${to.name} (${to.size} bytes)`,
    )
  if (from.order === to.order || !host.littleEndian) {
    if (from.order === 'network' || !host.littleEndian) moveBytes(compiler, to.size - from.size, reg)
    return
  }
  const [op, size] = to.order === 'network' ? (['hton', to.size] as const) : (['ntoh', from.size] as const)
  if (size === 1) return
  // The kernel turns two, four or eight bytes; of four the fourth is none of three.
  const whole = size === 3 ? 4 : size
  compiler.emit({ name: 'byteorder', data: { sreg: reg, dreg: reg, op, len: whole, size: whole } })
  moveBytes(compiler, size - whole, reg)
}

/** The four bytes of a register to the right, or to the left where `by` is negative. */
function moveBytes(compiler: Compiler, by: number, reg: number): void {
  if (by === 0) return
  const op = by > 0 === host.littleEndian ? 'lshift' : 'rshift'
  const data = { value: hostInteger(8 * Math.abs(by), 4) }
  compiler.emit({ name: 'bitwise', data: { sreg: reg, dreg: reg, op, len: 4, data } })
}

/** From the order of the host to that of packets, in which numbers can be compared byte by byte. */
export function toNetworkOrder(compiler: Compiler, { order, size }: Datatype, reg: number): void {
  if (order !== 'host') return
  compiler.emit({ name: 'byteorder', data: { sreg: reg, dreg: reg, op: 'hton', len: size, size } })
}
