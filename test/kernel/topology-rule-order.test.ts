/** The order of rules of one priority, by which the kernel chooses the table, is what it was after a change that was taken back. */

import { afterEach, describe, expect, it } from 'vitest'
import type { TopologyRule } from '../../src/topology.js'
import { ipJson } from './support.js'
import { cleanAll, TOPOLOGY_FACES } from './topology-support.js'

afterEach(cleanAll)

const value = (rules: readonly TopologyRule[], more = {}) => ({
  name: 'lab',
  namespaces: { red: { rules: [...rules] }, ...more },
})
/** Its last step fails. */
const failing = { zz: { links: { v: { kind: 'macvlan', link: ':nowhere' } } } } as const

const from = (network: string, table: number, priority?: number): TopologyRule => ({
  from: network,
  table,
  ...(priority !== undefined && { priority }),
})
const [A, B, C] = [from('10.1.0.0/16', 101, 100), from('10.0.0.0/8', 102, 100), from('10.1.2.0/24', 103, 100)]

/** Their tables, in the order in which they are looked at. */
const order = () =>
  ipJson('rule show', 'red')
    .map(({ table }) => Number(table))
    .filter((table) => table > 100)

describe.each(TOPOLOGY_FACES)('rules of one priority ($face)', ({ topology }) => {
  it.each([
    ['all of them', [A, B, C], []],
    ['the last ones', [A, B, C], [A]],
    ['without a priority', [from('10.1.0.0/16', 101), from('10.0.0.0/8', 102), from('10.1.2.0/24', 103)], []],
  ])('%s', async (_, before, after) => {
    await topology.createTopology(value(before))
    const made = order()
    expect(made).toHaveLength(3)
    await expect(async () => topology.applyTopology(value(after, failing))).rejects.toThrow('nowhere')
    expect(order()).toEqual(made)
  })
})
