/** What holds of every table: what was encoded is decoded again. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeAttributes } from '../../src/codec/decode.js'
import { encodeAttributes } from '../../src/codec/encode.js'
import { guarded, Writer } from '../../src/codec/index.js'
import { valuesOf } from '../conformance/arbitrary.js'
import { everyTable } from '../conformance/tables.js'

describe('every table', () => {
  it.each([...everyTable()])('%s: what is encoded is decoded again', (_, table) => {
    fc.assert(
      fc.property(valuesOf(table), (value) => {
        const out = new Writer()
        guarded('encode', () => encodeAttributes(table, out, value))
        const bytes = out.take()
        expect(guarded('decode', () => decodeAttributes(table, bytes, 0, bytes.length))).toEqual(value)
      }),
      { numRuns: 60 },
    )
  })
})
