/** What leaves when, on sockets whose answers these tests give by hand; also of more channels than there are receive buffers. */

import { expect, it } from 'vitest'
import { align, getU16, getU32 } from '../../src/codec/bytes.js'
import { NLM_F_ACK, NLMSG_NOOP } from '../../src/netlink/constants.js'
import type { Request } from '../../src/netlink/request.js'
import { newLink } from '../../src/rtnetlink/link/table.js'
import { AsyncChannel } from '../../src/socket/async-channel.js'
import type { NativeSocket } from '../../src/socket/native.js'
import { success } from '../../src/testing/reply.js'

const EBADF = 9

const create = (ifname: string): Request => ({
  message: newLink,
  body: { header: {}, attributes: { ifname } },
  flags: 0,
  answer: 'ack',
})

/** The headers of the messages in what was sent. */
function messages(bytes: Uint8Array) {
  const all: { type: number; flags: number; seq: number }[] = []
  for (let at = 0; at < bytes.length; at += align(getU32(bytes, at)))
    all.push({ type: getU16(bytes, at + 4), flags: getU16(bytes, at + 6), seq: getU32(bytes, at + 8) })
  return all
}

interface Submission {
  readonly channel: number
  readonly sent: ReturnType<typeof messages>
  /** How many sendmsg it was. */
  readonly sends: number
  /** Says yes to all of it, or that the socket is closed. */
  answer(): void
}

function channels(count: number) {
  const submissions: Submission[] = []
  const all = Array.from({ length: count }, (_, channel) => {
    let isClosed = false
    const socket: Pick<NativeSocket, 'portid' | 'submit' | 'watch' | 'unwatch' | 'close'> = {
      portid: channel + 1,
      submit(request, length, into, done, ends) {
        const sent = messages(request.slice(0, length))
        const answer = () => {
          if (isClosed) return done(-EBADF, -EBADF, 0)
          let received = 0
          for (const { flags, seq } of sent) {
            const datagram = success()({ seq, portid: channel + 1, flags, bytes: new Uint8Array(16) })
            into.set(datagram, received)
            received += align(datagram.length)
          }
          done(0, received === 0 ? -11 : received, Math.min(sent.length, 1))
        }
        submissions.push({ channel, sent, sends: (ends?.length ?? 0) + 1, answer })
      },
      watch: () => 0,
      unwatch: () => {},
      close: () => {
        isClosed = true
      },
    }
    return new AsyncChannel(socket as NativeSocket, '', 0)
  })
  return { all, submissions }
}

const turn = () => new Promise<void>((resolve) => queueMicrotask(resolve))

it('what waits for a buffer leaves in its turn, with what was asked meanwhile, and all are answered', async () => {
  const { all, submissions } = channels(100)
  const outcomes = all.map((one) => one.perform([create('a')]))
  await turn()
  const first = submissions.length
  expect(first).toBeLessThan(20)
  const second = all[99]!.perform([create('b')])
  for (let at = 0; at < submissions.length; at++) submissions[at]!.answer()
  expect(submissions.map(({ channel }) => channel)).toEqual(all.map((_, i) => i))
  expect(submissions[99]!.sent).toHaveLength(2)
  const errors = (await Promise.all([...outcomes, second])).flat().map(({ error }) => error)
  expect(errors).toEqual(Array.from({ length: 101 }, () => null))
})

it('what is asked while a request is under way leaves together when that is answered', async () => {
  const { all, submissions } = channels(1)
  const [channel] = all as [AsyncChannel]
  const first = channel.perform([create('a')])
  await turn()
  const others = ['b', 'c', 'd'].map((name) => channel.perform([create(name)]))
  await turn()
  others.push(
    channel.performOne(create('e')).then(
      () => [],
      (error) => [{ error, values: [] }],
    ),
  )
  await turn()
  expect(submissions.map(({ sent }) => sent.length)).toEqual([1])
  submissions[0]!.answer()
  await first
  expect(submissions.map(({ sends, sent }) => [sends, sent.length])).toEqual([
    [1, 1],
    [1, 4],
  ])
  // The last of them alone is acknowledged.
  expect(submissions[1]!.sent.map(({ flags }) => flags & NLM_F_ACK)).toEqual([0, 0, 0, NLM_F_ACK])
  submissions[1]!.answer()
  expect((await Promise.all(others)).flat().map(({ error }) => error)).toEqual([null, null, null])
  expect(submissions).toHaveLength(2)
})

it('what one turn of the event loop asks leaves together', async () => {
  const { all, submissions } = channels(1)
  const asked = ['a', 'b', 'c'].map((name) => all[0]!.perform([create(name)]))
  expect(submissions).toEqual([])
  await turn()
  expect(submissions.map(({ sent }) => sent.length)).toEqual([3])
  submissions[0]!.answer()
  await Promise.all(asked)
})

it('what was given up while it waited for a buffer is not asked of the kernel', async () => {
  const { all, submissions } = channels(50)
  const controller = new AbortController()
  const outcomes = all.slice(0, 49).map((one) => one.perform([create('a')]))
  const aborted = all[49]!.perform([create('a')], controller.signal)
  await turn()
  controller.abort(new Error('enough'))
  await expect(aborted).rejects.toThrow('enough')
  for (let at = 0; at < submissions.length; at++) submissions[at]!.answer()
  await Promise.all(outcomes)
  expect(submissions[49]!.sent.map(({ type }) => type)).toEqual([NLMSG_NOOP])
})

it('a channel that is closed while it waits for a buffer sends nothing, and its calls end', async () => {
  const { all, submissions } = channels(50)
  const outcomes = all.slice(0, 49).map((one) => one.perform([create('a')]))
  const closed = all[49]!.perform([create('a')])
  await turn()
  all[49]!.close()
  for (let at = 0; at < submissions.length; at++) submissions[at]!.answer()
  await Promise.all(outcomes)
  expect(submissions[49]!.sent).toEqual([])
  expect((await closed)[0]!.error).toMatchObject({ code: 'EBADF' })
})
