/** Routing rules at random, made and deleted by calls and by `ip rule`. */

import fc from 'fast-check'
import { describe, it } from 'vitest'
import type { RuleInput } from '../../src/public.js'
import { hasMulticastRules } from './needs.js'
import { PATIENCE } from './patience.js'
import { expectTwins, type Step, type Words, wordsOf } from './twins.js'

const range = (word: string) => (value: number | { start: number; end: number }) =>
  `${word} ${typeof value === 'number' ? value : `${value.start}-${value.end}`}`

/** In what order ip is told does not matter, but for `not`. */
const WORDS: Words<RuleInput> = {
  invert: (value) => (value ? 'not' : ''),
  priority: (value) => `priority ${value}`,
  from: (value) => `from ${value}`,
  to: (value) => `to ${value}`,
  iif: (value) => `iif ${value}`,
  oif: (value) => `oif ${value}`,
  tos: (value) => `tos 0x${value.toString(16)}`,
  ipProtocol: (value) => `ipproto ${value}`,
  sport: range('sport'),
  dport: range('dport'),
  uidRange: range('uidrange'),
  tunId: (value) => `tun_id ${value}`,
  table: (value) => `table ${value}`,
  goto: (value) => `goto ${value}`,
  action: (value) => `type ${value}`,
  l3mdev: (value) => (value ? 'l3mdev' : ''),
  suppressPrefixLength: (value) => `suppress_prefixlength ${value}`,
  suppressIfgroup: (value) => `suppress_ifgroup ${value}`,
  realms: ({ from, to }) => `realms ${from}/${to}`,
  protocol: (value) => `protocol ${value}`,
}

/** A mark 0 without a mask is any mark to ip, and to addRule() none. */
function words(verb: Verb, { fwmark, fwmask: given, ...rule }: RuleInput): string {
  const fwmask = given ?? (verb === 'add' && fwmark === 0 ? 0xffffffff : null)
  const mask = fwmask == null ? '' : `/${fwmask}`
  const mark = fwmark == null && fwmask == null ? '' : ` fwmark ${fwmark ?? 0}${mask}`
  return wordsOf(WORDS, rule) + mark
}

const { constantFrom: one } = fc

/** Values of which few are different, so that rules meet; and what the kernel refuses of them. */
const SELECTORS: Record<'ipv4' | 'ipv6', Record<string, fc.Arbitrary<unknown>>> = {
  ipv4: {
    from: one('10.1.0.0/16', '10.1.0.0/24', '10.1.0.1', '0.0.0.0/0'),
    to: one('10.2.0.0/16', '10.2.0.9/32'),
    realms: one({ from: 1, to: 2 }, { from: 0, to: 2 }),
  },
  ipv6: { from: one('fd00:1::/64', 'fd00:1::1', '::/0'), to: one('fd00:2::/48', 'fd00:2::9/128') },
}
const COMMON: Record<string, fc.Arbitrary<unknown>> = {
  iif: one('lo', 'v0', 'nodev'),
  oif: one('lo', 'v0', 'nodev'),
  tos: one(0, 0x10, 0x11, 0xfc),
  ipProtocol: one<unknown>('tcp', 'udp', 47),
  sport: one<unknown>(53, { start: 53, end: 53 }, { start: 50, end: 60 }),
  dport: one<unknown>(80, { start: 80, end: 90 }),
  uidRange: one({ start: 0, end: 0 }, { start: 5, end: 10 }),
  tunId: one(7n, 8),
  suppressPrefixLength: one(0, 16, 128),
  suppressIfgroup: one(0, 7),
  protocol: one<unknown>('static', 'kernel', 99),
}
const MULTICAST = ['iif', 'oif', 'uidRange', 'tunId', 'protocol']

const MARK = fc.oneof(
  fc.constant({}),
  one(0, 1, 0x10).map((fwmark) => ({ fwmark })),
  fc.record({ fwmark: one(1, 0x10), fwmask: one(0, 0xff, 0xffffffff) }),
)
const PRIORITY = one(0, 1, 5, 10, 32766, 4294967295)
const DOES: fc.Arbitrary<RuleInput> = fc.oneof(
  { weight: 4, arbitrary: one(100, 101, 254, 1000).map((table) => ({ table })) },
  one('blackhole' as const, 'unreachable' as const, 'prohibit' as const, 'nop' as const).map((action) => ({
    action,
  })),
  PRIORITY.map((goto) => ({ goto })),
  fc.constant({ l3mdev: true }),
)

type Kind = { family: 'ipv4' | 'ipv6'; multicast: boolean }

function ruleOf({ family, multicast }: Kind): fc.Arbitrary<RuleInput> {
  const all = { ...SELECTORS[family], ...COMMON, priority: PRIORITY, invert: fc.constant(true) }
  const arbitraries = Object.entries(all).filter(
    ([key]) => !multicast || [...MULTICAST, 'priority', 'invert'].includes(key),
  )
  return fc
    .tuple(
      fc.subarray(arbitraries, { maxLength: 4 }).chain((some) => fc.record(Object.fromEntries(some))),
      MARK,
      DOES,
    )
    .map((parts) => Object.assign({}, ...parts) as RuleInput)
}

/** Calls that take a rule: of a deletion some of what one has, of a flush what ip filters by. */
const CALLS = { add: 'addRule', del: 'deleteRule', flush: 'flushRules' } as const
type Verb = keyof typeof CALLS

/** Not by prefixes, of which ip takes those inside of them, too. */
const FILTERS = ['table', 'iif', 'oif', 'protocol', 'ipProtocol', 'tunId']

function stepsOf(kind: Kind): fc.Arbitrary<Step[]> {
  const act = fc.tuple(
    fc.nat(),
    fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }),
    one<Verb[]>('add', 'add', 'add', 'del', 'del', 'flush'),
  )
  return fc
    .tuple(
      fc.array(ruleOf(kind), { minLength: 1, maxLength: 6 }),
      fc.array(act, { minLength: 1, maxLength: 12 }),
    )
    .map(([rules, acts]) =>
      acts.flatMap(([which, kept, verb]) => {
        const rule = rules[which % rules.length]!
        const some = partOf(rule, (_, index) => kept[index % kept.length]!)
        if (verb === 'add') return stepOf(kind, verb, rule)
        if (verb === 'del') return stepOf(kind, verb, saysWhich(some) ? some : rule)
        return stepOf(
          kind,
          verb,
          partOf(rule, (key) => FILTERS.includes(key)),
        )
      }),
    )
}

function partOf(rule: RuleInput, isKept: (key: string, index: number) => boolean): RuleInput {
  return Object.fromEntries(Object.entries(rule).filter(([key], index) => isKept(key, index))) as RuleInput
}

/** Ip deletes the first rule of all where nothing says which, the library none. */
const saysWhich = ({ priority, table, action, ipProtocol, iif, oif }: RuleInput) =>
  [priority, table, action, ipProtocol, iif, oif].some((value) => value != null)

/** The kernel would take another rule for what is deleted so, or any: the library looks for it first (rule-delete.test.ts). */
function isLookedUp({ goto, invert, fwmark, fwmask }: RuleInput): boolean {
  return goto != null || invert === true || (fwmark === 0 && fwmask !== 0)
}

function stepOf(kind: Kind, verb: Verb, rule: RuleInput): Step[] {
  if (verb === 'del' && isLookedUp(rule)) return []
  // A flush needs something besides the family.
  if (verb === 'flush' && Object.keys(rule).length === 0) return []
  return [
    {
      command: `${kind.multicast ? 'mrule' : 'rule'} ${verb} ${words(verb, rule)}`,
      verb: CALLS[verb],
      args: [{ ...rule, ...kind }],
    },
  ]
}

const KINDS: Kind[] = (['ipv4', 'ipv6'] as const).flatMap((family) =>
  (hasMulticastRules() ? [false, true] : [false]).map((multicast) => ({ family, multicast })),
)

describe.each(KINDS)('rules of $family, multicast: $multicast', (kind) => {
  it('are what ip makes of them', { timeout: 600_000 * PATIENCE }, () =>
    expectTwins(
      {
        family: kind.family === 'ipv4' ? '-4' : '-6',
        given: ['link add v0 type veth peer name v1'],
        shown: [kind.multicast ? 'mrule show' : 'rule show'],
      },
      stepsOf(kind),
      15,
    ),
  )
})
