/** Transactions and lists of nf_tables on the real kernel, with nft(8) as the oracle. */

import { describe, expect, it } from 'vitest'
import type { NftRuleset } from '../../src/nftables.js'
import { accept, counter, ct, ip, rule, set, tcp } from '../../src/nftables.js'
import { needNftables } from './needs.js'
import { again, NFT_FACES, nftIn, nftJson, plainRuleset, rulesetIn } from './nft-support.js'
import { hasTool, withNetns } from './support.js'

needNftables()

const inT = { family: 'inet', table: 't' } as const
const inC = { ...inT, chain: 'c' } as const
const HOOK = { type: 'filter', hook: 'input', priority: 'filter' } as const

/** Everything that a ruleset can hold here, as nft writes it. */
const RULESET = `table inet t {
	comment "all"
	counter n {
		comment "counts"
		packets 5 bytes 500
	}

	quota q {
		over 25 mbytes used 10 bytes
	}

	limit l {
		rate 10/second burst 5 packets
	}

	set s {
		type ipv4_addr
		flags interval
		elements = { 10.0.0.0/8, 192.168.1.5-192.168.1.9,
			     224.0.0.0/3 }
	}

	set pairs {
		type ipv4_addr . inet_service
		flags interval
		elements = { 10.0.0.0/8 . 1000-2000,
			     10.1.1.1 . 80 }
	}

	set counted {
		type ipv4_addr
		counter
		comment "each"
		elements = { 10.0.0.1 counter packets 3 bytes 300 comment "one" }
	}

	map m {
		type inet_service : ipv4_addr . inet_service
		elements = { 80 : 192.168.15.2 . 8080,
			     443 : 192.168.15.3 . 8443 }
	}

	map networks {
		type ipv4_addr : interval ipv4_addr
		flags interval
		elements = { 10.1.0.0/24 : 10.2.0.0/24, 10.1.1.5-10.1.1.9 : 10.2.1.1-10.2.1.3 }
	}

	map ranges {
		type ipv4_addr : interval ipv4_addr . inet_service
		elements = { 10.0.0.1 : 192.168.15.2-192.168.15.9 . 80-90 }
	}

	map verdicts {
		type ifname : verdict
		elements = { "eth0" : accept, "eth1" : jump c }
	}

	map objects {
		type mark : counter
		elements = { 0x00000005 : "n" }
	}

	chain c {
		comment "regular"
		ip saddr 10.0.0.0/8 tcp dport { 80, 443 } ct state established,related counter packets 0 bytes 0 accept comment "first"
		meta l4proto { tcp, udp } th dport 53 limit rate 5/second burst 5 packets log prefix "dns " accept
		ip6 saddr fe80::/10 icmpv6 type { echo-request, nd-router-advert } accept
		meta mark 0x00000010-0x00000020 drop
	}

	chain base {
		type filter hook input priority filter - 5; policy drop;
		iifname vmap @verdicts
		ip saddr . tcp dport @pairs accept
		counter name meta mark map @objects
	}

	chain nat {
		type nat hook prerouting priority dstnat; policy accept;
		tcp dport 8080 dnat ip to 192.168.15.2:80
		dnat ip to tcp dport map @m
		dnat ip prefix to ip daddr map @networks
		meta l4proto tcp dnat ip to ip saddr map @ranges
	}
}
`

describe.skipIf(!hasTool('nft')).each(NFT_FACES)('nftables, $face', ({ nft }) => {
  it('a transaction makes what nft shows', () =>
    withNetns(async (netns) => {
      const { generation } = await nft.transaction(
        (tx) => {
          tx.addTable({ family: 'inet', name: 't', comment: 'all' })
          tx.addChain({ ...inT, name: 'c', ...HOOK, policy: 'drop' })
          tx.addSet({ ...inT, name: 's', type: 'ipv4_addr', flags: ['interval'] }, ['10.0.0.0/8'])
          tx.addRule({
            ...inC,
            rule: rule(
              ip.saddr(set('s')),
              tcp.dport([80, 443]),
              ct.state('established', 'related'),
              counter(),
              accept(),
            ),
            comment: 'web',
          })
        },
        { netns },
      )
      expect(await nft.getGeneration({ netns })).toBe(generation)
      expect(rulesetIn(netns)).toBe(`table inet t {
	comment "all"
	set s {
		type ipv4_addr
		flags interval
		elements = { 10.0.0.0/8 }
	}

	chain c {
		type filter hook input priority filter; policy drop;
		ip saddr @s tcp dport { 80, 443 } ct state established,related counter packets 0 bytes 0 accept comment "web"
	}
}
`)
    }))

  it('what nft made is read, and can be made again', () =>
    withNetns(async (netns) => {
      nftIn(netns, RULESET)
      const shown = plainRuleset(netns)
      const before = await nft.listRuleset({ netns })
      await nft.transaction((tx) => again(tx, before), { netns })
      expect(plainRuleset(netns)).toEqual(shown)
      const after = await nft.listRuleset({ netns })
      expect(after.generation).toBe(before.generation + 1)
      const expressions = ({ tables }: NftRuleset) =>
        tables.flatMap(({ chains }) => chains.flatMap(({ rules }) => rules.map((it) => it.expressions)))
      expect(expressions(after)).toEqual(expressions(before))
    }))

  it('the ruleset of one table has nothing of others, and nothing where it is not there', () =>
    withNetns(async (netns) => {
      nftIn(netns, RULESET)
      nftIn(netns, RULESET.replace('table inet t', 'table inet other'))
      nftIn(netns, 'table ip t { chain c { counter; }; set s { type mark; elements = { 1 }; }; }')
      const of = async (options: object) => (await nft.listRuleset({ netns, ...options })).tables
      const all = await of({})
      expect(all).toHaveLength(3)
      for (const { family, name: table } of all)
        expect(await of({ family, table })).toEqual(
          all.filter((one) => one.family === family && one.name === table),
        )
      expect(await of({ table: 't' })).toEqual(all.filter(({ name }) => name === 't'))
      expect(await of({ table: 'nowhere' })).toEqual([])
      // Nor do the lists need a family.
      const t = { netns, table: 't' }
      expect(new Set((await nft.listSets(t)).map(({ family }) => family))).toEqual(new Set(['inet', 'ip']))
      const rules = await nft.listRules({ ...t, chain: 'c' })
      expect(new Set(rules.map(({ family }) => family))).toEqual(new Set(['inet', 'ip']))
      expect(await nft.listRules({ netns, chain: 'nowhere' })).toEqual([])
    }))

  it('each list tells what nft tells', () =>
    withNetns(async (netns) => {
      nftIn(netns, RULESET)
      const [table] = await nft.listTables({ netns, family: 'inet' })
      expect(table).toMatchObject({ family: 'inet', name: 't', comment: 'all', flags: [], owner: null })
      expect(await nft.listTables({ netns, family: 'ip' })).toEqual([])

      const chains = await nft.listChains({ netns, table: 't' })
      for (const printed of nftJson(netns, 'chain')) {
        expect(chains.find(({ name }) => name === printed['name'])).toMatchObject({
          handle: printed['handle'],
          type: printed['type'] ?? null,
          hook: printed['hook'] ?? null,
          priority: printed['prio'] ?? null,
          policy: printed['policy'] ?? null,
        })
      }

      const rules = await nft.listRules({ netns, ...inT })
      expect(rules.map(({ handle, chain, comment }) => [handle, chain, comment])).toEqual(
        nftJson(netns, 'rule').map((it) => [it['handle'], it['chain'], it['comment'] ?? null]),
      )
      expect(await nft.listRules({ netns, ...inC })).toHaveLength(4)

      const sets = await nft.listSets({ netns, ...inT })
      expect(sets.find(({ name }) => name === 'pairs')).toMatchObject({
        type: ['ipv4_addr', 'inet_service'],
        map: null,
        flags: ['interval', 'concat'],
      })
      expect(sets.find(({ name }) => name === 'verdicts')).toMatchObject({ type: 'ifname', map: 'verdict' })
      expect(sets.find(({ name }) => name === 'objects')).toMatchObject({ type: 'mark', map: 'counter' })
      const keysOf = async (name: string) =>
        (await nft.listElements({ netns, ...inT, set: name })).map(({ key, value, object }) => [
          key,
          value ?? object,
        ])
      expect(await keysOf('s')).toEqual([
        ['10.0.0.0/8', null],
        ['192.168.1.5-192.168.1.9', null],
        ['224.0.0.0/3', null],
      ])
      expect((await keysOf('pairs')).sort()).toEqual([
        [['10.0.0.0/8', '1000-2000'], null],
        [['10.1.1.1', 80], null],
      ])
      expect((await keysOf('m')).sort()).toEqual([
        [443, ['192.168.15.3', 8443]],
        [80, ['192.168.15.2', 8080]],
      ])
      expect(sets.find(({ name }) => name === 'networks')).toMatchObject({
        map: 'ipv4_addr',
        mapInterval: true,
      })
      expect(sets.find(({ name }) => name === 'm')).toMatchObject({ mapInterval: false })
      expect(await keysOf('networks')).toEqual([
        ['10.1.0.0/24', '10.2.0.0/24'],
        ['10.1.1.5-10.1.1.9', '10.2.1.1-10.2.1.3'],
      ])
      expect(await keysOf('ranges')).toEqual([['10.0.0.1', ['192.168.15.2-192.168.15.9', '80-90']]])
      expect((await keysOf('verdicts')).sort()).toEqual([
        ['eth0', 'accept'],
        ['eth1', { jump: 'c' }],
      ])
      expect(await keysOf('objects')).toEqual([[5, 'n']])
      const [counted] = await nft.listElements({ netns, ...inT, set: 'counted' })
      expect(counted).toMatchObject({
        key: '10.0.0.1',
        comment: 'one',
        expressions: [{ name: 'counter', data: { packets: 3n, bytes: 300n } }],
      })

      const objects = await nft.listObjects({ netns, ...inT, type: 'counter' })
      expect(objects).toMatchObject([
        { name: 'n', data: { packets: 5n, bytes: 500n }, comment: 'counts', use: 1 },
      ])
      const [reset] = await nft.listObjects({ netns, ...inT, type: 'counter', reset: true })
      expect(reset!.data).toEqual({ packets: 5n, bytes: 500n })
      const [zero] = await nft.listObjects({ netns, ...inT, type: 'counter' })
      expect(zero!.data).toEqual({ packets: 0n, bytes: 0n })
      expect(await nft.listFlowtables({ netns })).toEqual([])
    }))

  it('elements come and go, of sets that were there before too', () =>
    withNetns(async (netns) => {
      nftIn(netns, 'add table inet t; add set inet t s { type ipv4_addr; flags interval, timeout; }')
      nftIn(netns, 'add map inet t m { type ipv4_addr . inet_service : verdict; }')
      const change = (record: Parameters<typeof nft.transaction>[0]) => nft.transaction(record, { netns })
      await change((tx) => {
        tx.addElements({
          ...inT,
          set: 's',
          elements: ['10.0.0.0/8', { key: '192.168.0.1', timeout: 3600000 }],
        })
        tx.addElements({ ...inT, set: 'm', elements: [{ key: ['10.0.0.1', 80], value: 'accept' }] })
      })
      expect(nftIn(netns, 'get element inet t s { 10.9.9.9 }')).toContain('10.0.0.0/8')
      expect(() => nftIn(netns, 'get element inet t s { 11.0.0.1 }')).toThrow()
      expect(nftIn(netns, 'list map inet t m')).toContain('10.0.0.1 . 80 : accept')
      const all = await nft.listElements({ netns, ...inT, set: 's' })
      expect(all.map(({ key, timeout }) => [key, timeout])).toEqual([
        ['10.0.0.0/8', null],
        ['192.168.0.1', 3600000],
      ])
      expect(all[1]!.expires).toBeGreaterThan(3000000)
      await change((tx) => tx.deleteElements({ ...inT, set: 's', elements: ['10.0.0.0/8'] }))
      expect((await nft.listElements({ netns, ...inT, set: 's' })).map(({ key }) => key)).toEqual([
        '192.168.0.1',
      ])
      await change((tx) => tx.flushSet({ ...inT, name: 's' }))
      expect(await nft.listElements({ netns, ...inT, set: 's' })).toEqual([])
      await expect(async () => nft.listElements({ netns, ...inT, set: 'none' })).rejects.toMatchObject({
        code: 'ENOENT',
      })
    }))
})
