/** Sets that rules bring with them, listed and made again, with packets as the judges. */

import { describe, expect, it } from 'vitest'
import { accept, counter, rule, stateful, tcp, udp } from '../../src/nftables.js'
import { needNftables } from './needs.js'
import { again, NFT_FACES, nftIn, rulesetIn } from './nft-support.js'
import { execFileSync } from './programs.js'
import { execIn, hasTool, withNetns } from './support.js'

needNftables()

/** In sh, which has no /dev/udp. */
const send = (netns: string, port: number) => execIn(netns, 'bash', '-c', `echo > /dev/udp/127.0.0.1/${port}`)

describe.skipIf(!hasTool('nft')).each(NFT_FACES)('anonymous sets ($face)', ({ nft }) => {
  it('with intervals side by side match where one ends and the next begins', () =>
    withNetns(async (netns) => {
      execFileSync('ip', ['-n', netns, 'link', 'set', 'lo', 'up'])
      nftIn(
        netns,
        'table ip t { chain low { counter; }; chain high { counter; }; chain c { ' +
          'type filter hook output priority 0; udp dport vmap { 0-1023 : jump low, 1024-65535 : jump high }; }; }',
      )
      const elements = () => {
        const lines = nftIn(netns, 'list ruleset', ['--debug=netlink']).matchAll(/^\telement (\d+).* (\d)/gm)
        return [...lines].map(([, key, flags]) => `${key} ${flags}`).sort()
      }
      const before = elements()
      expect(before).toEqual(['00000000 0', '00000004 0'])
      const ruleset = await nft.listRuleset({ netns })
      await nft.transaction((tx) => again(tx, ruleset), { netns })
      for (const port of [1023, 1024]) send(netns, port)
      const counted = (chain: string) =>
        Number(/packets (\d+)/.exec(nftIn(netns, `list chain ip t ${chain}`))![1])
      expect(['low', 'high'].map(counted)).toEqual([1, 1])
      expect(elements()).toEqual(before)
    }))

  it('count for each value, side by side and all others too, and keep it when they are made again', () =>
    withNetns(async (netns) => {
      execFileSync('ip', ['-n', netns, 'link', 'set', 'lo', 'up'])
      const own = { expressions: stateful(counter()) }
      const ports = udp.dport([
        { key: '0-1023', ...own },
        { key: '1024-2047', ...own, comment: 'high' },
        { key: null, ...own },
      ])
      await nft.transaction(
        (tx) => {
          tx.addTable({ family: 'ip', name: 't' })
          tx.addChain({
            ...{ family: 'ip', table: 't', name: 'c' },
            ...{ type: 'filter', hook: 'output', priority: 0 },
          } as const)
          tx.addRule({ family: 'ip', table: 't', chain: 'c', rule: rule(ports) })
        },
        { netns },
      )
      for (const port of [1023, 1024, 1025, 3000, 3001, 3002]) send(netns, port)
      const shown = () => /\{ (.*) \}/.exec(nftIn(netns, 'list chain ip t c'))![1]
      const counted = [
        '0-1023 counter packets 1 bytes 29',
        '1024-2047 counter packets 2 bytes 58 comment "high"',
        '* counter packets 3 bytes 87',
      ]
      expect(shown()).toBe(counted.join(', '))
      const ruleset = await nft.listRuleset({ netns })
      await nft.transaction((tx) => again(tx, ruleset), { netns })
      expect(shown()).toBe(counted.join(', '))
    }))

  it.each([
    [['1-10', '5-20', { key: 30, comment: 'x' }], '1-10, 5-20, 30 comment "x"', '1-20, 30 comment "x"'],
    [['1-10', 30, 30, { key: 40, comment: 'x' }], '1-10, 30, 30, 40 comment "x"', '1-10, 30, 40 comment "x"'],
    [[22, 22, { key: 22 }, { key: 80, comment: 'x' }], '22, 22, 80 comment "x"', '22, 80 comment "x"'],
    [['1-10', { key: 5 }, { key: 8, comment: null, expressions: [] }, 20], '1-10, 5, 8, 20', '1-10, 20'],
  ])('put together what has nothing of its own, as nft does: %j', (ports, text, shown) =>
    withNetns(async (netns) => {
      nftIn(netns, `table ip t { chain c { }; chain theirs { tcp dport { ${text} } accept; }; }`)
      await nft.transaction(
        (tx) => tx.addRule({ family: 'ip', table: 't', chain: 'c', rule: rule(tcp.dport(ports), accept()) }),
        { netns },
      )
      for (const chain of ['theirs', 'c'])
        expect(nftIn(netns, `list chain ip t ${chain}`)).toContain(`tcp dport { ${shown} } accept`)
    }),
  )

  it('keep a value with a comment apart from the range that it lies beside', () =>
    withNetns(async (netns) => {
      nftIn(netns, 'table ip t { chain c { }; }')
      const ports = tcp.dport(['1-10', { key: 11, comment: 'x' }])
      await nft.transaction((tx) => tx.addRule({ family: 'ip', table: 't', chain: 'c', rule: rule(ports) }), {
        netns,
      })
      expect(nftIn(netns, 'list chain ip t c')).toContain('{ 1-10, 11 comment "x" }')
    }))

  it('take an element more than they were listed with', () =>
    withNetns(async (netns) => {
      nftIn(netns, 'table ip t { chain c { tcp dport { 80, 443 } accept; }; }')
      const [listed] = (await nft.listRuleset({ netns })).tables[0]!.chains[0]!.rules
      const [set] = listed!.sets
      const more = { ...listed!, sets: [{ ...set!, elements: [...set!.elements, 22] }] }
      await nft.transaction((tx) => tx.replaceRule(more), { netns })
      expect(nftIn(netns, 'list chain ip t c')).toContain('tcp dport { 22, 80, 443 } accept')
    }))

  it('are called what they were, and a meter may have met nothing yet', () =>
    withNetns(async (netns) => {
      const rules = [
        'meter met size 99 { ip saddr timeout 1m limit rate 5/second } accept',
        'counter name ip saddr map { 10.0.0.1 : "n" }',
        'tcp dport { 80, 443 } meta mark set tcp dport map { 80 : 1 }',
      ]
      nftIn(netns, `table ip t { counter n { }; chain c { ${rules.join('; ')}; }; }`)
      const names = () =>
        [...nftIn(netns, 'list ruleset', ['--debug=netlink']).matchAll(/^ip t @([a-z_]+)\d*$/gm)]
          .map(([, name]) => name)
          .sort()
      const before = rulesetIn(netns)
      const ruleset = await nft.listRuleset({ netns })
      expect(names()).toEqual(['__map', '__objmap', '__set', 'met'])
      await nft.transaction((tx) => again(tx, ruleset), { netns })
      expect(rulesetIn(netns)).toBe(before)
      expect(names()).toEqual(['__map', '__objmap', '__set', 'met'])
    }))

  it('of a meter are there once: its rule is deleted before it is made again', () =>
    withNetns(async (netns) => {
      nftIn(netns, 'table ip t { chain c { meter met size 99 { ip saddr limit rate 5/second } accept; }; }')
      const before = rulesetIn(netns)
      const [listed] = (await nft.listRuleset({ netns })).tables[0]!.chains[0]!.rules
      await expect(async () =>
        nft.transaction((tx) => tx.replaceRule(listed!), { netns }),
      ).rejects.toMatchObject({
        code: 'EOPNOTSUPP',
        advice: "where a rule has the meter 'met', that rule is deleted first",
      })
      await nft.transaction(
        (tx) => {
          tx.deleteRule(listed!)
          tx.addRule(listed!)
        },
        { netns },
      )
      expect(rulesetIn(netns)).toBe(before)
    }))
})
