/** Rules of the builder beside the rules that nft(8) makes of their texts: the kernel holds the same, and nft shows the same. */

import { describe, expect, it } from 'vitest'
import { listRuleset, type NftFamily, type Transaction, transaction } from '../../src/nftables.js'
import { type Golden, loadGolden } from '../golden/golden.js'
import { combinedCases } from '../nft-combined-rules.js'
import { cornerCases } from '../nft-corner-rules.js'
import { fieldCases } from '../nft-field-rules.js'
import { cases as ruleCases } from '../nft-rules.js'
import { uncommonCases } from '../nft-uncommon-rules.js'
import { needNftables } from './needs.js'
import { acceptsNft, again, nftIn, plainRuleset } from './nft-support.js'
import { hasTool, ip, withNetns } from './support.js'

needNftables()

const cases = [...ruleCases, ...fieldCases, ...combinedCases, ...cornerCases, ...uncommonCases]
type Case = (typeof cases)[number]

const AREAS = ['nft-rule', 'nft-field', 'nft-combined', 'nft-corner', 'nft-uncommon']
const golden = new Map(AREAS.flatMap(loadGolden).map((it) => [it.name, it]))
const textOf = ({ command }: Golden) => /^nft '(.*)'$/.exec(command)![1]!
/** Namespaces here have no control groups. */
const tried = cases.filter(({ prefix }) => prefix !== 'cgroup')

/** The family and the hook of a chain, of the line that makes it; and whether there are sets. */
function hookOf(key: string): string {
  const [, chain] = /add chain (\S+ t c .*)'$/.exec(key)!
  return /add (set|map)/.test(key) ? `${chain}, with sets` : chain!
}

/** The rules by the setup that they share: its last line makes their chain. */
function groups(): Map<string, Case[]> {
  const found = new Map<string, Case[]>()
  for (const one of tried) {
    const { setup } = golden.get(one.name)!
    const key = setup.filter((line) => line.startsWith('nft')).join('\n')
    found.set(key, [...(found.get(key) ?? []), one])
  }
  return found
}

async function withChain<T>(key: string, work: (netns: string) => Promise<T> | T): Promise<T> {
  return withNetns((netns) => {
    ip('link add eth0 index 10 type veth peer name eth1 index 11', netns)
    for (const line of key.split('\n')) nftIn(netns, /^nft '?(.*?)'?$/.exec(line)![1]!)
    return work(netns)
  })
}

/** nft forgets of which fields the keys of two of its rules are, and shows them as others than they are. */
const MEANT: Readonly<Record<string, string>> = {
  '{"concat":[0,"0.5.0.0"]}': '{"concat":[5,{"prefix":{"addr":"10.0.0.0","len":8}}]}',
  '{"concat":[0,"0.0.0.0"]}': '{"concat":[{"range":[5,10]},{"prefix":{"addr":"10.0.0.0","len":8}}]}',
}
const asMeant = (shown: unknown): unknown =>
  JSON.parse(JSON.stringify(shown), (_, value) => (typeof value === 'string' && MEANT[value]) || value)

function addRule(tx: Transaction, { family, body, name }: Case): void {
  const comment = /comment "([^"]*)"$/.exec(textOf(golden.get(name)!))?.[1]
  tx.addRule({ family: family as NftFamily, table: 't', chain: 'c', rule: body, comment })
}

describe.skipIf(!hasTool('nft'))('rules of the builder in the kernel', () => {
  it.each([...groups()].map(([key, rules]) => ({ where: hookOf(key), key, rules })))(
    '$where',
    async ({ key, rules }) => {
      const [taken, theirs] = await withChain(key, (netns) => {
        const found = rules.filter(({ name }) => acceptsNft(netns, textOf(golden.get(name)!)))
        return [found, asMeant(plainRuleset(netns))] as const
      })
      const refused = rules.filter((one) => !taken.includes(one))
      // What was taken when the fixtures were recorded is taken everywhere.
      expect(refused.filter(({ name }) => golden.get(name)!.exit === 0)).toEqual([])
      await withChain(key, async (netns) => {
        for (const one of refused)
          await expect(
            transaction((tx) => addRule(tx, one), { netns }),
            one.name,
          ).rejects.toMatchObject({
            code: expect.stringMatching(/^(EOPNOTSUPP|ENOENT)$/),
          })
        await transaction(
          (tx) => {
            for (const one of taken) addRule(tx, one)
          },
          { netns },
        )
        expect(plainRuleset(netns)).toEqual(theirs)
        // A chain of a rule's own comes back with the name that the kernel gave it.
        if (rules.some(({ prefix }) => prefix === 'binding')) return
        const ruleset = await listRuleset({ netns })
        await transaction((tx) => again(tx, ruleset), { netns })
        expect(plainRuleset(netns)).toEqual(theirs)
      })
    },
  )
})
