/** What can happen to an answer: through the real drivers, channels and the exchange, in both faces. */

import { describe, expect, test } from 'vitest'
import { align, putU16, putU32 } from '../../src/codec/bytes.js'
import {
  type Answer,
  done,
  dump,
  failure,
  fakeKernel,
  messages,
  PAUSE,
  type Part,
  reply,
  success,
} from '../../src/testing/index.js'
import { FACES, link, thrown } from './support.js'

const NLM_F_MULTI = 2
const bodies = (...names: string[]) =>
  names.map((ifname, i) => ({ header: { index: i + 1 }, attributes: { ifname } }))
const entry = (ifname: string) => link(ifname, 1, NLM_F_MULTI)
const whole = dump(messages.RTM_NEWLINK, bodies('a', 'b', 'c'))

/** Answers dumps with one answer after the other, everything else in the kernel's own way. */
function answering(...answers: Answer[]) {
  let next = 0
  return fakeKernel(({ isGet }) => (isGet ? answers[Math.min(next++, answers.length - 1)] : undefined), {
    interfaces: { eth0: 2 },
  })
}

/** The same for another socket or another request. */
function foreign(part: Part, changes: { seq?: number; portid?: number }): Part {
  return (to) => part({ ...to, seq: changes.seq ?? to.seq, portid: changes.portid ?? to.portid })
}

describe.each(FACES)('an answer ($face)', ({ nl }) => {
  const names = async (kernel: ReturnType<typeof fakeKernel>) =>
    (await nl.listLinks({ netns: kernel })).map(({ name }) => name)

  test('in one datagram, in several at once, in several one after another', async () => {
    for (const answer of [
      whole,
      whole.flatMap((part) => [part, PAUSE, PAUSE]),
      [whole[0]!, PAUSE, ...whole.slice(1)],
      [PAUSE, ...whole.slice(0, 3), PAUSE, whole[3]!],
    ])
      expect(await names(answering(answer))).toEqual(['a', 'b', 'c'])
  })

  test('among messages for others, and late ones of an earlier request', async () => {
    const [a, b, c, end] = whole as [Part, Part, Part, Part]
    const kernel = answering([
      foreign(entry('x'), { seq: 77 }),
      a,
      foreign(done(), { seq: 77 }),
      foreign(entry('x'), { portid: 5 }),
      PAUSE,
      foreign(failure('EPERM'), { seq: 0, portid: 0 }),
      b,
      foreign(done({ error: 'EINVAL' }), { portid: 5 }),
      c,
      end,
    ])
    expect(await names(kernel)).toEqual(['a', 'b', 'c'])
    expect(await names(kernel)).toEqual(['a', 'b', 'c'])
  })

  test('that was never asked for, before the first request', async () => {
    const kernel = answering(whole)
    await names(kernel)
    expect(await names(answering([foreign(entry('x'), { seq: 0xffffffff }), ...whole]))).toEqual([
      'a',
      'b',
      'c',
    ])
  })

  test.each(['ENOBUFS', 'EMSGSIZE', 'ENOMEM'])(
    'lost (%s): the call fails, and the next is answered',
    async (code) => {
      const kernel = answering([entry('a'), { error: code }, ...whole], whole)
      expect(await thrown(() => names(kernel))).toMatchObject({ name: 'SystemError', code })
      // The rest of the dump has been read off: the kernel would refuse another one (EBUSY).
      expect(await names(kernel)).toEqual(['a', 'b', 'c'])
      expect(kernel.sockets).toBe(1)
    },
  )

  test('lost at once, lost to a change: the error says that the kernel may have acted', async () => {
    const kernel = fakeKernel(() => ({ error: 'ENOBUFS' }), { interfaces: { eth0: 2 } })
    const error = await thrown(() => nl.addAddress('eth0', '192.0.2.1/24', { netns: kernel }))
    expect(error).toMatchObject({
      code: 'ENOBUFS',
      advice: expect.stringContaining('may have carried the request out'),
    })
  })

  test('longer than the receive buffer: an error, never a short list', async () => {
    const huge = new Uint8Array((1 << 20) + 4)
    const kernel = answering([entry('a'), huge, done()], [huge], whole)
    expect(await thrown(() => names(kernel))).toMatchObject({ code: 'EMSGSIZE' })
    expect(await thrown(() => names(kernel))).toMatchObject({ code: 'EMSGSIZE' })
    expect(await names(kernel)).toEqual(['a', 'b', 'c'])
  })

  test.each(['EMSGSIZE', 'ENOBUFS', 'EPERM'])(
    'to what could not be sent (%s): an error, and the next is sent',
    async (code) => {
      const kernel = answering(whole)
      kernel.failSend(code)
      expect(await thrown(() => names(kernel))).toMatchObject({ name: 'SystemError', code })
      expect(kernel.requests).toEqual([])
      expect(await names(kernel)).toEqual(['a', 'b', 'c'])
    },
  )

  const malformed: [string, Answer, string][] = [
    ['half a header', Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), '8 bytes left where a header has 16'],
    ['a length of nothing', new Uint8Array(16), 'a message of length 0'],
    [
      'a length beyond the datagram',
      (to) => bent(entry('a'), (bytes) => putU32(bytes, 0, bytes.length + 4))(to),
      'bytes are left',
    ],
    [
      'an attribute beyond its message',
      [bent(entry('abcd'), (bytes) => putU16(bytes, 32, 60)), done()],
      'an attribute of length 60',
    ],
    [
      'a message without its struct',
      [bent(entry('a'), (bytes) => putU32(bytes, 0, 16), 16), done()],
      '0 bytes where 16 are fixed',
    ],
  ]
  test.each(malformed)('that is %s: a DecodeError, and the next is answered', async (_, answer, says) => {
    const kernel = answering(answer, whole)
    const error = await thrown(() => names(kernel))
    expect(error).toBeInstanceOf(nl.DecodeError)
    expect(error.message).toContain(says)
    expect(await names(kernel)).toEqual(['a', 'b', 'c'])
  })
})

/** A message spoilt, or cut. */
function bent(part: Part, bend: (bytes: Uint8Array) => void, length?: number): Part {
  return (to) => {
    const bytes = part(to).slice(0, length)
    bend(bytes)
    return bytes
  }
}

describe.each(FACES)('an error ($face)', ({ nl }) => {
  const refuse = (part: Part) => {
    const kernel = fakeKernel(() => part, { interfaces: { eth0: 2 } })
    return thrown(() => nl.addAddress('eth0', '192.0.2.1/24', { label: 'eth0:1', netns: kernel }))
  }

  test('with the text of the kernel and the attribute at fault', async () => {
    const error = await refuse(failure('EINVAL', { message: 'Invalid label', offset: 40 }))
    expect(error).toBeInstanceOf(nl.NetlinkError)
    expect(error).toMatchObject({ code: 'EINVAL', errno: 22, operation: 'RTM_NEWADDR' })
    expect(error).toMatchObject({
      extack: { message: 'Invalid label', path: 'label', missing: null, policy: null },
    })
    expect(error.message).toContain('RTM_NEWADDR')
    expect(error.message).toContain('EINVAL (Invalid argument): Invalid label [at label]')
  })

  test('with the bounds of a value, and with a missing attribute', async () => {
    expect(
      await refuse(failure('ERANGE', { offset: 40, policy: { type: 11, min: 1n, max: 15n } })),
    ).toMatchObject({
      extack: { path: 'label', policy: { min: 1n, max: 15n } },
    })
    expect(await refuse(failure('EINVAL', { missingType: 2 }))).toMatchObject({
      extack: { missing: 'local', path: null },
    })
  })

  test('without anything', async () => {
    expect(await refuse(failure('EPERM'))).toMatchObject({
      code: 'EPERM',
      extack: { message: null, path: null },
      advice: expect.stringContaining('CAP_NET_ADMIN'),
    })
  })

  test('that carries the whole request, as kernels without NETLINK_CAP_ACK write it', async () => {
    const uncapped: Part = (to) => {
      const capped = failure('EINVAL', { message: 'no' })(to)
      const bytes = new Uint8Array(20 + align(to.bytes.length) + capped.length - 36)
      bytes.set(capped.subarray(0, 20))
      bytes.set(to.bytes, 20)
      bytes.set(capped.subarray(36), 20 + align(to.bytes.length))
      putU32(bytes, 0, bytes.length)
      putU16(bytes, 6, 0x200)
      return bytes
    }
    expect(await refuse(uncapped)).toMatchObject({ extack: { message: 'no' } })
  })
})

describe.each(FACES)('a dump ($face)', ({ nl }) => {
  const marked = reply(
    messages.RTM_NEWLINK,
    { header: { index: 1 }, attributes: { ifname: 'torn' } },
    NLM_F_MULTI | 0x10,
  )
  const list = async (kernel: ReturnType<typeof fakeKernel>) =>
    (await nl.listLinks({ netns: kernel })).map(({ name }) => name)

  test('that the kernel marks as interrupted, at an entry or at its end, is repeated', async () => {
    const kernel = answering([entry('a'), marked, done()], [entry('a'), done({ interrupted: true })], whole)
    expect(await list(kernel)).toEqual(['a', 'b', 'c'])
    expect(kernel.requests).toHaveLength(3)
  })

  test('that is interrupted each time ends in an error that says how often, and has what was read last', async () => {
    const interrupted = (name: string) => [entry(name), marked, done()]
    const kernel = answering(...Array.from({ length: 9 }, () => interrupted('old')), interrupted('a'))
    const error = await thrown(() => list(kernel))
    expect(error).toBeInstanceOf(nl.DumpInterruptedError)
    expect(error).toMatchObject({ operation: 'RTM_GETLINK', code: 'EINTR' })
    expect(error.message).toContain('during each of 10 dumps')
    expect(error).toMatchObject({ values: [{ name: 'a' }, { name: 'torn' }] })
    expect(Object.keys(error)).not.toContain('values')
    expect(kernel.requests).toHaveLength(10)
  })

  test('of a table that does not exist is empty, other ends are errors', async () => {
    const kernel = answering(done({ error: 'ENOENT' }), [
      entry('a'),
      done({ error: 'EINVAL', extack: { message: 'Invalid' } }),
    ])
    expect(await nl.listRoutes({ table: 77, netns: kernel })).toEqual([])
    expect(await thrown(() => list(kernel))).toMatchObject({ code: 'EINVAL', extack: { message: 'Invalid' } })
  })

  test('can be refused at its start', async () => {
    const kernel = answering(failure('EINVAL', { message: 'Invalid values in header for link dump request' }))
    expect(await thrown(() => list(kernel))).toMatchObject({
      extack: { message: expect.stringContaining('link dump') },
    })
  })
})

describe('promises', () => {
  const { nl } = FACES[0]

  test('a long dump and requests that overtake it share one socket', async () => {
    const many = Array.from({ length: 2000 }, (_, i) => `v${i}`)
    const parts = dump(messages.RTM_NEWLINK, bodies(...many)).flatMap((part, i) =>
      i % 300 === 299 ? [part, PAUSE] : [part],
    )
    const kernel = fakeKernel(
      ({ isDump, name }) => (isDump ? parts : name === 'RTM_GETLINK' ? link('eth0') : success()),
      {
        interfaces: { eth0: 2 },
      },
    )
    const [links, one, , others] = await Promise.all([
      nl.listLinks({ netns: kernel }),
      nl.getLink('eth0', { netns: kernel }),
      nl.addAddress('eth0', '192.0.2.1/24', { netns: kernel }),
      nl.listLinks({ netns: kernel }),
    ])
    expect(links.map(({ name }) => name)).toEqual(many)
    expect(others.map(({ name }) => name)).toEqual(many)
    expect(one.name).toBe('eth0')
    expect(kernel.sockets).toBe(1)
    // The second dump waited for the end of the first: the kernel was never asked for two at a time.
    expect(kernel.requests.map(({ name, isDump, send }) => [name, isDump, send > 0])).toEqual([
      ['RTM_GETLINK', false, false],
      ['RTM_NEWADDR', false, false],
      ['RTM_GETLINK', true, false],
      ['RTM_GETLINK', true, true],
    ])
  })

  test('what fails on the socket fails all that is under way, and nothing later', async () => {
    const kernel = answering({ error: 'ENOBUFS' }, whole)
    const asked = [nl.getLink('a', { netns: kernel }), nl.getLink('b', { netns: kernel })]
    const [a, b] = await Promise.allSettled(asked)
    expect([a, b]).toMatchObject([
      { status: 'rejected', reason: { code: 'ENOBUFS' } },
      { status: 'rejected', reason: { code: 'ENOBUFS' } },
    ])
    expect(await nl.listLinks({ netns: kernel })).toHaveLength(3)
  })

  test('what left before a sendmsg that failed is answered, a long dump too; of the rest the kernel has seen nothing', async () => {
    const kernel: ReturnType<typeof fakeKernel> = fakeKernel(
      ({ isDump }): Answer => {
        if (isDump) return [whole.slice(0, 2), PAUSE, PAUSE, whole.slice(2)]
        if (kernel.requests.length === 1 + 64) kernel.failSend('ENOBUFS')
        return success()
      },
      { interfaces: { eth0: 2 } },
    )
    const links = nl.listLinks({ netns: kernel })
    while (kernel.requests.length === 0) await new Promise((go) => setImmediate(go))
    const routes = Array.from({ length: 130 }, (_, i) =>
      nl.addRoute({ to: `192.0.2.${i}/32`, dev: 'eth0', netns: kernel }),
    )
    const settled = await Promise.allSettled(routes)
    expect(settled.map(({ status }) => status)).toEqual(
      settled.map((_, i) => (i < 64 ? 'fulfilled' : 'rejected')),
    )
    for (const { reason } of settled.slice(64) as PromiseRejectedResult[]) {
      expect(reason).toMatchObject({ name: 'SystemError', code: 'ENOBUFS' })
      expect(String(reason)).toContain('the kernel has not seen')
    }
    expect(kernel.requests).toHaveLength(1 + 64)
    expect(await links).toHaveLength(3)
    expect(await nl.listLinks({ netns: kernel })).toHaveLength(3)
  })
})
