/** Sets of types that nft(8) takes from a field (typeof), which have no name: their keys are bytes, and they come back as they are. */

import { describe, expect, it } from 'vitest'
import { concat, ether, ip, type NftTableContents, rule, vlan } from '../../src/nftables.js'
import { needNftables } from './needs.js'
import { again, NFT_FACES, nftIn, nftJson, plainRuleset } from './nft-support.js'
import { hasTool, withNetns } from './support.js'

needNftables()

const TEXT = `table inet t {
  set ranges { typeof ip saddr . meta length; flags interval; elements = { 10.0.0.0/8 . 100-200, 1.2.3.4 . 5 } }
  map marks { typeof ip saddr . ip length : meta mark; flags interval; elements = { 10.0.0.0/8 . 100-200 : 7 } }
  set lengths { typeof ip length; flags interval; elements = { 100-200, 500 } }
  set plain { typeof meta length . ip saddr; elements = { 5 . 1.2.3.4 } }
}
`
const ranges = { family: 'inet', table: 't', set: 'ranges' } as const

describe.skipIf(!hasTool('nft')).each(NFT_FACES)('sets of fields ($face)', ({ nft }) => {
  it('come back as they were', () =>
    withNetns(async (netns) => {
      nftIn(netns, TEXT)
      const shown = plainRuleset(netns)
      const ruleset = await nft.listRuleset({ netns })
      await nft.transaction((tx) => again(tx, ruleset), { netns })
      expect(plainRuleset(netns)).toEqual(shown)
    }))

  it('whose types have names come back by name', () =>
    withNetns(async (netns) => {
      nftIn(
        netns,
        'table inet t { set s { type nf_proto . inet_service; elements = { ipv6 . 80 }; }; set e { type ecn; elements = { ce }; }; }',
      )
      const [table] = (await nft.listRuleset({ netns })).tables
      const types = table!.sets.map(({ name, type, elements }) => ({
        name,
        type,
        keys: elements.map(({ key }) => key),
      }))
      expect(types).toEqual([
        { name: 's', type: ['nf_proto', 'inet_service'], keys: [['ipv6', 80]] },
        { name: 'e', type: 'ecn', keys: ['ce'] },
      ])
    }))

  it('of some bits have intervals up to the last value as nft makes them, which are read so, and deleted', () =>
    withNetns(async (netns) => {
      const sets = [
        ['type ecn', 'ce', 'ce'],
        ['type dscp', '60-63', '60-63'],
        ['typeof vlan id', '7-4095', '7-4095'],
        ['typeof vlan pcp', '3-7', '3-7'],
        ['typeof ip6 flowlabel', '7-1048575', '7-1048575'],
      ] as const
      const made = sets.map(
        ([type, element], i) => `set s${i} { ${type}; flags interval; elements = { ${element} }; }`,
      )
      nftIn(netns, `table inet t { ${made.join('; ')}; }`)
      // In userdata nft notes that there is no end.
      const held = () =>
        nftIn(netns, 'list ruleset', ['--debug=netlink']).match(/element .*?(?= *userdata|$)/gm)
      const before = held()
      const keysOf = async () => {
        const [table] = (await nft.listRuleset({ netns })).tables
        return table!.sets.map(({ elements }) => elements.map(({ key }) => key))
      }
      expect(await keysOf()).toEqual(sets.map(([, , key]) => [key]))
      const each = (call: 'addElements' | 'deleteElements') =>
        nft.transaction(
          (tx) => {
            for (const [i, [, , key]] of sets.entries())
              tx[call]({ family: 'inet', table: 't', set: `s${i}`, elements: [key] })
          },
          { netns },
        )
      await each('deleteElements')
      expect(await keysOf()).toEqual(sets.map(() => []))
      await each('addElements')
      expect(held()).toEqual(before)
      // Merged ones, too.
      const merging = {
        family: 'inet',
        table: 't',
        name: 'm',
        type: 'dscp',
        flags: ['interval'],
        autoMerge: true,
      } as const
      await nft.transaction((tx) => tx.addSet(merging, ['40-50', '51-63']), { netns })
      expect(nftIn(netns, 'list set inet t m', ['--debug=netlink']).match(/element \w+/g)).toEqual([
        'element 00000028',
      ])
    }))

  it('of more bytes than their type come back with all of them', () =>
    withNetns(async (netns) => {
      nftIn(netns, 'add table ip6 t; add chain ip6 t c')
      for (const elements of ['cs1 . ip : drop, af11 . arp : drop', '8-24 . ip : drop, af11 . arp : drop'])
        nftIn(netns, `add rule ip6 t c ip6 dscp . meta protocol vmap { ${elements} }`)
      const held = () =>
        nftIn(netns, 'list ruleset', ['--debug=netlink'])
          .match(/element .*/g)!
          .sort()
      const before = held()
      expect(before).toHaveLength(4)
      const ruleset = await nft.listRuleset({ netns })
      await nft.transaction((tx) => again(tx, ruleset), { netns })
      expect(held()).toEqual(before)
    }))

  it('lose the element that was listed, and get it again', () =>
    withNetns(async (netns) => {
      nftIn(netns, TEXT)
      const [{ sets }] = (await nft.listRuleset({ netns })).tables as [NftTableContents]
      const { elements } = sets.find(({ name }) => name === 'ranges')!
      const held = () => nftJson(netns, 'set').find(({ name }) => name === 'ranges')!['elem']
      expect(held()).toHaveLength(2)
      await nft.transaction((tx) => tx.deleteElements({ ...ranges, elements }), { netns })
      expect(held()).toBeUndefined()
      await nft.transaction((tx) => tx.addElements({ ...ranges, elements: elements.slice(0, 1) }), { netns })
      expect(held()).toHaveLength(1)
    }))

  it('have the element that a key is in', () =>
    withNetns(async (netns) => {
      nftIn(netns, TEXT)
      for (const set of ['ranges', 'lengths']) {
        const place = { family: 'inet', table: 't', set, netns } as const
        const elements = await nft.listElements(place)
        expect(elements).toHaveLength(2)
        for (const one of elements) expect(await nft.getElement({ ...place, key: one.key })).toEqual(one)
      }
    }))

  it('of rules have the elements that nft gives them', async () => {
    const inC = { family: 'bridge', table: 't', chain: 'c' } as const
    const setsIn = async (netns: string) =>
      (await nft.listRuleset({ netns })).tables[0]!.chains[0]!.rules.map(({ sets }) =>
        sets!.map(({ keyType, keyLen, elements }) => ({
          keyType,
          keyLen,
          keys: elements.map(({ key }) => key),
        })),
      )
    const theirs = await withNetns((netns) => {
      nftIn(
        netns,
        `table bridge t {
          chain c {
            ether saddr . vlan id { 02:00:00:00:00:01 . 5 }
            ip saddr . ip length { 10.0.0.1 . 500 }
          }
        }`,
      )
      return setsIn(netns)
    })
    const ours = await withNetns(async (netns) => {
      await nft.transaction(
        (tx) => {
          tx.addTable({ family: 'bridge', name: 't' })
          tx.addChain({ family: 'bridge', table: 't', name: 'c' })
          tx.addRule({ ...inC, rule: rule(concat(ether.saddr, vlan.id)([['02:00:00:00:00:01', 5]])) })
          tx.addRule({ ...inC, rule: rule(concat(ip.saddr, ip.length)([['10.0.0.1', 500]])) })
        },
        { netns },
      )
      return setsIn(netns)
    })
    expect(ours).toEqual(theirs)
  })
})
