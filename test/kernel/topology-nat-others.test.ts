/** What somebody else put into the library's own table: it disturbs no topology, and is not told as what one could have made. */

import { afterEach, describe, expect, it } from 'vitest'
import { listNat, publishPort } from '../../src/nftables.js'
import { normalizeTopology, type Topology, type TopologyNat } from '../../src/topology.js'
import { needNftables } from './needs.js'
import { execFileSync } from './programs.js'
import { hasTool } from './support.js'
import { cleanAll, TOPOLOGY_FACES } from './topology-support.js'

needNftables()

afterEach(() => {
  cleanAll()
  if (hasTool('nft')) execFileSync('nft', ['flush', 'ruleset'])
})

const MINE = { name: 'mine', nat: { masquerade: [{ source: '10.1.0.0/16' }] } } satisfies Topology
const KNOWN = { name: 'p', hostPort: 81, to: '10.0.0.2:80', dev: 'lo' } as const

const M = { name: 'x', source: '10.1.0.0/16' } as const
const P = { name: 'x', hostPort: 81, to: '10.0.0.2:80' } as const

describe.each(TOPOLOGY_FACES)('$face', ({ topology: tp }) => {
  it.for([
    ['ports4', 'tcp . 99 : 10.0.0.3 . 80'],
    // Its target is one that the library counts.
    ['ports4', 'tcp . 99 : 10.0.0.2 . 80'],
    ['ports4', 'tcp . 99 comment " lo" : 10.0.0.2 . 80'],
    ['ports4', 'tcp . 99 comment "of mine lo*" : 10.0.0.2 . 80'],
    ['ports4', 'tcp . 99 comment "p" : 224.0.0.1 . 80'],
    ['ports4', 'tcp . 0 comment "p" : 10.0.0.2 . 0'],
    ['ports4', '* : 10.0.0.2 . 80'],
    ['targets4', '*'],
    ['hosts4', '192.0.2.1 . udp . 53 : 10.0.0.2 . 53'],
    ['ports6', 'tcp . 99 : ff02::1 . 80'],
    ['hosts6', '::1 . tcp . 99 comment "x" : fd00::2 . 80'],
  ])('an element of %s: %s', async ([map, element], context) => {
    context.skip(!hasTool('nft'), 'no nft')
    await publishPort(KNOWN)
    const before = await tp.readTopology()
    execFileSync('nft', [`add element inet netlink-ts ${map} { ${element} }`])
    expect((await listNat()).length).toBeLessThanOrEqual(2)
    expect(await tp.readTopology()).toEqual(before)
    await tp.createTopology(MINE)
    expect((await tp.planTopology(MINE)).explain()).toEqual([])
    expect(await tp.readTopology(MINE)).toEqual(normalizeTopology(MINE))
    await tp.applyTopology({ name: 'mine' })
    await tp.deleteTopology('mine')
    expect(await tp.readTopology()).toEqual(before)
  })

  it.for<[string, TopologyNat, TopologyNat]>([
    ['source', { masquerade: [M] }, { masquerade: [{ ...M, source: '10.2.0.0/16' }] }],
    ['exceptions', { masquerade: [{ ...M, except: '10.2.0.0/16' }] }, { masquerade: [M] }],
    ['target', { publish: [P] }, { publish: [{ ...P, to: '10.0.0.3:80' }] }],
    ['port', { publish: [P] }, { publish: [{ ...P, hostPort: 82 }] }],
    ['ports', { publish: [{ ...P, hostPort: '81-83', to: '10.0.0.2' }] }, { publish: [P] }],
  ])('what another topology made later under the name stays: %s', async ([, first, second], context) => {
    context.skip(!hasTool('nft'), 'no nft')
    const other: Topology = { name: 'other', nat: second }
    await tp.createTopology({ name: 'mine', nat: first })
    execFileSync('nft', ['flush', 'ruleset'])
    // In one journal it would be refused.
    await tp.createTopology(other, { journal: '/run/elsewhere' })
    await tp.deleteTopology('mine')
    expect(await tp.readTopology(other)).toEqual(normalizeTopology(other))
    expect((await tp.planTopology(other, { journal: '/run/elsewhere' })).explain()).toEqual([])
    await tp.deleteTopology('other', { journal: '/run/elsewhere' })
    expect(await listNat()).toEqual([])
  })

  it('of a range of which ports are gone or elsewhere the rest goes', async (context) => {
    context.skip(!hasTool('nft'), 'no nft')
    await tp.createTopology({
      name: 'mine',
      nat: { publish: [{ ...P, hostPort: '81-85', to: '10.0.0.2' }] },
    })
    execFileSync('nft', ['delete element inet netlink-ts ports4 { tcp . 82 }'])
    await publishPort({ ...P, hostPort: 84, to: '10.0.0.9:84' })
    await tp.deleteTopology('mine')
    expect(await listNat()).toMatchObject([{ name: 'x', hostPort: 84, to: '10.0.0.9:84' }])
  })
})
