/**
 * Whatever a program that no types have looked at puts in the place of a part of a call: it is refused by an error that names the part, or
 * goes to the kernel. What V8 says of it ("Cannot read properties of undefined") tells the program's author nothing.
 */

import { beforeAll, describe, expect, it, vi } from 'vitest'
import { show } from '../../src/codec/fault.js'
import { NetlinkError, SystemError } from '../../src/index.js'
import { isRuleBody } from '../../src/nftables/builder/rule.js'
import { openNetns } from '../../src/sync.js'
import { netns, type Row, rows } from './garbage-rows.js'

/** A call that has lost its namespace is about this machine: nothing may come so far. */
class ReachedSystem extends Error {}
const refuse = (_: object, name: string | symbol) => () => {
  throw new ReachedSystem(String(name))
}
vi.mock('../../src/socket/addon.js', () => ({ addon: () => new Proxy({}, { get: refuse }) }))
beforeAll(() => expect(() => openNetns({ path: '/no/such/file' })).toThrow(ReachedSystem))

type Path = readonly (string | number)[]

/** Every part of a value, and the value itself unless it is the arguments of a call. */
function* partsOf(value: unknown, path: Path = []): Generator<Path> {
  if (path.length > 0) yield path
  if (typeof value !== 'object' || value === null || value === netns || isRuleBody(value)) return
  for (const [key, part] of Object.entries(value))
    yield* partsOf(part, [...path, Array.isArray(value) ? Number(key) : key])
}

/** The value with another one at a path. */
function replaced(value: unknown, [key, ...rest]: Path, part: unknown): unknown {
  if (key === undefined) return part
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<
    string | number,
    unknown
  >
  copy[key] = replaced(copy[key], rest, part)
  return copy
}

const GARBAGE: readonly (readonly [string, unknown])[] = [
  ...[null, undefined, true, 0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 32, 2 ** 53].map(named),
  ...['', 'x', '1', 'constructor', '__proto__', 'toString'].map((text) => [`'${text}'`, text] as const),
  ['a long text', 'x'.repeat(300)],
  ['a text with NUL', 'a\0b'],
  ['half a character', '\ud800'],
  ['10n', 10n],
  ['a symbol', Symbol('s')],
  ['a function', () => {}],
  ['{}', {}],
  ['{ x: 1 }', { x: 1 }],
  ['an object without prototype', Object.create(null)],
  ['a String', new String('eth0')],
  ['a Date', new Date()],
  ['a Map', new Map()],
  ['bytes', new Uint8Array(3)],
  ['[]', []],
  ['[null]', [null]],
  ['[undefined]', [undefined]],
  ["['x']", ['x']],
  ['[{}]', [{}]],
  ['[[]]', [[]]],
  ['an array of holes', new Array(3)],
]

function named(value: unknown): readonly [string, unknown] {
  return [String(value), value]
}

const OF_V8 =
  /Cannot (?:read|convert|mix|destructure|access|create|assign)|is not (?:a function$|iterable)|Invalid (?:array|typed)|Maximum call|Symbol value/

/** What is given is missed elsewhere: "table: a rule that looks up needs one". */
function isNothing(part: unknown): boolean {
  return part == null || (typeof part === 'object' && Object.keys(part).length === 0)
}

/** It is right by itself and does not go with something else, or is called otherwise in the message that would be sent. */
function isElsewhere(message: string, part: unknown): boolean {
  const told = show(part)
  return (told.length > 1 || part === 0) && message.includes(told)
}

/** What is wrong with how a call takes it; undefined for nothing. */
function complaint({ call, args }: Row, path: Path, part: unknown): string | undefined {
  try {
    call(...(replaced(args, path, part) as never[]))
    return undefined
  } catch (error) {
    if ([NetlinkError, SystemError, ReachedSystem].some((kind) => error instanceof kind)) return undefined
    if (!(error instanceof RangeError || error instanceof TypeError))
      return `an error of another kind: ${error}`
    const { message } = error
    if (OF_V8.test(message)) return message
    const name = path.findLast((key) => typeof key === 'string')
    const isTold = name === undefined || new RegExp(`\\b${name}\\b`).test(message)
    return isTold || isNothing(part) || isElsewhere(message, part)
      ? undefined
      : `without its name: ${message}`
  }
}

describe.each(rows)('$name', (row) => {
  it('is right', () => {
    expect(complaint(row, [], row.args)).toBeUndefined()
    expect(() => row.call(...(row.args as never[]))).not.toThrow(RangeError)
    expect(() => row.call(...(row.args as never[]))).not.toThrow(TypeError)
  })

  it('names what it cannot take', () => {
    const complaints = [...partsOf(row.args)].flatMap((path) =>
      GARBAGE.flatMap(([what, part]) => {
        const told = complaint(row, path, part)
        return told === undefined ? [] : [`${path.join('.')} = ${what}: ${told}`]
      }),
    )
    expect(complaints).toEqual([])
  })
})
