/** Devices of chains and flowtables that are added, and taken out, one by one. */

import { describe, expect, it } from 'vitest'
import { expectRefused, needNftables, since } from './needs.js'
import { acceptsNft, NFT_FACES, nftIn, nftJson } from './nft-support.js'
import { hasTool, ip, withNetns } from './support.js'

needNftables()

const LINKS = 'link add eth0 type veth peer name eth1'
const CHAIN = { family: 'netdev', table: 't', name: 'c' } as const
const HOOK = { type: 'filter', hook: 'ingress', priority: 5 } as const
const FLOWTABLE = { family: 'inet', table: 't', name: 'f' } as const
const NOT_IN = { advice: 'the chain, or one of the devices in it, is not there', code: 'ENOENT' }
const LACKING = { code: 'ENOENT', advice: 'it lacks one of the devices' }

describe.skipIf(!hasTool('nft')).each(NFT_FACES)('devices ($face)', ({ nft }) => {
  const devicesOf = (netns: string): string[] => {
    const [, list = ''] = /devices? (?:= )?(\{.*?\}|".*?")/.exec(nftIn(netns, 'list ruleset')) ?? []
    return (list.match(/\w+/g) ?? []).sort()
  }

  it('of a chain', () =>
    withNetns(async (netns) => {
      ip(LINKS, netns)
      nftIn(netns, 'add table netdev t')
      const made = 'add chain netdev t c { type filter hook ingress devices = { eth0, lo } priority 5; }'
      if (!acceptsNft(netns, made)) return
      const add = (devices: string[]) =>
        nft.transaction((tx) => tx.addChain({ ...CHAIN, ...HOOK, devices }), { netns })
      const take = (devices: string[]) =>
        nft.transaction((tx) => tx.deleteChain({ ...CHAIN, devices }), { netns })
      if (!since(6, 4)) {
        for (const devices of [['lo'], ['eth0', 'lo'], ['eth1']])
          await expectRefused(() => take(devices), { ...NOT_IN, code: 'EINVAL' })
        expect(devicesOf(netns)).toEqual(['eth0', 'lo'])
        return
      }
      await take(['lo'])
      expect(devicesOf(netns)).toEqual(['eth0'])
      const elsewhere = () =>
        nft.transaction((tx) => tx.deleteChain({ ...CHAIN, table: 'none', devices: ['eth0'] }), { netns })
      await expectRefused(elsewhere, { code: 'ENOENT', advice: "there is no table netdev 'none'" })
      await add(['eth1', 'lo'])
      expect(devicesOf(netns)).toEqual(['eth0', 'eth1', 'lo'])
      await take(['eth0', 'lo'])
      expect(devicesOf(netns)).toEqual(['eth1'])
      await expectRefused(() => take(['eth0']), NOT_IN)
      await expectRefused(() => take(['eth1', 'none']), NOT_IN)
      expect(devicesOf(netns)).toEqual(['eth1'])
      // As it is listed: all of it.
      const [listed] = await nft.listChains({ netns })
      await nft.transaction((tx) => tx.deleteChain(listed!), { netns })
      expect(nftJson(netns, 'chain')).toEqual([])
    }))

  it('of a flowtable', () =>
    withNetns(async (netns) => {
      ip(LINKS, netns)
      nftIn(netns, 'add table inet t')
      const add = (devices: string[]) =>
        nft.transaction((tx) => tx.addFlowtable({ ...FLOWTABLE, priority: 10, devices }), { netns })
      const take = (devices: string[]) =>
        nft.transaction((tx) => tx.deleteFlowtable({ ...FLOWTABLE, devices }), { netns })
      if (!acceptsNft(netns, 'add flowtable inet t f { hook ingress priority 10; devices = { eth0 }; }')) {
        await expectRefused(() => add(['eth0']), { code: 'ENOENT', advice: 'this kernel has no flowtables' })
        return
      }
      await add(['eth1', 'lo'])
      expect(devicesOf(netns)).toEqual(['eth0', 'eth1', 'lo'])
      await take(['eth0', 'lo'])
      expect(devicesOf(netns)).toEqual(['eth1'])
      await expectRefused(() => take(['eth0']), LACKING)
      await expectRefused(() => take(['eth1', 'none']), LACKING)
      expect(devicesOf(netns)).toEqual(['eth1'])
      if (since(6, 3)) {
        const destroy = (name: string, devices: string[]) =>
          nft.transaction((tx) => tx.destroyFlowtable({ ...FLOWTABLE, name, devices }), { netns })
        await add(['lo'])
        await destroy('f', ['lo'])
        await destroy('none', ['lo'])
        expect(devicesOf(netns)).toEqual(['eth1'])
        await expectRefused(() => destroy('f', ['lo']), LACKING)
      }
      const [listed] = await nft.listFlowtables({ netns })
      await nft.transaction((tx) => tx.deleteFlowtable(listed!), { netns })
      expect(nftJson(netns, 'flowtable')).toEqual([])
    }))
})
