/** What the operations on tracked connections refuse before anything is sent. */

import { describe, expect, it } from 'vitest'
import { addConntrack, deleteConntrack, updateConntrack } from '../../src/conntrack/change.js'
import { addExpectation, listExpectations } from '../../src/conntrack/expectation-operations.js'
import { flushConntrack, flushConntrackPort } from '../../src/conntrack/flush.js'
import { checkChange, checkInput } from '../../src/conntrack/input.js'
import { checkKey } from '../../src/conntrack/key.js'
import { getConntrack, listConntrack } from '../../src/conntrack/list.js'
import type { Operation } from '../../src/netlink/operation.js'
import { refusal } from './refusal.js'

const V4 = { src: '10.0.0.1', dst: '10.0.0.2' }
const TCP = { protocol: 'tcp', ...V4, sport: 1000, dport: 80 } as const
const SCTP = { ...TCP, protocol: 'sctp' } as const
const NO_PORTS = { sport: null, dport: null }
const PING = { protocol: 'icmp', ...V4, icmp: { type: 8, id: 7 } } as const
const NEW = { original: TCP, timeout: 60 }

type Call = (options: never) => Operation<unknown>

/** Call, what it is given, the error, and how its message begins. */
const wrong: readonly [Call, unknown, new () => Error, string][] = [
  [addConntrack, { timeout: 60 }, TypeError, 'addConntrack: which connection?'],
  [addConntrack, { original: TCP }, TypeError, 'timeout: undefined is not a number of seconds'],
  [addConntrack, { ...NEW, timeout: -1 }, RangeError, 'timeout: -1 is not'],
  [addConntrack, { ...NEW, timeout: 2 ** 32 }, RangeError, 'timeout: 4294967296 is not'],
  [addConntrack, { ...NEW, mark: '7' }, TypeError, "mark: '7' is not a mark"],
  [addConntrack, { ...NEW, zone: 65536 }, RangeError, 'zone: 65536 is not a zone from 0 to 65535'],
  [addConntrack, { ...NEW, zon: 5 }, TypeError, "addConntrack: unknown option 'zon'"],
  [addConntrack, { ...NEW, family: 'ipv6' }, RangeError, "original.src: '10.0.0.1' is not an IPv6 address"],
  [addConntrack, { ...NEW, family: 'inet' }, RangeError, "family: 'inet' is not 'ipv4' or 'ipv6'"],
  [addConntrack, { ...NEW, original: null }, TypeError, 'original: null is not a tuple'],
  [addConntrack, { ...NEW, original: { ...TCP, prot: 6 } }, TypeError, "original: unknown option 'prot'"],
  [
    addConntrack,
    { ...NEW, original: { ...TCP, src: '10.0.0.256' } },
    RangeError,
    "original.src: '10.0.0.256' is not an IPv4 or IPv6 address",
  ],
  [
    addConntrack,
    { ...NEW, original: { ...TCP, dst: '::1' } },
    RangeError,
    "original.dst: '::1' is not an IPv4 address",
  ],
  [
    addConntrack,
    { ...NEW, original: { ...TCP, sport: undefined } },
    TypeError,
    'original.sport: null is not a port',
  ],
  [
    addConntrack,
    { ...NEW, original: { ...SCTP, sport: undefined, dport: undefined } },
    TypeError,
    'original.sport: null is not a port',
  ],
  [
    addConntrack,
    { ...NEW, original: SCTP, reply: { ...SCTP, ...NO_PORTS } },
    TypeError,
    'reply.sport: null does not go with original.sport 1000',
  ],
  [
    addConntrack,
    { ...NEW, original: { ...SCTP, ...NO_PORTS }, reply: SCTP },
    TypeError,
    'reply.sport: 1000 does not go with original.sport null',
  ],
  [addConntrack, { ...NEW, original: { ...TCP, dport: 0 } }, RangeError, 'original.dport: 0 is not a port'],
  [
    addConntrack,
    { ...NEW, original: { ...TCP, dport: 65536 } },
    RangeError,
    'original.dport: 65536 is not a port from 1 to 65535',
  ],
  [
    addConntrack,
    { ...NEW, original: { ...TCP, protocol: 'tpc' } },
    RangeError,
    "original.protocol: 'tpc' is not one of icmp",
  ],
  [
    addConntrack,
    { ...NEW, original: { ...TCP, protocol: 256 } },
    RangeError,
    'original.protocol: 256 is not a protocol from 0 to 255',
  ],
  [
    addConntrack,
    { ...NEW, original: { ...V4, protocol: 'esp', sport: 1 } },
    TypeError,
    "original.sport: 'esp' has no ports",
  ],
  [
    addConntrack,
    { ...NEW, original: { ...V4, protocol: 'icmp' } },
    TypeError,
    'original.icmp: missing; type and id',
  ],
  [
    addConntrack,
    { ...NEW, original: { ...PING, icmp: { type: 3, id: 7 } } },
    RangeError,
    'original.icmp.type: 3 is not an ICMP type that is a request or its answer',
  ],
  [
    addConntrack,
    { ...NEW, original: { ...PING, icmp: { type: 8, id: 65536 } } },
    RangeError,
    'original.icmp.id: 65536 is not',
  ],
  [
    addConntrack,
    { ...NEW, original: { ...PING, protocol: 'ipv6-icmp' } },
    RangeError,
    "original.protocol: 'ipv6-icmp' is not of ipv4",
  ],
  [
    addConntrack,
    { ...NEW, original: { ...TCP, icmp: PING.icmp } },
    TypeError,
    "original.icmp: 'tcp' has none",
  ],
  [
    addConntrack,
    { ...NEW, zone: 5, original: { ...TCP, zone: 6 } },
    TypeError,
    'zone: 5 is said of both directions, and original.zone of one',
  ],
  [
    addConntrack,
    { ...NEW, reply: { ...TCP, protocol: 'udp' } },
    RangeError,
    "reply.protocol: 'udp' is not 'tcp', as the original's",
  ],
  [
    addConntrack,
    { ...NEW, reply: { ...TCP, src: '::1', dst: '::2' } },
    RangeError,
    "reply.src: '::1' is not an IPv4 address",
  ],
  [addConntrack, { ...NEW, state: 'open' }, RangeError, "state: 'open' is not one of none, syn-sent"],
  [
    addConntrack,
    { original: { ...TCP, protocol: 'udp' }, timeout: 1, state: 'established' },
    TypeError,
    "state: 'udp' has none that can be given",
  ],
  [addConntrack, { ...NEW, status: 'assured' }, TypeError, "status: 'assured' is not an array of names"],
  [addConntrack, { ...NEW, status: ['sure'] }, RangeError, "status: 'sure' is not one of expected"],
  [addConntrack, { ...NEW, labels: [128] }, RangeError, 'labels: 128 is not a label from 0 to 127'],
  [addConntrack, { ...NEW, labels: 5 }, TypeError, 'labels: 5 is not an array of numbers'],
  [addConntrack, { ...NEW, helper: 'sixteen-letters-' }, RangeError, "helper: 'sixteen-letters-' is not"],
  [addConntrack, { ...NEW, master: {} }, RangeError, 'master.src: undefined is not an IPv4 or IPv6 address'],
  [
    addConntrack,
    { ...NEW, tcp: { wscaleOriginal: 256, wscaleReply: 0, flagsOriginal: [], flagsReply: [] } },
    RangeError,
    'tcp.wscaleOriginal: 256 is not',
  ],
  [
    addConntrack,
    { ...NEW, tcp: { wscaleOriginal: 7, wscaleReply: 0, flagsOriginal: ['x'], flagsReply: [] } },
    RangeError,
    "tcp.flagsOriginal: 'x' is not one of window-scale",
  ],
  [
    addConntrack,
    { ...NEW, seqAdjust: { original: { correctionPos: 1, offsetBefore: 1 } } },
    TypeError,
    'seqAdjust.original.offsetAfter: undefined is not',
  ],
  [
    addConntrack,
    { ...NEW, synproxy: { isn: 1, its: 2, tsoff: -1 } },
    RangeError,
    'synproxy.tsoff: -1 is not',
  ],
  [getConntrack, { zone: 5 }, TypeError, 'getConntrack: which connection?'],
  [getConntrack, { original: TCP, bigint: 1 }, TypeError, 'bigint: 1 is not true or false'],
  [deleteConntrack, { original: TCP, id: -1 }, RangeError, 'id: -1 is not an id'],
  [updateConntrack, { original: TCP }, TypeError, 'updateConntrack: nothing to change; give at least one of'],
  [
    updateConntrack,
    { original: TCP, state: null, helper: null, timeout: null },
    TypeError,
    'updateConntrack: nothing to change; give at least one of',
  ],
  [
    updateConntrack,
    { original: TCP, state: 'shut' },
    RangeError,
    "state: 'shut' is not one of none, syn-sent",
  ],
  [
    updateConntrack,
    { original: { ...TCP, protocol: 'udp' }, state: 'established' },
    TypeError,
    "state: 'udp' has none",
  ],
  [
    updateConntrack,
    {
      original: { ...TCP, protocol: 'udp' },
      tcp: { wscaleOriginal: 1, wscaleReply: 0, flagsOriginal: [], flagsReply: [] },
    },
    TypeError,
    "tcp: the connection is of 'udp'",
  ],
  [
    updateConntrack,
    { original: { ...TCP, protocol: 'sctp' }, state: 'established' },
    TypeError,
    'updateConntrack: the kernel takes state and sctp of an association together',
  ],
  [
    updateConntrack,
    { original: TCP, seqAdjust: { original: null, reply: null } },
    TypeError,
    'seqAdjust: neither original nor reply is given',
  ],
  [
    updateConntrack,
    { original: { ...TCP, protocol: 'dccp' }, state: 'open' },
    TypeError,
    'updateConntrack: nothing to change',
  ],
  [updateConntrack, { original: TCP, markMask: 1 }, TypeError, 'markMask: of no use without mark'],
  [
    updateConntrack,
    { original: TCP, mark: 0x1ff, markMask: 0xff },
    RangeError,
    'mark: 0x1ff has bits that the mask 0xff leaves out',
  ],
  [
    updateConntrack,
    { original: TCP, labels: [1, 2], labelsMask: [1] },
    RangeError,
    'labels: 2 is not in labelsMask',
  ],
  [updateConntrack, { original: TCP, labelsMask: [1] }, TypeError, 'labelsMask: of no use without labels'],
  [listConntrack, { mark: 2 ** 32 }, RangeError, 'mark: 4294967296 is not'],
  [listConntrack, { mark: 8, markMask: 7 }, RangeError, 'mark: 0x8 has bits that the mask 0x7 leaves out'],
  [listConntrack, { markMask: 7 }, TypeError, 'markMask: of no use without mark'],
  [listConntrack, { status: [] }, RangeError, 'status: [] names no flag'],
  [
    listConntrack,
    { status: ['assured'], statusMask: ['seen-reply'] },
    RangeError,
    'status: assured is not in statusMask',
  ],
  [listConntrack, { protocol: [] }, RangeError, 'protocol: [] is none'],
  [listConntrack, { protocol: 'http' }, RangeError, "protocol: 'http' is not one of"],
  [
    listConntrack,
    { original: '10.0.0.1' },
    TypeError,
    "original: '10.0.0.1' is not { src, dst, sport, dport }",
  ],
  [listConntrack, { original: { port: 80 } }, TypeError, "original: unknown option 'port'"],
  [listConntrack, { original: { src: 10 } }, TypeError, 'original.src: 10 is not a string'],
  [
    listConntrack,
    { original: { dst: '10.0.0.0/33' } },
    RangeError,
    "original.dst: '10.0.0.0/33' has a prefix length that is not from 0 to 32",
  ],
  [
    listConntrack,
    { original: { dst: '10.0.0.1/8' } },
    RangeError,
    "original.dst: '10.0.0.1/8' has bits after its prefix length",
  ],
  [
    listConntrack,
    { original: { src: '10.0.0.1' }, reply: { dst: '::1' } },
    RangeError,
    "reply.dst: '::1' is not an IPv4 address",
  ],
  [
    listConntrack,
    { original: { dport: { start: 90, end: 80 } } },
    RangeError,
    'original.dport: 90 to 80 is no range',
  ],
  [listConntrack, { original: { sport: '80' } }, TypeError, "original.sport: '80' is not a port"],
  [flushConntrack, { original: { sport: 65536 } }, RangeError, 'original.sport: 65536 is not a port'],
  [flushConntrackPort, {}, TypeError, 'port: undefined is not a port'],
  [flushConntrackPort, { port: 0 }, RangeError, 'port: 0 is not a port from 1 to 65535'],
  [flushConntrackPort, { port: '80' }, TypeError, "port: '80' is not a port"],
  [
    flushConntrackPort,
    { port: 80, protocol: 'icmp' },
    RangeError,
    "protocol: 'icmp' is not 'tcp', 'udp' or 'sctp'",
  ],
  [
    flushConntrackPort,
    { port: 80, address: 'eth0' },
    RangeError,
    "address: 'eth0' is not an IPv4 or IPv6 address",
  ],
  [listExpectations, { zone: 5 }, TypeError, 'zone: of no use without master'],
  [addExpectation, { tuple: TCP }, TypeError, 'master: undefined is not a tuple'],
  [addExpectation, { tuple: { ...TCP, dport: 0 }, master: TCP }, RangeError, 'tuple.dport: 0 is not a port'],
  [
    addExpectation,
    { tuple: TCP, master: TCP, mask: { src: '::' } },
    RangeError,
    "mask.src: '::' is not an IPv4 address",
  ],
  [
    addExpectation,
    { tuple: TCP, master: TCP, nat: { direction: 'back', address: '10.0.0.9', port: 5 } },
    RangeError,
    "nat.direction: 'back' is not one of original, reply",
  ],
]

describe('input', () => {
  it.each(wrong)('%o of %j is refused before anything is sent', (call, given, type, message) => {
    const error = refusal(() => call(given as never))
    expect(error).toBeInstanceOf(type)
    expect(error.message.slice(0, message.length)).toBe(message)
  })

  it('the state of a listed connection of DCCP is passed over', () => {
    const listed = { original: { ...TCP, protocol: 'dccp' }, state: 'open', timeout: 60, mark: 1 } as const
    expect(checkInput('addConntrack', listed).state).toBeNull()
    const key = checkKey('updateConntrack', listed)
    expect(checkChange('updateConntrack', listed, key)).toMatchObject({ mark: 1, state: null })
  })

  it('the answers are the opposite of the original, unless they are given', () => {
    expect(checkInput('addConntrack', NEW).reply).toEqual({
      protocol: 'tcp',
      src: '10.0.0.2',
      dst: '10.0.0.1',
      sport: 80,
      dport: 1000,
      icmp: null,
      zone: null,
    })
    expect(checkInput('addConntrack', { original: PING, timeout: 1 }).reply.icmp).toEqual({
      type: 0,
      code: 0,
      id: 7,
    })
  })
})
