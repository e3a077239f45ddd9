/** Options that a kernel keeps, or tells, in another form than they were given. */

import { expect, it } from 'vitest'
import type { Link } from '../../src/rtnetlink/link/link.js'
import { givenOptions } from '../../src/topology/project-options.js'

type Data = Readonly<Record<string, unknown>>

const CASES: [string, kind: string, given: Data, data: Data, isSame: boolean][] = [
  ['1000 and 250 ticks a second have it', 'bridge', { helloTime: 2.08 }, { helloTime: 2.08 }, true],
  ['250 ticks a second do not', 'bridge', { helloTime: 2.07 }, { helloTime: 2.06 }, true],
  ['300 ticks are told as a little less', 'bridge', { forwardDelay: 15 }, { forwardDelay: 14.99 }, true],
  ['another time', 'bridge', { helloTime: 2.07 }, { helloTime: 2.05 }, false],
  ['a longer one', 'bridge', { mcastQueryInterval: 125 }, { mcastQueryInterval: 125.01 }, false],
  ['no clock of these', 'bond', { miimon: 0.069 }, { miimon: 0.06 }, false],
  ['the least that there is', 'bridge', { mcastQueryInterval: 0.5 }, { mcastQueryInterval: 1 }, true],
  ['the most', 'bridge', { mcastQueryInterval: 99_999 }, { mcastQueryInterval: 86_400 }, true],
  ['less than what it is', 'bridge', { mcastQueryInterval: 0.5 }, { mcastQueryInterval: 2 }, false],
  ['what the kernel chose', 'vxlan', { ageing: 0 }, { ageing: 300 }, true],
  ['not what it chose', 'vxlan', { ageing: 1 }, { ageing: 300 }, false],
  [
    'what the kernel found out',
    'ip6tnl',
    { flags: ['rcv_dscp_copy'] },
    { flags: ['rcv_dscp_copy', 'cap_xmit', 'cap_rcv'] },
    true,
  ],
  ['another flag', 'ip6tnl', { flags: ['rcv_dscp_copy'] }, { flags: ['use_orig_tclass', 'cap_xmit'] }, false],
  ['no list', 'vlan', { flags: { gvrp: true } }, { flags: { gvrp: false } }, false],
]

it.each(CASES)('%s: %s %j, %j', (_, kind, given, data, isSame) => {
  expect(givenOptions({ kind, flags: [], data } as unknown as Link, given)).toEqual(isSame ? given : data)
})
