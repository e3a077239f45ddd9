/**
 * Loads the messages that `capture.ts` recorded from iproute2 and compares other messages to them. See README.md.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { type Attribute, type Dissection, dissect } from './dissect.js'

/** Bytes of a message that differ from run to run, such as the number of a namespace's descriptor. */
export interface Varying {
  /** Index in the entry's `messages`. */
  message: number
  /** First byte, counted from the start of the message. */
  offset: number
  /** Number of bytes. */
  length: number
  why: string
}

/** One command and what it sent, as it stands in a fixture. */
export interface GoldenEntry {
  /** Unique in all fixtures, kebab-case. */
  name: string
  command: string
  /** Commands run before it in the same namespaces, not recorded. */
  setup: string[]
  /** Exit status of the command. */
  exit: number
  /** What the command printed when `exit` is not 0: this kernel lacks the feature, the bytes were sent all the same. */
  error?: string
  /** Each message as hexadecimal, header included. */
  messages: string[]
  /** Requests that only served another message, such as a name turned into an ifindex: see `isLookup`. */
  lookups?: string[]
  varying?: Varying[]
  /** Why our message for the same is another one: each holds for one of the messages. */
  differences?: string[]
  /** The interfaces that the command names and that existed before it. */
  ifindexes: Record<string, number>
}

/** A file of `fixtures/`. */
export interface GoldenFile {
  iproute2: string
  /** In the fixtures that this command made. */
  conntrack?: string
  nft?: string
  kernel: string
  strace: string
  entries: GoldenEntry[]
}

/** A recorded message, ready to compare. */
export interface GoldenMessage {
  bytes: Uint8Array
  varying: Varying[]
}

/** An entry with its messages as bytes. */
export interface Golden extends Omit<GoldenEntry, 'messages' | 'lookups' | 'varying'> {
  messages: GoldenMessage[]
  lookups: GoldenMessage[]
}

const FIXTURES = new URL('./fixtures/', import.meta.url)
const SEQ = { offset: 8, length: 4 }

/** The fixtures there are, by area. */
export function goldenAreas(): string[] {
  return readdirSync(FIXTURES)
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .sort()
}

/** Reads one fixture as it is: `readGoldenFile('link').kernel`. */
export function readGoldenFile(area: string): GoldenFile {
  return JSON.parse(readFileSync(new URL(`${area}.json`, FIXTURES), 'utf8')) as GoldenFile
}

/** All entries of an area, with their messages as bytes: `loadGolden('link')`. */
export function loadGolden(area: string): Golden[] {
  return readGoldenFile(area).entries.map(({ messages, lookups = [], varying = [], ...rest }) => ({
    ...rest,
    messages: messages.map((hex, index) => ({
      bytes: fromHex(hex),
      varying: varying.filter(({ message }) => message === index),
    })),
    lookups: lookups.map((hex) => ({ bytes: fromHex(hex), varying: [] })),
  }))
}

/**
 * One entry: `findGolden('veth', 'veth-named-peer').messages[0].bytes`.
 *
 * @throws Error when the area has no entry of that name.
 */
export function findGolden(area: string, name: string): Golden {
  const found = loadGolden(area).find((entry) => entry.name === name)
  if (!found) throw new Error(`fixtures/${area}.json has no entry '${name}'`)
  return found
}

/**
 * Compares a message with a recorded one, nlmsg_seq and the varying bytes masked.
 *
 * @returns null when they are the same; otherwise both sides taken apart into attributes, one on each line: `- `
 * stands only in the recording, `+ ` only in the message.
 */
export function differenceFrom(golden: GoldenMessage, actual: Uint8Array): string | null {
  const masks = [SEQ, ...golden.varying]
  const expected = masked(golden.bytes, masks)
  const given = masked(actual, masks)
  if (Buffer.compare(expected, given) === 0) return null
  return diffLines(describeMessage(expected), describeMessage(given)).join('\n')
}

function masked(bytes: Uint8Array, masks: { offset: number; length: number }[]): Uint8Array {
  const copy = bytes.slice()
  for (const { offset, length } of masks) copy.fill(0, offset, offset + length)
  return copy
}

/** The message as lines: header, fixed structure, then every attribute with path, length and payload. */
export function describeMessage(bytes: Uint8Array): string[] {
  let message: Dissection
  try {
    message = dissect(bytes)
  } catch (error) {
    return [`malformed: ${(error as Error).message}`, toHex(bytes)]
  }
  const { length, type, flags, portid, body, attributes } = message
  return [
    `header  length ${length}, type ${type}, flags 0x${flags.toString(16)}, portid ${portid}`,
    `body    ${toHex(body)}`,
    ...attributes.flatMap((attribute) => describeAttribute(attribute, '')),
  ]
}

function describeAttribute(attribute: Attribute, indent: string): string[] {
  const { path, length, rawType, payload, padding, children } = attribute
  const flags = rawType & 0xc000 ? ` |0x${(rawType & 0xc000).toString(16)}` : ''
  const dirty = padding.some((byte) => byte !== 0) ? ` padding ${toHex(padding)}` : ''
  const line = `${indent}${path}${flags} (${length}) ${toHex(payload)}${dirty}`.trimEnd()
  return [line, ...children.flatMap((child) => describeAttribute(child, `${indent}  `))]
}

/** Lines of both sides in order, by their longest common subsequence. */
function diffLines(before: string[], after: string[]): string[] {
  const longest = before.map(() => after.map(() => 0))
  const at = (i: number, j: number) => longest[i]?.[j] ?? 0
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      longest[i]![j] = before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
    }
  }
  const lines: string[] = []
  let i = 0
  let j = 0
  while (i < before.length || j < after.length) {
    if (i < before.length && before[i] === after[j]) {
      lines.push(`  ${before[i++]}`)
      j++
    } else if (i < before.length && (j === after.length || at(i + 1, j) >= at(i, j + 1))) {
      lines.push(`- ${before[i++]}`)
    } else {
      lines.push(`+ ${after[j++]}`)
    }
  }
  return lines
}

/** Lower-case hexadecimal without separators. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
}

/**
 * The opposite of {@link toHex}.
 *
 * @throws TypeError when the text is not an even number of lower-case hexadecimal digits.
 */
export function fromHex(hex: string): Uint8Array {
  if (!/^(?:[0-9a-f]{2})*$/.test(hex)) throw new TypeError(`not hexadecimal: ${hex}`)
  return Uint8Array.from(Buffer.from(hex, 'hex'))
}
