import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { host } from '../../src/codec/bytes.js'
import { DecodeError, guarded } from '../../src/codec/index.js'
import { type ConntrackEntry, readEntry } from '../../src/conntrack/entry.js'
import { type ConntrackFilter, checkFilter, matches } from '../../src/conntrack/filter.js'
import { labelBytes, readLabels } from '../../src/conntrack/labels.js'
import { queriesOf } from '../../src/conntrack/query.js'
import { findGolden } from '../golden/golden.js'

const V4 = { src: '10.0.0.1', dst: '10.0.0.2' }
const TCP = { protocol: 'tcp', ...V4, sport: 1000, dport: 80 } as const
const PING = { protocol: 'icmp', ...V4, icmp: { type: 8, id: 7 } } as const

describe('labels', () => {
  const { littleEndian } = host
  afterEach(() => {
    host.littleEndian = littleEndian
  })

  it.each([true, false])('lie as an array of long lies in memory (little-endian: %s)', (little) => {
    host.littleEndian = little
    const bytes = labelBytes([0, 9, 63, 64, 127])
    const view = new DataView(bytes.buffer)
    expect(view.getBigUint64(0, little)).toBe((1n << 63n) | (1n << 9n) | 1n)
    expect(view.getBigUint64(8, little)).toBe((1n << 63n) | 1n)
    expect(readLabels(bytes)).toEqual([0, 9, 63, 64, 127])
  })
})

const entry = {
  family: 'ipv4',
  original: { ...TCP, icmp: null, zone: null },
  reply: {
    protocol: 'tcp',
    src: '172.17.0.2',
    dst: '10.0.0.1',
    sport: 8080,
    dport: 1000,
    icmp: null,
    zone: 3,
  },
  zone: 0,
  mark: 0x105,
  status: ['seen-reply', 'assured', 'dst-nat'],
} as unknown as ConntrackEntry
const entry6 = {
  family: 'ipv6',
  original: {
    ...PING,
    protocol: 'ipv6-icmp',
    src: '2001:db8::1',
    dst: '2001:db8::2',
    sport: null,
    dport: null,
  },
  reply: { src: '2001:db8::2', dst: '2001:db8::1', zone: null },
  zone: 0,
  mark: 0,
  status: [],
} as unknown as ConntrackEntry

describe('filters', () => {
  const filters: readonly [ConntrackFilter, v4: boolean, v6: boolean][] = [
    [{}, true, true],
    [{ family: 'ipv4' }, true, false],
    [{ zone: 3 }, true, false],
    [{ zone: 0 }, true, true],
    [{ mark: 0x105 }, true, false],
    [{ mark: 0, markMask: 2 }, true, true],
    [{ mark: 5, markMask: 0xff }, true, false],
    [{ status: ['assured', 'dst-nat'] }, true, false],
    [{ status: ['assured', 'src-nat'] }, false, false],
    [{ statusMask: ['assured'] }, false, true],
    [{ protocol: 6 }, true, false],
    [{ protocol: ['udp', 'ipv6-icmp'] }, false, true],
    [{ original: { src: '10.0.0.1' } }, true, false],
    [{ original: { src: '10.0.0.0/31' } }, true, false],
    [{ original: { src: '10.0.0.2/31' } }, false, false],
    [{ original: { src: '0.0.0.0/0' } }, true, false],
    [{ original: { src: '2001:db8:0::/127' } }, false, true],
    [{ original: { src: '2001:DB8::0001' } }, false, true],
    [{ original: { src: '2001:db8:8000::/33' } }, false, false],
    [{ original: { dport: 80 }, reply: { sport: { start: 8000, end: 8080 } } }, true, false],
    [{ original: { sport: { start: 0, end: 999 } } }, false, false],
    [{ reply: { src: '172.16.0.0/12', dport: 1000 } }, true, false],
  ]
  it.each(filters)('%j', (filter, v4, v6) => {
    const checked = checkFilter(filter)
    expect([matches(checked, entry), matches(checked, entry6)]).toEqual([v4, v6])
  })

  const asked = (filter: ConntrackFilter) =>
    queriesOf(checkFilter(filter)).map(({ family, attributes, complete }) => [
      family,
      attributes.filter?.origFlags ?? 0,
      attributes.filter?.replyFlags ?? 0,
      complete,
    ])

  it('are compared by the kernel where it can', () => {
    expect(asked({})).toEqual([[0, 0, 0, true]])
    expect(asked({ mark: 1, zone: 2, status: ['assured'] })).toEqual([[0, 0, 0, true]])
    expect(asked({ original: { dst: '10.0.0.2' } })).toEqual([[2, 0x02, 0, true]])
    expect(asked({ protocol: ['tcp', 'udp'], original: { dst: '10.0.0.2', dport: 80 } })).toEqual([
      [2, 0x2a, 0, true],
      [2, 0x2a, 0, true],
    ])
    expect(asked({ protocol: 'tcp', original: { dport: 80 } })).toEqual([
      [2, 0x28, 0, true],
      [10, 0x28, 0, true],
    ])
    expect(asked({ protocol: 'udp', family: 'ipv4', reply: { src: '10.0.0.2', sport: 53 } })).toEqual([
      [2, 0x08, 0x19, true],
    ])
  })

  it('are compared here where it cannot', () => {
    expect(asked({ original: { dst: '10.0.0.0/24' } })).toEqual([[2, 0, 0, false]])
    expect(asked({ original: { dst: '2001:db8::2' } })).toEqual([[10, 0, 0, false]])
    expect(asked({ original: { dport: 80 } })).toEqual([[0, 0, 0, false]])
    expect(asked({ protocol: 'tcp', family: 'ipv4', original: { dport: { start: 1, end: 2 } } })).toEqual([
      [2, 0x08, 0, false],
    ])
    expect(asked({ protocol: 'sctp', family: 'ipv4', original: { dport: 80 } })).toEqual([
      [2, 0x08, 0, false],
    ])
  })

  it('of a whole tuple are no flush: an old kernel would take it for the one entry, whatever else is asked', () => {
    const { src, dst, sport, dport } = TCP
    expect(asked({ protocol: 'tcp', original: { src, dst, sport, dport } })).toEqual([[2, 0x3b, 0, false]])
  })
})

describe('received bytes', () => {
  const { bytes } = findGolden('conntrack', 'conntrack-tcp-status').messages[0]!
  const read = (message: Uint8Array) =>
    guarded('IPCTNL_MSG_CT_NEW', () => readEntry(message, 16, message.length), 16)

  it('of a request of conntrack are the entry that it asks for', () => {
    expect(read(bytes)).toMatchObject({
      family: 'ipv4',
      original: { protocol: 'tcp', src: '10.0.0.1', dst: '10.0.0.2', sport: 1000, dport: 2000 },
      reply: { protocol: 'tcp', src: '10.0.0.2', dst: '10.0.0.1', sport: 2000, dport: 1000 },
      status: ['seen-reply', 'assured', 'confirmed'],
      state: 'established',
      timeout: 100,
    })
  })

  it('that make no sense are a DecodeError that names the attribute', () => {
    const bent = bytes.slice()
    // CTA_TUPLE_ORIG, CTA_TUPLE_IP and the length of CTA_IP_V4_SRC in it.
    bent[16 + 4 + 4 + 4] = 200
    expect(() => read(bent)).toThrow(DecodeError)
    expect(() => read(bent)).toThrow('tupleOrig.tupleIp: an attribute of length 200 where 16 bytes are left')
    expect(() => read(bytes.subarray(0, 20))).toThrow('a connection without its tuples')
  })

  it('never make anything else of it, whatever is wrong with them', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(bytes.length - 17), fc.nat(255)), { maxLength: 6 }),
        fc.nat(bytes.length),
        (changes, length) => {
          const bent = bytes.slice(0, Math.max(length, 20))
          for (const [at, value] of changes) if (16 + at < bent.length) bent[16 + at] = value
          try {
            read(bent)
          } catch (error) {
            expect(error).toBeInstanceOf(DecodeError)
          }
        },
      ),
      { numRuns: 2000, seed: 1 },
    )
  })
})
