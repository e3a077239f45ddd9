/** The order of addresses, by which the kernel chooses where packets come from, is what it was after a change that was taken back. */

import { afterEach, describe, expect, it } from 'vitest'
import { execIn, ipJson, type Printed } from './support.js'
import { cleanAll, TOPOLOGY_FACES } from './topology-support.js'

afterEach(cleanAll)

const value = (addresses: readonly string[], more = {}) => ({
  name: 'lab',
  namespaces: {
    red: { links: { eth0: { peer: 'blue:eth0', addresses: [...addresses] } } },
    blue: {},
    ...more,
  },
})
/** Its last step fails. */
const failing = { zz: { links: { v: { kind: 'macvlan', link: ':nowhere' } } } } as const

const order = () =>
  (ipJson('-4 address show dev eth0', 'red')[0]!['addr_info'] as Printed[]).map(
    ({ local, prefixlen }) => `${local}/${prefixlen}`,
  )

describe.each(TOPOLOGY_FACES)('addresses ($face)', ({ topology }) => {
  it.each([
    ['all of them', ['10.1.0.2/24', '10.1.0.3/16', '10.2.0.2/24'], []],
    ['the last ones', ['10.1.0.2/24', '10.1.0.3/16', '10.2.0.2/24'], ['10.1.0.2/24']],
    ['those of one network', ['10.1.0.2/24', '10.1.0.3/24', '10.1.0.4/24'], []],
    ['the first of a network', ['10.1.0.2/24', '10.1.0.3/24', '10.1.0.4/24'], ['10.1.0.3/24', '10.1.0.4/24']],
  ])('%s', async (_, before, after) => {
    await topology.createTopology(value(before))
    expect(order()).toEqual(before)
    await expect(async () => topology.applyTopology(value(after, failing))).rejects.toThrow('nowhere')
    expect(order()).toEqual(before)
  })

  it('that take the place of the first', async () => {
    const before = ['10.1.0.2/24', '10.1.0.3/24', '10.1.0.4/24']
    await topology.createTopology(value(before))
    execIn('red', 'sysctl', '-qw', 'net.ipv4.conf.eth0.promote_secondaries=1')
    await expect(async () => topology.applyTopology(value([], failing))).rejects.toThrow('nowhere')
    expect(order()).toEqual(before)
  })
})
