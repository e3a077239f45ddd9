/** What the kernel tells of connections while traffic, conntrack(8) and this library change them; and what helpers expect. */

import { once } from 'node:events'
import net from 'node:net'
import { describe, expect, it } from 'vitest'
import {
  addConntrack,
  type ConntrackEvent,
  type ConntrackMonitor,
  deleteConntrack,
  flushConntrack,
  getConntrack,
  monitorConntrack,
  updateConntrack,
} from '../../src/conntrack.js'
import { openNetns, openSocketInNetns } from '../../src/index.js'
import { CONNTRACK_FACES, conntrack } from './conntrack-oracle.js'
import { needNftables } from './needs.js'
import { nftIn } from './nft-support.js'
import { hasTool, sysctl, withNetns } from './support.js'

const UDP = { protocol: 'udp', src: '10.0.0.1', dst: '10.0.0.2', sport: 1000, dport: 2000 } as const

/** A rule that needs connections to be tracked. */
const TRACKED = `
table inet tracked {
  chain input {
    type filter hook input priority 0
    ct state new counter
  }
}
`

async function next(events: ConntrackMonitor): Promise<ConntrackEvent> {
  const { value } = await events.next()
  if (value === undefined) throw new Error('the monitor ended')
  return value
}

/** What the next events are, in short. */
async function told(events: ConntrackMonitor, count: number): Promise<unknown[]> {
  const seen: unknown[] = []
  while (seen.length < count) {
    const event = await next(events)
    seen.push(event.type === 'resync' ? event.reason : `${event.type} ${event.action}`)
  }
  return seen
}

describe('events', () => {
  it('tell a connection from its beginning to its end', () =>
    withNetns(async (netns) => {
      await using events = await monitorConntrack(['new', 'update', 'destroy'], { netns })
      await addConntrack({ original: UDP, timeout: 60, mark: 7, netns })
      const known = await getConntrack({ original: UDP, netns })
      const made = await next(events)
      expect(made).toEqual({
        type: 'conntrack',
        action: 'new',
        // Times are not counted here.
        time: null,
        // An event has no counters and no references; it is 60 seconds, or a little less when it is read.
        entry: { ...known, use: null, synproxy: expect.anything(), timeout: expect.any(Number) },
      })
      await updateConntrack({ original: UDP, mark: 9, netns })
      expect(await next(events)).toMatchObject({ action: 'update', entry: { id: known.id, mark: 9 } })
      await deleteConntrack({ original: UDP, netns })
      expect(await next(events)).toMatchObject({ action: 'destroy', entry: { id: known.id, mark: 9 } })
    }))

  it('tell what conntrack(8) changes, those that were asked for and no others', () =>
    withNetns(async (netns) => {
      const make = '-I -p udp -s 10.0.0.1 -d 10.0.0.2 --sport 1000 --dport 2000 -t 60'
      await using ends = await monitorConntrack(['destroy'], { netns })
      await using all = await monitorConntrack(['new', 'destroy'], { netns: await openNetns(netns) })
      conntrack(make, netns)
      conntrack('-U -p udp -s 10.0.0.1 -d 10.0.0.2 --sport 1000 --dport 2000 --mark 5', netns)
      conntrack('-F', netns)
      expect(await told(all, 2)).toEqual(['conntrack new', 'conntrack destroy'])
      expect(await told(ends, 1)).toEqual(['conntrack destroy'])
      conntrack(make, netns)
      await flushConntrack({ netns })
      expect(await told(ends, 1)).toEqual(['conntrack destroy'])
    }))

  describe('of traffic', () => {
    needNftables()

    it('tell the states of a TCP connection, and its counters at the end', () =>
      withNetns(async (netns) => {
        nftIn(netns, TRACKED)
        sysctl(netns, 'net.netfilter.nf_conntrack_acct=1')
        sysctl(netns, 'net.netfilter.nf_conntrack_timestamp=1')
        await using events = await monitorConntrack(['new', 'update', 'destroy'], { netns })
        const server = net.createServer((socket) => socket.end('hello'))
        server.listen({ fd: await openSocketInNetns(netns, { address: '127.0.0.1', port: 80 }) })
        await once(server, 'listening')
        const socket = new net.Socket({ fd: await openSocketInNetns(netns) }).connect(80, '127.0.0.1')
        socket.resume()
        await once(socket, 'close')
        server.close()
        const states: unknown[] = []
        while (states.at(-1) !== 'time-wait') {
          const event = await next(events)
          if (event.type !== 'conntrack' || event.entry.original.dport !== 80) continue
          if (event.entry.state !== null && states.at(-1) !== event.entry.state)
            states.push(event.entry.state)
        }
        // The end that closes second may be told in one event with the first.
        expect(states.filter((state) => state !== 'close-wait' && state !== 'last-ack')).toEqual([
          'syn-sent',
          'syn-recv',
          'established',
          'fin-wait',
          'time-wait',
        ])
        await flushConntrack({ netns })
        const end = await next(events)
        expect(end).toMatchObject({ type: 'conntrack', action: 'destroy' })
        if (end.type !== 'conntrack') return
        expect(end.entry.counters!.reply.bytes).toBeGreaterThan(5)
        expect(end.entry.timestamp!.stop).toBeGreaterThanOrEqual(end.entry.timestamp!.start)
      }))
  })

  it('say where some are missing, and go on', () =>
    withNetns(async (netns) => {
      await using events = await monitorConntrack(['new', 'destroy'], {
        netns,
        receiveBuffer: 1,
        queueLimit: 1,
      })
      for (let sport = 1; sport <= 100; sport++)
        await addConntrack({ original: { ...UDP, sport }, timeout: 60, netns })
      const seen: unknown[] = []
      while (seen.at(-1) !== 'ENOBUFS') seen.push(...(await told(events, 1)))
      expect(seen.length).toBeLessThan(100)
      await deleteConntrack({ original: { ...UDP, sport: 1 }, netns })
      let event = await next(events)
      while (event.type !== 'conntrack' || event.action !== 'destroy') event = await next(events)
      expect(event.entry.original.sport).toBe(1)
    }))

  it('end with break, close and signal', () =>
    withNetns(async (netns) => {
      const aborted = new AbortController()
      const events = await monitorConntrack(['new'], { netns, signal: aborted.signal })
      const waiting = events.next()
      aborted.abort(new Error('enough'))
      await expect(waiting).rejects.toThrow('enough')
      expect(await events.next()).toEqual({ done: true, value: undefined })
      const others = await monitorConntrack(['new', 'expectation'], { netns })
      await addConntrack({ original: UDP, timeout: 60, netns })
      for await (const event of others) {
        expect(event.type).toBe('conntrack')
        break
      }
      expect(await others.next()).toEqual({ done: true, value: undefined })
    }))

  it.each([
    ['new', TypeError, "events: 'new' is not an array"],
    [[], RangeError, 'events: none given (known: new, update, destroy, expectation)'],
    [['NEW'], RangeError, "events: 'NEW' is not one of new, update, destroy, expectation"],
  ])('of %j are refused', async (events, type, message) => {
    const refused = monitorConntrack(events as never)
    await expect(refused).rejects.toThrow(type)
    await expect(refused).rejects.toThrow(message)
  })
})

const MASTER = { protocol: 'tcp', src: '10.0.0.1', dst: '10.0.0.2', sport: 40000, dport: 21 } as const
const EXPECTED = { protocol: 'tcp', src: '10.0.0.2', dst: '10.0.0.1', sport: 0, dport: 50000 } as const

/** The lines of `conntrack -L expect`, without the time that is left. */
function printedExpectations(netns: string): string[] {
  return conntrack('-L expect', netns)
    .split('\n')
    .filter(Boolean)
    .map((line) => line.trim().split(/\s+/).slice(1).join(' '))
}

describe.skipIf(!hasTool('conntrack')).each(CONNTRACK_FACES)('expectations ($face)', ({ ct }) => {
  it('are made, printed by conntrack, read, told and deleted', () =>
    withNetns(async (netns) => {
      await using events = await monitorConntrack(['expectation'], { netns })
      await ct.addConntrack({ original: MASTER, helper: 'ftp', timeout: 600, netns })
      const input = { master: MASTER, tuple: EXPECTED, mask: { sport: 0 }, timeout: 100, netns }
      await ct.addExpectation({ ...input, helper: 'ftp', flags: ['permanent'] })
      expect(printedExpectations(netns)).toEqual([
        'proto=6 src=10.0.0.2 dst=10.0.0.1 sport=0 dport=50000 mask-src=255.255.255.255 mask-dst=255.255.255.255 sport=0 dport=65535 master-src=10.0.0.1 master-dst=10.0.0.2 sport=40000 dport=21 PERMANENT class=0 helper=ftp',
      ])
      const [read, ...more] = await ct.listExpectations({ netns })
      expect(more).toEqual([])
      // The policy of the helper says 300.
      expect(read!.timeout).toBeLessThanOrEqual(100)
      expect(read!.timeout).toBeGreaterThan(0)
      const whole = { icmp: null, zone: null }
      expect(read).toEqual({
        family: 'ipv4',
        tuple: { ...EXPECTED, ...whole },
        mask: {
          protocol: 'tcp',
          src: '255.255.255.255',
          dst: '255.255.255.255',
          sport: 0,
          dport: 65535,
          ...whole,
        },
        master: { ...MASTER, ...whole },
        timeout: expect.any(Number),
        id: expect.any(Number),
        helper: 'ftp',
        flags: ['permanent'],
        class: 0,
        nat: null,
        fn: null,
      })
      expect(await next(events)).toEqual({
        type: 'expectation',
        action: 'new',
        expectation: { ...read!, timeout: expect.any(Number) },
      })
      expect(await ct.listExpectations({ master: MASTER, netns })).toMatchObject([{ id: read!.id }])
      expect(await ct.listExpectations({ family: 'ipv6', netns })).toEqual([])

      await ct.deleteExpectation({ ...read!, netns })
      expect(printedExpectations(netns)).toEqual([])
      expect(await told(events, 1)).toEqual(['expectation destroy'])
      await ct.addExpectation({ ...read!, netns })
      expect(await ct.listExpectations({ netns })).toMatchObject([
        { tuple: read!.tuple, flags: ['permanent'] },
      ])
      await ct.flushExpectations({ helper: 'sip', netns })
      expect(await ct.listExpectations({ netns })).toHaveLength(1)
      await ct.flushExpectations({ helper: 'ftp', netns })
      expect(await ct.listExpectations({ netns })).toEqual([])
    }))

  it('can be translated', () =>
    withNetns(async (netns) => {
      await ct.addConntrack({ original: MASTER, helper: 'ftp', timeout: 600, netns })
      const nat = { direction: 'reply', address: '10.0.0.9', port: 4000 } as const
      await ct.addExpectation({ master: MASTER, tuple: { ...EXPECTED, sport: 5 }, nat, timeout: 9, netns })
      const [read] = await ct.listExpectations({ netns })
      expect(read).toMatchObject({ nat, mask: { sport: 65535 }, flags: [] })
      expect(printedExpectations(netns)[0]).toMatch(/\bsport=5 dport=50000 mask/)
    }))

  it('tell why the kernel refuses', async () => {
    await withNetns(async (netns) => {
      const input = { master: MASTER, tuple: EXPECTED, mask: { sport: 0 }, timeout: 100, netns }
      const refused = async (work: () => unknown) => await work()
      await expect(refused(() => ct.addExpectation(input))).rejects.toMatchObject({
        code: 'ENOENT',
        subject: 'expectation tcp 10.0.0.2:0 > 10.0.0.1:50000',
        advice: 'there is no such master',
      })
      await ct.addConntrack({ original: MASTER, timeout: 600, netns })
      await expect(refused(() => ct.addExpectation(input))).rejects.toMatchObject({
        code: 'EOPNOTSUPP',
        advice: 'the master has no helper, or the kernel lacks the one that is named',
      })
      await expect(refused(() => ct.deleteExpectation({ tuple: EXPECTED, netns }))).rejects.toMatchObject({
        code: 'ENOENT',
        advice: 'there is no such expectation',
      })
      const absent = { ...MASTER, sport: 1 }
      await expect(refused(() => ct.listExpectations({ master: absent, netns }))).rejects.toMatchObject({
        code: 'ENOENT',
      })
      expect(await ct.listExpectations({ master: MASTER, netns })).toEqual([])
    })
  })
})
