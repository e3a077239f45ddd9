/** A ruleset that another program changes while it is read: the twin of test/fake/nft.test.ts. */

import { describe, expect, it } from 'vitest'
import { transaction } from '../../src/nftables-sync.js'
import { bent, closeOf } from './bent.js'
import { needNftables } from './needs.js'
import { NFT_FACES, nftIn, nftJson } from './nft-support.js'
import { hasTool, withNetns } from './support.js'

needNftables()

describe.each(NFT_FACES)('listRuleset, $face', ({ nft }) => {
  /** `change` is made after each receive. */
  async function listed(netns: string, change: () => void) {
    const handle = bent(netns, { received: change })
    try {
      return await nft.listRuleset({ netns: handle })
    } finally {
      closeOf(handle)
    }
  }

  it('is read again where the ruleset changes while it is read', ({ skip }) =>
    withNetns(async (netns) => {
      skip(!hasTool('nft'), 'nft is not there')
      nftIn(netns, 'add table inet t')
      let received = 0
      // The first answer is the generation; what is added after the second is missing in what was read by then.
      const { tables } = await listed(netns, () => {
        if (++received === 2) nftIn(netns, 'add table inet later; add chain inet t late')
      })
      expect(tables.map(({ name, chains }) => [name, chains.map((chain) => chain.name)])).toEqual([
        ['t', ['late']],
        ['later', []],
      ])
      expect(nftJson(netns, 'table')).toHaveLength(2)
    }))

  it('gives up where it changes each time', ({ skip }) =>
    withNetns(async (netns) => {
      skip(!hasTool('nft'), 'nft is not there')
      nftIn(netns, 'add table inet kept')
      let received = 0
      let made = 0
      // Seven answers at least come before the generation is asked for again.
      const call = async () =>
        listed(netns, () => {
          if (++received % 4 === 0)
            transaction((tx) => tx.addTable({ family: 'inet', name: `t${made++}` }), { netns })
        })
      await expect(call()).rejects.toMatchObject({ code: 'EINTR' })
      expect(made).toBeGreaterThan(100)
    }))
})
