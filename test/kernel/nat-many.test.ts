/** Many exceptions, many ports, many programs. */

import { describe, expect, it } from 'vitest'
import type { Transaction } from '../../src/nftables.js'
import { needNftables } from './needs.js'
import { NFT_FACES, nftIn, plainRuleset } from './nft-support.js'
import { withNetns } from './support.js'

needNftables()

describe.each(NFT_FACES)('verbs and others ($face)', ({ nft }) => {
  it('more exceptions than a chain can keep are kept with rules, without which the chain is made again', () =>
    withNetns(async (netns) => {
      const except = Array.from({ length: 40 }, (_, i) => `10.${i}.2.0/24`)
      const masquerade = () => nft.masquerade({ source: '10.0.0.0/8', except, name: 'many', netns })
      const found = async () => (await nft.listNat({ netns })).map((one) => 'except' in one && one.except)
      await masquerade()
      const rulesOf = () => {
        const { nftables } = JSON.parse(nftIn(netns, 'list chain inet netlink-ts masquerade-many', ['-j']))
        return (nftables as { rule?: { handle: number; expr: unknown[] } }[]).flatMap((one) => one.rule ?? [])
      }
      const [first, ...rest] = rulesOf()
      const set = except.map((one) => ({ prefix: { addr: one.slice(0, -3), len: 24 } }))
      expect(first!.expr[1]).toMatchObject({ match: { op: '!=', right: { set } } })
      expect(rest.map(({ expr }) => expr)).toEqual(rest.map(() => [{ continue: null }]))
      expect(await found()).toEqual([except])
      const whole = plainRuleset(netns)
      for (const damage of [
        `delete rule inet netlink-ts masquerade-many handle ${rest[0]!.handle}`,
        // As many rules as before, of which one says nothing.
        `replace rule inet netlink-ts masquerade-many handle %s continue`,
      ]) {
        nftIn(netns, damage.replace('%s', String(rulesOf()[1]!.handle)))
        expect(await found()).toEqual([])
        await masquerade()
        expect(await found()).toEqual([except])
        expect(plainRuleset(netns)).toEqual(whole)
      }
      const before = nftIn(netns, 'list ruleset', ['-a'])
      const made = await masquerade()
      expect(nftIn(netns, 'list ruleset', ['-a'])).toBe(before)
      await made.withdraw()
      expect(nftIn(netns, 'list ruleset')).not.toContain('many')
    }))

  it('more networks than a hook has room for chains: what is refused says so, and that another table is no way out', () =>
    withNetns(async (netns) => {
      const inU = { family: 'inet', table: 'u', type: 'nat', hook: 'postrouting', priority: 0 } as const
      await nft.transaction(
        (tx) => {
          tx.addTable({ family: 'inet', name: 'u' })
          for (let i = 0; i < 1023; i++) tx.addChain({ ...inU, name: `c${i}` })
        },
        { netns },
      )
      await nft.masquerade({ source: '10.1.0.0/24', netns })
      const full = plainRuleset(netns)
      await expect(async () => nft.masquerade({ source: '10.2.0.0/24', netns })).rejects.toMatchObject({
        code: 'E2BIG',
        advice: expect.stringMatching(/^a namespace has at most 1024 chains at one hook .*masquerade\(\)/),
      })
      // Of IPv4 as of both, and in whatever table.
      const elsewhere = (tx: Transaction) => {
        tx.addTable({ family: 'ip', name: 'v' })
        tx.addChain({ ...inU, family: 'ip', table: 'v', name: 'c' })
      }
      await expect(async () => nft.transaction(elsewhere, { netns })).rejects.toMatchObject({ code: 'E2BIG' })
      expect(plainRuleset(netns)).toEqual(full)
      await nft.transaction((tx) => tx.deleteChain({ family: 'inet', table: 'u', name: 'c7' }), { netns })
      await nft.masquerade({ source: '10.2.0.0/24', netns })
    }))

  it('many programs at once publish their ports, each once', () =>
    withNetns(async (netns) => {
      const calls = Array.from({ length: 20 }, async (_, i) => {
        await nft.masquerade({ source: '192.168.15.0/24', netns })
        await nft.publishPort({ hostPort: 9000 + (i % 10), to: '192.168.15.2:80', netns })
      })
      await Promise.all(calls)
      const ports = (await nft.listNat({ netns })).flatMap((one) =>
        one.verb === 'publishPort' ? [one.hostPort] : [],
      )
      expect(ports.sort()).toEqual([...Array(10).keys()].map((i) => 9000 + i))
      expect(nftIn(netns, 'list set inet netlink-ts targets4')).toContain('comment "ports: 10"')
      expect(nftIn(netns, 'list ruleset').match(/ masquerade$/gm)).toHaveLength(1 + 6)
    }))

  it('a range of ten thousand ports comes and goes as one', () =>
    withNetns(async (netns) => {
      const made = await nft.publishPort({ hostPort: '1-10000', to: '192.168.15.2', netns })
      const [found, ...more] = await nft.listNat({ netns })
      expect([found, more]).toEqual([{ ...made, withdraw: expect.any(Function) }, []])
      await made.withdraw()
      expect(await nft.listNat({ netns })).toEqual([])
    }))
})
