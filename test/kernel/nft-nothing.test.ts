/** Transactions that change nothing: empty lists of elements, and what is there, or not there, already. */

import { describe, expect, it } from 'vitest'
import { accept, rule, type Transaction } from '../../src/nftables.js'
import { needNftables } from './needs.js'
import { NFT_FACES } from './nft-support.js'
import { withNetns } from './support.js'

needNftables()

const TABLE = { family: 'inet', name: 't' } as const
const inT = { family: 'inet', table: 't' } as const
const CHAIN = { ...inT, name: 'c' } as const
const SET = { ...inT, name: 's', type: 'inet_service' } as const

const QUIET: readonly [string, (tx: Transaction) => void][] = [
  ['a table that is there', (tx) => tx.addTable(TABLE)],
  ['the rules of a table without any', (tx) => tx.flushTable(TABLE)],
  ['the elements of an empty set', (tx) => tx.flushSet({ ...inT, name: 'empty' })],
  ['an element that is there', (tx) => tx.addElements({ ...inT, set: 's', elements: [1] })],
  ['elements of an empty list', (tx) => tx.deleteElements({ ...inT, set: 's', elements: [] })],
  ['nothing at all', () => {}],
]
const LOUD: readonly [string, (tx: Transaction) => void][] = [
  ['a chain that is there', (tx) => tx.addChain(CHAIN)],
  ['a rule', (tx) => tx.addRule({ ...inT, chain: 'c', rule: rule(accept()) })],
  ['a new element', (tx) => tx.addElements({ ...inT, set: 's', elements: [9] })],
  ['a new set beside a table that is there', (tx) => [tx.addTable(TABLE), tx.addSet({ ...SET, name: 'n' })]],
  ['the elements of a set', (tx) => tx.flushSet({ ...inT, name: 's' })],
  ['the rules of a table', (tx) => tx.flushTable(TABLE)],
  ['an element', (tx) => tx.deleteElements({ ...inT, set: 's', elements: [2] })],
  ['a set', (tx) => tx.deleteSet({ ...inT, name: 's' })],
  ['all tables', (tx) => tx.flushRuleset()],
]

function make(tx: Transaction): void {
  tx.addTable(TABLE)
  tx.addSet(SET, [1, 2, 3])
  tx.addSet({ ...SET, name: 'empty' })
  tx.addSet({ ...SET, name: 'ranges', flags: ['interval'] }, ['1-2', 5])
}

describe.each(NFT_FACES)('a transaction, $face', ({ nft }) => {
  it.each(['s', 'ranges'])('leaves a set as it is for an empty list of elements (%s)', (set) =>
    withNetns(async (netns) => {
      await nft.transaction(make, { netns })
      const before = await nft.listElements({ ...inT, set, netns })
      const generation = await nft.getGeneration({ netns })
      const empty = { ...inT, set, elements: [] }
      for (const call of ['addElements', 'createElements', 'deleteElements', 'destroyElements'] as const)
        expect(await nft.transaction((tx) => tx[call](empty), { netns, echo: true })).toEqual({
          generation,
          handles: [null],
        })
      const added = await nft.transaction(
        (tx) => [tx.deleteElements(empty), tx.addTable({ ...TABLE, name: 'u' })],
        {
          netns,
          echo: true,
        },
      )
      expect(added.handles).toEqual([null, expect.any(Number)])
      expect(await nft.listElements({ ...inT, set, netns })).toEqual(before)
    }),
  )

  it.each(QUIET)('tells the state that there is where it changes nothing: %s', (_, record) =>
    withNetns(async (netns) => {
      const { generation } = await nft.transaction(make, { netns })
      expect((await nft.transaction(record, { netns })).generation).toBe(generation)
      expect(await nft.getGeneration({ netns })).toBe(generation)
      const next = await nft.transaction((tx) => tx.addChain(CHAIN), { netns, generation })
      expect(next.generation).toBe(generation + 1)
    }),
  )

  it.each(LOUD)('tells the state that it makes: %s', (_, record) =>
    withNetns(async (netns) => {
      await nft.transaction(make, { netns })
      const { generation } = await nft.transaction(
        (tx) => [tx.addChain(CHAIN), tx.addRule({ ...inT, chain: 'c', rule: rule(accept()) })],
        { netns },
      )
      expect((await nft.transaction(record, { netns })).generation).toBe(generation + 1)
      expect(await nft.getGeneration({ netns })).toBe(generation + 1)
    }),
  )

  it('tells the state that there is where it destroys what is not there (Linux 6.3)', () =>
    withNetns(async (netns) => {
      const { generation } = await nft.transaction(make, { netns })
      try {
        const none = await nft.transaction((tx) => tx.destroyTable({ ...TABLE, name: 'none' }), { netns })
        expect(none.generation).toBe(generation)
      } catch (error) {
        expect(String(error)).toContain('before Linux 6.3 the kernel knows no destroy')
      }
      expect(await nft.getGeneration({ netns })).toBe(generation)
    }))
})
