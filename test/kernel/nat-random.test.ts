/**
 * Verbs of NAT at random: called, called again with something else, withdrawn once or twice, killed in the middle. Whatever the way there, the
 * ruleset is the one of the same entries made once each.
 */

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { allowForwarding } from '../../src/nat/allow-forwarding.js'
import { blockPort } from '../../src/nat/block-port.js'
import { isolate } from '../../src/nat/isolate.js'
import type { NatEntry } from '../../src/nat/list-nat.js'
import { listNat } from '../../src/nat/list-nat.js'
import type { Made } from '../../src/nat/made.js'
import { masquerade } from '../../src/nat/masquerade.js'
import { publishPort } from '../../src/nat/publish-port.js'
import { NetlinkError } from '../../src/netlink/errors.js'
import type { Operation } from '../../src/netlink/operation.js'
import { runSync } from '../../src/socket/sync-driver.js'
import { needNftables } from './needs.js'
import { nftIn } from './nft-support.js'
import { PATIENCE } from './patience.js'
import { withNetns } from './support.js'
import { KILLED, watched } from './watched.js'

needNftables()

const RUNS = Number(process.env['NAT_RUNS'] ?? 30)
const SEED = Number(process.env['NAT_SEED'] ?? 1)

const VERBS = {
  masquerade,
  publishPort,
  isolate: ({ dev, ...options }: { dev: string }) => isolate(dev, options),
  allowForwarding,
  blockPort,
}
type Verb = keyof typeof VERBS

/** A verb with its options. */
interface Call {
  readonly verb: Verb
  readonly options: object
}

function operation({ verb, options }: Call, netns: string): Operation<Made<NatEntry>> {
  const make = VERBS[verb] as (options: object) => Operation<Made<NatEntry>>
  return make({ ...options, netns })
}

const { constantFrom: one } = fc
/** Options each of which may be missing but for the `required`. */
const options = (verb: Verb, required: object, optional: Record<string, fc.Arbitrary<unknown>>) =>
  fc.record(optional, { requiredKeys: [] }).map((rest): Call => ({ verb, options: { ...required, ...rest } }))
const named = { name: one('a', 'b') }

const CALLS: fc.Arbitrary<Call> = fc.oneof(
  one('192.168.15.0/24', 'fd00:15::/64').chain((source) =>
    options('masquerade', { source }, { outgoing: one('eth0', 'eth*'), except: one(source), ...named }),
  ),
  ...[
    { hostPort: one<unknown>(80, 81), to: one('192.168.15.2:80', '192.168.15.3:80', '192.168.15.2') },
    { hostPort: one<unknown>('80-82'), to: one('192.168.15.2:80-82', '192.168.15.2', '192.168.15.3:90-92') },
  ].map(({ hostPort, to }) =>
    fc.record({ hostPort, to }).chain((required) =>
      options('publishPort', required, {
        protocol: one('tcp', 'udp'),
        hostAddress: one('192.0.2.1', '0.0.0.0'),
        dev: one('br0', 'br1'),
        ...named,
      }),
    ),
  ),
  fc
    .record({ hostPort: one(80, 81), to: one('[fd00::2]:80', '[fd00::3]:80') })
    .chain((required) => options('publishPort', required, { dev: one('br0'), ...named })),
  one('br0', 'br1').chain((dev) => options('isolate', { dev }, { from: one('br1', 'br2'), ...named })),
  options('allowForwarding', { from: 'br0' }, { to: one('br1', 'br2') }),
  options('allowForwarding', { to: 'br0' }, {}),
  one<unknown>(22, '22-23').chain((port) =>
    options('blockPort', { port }, { source: one('192.0.2.0/24'), ...named }),
  ),
)

/** A call, in which the process may be killed before an effect; or the withdrawal of one of what has been made, by its place. */
type Act = { readonly call: Call; readonly killedAt: number | null } | { readonly withdraw: number }

const ACTS: fc.Arbitrary<Act[]> = fc.array(
  fc.oneof(
    fc.record({ call: CALLS, killedAt: fc.option(fc.nat(20), { freq: 2 }) }),
    fc.record({ withdraw: fc.nat(20) }),
  ),
  { minLength: 3, maxLength: 16 },
)

const act = (verb: Verb, options: object): Act => ({ call: { verb, options }, killedAt: null })

/** What went wrong once. */
const EXAMPLES: [Act[]][] = [
  // The handle took away what had its name later.
  [[act('blockPort', { port: 22, name: 'a' }), act('blockPort', { port: 23, name: 'a' }), { withdraw: 0 }]],
]

/** An entry that cannot be there twice: a chain, a pair of interfaces, one published port. */
interface Entry {
  readonly key: string
  readonly call: Call
}

function entriesOf(made: NatEntry): Entry[] {
  const { verb, ...rest } = made
  const isGiven = ([, value]: [string, unknown]) =>
    value !== null && !(Array.isArray(value) && value.length === 0)
  const given = Object.fromEntries(Object.entries(rest).filter(isGiven))
  if (made.verb !== 'publishPort') {
    const key = made.verb === 'allowForwarding' ? `${made.from} ${made.to}` : made.name
    return [{ key: `${verb} ${key}`, call: { verb, options: given } }]
  }
  const [first, last = first] = String(made.hostPort).split('-').map(Number) as [number, number?]
  const [, address, to] = /^(.*):(\d+)/.exec(made.to) as unknown as [string, string, string]
  return Array.from({ length: last - first + 1 }, (_, i) => ({
    key: `${made.protocol} ${address.includes(':')} ${made.hostAddress} ${first + i}`,
    call: { verb, options: { ...given, hostPort: first + i, to: `${address}:${Number(to) + i}` } },
  }))
}

/** What is there, by the keys. */
type Model = ReadonlyMap<string, Call>

const nameOf = (call: Call | undefined) => (call?.options as { name?: string } | undefined)?.name

/** Null where one of the ports is another's. */
function added(model: Model, made: NatEntry): Model | null {
  const entries = entriesOf(made)
  const isTaken = ({ key, call }: Entry) => model.has(key) && nameOf(model.get(key)) !== nameOf(call)
  if (entries.some(isTaken)) return null
  return new Map([...model, ...entries.map(({ key, call }) => [key, call] as const)])
}

/** Without what is still what was made. */
function withdrawn(model: Model, made: NatEntry): Model {
  const left = new Map(model)
  for (const { key, call } of entriesOf(made)) if (isSame(model.get(key), call)) left.delete(key)
  return left
}

/** Whichever interface its target is said to be behind, a port is the same. */
function isSame(call: Call | undefined, made: Call): boolean {
  const plain = (one: Call | undefined) =>
    JSON.stringify(one, (key, value) => (one?.verb === 'publishPort' && key === 'dev' ? undefined : value))
  return plain(call) === plain(made)
}

/** The ruleset, in no order. */
function rulesetOf(netns: string): string[] {
  const text = nftIn(netns, 'list ruleset')
  return text
    .replace(/elements = \{([^}]*)\}/g, (_, list: string) => {
      const sorted = list.split(',').map((each) => each.trim())
      return `elements = ${sorted.sort().join()}`
    })
    .split('\n')
    .sort()
}

/** The ruleset of a namespace in which these were made, where what others need had been made before. */
function rulesetWith(model: Model, others: readonly Call[]): Promise<string[]> {
  return withNetns((netns) => {
    nftIn(netns, THEIRS)
    for (const call of others) runSync(runSync(operation(call, netns)).withdraw())
    for (const call of model.values()) runSync(operation(call, netns))
    return rulesetOf(netns)
  })
}

const THEIRS =
  'table ip nat { chain theirs { type nat hook postrouting priority 100; ip saddr 10.0.0.0/8 masquerade; }; }'

/** What it returns or throws; KILLED where it was. */
function run(doing: Operation<Made<NatEntry>>, killedAt: number | null): Made<NatEntry> | unknown {
  let effects = 0
  try {
    return runSync(watched(doing, () => (effects++ === killedAt ? KILLED : undefined)))
  } catch (error) {
    return error
  }
}

it('verbs make what they say, and withdraw what they made, in any order', {
  timeout: RUNS * 60_000 * PATIENCE,
}, async () => {
  const asSaid = fc.asyncProperty(ACTS, (acts) =>
    withNetns(async (netns) => {
      nftIn(netns, THEIRS)
      let model: Model = new Map()
      const calls: Call[] = []
      const handles: Made<NatEntry>[] = []
      for (const act of acts) {
        if ('withdraw' in act) {
          const handle = handles[act.withdraw % (handles.length || 1)]
          if (handle === undefined) continue
          runSync(handle.withdraw())
          model = withdrawn(model, handle.value)
        } else {
          calls.push(act.call)
          const end = run(operation(act.call, netns), act.killedAt)
          // The same once more makes up for what was not done.
          const made = end === KILLED ? run(operation(act.call, netns), null) : end
          if (made instanceof NetlinkError) {
            expect(made.code).toBe('EEXIST')
            expect(made.message).toContain('it is published as')
            continue
          }
          handles.push(made as Made<NatEntry>)
          const next = added(model, (made as Made<NatEntry>).value)
          expect(next, 'a port of another name was published').not.toBeNull()
          model = next!
        }
      }
      const listed = runSync(listNat({ netns })).flatMap(({ value }) => entriesOf(value))
      expect(new Map(listed.map(({ key, call }) => [key, call]))).toEqual(new Map(model))
      expect(rulesetOf(netns)).toEqual(await rulesetWith(model, calls))
    }),
  )
  await fc.assert(asSaid, { numRuns: RUNS, seed: SEED, examples: EXAMPLES })
})
