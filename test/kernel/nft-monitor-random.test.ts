/** What monitorNftables() tells at random transactions of nft(8): a ruleset that is kept by events alone is what is listed in the end. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { listRuleset, monitorNftables, type NftEvent, type NftRuleset } from '../../src/nftables.js'
import { needNftables } from './needs.js'
import { nftIn } from './nft-support.js'
import { PATIENCE } from './patience.js'
import { phrase } from './phrase.js'
import { spawnSync } from './programs.js'
import { hasTool, ip, withNetns } from './support.js'

needNftables()

const RUNS = Number(process.env['NFT_MONITOR_RUNS'] ?? 10)
const SEED = Number(process.env['NFT_MONITOR_SEED'] ?? 1)

const { constantFrom: one } = fc

const TABLE = one('inet t', 'ip u')
const CHAIN = one('c', 'd', 'base', 'in')
const SET = one('s', 'r', 'm', 'w', 'p')
const OBJECT = one('counter n', 'quota q', 'limit l')
/** As they are counted in a table, from what it begins with. */
const HANDLE = fc.integer({ min: 8, max: 30 }).map(String)
const BODY = one(
  'counter accept',
  'tcp dport 80 counter accept comment "web"',
  'ip saddr @s drop',
  'ip saddr { 10.0.0.1, 10.0.0.2 } counter',
  'tcp dport vmap { 22 : accept, 80-90 : jump d }',
  'ip daddr vmap @m',
  'counter name "n"',
  'jump d',
  'limit rate 5/second accept',
)
const ELEMENT = one('10.0.0.1', '10.0.0.2', '10.0.0.3 comment "three"')
const RANGE = one('10.0.0.0/24', '10.0.1.1-10.0.1.9', '192.0.2.1')
const PAIR = one('10.0.0.1 : accept', '10.0.0.2 : jump d', '10.0.0.3 : drop')

/** What a script begins with. */
const BEFORE = ['inet t', 'ip u']
  .flatMap((table) => [
    `add table ${table}`,
    `add counter ${table} n`,
    `add set ${table} s { type ipv4_addr; }`,
    `add set ${table} r { type ipv4_addr; flags interval; }`,
    `add map ${table} m { type ipv4_addr : verdict; }`,
    ...['c', 'd', 'base'].map((chain) => `add chain ${table} ${chain}`),
  ])
  .join('; ')

const ADDITION = fc.oneof(
  phrase('add table inet', one('t', 'v'), '{ comment "first"; flags dormant; }'),
  phrase('add chain', TABLE, one('c', 'd', 'e')),
  phrase('add chain', TABLE, 'in { type filter hook input priority 0; policy', one('accept', 'drop'), '; }'),
  phrase('add set', TABLE, 'w { type ipv4_addr ;', one('', 'size 99;', 'timeout 1h;', 'comment "s";'), '}'),
  phrase('add map', TABLE, 'p { type inet_service : ipv4_addr; }'),
  phrase('add counter', TABLE, one('n', 'n { packets 7 bytes 700 }')),
  phrase('add quota', TABLE, 'q', one('over 7 mbytes', 'until 9 kbytes')),
  phrase('add limit', TABLE, 'l', one('rate 7/second', 'rate over 1 kbytes/second')),
  phrase(
    'add flowtable',
    TABLE,
    'f { hook ingress priority 0; devices = {',
    one('eth0', 'eth0, eth1'),
    '}; }',
  ),
)
const RULE = fc.oneof(
  phrase(one('add', 'insert'), 'rule', TABLE, CHAIN, BODY),
  phrase('replace rule', TABLE, CHAIN, 'handle', HANDLE, BODY),
  phrase('delete rule', TABLE, CHAIN, 'handle', HANDLE),
)
const CONTENT = fc.oneof(
  phrase(one('add', 'add', 'delete'), 'element', TABLE, 's {', ELEMENT, '}'),
  phrase(one('add', 'add', 'delete'), 'element', TABLE, 'r {', RANGE, '}'),
  phrase(one('add', 'add', 'delete'), 'element', TABLE, 'm {', PAIR, '}'),
)
const END = fc.oneof(
  phrase(one('delete', 'flush'), 'chain', TABLE, CHAIN),
  phrase(one('delete', 'flush'), 'set', TABLE, SET),
  fc.tuple(OBJECT, TABLE).map(([object, table]) => `delete ${object.replace(' ', ` ${table} `)}`),
  phrase('delete flowtable', TABLE, 'f'),
  phrase(one('delete', 'flush', 'flush'), 'table', TABLE),
  one('flush ruleset ip'),
)
/** Commands of nft; many are refused, and with them their transaction. */
const COMMAND = fc.oneof(
  { weight: 2, arbitrary: ADDITION },
  { weight: 5, arbitrary: RULE },
  { weight: 1, arbitrary: CONTENT },
  { weight: 1, arbitrary: END },
)
const SCRIPT = fc.array(fc.array(COMMAND, { minLength: 1, maxLength: 2 }), { minLength: 20, maxLength: 40 })

/** By its kind and what tells one of its kind from others. */
type Picture = Map<string, object>

const KINDS = ['table', 'chain', 'rule', 'set', 'object', 'flowtable'] as const
type Kind = (typeof KINDS)[number]

interface Thing {
  readonly family: unknown
  readonly table?: string
  readonly name?: string
  readonly handle: number
}

/** Handles count within a table, those of tables within a namespace. */
function keyOf(kind: Kind, { family, table, name, handle }: Thing): string {
  return JSON.stringify(kind === 'table' ? [kind, family, name] : [kind, family, table, handle])
}

/** Without what is only counted, where a rule stands, and what a list puts into it. */
function told(thing: object): object {
  const {
    use: _u,
    position: _p,
    count: _n,
    rules: _r,
    chains: _c,
    sets: _s,
    elements: _e,
    ...rest
  } = {
    ...(thing as Record<string, unknown>),
  }
  return rest
}

/** Sets whose elements are followed: those of intervals are told as two each. */
const FOLLOWED = ['s', 'm']

interface Place {
  readonly family: unknown
  readonly table: string
  readonly set: string
}

const elementKey = ({ family, table, set }: Place, key: string) =>
  JSON.stringify(['element', family, table, set, key])

function follow(picture: Picture, event: NftEvent): void {
  if (event.type === 'resync') throw new Error('events are missing')
  if (event.type === 'generation') return
  if (event.type === 'elements') {
    if (!FOLLOWED.includes(event.set)) return
    for (const { key, comment } of event.elements) {
      const name = elementKey(event, (key as Uint8Array).join('.'))
      if (event.action === 'new') picture.set(name, { comment })
      else picture.delete(name)
    }
    return
  }
  const thing = event[event.type as never] as Thing
  const key = keyOf(event.type, thing)
  if (event.action === 'new') picture.set(key, told(thing))
  else picture.delete(key)
  // Elements go with their set, and it alone is told of.
  if (event.type === 'set' && event.action === 'delete') {
    const { family, table, name } = event.set
    const first = elementKey({ family, table, set: name }, '').slice(0, -2)
    for (const one of picture.keys()) if (one.startsWith(first)) picture.delete(one)
  }
}

function listed({ tables }: NftRuleset): Picture {
  const picture: Picture = new Map()
  const put = (kind: Kind, all: readonly Thing[]) => {
    for (const thing of all) picture.set(keyOf(kind, thing), told(thing))
  }
  for (const { chains, sets, objects, flowtables, ...table } of tables) {
    const rules = chains.flatMap((chain) => chain.rules)
    put('table', [table])
    put('chain', chains)
    put('rule', rules)
    put('set', [...sets, ...rules.flatMap((rule) => rule.sets)])
    put('object', objects)
    put('flowtable', flowtables)
    for (const { name, elements } of sets.filter((set) => FOLLOWED.includes(set.name)))
      for (const { key, comment } of elements)
        picture.set(elementKey({ family: table.family, table: table.name, set: name }, String(key)), {
          comment,
        })
  }
  return picture
}

const sorted = (picture: Picture) => Object.fromEntries([...picture].sort(([a], [b]) => (a < b ? -1 : 1)))

describe.skipIf(!hasTool('nft'))('events of transactions at random', () => {
  it('add up to the ruleset that is there', { timeout: 120_000 * PATIENCE }, async () => {
    let committed = 0
    await fc.assert(
      fc.asyncProperty(SCRIPT, (script) =>
        withNetns(async (netns) => {
          ip('link add eth0 type veth peer name eth1', netns)
          const picture: Picture = new Map()
          await using events = await monitorNftables({ netns })
          const reading = (async () => {
            for await (const event of events) {
              follow(picture, event)
              if (event.type === 'generation') committed++
            }
          })()
          nftIn(netns, BEFORE)
          const transactions = script.map((commands) => commands.join('\n'))
          const input = transactions.map((lines) => `nft -f - <<'END'\n${lines}\nEND\n`).join('')
          spawnSync('ip', ['netns', 'exec', netns, 'sh'], { input })
          const there = sorted(listed(await listRuleset({ netns })))
          await expect.poll(() => sorted(picture), { timeout: 2_000 * PATIENCE }).toEqual(there)
          await events.close()
          await reading
        }),
      ),
      { numRuns: RUNS, seed: SEED, endOnFailure: true },
    )
    // Not all are refused.
    expect(committed).toBeGreaterThan(8 * RUNS)
  })
})
