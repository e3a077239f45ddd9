/** The attributes that align others to 64 bits: never among what was read. */

import { describe, expect, it } from 'vitest'
import { decodeAttributes } from '../../src/codec/decode.js'
import { alignedAttributes, attributes, u32, u64 } from '../../src/codec/index.js'
import { everyTable } from '../conformance/tables.js'

const fields = { small: [1, u32], large: [2, u64] } as const
/** Header and payload of an attribute; all numbers are of one byte. */
const attribute = (type: number, ...payload: number[]) => [4 + payload.length, 0, type, 0, ...payload]
const received = Uint8Array.from([
  ...attribute(1, 7, 0, 0, 0),
  ...attribute(3),
  ...attribute(2, 9, 0, 0, 0, 0, 0, 0, 0),
  ...attribute(4),
])

describe('padding', () => {
  it('is passed over where the table tells its number', () => {
    const table = alignedAttributes('X', 3, fields)
    expect(decodeAttributes(table, received, 0, received.length)).toEqual({
      small: 7,
      large: 9n,
      unknown: [{ type: 4, data: new Uint8Array(0) }],
    })
  })

  it('is an attribute like any other where it does not', () => {
    const { unknown } = decodeAttributes(attributes('X', fields), received, 0, received.length)
    expect(unknown?.map(({ type }) => type)).toEqual([3, 4])
  })

  it('is known of every table with attributes of 64 bits', () => {
    const wide = [...everyTable()].filter(([, { fields }]) =>
      Object.values(fields).some(([, { label, size }]) => size === 8 && /64$/.test(label)),
    )
    expect(wide.length).toBeGreaterThan(10)
    const lacking = wide.filter(([, { pad }]) => pad === undefined).map(([path]) => path)
    // CTA_TIMESTAMP_EVENT is of 64 bits, and enum ctattr_type has no number for padding.
    expect(lacking).toEqual(['IPCTNL_MSG_CT_NEW'])
  })
})
