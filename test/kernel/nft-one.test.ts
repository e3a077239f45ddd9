/** One thing by its name, handle or key, and numbers that are set back as they are read: nft(8) tells the same. */

import { describe, expect, it } from 'vitest'
import type { ElementKey } from '../../src/nftables.js'
import { expectRefused, needNftables, since } from './needs.js'
import { NFT_FACES, nftIn, nftJson } from './nft-support.js'
import { hasTool, withNetns } from './support.js'

needNftables()

const RULESET = `
table inet t {
  counter n { packets 5 bytes 500 }
  counter o { packets 6 bytes 600 }
  set plain { type inet_service; elements = { 80, 443 } }
  set ranges { type ipv4_addr; flags interval; elements = { 10.0.0.0/8, 11.0.0.0/9, 192.168.1.5-192.168.1.9, 224.0.0.0-255.255.255.255 } }
  set services { type inet_service; flags interval; elements = { 1024-2000, 60000-65535 } }
  set pairs { type ipv4_addr . inet_service; flags interval; elements = { 10.0.0.0/8 . 1000-2000 } }
  map m { type inet_service : ipv4_addr; elements = { 80 : 10.0.0.1, 443 : 10.0.0.2 } }
  set counted { type ipv4_addr; counter; elements = { 10.0.0.1 counter packets 3 bytes 300, 10.0.0.2 counter packets 4 bytes 400 } }
  chain c {
    counter packets 1 bytes 100 comment "first"
    counter packets 2 bytes 200 comment "second"
  }
  chain d {
    counter packets 3 bytes 300
  }
}
table ip t {
  chain c {
    counter packets 4 bytes 400
  }
}
`

const inT = { family: 'inet', table: 't' } as const

const NO_RESET = { code: 'EINVAL', advice: 'from Linux 6.5 on' }

/** Set, key, and the element that it is in; null for none. */
const KEYS: readonly [string, ElementKey, ElementKey | null][] = [
  ['plain', 80, 80],
  ['plain', 81, null],
  ['m', 443, 443],
  ['ranges', '10.0.0.0/8', '10.0.0.0/8'],
  ['ranges', '10.200.3.4', '10.0.0.0/8'],
  ['ranges', '11.0.0.0', '11.0.0.0/9'],
  ['ranges', '10.255.0.0/16', '10.0.0.0/8'],
  ['ranges', '192.168.1.9', '192.168.1.5-192.168.1.9'],
  ['ranges', '192.168.1.10', null],
  ['ranges', '192.168.1.8-192.168.1.10', null],
  // Two elements, side by side.
  ['ranges', '10.0.0.0-11.0.0.255', null],
  ['ranges', '239.1.2.3', '224.0.0.0/3'],
  ['ranges', '255.255.255.255', '224.0.0.0/3'],
  ['ranges', '9.255.255.255', null],
  ['services', '1024-2000', '1024-2000'],
  // Up to the last value, in an element that ends before it.
  ['services', '1024-65535', null],
  ['services', '61000-65535', '60000-65535'],
  ['pairs', ['10.1.2.3', 1500], ['10.0.0.0/8', '1000-2000']],
  ['pairs', ['10.1.2.3', 2001], null],
]

describe.skipIf(!hasTool('nft')).each(NFT_FACES)('one of many ($face)', ({ nft }) => {
  it('an element by a key that it has, or that is in it', () =>
    withNetns(async (netns) => {
      nftIn(netns, RULESET)
      for (const [set, key, found] of KEYS) {
        const get = async () => (await nft.getElement({ ...inT, set, key, netns })).key
        if (found === null) {
          await expect(get).rejects.toMatchObject({
            code: 'ENOENT',
            subject: `element ${JSON.stringify(key)} of set '${set}' of table inet 't'`,
          })
          expect(() => nftIn(netns, `get element inet t ${set} { ${[key].flat().join(' . ')} }`)).toThrow()
        } else expect([set, key, await get()]).toEqual([set, key, found])
      }
      expect((await nft.getElement({ ...inT, set: 'm', key: 80, netns })).value).toBe('10.0.0.1')
      const counted = await nft.getElement({ ...inT, set: 'counted', key: '10.0.0.2', netns })
      expect(counted.expressions).toEqual([{ name: 'counter', data: { packets: 4n, bytes: 400n } }])
      const absent = async () => nft.getElement({ ...inT, set: 'none', key: 80, netns })
      await expect(absent).rejects.toMatchObject({ code: 'ENOENT', subject: "set 'none' of table inet 't'" })
      const wrong = async () => nft.getElement({ ...inT, set: 'ranges', key: 'x', netns })
      await expect(wrong).rejects.toThrow("key: 'x'")
    }))

  it('a table, a chain, a rule, a set, an object by name or handle, of all families without one', () =>
    withNetns(async (netns) => {
      nftIn(netns, RULESET)
      const families = (list: readonly { family: unknown }[]) => list.map(({ family }) => family).sort()
      expect(families(await nft.listTables({ name: 't', netns }))).toEqual(['inet', 'ip'])
      expect(await nft.listTables({ family: 'inet', name: 't', netns })).toMatchObject([{ name: 't' }])
      expect(families(await nft.listChains({ name: 'c', netns }))).toEqual(['inet', 'ip'])
      expect(await nft.listChains({ ...inT, name: 'd', netns })).toMatchObject([{ name: 'd' }])
      expect(await nft.listSets({ ...inT, name: 'm', netns })).toMatchObject([
        { name: 'm', map: 'ipv4_addr' },
      ])
      expect(await nft.listSets({ name: 'm', netns })).toHaveLength(1)
      const object = { ...inT, type: 'counter', name: 'o' } as const
      for (const filter of [object, { name: 'o' }])
        expect(await nft.listObjects({ ...filter, netns })).toMatchObject([{ name: 'o' }])
      const second = nftJson(netns, 'rule').find(({ comment }) => comment === 'second')!
      const { handle } = second as { handle: number }
      for (const filter of [
        { ...inT, chain: 'c', handle },
        { ...inT, handle },
      ])
        expect(await nft.listRules({ ...filter, netns })).toMatchObject([{ handle, comment: 'second' }])
      for (const none of [
        await nft.listTables({ family: 'ip6', name: 't', netns }),
        await nft.listChains({ ...inT, name: 'none', netns }),
        await nft.listRules({ ...inT, chain: 'c', handle: 9999, netns }),
        await nft.listSets({ ...inT, table: 'none', name: 'm', netns }),
        await nft.listObjects({ ...object, name: 'none', netns }),
        await nft.listFlowtables({ ...inT, name: 'none', netns }),
      ])
        expect(none).toEqual([])
    }))

  it('sets back the numbers of the objects that are asked for', () =>
    withNetns(async (netns) => {
      nftIn(netns, RULESET)
      const reset = { ...inT, type: 'counter', name: 'n', reset: true, netns } as const
      expect(await nft.listObjects(reset)).toMatchObject([{ data: { packets: 5n, bytes: 500n } }])
      expect(nftJson(netns, 'counter').map(({ name, packets }) => [name, packets])).toEqual([
        ['n', 0],
        ['o', 6],
      ])
      const vague = async () => nft.listObjects({ ...reset, type: undefined })
      await expect(vague).rejects.toThrow('reset: it needs type, too')
    }))

  it('sets back the numbers of the rules that are asked for', async ({ skip }) =>
    withNetns(async (netns) => {
      nftIn(netns, RULESET)
      const packets = () => nftJson(netns, 'rule').map(({ expr }) => expr[0].counter.packets)
      const all = packets()
      for (const vague of [{ table: 't' }, { family: 'inet', chain: 'c' }, { ...inT, handle: 3 }] as const)
        await expect(async () => nft.listRules({ ...vague, reset: true, netns })).rejects.toThrow(
          /^reset: it needs (family|table|chain), too$/,
        )
      const chain = { ...inT, chain: 'c', reset: true, netns } as const
      const { handle } = nftJson(netns, 'rule').find(({ comment }) => comment === 'second')!
      const one = () => nft.listRules({ ...chain, handle })
      if (!since(6, 2)) {
        await expectRefused(one, { code: 'EINVAL', advice: 'from Linux 6.2 on' })
        skip('this kernel sets no rules back')
      }
      const [second, ...none] = await one()
      expect(none).toEqual([])
      expect(second!.expressions).toEqual([{ name: 'counter', data: { packets: 2n, bytes: 200n } }])
      expect(packets()).toEqual(all.map((it) => (it === 2 ? 0 : it)))
      expect(await nft.listRules(chain)).toHaveLength(2)
      expect(packets()).toEqual(all.map((it) => (it < 3 ? 0 : it)))
      expect(await nft.listRules({ family: 'ip', reset: true, netns })).toHaveLength(1)
      expect(packets()).toEqual(all.map((it) => (it === 3 ? 3 : 0)))
    }))

  it('sets back the numbers of the elements of a set', async ({ skip }) =>
    withNetns(async (netns) => {
      nftIn(netns, RULESET)
      const counted = { ...inT, set: 'counted', reset: true, netns } as const
      if (!since(6, 5)) {
        await expectRefused(() => nft.listElements(counted), NO_RESET)
        skip('this kernel sets no elements back')
      }
      const elements = await nft.listElements(counted)
      const numbers = new Map(elements.map(({ key, expressions }) => [key, expressions[0]!.data]))
      expect(numbers.get('10.0.0.1')).toEqual({ packets: 3n, bytes: 300n })
      expect(numbers.get('10.0.0.2')).toEqual({ packets: 4n, bytes: 400n })
      expect(nftIn(netns, 'list set inet t counted').match(/packets \d+/g)).toEqual([
        'packets 0',
        'packets 0',
      ])
    }))

  it('sets back the numbers of the element that a key is in, and of no other', async ({ skip }) =>
    withNetns(async (netns) => {
      nftIn(netns, RULESET)
      nftIn(
        netns,
        `add set inet t wide { type inet_service; flags interval; counter; elements = {
          10-20 counter packets 5 bytes 50, 30-40 counter packets 6 bytes 60 } }`,
      )
      const packets = (set: string) => nftIn(netns, `list set inet t ${set}`).match(/packets \d+/g)
      const reset = { ...inT, reset: true, netns } as const
      const second = () => nft.getElement({ ...reset, set: 'counted', key: '10.0.0.2' })
      if (!since(6, 5)) {
        await expectRefused(second, NO_RESET)
        skip('this kernel sets no elements back')
      }
      const { expressions: counter } = await second()
      expect(counter).toEqual([{ name: 'counter', data: { packets: 4n, bytes: 400n } }])
      expect(packets('counted')!.sort()).toEqual(['packets 0', 'packets 3'])
      const outside = { ...reset, set: 'wide', key: '15-25' }
      await expect(async () => nft.getElement(outside)).rejects.toMatchObject({ code: 'ENOENT' })
      expect(packets('wide')).toEqual(['packets 5', 'packets 6'])
      const { key, expressions } = await nft.getElement({ ...reset, set: 'wide', key: 35 })
      expect([key, expressions[0]!.data]).toEqual(['30-40', { packets: 6n, bytes: 60n }])
      expect(packets('wide')).toEqual(['packets 5', 'packets 0'])
    }))
})
