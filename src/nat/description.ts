/**
 * What a verb's chain was made of, in its comment, which nft(8) lists and loads as it is: what was made is known after its ruleset was saved
 * and loaded, too. A comment has 127 bytes. What is longer is in the comments of rules behind the verb's own, which do nothing else; all of
 * it is theirs then: the kernel marks a dump of rules between which another program has changed something.
 */

import { isRecord } from '../codec/fault.js'

/** What a verb made. */
export interface Described {
  readonly verb: string
  readonly name: string
}

/** A rule, as far as it matters here. */
interface Commented {
  readonly comment: string | null
}

type Check = (value: unknown) => boolean

const isText: Check = (value) => typeof value === 'string'
const isTextOrNull: Check = (value) => value === null || isText(value)
const isTexts: Check = (value) => Array.isArray(value) && value.every(isText)
const isPort: Check = (value) => isText(value) || typeof value === 'number'

/** Verbs whose chains are described, and what a description has, by which it is told from somebody else's comment. */
const SHAPES: Readonly<Record<string, Readonly<Record<string, Check>>>> = {
  masquerade: { source: isText, outgoing: isTexts, except: isTexts },
  isolate: { dev: isText, from: isTexts },
  blockPort: {
    protocol: isText,
    port: isPort,
    address: isTextOrNull,
    source: isTextOrNull,
    incoming: isTextOrNull,
  },
}

/** The name of a chain is verb and name. */
const CHAIN = new RegExp(`^(${Object.keys(SHAPES).join('|')})-(.+)$`, 's')

const MAX_COMMENT = 127
const PART = 'netlink-ts: '
const MAX_PART = MAX_COMMENT - PART.length

/** The comment of a chain whose rules have the description, of so many characters. */
const PARTS = /^netlink-ts: (\d+) characters in the comments of rules$/

export function chainName({ verb, name }: Described): string {
  return `${verb}-${name}`
}

/** The comment of a chain, and those of the rules that it needs for the sake of them alone. */
export function describe({ verb, name, ...rest }: Described): { chain: string; rules: string[] } {
  const text = quoted(JSON.stringify(rest))
  if (text.length <= MAX_COMMENT) return { chain: text, rules: [] }
  const rules: string[] = []
  for (let start = 0; start < text.length; start += MAX_PART)
    rules.push(PART + text.slice(start, start + MAX_PART))
  return { chain: `${PART}${text.length} characters in the comments of rules`, rules }
}

/**
 * JSON within quotation marks, which nft(8) neither escapes nor unescapes: apostrophes in their place, and ASCII alone, of which a character
 * is a byte.
 */
function quoted(json: string): string {
  return json
    .replace(/\\.|'|[^\x20-\x7e]/g, (it) => (it[0] === '\\' && it !== '\\"' ? it : escaped(it.at(-1)!)))
    .replaceAll('"', "'")
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** Whether a chain's rules have what it was made of. */
export function isDescribedByRules({ comment }: Commented): boolean {
  return comment !== null && PARTS.test(comment)
}

/** What a chain was made of; null for one that no verb made, and where a part is gone. */
export function descriptionOf(
  chain: Commented & { readonly name: string },
  rules: readonly Commented[],
): Described | null {
  const [, verb, name] = CHAIN.exec(chain.name) ?? []
  const text = textOf(chain, rules)
  if (verb === undefined || name === undefined || text === null) return null
  try {
    const rest: unknown = JSON.parse(text.replaceAll("'", '"'))
    return hasShape(rest, SHAPES[verb]!) ? { ...rest, verb, name } : null
  } catch {
    return null
  }
}

function hasShape(value: unknown, shape: Readonly<Record<string, Check>>): value is object {
  if (!isRecord(value)) return false
  return Object.entries(shape).every(([field, check]) => check(value[field]))
}

function textOf({ comment }: Commented, rules: readonly Commented[]): string | null {
  const [, length] = PARTS.exec(comment ?? '') ?? []
  if (length === undefined) return comment
  const parts = rules.flatMap((one) =>
    one.comment?.startsWith(PART) ? [one.comment.slice(PART.length)] : [],
  )
  const text = parts.join('')
  return String(text.length) === length ? text : null
}
