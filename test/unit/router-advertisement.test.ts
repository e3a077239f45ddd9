import { describe, expect, it } from 'vitest'
import { DecodeError, guarded } from '../../src/codec/index.js'
import { readNdUserOptions } from '../../src/rtnetlink/router-advertisement/nd-user-option.js'
import { readPrefix } from '../../src/rtnetlink/router-advertisement/prefix.js'
import { hex } from './codec/hex.js'

const read = (...parts: string[]) => {
  const bytes = hex(parts.join(''))
  return guarded('RTM_NEWNDUSEROPT', () => readNdUserOptions(bytes, 0, bytes.length, () => null))
}
/** struct nduseroptmsg for options of so many bytes, from interface 10, of a router advertisement. */
const header = (length: number) => `0a00${length.toString(16).padStart(2, '0')}000a0000008600000000000000`
const FROM = '14000100fe800000000000000000000000000001'

describe('options for programs', () => {
  it('are read one after another, with the router that sent them', () => {
    expect(
      read(
        header(24 + 16),
        '1903000000000258',
        '20010db8000000000000000000000053',
        '25026162636465666768696a6b6c6d6e',
        FROM,
      ),
    ).toEqual({
      from: 'fe80::1',
      ifindex: 10,
      dev: null,
      icmpType: 134,
      icmpCode: 0,
      options: [
        { type: 'rdnss', lifetime: 600, servers: ['2001:db8::53'] },
        { type: 37, data: hex('6162636465666768696a6b6c6d6e') },
      ],
    })
  })

  it('are read without the router where the kernel does not tell it', () => {
    expect(read(header(8), '2501616263646566')?.from).toBeNull()
  })

  it.each([
    ['a label past the end', '1f0200000000003c3f61626300000000'],
    ['a name without its end', '1f0200000000003c0761626364656667'],
  ])('are bytes where domains make no sense: %s', (_, option) => {
    expect(read(header(16), option)?.options).toEqual([{ type: 31, data: hex(option.slice(4)) }])
  })

  it('of DNS servers that are cut off are those that are whole', () => {
    expect(read(header(16), '190200000000003c20010db800000000')?.options).toEqual([
      { type: 'rdnss', lifetime: 60, servers: [] },
    ])
  })

  it.each([
    ['longer than the message', header(16), '2502616263646566'],
    ['of length 0', header(8), '2500616263646566'],
    ['cut off in the middle', header(12), '25016162636465661902'],
  ])('are malformed: %s', (_, ...parts) => {
    expect(() => read(...parts)).toThrow(DecodeError)
  })

  it('of another family are none', () => {
    expect(read('02000000', '0000000a'.repeat(3))).toBeNull()
  })
})

describe('a prefix', () => {
  const prefix = (flags: string, family = '0a') =>
    readPrefix(
      ...message(
        `${family}0000000a0000000340${flags}00`,
        '1400010020010db8000500000000000000000000',
        '0c000200100e0000ffffffff',
      ),
    )
  const message = (...parts: string[]): [Uint8Array, number, number, () => null] => {
    const bytes = hex(parts.join(''))
    return [bytes, 0, bytes.length, () => null]
  }

  it.each([
    ['03', true, true],
    ['01', true, false],
    ['02', false, true],
    ['c0', true, true],
    ['80', true, false],
    ['40', false, true],
    ['30', false, false],
  ])(
    'with the flags %s, by the kernel or by the router: onlink %s, autoconf %s',
    (flags, onlink, autoconf) => {
      expect(prefix(flags)).toEqual({
        prefix: '2001:db8:5::/64',
        ifindex: 10,
        dev: null,
        onlink,
        autoconf,
        preferredLifetime: 3600,
        validLifetime: 'forever',
      })
    },
  )

  it('of another family is none', () => {
    expect(prefix('03', '02')).toBeNull()
  })
})
