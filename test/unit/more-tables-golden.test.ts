/** What is asked about settings of interfaces and multicast routes, against what iproute2 asks. */

import { describe, expect, it } from 'vitest'
import { listMulticastRoutes } from '../../src/rtnetlink/multicast-route/operations.js'
import { listNetconf } from '../../src/rtnetlink/netconf/operations.js'
import { loadGolden } from '../golden/golden.js'
import { expectGolden, type GoldenCase } from './golden-case.js'

const ALL_TABLES = {
  why: 'iproute2 asks for the table 253 alone unless told otherwise; ours for all',
  lines: [
    '- header  length 36, type 26, flags 0x301, portid 0',
    '+ header  length 28, type 26, flags 0x301, portid 0',
    '- 15 (8) fd000000',
  ],
}

const cases: GoldenCase[] = [
  { name: 'netconf-show', operation: () => listNetconf() },
  { name: 'netconf-show-v4', operation: () => listNetconf({ family: 'ipv4' }) },
  { name: 'netconf-show-v6', operation: () => listNetconf({ family: 'ipv6' }) },
  { name: 'mroute-show-v4', operation: () => listMulticastRoutes({ family: 'ipv4' }), differs: ALL_TABLES },
  { name: 'mroute-show-v6', operation: () => listMulticastRoutes({ family: 'ipv6' }) },
  { name: 'mroute-show-table', operation: () => listMulticastRoutes({ family: 'ipv4', table: 5 }) },
]

/** One interface is found among all here; and `ip mroute` without a family asks for IPv4 alone. */
const WITHOUT = ['netconf-show-dev', 'mroute-show']

describe('requests', () => {
  it.each(cases)('$name', (it) => {
    expectGolden('more-tables', it)
  })

  it('cover every fixture but those of neighbour tables', () => {
    const all = loadGolden('more-tables').map(({ name }) => name)
    expect([...cases.map(({ name }) => name), ...WITHOUT].sort()).toEqual(
      all.filter((name) => !name.startsWith('ntable-')).sort(),
    )
  })
})
