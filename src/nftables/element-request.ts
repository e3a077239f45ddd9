/** The messages that add elements to a set and take them out: as many as their sizes need. */

import { align } from '../codec/bytes.js'
import { show } from '../codec/fault.js'
import { encodeAttributes, Fault, type Infer, Writer } from '../codec/index.js'
import { MAX_PAYLOAD } from '../codec/writer.js'
import type { Request } from '../netlink/request.js'
import { elementAttributes } from './attributes.js'
import { type AttributesOf, change, type Making, type Meaning, makingFlags } from './change.js'
import type { dataAttributes } from './data.js'
import { elementMeaning } from './dynamic-advice.js'
import { isEnd, type NftElementsInput, type RawElement } from './element.js'
import { checkName, familyNumber } from './input.js'
import { Keys } from './keys.js'
import { delElements, destroyElements, newElements } from './messages.js'
import type { Written } from './written-elements.js'

type Message = typeof newElements

/** What an element is called in errors, by its number in the call. */
type PlaceOf = (index: number) => string

const ofElements: PlaceOf = (index) => `elements[${index}]`

/** NFT_MSG_NEWSETELEM; `setId` names a set of the same transaction. */
export function addElements(
  input: NftElementsInput,
  written: Written,
  making: Making,
  setId: number | undefined,
  placeOf = ofElements,
): Request[] {
  return split(newElements, input, written, makingFlags(making), setId, placeOf)
}

/** NFT_MSG_DELSETELEM, or NFT_MSG_DESTROYSETELEM (Linux 6.3), to which absent elements are no error. */
export function deleteElements(input: NftElementsInput, written: Written, destroy: boolean): Request[] {
  return split(destroy ? destroyElements : delElements, input, written, 0, undefined)
}

/** NFT_MSG_DELSETELEM without elements: all of them. */
export function flushElements(input: Omit<NftElementsInput, 'elements'>): Request {
  const { family, table, set } = input
  return change(delElements, familyNumber(family), { table, set }, 0, elementsOf(input))
}

/** In errors. */
function elementsOf({ family, table, set }: Omit<NftElementsInput, 'elements'>): string {
  return `elements of set '${set}' of table ${String(family)} '${table}'`
}

/** None where there are no elements: a message without any deletes all that the set has. */
function split(
  message: Message,
  input: NftElementsInput,
  { raw, sources }: Written,
  flags: number,
  setId: number | undefined,
  placeOf = ofElements,
): Request[] {
  const { family, table, set, elements: given } = input
  const number = familyNumber(family)
  checkName(table, 'table')
  checkName(set, 'set')
  const subject = elementsOf(input)
  const requests: Request[] = []
  const flush = (elements: readonly RawElement[] | Keys, start: number) => {
    // Keys are written by the type of the attribute, elementList().
    const attributes = { table, set, setId, elements } as AttributesOf<Message>
    const meaning: Meaning = (code, path) => {
      const at = /^elements\[(\d+)\]$/.exec(path ?? '')
      if (at === null) return undefined
      const place = start + Number(at[1])
      const one = raw instanceof Keys ? {} : raw[place]!
      const text =
        (message === newElements ? notThere(code, one) : undefined) ??
        REFUSED[code] ??
        elementMeaning(code, one)
      if (text === undefined) return text
      const index = indexOf(raw, place, sources)
      const key = given[index]
      // The sets of rules are made of other lists.
      return key === undefined ? text : `elements[${index}], ${show(keyOf(key))}: ${text}`
    }
    requests.push(change(message, number, attributes, flags, subject, meaning))
  }
  if (raw instanceof Keys) {
    const each = Math.floor(MAX_PAYLOAD / (KEY_HEADERS + align(raw.size)))
    for (let start = 0; start < raw.length; start += each)
      flush(raw.slice(start, Math.min(start + each, raw.length)), start)
    return requests
  }
  for (let start = 0, at = 0, size = 0; start < raw.length; at++) {
    let next = MAX_PAYLOAD + 1
    try {
      if (at < raw.length) next = sizeOf(raw[at]!)
    } catch (error) {
      throw unwritable(error, placeOf(indexOf(raw, at, sources)))
    }
    if (at > start && size + next > MAX_PAYLOAD) {
      flush(raw.slice(start, at), start)
      start = at
      size = 0
    }
    size += next
  }
  return requests
}

/** What an element that is added refers to. */
function notThere(code: string, { data, objref }: RawElement): string | undefined {
  if (code !== 'ENOENT') return undefined
  const chain = data?.verdict?.chain
  if (chain !== undefined) return `the table has no chain '${chain}'`
  return objref === undefined
    ? 'what it refers to is not there'
    : `the table has no object '${objref}' of the type that the map is of`
}

const REFUSED: Readonly<Record<string, string>> = {
  EEXIST: 'the set has it, or a range that overlaps it',
  ENOENT: 'the set has no such element',
  ENFILE: 'the set is full (its size)',
  ERANGE: 'it expires later than its timeout, or that of the set, says',
}

/** The number in the call of the element that a message is about: an interval is two, of which the second ends it. */
function indexOf(raw: Written['raw'], at: number, sources: Written['sources']): number {
  if (raw instanceof Keys) return at
  const nth = raw.slice(0, at + 1).filter((one) => !isEnd(one)).length - 1
  return sources?.[nth] ?? nth
}

/** The error of what cannot be written, which names it as it was given. */
function unwritable(error: unknown, place: string): unknown {
  if (!(error instanceof Fault)) return error
  error.path = error.path.replace(/^expressions\.elem/, 'expressions').replace(/^expr\b/, 'expressions[0]')
  return error.within(place).toError('')
}

function keyOf(element: NftElementsInput['elements'][number]): unknown {
  return typeof element === 'object' && 'key' in element ? element.key : element
}

/** Those of an element, of its key and of the value in it. */
const KEY_HEADERS = 12

/** Bytes of an element with its header. */
function sizeOf(element: RawElement): number {
  const { key, keyEnd, data, flags, timeout, expiration, userdata, objref } = element
  if (element.expr !== undefined || element.expressions !== undefined || element.unknown !== undefined) {
    const out = new Writer()
    encodeAttributes(elementAttributes, out, element as Record<string, unknown>)
    return 4 + out.length
  }
  return (
    4 +
    (flags === undefined ? 0 : 8) +
    (timeout === undefined ? 0 : 12) +
    (expiration === undefined ? 0 : 12) +
    dataSize(key) +
    dataSize(keyEnd) +
    dataSize(data) +
    (userdata === undefined ? 0 : 4 + align(userdata.length)) +
    (objref === undefined ? 0 : textSize(objref))
  )
}

function dataSize(data: Infer<typeof dataAttributes> | undefined): number {
  if (data === undefined) return 0
  if (data.value !== undefined) return 8 + align(data.value.length)
  const chain = data.verdict?.chain
  return 16 + (chain === undefined ? 0 : textSize(chain))
}

/** At most: a character has up to three bytes for each of its UTF-16 units. */
function textSize(text: string): number {
  return 4 + align(3 * text.length + 1)
}
