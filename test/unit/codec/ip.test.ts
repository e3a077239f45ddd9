import { isIP, isIPv4, isIPv6, SocketAddress } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatIp, formatIpv4, formatIpv6, parseIp, parseIpv4, parseIpv6 } from '../../../src/codec/index.js'
import { ipLength } from '../../../src/codec/ip.js'
import { hex } from './hex.js'

/** Node's own opinions: a regular expression for what is an address, libuv and the URL parser for the canonical form. */
function oracle(text: string): string | null {
  if (text.includes('%') || isIP(text) === 0) return null
  if (isIPv4(text)) return new SocketAddress({ address: text, family: 'ipv4' }).address
  // libuv writes the deprecated ::1.2.3.4 for ::102:304, the URL parser has no dots at all.
  const { address } = new SocketAddress({ address: text, family: 'ipv6' })
  return address.startsWith('::ffff:') && address.includes('.')
    ? address
    : new URL(`http://[${text}]/`).hostname.slice(1, -1)
}

function canonical(text: string): string | null {
  const bytes = parseIp(text)
  return bytes === null ? null : formatIp(bytes, 0, bytes.length)
}

describe('spellings of addresses', () => {
  it.each([
    ['0.0.0.0', '00000000'],
    ['192.168.15.1', 'c0a80f01'],
    ['255.255.255.255', 'ffffffff'],
    ['::', '00000000000000000000000000000000'],
    ['::1', '00000000000000000000000000000001'],
    ['1::', '00010000000000000000000000000000'],
    ['2001:db8::1', '20010db8000000000000000000000001'],
    ['2001:DB8::A', '20010db800000000000000000000000a'],
    ['2001:0db8:0000:0000:0000:0000:0000:0001', '20010db8000000000000000000000001'],
    ['fe80::1:2:3:4', 'fe800000000000000001000200030004'],
    ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
    ['1:2:3:4:5:6:7::', '00010002000300040005000600070000'],
    ['::2:3:4:5:6:7:8', '00000002000300040005000600070008'],
    ['1::3:4:5:6:7:8', '00010000000300040005000600070008'],
    ['1:0:0:2:0:0:0:3', '00010000000000020000000000000003'],
    ['::ffff:10.0.0.1', '00000000000000000000ffff0a000001'],
    ['::FFFF:a00:1', '00000000000000000000ffff0a000001'],
    ['::10.0.0.1', '0000000000000000000000000a000001'],
    ['64:ff9b::192.0.2.33', '0064ff9b0000000000000000c0000221'],
    ['1:2:3:4:5:6:1.2.3.4', '00010002000300040005000601020304'],
    ['1::1.2.3.4', '00010000000000000000000001020304'],
  ])('%s is %s', (text, bytes) => {
    expect(parseIp(text)).toStrictEqual(hex(bytes))
    expect(ipLength(text)).toBe(hex(bytes).length)
    expect(canonical(text)).toBe(oracle(text))
  })

  it.each([
    '',
    ' ',
    '1',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.',
    '.1.2.3',
    '1..2.3',
    '1.2.3.4.',
    '256.1.1.1',
    '1.2.3.999999999999999999999',
    '01.2.3.4',
    '1.2.3.04',
    '00.0.0.0',
    '0x1.2.3.4',
    '1.2.3.-4',
    '+1.2.3.4',
    '1e1.2.3.4',
    ' 1.2.3.4',
    '1.2.3.4 ',
    '1.2.3.4\0',
    '1.2.3.4\n',
    '１.2.3.4', // a full-width digit
    '1,2,3,4',
    '3232239361',
    '10.0.0.1/24',
    'localhost',
    ':',
    ':::',
    '::::',
    '1:',
    ':1',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:',
    ':1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8:',
    '1:2:3:4:5:6:7:8::',
    '::1:2:3:4:5:6:7:8',
    '1:2:3:4::5:6:7:8',
    '1::2::3',
    '1:::2',
    '::1:',
    '12345::',
    '::00001',
    '::g',
    '::-1',
    '::+1',
    '::0x1',
    ':: 1',
    ' ::1',
    '::1 ',
    '::1\0',
    '[::1]',
    'fe80::1%eth0',
    '::1/128',
    '::1.2.3',
    '::1.2.3.4.5',
    '::1.2.3.256',
    '::01.2.3.4',
    '::1.2.3.4:5',
    '1.2.3.4::',
    '1.2.3.4:1:2:3:4:5:6',
    '::a.b.c.d',
    '::ffff:1.2.3.4:',
    '1:2:3:4:5:6:7:1.2.3.4',
    '1:2:3:4:5:6::1.2.3.4',
    '1:2:3:4:5:1.2.3.4',
    '::ａ', // a full-width letter
    '::\u0130',
  ])('%j is no address', (text) => {
    expect(oracle(text)).toBeNull()
    expect(parseIp(text)).toBeNull()
    expect(ipLength(text)).toBe(0)
  })

  it('a very long text is no address either', () => {
    const texts = [
      `${'1:'.repeat(100_000)}1`,
      '1'.repeat(100_000),
      `::${'f'.repeat(100_000)}`,
      '1.'.repeat(100_000),
    ]
    for (const text of texts) expect(parseIp(text)).toBeNull()
  })
})

describe('formatIpv6', () => {
  it.each([
    ['00000000000000000000000000000000', '::'],
    ['00010000000000000000000000000000', '1::'],
    ['00000000000000000000000000000001', '::1'],
    ['00010000000300040005000600070008', '1:0:3:4:5:6:7:8'], // RFC 5952 4.2.2: one group is not shortened
    ['00010000000000020000000000000003', '1:0:0:2::3'], // 4.2.3: the longest run
    ['00010000000000020003000000000004', '1::2:3:0:0:4'], // 4.2.3: the first of equals
    ['00000000000100000000000000000001', '0:0:1::1'],
    ['0a0b00000000000000000000c0a80001', 'a0b::c0a8:1'],
    ['00000000000000000000ffff0a000001', '::ffff:10.0.0.1'],
    ['00000000000000000000fffe0a000001', '::fffe:a00:1'],
    ['0000000000000000ffff00000a000001', '::ffff:0:a00:1'],
    ['0000000000000000000000000a000001', '::a00:1'], // deprecated (RFC 4291 2.5.5.1): no dots
  ])('%s is %s', (bytes, text) => {
    expect(formatIpv6(hex(bytes), 0)).toBe(text)
  })
})

it('addresses lie anywhere in the bytes', () => {
  const bytes = hex('ee', '0a000001', '20010db8000000000000000000000001', 'ee')
  expect(formatIpv4(bytes, 1)).toBe('10.0.0.1')
  expect(formatIpv6(bytes, 5)).toBe('2001:db8::1')
  expect(parseIpv4('10.0.0.2', bytes, 1)).toBe(true)
  expect(parseIpv6('::2', bytes, 5)).toBe(true)
  expect(bytes).toStrictEqual(hex('ee', '0a000002', '00000000000000000000000000000002', 'ee'))
})

it('a text that is no address writes nothing outside of its place', () => {
  for (const text of ['1.2.3.4.5.6', '1:2:3:4:5:6:7:8:9:a', '1:2:3:4:5:6:7:1.2.3.4', '::1.2.3.4.5']) {
    const bytes = new Uint8Array(18).fill(0xee)
    expect(text.includes(':') ? parseIpv6(text, bytes, 1) : parseIpv4(text, bytes, 1)).toBe(false)
    expect([bytes[0], bytes[17]]).toStrictEqual([0xee, 0xee])
  }
})

it('formatIp goes by the length', () => {
  const bytes = new Uint8Array(16)
  expect(formatIp(bytes, 0, 4)).toBe('0.0.0.0')
  expect(formatIp(bytes, 0, 16)).toBe('::')
  for (const length of [0, 3, 5, 15]) expect(formatIp(bytes, 0, length)).toBeNull()
})

describe('against node:net', () => {
  // Mostly right, so that many texts are addresses and the others just miss it.
  const mostly = (right: fc.Arbitrary<string>, ...wrong: string[]) =>
    fc.oneof({ weight: 15, arbitrary: right }, { weight: 1, arbitrary: fc.constantFrom(...wrong) })
  const octet = mostly(fc.integer({ min: 0, max: 255 }).map(String), '00', '256', '1x', '')
  const group = mostly(
    fc.oneof(
      fc.constantFrom('0', '0000', 'FFFF', 'ffff'),
      fc.integer({ min: 0, max: 0xffff }).map((n) => n.toString(16)),
    ),
    '12345',
    '00001',
    'g',
    '',
  )
  const v4 = fc.array(octet, { minLength: 3, maxLength: 5 }).map((parts) => parts.join('.'))
  const v6 = fc
    .tuple(fc.array(group, { maxLength: 9 }), fc.nat(9), fc.option(v4), fc.boolean())
    .map(([groups, gap, tail, shorten]) => {
      const parts = tail === null ? groups : [...groups, tail]
      return shorten ? `${parts.slice(0, gap).join(':')}::${parts.slice(gap).join(':')}` : parts.join(':')
    })
  const soup = fc.string({
    unit: fc.constantFrom('0', '1', 'a', 'F', 'g', ':', ':', '.', ' '),
    maxLength: 20,
  })

  it('takes and refuses the same texts, and gives the canonical form', () => {
    let addresses = 0
    fc.assert(
      fc.property(fc.oneof(v4, v6, soup), (text) => {
        const expected = oracle(text)
        if (expected !== null) addresses++
        expect(canonical(text)).toBe(expected)
        expect(ipLength(text)).toBe({ 0: 0, 4: 4, 6: 16 }[expected === null ? 0 : isIP(text)])
      }),
      { numRuns: 5000 },
    )
    expect(addresses).toBeGreaterThan(300)
  })

  it('formats all bytes as the oracle does, in a form that is read back', () => {
    // Zero groups are common in real addresses and make all the difficulty.
    const address = fc
      .array(fc.oneof(fc.constant(0), fc.constant(0), fc.integer({ min: 0, max: 0xffff })), {
        minLength: 8,
        maxLength: 8,
      })
      .map((groups) => Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff])))
    fc.assert(
      fc.property(address, (bytes) => {
        const text = formatIpv6(bytes, 0)
        expect(isIPv6(text)).toBe(true)
        expect(text).toBe(oracle(text))
        expect(parseIp(text)).toStrictEqual(bytes)
      }),
      { numRuns: 2000 },
    )
  })

  it('formats neighbouring and colliding addresses, one after the other', () => {
    // Many of these share the slots in which formatIpv4 keeps the first three parts.
    const wrong: string[] = []
    for (let first = 0; first < 256; first += 5) {
      for (let third = 0; third < 256; third++) {
        const expected = `${first}.1.${third}.${255 - third}`
        const text = formatIpv4(Uint8Array.of(first, 1, third, 255 - third), 0)
        if (text !== expected) wrong.push(`${text} for ${expected}`)
      }
    }
    expect(wrong).toStrictEqual([])
  })

  it('reads back every IPv4 address that it formats', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 4 }), (bytes) => {
        const text = formatIpv4(bytes, 0)
        expect(isIPv4(text)).toBe(true)
        expect(parseIp(text)).toStrictEqual(bytes)
      }),
    )
  })
})
