/** Changes of the ruleset and traces of packets, as they are told. */

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { listConntrack } from '../../src/conntrack.js'
import {
  accept,
  ct,
  dnat,
  ip,
  meta,
  monitorNftables,
  type NftEvent,
  type NftTrace,
  rule,
  traceNftables,
  transaction,
} from '../../src/nftables.js'
import { needNftables, since } from './needs.js'
import { nftIn } from './nft-support.js'
import { execIn, hasTool, withNetns } from './support.js'

needNftables()

const inT = { family: 'inet', table: 't' } as const

describe('monitorNftables', () => {
  it('tells what a transaction changed, in its order, and its end', () =>
    withNetns(async (netns) => {
      await using events = await monitorNftables({ netns })
      const { generation } = await transaction(
        (tx) => {
          tx.addTable({ family: 'inet', name: 't' })
          tx.addChain({ ...inT, name: 'c' })
          tx.addSet({ ...inT, name: 's', type: 'ipv4_addr' }, ['10.0.0.1'])
          tx.addObject({ ...inT, name: 'n', type: 'counter' })
          tx.addRule({ ...inT, chain: 'c', rule: rule(ip.saddr('10.0.0.1'), accept()) })
        },
        { netns },
      )
      const seen = await until(events, ({ type }) => type === 'generation')
      expect(seen.map(({ type }) => type).sort()).toEqual([
        'chain',
        'elements',
        'generation',
        'object',
        'rule',
        'set',
        'table',
      ])
      expect(seen[0]).toMatchObject({ type: 'table', action: 'new', table: { family: 'inet', name: 't' } })
      expect(seen.at(-1)).toMatchObject({ type: 'generation', generation, pid: expect.any(Number) })
      expect(seen.find(({ type }) => type === 'elements')).toMatchObject({
        ...inT,
        set: 's',
        elements: [{ key: Uint8Array.of(10, 0, 0, 1) }],
      })
    }))

  it.skipIf(!hasTool('nft'))('tells what nft does', () =>
    withNetns(async (netns) => {
      nftIn(netns, 'add table inet t; add chain inet t c')
      await using events = await monitorNftables({ netns })
      nftIn(netns, 'add rule inet t c tcp dport 80 accept comment "web"')
      nftIn(netns, 'delete table inet t')
      const first = await until(events, ({ type }) => type === 'generation')
      expect(first).toMatchObject([
        { type: 'rule', action: 'new', rule: { chain: 'c', comment: 'web' } },
        { type: 'generation', process: 'nft' },
      ])
      const second = await until(events, ({ type }) => type === 'generation')
      expect(second.map((event) => [event.type, 'action' in event && event.action])).toEqual([
        ['rule', 'delete'],
        ['chain', 'delete'],
        ['table', 'delete'],
        ['generation', false],
      ])
    }),
  )

  it.skipIf(!hasTool('nft'))('tells of elements where intervals end and what verdicts there are', () =>
    withNetns(async (netns) => {
      nftIn(
        netns,
        'table ip t { set s { type ipv4_addr; flags interval; }; map m { type inet_service : verdict; }; ' +
          'set p { type ipv4_addr . inet_service; flags interval; }; chain c { }; }',
      )
      await using events = await monitorNftables({ netns })
      const address = (...bytes: number[]) => Uint8Array.from(bytes)
      const [zero, from, behind] = [
        { key: address(0, 0, 0, 0), intervalEnd: true },
        { key: address(10, 0, 0, 0), intervalEnd: false },
        { key: address(11, 0, 0, 0), intervalEnd: true },
      ]
      const port = (value: number) => Uint8Array.of(value >> 8, value & 255)
      const rows: [string, object[]][] = [
        ['add element ip t s { 10.0.0.0/8 }', [from, zero, behind]],
        ['delete element ip t s { 10.0.0.0/8 }', [from, behind]],
        ['add element ip t s { 240.0.0.0/4 }', [{ key: address(240, 0, 0, 0), intervalEnd: false }]],
        [
          'add element ip t p { 10.0.0.0/8 . 80-90 }',
          [{ key: { from: address(10, 0, 0, 0, 0, 80, 0, 0), to: address(10, 255, 255, 255, 0, 90, 0, 0) } }],
        ],
        ['add element ip t m { 80 : jump c }', [{ key: port(80), value: { jump: 'c' }, intervalEnd: false }]],
        ['add element ip t m { 81 : drop }', [{ key: port(81), value: 'drop' }]],
      ]
      for (const [command, elements] of rows) {
        nftIn(netns, command)
        const seen = await until(events, ({ type }) => type === 'generation')
        const told = seen.flatMap((event) => (event.type === 'elements' ? event.elements : []))
        const byKey = told.sort((a, b) => Number(a.intervalEnd) - Number(b.intervalEnd))
        expect([command, byKey]).toMatchObject([command, elements])
      }
    }),
  )

  it('refuses options that it does not have', async () => {
    await expect(monitorNftables({ groups: [] } as object)).rejects.toThrow("unknown option 'groups'")
  })
})

describe('traceNftables', () => {
  it('tells the rules that a packet met', () =>
    withNetns(async (netns) => {
      const { handles } = await transaction(
        (tx) => {
          tx.addTable({ family: 'inet', name: 't' })
          tx.addChain({ ...inT, name: 'c', type: 'filter', hook: 'input', priority: 0 })
          tx.addRule({ ...inT, chain: 'c', rule: rule(ip.daddr('127.0.0.9'), meta.nftrace.set(1)) })
          tx.addRule({ ...inT, chain: 'c', rule: rule(ip.daddr('127.0.0.9'), ct.state('new'), accept()) })
        },
        { netns, echo: true },
      )
      await using steps = await traceNftables({ netns })
      execIn(netns, 'ping', '-c', '1', '-W', '1', '127.0.0.9')
      const traces: NftTrace[] = []
      for await (const step of steps) {
        if (step.type === 'trace') traces.push(step.trace)
        if (traces.at(-1)?.verdict === 'accept') break
      }
      expect(traces.map(({ rule: handle, step, verdict }) => [step, handle, verdict])).toEqual([
        ['rule', handles[2], 'continue'],
        ['rule', handles[3], 'accept'],
      ])
      expect(new Set(traces.map(({ id }) => id)).size).toBe(1)
      expect(traces[0]).toMatchObject({ family: 'inet', table: 't', chain: 'c', iif: 1, nfproto: 'ip' })
      const loopback = Number(readFileSync('/sys/class/net/lo/type', 'utf8'))
      expect(traces[0]).toMatchObject({ iiftype: loopback, oif: null, oiftype: null })
      const [entry] = await listConntrack({ netns })
      const connection = { ctId: entry!.id, ctDirection: 'original', ctState: ['new'] }
      // The kernel tells it since Linux 6.16.
      expect(traces[0]).toMatchObject(since(6, 16) ? connection : { ctId: null, ctState: null })
      expect(traces[0]!.networkHeader!.subarray(16, 20)).toEqual(Uint8Array.of(127, 0, 0, 9))
    }))

  it('tells by names what a translated connection has been through', () =>
    withNetns(async (netns) => {
      await transaction(
        (tx) => {
          tx.addTable({ family: 'inet', name: 't' })
          tx.addChain({ ...inT, name: 'out', type: 'nat', hook: 'output', priority: 'dstnat' })
          tx.addChain({ ...inT, name: 'in', type: 'filter', hook: 'input', priority: 0 })
          tx.addRule({ ...inT, chain: 'out', rule: rule(ip.daddr('127.0.0.9'), dnat('127.0.0.1')) })
          tx.addRule({ ...inT, chain: 'in', rule: rule(ct.status('dnat'), meta.nftrace.set(1)) })
        },
        { netns },
      )
      await using steps = await traceNftables({ netns })
      execIn(netns, 'ping', '-c', '1', '-W', '1', '127.0.0.9')
      for await (const step of steps) {
        if (step.type !== 'trace') continue
        if (!since(6, 16)) expect(step.trace.ctStatus).toBeNull()
        else {
          expect(step.trace.ctStatus).toEqual(expect.arrayContaining(['dnat', 'dst-nat-done']))
          expect(step.trace.ctStatus!.filter((one) => typeof one === 'number')).toEqual([])
        }
        break
      }
    }))
})

async function until(
  events: AsyncIterable<NftEvent> & AsyncIterator<NftEvent>,
  last: (event: NftEvent) => boolean,
): Promise<NftEvent[]> {
  const seen: NftEvent[] = []
  for (;;) {
    const { value, done } = await events.next()
    if (done) throw new Error('the monitor ended')
    seen.push(value)
    if (last(value)) return seen
  }
}
