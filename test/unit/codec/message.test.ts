import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  attributes,
  DecodeError,
  decodeBody,
  encodeBody,
  mac,
  message,
  nested,
  padding,
  s32,
  selected,
  string,
  struct,
  text,
  u8,
  u16,
  u32,
  Writer,
} from '../../../src/codec/index.js'
import { everyMessage, everyValue } from './every-type.js'
import { hex, onLittleEndianHost } from './hex.js'

onLittleEndianHost()

const vlan = attributes('IFLA_VLAN', { id: [1, u16] })
const info = attributes('IFLA_INFO', {
  kind: [1, string],
  data: [2, selected('kind', (kind) => (kind === 'vlan' ? vlan : undefined))],
})
const newLink = message(
  'RTM_NEWLINK',
  16,
  struct({ family: u8, pad: padding(1), type: u16, index: s32, flags: u32, change: u32 }),
  attributes('IFLA', {
    address: [1, mac],
    ifname: [3, text(15)],
    mtu: [4, u32],
    link: [5, u32],
    linkinfo: [18, nested(info)],
  }),
)

const BODY = {
  header: { index: 7, flags: 1, change: 1 },
  attributes: { link: 1, ifname: 'v100', linkinfo: { kind: 'vlan', data: { id: 100 } } },
}
const BYTES = hex(
  '0000 0000 07000000 01000000 01000000', // struct ifinfomsg
  '0800 0500 01000000', // IFLA_LINK
  '0900 0300 76313030 00 000000', // IFLA_IFNAME
  '1c00 1200', // IFLA_LINKINFO
  '  0900 0100 766c616e 00 000000', // IFLA_INFO_KIND
  '  0c00 0200', // IFLA_INFO_DATA
  '    0600 0100 6400 0000', // IFLA_VLAN_ID
)

describe('encodeBody', () => {
  it('writes header struct and attributes', () => {
    const out = new Writer()
    encodeBody(newLink, out, BODY)
    expect(out.take()).toStrictEqual(BYTES)
  })

  it('aligns the attributes behind a header of another size, as decodeBody expects them', () => {
    const getX = message('RTM_GETX', 1, struct({ family: u8 }), newLink.table)
    const out = new Writer()
    encodeBody(getX, out, { header: { family: 2 }, attributes: { mtu: 1 } })
    const golden = hex('02 000000 0800 0400 01000000')
    expect(out.take()).toStrictEqual(golden)
    expect(decodeBody(getX, golden, 0, golden.length)).toStrictEqual({
      header: { family: 2 },
      attributes: { mtu: 1 },
    })
  })

  it('names message and attribute, and leaves nothing behind', () => {
    const out = new Writer()
    out.raw(hex('01020304'))
    const linkinfo = { kind: 'vlan', data: { id: 4_294_967_296 } }
    expect(() => encodeBody(newLink, out, { header: {}, attributes: { mtu: 1, linkinfo } })).toThrow(
      new RangeError('RTM_NEWLINK: linkinfo.data.id: 4294967296 is not an integer from 0 to 65535 (u16)'),
    )
    expect(() => encodeBody(newLink, out, { header: { index: 2 ** 31 }, attributes: {} })).toThrow(
      new RangeError('RTM_NEWLINK: index: 2147483648 is not an integer from -2147483648 to 2147483647 (s32)'),
    )
    expect(() => encodeBody(newLink, out, { header: {}, attributes: { ifname: 'x'.repeat(16) } })).toThrow(
      "RTM_NEWLINK: ifname: 'xxxxxxxxxxxxxxxx' is not a string of at most 15 bytes (it has 16)",
    )
    expect(() => encodeBody(newLink, out, undefined as never)).toThrow(TypeError)
    expect(out.take()).toStrictEqual(hex('01020304'))
  })

  it('throws from where it was called', () => {
    function callOfTheUser() {
      encodeBody(newLink, new Writer(), { header: {}, attributes: { mtu: -1 } })
    }
    let stack = ''
    try {
      callOfTheUser()
    } catch (error) {
      stack = (error as Error).stack ?? ''
    }
    expect(stack).toContain('callOfTheUser')
  })
})

describe('decodeBody', () => {
  it('reads header struct and attributes', () => {
    expect(decodeBody(newLink, BYTES, 0, BYTES.length)).toStrictEqual({
      ...BODY,
      header: { family: 0, type: 0, ...BODY.header },
    })
  })

  it('reads a message in the midst of others; offsets count from its start', () => {
    const around = new Uint8Array(BYTES.length + 40).fill(0xee)
    around.set(BYTES, 20)
    expect(decodeBody(newLink, around, 20, 20 + BYTES.length).attributes).toStrictEqual(BODY.attributes)
    around.set([0xff, 0xff], 20 + 52) // nla_len of IFLA_INFO_DATA
    const read = () => decodeBody(newLink, around, 20, 20 + BYTES.length)
    expect(read).toThrow(
      'RTM_NEWLINK linkinfo: an attribute of length 65535 where 12 bytes are left (at byte 52)',
    )
    try {
      read()
    } catch (error) {
      expect(error).toMatchObject({ messageType: 'RTM_NEWLINK', path: 'linkinfo', offset: 52 })
    }
  })

  it('reads a header that is shorter', () => {
    expect(decodeBody(newLink, hex('0000 0000 07000000'), 0, 8)).toStrictEqual({
      header: { family: 0, type: 0, index: 7 },
      attributes: {},
    })
    expect(decodeBody(newLink, hex(''), 0, 0)).toStrictEqual({ header: {}, attributes: {} })
  })

  it('copies: nothing changes when the receive buffer is used again', () => {
    const received = Buffer.from(BYTES)
    const { attributes } = decodeBody(newLink, received, 0, received.length)
    received.fill(0xff)
    expect(attributes).toStrictEqual(BODY.attributes)
  })
})

describe('malformed messages', () => {
  /** Decodes, and lets nothing but a DecodeError inside the message pass. */
  function survive(data: Uint8Array): void {
    const before = Uint8Array.from(data)
    try {
      decodeBody(everyMessage, data, 0, data.length)
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      expect(error.messageType).toBe('TEST_EVERY')
      expect(error.offset).toBeGreaterThanOrEqual(0)
      expect(error.offset).toBeLessThanOrEqual(data.length)
    }
    expect(Buffer.compare(data, before)).toBe(0)
  }

  const header = { x: 1, y: 2, id: hex('01020304') }
  const encoded = everyValue.map((attributes) => {
    const out = new Writer()
    encodeBody(everyMessage, out, { header, attributes })
    return out.take()
  })

  it('are a DecodeError or are read, and decoding ends: bytes changed', () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), {
      minLength: 1,
      maxLength: 8,
    })
    fc.assert(
      fc.property(encoded, changes, (data, changes) => {
        for (const [at, value] of changes) data[at % data.length] = value
        survive(data)
      }),
      { numRuns: 1000 },
    )
  })

  it('are a DecodeError or are read, and decoding ends: cut anywhere', () => {
    fc.assert(
      fc.property(encoded, fc.nat(), (data, length) => {
        survive(data.subarray(0, length % (data.length + 1)))
      }),
      { numRuns: 500 },
    )
  })

  it('are a DecodeError or are read, and decoding ends: any bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), survive), { numRuns: 1000 })
  })

  it('are a DecodeError or are read, and decoding ends: every single byte of a message, every value', () => {
    for (let at = 0; at < BYTES.length; at++) {
      for (let value = 0; value < 256; value++) {
        const data = Uint8Array.from(BYTES)
        data[at] = value
        try {
          decodeBody(newLink, data, 0, data.length)
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError)
        }
      }
    }
  })
})
