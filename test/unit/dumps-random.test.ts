/** What real kernels answered (golden/dumps), read as it is, and bent: nothing but a DecodeError may come of that. */

import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Body, DecodeError, decodeBody, guarded, type Message, message } from '../../src/codec/index.js'
import { chainOf } from '../../src/nftables/chain.js'
import type { RawElement } from '../../src/nftables/element.js'
import { flowtableOf } from '../../src/nftables/flowtable.js'
import { elementsOf } from '../../src/nftables/listed-elements.js'
import * as nft from '../../src/nftables/messages.js'
import { objectOf } from '../../src/nftables/object.js'
import { ruleOf } from '../../src/nftables/rule.js'
import { setOf, shapeOfInput } from '../../src/nftables/set.js'
import { tableOf } from '../../src/nftables/table.js'
import { readAddress } from '../../src/rtnetlink/address/address.js'
import { readMulticast } from '../../src/rtnetlink/address/joined.js'
import { newAddress, newMulticast } from '../../src/rtnetlink/address/table.js'
import { readAddressLabel } from '../../src/rtnetlink/address-label/address-label.js'
import { newAddressLabel } from '../../src/rtnetlink/address-label/table.js'
import { readFdbEntry } from '../../src/rtnetlink/bridge/fdb/entry.js'
import { setBridgeLink } from '../../src/rtnetlink/bridge/link-table.js'
import { readMdb, readRouterPorts } from '../../src/rtnetlink/bridge/mdb/entry.js'
import { mdbAttributes, mdbMessage } from '../../src/rtnetlink/bridge/mdb/table.js'
import { readBridgePort } from '../../src/rtnetlink/bridge/port/port.js'
import { newVlan } from '../../src/rtnetlink/bridge/vlan/table.js'
import { readVlanEvent } from '../../src/rtnetlink/bridge/vlan/vlan.js'
import { linkReader, readLink } from '../../src/rtnetlink/link/link.js'
import { newLink } from '../../src/rtnetlink/link/table.js'
import { readMplsRoute } from '../../src/rtnetlink/mpls/mpls-route.js'
import { newMplsRoute } from '../../src/rtnetlink/mpls/table.js'
import { readNeighbour } from '../../src/rtnetlink/neighbour/neighbour.js'
import { newNeighbour } from '../../src/rtnetlink/neighbour/table.js'
import { readNeighbourTable } from '../../src/rtnetlink/neighbour-table/neighbour-table.js'
import { newNeighbourTable } from '../../src/rtnetlink/neighbour-table/table.js'
import { readNetconf } from '../../src/rtnetlink/netconf/netconf.js'
import { newNetconf } from '../../src/rtnetlink/netconf/table.js'
import { readNexthop } from '../../src/rtnetlink/nexthop/nexthop.js'
import { newNexthop } from '../../src/rtnetlink/nexthop/table.js'
import { readNsid } from '../../src/rtnetlink/nsid/request.js'
import { newNsid } from '../../src/rtnetlink/nsid/table.js'
import { readLookup } from '../../src/rtnetlink/route/lookup.js'
import { readRoute } from '../../src/rtnetlink/route/route.js'
import { newRoute } from '../../src/rtnetlink/route/table.js'
import { readRule } from '../../src/rtnetlink/rule/rule.js'
import { newRule } from '../../src/rtnetlink/rule/table.js'

type Read = (bytes: Uint8Array, start: number, end: number) => unknown

const nameOf = () => 'eth0'
const named =
  (read: (...args: [Uint8Array, number, number, () => string]) => unknown): Read =>
  (bytes, start, end) =>
    read(bytes, start, end, nameOf)
const decoded =
  <M extends Message>(definition: M, read: (body: Body<M>) => unknown): Read =>
  (bytes, start, end) =>
    read(decodeBody(definition, bytes, start, end))
/** A definition and what makes of it what callers get. */
const nftables = <M extends Message>(definition: M, read: (body: Body<M>) => unknown) => ({
  definition,
  readers: [decoded(definition, read)],
})
const elements = (set: Parameters<typeof shapeOfInput>[0]) =>
  nftables(nft.newElements, ({ attributes }) =>
    elementsOf(shapeOfInput(set), (attributes.elements ?? []) as RawElement[]),
  )
const vlans = { definition: newVlan, readers: [named(readVlanEvent)] }
const newMdb = message('RTM_NEWMDB', 84, mdbMessage, mdbAttributes)

/** What reads the messages of each dump (golden/record-dumps.ts has the sets). */
const READERS: Record<string, { definition: Message; readers: Read[] }> = {
  link: { definition: newLink, readers: [readLink, linkReader(['stats', 'afSpec', 'vfs'], true)] },
  address: { definition: newAddress, readers: [named(readAddress)] },
  route4: { definition: newRoute, readers: [named(readRoute), named(readLookup)] },
  route6: { definition: newRoute, readers: [named(readRoute), named(readLookup)] },
  neighbour: { definition: newNeighbour, readers: [named(readNeighbour)] },
  fdb: { definition: newNeighbour, readers: [named(readFdbEntry)] },
  rule: { definition: newRule, readers: [readRule] },
  multicast: { definition: newMulticast, readers: [named(readMulticast)] },
  'neighbour-table': { definition: newNeighbourTable, readers: [named(readNeighbourTable)] },
  'address-label': { definition: newAddressLabel, readers: [named(readAddressLabel)] },
  netconf: { definition: newNetconf, readers: [named(readNetconf)] },
  mdb: { definition: newMdb, readers: [named(readMdb), named(readRouterPorts)] },
  nsid: { definition: newNsid, readers: [readNsid] },
  nexthop: { definition: newNexthop, readers: [named(readNexthop)] },
  'bridge-link': { definition: setBridgeLink, readers: [named(readBridgePort)] },
  'bridge-vlan': vlans,
  'global-bridge-vlan': vlans,
  mpls: { definition: newMplsRoute, readers: [named(readMplsRoute)] },
  'nft-table': nftables(nft.newTable, tableOf),
  'nft-chain': nftables(nft.newChain, chainOf),
  'nft-rule': nftables(nft.newRule, ruleOf),
  'nft-set': nftables(nft.newSet, setOf),
  'nft-elements': elements({ type: ['ipv4_addr', 'inet_service'], flags: ['interval', 'timeout'] }),
  'nft-map-elements': elements({ type: 'ipv4_addr', map: 'verdict', flags: ['interval'] }),
  'nft-object': nftables(nft.newObject, objectOf),
  'nft-flowtable': nftables(nft.newFlowtable, flowtableOf),
}

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

/** Every value of `unknown` in a decoded message, with its path. */
function unknowns(value: unknown, path: string): string[] {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return []
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'unknown'
      ? [`${path}: ${(inner as { type: number }[]).map(({ type }) => type)}`]
      : unknowns(inner, `${path}.${key}`),
  )
}

/** The tables that a kernel was recorded without, since it lacks them (golden/record-dumps.ts). */
const LACKS: Record<string, string[]> = {
  '6.1.176': ['mdb', ...Object.keys(READERS).filter((name) => name.startsWith('nft-'))],
  '6.12.117+deb12-amd64': [],
  '6.18.44-fc-v669': ['bridge-vlan', 'global-bridge-vlan', 'mpls', 'nft-flowtable'],
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
