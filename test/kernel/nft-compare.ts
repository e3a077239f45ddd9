/** Rules of nft(8) and of the builder, each in a namespace of its own: what the kernel holds of them. */

import { withNetfilter } from '../../src/netlink/netfilter.js'
import type { Channel, Operation } from '../../src/netlink/operation.js'
import { elementsIn } from '../../src/nftables/dumps.js'
import { familyNumber } from '../../src/nftables/input.js'
import { listRuleset, type NftRuleContents } from '../../src/nftables/ruleset.js'
import { transaction } from '../../src/nftables-sync.js'
import { runSync } from '../../src/socket/sync-driver.js'
import { SETS } from '../nft-random-matches.js'
import { MORE_SETS } from '../nft-random-more.js'
import { CHAINS, type RandomRule } from '../nft-random-rules.js'
import { spawnSync } from './programs.js'

/** Gives nft many commands, each for itself: one that fails leaves the others as they are. */
export function nftEach(netns: string, commands: readonly string[]): { said: string; crashed: boolean } {
  const { stderr, status } = spawnSync('ip', ['netns', 'exec', netns, 'nft', '-i'], {
    input: `${commands.join('\n')}\n`,
  })
  return { said: stderr, crashed: status !== 0 }
}

const FAMILIES = Object.keys(CHAINS)
/** Makes the tables, the chains and the sets. */
export const TABLES: readonly string[] = [
  ...FAMILIES.flatMap((family) => [
    `add table ${family} t`,
    `add chain ${family} t d`,
    ...Object.entries(CHAINS[family]!).map(([chain, hook]) => `add chain ${family} t ${chain} { ${hook}; }`),
  ]),
  ...SETS,
  ...MORE_SETS,
]
const EMPTY: readonly string[] = FAMILIES.flatMap((family) =>
  Object.keys(CHAINS[family]!).map((chain) => `flush chain ${family} t ${chain}`),
)

/** What became of a rule: what the kernel holds of it, or `refused: ` and why. */
export interface Outcome {
  readonly rule: RandomRule
  readonly ours: string
  readonly theirs: string
}

/** Makes each rule by nft and by the builder. Those at which nft itself crashes are left out. */
export function compare(rules: readonly RandomRule[], netns: { theirs: string; ours: string }): Outcome[] {
  if (rules.length === 0) return []
  const { theirs, ours } = netns
  for (const one of [theirs, ours]) nftEach(one, EMPTY)
  const { said, crashed } = nftEach(
    theirs,
    rules.map(({ family, chain, text }, i) => `add rule ${family} t ${chain} ${text} comment "${i}"`),
  )
  const found = held(theirs)
  const told = [...said.matchAll(/comment "(\d+)"$/gm)].map(([, comment]) => comment!)
  const done = crashed ? Math.max(-1, ...[...found.keys(), ...told].map(Number)) + 1 : rules.length
  const tried = rules.slice(0, done)
  const errors = tried.map((rule, i) => errorOf(rule, `${i}`, ours))
  const made = held(ours)
  return [
    ...tried.map((rule, i) => ({
      rule,
      theirs: found.get(`${i}`) ?? `refused: ${reasonIn(said, `comment "${i}"`)}`,
      ours: made.get(`${i}`) ?? `refused: ${errors[i]}`,
    })),
    ...compare(rules.slice(done + 1), netns),
  ]
}

function errorOf({ family, chain, ours }: RandomRule, comment: string, netns: string): unknown {
  try {
    transaction((tx) => tx.addRule({ family, table: 't', chain, rule: ours(), comment }), { netns })
    return undefined
  } catch (error) {
    return error
  }
}

/** What nft says stands around the command. */
function reasonIn(said: string, comment: string): string {
  const lines = said.split('\n')
  return lines[lines.findIndex((line) => line.endsWith(comment)) - 1] ?? ''
}

/** What the kernel holds of each rule, by its comment. */
export function held(netns: string): Map<string, string> {
  return runSync(withNetfilter(netns, (channel) => heldIn(channel, netns)))
}

function* heldIn(channel: Channel, netns: string): Operation<Map<string, string>> {
  const { tables } = yield* listRuleset({ netns })
  const found = new Map<string, string>()
  for (const { rules } of tables.flatMap(({ chains }) => chains))
    for (const rule of rules) found.set(rule.comment ?? '', JSON.stringify(yield* contents(channel, rule)))
  return found
}

function* contents(channel: Channel, { expressions, sets, chains }: NftRuleContents): Operation<unknown> {
  const made: unknown[] = []
  for (const set of sets) {
    const { keyLen, dataLen, flags } = set
    // As bytes, of whatever type: ours can have another one of the same length.
    const map = set.map === 'verdict' ? set.map : null
    const elements = yield* elementsIn(channel, familyNumber(set.family), { ...set, type: null, map })
    // nft marks there what it wants to see again.
    const plain = elements.map((one) => JSON.stringify({ ...one, userdata: null }, shown)).sort()
    made.push({ keyLen, dataLen, map, flags, elements: plain })
  }
  const within: unknown[] = []
  for (const rule of chains.flatMap(({ rules }) => rules)) within.push(yield* contents(channel, rule))
  const plain: Plain[] = JSON.parse(JSON.stringify(expressions, shown))
  // Sets and chains without a name are numbered by the kernel.
  const names = [...sets, ...chains].map(({ name }) => `"${name}"`)
  const text = JSON.stringify({ expressions: canonical(plain), sets: made, chains: within })
  return JSON.parse(names.reduce((all, name, i) => all.replaceAll(name, `"#${i}"`), text))
}

function shown(_: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  return typeof value === 'bigint' ? `${value}n` : value
}

interface Plain {
  readonly name: string
  readonly data?: Readonly<Record<string, unknown>> & { readonly data?: { readonly value?: string } }
}

/** How the protocol of a packet is compared: the field, its register and the value. */
const NETWORKS: Readonly<Record<string, string>> = {
  'meta nfproto 02': 'ip',
  'meta nfproto 0a': 'ip6',
  'meta protocol 0800': 'ip',
  'meta protocol 86dd': 'ip6',
  'meta protocol 0806': 'arp',
  'link-layer-header 12 0800': 'ip',
  'link-layer-header 12 86dd': 'ip6',
  'link-layer-header 12 0806': 'arp',
  'link-layer-header 16 0800': 'ip',
  'link-layer-header 16 86dd': 'ip6',
  'link-layer-header 16 0806': 'arp',
  'meta iiftype 0100': 'ether',
}

/**
 * What the packets have to be, before the rest: nft looks for it before all else where an option or an extension header follows, and in the
 * Ethernet header where ours asks for the protocol of the packet. Without what changes nothing: the order of the one byte of a number.
 */
function canonical(all: readonly Plain[]): unknown[] {
  const needed = new Set<string>()
  const rest: Plain[] = []
  for (let i = 0; i < all.length; i++) {
    const need = needAt(all, i)
    if (need !== undefined) {
      needed.add(need)
      i++
    } else if (!isIdle(all[i]!)) {
      rest.push(all[i]!)
    }
  }
  return [[...needed].sort(), rest]
}

function needAt(all: readonly Plain[], i: number): string | undefined {
  const [{ name, data }, next] = [all[i]!, all[i + 1]]
  if (next?.name !== 'cmp' || next.data?.['op'] !== 'eq' || data?.['dreg'] !== next.data['sreg']) return
  const field = name === 'meta' ? `meta ${data?.['key']}` : `${data?.['base']} ${data?.['offset']}`
  return NETWORKS[`${field} ${next.data?.data?.value}`]
}

function isIdle({ name, data }: Plain): boolean {
  return name === 'byteorder' && (data?.['len'] as number) < (data?.['size'] as number)
}
