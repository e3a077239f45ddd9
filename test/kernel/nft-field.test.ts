/** Fields and statements that are needed less often, with packets: what the kernel makes of them is what they say. */

import { describe, expect, it } from 'vitest'
import { listConntrack } from '../../src/conntrack.js'
import {
  accept,
  addElement,
  concat,
  constant,
  counter,
  ct,
  drop,
  icmp,
  ip as ip4,
  ip6,
  jump,
  limit,
  meta,
  type NftChainContents,
  type NftElement,
  type NftRuleContents,
  type NftTableContents,
  payload,
  type RuleBody,
  rule,
  set,
  stateful,
  type Transaction,
  tcp,
  udp,
  updateElement,
  useObject,
} from '../../src/nftables.js'
import { askUdp, FAMILIES, serve, withNetwork } from './nat-network.js'
import { needNftables } from './needs.js'
import { again, NFT_FACES, nftIn, rulesetIn } from './nft-support.js'
import { spawnSync } from './programs.js'
import { ip, withNetns } from './support.js'

needNftables()

const inT = { family: 'inet', table: 't' } as const
const inC = { ...inT, chain: 'c' } as const
const INPUT = { type: 'filter', hook: 'input', priority: 'filter' } as const

function chain(tx: Transaction, rules: readonly RuleBody[]): void {
  tx.addTable({ family: 'inet', name: 't' })
  tx.addChain({ ...inT, name: 'c', ...INPUT })
  for (const one of rules) tx.addRule({ ...inC, rule: one })
}

/** One ping of the machine itself: an echo request and its reply. */
function pingSelf(netns: string, ...options: string[]): number | null {
  ip('link set lo up', netns)
  const address = options.includes('-6') ? [] : ['127.0.0.1']
  return spawnSync('ip', ['netns', 'exec', netns, 'ping', '-c1', '-W1', ...options, ...address]).status
}

/** Packets that the counters of rules have seen, of each rule the first. */
function seen(rules: readonly { expressions: NftRuleContents['expressions'] }[]): (bigint | undefined)[] {
  return rules.map(({ expressions }) => {
    const found = expressions.find(({ name }) => name === 'counter')
    return (found?.data as { packets?: bigint } | undefined)?.packets
  })
}

const inOneSecond = (of: Date) => of.toISOString().slice(0, 19).replace('T', ' ')

describe.each(NFT_FACES)('fields ($face)', ({ nft }) => {
  it('times, types of ICMP, addresses as marks and shifted marks', () =>
    withNetns(async (netns) => {
      const now = Date.now()
      const [before, after] = [now - 3_600_000, now + 3_600_000].map((at) => inOneSecond(new Date(at)))
      await nft.transaction(
        (tx) =>
          chain(tx, [
            rule(meta.time({ from: before!, to: after! }), counter()),
            rule(meta.time.gt(after!), counter()),
            rule(meta.hour('00:00-23:59:59'), counter()),
            rule(meta.day([new Date(now).getUTCDay(), new Date(now + 60_000).getUTCDay()]), counter()),
            rule(icmp.sequence(1), counter()),
            rule(icmp.mtu(1), counter()),
            rule(meta.mark.set(ip4.saddr), meta.mark(0x7f000001), counter()),
            rule(meta.mark.set(0x12)),
            rule(ct.mark.set(meta.mark.lshift(8).or(5))),
            rule(ct.mark(0x1205), counter()),
            rule(meta.mark.set(ct.mark.mask(0xff00).or(1)), meta.mark(0x1201), counter()),
          ]),
        { netns },
      )
      expect(pingSelf(netns)).toBe(0)
      const rules = await nft.listRules({ ...inC, netns })
      expect(seen(rules)).toEqual([2n, 0n, 2n, 2n, 2n, 0n, 2n, undefined, undefined, 2n, 2n])
    }))

  it('parts of bytes and marks, in sets of values and of ranges', () =>
    withNetns(async (netns) => {
      await nft.transaction(
        (tx) => {
          tx.addTable({ family: 'inet', name: 't' })
          tx.addSet({ ...inT, name: 'plain', type: 'dscp' }, ['cs1'])
          tx.addSet({ ...inT, name: 'pairs', type: ['ipv4_addr', 'dscp'] }, [['127.0.0.1', 'cs1']])
          tx.addSet({ ...inT, name: 'ranges', type: ['mark', 'dscp'], flags: ['interval'] }, [
            ['4-300', 'cs1'],
          ])
          tx.addSet({ ...inT, name: 'made', type: 'dscp', flags: ['dynamic'] })
          chain(tx, [
            rule(meta.mark.set(0x101)),
            rule(ip4.dscp(set('plain')), counter()),
            rule(ip6.dscp(set('plain')), counter()),
            rule(concat(ip4.saddr, ip4.dscp)(set('pairs')), counter()),
            rule(concat(meta.mark, ip4.dscp)(set('ranges')), counter()),
            rule(concat(meta.mark, ip6.dscp)(set('ranges')), counter()),
            rule(concat(meta.mark, ip4.saddr)([['257-258', '127.0.0.0/8']]), counter()),
            rule(concat(meta.mark, ip4.saddr)([['1-2', '127.0.0.0/8']]), counter()),
            rule(addElement(set('made'), ip4.dscp), meta.mark.set(ip4.dscp), meta.mark(8), counter()),
            rule(meta.mark.set(ip4.dscp.or(1)), meta.mark(9), counter()),
            rule(meta.mark.set(ip6.dscp.or(1)), meta.mark(9), counter()),
            rule(ip6.flowlabel.set(0xabcde), meta.mark.set(ip6.flowlabel), meta.mark(0xabcde), counter()),
            rule(meta.mark.set(ip6.flowlabel.xor(0xf)), meta.mark(0xabcd1), counter()),
          ])
        },
        { netns },
      )
      expect(pingSelf(netns, '-Q', '0x20')).toBe(0)
      expect(pingSelf(netns, '-Q', '0x20', '-6', '::1')).toBe(0)
      const rules = await nft.listRules({ ...inC, netns })
      expect(seen(rules)).toEqual([undefined, 2n, 2n, 2n, 2n, 2n, 2n, 0n, 2n, 2n, 2n, 2n, 2n])
      expect((await nft.listElements({ ...inT, set: 'made', netns })).map(({ key }) => key)).toEqual(['cs1'])
    }))

  it('a connection by the number that conntrack has for it', () =>
    withNetns(async (netns) => {
      await nft.transaction((tx) => chain(tx, [rule(ct.state('new', 'established'))]), { netns })
      expect(pingSelf(netns)).toBe(0)
      const [entry] = await listConntrack({ protocol: 'icmp', netns })
      await nft.transaction((tx) => tx.addRule({ ...inC, rule: rule(ct.id(entry!.id!), counter()) }), {
        netns,
      })
      // The same connection again: an echo request with the identifier of the first.
      const again = ['-c1', '-W1', '-e', String(entry!.original.icmp!.id), '127.0.0.1']
      expect(spawnSync('ip', ['netns', 'exec', netns, 'ping', ...again]).status).toBe(0)
      expect(seen(await nft.listRules({ ...inC, netns }))).toEqual([undefined, 2n])
    }))

  it('rules that bring a chain with them, which goes with them', () =>
    withNetns(async (netns) => {
      const inner = [rule(icmp.type('echo-reply'), accept()), rule(counter(), drop())]
      await nft.transaction((tx) => chain(tx, [rule(ip4.saddr('127.0.0.1'), jump(inner))]), { netns })
      expect(pingSelf(netns)).toBe(1)
      expect(rulesetIn(netns)).toMatch(
        /ip saddr 127\.0\.0\.1 jump \{\s+icmp type echo-reply accept\s+counter .* drop\s+\}/,
      )
      const { tables } = await nft.listRuleset({ netns })
      const [{ rules }, ...others] = tables[0]!.chains as [NftChainContents]
      expect(others).toEqual([])
      expect(rules[0]!.chains.map((one) => [one.flags, one.rules.length])).toEqual([[['binding'], 2]])
      await nft.transaction((tx) => tx.flushChain({ ...inT, name: 'c' }), { netns })
      expect((await nft.listChains({ ...inT, netns })).map(({ name }) => name)).toEqual(['c'])
    }))

  it('rules that bring chains come back, in another table too', () =>
    withNetns(async (netns) => {
      const made = `table inet t {
	chain c {
		type filter hook input priority filter; policy accept;
		ip saddr 127.0.0.0/8 jump {
			tcp dport { 443, 80 } accept comment "web"
			udp dport vmap { 53 : accept, 67 : goto other } comment "names"
			ip daddr 127.0.0.9 icmp type { echo-reply, echo-request } counter packets 0 bytes 0 drop
			jump other
		}
		goto {
			meta l4proto { tcp, udp } counter packets 0 bytes 0
		} comment "the rest"
	}

	chain other {
	}
}
`
      nftIn(netns, made)
      // The kernel keeps the elements of sets in any order.
      const shown = () =>
        rulesetIn(netns)
          .replace(/\{ (.*) \}/g, (_, list: string) => `{ ${list.split(', ').sort().join(', ')} }`)
          .replace(/packets 1 bytes \d+/, 'packets 0 bytes 0')
      expect(shown()).toBe(made)
      const ruleset = await nft.listRuleset({ netns })
      await nft.transaction((tx) => again(tx, ruleset), { netns })
      expect(shown()).toBe(made)
      // The packets go the way that the text says.
      expect(pingSelf(netns)).toBe(0)
      expect(spawnSync('ip', ['netns', 'exec', netns, 'ping', '-c1', '-W1', '127.0.0.9']).status).toBe(1)
      const [listed] = (await nft.listRuleset({ netns })).tables as [NftTableContents]
      const [{ rules }] = listed.chains as [NftChainContents]
      expect(rules.map(({ chains }) => seen(chains[0]!.rules))).toEqual([
        [undefined, undefined, 1n, undefined],
        [0n],
      ])
      await nft.transaction(
        (tx) => {
          tx.addTable({ family: 'inet', name: 'u' })
          for (const { rules: _, ...chain } of listed.chains) tx.addChain({ ...chain, table: 'u' })
          for (const chain of listed.chains) for (const one of chain.rules) tx.addRule({ ...one, table: 'u' })
          tx.deleteTable(listed)
        },
        { netns },
      )
      expect(shown()).toBe(made.replace('inet t', 'inet u'))
    }))

  it('maps and states that rules fill', () =>
    withNetns(async (netns) => {
      const dynamic = { ...inT, type: 'ipv4_addr', flags: ['dynamic', 'timeout'] } as const
      await nft.transaction(
        (tx) => {
          tx.addTable({ family: 'inet', name: 't' })
          tx.addSet({ ...dynamic, name: 'seen' })
          tx.addSet({ ...dynamic, name: 'counted', expressions: stateful(counter(), limit({ rate: 5 })) })
          tx.addSet({ ...dynamic, name: 'to', map: 'ipv4_addr' })
          tx.addSet({ ...dynamic, name: 'fixed', map: 'ipv4_addr' })
          tx.addObject({ ...inT, name: 'self', type: 'counter', data: {} })
          const two = stateful(counter(), limit({ rate: 1000 }))
          chain(tx, [
            rule(updateElement(set('seen'), ip4.saddr, { expressions: two })),
            rule(addElement(set('counted'), ip4.saddr)),
            rule(addElement(set('to'), ip4.saddr, { value: ip4.daddr })),
            rule(
              addElement(set('fixed'), ip4.saddr, {
                value: constant('ipv4_addr', '192.0.2.1'),
                timeout: 60_000,
              }),
            ),
            rule(useObject([['127.0.0.0/8', 'self']], ip4.saddr, 'counter')),
          ])
        },
        { netns },
      )
      expect(pingSelf(netns)).toBe(0)
      const first = async (name: string): Promise<NftElement> =>
        (await nft.listElements({ ...inT, set: name, netns }))[0]!
      const states = (of: NftElement) => of.expressions.map(({ name }) => name)
      expect(states(await first('seen'))).toEqual(['counter', 'limit'])
      expect(states(await first('counted'))).toEqual(['counter', 'limit'])
      expect(await first('to')).toMatchObject({ key: '127.0.0.1', value: '127.0.0.1' })
      expect(await first('fixed')).toMatchObject({ key: '127.0.0.1', value: '192.0.2.1', timeout: 60_000 })
      const [self] = await nft.listObjects({ ...inT, netns })
      expect(self!.data).toMatchObject({ packets: 2n })
      const sets = await nft.listSets({ ...inT, netns })
      // What is listed can be added: in another namespace, too.
      await withNetns(async (other) => {
        await nft.transaction(
          (tx) => {
            tx.addTable({ family: 'inet', name: 't' })
            for (const one of sets) if (!one.flags.includes('anonymous')) tx.addSet(one)
          },
          { netns: other },
        )
        const named = sets.filter(({ flags }) => !flags.includes('anonymous'))
        expect(await nft.listSets({ ...inT, netns: other })).toHaveLength(named.length)
      })
    }))

  it('sets of names that begin alike', () =>
    withNetns(async (netns) => {
      ip('link set lo up', netns)
      await nft.transaction(
        (tx) => {
          tx.addTable({ family: 'inet', name: 't' })
          tx.addSet({ ...inT, name: 'devices', type: 'ifname', flags: ['interval'] }, ['l*', 'eth0', 'wlan*'])
          chain(tx, [
            rule(meta.iifname(set('devices')), counter()),
            rule(meta.iifname(['lo*', 'eth0']), counter()),
            rule(meta.iifname.not(['eth*', 'l*']), counter()),
            rule(meta.iif(['lo']), counter()),
          ])
        },
        { netns },
      )
      expect(pingSelf(netns)).toBe(0)
      expect(seen(await nft.listRules({ ...inC, netns }))).toEqual([2n, 2n, 0n, 2n])
      const devices = await nft.listElements({ ...inT, set: 'devices', netns })
      expect(devices.map(({ key }) => key)).toEqual(['eth0', 'l*', 'wlan*'])
      expect(rulesetIn(netns)).toMatch(/elements = \{ "eth0",\s*"l\*",\s*"wlan\*" \}/)
    }))

  it('what is behind the header of UDP, and combined flags of TCP', () =>
    withNetwork(async ({ router, client }) => {
      using _ = await serve(router, 'router', 53)
      await nft.transaction(
        (tx) =>
          chain(tx, [
            rule(udp.dport(53), payload('inner-header', 0, 4)('0x77686f3f'), counter()),
            rule(udp.dport(53), payload('inner-header', 0, 4).not('0x77686f3f'), counter()),
            rule(tcp.flags.mask(['fin', 'syn'])('fin|syn'), counter()),
          ]),
        { netns: router },
      )
      await askUdp(client, FAMILIES[0].router, 53)
      expect(seen(await nft.listRules({ ...inC, netns: router }))).toEqual([1n, 0n, 0n])
    }))
})
