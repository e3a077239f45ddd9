/** Rules that are listed and flushed by what they have. */

import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { Rule, RuleFilter } from '../../src/index.js'
import { ipBatch } from './ip-batch.js'
import { RULES4, RULES6, USERS } from './made-by-ip.js'
import { hasMulticastRules } from './needs.js'
import { expectReadBack } from './read-back.js'
import { printed, RULE } from './rule-oracle.js'
import { FACES, ip, ipJson, withVeth } from './support.js'

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
})
