/** Transactions on the real kernel: all or nothing, whoever else commits, however large they are. */

import { describe, expect, it } from 'vitest'
import {
  accept,
  counter,
  drop,
  ip,
  jump,
  meta,
  raw,
  rule,
  set,
  type Transaction,
  tcp,
} from '../../src/nftables.js'
import { needNftables, since } from './needs.js'
import { NFT_FACES, nftIn, plainRuleset, rulesetIn } from './nft-support.js'
import { execFileSync } from './programs.js'
import { hasTool, ip as ipCommand, withNetns } from './support.js'

needNftables()

const TABLE = { family: 'inet', name: 't' } as const
const inT = { family: 'inet', table: 't' } as const
const inC = { ...inT, chain: 'c' } as const

function table(tx: Transaction): void {
  tx.addTable(TABLE)
  tx.addChain({ ...inT, name: 'c' })
}

describe.skipIf(!hasTool('nft')).each(NFT_FACES)('transactions, $face', ({ nft }) => {
  it('leave everything as it was where one call is refused, and name the call and its attribute', () =>
    withNetns(async (netns) => {
      nftIn(netns, 'add table inet t; add chain inet t c; add rule inet t c tcp dport 22 accept')
      const before = rulesetIn(netns)
      const generation = await nft.getGeneration({ netns })
      await expect(async () =>
        nft.transaction(
          (tx) => {
            tx.addTable({ family: 'ip', name: 'new' })
            tx.flushChain({ ...inT, name: 'c' })
            tx.addRule({ ...inT, chain: 'absent', rule: rule(accept()) })
            tx.addRule({ ...inC, rule: rule(drop()) })
          },
          { netns },
        ),
      ).rejects.toMatchObject({
        code: 'ENOENT',
        operation: 'NFT_MSG_NEWRULE',
        subject: "rule of chain 'absent' of table inet 't' (call 3 of 4 of the transaction)",
        extack: { path: 'chain' },
      })
      expect(rulesetIn(netns)).toBe(before)
      expect(await nft.getGeneration({ netns })).toBe(generation)
    }))

  it.each<[string, (tx: Transaction) => void, object]>([
    [
      'a table twice',
      (tx) => tx.createTable(TABLE),
      { code: 'EEXIST', operation: 'NFT_MSG_NEWTABLE', extack: { path: 'name' } },
    ],
    [
      'a table that is not there',
      (tx) => tx.deleteTable({ ...TABLE, name: 'u' }),
      { code: 'ENOENT', extack: { path: 'name' } },
    ],
    [
      'a chain in a table that is not there',
      (tx) => tx.addChain({ ...inT, table: 'u', name: 'c' }),
      { code: 'ENOENT', extack: { path: 'table' } },
    ],
    [
      'a chain that is jumped to',
      (tx) => tx.deleteChain({ ...inT, name: 'd' }),
      { code: 'EBUSY', advice: expect.stringContaining('refers to it') },
    ],
    [
      'a rule by a handle that is none',
      (tx) => tx.deleteRule({ ...inC, handle: 99 }),
      { code: 'ENOENT', extack: { path: 'handle' } },
    ],
    [
      'an expression that is none',
      (tx) => tx.addRule({ ...inC, rule: rule(counter(), raw({ name: 'nonsense' })) }),
      {
        code: 'ENOENT',
        extack: { path: 'expressions.elem[1]' },
        advice: "this kernel has no expression 'nonsense'",
      },
    ],
    [
      'a set that is not there',
      (tx) => tx.addRule({ ...inC, rule: rule(ip.saddr(set('none')), accept()) }),
      {
        code: 'ENOENT',
        extack: { path: 'expressions.elem[3]' },
        advice: "the table has no set 'none'",
      },
    ],
    [
      'a jump to a chain that is not there',
      (tx) => tx.addRule({ ...inC, rule: rule(jump('none')) }),
      { code: 'ENOENT', advice: expect.stringContaining('no chain') },
    ],
    [
      'a counter that is not there',
      (tx) => tx.addRule({ ...inC, rule: rule(counter({ name: 'none' })) }),
      { code: 'ENOENT', advice: expect.stringContaining('no object') },
    ],
    [
      'masquerade where it cannot be',
      (tx) =>
        tx.addRule({
          ...inT,
          chain: 'in',
          rule: rule({ compile: (c) => c.emit({ name: 'masq', data: {} }) }),
        }),
      { code: 'EOPNOTSUPP' },
    ],
    [
      'an element twice',
      (tx) => tx.createElements({ ...inT, set: 's', elements: ['10.0.0.1'] }),
      { code: 'EEXIST', operation: 'NFT_MSG_NEWSETELEM' },
    ],
    [
      'an element that is not there',
      (tx) => tx.deleteElements({ ...inT, set: 's', elements: ['10.0.0.9'] }),
      { code: 'ENOENT' },
    ],
  ])('%s is refused by the kernel', (_, record, expected) =>
    withNetns(async (netns) => {
      nftIn(netns, 'add table inet t; add chain inet t d; add chain inet t c; add rule inet t c jump d')
      nftIn(
        netns,
        'add chain inet t in { type filter hook input priority 0; }; add set inet t s { type ipv4_addr; elements = { 10.0.0.1 }; }',
      )
      await expect(async () => nft.transaction(record, { netns })).rejects.toMatchObject(expected)
    }),
  )

  it('destroy what is there and what is not, and add what is there already', () =>
    withNetns(async (netns) => {
      const destroying = () =>
        nft.transaction(
          (tx) => {
            tx.destroyTable(TABLE)
            table(tx)
            table(tx)
            tx.destroyChain({ ...inT, name: 'absent' })
            tx.destroySet({ ...inT, name: 'absent' })
            tx.destroyObject({ ...inT, name: 'absent', type: 'counter' })
            tx.destroyRule({ ...inC, handle: 99 })
          },
          { netns },
        )
      if (!since(6, 3)) {
        await expect((async () => destroying())()).rejects.toThrow(
          'before Linux 6.3 the kernel knows no destroy',
        )
        return expect(rulesetIn(netns)).toBe('')
      }
      for (let i = 0; i < 2; i++) await destroying()
      expect(rulesetIn(netns)).toBe('table inet t {\n\tchain c {\n\t}\n}\n')
    }))

  it('leave the tables of others alone', () =>
    withNetns(async (netns) => {
      nftIn(
        netns,
        'add table ip docker; add chain ip docker nat { type nat hook postrouting priority srcnat; }',
      )
      nftIn(netns, 'add rule ip docker nat ip saddr 172.17.0.0/16 masquerade; add table inet firewalld')
      const before = plainRuleset(netns)
      await nft.transaction(
        (tx) => {
          table(tx)
          tx.addRule({ ...inC, rule: rule(meta.iifname('lo'), counter(), accept()) })
        },
        { netns },
      )
      await nft.transaction((tx) => tx.deleteTable(TABLE), { netns })
      expect(plainRuleset(netns)).toEqual(before)
    }))
})

describe.skipIf(!hasTool('nft'))('transactions of several programs', () => {
  it('at once: each is made once, none is lost', () =>
    withNetns(async (netns) => {
      const [{ nft }] = NFT_FACES
      await nft.transaction(table, { netns })
      await Promise.all(
        Array.from({ length: 40 }, (_, i) =>
          nft.transaction((tx) => tx.addRule({ ...inC, rule: rule(tcp.dport(i + 1), accept()) }), { netns }),
        ),
      )
      const rules = await nft.listRules({ netns, ...inC })
      expect(rules).toHaveLength(40)
      expect(
        new Set(rules.map(({ expressions }) => JSON.stringify(expressions[3], (_, it: unknown) => it))).size,
      ).toBe(40)
    }))

  it('for a state that is no more is refused', () =>
    withNetns(async (netns) => {
      const [{ nft }] = NFT_FACES
      const { generation } = await nft.transaction(table, { netns })
      nftIn(netns, 'add rule inet t c accept')
      const late = nft.transaction((tx) => tx.flushChain({ ...inT, name: 'c' }), { netns, generation })
      await expect(late).rejects.toMatchObject({
        ...{ code: 'ERESTART', operation: 'NFNL_MSG_BATCH_BEGIN' },
        advice: 'the ruleset has another generation by now: another program has changed it',
      })
      expect(await nft.listRules({ netns, ...inC })).toHaveLength(1)
    }))
})

describe.skipIf(!hasTool('iptables-nft'))('rules of iptables-nft', () => {
  it('survive a read and a write, with matches and targets that are not known here', () =>
    withNetns(async (netns) => {
      const [{ nft }] = NFT_FACES
      const iptables = (args: string) => execFileSync('ip', ['netns', 'exec', netns, ...args.split(' ')])
      iptables('iptables-nft -A INPUT -p tcp --dport 80 -m comment --comment web -j ACCEPT')
      iptables('iptables-nft -t nat -A POSTROUTING -s 192.168.15.0/24 -j MASQUERADE')
      const saved = () =>
        iptables('iptables-nft-save')
          .replace(/^#.*$/gm, '')
          .replace(/\[\d+:\d+\]/g, '')
      const before = saved()
      const rules = await nft.listRules({ netns })
      expect(rules.length).toBeGreaterThanOrEqual(2)
      await nft.transaction(
        (tx) => {
          for (const one of rules) {
            tx.deleteRule(one)
            tx.addRule(one)
          }
        },
        { netns },
      )
      expect(saved()).toBe(before)
      expect((await nft.listRules({ netns })).map(({ expressions }) => expressions)).toEqual(
        rules.map(({ expressions }) => expressions),
      )
    }))
})

describe('rules do what they say', () => {
  it('a counter counts, a drop drops', () =>
    withNetns(async (netns) => {
      const [{ nft }] = NFT_FACES
      const hook = { type: 'filter', hook: 'input', priority: 'filter' } as const
      await nft.transaction(
        (tx) => {
          tx.addTable(TABLE)
          tx.addChain({ ...inT, name: 'c', ...hook })
          tx.addRule({ ...inC, rule: rule(ip.daddr('127.0.0.0/30'), counter(), accept()) })
          tx.addRule({ ...inC, rule: rule(ip.daddr(['127.0.0.5', '127.0.0.8/29']), counter(), drop()) })
        },
        { netns },
      )
      const reaches = (address: string) => {
        try {
          ipCommand(`netns exec ${netns} ping -c 1 -W 1 ${address}`)
          return true
        } catch {
          return false
        }
      }
      expect(['127.0.0.2', '127.0.0.5', '127.0.0.9', '127.0.0.16'].map(reaches)).toEqual([
        true,
        false,
        false,
        true,
      ])
      const rules = await nft.listRules({ netns, ...inC })
      const packets = rules.map(({ expressions }) => expressions.find((it) => it.name === 'counter')?.data)
      // 127.0.0.2, and the answers to 127.0.0.1 of it and of 127.0.0.16.
      expect(packets).toMatchObject([{ packets: 3n }, { packets: 2n }])
    }))
})
