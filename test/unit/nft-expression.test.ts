import { describe, expect, it } from 'vitest'
import { decodeAttributes } from '../../src/codec/decode.js'
import { guarded } from '../../src/codec/fault.js'
import { encodeAttributes, Writer } from '../../src/codec/index.js'
import { exprList } from '../../src/nftables/expression-table.js'

/** enum nft_expr_attributes, the name 'cmp', and NFTA_CMP_SREG of register 1. */
const NAME = [8, 0, 1, 0, 0x63, 0x6d, 0x70, 0]
const DATA = [12, 0, 2, 0x80, 8, 0, 1, 0, 0, 0, 0, 1]
const CMP = { name: 'cmp', data: { sreg: 1 } }

/** What a list of one expression with these attributes reads as; bytes before it, since payloads begin anywhere. */
function read(attributes: readonly number[], before = 0): unknown {
  const bytes = Uint8Array.of(...Array(before).fill(7), attributes.length + 4, 0, 1, 0x80, ...attributes)
  return decodeAttributes(exprList, bytes, before, bytes.length).elem?.[0]
}

describe('an expression', () => {
  it.each([0, 1, 2, 3])('as the kernel puts it, %i bytes further', (before) => {
    expect(read([...NAME, ...DATA], before)).toStrictEqual(CMP)
  })

  it('has the data before the name', () => {
    expect(read([...DATA, ...NAME])).toStrictEqual(CMP)
  })

  it('has no data, or no name', () => {
    expect(read(NAME)).toStrictEqual({ name: 'cmp' })
    expect(read(DATA)).toStrictEqual({ data: Uint8Array.from(DATA.slice(4)) })
  })

  it('has an attribute more', () => {
    const more = [5, 0, 9, 0, 7, 0, 0, 0]
    expect(read([...NAME, ...DATA, ...more])).toStrictEqual({
      ...CMP,
      unknown: [{ type: 9, data: Uint8Array.of(7) }],
    })
  })

  it('is not known: its data stay bytes', () => {
    const name = [6, 0, 1, 0, 0x78, 0, 0, 0]
    expect(read([...name, ...DATA])).toStrictEqual({ name: 'x', data: Uint8Array.from(DATA.slice(4)) })
  })

  it('says where it is cut short', () => {
    const short = [10, 0, 2, 0x80, 6, 0, 1, 0, 0, 1, 0, 0]
    expect(() => guarded('NFTA_LIST', () => read([...NAME, ...short]))).toThrow(/elem.*data.*sreg/)
    expect(() => guarded('NFTA_LIST', () => read([...NAME, 40, 0, 2, 0x80]))).toThrow(
      'an attribute of length 40',
    )
  })

  it('is written with the name first', () => {
    const out = new Writer()
    encodeAttributes(exprList, out, { elem: [CMP] })
    expect([...out.take()]).toEqual([24, 0, 1, 0x80, ...NAME, ...DATA])
  })
})
