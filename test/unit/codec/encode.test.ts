/** How attributes are written. */

import { describe, expect, it } from 'vitest'
import { hex, onLittleEndianHost } from './hex.js'
import { link, write } from './link-tables.js'

onLittleEndianHost()

const NO_SUCH =
  'no such attribute in IFLA (known: address, ifname, mtu, carrier, altnames, present, raw, vlan, propList)'

describe('encodeAttributes', () => {
  it('leaves out what is undefined, and flags that are false', () => {
    expect(write(link, {})).toStrictEqual(hex(''))
    expect(write(link, { mtu: undefined, present: false })).toStrictEqual(hex(''))
    expect(write(link, { present: true })).toStrictEqual(hex('0400 0700'))
  })

  it('sets NLA_F_NESTED where the table says so', () => {
    expect(write(link, { propList: { name: ['a'] } })).toStrictEqual(hex('0c00 3480', '0600 3500 61 00 0000'))
    expect(write(link, { vlan: { id: 1 } })).toStrictEqual(hex('0c00 0900', '0600 0100 0100 0000'))
  })

  it('writes an attribute for each element of a repeated one', () => {
    expect(write(link, { altnames: ['a', 'bcd'] })).toStrictEqual(
      hex('0600 3500 61 00 0000', '0800 3500 626364 00'),
    )
    expect(write(link, { altnames: [] })).toStrictEqual(hex(''))
  })

  it.each<[string, unknown, string]>([
    ['an attribute that the table does not have', { mut: 1500 }, `IFLA: mut: ${NO_SUCH}`],
    ['a name of every object', { constructor: 1 }, `IFLA: constructor: ${NO_SUCH}`],
    ['__proto__', JSON.parse('{"__proto__": {"mtu": 1}}'), `IFLA: __proto__: ${NO_SUCH}`],
    ['null', { mtu: null }, 'IFLA: mtu: null is not an integer from 0 to 4294967295 (u32)'],
    [
      'a string for a number',
      { mtu: '1500' },
      "IFLA: mtu: '1500' is not an integer from 0 to 4294967295 (u32)",
    ],
    ['a string for a repeated one', { altnames: 'abc' }, "IFLA: altnames: 'abc' is not an array"],
    ['null for a repeated one', { altnames: null }, 'IFLA: altnames: null is not an array'],
    [
      'a Set for a repeated one',
      { altnames: new Set(['a']) },
      'IFLA: altnames: [object Set] is not an array',
    ],
    ['a wrong element', { altnames: ['a', 5] }, 'IFLA: altnames[1]: 5 is not a string'],
    ['a hole', { altnames: new Array(1) }, 'IFLA: altnames[0]: undefined is not a string'],
    ['an array for a set', { vlan: [] }, 'IFLA: vlan: [] is not an object of IFLA_VLAN attributes'],
    ['bytes for a set', { vlan: hex('01') }, 'IFLA: vlan: 1 bytes is not an object of IFLA_VLAN attributes'],
    [
      'a Map for a set',
      { vlan: new Map() },
      'IFLA: vlan: [object Map] is not an object of IFLA_VLAN attributes',
    ],
    ['a number for a set', { vlan: 100 }, 'IFLA: vlan: 100 is not an object of IFLA_VLAN attributes'],
    ['an array for the whole', [], 'IFLA: [] is not an object of IFLA attributes'],
    ['unknown that is no array', { unknown: {} }, 'IFLA: unknown: {} is not an array'],
    [
      'unknown without bytes',
      { unknown: [{ type: 1, data: 'x' }] },
      'IFLA: unknown[0]: { type, data } is not an attribute { type, data }, data a Uint8Array',
    ],
    [
      'unknown that is none',
      { unknown: [null] },
      'IFLA: unknown[0]: null is not an attribute { type, data }, data a Uint8Array',
    ],
  ])('refuses %s', (_, value, message) => {
    expect(() => write(link, value)).toThrow(new TypeError(message))
  })

  it.each<[string, unknown, string]>([
    [
      'deep inside',
      { vlan: { flags: { flags: -1 } } },
      'IFLA: vlan.flags.flags: -1 is not an integer from 0',
    ],
    ['u8 = 300', { carrier: 300 }, 'IFLA: carrier: 300 is not an integer from 0 to 255 (u8)'],
    [
      'a type of 17 bits',
      { unknown: [{ type: 65536, data: hex('') }] },
      'IFLA: unknown[0]: 65536 is not an attribute type',
    ],
    [
      'a type below zero',
      { unknown: [{ type: -1, data: hex('') }] },
      'IFLA: unknown[0]: -1 is not an attribute type',
    ],
  ])('refuses a value that does not fit: %s', (_, value, message) => {
    expect(() => write(link, value)).toThrow(RangeError)
    expect(() => write(link, value)).toThrow(message)
  })

  it('holds 65,531 bytes in an attribute and no more', () => {
    expect(write(link, { raw: new Uint8Array(65531) })).toHaveLength(65536)
    const over = new Uint8Array(65532)
    const message = '65532 bytes, and an attribute holds at most 65531'
    expect(() => write(link, { raw: over })).toThrow(new RangeError(`IFLA: raw: ${message}`))
    expect(() => write(link, { unknown: [{ type: 99, data: over }] })).toThrow(
      new RangeError(`IFLA: unknown[0]: ${message}`),
    )
    const mapping = new Array(6000).fill({ from: 1, to: 2 })
    expect(() => write(link, { vlan: { egressQos: { mapping } } })).toThrow(
      new RangeError('IFLA: vlan.egressQos: 72000 bytes, and an attribute holds at most 65531'),
    )
  })
})
