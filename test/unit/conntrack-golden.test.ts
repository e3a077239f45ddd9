import { describe, expect, it } from 'vitest'
import { addConntrack, deleteConntrack, updateConntrack } from '../../src/conntrack/change.js'
import type { ConntrackTupleInput } from '../../src/conntrack/check.js'
import { flushConntrack } from '../../src/conntrack/flush.js'
import type { ConntrackChange, ConntrackInput } from '../../src/conntrack/input.js'
import { getConntrack, listConntrack } from '../../src/conntrack/list.js'
import { conntrackStats, countConntrack } from '../../src/conntrack/stats.js'
import { differenceFrom, findGolden, loadGolden } from '../golden/golden.js'
import { expectGolden, type GoldenCase } from './golden-case.js'
import { sentBy } from './sent-by.js'

const PORTS = { sport: 1000, dport: 2000 }
const V4 = { src: '10.0.0.1', dst: '10.0.0.2' }
const V6 = { src: '2001:db8::1', dst: '2001:db8::2' }
const TCP: ConntrackTupleInput = { protocol: 'tcp', ...V4, ...PORTS }
const UDP: ConntrackTupleInput = { protocol: 'udp', ...V4, ...PORTS }

function add(name: string, input: ConntrackInput, differs?: GoldenCase['differs']): GoldenCase {
  return { name, operation: () => addConntrack(input), ...(differs && { differs }) }
}

const adds: GoldenCase[] = [
  add('conntrack-tcp', { original: TCP, state: 'established', timeout: 100 }),
  add('conntrack-tcp-state', { original: TCP, state: 'syn-sent', timeout: 30 }),
  add('conntrack-tcp-status', { original: TCP, status: ['seen-reply', 'assured'], timeout: 100 }),
  add('conntrack-tcp-v6', { original: { protocol: 'tcp', ...V6, ...PORTS }, timeout: 100 }),
  add('conntrack-udp', { original: UDP, timeout: 60 }),
  add('conntrack-udp-mark', { original: UDP, timeout: 60, mark: 0x12345678 }),
  add('conntrack-udp-zone', { original: UDP, timeout: 60, zone: 5 }),
  add('conntrack-udp-fixed-timeout', { original: UDP, timeout: 60, status: ['fixed-timeout'] }),
  add(
    'conntrack-udp-reply',
    {
      original: UDP,
      reply: { protocol: 'udp', src: '10.0.0.9', dst: '10.0.0.1', sport: 53, dport: 1000 },
      timeout: 60,
    },
    {
      why: 'conntrack sends the tuple of the answers alone, and packets are not translated; ours says what they are translated to',
      lines: [
        '- header  length 132, type 256, flags 0x605, portid 0',
        '+ header  length 164, type 256, flags 0x605, portid 0',
        '-     2.1.1 (8) 0a000009',
        '+     2.1.1 (8) 0a000002',
        '-     2.2.2 (6) 0035',
        '+     2.2.2 (6) 07d0',
        '+ 13 |0x8000 (32)',
        '+   13.1 (8) 0a000009',
        '+   13.3 |0x8000 (20)',
        '+     13.3.1 (6) 0035',
        '+     13.3.2 (6) 0035',
      ],
    },
  ),
  add('conntrack-udp-dnat', {
    original: UDP,
    reply: { protocol: 'udp', src: '10.0.0.9', dst: '10.0.0.1', sport: 53, dport: 1000 },
    timeout: 60,
  }),
  add('conntrack-udp-dnat-address', {
    original: UDP,
    reply: { protocol: 'udp', src: '10.0.0.9', dst: '10.0.0.1', sport: 2000, dport: 1000 },
    timeout: 60,
  }),
  add('conntrack-udp-snat', {
    original: UDP,
    reply: { protocol: 'udp', src: '10.0.0.2', dst: '10.0.0.9', sport: 2000, dport: 4000 },
    timeout: 60,
  }),
  add('conntrack-udp-v6-dnat', {
    original: { protocol: 'udp', ...V6, ...PORTS },
    reply: { protocol: 'udp', src: '2001:db8::9', dst: '2001:db8::1', sport: 53, dport: 1000 },
    timeout: 60,
  }),
  add('conntrack-icmp', {
    original: { protocol: 'icmp', ...V4, icmp: { type: 8, id: 77 } },
    timeout: 30,
  }),
  add('conntrack-icmpv6', {
    original: { protocol: 'ipv6-icmp', ...V6, icmp: { type: 128, code: 0, id: 77 } },
    timeout: 30,
  }),
  add(
    'conntrack-sctp',
    {
      original: { protocol: 'sctp', ...V4, ...PORTS },
      sctp: { vtagOriginal: 7, vtagReply: 9 },
      timeout: 100,
    },
    {
      why: 'conntrack sends the tags of its command line in host order, the kernel has them as they travel: in network order',
      lines: [
        '-     4.3.2 (8) 07000000',
        '-     4.3.3 (8) 09000000',
        '+     4.3.2 (8) 00000007',
        '+     4.3.3 (8) 00000009',
      ],
    },
  ),
  add('conntrack-gre', { original: { protocol: 'gre', ...V4, sport: 5, dport: 6 }, timeout: 100 }),
]

/** Every change and get of a TCP connection by conntrack has the flags of its windows, whatever was asked for. */
const WINDOWS = ['- 4 |0x8000 (24)', '-   4.1 |0x8000 (20)', '-     4.1.4 (6) 0a0a', '-     4.1.5 (6) 0a0a']

function update(name: string, change: ConntrackChange): GoldenCase {
  return {
    name,
    message: 1,
    operation: () => updateConntrack({ original: TCP, ...change }),
    differs: {
      why: 'conntrack makes windows lenient with any change; ours changes what was asked for',
      lines: [
        '- header  length 104, type 256, flags 0x5, portid 0',
        '+ header  length 80, type 256, flags 0x5, portid 0',
        ...WINDOWS,
      ],
    },
  }
}

const rest: GoldenCase[] = [
  update('conntrack-update-mark', { mark: 9 }),
  update('conntrack-update-timeout', { timeout: 50 }),
  {
    name: 'conntrack-update-state',
    message: 1,
    operation: () => updateConntrack({ original: TCP, state: 'time-wait' }),
    differs: {
      why: 'conntrack makes windows lenient with any change; ours changes what was asked for',
      lines: [
        '- header  length 104, type 256, flags 0x5, portid 0',
        '+ header  length 88, type 256, flags 0x5, portid 0',
        '- 4 |0x8000 (32)',
        '-   4.1 |0x8000 (28)',
        '+ 4 |0x8000 (16)',
        '+   4.1 |0x8000 (12)',
        '-     4.1.4 (6) 0e0e',
        '-     4.1.5 (6) 0e0e',
      ],
    },
  },
  {
    name: 'conntrack-get',
    operation: () => getConntrack({ original: TCP }),
    answers: [[{}]],
    differs: {
      why: 'the kernel looks at the tuple alone',
      lines: [
        '- header  length 96, type 257, flags 0x5, portid 0',
        '+ header  length 72, type 257, flags 0x1, portid 0',
        ...WINDOWS,
      ],
    },
  },
  {
    name: 'conntrack-delete',
    message: 1,
    operation: () => deleteConntrack({ original: TCP }),
    differs: {
      why: 'conntrack lists, and sends all that it knows of the entry; the kernel looks at the tuple, the zone and the id',
      lines: [
        '- header  length 224, type 258, flags 0x5, portid 0',
        '+ header  length 72, type 258, flags 0x5, portid 0',
        '- 2 |0x8000 (52)',
        '-   2.1 |0x8000 (20)',
        '-     2.1.1 (8) 0a000002',
        '-     2.1.2 (8) 0a000001',
        '-   2.2 |0x8000 (28)',
        '-     2.2.1 (5) 06',
        '-     2.2.2 (6) 07d0',
        '-     2.2.3 (6) 03e8',
        '- 3 (8) 00000008',
        '- 7 (8) 00000063',
        '- 8 (8) 00000000',
        '- 4 |0x8000 (48)',
        '-   4.1 |0x8000 (44)',
        '-     4.1.1 (5) 03',
        '-     4.1.4 (6) 0a00',
        '-     4.1.5 (6) 0a00',
        '-     4.1.2 (5) 00',
        '-     4.1.3 (5) 00',
        '- 24 |0x8000 (28)',
        '-   24.1 (8) 00000000',
        '-   24.2 (8) 00000000',
        '-   24.3 (8) 00000000',
      ],
    },
  },
  { name: 'conntrack-list', operation: () => listConntrack() },
  { name: 'conntrack-list-v4', operation: () => listConntrack({ family: 'ipv4' }) },
  { name: 'conntrack-list-v6', operation: () => listConntrack({ family: 'ipv6' }) },
  { name: 'conntrack-list-mark', operation: () => listConntrack({ mark: 5, markMask: 0xff }) },
  { name: 'conntrack-list-status', operation: () => listConntrack({ status: ['assured'] }) },
  { name: 'conntrack-flush', operation: () => flushConntrack() },
  {
    name: 'conntrack-flush-v6',
    operation: () => flushConntrack({ family: 'ipv6' }),
    differs: {
      why: 'with version 0 the kernel passes over the family: that command of conntrack 1.4.7 flushes IPv4 too',
      lines: ['- body    0a000000', '+ body    0a010000'],
    },
  },
  { name: 'conntrack-count', operation: () => countConntrack(), answers: [[{}]] },
]

describe('conntrack requests', () => {
  it.each([...adds, ...rest])('$name', (it) => {
    expectGolden('conntrack', it)
  })

  it('conntrack-stats, between the counts of all and those of expectations', () => {
    const [, counted] = sentBy(conntrackStats(), [[{}], [], []])
    expect(differenceFrom(findGolden('conntrack', 'conntrack-stats').messages[0]!, counted!)).toBeNull()
  })

  it('cover every fixture', () => {
    const covered = [...adds, ...rest].map(({ name }) => name)
    expect([...covered, 'conntrack-stats'].sort()).toEqual(
      loadGolden('conntrack')
        .map(({ name }) => name)
        .sort(),
    )
  })
})
