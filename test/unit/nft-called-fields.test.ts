/** Names of fields that a call of the builder makes: each is that of its field alone, and what names none is no field. */

import { describe, expect, it } from 'vitest'
import { toHex } from '../../src/codec/index.js'
import { calledField, nameOfCalled } from '../../src/nftables/builder/called-fields.js'
import { namesOfFields } from '../../src/nftables/builder/named-fields.js'
import type { Selector } from '../../src/nftables/builder/selector.js'
import { plainOf } from '../../src/nftables/builder/source.js'
import { fieldText } from '../../src/nftables/builder/typeof.js'
import { numberRecord, userdataOf } from '../../src/nftables/userdata.js'
import { ip, ipsec, jhash, numgen, payload, symhash, tcp } from '../../src/nftables.js'

const FIELDS: readonly [name: string, field: Selector, size: number][] = [
  ['numgen.incremental.4.0', numgen('incremental', 4), 4],
  ['numgen.random.4294967295.1', numgen('random', 0xffffffff, 1), 4],
  ['jhash.7.3', jhash(ip.saddr, { modulus: 7, offset: 3 }), 4],
  ['jhash.7.3.0', jhash(tcp.dport, { modulus: 7, offset: 3, seed: 0 }), 4],
  ['symhash.8.2', symhash({ modulus: 8, offset: 2 }), 4],
  ['ipsec.in.0.reqid', ipsec('in').reqid, 4],
  ['ipsec.out.3.daddr6', ipsec('out', 3).daddr6, 16],
  ['payload.link-layer-header.0.6', payload('link-layer-header', 0, 6), 6],
  ['payload.inner-header.255.16', payload('inner-header', 255, 16), 16],
]

const NONE = [
  ...['numgen', 'numgen.random', 'numgen.random.4', 'numgen.random.4.0.0', 'numgen.other.4.0'],
  ...[
    'numgen.random.0.0',
    'numgen.random.04.0',
    'numgen.random.4294967296.0',
    'numgen.random.4294967295.2',
    'numgen.random.4.x',
  ],
  ...['jhash.7', 'jhash.7.3.5.1', 'symhash.8', 'symhash.8.2.1', 'toString.1', 'constructor.name'],
  ...['ipsec.in.0', 'ipsec.in.0.other', 'ipsec.in.0.toString', 'ipsec.both.0.spi', 'ipsec.in.99.spi'],
  ...[
    'payload.other.0.4',
    'payload.network-header.0',
    'payload.network-header.0.17',
    'payload.network-header.256.1',
  ],
]

describe('fields that a call makes', () => {
  it.each(FIELDS)('%s', (name, { source }, size) => {
    const text = fieldText(plainOf(source))!
    expect(nameOfCalled(text)).toBe(name)
    expect(fieldText(calledField(name)!)).toBe(text)
    expect(namesOfFields([text], size)).toBe(name)
    expect(namesOfFields([text], size + 1)).toBeNull()
  })

  it.each(NONE)('%s is none', (name) => expect(calledField(name)).toBeNull())

  /** PAYLOAD and NUMGEN of nft(8). */
  it.each([
    ['of some bits of a byte', 7, [0, 0, 2, 4, 12]],
    ['of no bytes', 7, [0, 0, 2, 8, 0]],
    ['of more bytes than a register has', 7, [0, 0, 2, 0, 8 * 17]],
    ['of a header that there is not', 7, [0, 0, 99, 0, 8]],
    ['of no numbers', 23, [1, 0, 0]],
    ['with more than nft keeps', 23, [1, 4, 0, 9]],
    ['of no known kind', 99, [0, 0, 0]],
  ] as const)('what is kept %s has no name', (_, kind, numbers) => {
    const parts = userdataOf(numbers.map((number, i) => numberRecord(i, number)))
    const text = toHex(userdataOf([numberRecord(0, kind), { type: 1, value: parts }]))
    for (const size of [1, 4, 17]) expect(namesOfFields([text], size)).toBeNull()
  })

  it.each(['', '00', '0001', 'ffff', '00040700'])('of bytes of another form there is none: %s', (text) => {
    expect(namesOfFields([text], 4)).toBeNull()
  })
})
