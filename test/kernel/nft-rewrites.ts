/** What the kernel holds of a rule (nft-compare.ts), rewritten: what two have in common, or one as the other. */

export type Rewrite = (held: string) => string

interface Plain {
  readonly name: string
  readonly data?: {
    readonly set?: string
    readonly mask?: { readonly value: string }
    readonly xor?: { readonly value: string }
    readonly base?: string
    readonly offset?: number
    readonly len?: number
    readonly dreg?: number
    readonly op?: string
    readonly data?: { readonly value: string }
  }
}
interface Held {
  readonly expressions: readonly [needed: unknown, rest: readonly Plain[]]
  readonly sets: { readonly keyLen: number; elements: string[] }[]
}

/** Without expressions that follow each other and fit. */
export const without =
  (...run: readonly RegExp[]): Rewrite =>
  (held) => {
    const contents: Held = JSON.parse(held)
    const [needed, rest] = contents.expressions
    const made: Plain[] = []
    for (let i = 0; i < rest.length; i++)
      if (run.every((one, k) => one.test(JSON.stringify(rest[i + k])))) i += run.length - 1
      else made.push(rest[i]!)
    return JSON.stringify({ ...contents, expressions: [needed, made] })
  }
export const replace =
  (pattern: string, by: string): Rewrite =>
  (held) =>
    held.replaceAll(new RegExp(pattern, 'g'), by)
export const all =
  (...rewrites: readonly Rewrite[]): Rewrite =>
  (held) =>
    rewrites.reduce((rest, rewrite) => rewrite(rest), held)

/** In parts of keys, as the host has numbers and as packets have them. */
export function swapped(held: string): string {
  const contents: Held = JSON.parse(held)
  for (const set of contents.sets)
    set.elements = set.elements
      .map((one) =>
        one.replaceAll(/(?<=(?:key|from|to)":")[0-9a-f]+/g, (key) => key.replaceAll(/(.{8})/g, inPart)),
      )
      .sort()
  return JSON.stringify(contents)
}
const inPart = (part: string) => part.replace(/^00(..)0000$/, '$1000000')

/** Two numbers of so many bytes stay two. */
const FAST = 4

/** Bytes side by side that are compared the same way, each with a value, are one value, where that is looked at which begins first in the packet. */
export const joined =
  (op: 'eq' | 'neq'): Rewrite =>
  (held) => {
    const contents: Held = JSON.parse(held)
    const [needed, rest] = contents.expressions
    const made: Plain[] = []
    for (const one of rest) {
      made.push(one)
      const second = compared(op, made, made.length - 2)
      if (second === undefined) continue
      for (let i = 0; i < made.length - 3; i++) {
        const first = compared(op, made, i)
        if (first === undefined) continue
        const [low, high] = first.offset < second.offset ? [first, second] : [second, first]
        if (low.base !== high.base || low.offset + low.len !== high.offset) continue
        if (low.len <= FAST && high.len <= FAST && low.len + high.len > FAST) continue
        const [load, compare] = made.splice(-2) as [Plain, Plain]
        const both = [
          { ...load, data: { ...load.data, offset: low.offset, len: low.len + high.len } },
          { ...compare, data: { ...compare.data, data: { value: low.value + high.value } } },
        ]
        made.splice(i, 2, ...(low === first ? both : []))
        if (low !== first) made.push(...both)
        break
      }
    }
    return JSON.stringify({ ...contents, expressions: [needed, made] })
  }

/** Bytes that are read there, and which value they are to be, or not to be. */
function compared(op: string, all: readonly Plain[], i: number) {
  const [load, compare] = [all[i], all[i + 1]]
  const { base, offset, len, dreg } = load?.data ?? {}
  const value = compare?.name === 'cmp' && compare.data?.op === op ? compare.data.data?.value : undefined
  if (load?.name !== 'payload' || dreg === undefined || value === undefined) return
  return { base: base!, offset: offset!, len: len!, value }
}

/** In sets of some bits: values side by side are one interval, whose end is within the bits. */
export function merged(held: string): string {
  const contents: Held = JSON.parse(held)
  for (const [i, { name, data }] of contents.expressions[1].entries()) {
    const { mask } = contents.expressions[1][i - 1]?.data ?? {}
    const set = contents.sets[Number(data?.set?.slice(1))]
    if (name !== 'lookup' || set === undefined || mask?.value.length !== 2 * set.keyLen) continue
    set.elements = mergedWithin(set.elements, Number(`0x${mask.value}`))
  }
  return JSON.stringify(contents)
}

function mergedWithin(elements: readonly string[], mask: number): string[] {
  const number = (text: string) => Number(`0x${text}`)
  const found = elements
    .map((element) => {
      const { key, ...rest } = JSON.parse(element)
      return { from: number(key.from ?? key), to: number(key.to ?? key) & mask, rest: JSON.stringify(rest) }
    })
    .sort((a, b) => a.from - b.from)
  const made: typeof found = []
  for (const one of found) {
    const last = made.at(-1)
    // The lowest of the bits is the step.
    if (last?.rest === one.rest && last.to + (mask & -mask) === one.from) last.to = one.to
    else made.push(one)
  }
  return made.map((one) => JSON.stringify(one))
}

/** What is done to bits one after the other is one step, and what it turns the value has turned. */
export function turned(held: string): string {
  const contents: Held = JSON.parse(held)
  const [needed, rest] = contents.expressions
  const made: Plain[] = []
  for (const one of rest) {
    const before = made.at(-1)
    const bits = bitsIn(before)
    const next = bitsIn(one)
    if (bits === undefined) made.push(one)
    else if (next !== undefined) {
      made.pop()
      const xor = each(each(bits.xor, next.mask, AND), next.xor, XOR)
      made.push(withBits(one, each(bits.mask, next.mask, AND), xor))
    } else if (one.name === 'cmp' && EQUALITY.includes(one.data?.op)) {
      made.pop()
      const possible = possibleAt(made) ?? bits.mask.replaceAll(/./g, 'f')
      const mask = each(bits.mask, possible, AND)
      const none = each(bits.xor, bits.xor, XOR)
      if (mask !== possible) made.push(withBits(before!, mask, none))
      made.push({
        ...one,
        data: { ...one.data, data: { value: each(one.data!.data!.value, bits.xor, XOR) } },
      })
    } else made.push(one)
  }
  return JSON.stringify({ ...contents, expressions: [needed, made] })
}

/** The bits that one byte can have which was some bits, shifted down. */
function possibleAt(made: readonly Plain[]): string | undefined {
  const { op, len, data } = made.at(-1)?.data ?? {}
  const bits = bitsIn(made.at(-2))
  if (op !== 'rshift' || len !== 1 || bits === undefined) return
  const by = Number(`0x${data!.value.slice(0, 2)}`)
  return (Number(`0x${bits.mask}`) >> by).toString(16).padStart(2, '0')
}

const EQUALITY: readonly unknown[] = ['eq', 'neq']
const AND = (a: number, b: number) => a & b
const XOR = (a: number, b: number) => a ^ b

/** Of each two hexadecimal digits. */
const each = (a: string, b: string, of: (a: number, b: number) => number) =>
  Array.from(a, (digit, i) => of(Number(`0x${digit}`), Number(`0x${b[i]}`)).toString(16)).join('')

function bitsIn(one: Plain | undefined) {
  const { op, mask, xor } = one?.data ?? {}
  return one?.name === 'bitwise' && op === 'mask-xor' ? { mask: mask!.value, xor: xor!.value } : undefined
}

const withBits = (one: Plain, mask: string, xor: string): Plain => ({
  ...one,
  data: { ...one.data, mask: { value: mask }, xor: { value: xor } },
})
