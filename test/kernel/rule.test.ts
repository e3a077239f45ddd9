import { describe, expect, it } from 'vitest'
import type { CallOptions, GetRouteOptions as Lookup, Rule, RuleFilter, RuleInput } from '../../src/index.js'
import { ipBatch } from './ip-batch.js'
import { RULES4, RULES6, USERS } from './made-by-ip.js'
import { since } from './needs.js'
import { expectReadBack } from './read-back.js'
import { printed, RULE } from './rule-oracle.js'
import { FACES, ip, ipJson, type Printed, withVeth } from './support.js'
import { failure } from './thrown.js'

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

describe.each(FACES)('rules, $face', ({ nl }) => {
  it.each(made)('%o: ip prints what addRule made', (rule, told) =>
    withVeth(async (netns) => {
      const before = printed(netns)
      await nl.addRule({ ...rule, priority: 100, netns })
      const found = ipJson(`${familyOf(rule)} rule show`, netns).filter(({ priority }) => priority === 100)
      // The masks of ports are printed since ip 6.15, and compared below.
      expect(found.map(({ sport_mask, dport_mask, ...rest }) => rest)).toEqual([{ ...DEFAULTS, ...told }])
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
        advice: expect.stringMatching(
          /^this kernel has no (dscp|dscpMask|dportMask|sportMask|flowlabel) in rules/,
        ),
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
      await nl.deleteRule(rule)
      const whole = { family: 'ipv6', flowlabel: 0x12345, table: 100, netns } as const
      await nl.addRule(whole)
      expect(await nl.listRules({ table: 100, netns })).toMatchObject([
        { flowlabel: 0x12345, flowlabelMask: 0xfffff },
      ])
      expect([await choice(0x12345), await choice(0x12346)]).toEqual(['eth1', 'eth0'])
      await nl.deleteRule(whole)
      expect(await nl.listRules({ table: 100, netns })).toEqual([])
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
      expect(await failure(() => nl.addRule({ ...rule, priority: 7 }))).toMatchObject({
        code: 'EEXIST',
        operation: 'RTM_NEWRULE',
        subject: 'rule 7 from 192.0.2.1',
      })
      expect(await failure(() => nl.deleteRule({ ...rule, table: 101 }))).toMatchObject({ code: 'ENOENT' })
    }))
})
