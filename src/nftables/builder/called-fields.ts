/** Fields that a call of the builder makes have names, too, for sets that are of them: the call and what it is given, 'numgen.random.4.0'. */

import { getU32 } from '../../codec/bytes.js'
import { names } from '../../codec/index.js'
import { hashTypes } from '../expressions/hash.js'
import { numgenTypes } from '../expressions/numgen.js'
import { payloadBases } from '../expressions/payload.js'
import { xfrmDirections } from '../expressions/xfrm.js'
import { recordsOf } from '../userdata.js'
import { payload } from './bytes.js'
import type { PayloadBase } from './compiler.js'
import { HASH, NUMGEN, PAYLOAD, XFRM } from './described.js'
import { ipsec } from './encapsulated.js'
import { meta, numgen } from './facts.js'
import { jhash, symhash } from './more.js'
import type { Selector } from './selector.js'
import { plainOf, type Source } from './source.js'
import { fieldText } from './typeof.js'

type Part = string | number
/** The numbers that nft(8) keeps of a field (described.ts), by their attributes. */
type Numbers = (attribute: number) => number

interface Call {
  readonly kind: number
  /** What the call is given; null where the numbers are those of another field. */
  readonly partsOf: (numbers: Numbers) => readonly Part[] | null
  readonly make: (parts: readonly Part[]) => Selector | undefined
}

/** enum nft_xfrm_keys, as fields of ipsec(). */
const STATES = names({ daddr: 1, daddr6: 2, saddr: 3, saddr6: 4, reqid: 5, spi: 6 })

const CALLS: Readonly<Record<string, Call>> = {
  numgen: {
    kind: NUMGEN,
    partsOf: (number) => [numgenTypes.toName(number(0)), number(1), number(2)],
    make: ([type, modulus, offset]) =>
      numgen(type as 'incremental' | 'random', modulus as number, offset as number),
  },
  jhash: {
    kind: HASH,
    partsOf: (number) =>
      number(0) === hashTypes.numbers.jenkins
        ? [number(2), number(1), ...(number(4) === 0 ? [] : [number(3)])]
        : null,
    // nft(8) does not keep of what it is the hash.
    make: ([modulus, offset, seed]) =>
      jhash(meta.mark, {
        ...{ modulus: modulus as number, offset: offset as number },
        ...(seed !== undefined && { seed: seed as number }),
      }),
  },
  symhash: {
    kind: HASH,
    partsOf: (number) => (number(0) === hashTypes.numbers.sym ? [number(2), number(1)] : null),
    make: ([modulus, offset]) => symhash({ modulus: modulus as number, offset: offset as number }),
  },
  ipsec: {
    kind: XFRM,
    partsOf: (number) => [xfrmDirections.toName(number(2)), number(1), STATES.toName(number(0))],
    make: ([direction, spnum, state]) =>
      ipsec(direction as 'in' | 'out', spnum as number)[state as keyof ReturnType<typeof ipsec>],
  },
  payload: {
    kind: PAYLOAD,
    // Those of headers that have names have another number there.
    partsOf: (number) =>
      number(0) === 0 ? [payloadBases.toName(number(2) - 1), number(3) / 8, number(4) / 8] : null,
    make: ([base, offset, length]) => payload(base as PayloadBase, offset as number, length as number),
  },
}

/** The field of a name; null where it is not one. */
export function calledField(name: string): Source | null {
  const [call, ...parts] = name.split('.')
  if (!Object.hasOwn(CALLS, call!)) return null
  const source = sourceOf(CALLS[call!]!, parts)
  return source !== null && nameOfCalled(fieldText(source)!) === name ? source : null
}

function sourceOf({ make }: Call, parts: readonly string[]): Source | null {
  try {
    const field = make(parts.map((part) => (/^\d+$/.test(part) ? Number(part) : part)))
    return field === undefined ? null : plainOf(field.source)
  } catch (error) {
    // The builder's refusal of what is given: there is no such field.
    if (error instanceof RangeError || error instanceof TypeError) return null
    throw error
  }
}

/** The name of what nft(8) keeps of a field, as hexadecimal digits; null where it is of no call, or not one that the builder makes. */
export function nameOfCalled(text: string): string | null {
  const bytes = Uint8Array.from(text.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16))
  const [kind, rest] = recordsOf(bytes)
  const numbers = new Map(recordsOf(rest?.value ?? NONE).map(({ type, value }) => [type, numberOf(value)]))
  for (const [call, { kind: own, partsOf }] of Object.entries(CALLS)) {
    if (own !== numberOf(kind?.value ?? NONE)) continue
    const parts = partsOf((attribute) => numbers.get(attribute) ?? 0)
    if (parts !== null) return [call, ...parts].join('.')
  }
  return null
}

const NONE = new Uint8Array(0)

function numberOf(value: Uint8Array): number | null {
  return value.length === 4 ? getU32(value, 0) : null
}
