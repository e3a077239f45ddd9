/** What errors say of a request, and what becomes of bytes that cannot be read. */

import { describe, expect, test } from 'vitest'
import { putU16, putU32 } from '../../src/codec/bytes.js'
import { DecodeError } from '../../src/codec/index.js'
import * as nl from '../../src/netlink/constants.js'
import { NetlinkError } from '../../src/netlink/errors.js'
import { done, failure, type Part, success } from '../../src/testing/reply.js'
import { bare, conversation, encoded, errorOf, link, receive, request } from './exchange-conversation.js'

describe('errors', () => {
  test('name the operation, its subject, the attribute, and carry the request', () => {
    const { add, send, answer, outcomes } = conversation()
    const asked = request('ack', 'v0', { subject: "interface 'v0'", advise: (code) => `advice for ${code}` })
    add(asked)
    send()
    answer(1, failure('ERANGE', { message: 'too long', offset: 32, policy: { maxLength: 15 } }))
    const error = errorOf(outcomes[0])
    expect(error).toBeInstanceOf(NetlinkError)
    expect(error).toMatchObject({
      code: 'ERANGE',
      errno: 34,
      operation: 'RTM_NEWLINK',
      subject: "interface 'v0'",
    })
    expect(error.extack).toMatchObject({ message: 'too long', path: 'ifname', policy: { maxLength: 15 } })
    expect(error.advice).toBe('advice for ERANGE')
    expect(error.request).toEqual(encoded(asked, 1))
  })

  test('name a missing attribute and the nest that lacks it', () => {
    const { add, send, answer, outcomes } = conversation()
    const body = { header: {}, attributes: { linkinfo: { kind: 'veth' } } }
    add(request('ack', '', { body }))
    send()
    answer(1, failure('EINVAL', { missingType: 2, missingNest: 32 }))
    expect(errorOf(outcomes[0]).extack.missing).toBe('linkinfo.data')
  })

  test('an error number without a name', () => {
    const { add, send, answer, outcomes } = conversation()
    add(request('ack'))
    send()
    answer(1, (to) => {
      const bytes = failure('EPERM')(to)
      putU32(bytes, 16, -524)
      return bytes
    })
    expect(outcomes[0]?.error).toMatchObject({ code: 'errno 524', errno: 524 })
  })
})

describe('malformed bytes', () => {
  test.each([
    ['less than a header', [1, 2, 3, 4], 'nlmsghdr: 4 bytes left where a header has 16 (at byte 0)'],
    ['a length below the header', bare(3, 1).fill(8, 0, 1), 'a message of length 8 where 16 bytes are left'],
    ['a length beyond the end', bare(3, 1).fill(20, 0, 1), 'a message of length 20 where 16 bytes are left'],
  ])('%s', (_, bytes, text) => {
    const { add, send, exchange } = conversation()
    add(request('ack'))
    send()
    expect(() => receive(exchange, [Uint8Array.from(bytes)])).toThrow(DecodeError)
    expect(() => receive(exchange, [Uint8Array.from(bytes)])).toThrow(text)
  })

  test('a message that cannot be read fails its own request, at its end; the others go on', () => {
    const { add, send, answer, outcomes, exchange } = conversation()
    add(request('dump'), request('reply'))
    send()
    answer(1, link('a'), () => bare(16, 1), link('b'))
    answer(2, link('c', 0))
    expect(outcomes).toEqual([undefined, { error: null, values: ['c'] }])
    answer(1, done())
    expect(outcomes[0]?.error).toBeInstanceOf(DecodeError)
    expect(outcomes[0]?.error?.message).toBe('RTM_GETLINK: 0 bytes where 16 are fixed (at byte 16)')
    expect(exchange.isWaiting).toBe(false)
  })

  test.each([
    [
      'without number',
      () => bare(nl.NLMSG_ERROR, 1),
      'NLMSG_ERROR: 16 bytes where an error has 20 (at byte 0)',
    ],
    [
      'with a number above 0, which would pass for success',
      (to: Parameters<Part>[0]) => {
        const bytes = failure('EPERM')(to)
        putU32(bytes, 16, 1)
        return bytes
      },
      'NLMSG_ERROR: 1 where an error is below 0 (at byte 16)',
    ],
  ])('an error %s fails its own request alone', (_, bytes, text) => {
    const { add, send, answer, outcomes } = conversation()
    add(request('ack'), request('ack'))
    send()
    answer(1, bytes)
    answer(2, success())
    expect(outcomes[0]?.error).toBeInstanceOf(DecodeError)
    expect(outcomes[0]?.error?.message).toBe(text)
    expect(outcomes[1]?.error).toBeNull()
  })

  test('attributes of an error that cannot be read fail its own request alone', () => {
    const { add, send, answer, outcomes } = conversation()
    add(request('ack'), request('ack'))
    send()
    answer(1, (to) => {
      const bytes = failure('EPERM', { message: 'no' })(to)
      putU16(bytes, 36, 500)
      return bytes
    })
    answer(2, success())
    expect(outcomes[0]?.error).toBeInstanceOf(DecodeError)
    expect(outcomes[1]?.error).toBeNull()
  })
})
