/** Transactions that are larger than the buffers of a socket. */

import { describe, expect, it } from 'vitest'
import { accept, counter, rule } from '../../src/nftables.js'
import { needNftables } from './needs.js'
import { NFT_FACES, nftIn, rulesetIn } from './nft-support.js'
import { hasTool, withNetns } from './support.js'

needNftables()

const TABLE = { family: 'inet', name: 't' } as const
const inT = { family: 'inet', table: 't' } as const
const inC = { ...inT, chain: 'c' } as const

describe.skipIf(!hasTool('nft')).each(NFT_FACES)('transactions, $face', ({ nft }) => {
  it('of a hundred thousand elements are one, and come back whole', () =>
    withNetns(async (netns) => {
      const address = (i: number) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`
      const elements = Array.from({ length: 100_000 }, (_, i) => ({ key: address(i), value: i }))
      await nft.transaction(
        (tx) => {
          tx.addTable(TABLE)
          tx.addSet({ ...inT, name: 'm', type: 'ipv4_addr', map: 'mark' }, elements)
        },
        { netns },
      )
      const found = await nft.listElements({ netns, ...inT, set: 'm' })
      expect(found).toHaveLength(elements.length)
      const marks = new Map(found.map(({ key, value }) => [key, value]))
      expect(elements.filter(({ key, value }) => marks.get(key) !== value)).toEqual([])
    }))

  it('of many refusals name the first, though their answers do not fit into the socket', () =>
    withNetns(async (netns) => {
      nftIn(netns, 'add table inet t')
      await expect(async () =>
        nft.transaction(
          (tx) => {
            for (let i = 0; i < 20_000; i++) tx.addRule({ ...inT, chain: 'absent', rule: rule(accept()) })
          },
          { netns },
        ),
      ).rejects.toMatchObject({ code: 'ENOENT', subject: expect.stringContaining('(call 1 of 20000') })
      expect(rulesetIn(netns)).toBe('table inet t {\n}\n')
    }))

  it('are made though their answers do not fit into the socket', () =>
    withNetns(async (netns) => {
      nftIn(netns, 'add table inet t; add chain inet t c')
      const count = 6_000
      const before = await nft.getGeneration({ netns })
      const { generation, handles } = await nft.transaction(
        (tx) => {
          for (let i = 0; i < count; i++)
            tx.addRule({ ...inC, rule: rule(counter(), accept()), comment: 'x'.repeat(120) })
        },
        { netns, echo: true },
      )
      expect(generation).toBe(before + 1)
      const rules = await nft.listRules({ netns, ...inC })
      expect(rules).toHaveLength(count)
      // What was lost is null, and none is another's.
      expect(handles).toHaveLength(count)
      const wrong = handles.filter((handle, i) => handle !== null && handle !== rules[i]!.handle)
      expect(wrong).toEqual([])
      expect(handles).toContain(null)
    }))
})
