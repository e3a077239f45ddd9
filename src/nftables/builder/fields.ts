/** Fields of headers: where each lies (nft(8), the RFCs of the protocols). */

import type { Datatype } from '../datatypes.js'
import { integerType, upTo } from '../integers.js'
import { type Compiler, type PayloadBase, REG, REGISTER_SIZE } from './compiler.js'
import {
  type Expr,
  isExpr,
  type PartlySettable,
  type Selector,
  type Settable,
  selector,
  settable,
  type Value,
} from './selector.js'
import type { Source } from './source.js'

/** A field: its first byte, its type, and where it has not whole bytes, its bits among them. */
export type Field =
  | readonly [offset: number, type: Datatype]
  | readonly [offset: number, type: Datatype, bits: Bits]

interface Bits {
  /** Bytes that it lies in. */
  readonly size: number
  readonly mask: number
}

/** What makes the checksum right when a field is written: enum nft_payload_csum_types. */
interface Checksum {
  /** Where the header's own one lies, where it has one. */
  readonly offset?: number
  /** 'inet' where it is not given. */
  readonly type?: 'sctp'
  /** The fields that the checksums of TCP and UDP take, too, by their pseudo header: NFT_PAYLOAD_L4CSUM_PSEUDOHDR. */
  readonly pseudo?: readonly string[]
}

export interface Header {
  readonly name: string
  readonly base: PayloadBase
  readonly depend: (compiler: Compiler) => void
  readonly checksum?: Checksum
  readonly learn?: Readonly<Record<string, (compiler: Compiler, value: Uint8Array) => void>>
  /** What fields need besides, that not every such packet has. */
  readonly needs?: Readonly<Record<string, (compiler: Compiler) => void>>
  /** Several names of a field's value are several bits. */
  readonly bits?: readonly string[]
}

/** The fields of a header, each to compare with and to write. */
export function header<F extends Readonly<Record<string, Field>>>(about: Header, fields: F): Fields<F> {
  const made: Record<string, Settable> = {}
  for (const [name, field] of Object.entries(fields)) made[name] = fieldOf(about, name, field)
  return made as Fields<F>
}

type Fields<F> = {
  readonly [K in keyof F]: F[K] extends readonly [number, Datatype, Bits] ? PartlySettable : Settable
}

function fieldOf(about: Header, name: string, [offset, plain, bits]: Field): Settable {
  const part = partOf(plain, bits)
  const { size } = part.type
  const learn = about.learn?.[name]
  const needs = about.needs?.[name]
  const source: Source = {
    name: `${about.name} ${name}`,
    ...part,
    payload: { base: about.base, offset },
    depend: (compiler) => {
      about.depend(compiler)
      needs?.(compiler)
    },
    load: (compiler, dreg, length = size) =>
      compiler.emit({ name: 'payload', data: { dreg, base: about.base, offset, len: length } }),
    cuttable: true,
    ...(learn !== undefined && { learn }),
    ...(about.bits?.includes(name) && { bits: true as const }),
  }
  return writable(source, about, name, offset)
}

type Place = Pick<Header, 'base' | 'checksum'>

/** A field of a header, or bytes that have no name, which a rule can write. */
export function writable(source: Source, about: Place, name: string, offset: number): Settable {
  const { size } = source.type
  const field = settable(source, (compiler) => write(compiler, about, name, offset, size))
  const { set } = field
  // Part of a byte, or of two that the checksum takes together: the rest is read, and written again.
  const partial = source.mask !== undefined || (isSummed(about) && (offset % 2 === 1 || size % 2 === 1))
  return Object.assign(field, {
    set: partial ? (value: Value | Expr) => setPartly(about, source, name, offset, value) : set,
  })
}

/** Whether a checksum is made right: that of the header, or that of TCP or UDP over what is behind it. */
function isSummed({ base, checksum }: Place): boolean {
  return base === 'inner-header' || checksum?.offset !== undefined
}

function write(
  compiler: Compiler,
  { base, checksum }: Place,
  name: string,
  offset: number,
  len: number,
): void {
  const pseudo = base === 'inner-header' || checksum?.pseudo?.includes(name)
  const csumOffset = checksum?.offset
  compiler.emit({
    name: 'payload',
    data: {
      sreg: REG,
      base,
      offset,
      len,
      ...(csumOffset !== undefined && { csumType: checksum?.type ?? 'inet', csumOffset }),
      ...(pseudo && { csumFlags: 1 }),
    },
  })
}

function setPartly(about: Place, source: Source, name: string, offset: number, value: Value | Expr) {
  if (isExpr(value))
    throw new TypeError(
      `${source.name}.set: it takes a constant, since the kernel writes the bits or the byte beside it, too`,
    )
  const { type, mask = new Uint8Array(type.size).fill(0xff) } = source
  const bytes = type.encode(value, source.name)
  // nft_payload_set_vlan() of net/netfilter/nft_payload.c takes the two bytes of a tag together, too.
  const isAlone = !isSummed(about) && about.base !== 'link-layer-header'
  const start = isAlone ? offset : offset & ~1
  const end = isAlone ? offset + type.size : (offset + type.size + 1) & ~1
  if (end - start > REGISTER_SIZE)
    throw new RangeError(
      `${source.name}.set: with the bytes beside it that the checksum takes, it is more than ${REGISTER_SIZE} bytes`,
    )
  const keep = new Uint8Array(end - start).fill(0xff)
  const put = new Uint8Array(end - start)
  for (let i = 0; i < type.size; i++) {
    keep[offset - start + i] = 0xff & ~mask[i]!
    put[offset - start + i] = bytes[i]!
  }
  return {
    compile: (compiler: Compiler) => {
      const len = end - start
      source.depend(compiler)
      compiler.emit({ name: 'payload', data: { dreg: REG, base: about.base, offset: start, len } })
      compiler.emit({
        name: 'bitwise',
        data: { sreg: REG, dreg: REG, op: 'mask-xor', len, mask: { value: keep }, xor: { value: put } },
      })
      write(compiler, about, name, start, len)
    },
  }
}

/** What a field is, of whole bytes or of some bits of them. */
export function partOf(plain: Datatype, bits: Bits | undefined): Pick<Source, 'type' | 'mask' | 'shift'> {
  if (bits === undefined) return { type: plain }
  const { size, mask } = bits
  const by = Math.log2(unitOf(mask))
  const max = mask / unitOf(mask)
  return {
    type: inPlace(plain, bits),
    mask: Uint8Array.from({ length: size }, (_, i) => mask / 256 ** (size - 1 - i)),
    ...(by > 0 && { shift: { by, type: { ...upTo(max, plain), last: plain.encode(max, '') } } }),
  }
}

function unitOf(mask: number): number {
  let unit = 1
  while (mask % (unit * 2) === 0) unit *= 2
  return unit
}

/** Values at the place of their bits. */
function inPlace(type: Datatype, { size, mask }: Bits): Datatype {
  const unit = unitOf(mask)
  const max = mask / unit
  const number = integerType(type.name, type.id, size)
  return {
    ...number,
    last: number.encode(mask, ''),
    encode(value, field) {
      const plain = type.encode(value, field).reduce((sum, byte) => sum * 256 + byte, 0)
      if (plain > max) throw new RangeError(`${field}: ${plain} is more than ${max}`)
      return number.encode(plain * unit, field)
    },
    decode: (bytes) => (number.decode(bytes) as number) / unit,
  }
}

/** A field that is no part of a header. */
export function fact(
  name: string,
  type: Datatype,
  load: (compiler: Compiler, dreg: number) => void,
  more: Partial<Source> = {},
): Selector {
  return selector({ name, type, depend: () => {}, load, ...more })
}

/** The same, to be written too. */
export function settableFact(
  name: string,
  type: Datatype,
  load: (compiler: Compiler, dreg: number) => void,
  store: (compiler: Compiler) => void,
  more: Partial<Source> = {},
): Settable {
  return settable({ name, type, depend: () => {}, load, ...more }, store)
}
