/** Tracked connections against conntrack(8), in both directions: made here and printed by it, made by it and read here. */

import { describe, expect, it } from 'vitest'
import type { ConntrackInput } from '../../src/conntrack.js'
import { streamConntrack } from '../../src/conntrack.js'
import { asPrinted, CONNTRACK_FACES, conntrack, printedEntries } from './conntrack-oracle.js'
import {
  byText,
  COMMANDS,
  hasZones,
  lackedProtocols,
  lasting,
  TCP,
  TCP6,
  UDP,
  V4,
  V6,
  withEntries,
} from './conntrack-support.js'
import { hasTool, withNetns } from './support.js'

/** New connections, and what conntrack prints of each, id and time aside. */
const made: readonly [string, ConntrackInput, string][] = [
  [
    'TCP',
    { original: TCP, timeout: 600 },
    'ipv4 2 tcp 6 ESTABLISHED src=10.0.0.1 dst=10.0.0.2 sport=1000 dport=2000 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 sport=2000 dport=1000 mark=0 use=1',
  ],
  [
    'TCP with status, mark and state',
    { original: TCP, timeout: 600, state: 'time-wait', mark: 0xdeadbeef, status: ['seen-reply', 'assured'] },
    'ipv4 2 tcp 6 TIME_WAIT src=10.0.0.1 dst=10.0.0.2 sport=1000 dport=2000 src=10.0.0.2 dst=10.0.0.1 sport=2000 dport=1000 [ASSURED] mark=3735928559 use=1',
  ],
  [
    'TCP over IPv6 in a zone',
    { original: TCP6, timeout: 600, state: 'syn-sent', zone: 5 },
    'ipv6 10 tcp 6 SYN_SENT src=2001:db8::1 dst=2001:db8::2 sport=1000 dport=2000 [UNREPLIED] src=2001:db8::2 dst=2001:db8::1 sport=2000 dport=1000 mark=0 zone=5 use=1',
  ],
  [
    'UDP whose destination is translated',
    {
      original: UDP,
      reply: { protocol: 'udp', src: '172.17.0.2', sport: 53, dst: '10.0.0.1', dport: 1000 },
      timeout: 600,
    },
    'ipv4 2 udp 17 src=10.0.0.1 dst=10.0.0.2 sport=1000 dport=2000 [UNREPLIED] src=172.17.0.2 dst=10.0.0.1 sport=53 dport=1000 mark=0 use=1',
  ],
  [
    'UDP whose source is translated, over IPv6',
    {
      original: { ...TCP6, protocol: 'udp' },
      reply: { protocol: 'udp', src: V6.dst, sport: 2000, dst: '2001:db8::99', dport: 4000 },
      timeout: 600,
    },
    'ipv6 10 udp 17 src=2001:db8::1 dst=2001:db8::2 sport=1000 dport=2000 [UNREPLIED] src=2001:db8::2 dst=2001:db8::99 sport=2000 dport=4000 mark=0 use=1',
  ],
  [
    'TCP of which both are translated',
    {
      original: TCP,
      reply: { protocol: 'tcp', src: '172.17.0.2', sport: 80, dst: '172.17.0.1', dport: 4000 },
      timeout: 600,
    },
    'ipv4 2 tcp 6 ESTABLISHED src=10.0.0.1 dst=10.0.0.2 sport=1000 dport=2000 [UNREPLIED] src=172.17.0.2 dst=172.17.0.1 sport=80 dport=4000 mark=0 use=1',
  ],
  [
    'UDP-Lite in a zone of one direction',
    { original: { ...UDP, protocol: 'udplite', zone: 7 }, timeout: 600 },
    'ipv4 2 udplite 136 src=10.0.0.1 dst=10.0.0.2 sport=1000 dport=2000 zone-orig=7 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 sport=2000 dport=1000 mark=0 use=1',
  ],
  [
    'ICMP',
    { original: { protocol: 'icmp', ...V4, icmp: { type: 8, id: 77 } }, timeout: 600 },
    'ipv4 2 icmp 1 src=10.0.0.1 dst=10.0.0.2 type=8 code=0 id=77 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 type=0 code=0 id=77 mark=0 use=1',
  ],
  [
    'ICMPv6',
    { original: { protocol: 'ipv6-icmp', ...V6, icmp: { type: 128, id: 77 } }, timeout: 600 },
    'ipv6 10 icmpv6 58 src=2001:db8::1 dst=2001:db8::2 type=128 code=0 id=77 [UNREPLIED] src=2001:db8::2 dst=2001:db8::1 type=129 code=0 id=77 mark=0 use=1',
  ],
  [
    'SCTP',
    {
      original: { ...TCP, protocol: 'sctp' },
      sctp: { vtagOriginal: 7, vtagReply: 9 },
      state: 'shutdown-sent',
      timeout: 600,
    },
    'ipv4 2 sctp 132 SHUTDOWN_SENT src=10.0.0.1 dst=10.0.0.2 sport=1000 dport=2000 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 sport=2000 dport=1000 mark=0 use=1',
  ],
  [
    'GRE',
    { original: { ...TCP, protocol: 'gre', sport: 5, dport: 0 }, timeout: 600 },
    'ipv4 2 gre 47 src=10.0.0.1 dst=10.0.0.2 srckey=0x5 dstkey=0x0 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 srckey=0x0 dstkey=0x5 mark=0 use=1',
  ],
  [
    'another protocol',
    { original: { protocol: 'esp', ...V4 }, timeout: 600 },
    'ipv4 2 unknown 50 src=10.0.0.1 dst=10.0.0.2 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 mark=0 use=1',
  ],
  [
    'TCP with a helper',
    { original: { ...TCP, dport: 21 }, helper: 'ftp', timeout: 600 },
    'ipv4 2 tcp 6 ESTABLISHED src=10.0.0.1 dst=10.0.0.2 sport=1000 dport=21 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 sport=21 dport=1000 mark=0 helper=ftp use=1',
  ],
]

describe.skipIf(!hasTool('conntrack')).each(CONNTRACK_FACES)('connections ($face)', ({ ct }) => {
  it.for(made)(
    '%s: conntrack prints what addConntrack made, and it is read and deleted',
    ([, input, told], { skip }) =>
      withNetns(async (netns) => {
        skip(told.includes('zone') && !hasZones, 'cannot be installed: this kernel has no zones')
        const lacked = lackedProtocols.find((protocol) => told.includes(` ${protocol} `))
        skip(lacked !== undefined, `cannot be installed: this kernel does not track ${lacked}`)
        await ct.addConntrack({ ...input, netns })
        const [line, ...more] = printedEntries(netns)
        expect(more).toEqual([])
        expect(line!.replace(/ id=\d+$/, '')).toBe(told)
        const entry = await ct.getConntrack({ ...input, netns })
        // Who looks at one holds it.
        expect(asPrinted({ ...entry, use: entry.use! - 1 })).toBe(line)
        expect(entry.timeout).toBeGreaterThan(590)
        expect(await ct.getConntrack({ ...entry, original: undefined, netns })).toMatchObject({
          id: entry.id,
        })
        await ct.deleteConntrack({ ...entry, netns })
        expect(printedEntries(netns)).toEqual([])
      }),
  )

  it('reads what conntrack made, and makes it again', () =>
    withEntries(async (netns) => {
      const entries = (await ct.listConntrack({ netns })).sort(byText)
      expect(entries.map(asPrinted).sort()).toEqual(printedEntries(netns))
      expect(await ct.countConntrack({ netns })).toBe(COMMANDS.length)
      for (const entry of entries) await ct.deleteConntrack({ ...entry, netns })
      expect(printedEntries(netns)).toEqual([])
      expect(await ct.countConntrack({ netns })).toBe(0)
      for (const entry of entries) await ct.addConntrack({ ...entry, netns })
      const again = (await ct.listConntrack({ netns })).sort(byText)
      expect(again.map(lasting)).toEqual(entries.map(lasting))
      expect(again.map(asPrinted).sort()).toEqual(printedEntries(netns))
    }))

  it('counts, as conntrack -S and -C do', () =>
    withEntries(async (netns) => {
      const { entries, maxEntries, cpus } = await ct.conntrackStats({ netns })
      expect(entries).toBe(Number(conntrack('-C', netns)))
      expect(maxEntries).toBeGreaterThan(1000)
      const printed = conntrack('-S', netns)
        .split('\n')
        .filter(Boolean)
        .map((line) =>
          Object.fromEntries(
            line
              .trim()
              .split(/\s+/)
              .map((word) => word.split('=')),
          ),
        )
      expect(
        cpus.map((it) => ({
          cpu: String(it.cpu),
          found: String(it.found),
          invalid: String(it.invalid),
          insert: String(it.insert),
          insert_failed: String(it.insertFailed),
          drop: String(it.drop),
          early_drop: String(it.earlyDrop),
          error: String(it.error),
          search_restart: String(it.searchRestart),
          clash_resolve: String(it.clashResolve),
          chaintoolong: String(it.chainToolong),
        })),
      ).toEqual(printed)
      expect(cpus.reduce((sum, { insert }) => sum + insert, 0)).toBe(COMMANDS.length)
    }))
})

describe('a stream of connections', () => {
  it('has them one by one, those of several requests after another', () =>
    withNetns(async (netns) => {
      const [{ ct }] = CONNTRACK_FACES
      const range = Array.from({ length: 8000 }, (_, i) => i + 1)
      const add = (sport: number) =>
        ct.addConntrack({ original: { ...(sport % 2 ? TCP : TCP6), sport }, timeout: 600, netns })
      for (let at = 0; at < range.length; at += 100) await Promise.all(range.slice(at, at + 100).map(add))
      const ports: number[] = []
      for await (const { original } of streamConntrack({ protocol: 'tcp', netns }))
        ports.push(original.sport!)
      expect(ports.sort((a, b) => a - b)).toEqual(range)
      const stream = streamConntrack({ netns })
      for await (const { family } of stream) {
        expect(['ipv4', 'ipv6']).toContain(family)
        break
      }
      expect(await stream.next()).toEqual({ done: true, value: undefined })
      expect(await ct.flushConntrack({ original: { sport: { start: 1, end: 1000 } }, netns })).toBe(1000)
      expect(await ct.countConntrack({ netns })).toBe(7000)
    }))
})
