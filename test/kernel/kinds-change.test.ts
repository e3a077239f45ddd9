/**
 * What a link of any kind tells of itself and can be another number, name or set of flags, changed one by one: the link then has it, or the
 * kernel refused it. Not changed are options that the link tells nothing of, attributes that are flags, arrays and structs.
 */

import { isDeepStrictEqual } from 'node:util'
import { describe, expect, it } from 'vitest'
import { decodeAttributes } from '../../src/codec/decode.js'
import { encodeAttributes } from '../../src/codec/encode.js'
import { Writer } from '../../src/codec/index.js'
import type { CreateLinkOptions, SetLinkOptions } from '../../src/index.js'
import { createLink, getLink, NetlinkError, setLink } from '../../src/index.js'
import { kinds } from '../../src/rtnetlink/link/kinds/index.js'
import type { Kind } from '../../src/rtnetlink/link/kinds/kind.js'
import { CASES, type Options, withPair } from './kind-cases.js'
import { expectRefused, noKind } from './needs.js'
import { hasKind } from './support.js'

const ATTRIBUTE_HEADER = 4
/** Of these no bit can be another one. */
const COMPOSED = /^(flag$|array|struct|switches|bytes)/

/** Another value of the same type; undefined where none is known. */
function another(kind: Kind, option: string, value: unknown): unknown {
  const twin = kind.twins?.[option]
  const field = twin !== undefined && String(value).includes(':') ? twin : option
  const { label } = kind.table!.byName(field)!.type
  if (COMPOSED.test(label)) return undefined
  if (typeof value === 'boolean') return !value
  // Ticks of the kernel are coarser than what is told, and some delays are multiples of others.
  if (/^(seconds|milliseconds)/.test(label)) return Number(value) * 2 || 100
  const out = new Writer(64)
  encodeAttributes(kind.table!, out, { [field]: value })
  const bytes = out.take()
  const length = bytes[0]! | (bytes[1]! << 8)
  const isBigEndian = /be\d|ip|mac/.test(label)
  // GRE_CSUM, which is no bit of the last byte.
  const [at, bit] =
    label === 'flags be16' ? [ATTRIBUTE_HEADER, 0x80] : [isBigEndian ? length - 1 : ATTRIBUTE_HEADER, 1]
  bytes[at] = bytes[at]! ^ bit
  return (decodeAttributes(kind.table!, bytes, 0, length) as Options)[field]
}

describe('a change of any option takes effect or is refused', () => {
  it.for(CASES)('$kind ($ip)', ({ kind, link, options = {} }) =>
    withPair(async (netns) => {
      const asked = { name: 'our0', kind, ...(link && { link: 'eth0' }), ...options, netns }
      const create = () => createLink(asked as CreateLinkOptions)
      if (!hasKind(kind)) return expectRefused(create, noKind(kind))
      const created = await create()
      const known = kinds[kind]() as Kind
      const overlooked: unknown[] = []
      let data = (created.data ?? {}) as Options
      for (const option of known.options) {
        if (known.fixed?.includes(option) || data[option] === undefined) continue
        const after = another(known, option, data[option])
        if (after === undefined) continue
        const refused = await setLink('our0', { kind, [option]: after, netns } as SetLinkOptions).then(
          () => false,
          (error: unknown) => {
            // Of what does not go together some is refused here, by its name.
            const isOurs =
              (error instanceof RangeError || error instanceof TypeError) && error.message.includes(option)
            if (!(error instanceof NetlinkError || isOurs)) throw error
            return true
          },
        )
        const then = (await getLink('our0', { netns })).data as Options
        if (!refused && isDeepStrictEqual(then[option], data[option])) overlooked.push({ [option]: after })
        data = then
      }
      expect(overlooked).toEqual([])
    }),
  )
})
