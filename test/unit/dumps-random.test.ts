/** What real kernels answered (golden/dumps), read as it is, and bent: nothing but a DecodeError may come of that. */

import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DecodeError, decodeBody, guarded } from '../../src/codec/index.js'
import { readIdentity } from '../../src/rtnetlink/link/identity.js'
import { readLink } from '../../src/rtnetlink/link/link.js'
import { READERS, type Read } from './dump-readers.js'

interface Recorded {
  kernel: string
  dumps: Record<string, string[]>
}

const directory = new URL('../golden/dumps/', import.meta.url)
const recorded = readdirSync(directory).map(
  (name) => JSON.parse(readFileSync(new URL(name, directory), 'utf8')) as Recorded,
)
const cases = recorded.flatMap(({ kernel, dumps }) =>
  Object.entries(dumps).map(([name, list]) => ({
    kernel,
    name,
    // Without struct nlmsghdr.
    bodies: list.map((hex) => Uint8Array.from(Buffer.from(hex, 'hex')).slice(16)),
  })),
)

it('what tells a link from others is what readLink() says', () => {
  const links = cases.filter(({ name }) => name === 'link').flatMap(({ bodies }) => bodies)
  const identities = links.map((body) => readIdentity(body, 0, body.length))
  const whole = links.map((body) => readLink(body, 0, body.length))
  expect(identities).toEqual(whole.map(({ ifindex, name, link }) => ({ ifindex, name, link })))
  expect(identities.filter(({ link }) => link !== null)).not.toEqual([])
})

/** Every value of `unknown` in a decoded message, with its path. */
function unknowns(value: unknown, path: string): string[] {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return []
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'unknown'
      ? [`${path}: ${(inner as { type: number }[]).map(({ type }) => type)}`]
      : unknowns(inner, `${path}.${key}`),
  )
}

/** What in a value is undefined, a function, computed when it is looked at, of a class, or in the memory of the bytes; with its path. */
function strange(value: unknown, memory: ArrayBufferLike, path: string): string[] {
  if (value === undefined || typeof value === 'function') return [`${path}: ${typeof value}`]
  if (value instanceof Uint8Array) return value.buffer === memory ? [`${path}: a part of the message`] : []
  if (typeof value !== 'object' || value === null) return []
  const prototype = Object.getPrototypeOf(value)
  const plain = [Object.prototype, Array.prototype, null].includes(prototype)
  return [
    ...(plain ? [] : [`${path}: ${prototype.constructor.name}`]),
    ...Object.entries(Object.getOwnPropertyDescriptors(value)).flatMap(([key, { get, value: inner }]) =>
      get === undefined ? strange(inner, memory, `${path}.${key}`) : [`${path}.${key}: a getter`],
    ),
  ]
}

/** The tables that a kernel was recorded without, since it lacks them (golden/record-dumps.ts). */
const LACKS: Record<string, string[]> = {
  '6.1.176': ['mdb', ...Object.keys(READERS).filter((name) => name.startsWith('nft-'))],
  // Recorded before these were asked for.
  '6.12.117+deb12-amd64': ['link-stats', 'nexthop-bucket', 'vxlan-vni', 'conntrack', 'conntrack-stats'],
  '6.18.44-fc-v595': ['bridge-vlan', 'global-bridge-vlan', 'mpls', 'nft-flowtable'],
}

it('of each kernel there are dumps of every table but those that it lacks', () => {
  const tables = Object.keys(READERS)
  const lacks = recorded.map(({ kernel, dumps }) => [kernel, tables.filter((name) => !(name in dumps))])
  expect(Object.fromEntries(lacks)).toEqual(LACKS)
  expect(cases.filter(({ name }) => !(name in READERS))).toEqual([])
  expect(cases.filter(({ bodies }) => bodies.length === 0)).toEqual([])
})

describe.each(cases)('$name of Linux $kernel', ({ name, bodies }) => {
  const { definition, readers } = READERS[name]!

  it('is read, and nothing of it is unknown: no padding either', () => {
    const found = bodies.flatMap((body) => {
      for (const read of readers) expect(() => read(body, 0, body.length)).not.toThrow()
      return unknowns(decodeBody(definition, body, 0, body.length), name)
    })
    expect([...new Set(found)]).toEqual([])
  })

  it('is plain data, which keeps nothing of the bytes that it was read from', () => {
    for (const body of bodies) {
      for (const read of readers) {
        const bytes = body.slice()
        const value = read(bytes, 0, bytes.length)
        const before = structuredClone(value)
        bytes.fill(0xff)
        expect(value).toStrictEqual(before)
        expect(strange(value, bytes.buffer, name)).toEqual([])
      }
    }
  })

  it('may be bent, which is a DecodeError at worst', () => {
    const change = fc.record({ at: fc.nat(), value: fc.nat({ max: 255 }) })
    const bent = fc.record({
      body: fc.constantFrom(...bodies),
      changes: fc.array(change, { maxLength: 4 }),
      // Lengths and types of attributes stand at multiples of four.
      headers: fc.array(change, { maxLength: 3 }),
      cut: fc.option(fc.nat(), { freq: 2 }),
      doubled: fc.boolean(),
    })
    fc.assert(
      fc.property(bent, ({ body, changes, headers, cut, doubled }) => {
        const { size } = definition.header
        const bytes = doubled ? Uint8Array.from([...body, ...body.subarray(size)]) : body.slice()
        for (const { at, value } of changes) bytes[at % bytes.length] = value
        for (const { at, value } of headers) bytes[(at * 4) % bytes.length] = value
        const end = cut === null ? bytes.length : size + (cut % Math.max(1, bytes.length - size + 1))
        for (const read of [...readers, (...where: Parameters<Read>) => decodeBody(definition, ...where)]) {
          try {
            guarded(name, () => read(bytes, 0, Math.min(end, bytes.length)))
          } catch (error) {
            expect(error).toBeInstanceOf(DecodeError)
          }
        }
      }),
      { numRuns: 300 },
    )
  })
})
