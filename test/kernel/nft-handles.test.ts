/** Rules and the rest by their handles. */

import { describe, expect, it } from 'vitest'
import type { Transaction } from '../../src/nftables.js'
import { accept, counter, drop, rule, tcp } from '../../src/nftables.js'
import { needNftables } from './needs.js'
import { NFT_FACES, nftIn, nftJson } from './nft-support.js'
import { hasTool, withNetns } from './support.js'

needNftables()

const inT = { family: 'inet', table: 't' } as const
const inC = { ...inT, chain: 'c' } as const

describe.skipIf(!hasTool('nft')).each(NFT_FACES)('nftables, $face', ({ nft }) => {
  it('rules are inserted, replaced, put beside others and deleted by their handles', () =>
    withNetns(async (netns) => {
      const { handles } = await nft.transaction(
        (tx) => {
          tx.addTable({ family: 'inet', name: 't' })
          tx.addChain({ ...inT, name: 'c' })
          tx.addRule({ ...inC, rule: rule(accept()), comment: 'b' })
        },
        { netns, echo: true },
      )
      const b = handles[2]!
      expect(nftJson(netns, 'rule').map((it) => it['handle'])).toEqual([b])
      await nft.transaction(
        (tx) => {
          tx.insertRule({ ...inC, rule: rule(drop()), comment: 'a' })
          tx.addRule({ ...inC, rule: rule(drop()), comment: 'd' })
          tx.addRule({ ...inC, rule: rule(drop()), comment: 'c', after: b })
          tx.insertRule({ ...inC, rule: rule(drop()), comment: 'before b', before: b })
          tx.replaceRule({ ...inC, rule: rule(counter(), accept()), comment: 'new b', handle: b })
        },
        { netns },
      )
      expect(nftJson(netns, 'rule').map((it) => it['comment'])).toEqual(['a', 'before b', 'new b', 'c', 'd'])
      const [first] = await nft.listRules({ netns, ...inC })
      await nft.transaction((tx) => tx.deleteRule(first!), { netns })
      expect(nftJson(netns, 'rule').map((it) => it['comment'])).toEqual(['before b', 'new b', 'c', 'd'])
      await nft.transaction((tx) => tx.flushChain({ ...inT, name: 'c' }), { netns })
      expect(nftJson(netns, 'rule')).toEqual([])
    }))

  it('the handle of each call is that of what it made, whatever else there is', () =>
    withNetns(async (netns) => {
      nftIn(netns, 'add table inet t; add chain inet t c; add rule inet t c counter; add rule inet t c drop')
      const [first, second] = nftJson(netns, 'rule').map((it) => it['handle'] as number)
      const made = rule(tcp.dport([80, 443]), accept())
      const calls: readonly ((tx: Transaction) => void)[] = [
        (tx) => tx.addRule({ ...inC, rule: made }),
        (tx) => tx.replaceRule({ ...inC, rule: made, handle: first! }),
        (tx) => tx.addChain({ ...inT, name: 'd' }),
        (tx) => tx.addSet({ ...inT, name: 's', type: 'ipv4_addr' }, ['10.0.0.1']),
        (tx) => tx.addObject({ ...inT, name: 'n', type: 'counter' }),
        (tx) => tx.addElements({ ...inT, set: 's', elements: ['10.0.0.2'] }),
        (tx) => tx.deleteRule({ ...inC, handle: second! }),
        (tx) => tx.flushChain({ ...inT, name: 'd' }),
        (tx) => tx.flushChain({ ...inT, name: 'c' }),
      ]
      const seen: (number | null)[] = []
      for (const call of calls) {
        const { handles } = await nft.transaction(call, { netns, echo: true })
        expect(handles).toHaveLength(1)
        seen.push(handles[0]!)
        const rules = await nft.listRules({ netns, ...inC })
        if (seen.length === 1) expect(handles).toEqual([rules.at(-1)!.handle])
        if (seen.length === 2) expect(handles).toEqual([rules[0]!.handle])
      }
      const handleOf = (kind: string, name: string) =>
        nftJson(netns, kind).find((it) => it['name'] === name)!['handle'] as number
      expect(seen.slice(2)).toEqual([
        ...[handleOf('chain', 'd'), handleOf('set', 's'), handleOf('counter', 'n')],
        ...[null, null, null, null],
      ])
      // All at once, and of what is there already.
      const { handles } = await nft.transaction(
        (tx) => {
          tx.flushChain({ ...inT, name: 'c' })
          tx.addRule({ ...inC, rule: made })
          tx.addRule({ ...inC, rule: rule(drop()) })
        },
        { netns, echo: true },
      )
      const rules = await nft.listRules({ netns, ...inC })
      expect(handles).toEqual([null, ...rules.map(({ handle }) => handle)])
    }))
})
