/** What is created must not be there, and what is deleted must. */

import { describe, expect, it } from 'vitest'
import type { Transaction } from '../../src/nftables.js'
import { needNftables } from './needs.js'
import { NFT_FACES, rulesetIn } from './nft-support.js'
import { hasTool, withNetns } from './support.js'

needNftables()

const TABLE = { family: 'inet', name: 't' } as const
const inT = { family: 'inet', table: 't' } as const
const counterN = { ...inT, name: 'n', type: 'counter' } as const

const KINDS: readonly [kind: string, create: (tx: Transaction) => void, remove: (tx: Transaction) => void][] =
  [
    [
      'table',
      (tx) => tx.createTable({ ...TABLE, name: 'u' }),
      (tx) => tx.deleteTable({ ...TABLE, name: 'u' }),
    ],
    ['chain', (tx) => tx.createChain({ ...inT, name: 'c' }), (tx) => tx.deleteChain({ ...inT, name: 'c' })],
    [
      'set',
      (tx) => tx.createSet({ ...inT, name: 's', type: 'mark' }, [1]),
      (tx) => tx.deleteSet({ ...inT, name: 's' }),
    ],
    ['counter', (tx) => tx.createObject(counterN), (tx) => tx.deleteObject(counterN)],
  ]

describe.skipIf(!hasTool('nft')).each(NFT_FACES)('once ($face)', ({ nft }) => {
  it.each(KINDS)('a %s', (_, create, remove) =>
    withNetns(async (netns) => {
      const change = async (record: (tx: Transaction) => void) => nft.transaction(record, { netns })
      await change((tx) => tx.addTable(TABLE))
      const before = rulesetIn(netns)
      await change(create)
      const made = rulesetIn(netns)
      expect(made).not.toBe(before)
      await expect(change(create)).rejects.toMatchObject({ code: 'EEXIST' })
      expect(rulesetIn(netns)).toBe(made)
      await change(remove)
      expect(rulesetIn(netns)).toBe(before)
      await expect(change(remove)).rejects.toMatchObject({ code: 'ENOENT' })
    }),
  )

  it('a rule that is not there', () =>
    withNetns(async (netns) => {
      await nft.transaction(
        (tx) => {
          tx.addTable(TABLE)
          tx.addChain({ ...inT, name: 'c' })
        },
        { netns },
      )
      const remove = async () =>
        nft.transaction((tx) => tx.deleteRule({ ...inT, chain: 'c', handle: 99 }), { netns })
      await expect(remove()).rejects.toMatchObject({ code: 'ENOENT' })
    }))
})
