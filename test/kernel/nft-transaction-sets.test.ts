/** Transactions whose rules look into sets that are there already. */

import { describe, expect, it } from 'vitest'
import {
  accept,
  addElement,
  concat,
  dnat,
  ip,
  jump,
  meta,
  rule,
  type Statement,
  set,
  tcp,
  useObject,
} from '../../src/nftables.js'
import { needNftables, since } from './needs.js'
import { NFT_FACES, nftIn, rulesetIn } from './nft-support.js'
import { hasTool, withNetns } from './support.js'

needNftables()
const inT = { family: 'inet', table: 't' } as const
const inC = { ...inT, chain: 'c' } as const

function makeSets(netns: string): void {
  const inTable = (set: string) => `add set inet t ${set}; `
  nftIn(
    netns,
    `add table inet t; add chain inet t c; ${inTable('ports { type inet_service; flags dynamic; }')}` +
      inTable('vlans { typeof vlan id; }') +
      inTable('marks { type mark; flags interval; elements = { 1-5 }; }') +
      'add map inet t services { type ipv4_addr : inet_service; }; ' +
      'add map inet t verdicts { type inet_service : verdict; }; ' +
      'add map inet t counters { type inet_service : counter; }; ' +
      'add map inet t targets { type ipv4_addr : ipv4_addr . inet_service; }',
  )
}

describe.skipIf(!hasTool('nft')).each(NFT_FACES)('transactions, $face', ({ nft }) => {
  it('know the types of sets that are there already', () =>
    withNetns(async (netns) => {
      makeSets(netns)
      const before = rulesetIn(netns)
      const ofPorts = "ip saddr: it is of type ipv4_addr, and set '%' has keys of type inet_service"
      // The kernel would take the first half of an address for a port.
      const wrong: readonly (readonly [Statement, string])[] = [
        [addElement(set('ports'), ip.saddr), ofPorts.replace('%', 'ports')],
        [jump([rule(accept()), rule(ip.saddr(set('ports')))]), ofPorts.replace('%', 'ports')],
        [ip.saddr.not(set('ports')), ofPorts.replace('%', 'ports')],
        [ip.saddr.vmap(set('verdicts')), ofPorts.replace('%', 'verdicts')],
        [useObject(set('counters'), ip.saddr), ofPorts.replace('%', 'counters')],
        [
          concat(tcp.dport, ip.saddr)(set('ports')),
          "tcp dport . ip saddr: it is of type inet_service . ipv4_addr, and set 'ports' has keys of type inet_service",
        ],
        [
          ip.saddr(set('vlans')),
          "ip saddr: it is of type ipv4_addr, and set 'vlans' has keys of type integer (16 bits)",
        ],
        [
          meta.mark.set(ip.saddr.map(set('services'))),
          "ip saddr.map: it is for values of type mark, and map 'services' has values of type inet_service",
        ],
        [
          dnat(ip.saddr.map(set('services'))),
          'dnat: it is for values of type ipv4_addr, and what it gets is of type inet_service',
        ],
      ]
      for (const [statement, message] of wrong)
        await expect(async () =>
          nft.transaction(
            (tx) => {
              tx.addTable({ family: 'ip', name: 'other' })
              tx.addRule({ ...inC, rule: rule(statement) })
            },
            { netns },
          ),
        ).rejects.toThrow(new TypeError(`addRule (call 2 of the transaction): ${message}`))
      expect(rulesetIn(netns)).toBe(before)
    }))

  it('leave it to the kernel to refuse a rule with a set that is not there', () =>
    withNetns(async (netns) => {
      makeSets(netns)
      const before = rulesetIn(netns)
      for (const statement of [tcp.dport(set('none')), addElement(set('none'), tcp.dport)])
        await expect(async () =>
          nft.transaction((tx) => tx.addRule({ ...inC, rule: rule(statement) }), { netns }),
        ).rejects.toMatchObject({
          code: 'ENOENT',
          subject: expect.stringContaining('(call 1 of 1 of the transaction)'),
          message: expect.stringContaining("the table has no set 'none'"),
        })
      expect(rulesetIn(netns)).toBe(before)
    }))

  it('change the size (Linux 6.5) and the times of a set that is there, as nft does', () =>
    withNetns(async (netns) => {
      const times = { timeout: 30_000, gcInterval: 5_000 }
      const ours = { ...inT, name: 'ours', type: 'ipv4_addr', flags: ['timeout'] } as const
      const add = (options: object) => nft.transaction((tx) => tx.addSet({ ...ours, ...options }), { netns })
      const addTheirs = (options: string) =>
        nftIn(netns, `add set inet t theirs { type ipv4_addr; flags timeout; ${options} }`)
      const both = async () => {
        const listed = await nft.listSets({ ...inT, netns })
        const [first, second] = ['ours', 'theirs'].map((wanted) => {
          const { size, timeout, gcInterval } = listed.find(({ name }) => name === wanted)!
          return { size, timeout, gcInterval }
        })
        expect(first).toEqual(second)
        return first
      }
      nftIn(netns, 'add table inet t')
      await add({ ...times, size: 100 })
      addTheirs('timeout 30s; gc-interval 5s; size 100;')
      expect(await both()).toEqual({ ...times, size: 100 })
      await add({ size: 200 })
      addTheirs('size 200;')
      if (since(6, 5)) expect(await both()).toEqual({ timeout: null, gcInterval: null, size: 200 })
      await add({ ...times, size: 200 })
      const listed = (await nft.listSets({ ...inT, netns })).find(({ name }) => name === 'ours')!
      await nft.transaction((tx) => tx.addSet({ ...listed, size: 300 }), { netns })
      addTheirs('timeout 30s; gc-interval 5s; size 300;')
      if (since(6, 5)) expect(await both()).toEqual({ ...times, size: 300 })
    }))

  it('look values up in sets that are there already as nft does', () =>
    withNetns(async (netns) => {
      makeSets(netns)
      const right = rule(
        addElement(set('ports'), tcp.dport),
        tcp.sport(set('ports')),
        meta.mark(set('marks')),
        dnat(ip.saddr.map(set('targets'))),
      )
      const nat = { family: 'inet', table: 't', name: 'nat' } as const
      await nft.transaction(
        (tx) => {
          tx.addChain({ ...nat, type: 'nat', hook: 'prerouting', priority: 'dstnat' })
          tx.addRule({ ...inC, chain: 'nat', rule: right })
        },
        { netns },
      )
      expect(nftIn(netns, 'list chain inet t nat')).toContain(
        'add @ports { tcp dport } tcp sport @ports meta mark @marks dnat ip to ip saddr map @targets',
      )
      nftIn(netns, 'flush chain inet t nat')
      nftIn(
        netns,
        'add rule inet t nat add @ports { tcp dport } tcp sport @ports meta mark @marks dnat ip to ip saddr map @targets',
      )
      const [theirs] = await nft.listRules({ family: 'inet', table: 't', chain: 'nat', netns })
      await nft.transaction((tx) => tx.addRule({ ...inC, chain: 'nat', rule: right }), { netns })
      const ours = (await nft.listRules({ family: 'inet', table: 't', chain: 'nat', netns })).at(-1)
      expect(ours!.expressions).toEqual(theirs!.expressions)
    }))
})
