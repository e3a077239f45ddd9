/** What is read is written again as it was: every message of nft, and what this library does not know. */

import { describe, expect, it } from 'vitest'
import { decodeBody, encodeBody, type Message, Writer } from '../../src/codec/index.js'
import { chainOf } from '../../src/nftables/chain.js'
import { flowtableOf } from '../../src/nftables/flowtable.js'
import * as messages from '../../src/nftables/messages.js'
import { objectOf } from '../../src/nftables/object.js'
import type { Transaction } from '../../src/nftables/recorder.js'
import { ruleOf } from '../../src/nftables/rule.js'
import { setOf } from '../../src/nftables/set.js'
import { tableOf } from '../../src/nftables/table.js'
import { fromHex, loadGolden, toHex } from '../golden/golden.js'
import { sentByCalls } from './nft-sent.js'

const HEADER = 16
const byNumber = new Map((Object.values(messages) as Message[]).map((message) => [message.number, message]))

function again(bytes: Uint8Array): string {
  const message = byNumber.get(bytes[4]! | (bytes[5]! << 8))!
  const out = new Writer()
  encodeBody(message, out, decodeBody(message, bytes, HEADER, bytes.length) as never)
  return toHex(out.take())
}

/** NUL-terminated names come back with their NUL where nft left it out. */
const UNTERMINATED =
  /^nft-(more-ct-helper-set|do-(counter|quota|limit)-named|do-counter-map|dynamic-(counter|helper|limit)-map|object-ct-helper|secmark|given-.*)$/

describe.each(['nft-object', 'nft-rule', 'nft-field', 'nft-combined', 'nft-corner', 'nft-uncommon'])(
  '%s',
  (area) => {
    const entries = loadGolden(area).filter(({ name }) => !UNTERMINATED.test(name))

    it('every message of nft is the same when it was read and written', () => {
      for (const { name, messages: sent } of entries) {
        for (const { bytes } of sent) expect(again(bytes), name).toBe(toHex(bytes.subarray(HEADER)))
      }
    })
  },
)

/** Attribute `number` with a payload, padded. */
function attribute(number: number, payload: string): string {
  const length = 4 + payload.length / 2
  const head = [length & 0xff, length >> 8, number & 0xff, number >> 8]
  return toHex(Uint8Array.from(head)) + payload + '00'.repeat((4 - (length % 4)) % 4)
}

const NESTED = 0x8000
const text = (value: string) => toHex(new TextEncoder().encode(`${value}\0`))
const named = attribute(1, text('t')) + attribute(2, text('c'))
const expression = (content: string) => attribute(1 | NESTED, content)
const ruleWith = (expressions: string, more = '') =>
  `01000000${named}${attribute(4 | NESTED, expressions)}${more}`

type Row = [name: string, attributes: string, add: (tx: Transaction, body: Uint8Array) => void]

/** The header of what belongs to tables of the family netdev, whose hooks have devices. */
const NETDEV = '05000000'

describe('what is not known', () => {
  it.each([
    [
      'an expression',
      ruleWith(expression(attribute(1, text('newest')) + attribute(2 | NESTED, attribute(1, '00000007')))),
    ],
    ['an expression without attributes', ruleWith(expression(attribute(1, text('newest'))))],
    [
      'an attribute of an expression',
      ruleWith(
        expression(
          attribute(1, text('meta')) +
            attribute(2 | NESTED, attribute(1, '00000001') + attribute(99, 'abcdef')),
        ),
      ),
    ],
    ['an attribute of a rule', ruleWith('', attribute(40, '01020304'))],
    [
      'a value of a name',
      ruleWith(
        expression(
          attribute(1, text('meta')) +
            attribute(2 | NESTED, attribute(2, '000003e7') + attribute(1, '00000001')),
        ),
      ),
    ],
  ])('%s survives a rule that is listed and added', (_, hex) => {
    const body = fromHex(hex)
    const rule = ruleOf(decodeBody(messages.newRule, body, 0, body.length))
    const [sent] = sentByCalls((tx) => tx.addRule(rule))
    expect(toHex(sent!.subarray(HEADER))).toBe(hex)
  })

  const newer = attribute(40, '01020304')
  const be32 = (value: number) => value.toString(16).padStart(8, '0')
  const hook = (content: string) =>
    attribute(4 | NESTED, attribute(1, be32(0)) + attribute(2, be32(0)) + attribute(4 | NESTED, content))
  /** Of a key of two values. */
  const fields = (more: string) =>
    attribute(2 | NESTED, [more, ''].map((it) => attribute(1 | NESTED, attribute(1, be32(4)) + it)).join(''))
  it.each<Row>([
    [
      'a table',
      attribute(1, text('t')) + attribute(2, be32(0)),
      (tx, body) => tx.addTable(tableOf(read(messages.newTable, body))),
    ],
    [
      'a chain, with a flag and devices by the beginning of their names',
      named.slice(0, 16) +
        attribute(3, text('c')) +
        hook(attribute(1, text('eth0')) + attribute(2, text('veth'))) +
        attribute(7, text('filter')) +
        attribute(10, be32(0x40)),
      (tx, body) => tx.addChain(chainOf(read(messages.newChain, body))),
    ],
    [
      'a set, with a flag',
      attribute(1, text('t')) +
        attribute(2, text('s')) +
        attribute(3, be32(0x1000)) +
        attribute(4, be32(7)) +
        attribute(5, be32(4)),
      (tx, body) => tx.addSet(setOf(read(messages.newSet, body))),
    ],
    [
      'a map to objects of a type that is not known',
      attribute(1, text('t')) +
        attribute(2, text('m')) +
        attribute(3, be32(0x40)) +
        attribute(4, be32(7)) +
        attribute(5, be32(4)) +
        attribute(15, be32(99)),
      (tx, body) => tx.addSet(setOf(read(messages.newSet, body))),
    ],
    [
      'an object of a type that is not known',
      attribute(1, text('t')) +
        attribute(2, text('o')) +
        attribute(3, be32(99)) +
        attribute(4 | NESTED, attribute(7, 'abcdef')),
      (tx, body) => tx.addObject(objectOf(read(messages.newObject, body))),
    ],
    [
      'a flowtable',
      attribute(1, text('t')) +
        attribute(2, text('f')) +
        attribute(
          3 | NESTED,
          attribute(1, be32(0)) + attribute(2, be32(0)) + attribute(3 | NESTED, attribute(2, text('veth'))),
        ) +
        attribute(7, be32(0)),
      (tx, body) => tx.addFlowtable(flowtableOf(read(messages.newFlowtable, body))),
    ],
    ...[attribute(3, text('eth0')), attribute(4 | NESTED, attribute(1, text('eth0')) + newer)].map(
      (devices, i): Row => [
        `a hook of a chain and a device of it (${i})`,
        attribute(1, text('t')) +
          attribute(3, text('c')) +
          attribute(4 | NESTED, attribute(1, be32(0)) + attribute(2, be32(0)) + devices + newer) +
          attribute(7, text('filter')),
        (tx, body) => tx.addChain(chainOf(read(messages.newChain, body))),
      ],
    ),
    [
      'a hook of a flowtable and its devices',
      attribute(1, text('t')) +
        attribute(2, text('f')) +
        attribute(
          3 | NESTED,
          attribute(1, be32(0)) +
            attribute(2, be32(0)) +
            attribute(3 | NESTED, attribute(1, text('eth0')) + newer) +
            newer,
        ) +
        attribute(7, be32(0)),
      (tx, body) => tx.addFlowtable(flowtableOf(read(messages.newFlowtable, body))),
    ],
    ...(
      [
        ['the description of a set', 0, 7, 4, attribute(1, be32(9)) + newer],
        ['fields of a key of known types', 0x84, 0x1c7, 8, fields('') + newer],
        ['a field of a key', 0x84, 0x1c7, 8, attribute(1, be32(9)) + fields(newer)],
        ['a key of several types that are not known', 0x84, 0xffe, 8, fields('')],
      ] as const
    ).map(
      ([name, flags, type, length, desc]): Row => [
        name,
        attribute(1, text('t')) +
          attribute(2, text('s')) +
          attribute(3, be32(flags)) +
          attribute(4, be32(type)) +
          attribute(5, be32(length)) +
          attribute(9 | NESTED, desc),
        (tx, body) => tx.addSet(setOf(read(messages.newSet, body))),
      ],
    ),
  ])('%s is listed and added with what is newer in it', (_, attributes, add) => {
    const body = fromHex(`${NETDEV}${attributes}${newer}`)
    const [sent] = sentByCalls((tx) => add(tx, body))
    for (const one of [attributes, newer])
      expect(parts(sent!)).toEqual(expect.arrayContaining(parts(fromHex(`${'00'.repeat(20)}${one}`))))
  })
})

/** The attributes of a message, each as its bytes; the numbers that a transaction gives to sets and the records of nft aside. */
function parts(bytes: Uint8Array): string[] {
  const found: string[] = []
  for (let at = HEADER + 4; at < bytes.length; ) {
    const length = bytes[at]! | (bytes[at + 1]! << 8)
    found.push(toHex(bytes.subarray(at, at + length)))
    at += (length + 3) & ~3
  }
  return found
}

function read<M extends Message>(message: M, body: Uint8Array) {
  return decodeBody(message, body, 0, body.length)
}

/** What nft(8) of 1.0.6 has no words for: nft_tunnel_obj_policy of net/netfilter/nft_tunnel.c says where everything lies. */
describe('an object that describes a tunnel', () => {
  const nested = (number: number, content: string) => attribute(number | NESTED, content)
  const TUNNEL = { family: 'inet', table: 't', name: 'c', type: 'tunnel' } as const

  it.each([
    [
      'VXLAN over IPv4',
      {
        id: 7,
        ip: { src: '10.0.0.1', dst: '10.0.0.2' },
        flags: ['dont-fragment', 'seq-number'],
        tos: 4,
        ttl: 64,
        sport: 1000,
        dport: 4789,
        opts: { vxlan: { gbp: 9 } },
      },
      attribute(1, '00000007') +
        nested(2, attribute(1, '0a000001') + attribute(2, '0a000002')) +
        attribute(4, '00000006') +
        attribute(5, '04') +
        attribute(6, '40') +
        attribute(7, '03e8') +
        attribute(8, '12b5') +
        nested(9, nested(1, attribute(1, '00000009'))),
    ],
    [
      'Geneve over IPv6',
      {
        id: 0xabcdef,
        ip6: { dst: '2001:db8::2', flowlabel: 5 },
        opts: {
          geneve: [
            { class: 0x102, type: 3, data: Uint8Array.of(1, 2, 3, 4) },
            { class: 0x102, type: 4, data: Uint8Array.of(5, 6, 7, 8) },
          ],
        },
      },
      attribute(1, '00abcdef') +
        nested(3, attribute(2, `20010db8${'00'.repeat(11)}02`) + attribute(3, '00000005')) +
        nested(
          9,
          nested(3, attribute(1, '0102') + attribute(2, '03') + attribute(3, '01020304')) +
            nested(3, attribute(1, '0102') + attribute(2, '04') + attribute(3, '05060708')),
        ),
    ],
  ])('%s', (_, data, content) => {
    const [sent] = sentByCalls((tx) => tx.addObject({ ...TUNNEL, data } as never))
    const body = `01000000${named}${attribute(3, '00000006')}${nested(4, content)}`
    expect(toHex(sent!.subarray(HEADER))).toBe(body)
    expect(objectOf(decodeBody(messages.newObject, sent!, HEADER, sent!.length))).toMatchObject({
      ...TUNNEL,
      data,
    })
  })
})
