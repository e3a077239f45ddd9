/**
 * Verbs of NAT at random, in one namespace by a handle that is kept, whose calls ask nothing after many new things in a row, in another one by
 * its name, where each call has a channel of its own and asks always. Whatever other programs do in between, both are the same in the end.
 */

import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { allowForwarding } from '../../src/nat/allow-forwarding.js'
import { listNat } from '../../src/nat/list-nat.js'
import type { Made } from '../../src/nat/made.js'
import { masquerade } from '../../src/nat/masquerade.js'
import { publishPort } from '../../src/nat/publish-port.js'
import { NetlinkError } from '../../src/netlink/errors.js'
import type { NetnsLike, Operation } from '../../src/netlink/operation.js'
import type { RequestTiming } from '../../src/netlink/timing.js'
import { transaction } from '../../src/nftables/transaction.js'
import { runSync } from '../../src/socket/sync-driver.js'
import { openNetns } from '../../src/sync.js'
import { needNftables } from './needs.js'
import { nftIn, plainRuleset } from './nft-support.js'
import { PATIENCE } from './patience.js'
import { withNetns } from './support.js'

needNftables()

const RUNS = Number(process.env['NAT_UNASKED_RUNS'] ?? 8)
const SEED = Number(process.env['NAT_UNASKED_SEED'] ?? 1)

/** After so many new ones in a row nothing is asked. */
const ROW = 8

/** How a port is published, but for its number. */
interface Way {
  readonly isIpv6: boolean
  readonly isWide: boolean
  readonly isOfOneAddress: boolean
  /** Several ports have the same target. */
  readonly isShared: boolean
  readonly name: string | undefined
}

const PLAIN: Way = {
  isIpv6: false,
  isWide: false,
  isOfOneAddress: false,
  isShared: false,
  name: undefined,
}

/** What is made: a port, or a network under this name. */
type Verb = { readonly port: Way } | { readonly network: string | undefined }

/** `at` is the place of what it is about, so that the same one again meets what is there. */
function operation(verb: Verb, at: number, netns: NetnsLike): Operation<Made<unknown>> {
  if ('network' in verb)
    return masquerade({ source: `10.${at >> 8}.${at & 255}.0/24`, name: verb.network, netns })
  const { isIpv6, isWide, isOfOneAddress, isShared, name } = verb.port
  const first = 2000 + 20 * at
  const host = isShared ? at % 2 : 10 + at
  const address = isIpv6 ? `[fd00:15::${host.toString(16)}]` : `10.15.${host >> 8}.${host & 255}`
  return publishPort({
    hostPort: isWide ? `${first}-${first + 17}` : first,
    to: isWide ? address : `${address}:80`,
    hostAddress: isOfOneAddress ? (isIpv6 ? 'fd00:1::1' : '192.0.2.1') : undefined,
    dev: 'br0',
    name,
    netns,
  })
}

const MOST: readonly Verb[] = [{ port: PLAIN }, { network: undefined }]

/** What another program does: to what the verbs made, or beside it. It may be refused where that is not there. */
const DISTURBANCES = [
  'delete table inet netlink-ts',
  'flush table inet netlink-ts',
  'flush chain inet netlink-ts publish',
  'flush map inet netlink-ts ports4',
  'flush set inet netlink-ts hairpin4',
  'flush ruleset',
  'add table inet other',
]

type Act =
  /** So many times, of what no call was about before; or of what an earlier one may have been about. */
  | { readonly verb: Verb; readonly times: number; readonly again: number | null }
  | { readonly withdraw: number }
  | { readonly allow: string }
  | { readonly table: string }
  | { readonly nft: string }

const { constantFrom: one } = fc
/** One in four has it. */
const rarely = <T>(value: T) => one(undefined, undefined, undefined, value)
const seldom = one(false, false, false, true)
const WAYS = fc.record({
  isIpv6: fc.boolean(),
  isWide: seldom,
  isOfOneAddress: fc.boolean(),
  isShared: seldom,
  name: rarely('a'),
})
const VERBS: fc.Arbitrary<Verb> = fc.oneof(fc.record({ port: WAYS }), fc.record({ network: rarely('b') }))
const NEW = fc.record({ verb: VERBS, times: one(1, 2), again: one(null) })
const ROWS = fc.record({
  verb: one(...MOST),
  times: one(ROW + 1),
  again: one(null),
})
const AGAIN = fc.record({ verb: VERBS, times: one(1), again: fc.nat(30) })
const DISTURBED = fc.record({ nft: one(...DISTURBANCES) })

const ACTS: fc.Arbitrary<Act[]> = fc.array(
  fc.oneof<{ weight: number; arbitrary: fc.Arbitrary<Act> }[]>(
    { weight: 8, arbitrary: NEW },
    { weight: 2, arbitrary: ROWS },
    { weight: 3, arbitrary: AGAIN },
    { weight: 2, arbitrary: fc.record({ withdraw: fc.nat(60) }) },
    { weight: 1, arbitrary: fc.record({ allow: one('br0', 'br1') }) },
    { weight: 1, arbitrary: fc.record({ table: one('one', 'two') }) },
    { weight: 2, arbitrary: DISTURBED },
  ),
  { minLength: 12, maxLength: 24, size: 'max' },
)

/** The same in both namespaces. */
class Twins {
  readonly #netns: readonly NetnsLike[]
  readonly #made: (readonly unknown[])[] = []
  #next = 0

  constructor(
    readonly names: readonly [string, string],
    kept: NetnsLike,
  ) {
    this.#netns = [kept, names[1]]
  }

  do(act: Act): void {
    if ('verb' in act) {
      for (let i = 0; i < act.times; i++) {
        const at = act.again ?? this.#next++
        this.#made.push(this.#both((netns) => operation(act.verb, at, netns)))
      }
    } else if ('withdraw' in act) {
      const pair = this.#made[act.withdraw % (this.#made.length || 1)]
      if (pair === undefined || pair[0] instanceof NetlinkError) return
      this.#both((_, i) => (pair[i] as Made<unknown>).withdraw())
    } else if ('allow' in act) {
      this.#made.push(this.#both((netns) => allowForwarding({ from: act.allow, netns })))
    } else if ('table' in act) {
      this.#both((netns) => transaction((tx) => tx.addTable({ family: 'ip', name: act.table }), { netns }))
    } else {
      this.compare()
      const [kept, named] = this.names.map((name) => toldBy(() => nftIn(name, act.nft)))
      expect(kept === '', `${act.nft}: ${kept} ${named}`).toBe(named === '')
    }
  }

  compare(): void {
    const [kept, named] = this.names
    expect(plainRuleset(kept)).toEqual(plainRuleset(named))
    const listed = this.#netns.map((netns) =>
      runSync(listNat({ netns }))
        .map(({ value }) => JSON.stringify(value))
        .sort(),
    )
    expect(listed[0]).toEqual(listed[1])
  }

  /** What it returned or failed with in each, which is the same. */
  #both(call: (netns: NetnsLike, i: number) => Operation<unknown>): readonly unknown[] {
    const ends = this.#netns.map((netns, i) => endOf(() => runSync(call(netns, i))))
    const [kept, named] = ends.map(comparable)
    expect(kept).toEqual(named)
    return ends
  }
}

function endOf(call: () => unknown): unknown {
  try {
    return call()
  } catch (error) {
    if (error instanceof NetlinkError) return error
    throw error
  }
}

/** What a command failed with; nothing where it did not. */
function toldBy(command: () => unknown): string {
  try {
    command()
    return ''
  } catch (error) {
    return String(error)
  }
}

/** The generation of a transaction depends on what was done before. */
function comparable(end: unknown): unknown {
  if (end instanceof NetlinkError) return { code: end.code, advice: end.advice }
  return (end as Partial<Made<unknown>> | undefined)?.value
}

const FIRST: readonly Act[] = MOST.map((verb) => ({
  verb,
  times: ROW + 1,
  again: null,
}))

it('verbs that ask nothing make what those make that ask', {
  timeout: RUNS * 60_000 * PATIENCE,
}, async () => {
  /** Of the calls on kept handles, and of the others. */
  const asked = { kept: 0, named: 0 }
  /** What the kernel refused. */
  const refused = { kept: new Set<string | null>(), named: new Set<string | null>() }
  let keptIn = ''
  const count = (timing: unknown) => {
    const { operation, where, code } = timing as RequestTiming
    const whose = where.includes(`'${keptIn}'`) ? 'kept' : 'named'
    if (operation === 'NFT_MSG_GETGEN') asked[whose]++
    if (code !== 'ENOENT') refused[whose].add(code)
  }
  const same = fc.asyncProperty(DISTURBED, ACTS, (disturbed, acts) =>
    withNetns((first) =>
      withNetns((second) => {
        keptIn = first
        using netns = openNetns(first)
        const twins = new Twins([first, second], netns)
        for (const act of [...FIRST, disturbed, ...acts]) twins.do(act)
        twins.compare()
      }),
    ),
  )
  subscribe('netlink-ts:request', count)
  try {
    await fc.assert(same, { numRuns: RUNS, seed: SEED })
  } finally {
    unsubscribe('netlink-ts:request', count)
  }
  // A guess that is wrong asks as the others do, one that is right does not.
  expect(asked.kept).toBeLessThan(asked.named)
  // Those that ask know what is there.
  expect([...refused.named]).toEqual([null])
  if (SEED === 1 && RUNS >= 8) expect([...refused.kept].sort()).toEqual(['EEXIST', 'ERESTART', null])
})
