/** What lists return is taken by the calls that add and delete; what is not is said. */

import { describe, expect, it } from 'vitest'
import { ip, rule, type Transaction, useObject } from '../../src/nftables.js'
import { needNftables } from './needs.js'
import { NFT_FACES, nftIn, plainRuleset } from './nft-support.js'
import { hasTool, withNetns } from './support.js'

needNftables()

const inT = { family: 'inet', table: 't' } as const

function make(tx: Transaction): void {
  tx.addTable({ family: 'inet', name: 't' })
  tx.addChain({ ...inT, name: 'plain' })
  tx.addChain({ ...inT, name: 'hooked', type: 'filter', hook: 'input', priority: 0 })
  tx.addSet({ ...inT, name: 's', type: 'inet_service' }, [1])
  tx.addSet({ ...inT, name: 'v', type: 'inet_service', map: 'verdict' })
  tx.addSet({ ...inT, name: 'o', type: 'inet_service', map: 'counter' })
}

describe.skipIf(!hasTool('nft')).each(NFT_FACES)('what is listed, $face', ({ nft }) => {
  it('is taken: chains with a hook and without', () =>
    withNetns(async (netns) => {
      await nft.transaction(make, { netns })
      const listed = await nft.listChains({ ...inT, netns })
      expect(listed.map(({ hook }) => hook)).toEqual([null, 'input'])
      await nft.transaction((tx) => listed.map((one) => tx.deleteChain(one)), { netns })
      expect(await nft.listChains({ ...inT, netns })).toEqual([])
      await nft.transaction((tx) => listed.map((one) => tx.addChain(one)), { netns })
      const { tables } = await nft.listRuleset({ netns })
      await nft.transaction((tx) => tables[0]!.chains.map((one) => tx.deleteChain(one)), { netns })
      expect(await nft.listChains({ ...inT, netns })).toEqual([])
    }))

  it('is taken without what is in it: tables, chains and sets of listRuleset()', () =>
    withNetns(async (netns) => {
      await nft.transaction(make, { netns })
      const before = plainRuleset(netns)
      const [listed] = (await nft.listRuleset({ netns })).tables
      const { chains, sets, objects, flowtables, ...table } = listed!
      expect([objects, flowtables]).toEqual([[], []])
      const refused = async (record: (tx: Transaction) => void, key: string) =>
        expect(async () => nft.transaction(record, { netns })).rejects.toThrow(`unknown option '${key}'`)
      await refused((tx) => tx.addTable(listed!), 'chains')
      await refused((tx) => tx.addChain(chains[0]!), 'rules')
      await refused((tx) => tx.addSet(sets[0]!), 'elements')
      await nft.transaction(
        (tx) => {
          tx.deleteTable(listed!)
          tx.addTable(table)
          for (const { rules: _, ...chain } of chains) tx.addChain(chain)
          for (const { elements, ...set } of sets) tx.addSet(set, elements)
        },
        { netns },
      )
      expect(plainRuleset(netns)).toEqual(before)
    }))

  it.each([
    ['tcp dport { 80, 443 } accept', /^.*EBUSY.*; set '__set\d+' belongs to another rule: listRuleset\(\)/],
    [
      'jump { ip saddr 1.1.1.1 accept; }',
      /^.*EINVAL.*; chain '__chain\d+' belongs to another rule: listRuleset\(\)/,
    ],
  ])('says where a rule is with what is its own: %s', (text, error) =>
    withNetns(async (netns) => {
      await nft.transaction(make, { netns })
      nftIn(netns, `add rule inet t plain ${text}`)
      const [listed] = await nft.listRules({ ...inT, netns })
      await expect(async () => nft.transaction((tx) => tx.addRule(listed!), { netns })).rejects.toThrow(error)
    }),
  )

  it.each<[string, (tx: Transaction) => void, string]>([
    [
      'chain of an element',
      (tx) => tx.addElements({ ...inT, set: 'v', elements: [{ key: 5, value: { jump: 'none' } }] }),
      "; elements[0], 5: the table has no chain 'none'",
    ],
    [
      'object of an element',
      (tx) => tx.addElements({ ...inT, set: 'o', elements: [{ key: 5, object: 'none' }] }),
      "; elements[0], 5: the table has no object 'none' of the type that the map is of",
    ],
    [
      "object of a rule's own map",
      (tx) =>
        tx.addRule({
          ...inT,
          chain: 'plain',
          rule: rule(useObject([['1.1.1.1', 'none']], ip.saddr, 'counter')),
        }),
      "; the table has no object 'none' of the type that the map is of",
    ],
    [
      'element to delete',
      (tx) => tx.deleteElements({ ...inT, set: 's', elements: [7] }),
      '; elements[0], 7: the set has no such element',
    ],
  ])('names what is not there: the %s', (_, record, text) =>
    withNetns(async (netns) => {
      await nft.transaction(make, { netns })
      await expect(async () => nft.transaction(record, { netns })).rejects.toThrow(text)
    }),
  )

  it('says what else is refused: a policy without a hook, elements that outlive their timeout', () =>
    withNetns(async (netns) => {
      await nft.transaction(make, { netns })
      const fails = async (record: (tx: Transaction) => void, text: string) =>
        expect(async () => nft.transaction(record, { netns })).rejects.toThrow(text)
      await fails(
        (tx) => tx.addChain({ ...inT, name: 'new', policy: 'drop' }),
        "policy: only a chain with a hook has it, and there is no such chain 'new'",
      )
      const timed = { ...inT, name: 'timed', type: 'mark', flags: ['timeout'] } as const
      await fails(
        (tx) => tx.addSet(timed, [{ key: 1, timeout: 5000, expires: 9000 }]),
        'ERANGE (Numerical result out of range) [at elements[0]]; elements[0], 1: it expires later than its timeout',
      )
      // The policy of one that is there is changed so.
      await nft.transaction((tx) => tx.addChain({ ...inT, name: 'hooked', policy: 'drop' }), { netns })
      expect((await nft.listChains({ ...inT, name: 'hooked', netns }))[0]!.policy).toBe('drop')
    }))
})
