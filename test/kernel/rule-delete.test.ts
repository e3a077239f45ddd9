import { describe, expect, it } from 'vitest'
import type { RuleInput } from '../../src/public.js'
import { FACES, ip, ipJson, withNetns } from './support.js'
import { failure } from './thrown.js'

const GIVEN = [
  'rule add priority 100 from 192.0.2.0/24 goto 200',
  'rule add priority 101 from 192.0.2.0/24 goto 300',
  'rule add priority 102 from 192.0.2.0/24 table 5',
  'rule add not priority 103 from 192.0.2.0/24 table 5',
  'rule add priority 99 fwmark 0x100/0xff00 table 6',
  'rule add priority 104 fwmark 0/0xff00 table 6',
  'rule add priority 107 fwmark 0/0xffffffff table 6',
  'rule add priority 105 from 192.0.2.0/24 table 7 realms 1/2',
  'rule add priority 106 from 192.0.2.0/24 table 7 realms 3/2',
]

/** What the kernel takes by itself for another rule: the one that is to go, or null where there is none. */
const DELETIONS: [RuleInput, number | null][] = [
  [{ priority: 100, goto: 300, family: 'ipv4' }, null],
  [{ goto: 300, family: 'ipv4' }, 101],
  [{ goto: 300, from: '192.0.2.0/24', action: 'goto', tos: 0, invert: false, l3mdev: false }, 101],
  [{ goto: 400, family: 'ipv4' }, null],
  [{ action: 'goto', from: '192.0.2.0/24' }, 100],
  [{ action: 'goto', from: '192.0.2.9' }, null],
  [{ from: '192.0.2.0/24', invert: true }, 103],
  [{ from: '192.0.2.0/24', invert: true, table: 6 }, null],
  [{ from: '192.0.2.0/24', table: 5 }, 102],
  [{ family: 'ipv4', fwmark: 0, fwmask: 0xff00 }, 104],
  [{ family: 'ipv4', fwmask: 0xff00, table: 6 }, 99],
  // As addRule() makes one: all bits of the mark count.
  [{ family: 'ipv4', fwmark: 0 }, 107],
  [{ family: 'ipv4', fwmark: 0, table: 6 }, 107],
  [{ family: 'ipv4', fwmark: 0, table: 5 }, null],
  [{ family: 'ipv4', fwmark: 0, fwmask: 0, table: 6 }, 99],
  [{ from: '192.0.2.0/24', realms: { from: 3, to: 2 } }, 106],
  [{ from: '192.0.2.0/24', invert: true, realms: { from: 3, to: 2 } }, null],
]

/** Of what the kernel passes over each, it would delete the first rule, that of table local. */
const SAYING_NOTHING: RuleInput[] = [
  ...[
    { l3mdev: false },
    { tos: 0 },
    { fwmark: 0, fwmask: 0 },
    { fwmask: 0 },
    { action: 'unspec' as const },
    { action: 0 },
  ],
  ...[{ protocol: 0 }, { protocol: 'unspec' as const }, { from: '0.0.0.0/0' }],
  { to: '0.0.0.0/0', invert: false, fwmark: 0, fwmask: 0, tos: 0 },
]

describe.each(FACES)('deleteRule, $face', ({ nl }) => {
  it('deletes what has everything that is given, also what the kernel does not compare', () =>
    withNetns(async (netns) => {
      const priorities = () => ipJson('rule', netns).map(({ priority }) => priority as number)
      for (const [rule, gone] of DELETIONS) {
        ip('rule flush', netns)
        for (const command of GIVEN) ip(command, netns)
        const before = priorities()
        if (gone === null)
          expect(await failure(() => nl.deleteRule({ ...rule, netns }))).toMatchObject({
            code: 'ENOENT',
            operation: 'RTM_DELRULE',
            advice: 'there is no such rule',
          })
        else await nl.deleteRule({ ...rule, netns })
        expect(priorities(), JSON.stringify(rule)).toEqual(before.filter((priority) => priority !== gone))
      }
    }))

  it.each(SAYING_NOTHING)('refuses %j alone', (rule) =>
    withNetns(async (netns) => {
      const before = ip('rule', netns)
      await expect(async () => nl.deleteRule({ family: 'ipv4', ...rule, netns })).rejects.toThrow(
        'deleteRule: which rule? Give at least one of priority',
      )
      expect(ip('rule', netns)).toBe(before)
    }),
  )

  it('refuses a protocol of packets that no rule has', () =>
    withNetns(async (netns) => {
      const before = ip('rule', netns)
      await expect(async () =>
        nl.deleteRule({ family: 'ipv4', table: 254, ipProtocol: 0, netns }),
      ).rejects.toThrow('ipProtocol: 0 is not a protocol of packets')
      expect(ip('rule', netns)).toBe(before)
    }))

  it('takes the priority 0, and a prefix length of 0 that is suppressed', () =>
    withNetns(async (netns) => {
      ip('rule add priority 9 table main suppress_prefixlength 0', netns)
      await nl.deleteRule({ family: 'ipv4', suppressPrefixLength: 0, netns })
      await nl.deleteRule({ family: 'ipv4', priority: 0, netns })
      expect(ipJson('rule', netns).map(({ priority }) => priority)).toEqual([32766, 32767])
    }))

  it('lists rules that are for no mark, and takes them as they are listed', () =>
    withNetns(async (netns) => {
      for (const command of GIVEN) ip(command, netns)
      const [rule, ...more] = await nl.listRules({ fwmark: 0, fwmask: 0xff00, netns })
      expect(rule).toMatchObject({ priority: 104, fwmark: 0, fwmask: 0xff00 })
      expect(more).toEqual([])
      const before = ip('rule', netns)
      await nl.deleteRule({ ...rule!, netns })
      await nl.addRule({ ...rule!, netns })
      expect(ip('rule', netns)).toBe(before)
    }))
})
