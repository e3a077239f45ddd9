/** Chains of every family, type and hook, and priorities by their names, as nft(8) shows them. */

import { describe, expect, it } from 'vitest'
import {
  counter,
  ether,
  type NftChainInput,
  type NftFamily,
  raw,
  rule,
  type Transaction,
} from '../../src/nftables.js'
import { expectRefused, NO_DEVICE_PREFIXES, needNftables, since } from './needs.js'
import { acceptsNft, NFT_FACES, nftIn, nftJson } from './nft-support.js'
import { execIn, hasTool, ip, untilReady, withNetns, withoutDad } from './support.js'

needNftables()

const inT = { family: 'inet', table: 't' } as const
const IP = ['prerouting', 'input', 'forward', 'output', 'postrouting'] as const
const NAT = ['prerouting', 'input', 'output', 'postrouting'] as const
const DEVICE = { devices: ['eth0'] }

const chainsOf = (
  families: readonly NftFamily[],
  type: string,
  hooks: readonly string[],
  more: object = {},
) =>
  families.flatMap((family) =>
    hooks.map((hook) => ({ family, table: 't', name: `${type}-${hook}`, type, hook, priority: 0, ...more })),
  ) as (NftChainInput & { hook: string })[]

/** Every one that a kernel takes. */
const all = [
  ...chainsOf(['ip', 'ip6', 'inet', 'bridge'], 'filter', IP),
  ...chainsOf(['ip', 'ip6', 'inet'], 'nat', NAT),
  ...chainsOf(['ip', 'ip6', 'inet'], 'route', ['output']),
  ...chainsOf(['inet'], 'filter', ['ingress'], DEVICE),
  ...chainsOf(['arp'], 'filter', ['input', 'output']),
  ...chainsOf(['netdev'], 'filter', ['ingress', 'egress'], DEVICE),
]

const hooked = { table: 't', type: 'filter', hook: 'forward' } as const
const NAT_NAMES = { dstnat: 'prerouting', srcnat: 'postrouting' }
/** Names of priorities, which nft writes for the numbers where it knows them. */
const priorities = (['inet', 'ip', 'ip6', 'bridge'] as const).flatMap((family) => {
  const names =
    family === 'bridge'
      ? { dstnat: 'prerouting', filter: 'forward', out: 'output', srcnat: 'postrouting' }
      : { raw: 'prerouting', mangle: 'forward', filter: 'forward', security: 'forward' }
  return Object.entries({ ...names, ...(family !== 'bridge' && NAT_NAMES) }).map(([priority, hook]) => ({
    ...{ table: 't', family, name: priority, type: 'filter', hook, priority },
  })) as (NftChainInput & { hook: string })[]
})

describe.skipIf(!hasTool('nft')).each(NFT_FACES)('chains ($face)', ({ nft }) => {
  it('of every family, type and hook', () =>
    withNetns(async (netns) => {
      ip('link add eth0 type veth peer name eth1', netns)
      await nft.transaction(
        (tx) => {
          for (const family of new Set(all.map((one) => one.family))) tx.addTable({ family, name: 't' })
          for (const one of all) tx.addChain(one)
        },
        { netns },
      )
      const expected = all.map(({ family, name, type, hook, priority }) => ({
        ...{ family, name, type, hook, prio: priority },
      }))
      const printed = nftJson(netns, 'chain').map(({ family, name, type, hook, prio }) => ({
        ...{ family, name, type, hook, prio },
      }))
      expect(printed).toHaveLength(4 * 5 + 3 * 4 + 3 + 1 + 2 + 2)
      expect(printed).toEqual(expect.arrayContaining(expected))
      const listed = await nft.listChains({ netns })
      expect(listed.map(({ family, name }) => `${family} ${name}`).sort()).toEqual(
        all.map(({ family, name }) => `${family} ${name}`).sort(),
      )
      for (const one of all) {
        const { family, name, type, hook, priority, devices = [] } = one
        expect(listed.find((it) => it.family === family && it.name === name)).toMatchObject({
          ...{ type, hook, priority, devices },
        })
      }
    }))

  it('with priorities by their names', () =>
    withNetns(async (netns) => {
      const families = new Set(priorities.map(({ family }) => family))
      for (const family of families) nftIn(netns, `add table ${family} n`)
      for (const { family, name, hook, type } of priorities)
        nftIn(netns, `add chain ${family} n ${name} { type ${type} hook ${hook} priority ${name}; }`)
      await nft.transaction(
        (tx) => {
          for (const family of families) tx.addTable({ family, name: 't' })
          for (const one of priorities) tx.addChain(one)
        },
        { netns },
      )
      const of = (table: string) =>
        nftJson(netns, 'chain')
          .filter((one) => one['table'] === table)
          .map((one) => `${one['family']} ${one['name']} ${one['prio']}`)
      expect(of('t').sort()).toEqual(of('n').sort())
      expect(of('t')).toHaveLength(3 * 6 + 4)
    }))

  it('of devices by the beginning of their names, those that come later too', () =>
    withNetns((other) =>
      withNetns(async (netns) => {
        const chain = {
          table: 't',
          family: 'netdev',
          name: 'c',
          type: 'filter',
          hook: 'ingress',
          priority: 0,
        } as const
        const make = () =>
          nft.transaction(
            (tx) => {
              tx.addTable({ family: 'netdev', name: 't' })
              tx.addChain({ ...chain, devices: ['eth*'] })
              tx.addRule({
                family: 'netdev',
                table: 't',
                chain: 'c',
                rule: rule(ether.type('ip'), counter()),
              })
            },
            { netns },
          )
        try {
          await make()
        } catch (error) {
          return expectRefused(() => Promise.reject(error), NO_DEVICE_PREFIXES)
        }
        const [listed] = await nft.listChains({ netns })
        expect(listed).toMatchObject({ devices: ['eth*'] })
        withoutDad(netns, other)
        ip(`link add eth0 netns ${netns} type veth peer name eth0 netns ${other}`)
        for (const [name, address] of [
          [netns, '10.0.0.1/24'],
          [other, '10.0.0.2/24'],
        ] as const) {
          ip(`address add ${address} dev eth0`, name)
          ip('link set eth0 up', name)
        }
        await untilReady('eth0', other)
        execIn(other, 'ping', '-c1', '-W1', '10.0.0.1')
        const [counted] = await nft.listRules({ netns })
        expect(counted!.expressions.at(-1)).toMatchObject({ name: 'counter', data: { packets: 1n } })
        await nft.transaction(
          (tx) => {
            tx.deleteTable({ family: 'netdev', name: 't' })
            tx.addTable({ family: 'netdev', name: 't' })
            tx.addChain(listed!)
          },
          { netns },
        )
        expect(await nft.listChains({ netns })).toMatchObject([{ devices: ['eth*'] }])
      }),
    ))

  it.each<[string, object]>([
    ['another hook of a chain that is there', { ...hooked, name: 'c', priority: 0, hook: 'input' }],
    ['another priority', { ...hooked, name: 'c', priority: 1 }],
  ])('%s is refused, and the chain as before', (_, changed) =>
    withNetns(async (netns) => {
      nftIn(netns, 'add table inet t; add chain inet t c { type filter hook forward priority 0; }')
      const before = nftIn(netns, 'list ruleset', ['-a'])
      await expect(async () =>
        nft.transaction((tx) => tx.addChain({ family: 'inet', ...changed } as NftChainInput), { netns }),
      ).rejects.toMatchObject({
        code: expect.stringMatching(/EEXIST|EOPNOTSUPP|EBUSY/),
        operation: 'NFT_MSG_NEWCHAIN',
      })
      expect(nftIn(netns, 'list ruleset', ['-a'])).toBe(before)
    }),
  )

  it.each<[string, (tx: Transaction) => void, string, string]>([
    [
      'a type of chains',
      (tx) => tx.addChain({ ...hooked, family: 'inet', name: 'c', type: 'nonsense', priority: 0 }),
      'ENOENT',
      "this kernel has no chains of type 'nonsense' in the family inet",
    ],
    [
      'a hook',
      (tx) => {
        tx.addTable({ family: 'arp', name: 't' })
        tx.createChain({ ...hooked, family: 'arp', name: 'c', priority: 0 })
      },
      'EOPNOTSUPP',
      "this kernel has no chains of type 'filter' at forward in the family arp",
    ],
    [
      'a helper',
      (tx) =>
        tx.addObject({
          ...inT,
          name: 'h',
          type: 'ct-helper',
          data: { name: 'none', l3proto: 2, l4proto: 'tcp' },
        }),
      'ENOENT',
      "this kernel has not that helper, or has no objects of type 'ct-helper' in the family inet",
    ],
    [
      'an expression',
      (tx) => {
        tx.addChain({ ...inT, name: 'c' })
        tx.addRule({ ...inT, chain: 'c', rule: rule(raw({ name: 'nonsense' })) })
      },
      'ENOENT',
      "this kernel has no expression 'nonsense'",
    ],
  ])('%s that there is not is named, and nothing is made', (_, call, code, advice) =>
    withNetns(async (netns) => {
      await expect(async () =>
        nft.transaction(
          (tx) => {
            tx.addTable({ family: 'inet', name: 't' })
            call(tx)
          },
          { netns },
        ),
      ).rejects.toMatchObject({ code, advice })
      expect(nftIn(netns, 'list ruleset')).toBe('')
    }),
  )

  it('a device of a flowtable that there is not is named, and nothing is made, or the kernel waits for it', () =>
    withNetns(async (theirs) =>
      withNetns(async (ours) => {
        const make = async () =>
          nft.transaction(
            (tx) => {
              tx.addTable({ family: 'inet', name: 't' })
              tx.addFlowtable({ ...inT, name: 'f', priority: 0, devices: ['none0'] })
            },
            { netns: ours },
          )
        const flowtable = 'add flowtable inet t f { hook ingress priority 0; devices = { none0 }; }'
        const withLo =
          'add table inet u; add flowtable inet u f { hook ingress priority 0; devices = { lo }; }; delete table inet u'
        // Newer kernels (7.3 does) take names of devices that come later.
        if (acceptsNft(theirs, `add table inet t; ${flowtable}`)) await make()
        else
          await expectRefused(make, {
            code: 'ENOENT',
            // Where it has flowtables, the kernel names it since 6.4.
            advice:
              since(6, 4) && acceptsNft(theirs, withLo)
                ? "there is no interface 'none0'"
                : 'this kernel has no flowtables in the family inet, or a device is not there',
          })
        expect(nftIn(ours, 'list ruleset')).toBe(nftIn(theirs, 'list ruleset'))
      }),
    ))

  it('a device of a chain that there is not is named, and nothing is made, or the kernel waits for it', () =>
    withNetns(async (theirs) =>
      withNetns(async (ours) => {
        const make = async () =>
          nft.transaction(
            (tx) => {
              tx.addTable({ family: 'netdev', name: 't' })
              const hook = { type: 'filter', hook: 'ingress', priority: 0, devices: ['none0'] } as const
              tx.addChain({ family: 'netdev', table: 't', name: 'c', ...hook })
            },
            { netns: ours },
          )
        const chain = 'add chain netdev t c { type filter hook ingress device none0 priority 0; }'
        if (acceptsNft(theirs, `add table netdev t; ${chain}`)) await make()
        else await expectRefused(make, { code: 'ENOENT', advice: "there is no interface 'none0'" })
        expect(nftIn(ours, 'list ruleset')).toBe(nftIn(theirs, 'list ruleset'))
      }),
    ))

  it('a table that is dormant sleeps on, until flags are given', () =>
    withNetns(async (netns) => {
      nftIn(netns, 'add table inet t { flags dormant; }')
      const sleepsAfter = async (table: object) => {
        await nft.transaction((tx) => tx.addTable({ family: 'inet', name: 't', ...table }), { netns })
        return nftIn(netns, 'list ruleset').includes('flags dormant')
      }
      expect(await sleepsAfter({})).toBe(true)
      expect(await sleepsAfter({ flags: [] })).toBe(false)
      expect(await sleepsAfter({ flags: ['dormant'] })).toBe(true)
    }))
})
