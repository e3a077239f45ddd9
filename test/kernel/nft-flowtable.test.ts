/** Flowtables: made by nft(8) and read here, made again of what was read, used by a rule, and deleted. */

import { describe, expect, it } from 'vitest'
import { ct, flowOffload, rule } from '../../src/nftables.js'
import { expectRefused, needNftables } from './needs.js'
import { acceptsNft, again, NFT_FACES, nftIn, plainRuleset, rulesetIn } from './nft-support.js'
import { ip, withNetns } from './support.js'

needNftables()

const inT = { family: 'inet', table: 't' } as const
const MADE =
  'add table inet t; add flowtable inet t f { hook ingress priority 10; devices = { eth0, eth1 }; counter; }'

describe.each(NFT_FACES)('flowtables ($face)', ({ nft }) => {
  it('are read, written and deleted', () =>
    withNetns(async (netns) => {
      ip('link add eth0 type veth peer name eth1', netns)
      if (!acceptsNft(netns, MADE)) {
        const make = () =>
          nft.transaction(
            (tx) => {
              tx.addTable({ family: 'inet', name: 't' })
              tx.addFlowtable({ ...inT, name: 'f', priority: 10, devices: ['eth0', 'eth1'] })
            },
            { netns },
          )
        await expectRefused(make, { code: 'ENOENT', advice: 'this kernel has no flowtables' })
        return
      }
      const listed = await nft.listFlowtables({ netns })
      expect(listed).toMatchObject([{ ...inT, name: 'f', priority: 10, flags: ['counter'], use: 0 }])
      // In whichever order nft gave them.
      expect(listed[0]!.devices.toSorted()).toEqual(['eth0', 'eth1'])
      const made = plainRuleset(netns)
      const ruleset = await nft.listRuleset({ netns })
      expect(ruleset.tables[0]!.flowtables).toEqual(listed)
      await nft.transaction((tx) => again(tx, ruleset), { netns })
      expect(plainRuleset(netns)).toEqual(made)

      await nft.transaction(
        (tx) => {
          tx.addChain({ ...inT, name: 'c', type: 'filter', hook: 'forward', priority: 0 })
          tx.addRule({ ...inT, chain: 'c', rule: rule(ct.state('established'), flowOffload('f')) })
        },
        { netns },
      )
      expect(rulesetIn(netns)).toContain('ct state established flow add @f')
      const [used] = await nft.listFlowtables({ ...inT, netns })
      expect(used!.use).toBe(1)
      const [offloads] = await nft.listRules({ ...inT, netns })
      await nft.transaction(
        (tx) => {
          tx.deleteRule(offloads!)
          tx.deleteFlowtable(used!)
        },
        { netns },
      )
      expect(nftIn(netns, 'list flowtables')).not.toContain('flowtable')
    }))
})
