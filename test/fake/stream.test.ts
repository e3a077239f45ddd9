/** What a stream makes of a dump that goes wrong. */

import { describe, expect, test } from 'vitest'
import { putU16 } from '../../src/codec/bytes.js'
import { streamConntrack } from '../../src/conntrack.js'
import type { Feed } from '../../src/index.js'
import * as nl from '../../src/index.js'
import {
  type Answer,
  done,
  dump,
  failure,
  fakeKernel,
  messages,
  PAUSE,
  reply,
} from '../../src/testing/index.js'
import { gate, link, thrown } from './support.js'

const NLM_F_MULTI = 2
const NLM_F_DUMP_INTR = 0x10
const entry = (name: string) => link(name, 1, NLM_F_MULTI)
const marked = (name: string) => link(name, 1, NLM_F_MULTI | NLM_F_DUMP_INTR)

/** What a stream gave, and how it ended. */
async function read(answer: Answer) {
  const kernel = fakeKernel(() => answer)
  const names: string[] = []
  let error: unknown = null
  try {
    for await (const { name } of nl.streamLinks({ netns: kernel })) names.push(name)
  } catch (thrown) {
    error = thrown
  }
  expect(kernel.sockets).toBe(0)
  return { kernel, names, error }
}

describe('a stream', () => {
  test('gives what the dump has, in whatever parts it comes', async () => {
    const all = dump(
      messages.RTM_NEWLINK,
      ['a', 'b', 'c'].map((ifname) => ({ header: {}, attributes: { ifname } })),
    )
    for (const answer of [
      all,
      all.flatMap((part) => [part, PAUSE]),
      [PAUSE, all[0]!, PAUSE, PAUSE, all.slice(1)],
    ])
      expect(await read(answer)).toMatchObject({ names: ['a', 'b', 'c'], error: null })
  })

  test('long parts, of which the next is received ahead', async () => {
    const names = Array.from({ length: 5000 }, (_, i) => `v${i}`)
    const parts = names.flatMap((name, i) => (i % 700 === 699 ? [entry(name), PAUSE] : [entry(name)]))
    expect(await read([parts, done()])).toMatchObject({ names, error: null })
    expect(await read([parts, PAUSE, done()])).toMatchObject({ names, error: null })
  })

  test('of several dumps has all of each, also where the end of one comes in a long part', async () => {
    const tuple = (src: number, sport: number, dport: number) => ({
      tupleIp: { ipV4Src: `192.0.2.${src}`, ipV4Dst: `192.0.2.${3 - src}` },
      tupleProto: { protoNum: 6, protoSrcPort: sport, protoDstPort: dport },
    })
    const connection = (port: number) => {
      const attributes = { tupleOrig: tuple(1, port, 80), tupleReply: tuple(2, 80, port) }
      return reply(messages.IPCTNL_MSG_CT_NEW, { header: { family: 2 }, attributes }, NLM_F_MULTI)
    }
    const entries = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, i) => connection(from + i))
    const parts = [
      [...entries(0, 300), done()],
      [entries(300, 600), PAUSE, entries(600, 900), PAUSE, ...entries(900, 902), done()],
    ]
    const kernel = fakeKernel(({ isDump }): Answer => {
      if (isDump) return parts.shift()!
      return reply(messages.IPCTNL_MSG_CT_GET_STATS, { header: {}, attributes: { entries: 902000 } })
    })
    const ports: unknown[] = []
    for await (const { original } of streamConntrack({ protocol: 'tcp', netns: kernel }))
      ports.push(original.sport)
    expect(ports).toEqual(Array.from({ length: 902 }, (_, i) => i))
    expect(parts).toEqual([])
    expect(kernel.sockets).toBe(0)
  })

  test.each([
    [nl.streamLinks, { master: 0 }, 'master: 0 is not'],
    [nl.streamAddresses, { family: 'ipx' }, "family: 'ipx' is not"],
    [nl.streamRoutes, { table: -1 }, 'table: -1 is not'],
    [nl.streamNeighbours, { state: 'gone' }, "state: 'gone' is not"],
    [nl.streamFdb, { vlan: 0 }, 'vlan: 0 is not'],
    [nl.streamRules, { family: 'ipx' }, "family: 'ipx' is not"],
    [nl.streamNexthops, { family: 'ipx' }, "family: 'ipx' is not"],
    [nl.streamNexthopBuckets, { id: 0 }, 'id: 0 is not'],
    [nl.streamMplsRoutes, { label: -1 }, 'label: -1 is not'],
    [streamConntrack, { family: 'ipx' }, "family: 'ipx' is not"],
  ] as [(options: object) => Feed<object>, object, string][])(
    'refuses at once what the list refuses: %o',
    (call, bad, why) => {
      const netns = fakeKernel(() => undefined)
      expect(() => call({ ...bad, netns })).toThrow(why)
      expect(() => call({ tabel: 5, netns })).toThrow("unknown option 'tabel' (known: ")
      expect(() => call(null as never)).toThrow('null is not an options object')
      expect(() => call({ signal: 5, netns })).toThrow('signal: 5 is not')
      call({ netns })
      expect([netns.sockets, netns.requests]).toEqual([0, []])
    },
  )

  test('says at once that the table has changed, and asks no second time', async () => {
    const kernel = fakeKernel(() => [entry('a'), PAUSE, marked('b')])
    const links = nl.streamLinks({ netns: kernel })
    expect((await links.next()).value?.name).toBe('a')
    // The end of the dump has not come.
    const error = await thrown(() => links.next())
    expect(error).toBeInstanceOf(nl.DumpInterruptedError)
    expect(error).toMatchObject({ values: [{ name: 'b' }] })
    expect(kernel.requests).toHaveLength(1)
  })

  test('says so also where only the end is marked', async () => {
    const { names, error } = await read([entry('a'), done({ interrupted: true })])
    expect(error).toBeInstanceOf(nl.DumpInterruptedError)
    expect(names).toEqual([])
    expect((await read([entry('a'), PAUSE, done({ interrupted: true })])).names).toEqual(['a'])
  })

  test('says at once that a message cannot be read', async () => {
    const spoilt = (to: Parameters<ReturnType<typeof entry>>[0]) => {
      const bytes = entry('abcd')(to)
      putU16(bytes, 32, 60)
      return bytes
    }
    // Without an end: who waits for it would wait for ever.
    const { names, error } = await read([entry('a'), PAUSE, entry('b'), spoilt])
    expect(error).toBeInstanceOf(nl.DecodeError)
    expect(String(error)).toContain('an attribute of length 60')
    expect(names).toEqual(['a'])
    // Of both errors the one that a list gives too: asked again, the message is no more readable.
    const both = [marked('a'), spoilt, done()]
    expect((await read(both)).error).toBeInstanceOf(nl.DecodeError)
    await expect(nl.listLinks({ netns: fakeKernel(() => both) })).rejects.toBeInstanceOf(nl.DecodeError)
  })

  test.each(['ENOBUFS', 'EMSGSIZE'])('ends with an error where something was lost (%s)', async (code) => {
    const { names, error } = await read([entry('a'), PAUSE, { error: code }, entry('b'), done()])
    expect(error).toMatchObject({ name: 'SystemError', code })
    expect(names).toEqual(['a'])
  })

  test('is refused at its start, or at its end', async () => {
    expect(await read(failure('EPERM'))).toMatchObject({
      names: [],
      error: { name: 'NetlinkError', code: 'EPERM' },
    })
    const late = await read([entry('a'), done({ error: 'EINVAL', extack: { message: 'late' } })])
    expect(late).toMatchObject({ names: ['a'], error: { code: 'EINVAL', extack: { message: 'late' } } })
  })

  test('of a table that does not exist is empty', async () => {
    const kernel = fakeKernel(() => done({ error: 'ENOENT' }))
    expect(await nl.streamRoutes({ netns: kernel, table: 77 }).next()).toEqual({
      done: true,
      value: undefined,
    })
    expect(kernel.sockets).toBe(0)
  })

  // EAGAIN: the addon's thread cannot be started. Nothing was sent, so that waiting for an answer would never end.
  test.each(['ENOBUFS', 'EAGAIN'])('that could not be sent (%s)', async (code) => {
    const kernel = fakeKernel(() => done())
    kernel.failSend(code)
    await expect(nl.streamLinks({ netns: kernel }).next()).rejects.toMatchObject({ code })
    expect(kernel.sockets).toBe(0)
  })

  test('resolves names first, on its own socket', async () => {
    const kernel = fakeKernel(
      ({ name, isDump }) => {
        if (name === 'RTM_GETLINK')
          return reply(messages.RTM_NEWLINK, { header: { index: 9 }, attributes: { ifname: 'x' } })
        return isDump ? done() : undefined
      },
      { interfaces: { eth0: 2 } },
    )
    const altname = 'an-alternative-name-of-the-interface'
    expect(await nl.streamAddresses({ netns: kernel, dev: altname }).next()).toMatchObject({ done: true })
    expect(kernel.requests.map(({ name, body }) => [name, body?.header])).toMatchObject([
      ['RTM_GETLINK', {}],
      ['RTM_GETADDR', { index: 9 }],
    ])
  })

  test('is left while the next part is being received ahead', async () => {
    const names = Array.from({ length: 1000 }, (_, i) => `v${i}`)
    const kernel = fakeKernel(() => [names.map(entry), done()])
    for await (const { name } of nl.streamLinks({ netns: kernel })) {
      expect(name).toBe('v0')
      break
    }
    expect(kernel.sockets).toBe(0)
    // An exception that nobody catches would come now.
    for (let i = 0; i < 10; i++) await new Promise((go) => setImmediate(go))
  })

  test('stops while the kernel works, and frees the socket when it has done', async () => {
    const answer = gate<Answer>()
    const kernel = fakeKernel(() => answer.opened)
    const links = nl.streamLinks({ netns: kernel })
    const waiting = links.next()
    while (kernel.requests.length === 0) await new Promise((go) => setImmediate(go))
    await links.return()
    expect(await waiting).toEqual({ done: true, value: undefined })
    expect(kernel.sockets).toBe(0)
    answer.open([entry('a'), done()])
    expect(await links.next()).toEqual({ done: true, value: undefined })
  })
})
