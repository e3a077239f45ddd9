/** What is read is written again as it was: every message of nft, and what this library does not know. */

import { describe, expect, it } from 'vitest'
import { decodeBody, encodeBody, type Message, Writer } from '../../src/codec/index.js'
import * as messages from '../../src/nftables/messages.js'
import { ruleOf } from '../../src/nftables/rule.js'
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
  /^nft-(more-ct-helper-set|do-(counter|quota|limit)-named|do-counter-map|dynamic-(counter|helper|limit)-map|object-ct-helper|secmark)$/

describe.each(['nft-object', 'nft-rule', 'nft-field'])('%s', (area) => {
  const entries = loadGolden(area).filter(({ name }) => !UNTERMINATED.test(name))

  it('every message of nft is the same when it was read and written', () => {
    for (const { name, messages: sent } of entries) {
      for (const { bytes } of sent) expect(again(bytes), name).toBe(toHex(bytes.subarray(HEADER)))
    }
  })
})

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
})
