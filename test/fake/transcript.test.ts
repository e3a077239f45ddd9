/** The fake kernel against the real one: conversations recorded by capture.ts, played again, and the fake's own messages. */

import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { align, getU16, getU32, putU16 } from '../../src/codec/bytes.js'
import { attributes, message, s32, struct, u8, u16, u32 } from '../../src/codec/index.js'
import { errnoCode } from '../../src/netlink/errno.js'
import { type ErrorAttributes, readErrorAttributes } from '../../src/netlink/extack.js'
import type { NetnsHandle } from '../../src/netlink/operation.js'
import { done, failure, type Part, success } from '../../src/testing/index.js'
import { FACES } from './support.js'
import { messagesIn, type Recorded, replay, transcript } from './transcript.js'

const NLMSG_ERROR = 2
const NLMSG_DONE = 3
const NLM_F_ACK = 4
const NLM_F_MULTI = 2
const NLM_F_DUMP_INTR = 0x10
const NLM_F_DUMP_FILTERED = 0x20
const addresses = ['192.0.2.1/24', '192.0.2.2/24', '192.0.2.3/24']

describe.each(FACES)('played again ($face)', ({ nl }) => {
  const outcome = async (call: () => unknown) => {
    try {
      return await call()
    } catch (error) {
      return error
    }
  }
  const add = (netns: NetnsHandle) => outcome(() => nl.addAddress('eth0', addresses[0]!, { netns }))
  const batch = async (netns: NetnsHandle) => {
    const record = (b: { addAddress(dev: string, address: string): void }) => {
      for (const address of addresses) b.addAddress('eth0', address)
    }
    const results = await nl.batch(record, { netns })
    return results.map((result) => (result.status === 'rejected' ? result.reason : result.status))
  }
  const exists = { code: 'EEXIST', extack: { message: 'ipv4: Address already assigned', path: null } }

  test('an acknowledgement', async () => {
    expect(await add(replay(transcript('acknowledged')))).toBeUndefined()
  })

  test('errors: with text, without, with the bounds of a value', async () => {
    expect(await add(replay(transcript('refused with text')))).toMatchObject(exists)
    const bare = replay(transcript('refused without text'))
    expect(await outcome(() => nl.createBridge({ name: 'eth0', netns: bare }))).toMatchObject({
      code: 'EEXIST',
      extack: { message: null, path: null },
    })
    const ifinfomsg = struct({ family: u8, pad: u8, type: u16, index: s32, flags: u32, change: u32 })
    const short = message('RTM_NEWLINK', 16, ifinfomsg, attributes('IFLA', { mtu: [4, u16] }))
    using socket = await nl.openNetlinkSocket(0, { netns: replay(transcript('refused with policy')) })
    const body = { header: { index: 10 }, attributes: { mtu: 1400 } }
    expect(await outcome(() => socket.request(short, body))).toMatchObject({
      code: 'ERANGE',
      extack: { message: 'Attribute failed policy validation', path: 'mtu', policy: { max: 0xffffffffn } },
    })
  })

  test('batches: an error in the middle, at the end, nothing but errors', async () => {
    expect(await batch(replay(transcript('batch with an error in the middle')))).toMatchObject([
      'fulfilled',
      exists,
      'fulfilled',
    ])
    expect(await batch(replay(transcript('batch with an error at the end')))).toMatchObject([
      'fulfilled',
      'fulfilled',
      exists,
    ])
    expect(await batch(replay(transcript('batch of errors')))).toMatchObject([exists, exists, exists])
  })

  test('dumps: of an absent table, refused, in parts', async () => {
    const list = (netns: NetnsHandle) => nl.listAddresses({ family: 'ipv4', netns })
    const absent = replay(transcript('dump of an absent table'))
    expect(await nl.listRoutes({ table: 12345, family: 'ipv4', netns: absent })).toEqual([])
    expect(await outcome(() => list(replay(transcript('dump refused'))))).toMatchObject({
      code: 'EINVAL',
      extack: { message: 'ipv4: Unsupported attribute in dump request' },
    })
    const listed = await list(replay(transcript('dump in parts')))
    expect(listed.map(({ address }) => address)).toEqual(
      Array.from({ length: 110 }, (_, i) => `198.51.100.${i}/32`),
    )
  })

  test('a dump that is interrupted, and then is not', async () => {
    const kernel = replay(transcript('dump interrupted'))
    const listed = await nl.listAddresses({ family: 'ipv4', netns: kernel })
    expect(kernel.requests).toHaveLength(2)
    expect(listed).toHaveLength(111)
    expect(listed.map(({ address }) => address)).toContain('203.0.113.1/32')
  })
})

test('a stream of a dump that is interrupted throws', async () => {
  const { nl } = FACES[0]
  const kernel = replay(transcript('dump interrupted'))
  const read = async () => {
    for await (const _ of nl.streamAddresses({ family: 'ipv4', netns: kernel }));
  }
  await expect(read()).rejects.toBeInstanceOf(nl.DumpInterruptedError)
  expect(kernel.requests).toHaveLength(1)
})

describe('what the fake kernel writes is what the real one wrote', () => {
  const scenarios = readdirSync(new URL('transcripts/', import.meta.url)).map((file) =>
    file.replace('.json', ''),
  )

  /** The part that a test would write for a message of the real kernel. */
  function written({ type, flags, bytes }: Recorded): Part {
    const errno = -(getU32(bytes, 16) | 0)
    const extack: ErrorAttributes = readErrorAttributes(bytes, 0, bytes.length)
    const code = errno === 0 ? undefined : errnoCode(errno)
    if (type === NLMSG_DONE) {
      const options = { error: code, interrupted: (flags & NLM_F_DUMP_INTR) !== 0 }
      const end = done(Object.keys(extack).length > 0 ? { ...options, extack } : options)
      return (to) => {
        const message = end(to)
        // That the kernel filtered is of no consequence; the fake kernel does not say so.
        putU16(message, 6, getU16(message, 6) | (flags & NLM_F_DUMP_FILTERED))
        return message
      }
    }
    return code === undefined ? success() : failure(code, extack)
  }

  test.each(scenarios)('%s', (scenario) => {
    let compared = 0
    for (const { send, receive } of transcript(scenario).exchanged) {
      const requests = messagesIn(send)
      for (const answer of receive.flatMap((part) => (typeof part === 'string' ? messagesIn(part) : []))) {
        if (answer.type !== NLMSG_ERROR && answer.type !== NLMSG_DONE) continue
        const request = requests.find(({ seq }) => seq === answer.seq)!
        const to = { ...request, portid: getU32(answer.bytes, 12), flags: NLM_F_ACK }
        expect(Buffer.from(written(answer)(to)).toString('hex')).toBe(
          Buffer.from(answer.bytes).toString('hex'),
        )
        compared++
      }
    }
    expect(compared).toBeGreaterThan(0)
  })

  test('changes of a batch carry NLM_F_ACK on the last alone; the kernel answers that and what it refuses', () => {
    const [sent] = transcript('batch with an error in the middle').exchanged
    const requests = messagesIn(sent!.send)
    expect(requests.map(({ flags }) => flags & NLM_F_ACK)).toEqual([0, 0, NLM_F_ACK])
    const answers = sent!.receive.flatMap((part) => messagesIn(part as string))
    expect(answers.map(({ seq, bytes }) => [seq, getU32(bytes, 16) | 0])).toEqual([
      [requests[1]!.seq, -17],
      [requests[2]!.seq, 0],
    ])
  })

  test('the parts of a dump are marked as such, and an interruption on what follows it', () => {
    const parts = transcript('dump interrupted').exchanged[0]!.receive.map((part) =>
      messagesIn(part as string),
    )
    expect(parts.length).toBeGreaterThan(1)
    const flags = parts.flat().map((it) => it.flags)
    expect(flags.every((it) => it & NLM_F_MULTI)).toBe(true)
    expect(parts[0]!.some((it) => it.flags & NLM_F_DUMP_INTR)).toBe(false)
    expect(flags.some((it) => it & NLM_F_DUMP_INTR)).toBe(true)
    expect(align(parts[0]!.reduce((sum, it) => sum + it.bytes.length, 0))).toBeLessThanOrEqual(4096)
  })
})
