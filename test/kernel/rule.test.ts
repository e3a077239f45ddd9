import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import type {
  CallOptions,
  GetRouteOptions as Lookup,
  NumberRange,
  Rule,
  RuleFilter,
  RuleInput,
} from '../../src/index.js'
import { ipBatch } from './ip-batch.js'
import { RULES4, RULES6, USERS } from './made-by-ip.js'
import { hasMulticastRules, since } from './needs.js'
import { expectReadBack, hex, nullIf, type Oracle, tableName, unlessNull } from './read-back.js'
import { FACES, ip, ipJson, type Printed, withVeth } from './support.js'

type GetRouteOptions = Omit<Lookup, keyof CallOptions>

/** Rules that need no other, each as it is given and as ip prints it. */
const made: readonly [RuleInput, Printed][] = [
  [
    { from: '192.0.2.0/24', table: 100 },
    { src: '192.0.2.0', srclen: 24, table: '100' },
  ],
  [
    { from: '192.0.2.1', to: '198.51.100.0/25', table: 254 },
    { src: '192.0.2.1', dst: '198.51.100.0', dstlen: 25, table: 'main' },
  ],
  [
    { family: 'ipv4', iif: 'eth0', oif: 'nodev', table: 1000 },
    { iif: 'eth0', oif: 'nodev', oif_detached: null, table: '1000' },
  ],
  [
    { family: 'ipv4', invert: true, fwmark: 0x10, table: 100 },
    { not: null, fwmark: '0x10', table: '100' },
  ],
  [
    { family: 'ipv4', fwmark: 0x10, fwmask: 0xff, tos: 0x10, table: 100 },
    { fwmark: '0x10', fwmask: '0xff', tos: '0x10', table: '100' },
  ],
  [
    { family: 'ipv4', ipProtocol: 'tcp', sport: 53, table: 100 },
    { ipproto: 'tcp', sport: 53, table: '100' },
  ],
  [
    { family: 'ipv4', ipProtocol: 17, dport: { start: 8000, end: 8999 }, table: 100 },
    { ipproto: 'udp', dport_start: 8000, dport_end: 8999, table: '100' },
  ],
  [
    { family: 'ipv4', uidRange: USERS, table: 100 },
    { uid_start: USERS.start, uid_end: USERS.end, table: '100' },
  ],
  [
    { family: 'ipv4', tunId: 7n, table: 100 },
    { tun_id: 7, table: '100' },
  ],
  [{ family: 'ipv4', goto: 32766 }, { goto: 32766 }],
  [
    { family: 'ipv4', goto: 40000 },
    { goto: 40000, unresolved: null },
  ],
  [{ family: 'ipv4', action: 'nop' }, { nop: null }],
  [
    { from: '192.0.2.1', action: 'blackhole' },
    { src: '192.0.2.1', action: 'blackhole' },
  ],
  [
    { from: '192.0.2.1', action: 'unreachable' },
    { src: '192.0.2.1', action: 'unreachable' },
  ],
  [
    { from: '192.0.2.1', action: 'prohibit' },
    { src: '192.0.2.1', action: 'prohibit' },
  ],
  [{ family: 'ipv4', l3mdev: true }, { l3mdev: null }],
  [
    { family: 'ipv4', table: 254, suppressPrefixLength: 0, suppressIfgroup: 42 },
    { table: 'main', suppress_prefixlen: 0, suppress_ifgroup: '42' },
  ],
  [
    { from: '192.0.2.1', realms: { from: 3, to: 4 }, protocol: 'static', table: 100 },
    { src: '192.0.2.1', flow_from: '3', flow_to: '4', protocol: 'static', table: '100' },
  ],
  [
    { from: '2001:db8::/64', table: 100 },
    { src: '2001:db8::', srclen: 64, table: '100' },
  ],
  [
    { to: '2001:db8::7', iif: 'lo', table: 1000 },
    { dst: '2001:db8::7', iif: 'lo', table: '1000' },
  ],
  [
    { family: 'ipv6', ipProtocol: 'ipv6-icmp', action: 'prohibit' },
    { ipproto: 'ipv6-icmp', action: 'prohibit' },
  ],
]

const DEFAULTS = { priority: 100, src: 'all', protocol: 'unspec' }

function familyOf({ family, from, to }: RuleInput | Rule): '-4' | '-6' {
  return family === 'ipv6' || `${from} ${to}`.includes(':') ? '-6' : '-4'
}

function printed(netns: string): Printed[] {
  return [...ipJson('-4 rule show', netns), ...ipJson('-6 rule show', netns)]
}

const SINCE_6_14 = 'printed since ip 6.14'
const SINCE_6_16 = 'printed since ip 6.16'

function lengthOf(prefix: string | null): number | undefined {
  const length = prefix?.split('/')[1]
  return length === undefined ? undefined : Number(length)
}

/** One number under the name, or the two ends. */
function rangeKeys(name: string, of: (rule: Rule) => NumberRange | null): Oracle<Rule>['keys'] {
  const isOne = (range: NumberRange | null) => range?.start === range?.end
  return {
    [name]: (rule) => (isOne(of(rule)) ? of(rule)?.start : undefined),
    [`${name}_start`]: (rule) => (isOne(of(rule)) ? undefined : of(rule)?.start),
    [`${name}_end`]: (rule) => (isOne(of(rule)) ? undefined : of(rule)?.end),
  }
}

const RULE: Oracle<Rule> = {
  keys: {
    priority: ({ priority }) => priority,
    src: ({ from }) => (from ?? 'all').split('/')[0],
    srclen: ({ from }) => lengthOf(from),
    dst: ({ to }) => to?.split('/')[0],
    dstlen: ({ to }) => lengthOf(to),
    protocol: ({ protocol }) => protocol,
    not: ({ invert }) => nullIf(invert),
    tos: ({ tos }) => (tos === 0 ? undefined : hex(tos)),
    fwmark: ({ fwmark }) => (fwmark === null ? undefined : hex(fwmark)),
    fwmask: ({ fwmask }) => (fwmask === null || fwmask === 0xffffffff ? undefined : hex(fwmask)),
    iif: ({ iif }) => unlessNull(iif),
    iif_detached: ({ flags }) => nullIf(flags.includes('iif-detached')),
    oif: ({ oif }) => unlessNull(oif),
    oif_detached: ({ flags }) => nullIf(flags.includes('oif-detached')),
    unresolved: ({ flags }) => nullIf(flags.includes('unresolved')),
    ipproto: ({ ipProtocol }) => unlessNull(ipProtocol),
    ...rangeKeys('sport', ({ sport }) => sport),
    ...rangeKeys('dport', ({ dport }) => dport),
    // ip prints both ends of users, also where they are one.
    uid_start: ({ uidRange }) => uidRange?.start,
    uid_end: ({ uidRange }) => uidRange?.end,
    tun_id: ({ tunId }) => (tunId === null ? undefined : Number(tunId)),
    table: ({ table }) => (table === null ? undefined : tableName(table)),
    suppress_prefixlen: ({ suppressPrefixLength }) => unlessNull(suppressPrefixLength),
    suppress_ifgroup: ({ suppressIfgroup }) =>
      suppressIfgroup === null ? undefined : String(suppressIfgroup),
    flow_from: ({ realms }) => (realms === null ? undefined : String(realms.from)),
    flow_to: ({ realms }) => (realms === null ? undefined : String(realms.to)),
    goto: ({ goto }) => unlessNull(goto),
    nop: ({ action }) => nullIf(action === 'nop'),
    l3mdev: ({ l3mdev }) => nullIf(l3mdev),
    action: ({ action }) => (['lookup', 'goto', 'nop'].includes(String(action)) ? undefined : action),
  },
  notPrinted: {
    family: 'ip is asked for one at a time',
    multicast: 'ip has another command for them',
    dscp: 'printed since ip 6.11',
    flowlabel: 'printed since ip 6.14',
    ...{ dscpMask: SINCE_6_16, flowlabelMask: SINCE_6_14, sportMask: SINCE_6_16, dportMask: SINCE_6_16 },
  },
}

const FILTERS: readonly [RuleFilter, (rule: Rule) => boolean][] = [
  [{ family: 'ipv6' }, (it) => it.family === 'ipv6'],
  [{ priority: 1003 }, (it) => it.priority === 1003],
  [{ table: 100 }, (it) => it.table === 100],
  [{ table: 254, family: 'ipv4' }, (it) => it.table === 254 && it.family === 'ipv4'],
  [{ from: '192.0.2.1/32' }, (it) => it.from === '192.0.2.1'],
  [{ from: '0.0.0.0/0', family: 'ipv4' }, (it) => it.from === null && it.family === 'ipv4'],
  [{ to: '2001:db8:0::7' }, (it) => it.to === '2001:db8::7'],
  [{ iif: 'lo' }, (it) => it.iif === 'lo'],
  [{ oif: 'nodev' }, (it) => it.oif === 'nodev'],
  [{ fwmark: 0x10 }, (it) => it.fwmark === 0x10],
  [{ ipProtocol: 6 }, (it) => it.ipProtocol === 'tcp'],
  [{ fwmark: 0x10, fwmask: 0xff }, (it) => it.fwmask === 0xff],
  [{ tos: 0x10 }, (it) => it.tos === 0x10],
  [{ sport: 53 }, (it) => it.priority === 1002],
  [{ sport: { start: 53, end: 54 } }, () => false],
  [{ dport: { start: 8000, end: 8999 } }, (it) => it.priority === 1002],
  [{ dport: 8000 }, () => false],
  [{ uidRange: USERS }, (it) => it.priority === 1002],
  [{ invert: true }, (it) => it.priority === 1001 && it.family === 'ipv4'],
  [{ invert: false, table: 1000 }, (it) => it.family === 'ipv6' && it.table === 1000],
  [{ tunId: 7 }, (it) => it.priority === 1010],
  [{ tunId: 7n }, (it) => it.priority === 1010],
  [{ l3mdev: true }, (it) => it.priority === 1009],
  [{ action: 'blackhole' }, (it) => it.action === 'blackhole'],
  [{ action: 8 }, (it) => it.action === 'prohibit'],
  [{ protocol: 2 }, (it) => it.protocol === 'kernel'],
  [{ table: 4711 }, () => false],
]

const FLUSHES: readonly [RuleFilter, string, (rule: Rule) => boolean][] = [
  [{ family: 'ipv4' }, '-4 rule flush', ({ family, priority }) => family === 'ipv4' && priority > 0],
  [{ family: 'ipv6' }, '-6 rule flush', ({ family, priority }) => family === 'ipv6' && priority > 0],
  [{ protocol: 99 }, 'rule flush protocol 99', ({ protocol }) => protocol === 'openr'],
]

describe.each(FACES)('rules, $face', ({ nl }) => {
  it.each(made)('%o: ip prints what addRule made', (rule, told) =>
    withVeth(async (netns) => {
      const before = printed(netns)
      await nl.addRule({ ...rule, priority: 100, netns })
      const found = ipJson(`${familyOf(rule)} rule show`, netns).filter(({ priority }) => priority === 100)
      expect(found).toEqual([{ ...DEFAULTS, ...told }])
      await nl.deleteRule({ ...rule, netns })
      expect(printed(netns)).toEqual(before)
    }),
  )

  it('reads what ip made, field by field, and takes it back', () =>
    withVeth(async (netns) => {
      ipBatch(RULES4, netns)
      ipBatch(RULES6, netns, '-6')
      const rules = await nl.listRules({ netns })
      expectReadBack(RULE, rules, printed(netns))
      const own = rules.filter(({ protocol }) => protocol !== 'kernel')
      expect(own).toHaveLength(RULES4.length + RULES6.length)
      for (const rule of own) await nl.deleteRule({ ...rule, netns })
      expect(await nl.listRules({ netns })).toEqual(rules.filter(({ protocol }) => protocol === 'kernel'))
      for (const rule of own) await nl.addRule({ ...rule, netns })
      expect(await nl.listRules({ netns })).toEqual(rules)
    }))

  it('lists what each filter lets through', () =>
    withVeth(async (netns) => {
      ipBatch(RULES4, netns)
      ipBatch(RULES6, netns, '-6')
      const all = await nl.listRules({ netns })
      for (const [filter, expected] of FILTERS)
        expect(await nl.listRules({ ...filter, netns }), inspect(filter)).toEqual(all.filter(expected))
      expect((await nl.listRules({ invert: true, netns })).map(({ priority }) => priority)).toEqual(
        ipJson('rule show not', netns).map(({ priority }) => priority),
      )
    }))

  it.each(FLUSHES)('flushes those with %j, as ip does', (filter, command, gone) =>
    withVeth((theirs) =>
      withVeth(async (ours) => {
        for (const netns of [theirs, ours]) {
          ipBatch(RULES4, netns)
          ipBatch([...RULES6, 'rule add lookup 77 priority 0'], netns, '-6')
        }
        const rules = await nl.listRules({ netns: ours })
        ip(command, theirs)
        expect(await nl.flushRules({ ...filter, netns: ours })).toBe(rules.filter(gone).length)
        expect(printed(ours)).toEqual(printed(theirs))
        expect(printed(ours)).toHaveLength(rules.filter((rule) => !gone(rule)).length)
        expect(await nl.flushRules({ ...filter, netns: ours })).toBe(0)
      }),
    ),
  )

  it('flushes what each filter lets through, but for priority 0', () =>
    withVeth(async (netns) => {
      ipBatch(RULES4, netns)
      ipBatch(RULES6, netns, '-6')
      const all = await nl.listRules({ netns })
      // A rule's flags tell whether the one that it goes to is there.
      const named = ({ family, priority }: Rule) => `${family} ${priority}`
      for (const [filter, expected] of FILTERS) {
        const doomed = all.filter((rule) => expected(rule) && rule.priority > 0)
        expect(await nl.flushRules({ ...filter, netns }), inspect(filter)).toBe(doomed.length)
        expect((await nl.listRules({ netns })).map(named)).toEqual(
          all.filter((rule) => !doomed.includes(rule)).map(named),
        )
        for (const rule of doomed) await nl.addRule({ ...rule, netns })
      }
    }))

  it('makes, lists and flushes rules of multicast routing', async (context) => {
    context.skip(!hasMulticastRules(), 'cannot be installed: this kernel has one table of multicast routes')
    await withVeth(async (netns) => {
      const others = printed(netns)
      const mrules = () => ['-4', '-6'].flatMap((family) => ipJson(`${family} mrule show`, netns))
      const made = mrules()
      ip('mrule add iif eth0 fwmark 0x10/0xff lookup 100 priority 1000', netns)
      ip(`mrule add not oif nodev uidrange ${USERS.start}-${USERS.end} lookup 1000 priority 1001`, netns)
      ip('-6 mrule add prohibit priority 1000', netns)
      const rules = await nl.listRules({ multicast: true, netns })
      expectReadBack(RULE, rules, mrules())
      expect(rules.map(({ family, multicast }) => [family, multicast])).toEqual([
        ...Array(3).fill(['ipv4', true]),
        ...Array(2).fill(['ipv6', true]),
      ])
      expect(await nl.listRules({ multicast: true, family: 'ipv6', netns })).toEqual(rules.slice(3))
      expect((await nl.listRules({ netns })).some(({ multicast }) => multicast)).toBe(false)
      const own = rules.filter(({ priority }) => priority < 32767)
      const printedOnce = mrules()
      for (const rule of own) await nl.deleteRule({ ...rule, netns })
      expect(mrules()).toEqual(made)
      for (const rule of own) await nl.addRule({ ...rule, netns })
      expect(mrules()).toEqual(printedOnce)
      expect(await nl.flushRules({ multicast: true, family: 'ipv4', priority: 1001, netns })).toBe(1)
      expect(await nl.flushRules({ multicast: true, netns })).toBe(4)
      expect(mrules()).toEqual([])
      expect(printed(netns)).toEqual(others)
    })
  })

  it('flushes rules of priority 0 where they are asked for', () =>
    withVeth(async (netns) => {
      ip('rule add lookup 77 priority 0', netns)
      expect(await nl.flushRules({ priority: 0, table: 77, netns })).toBe(1)
      expect(await nl.flushRules({ priority: 0, family: 'ipv6', netns })).toBe(1)
      expect(printed(netns).map(({ table }) => table)).toEqual(['local', 'main', 'default', 'main'])
    }))

  // ip does not know these selectors: what the kernel then chooses is the oracle.
  it.each([
    [{ dscp: 3 }, { tos: 0x0c }, { tos: 0x08 }],
    [{ dscp: 3, dscpMask: 0x33 }, { tos: 0x0c }, { tos: 0x08 }],
    [{ ipProtocol: 'udp', sport: 0x1000, sportMask: 0xf000 }, { sport: 0x1234 }, { sport: 0x2234 }],
    [{ ipProtocol: 'udp', dport: 0x1000, dportMask: 0xf000 }, { dport: 0x1234 }, { dport: 0x2234 }],
  ] as [RuleFilter, GetRouteOptions, GetRouteOptions][])('%j chooses by it', (rule, matching, other) =>
    withVeth(async (netns) => {
      await nl.addAddress('eth0', '192.0.2.1/24', { netns })
      await nl.addRoute({ to: 'default', via: '192.0.2.254', netns })
      await nl.addRoute({ to: 'default', via: '192.0.2.253', table: 100, netns })
      if (await isPassedOver({ family: 'ipv4', ...rule, table: 100, netns })) return
      const choice = async (options: GetRouteOptions) =>
        (await nl.getRoute('198.51.100.7', { ipProtocol: 'udp', ...options, netns })).via
      expect([await choice(matching), await choice(other)]).toEqual(['192.0.2.253', '192.0.2.254'])
      const [listed] = await nl.listRules({ table: 100, netns })
      const { sport, dport, ...numbers } = rule
      expect(listed).toMatchObject(numbers)
      if (sport !== undefined) expect(listed!.sport).toEqual({ start: sport, end: sport })
      if (dport !== undefined) expect(listed!.dport).toEqual({ start: dport, end: dport })
      expect(await nl.listRules({ ...rule, netns })).toEqual([listed])
      for (const key of ['dscpMask', 'sportMask', 'dportMask'] as const)
        if (rule[key] != null) expect(await nl.listRules({ ...rule, [key]: 1, netns })).toEqual([])
      await nl.deleteRule({ ...listed!, netns })
      expect(await nl.listRules({ table: 100, netns })).toEqual([])
    }),
  )

  /** Adds a rule; true where the kernel is too old for its selectors, which is said, and no rule is left or deleted in its place. */
  async function isPassedOver(rule: RuleInput & { netns: string }): Promise<boolean> {
    const before = ip('rule', rule.netns)
    try {
      await nl.addRule(rule)
      return false
    } catch (error) {
      expect(since(6, 15)).toBe(false)
      expect(error).toMatchObject({
        code: 'EOPNOTSUPP',
        operation: 'RTM_NEWRULE',
        advice: expect.stringMatching(/^this kernel has no (dscp|dportMask|sportMask|flowlabel) in rules/),
      })
      expect(ip('rule', rule.netns)).toBe(before)
      await nl.addRule({ family: rule.family!, table: 100, priority: 5, netns: rule.netns })
      const other = { ...rule, priority: 5 }
      await expect(async () => nl.deleteRule(other)).rejects.toMatchObject({ code: 'ENOENT' })
      expect(await nl.listRules({ priority: 5, netns: rule.netns })).toHaveLength(1)
      return true
    }
  }

  it('chooses by the flow label of IPv6', () =>
    withVeth(async (netns) => {
      await nl.addRoute({ to: 'default', family: 'ipv6', dev: 'eth0', netns })
      await nl.addRoute({ to: 'default', family: 'ipv6', dev: 'eth1', table: 100, netns })
      const rule = { family: 'ipv6', flowlabel: 0x12300, flowlabelMask: 0xfff00, table: 100, netns } as const
      if (await isPassedOver(rule)) return
      const choice = async (flowlabel: number) =>
        (await nl.getRoute('2001:db8:1::7', { flowlabel, netns })).dev
      expect([await choice(0x12345), await choice(0x22345)]).toEqual(['eth1', 'eth0'])
      expect(await nl.listRules({ table: 100, netns })).toMatchObject([
        { flowlabel: 0x12300, flowlabelMask: 0xfff00 },
      ])
      for (const [filter, count] of [
        [{ flowlabel: 0x12300 }, 1],
        [{ flowlabel: 0x12300, flowlabelMask: 0xfff00 }, 1],
        [{ flowlabel: 0x12301 }, 0],
        [{ flowlabelMask: 0xfff01 }, 0],
      ] as const)
        expect(await nl.listRules({ ...filter, netns })).toHaveLength(count)
    }))

  it('adds one more each time where no priority is given, as ip does', () =>
    withVeth(async (netns) => {
      const rule = { from: '192.0.2.1', table: 100, netns }
      for (let i = 0; i < 2; i++) await nl.addRule(rule)
      ip('rule add from 192.0.2.1 table 100', netns)
      const priorities = ipJson('rule show from 192.0.2.1', netns).map((it) => it['priority'])
      expect(priorities).toEqual([32763, 32764, 32765])
    }))

  it('tells why the kernel refuses', () =>
    withVeth(async (netns) => {
      const rule = { from: '192.0.2.1', table: 100, netns }
      await nl.addRule({ ...rule, priority: 7 })
      const refused = (work: () => unknown) =>
        Promise.resolve()
          .then(work)
          .then(
            () => null,
            (error) => error,
          )
      expect(await refused(() => nl.addRule({ ...rule, priority: 7 }))).toMatchObject({
        code: 'EEXIST',
        operation: 'RTM_NEWRULE',
        subject: 'rule 7 from 192.0.2.1',
      })
      expect(await refused(() => nl.deleteRule({ ...rule, table: 101 }))).toMatchObject({ code: 'ENOENT' })
    }))
})
