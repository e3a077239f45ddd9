/** Interfaces of a topology that somebody gave another name go with it: they are known by their ifindexes. */

import { readFileSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Operation } from '../../src/netlink/operation.js'
import { applyTopology, createTopology } from '../../src/topology/operations.js'
import type { Topology } from '../../src/topology/value.js'
import { ip, ipJson } from './support.js'
import { cleanAll, failure, full, linkNames, TOPOLOGY_FACES } from './topology-support.js'
import { watched, writes } from './watched.js'

beforeEach(cleanAll)
afterEach(cleanAll)

const LAB: Topology = {
  name: 'lab',
  bridges: { br0: { addresses: ['10.0.0.1/24'], ports: ['red:eth0'] } },
  links: { a: { peer: 'b' }, v: { kind: 'macvlan', link: 'a' } },
  namespaces: { red: {} },
}

const rename = (from: string, to: string) => {
  ip(`link set dev ${from} down`)
  ip(`link set dev ${from} name ${to}`)
}

const indexOf = (name: string) => ipJson(`link show dev ${name}`)[0]!.ifindex

describe.each(TOPOLOGY_FACES)('$face:', ({ topology: tp }) => {
  it('a bridge, its port, an end of a pair and a macvlan', async () => {
    await tp.createTopology(LAB)
    for (const [from, to] of [
      ['br0', 'brx'],
      ['veth-red-eth0', 'px'],
      ['a', 'ax'],
      ['v', 'vx'],
    ] as const)
      rename(from, to)
    await tp.deleteTopology('lab')
    expect(linkNames()).toEqual(['lo'])
  })

  it('what somebody made of that name stays', async () => {
    await tp.createTopology(LAB)
    rename('br0', 'brx')
    ip('link add br0 type bridge')
    await tp.deleteTopology(LAB)
    expect(linkNames()).toEqual(['lo', 'br0'])
  })

  it('names that change places', async () => {
    await tp.createTopology({ ...LAB, bridges: { ...LAB.bridges, br1: {} } })
    rename('br0', 'brx')
    rename('br1', 'br0')
    rename('brx', 'br1')
    await tp.deleteTopology('lab')
    expect(linkNames()).toEqual(['lo'])
  })

  it('after a change, too, and of one that was killed', async () => {
    await tp.createTopology(LAB)
    await tp.applyTopology({ ...LAB, bridges: { ...LAB.bridges, br1: {} } })
    rename('br0', 'brx')
    rename('br1', 'bry')
    await tp.deleteTopology('lab')
    expect(linkNames()).toEqual(['lo'])
    await tp.createTopology({ name: 'lab', ...pairs(3) })
    // As a process leaves it that is killed before its last line.
    const path = '/run/netlink-ts/lab.json'
    writeFileSync(path, readFileSync(path, 'utf8').replace('{"complete":true}\n', ''))
    rename('p0', 'px')
    expect(linkNames()).toContain('px')
    expect(await tp.recoverTopologies()).toEqual([{ name: 'lab', left: [] }])
    expect(linkNames()).toEqual(['lo'])
  })

  it('a change makes anew what has another name, and deletes that', async () => {
    await tp.createTopology(LAB)
    for (const name of ['br0', 'veth-red-eth0', 'a', 'v']) rename(name, `${name.slice(0, 9)}x`)
    const plan = await tp.planTopology(LAB)
    const { steps } = await tp.applyTopology(LAB)
    expect(steps).toEqual(plan.steps)
    // Nothing of what goes with them; one that the record does not know goes with the other end of its pair.
    expect(plan.explain().filter((command) => command.startsWith('ip link delete'))).toEqual([
      'ip link delete dev veth-red-x',
      'ip link delete dev vx',
      'ip link delete dev br0x',
      'ip link delete dev b',
    ])
    expect(linkNames().sort()).toEqual(['a', 'b', 'br0', 'lo', 'v', 'veth-red-eth0'])
    expect((await tp.planTopology(LAB)).steps).toEqual([])
    await tp.deleteTopology('lab')
    expect(linkNames()).toEqual(['lo'])
  })

  it('a change deletes what it takes out of the value, under whatever name', async () => {
    await tp.createTopology(LAB)
    rename('br0', 'brx')
    ip('link add br0 type bridge')
    await tp.applyTopology({ name: 'lab', links: LAB.links! })
    // What somebody made of that name stays.
    expect(linkNames().sort()).toEqual(['a', 'b', 'br0', 'lo', 'v'])
    await tp.deleteTopology('lab')
    expect(linkNames()).toEqual(['lo', 'br0'])
  })

  it('a change of names that changed places', async () => {
    const two: Topology = { name: 'two', bridges: { br0: { mac: '02:00:00:00:00:01' }, br1: {} } }
    await tp.createTopology(two)
    rename('br0', 'brx')
    rename('br1', 'br0')
    rename('brx', 'br1')
    await tp.applyTopology(two)
    expect((await tp.planTopology(two)).steps).toEqual([])
    expect(await tp.readTopology(two)).toEqual(tp.normalizeTopology(two))
    await tp.deleteTopology('two')
    expect(linkNames()).toEqual(['lo'])
  })

  it('a change that is undone', async () => {
    await tp.createTopology(LAB)
    const { bridges } = LAB
    await tp.applyTopology({ ...LAB, bridges: { ...bridges, br1: {} } })
    // As a process leaves it that is killed before its last line, of a change that made br1.
    const path = '/run/netlink-ts/lab.json'
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
    const isOfNew = (line: string) => line.includes('"br1"') && line.includes('"step"')
    const at = lines.findIndex(isOfNew)
    const begun = lines.splice(at, 2)
    const host = JSON.parse(lines[0]!).host
    const record = [
      JSON.stringify({ make: LAB, host }),
      ...lines.slice(1),
      JSON.stringify({ make: { ...LAB, bridges: { ...bridges, br1: {} } }, host }),
      ...begun,
    ]
    writeFileSync(path, `${record.join('\n')}\n`)
    rename('br1', 'bry')
    rename('br0', 'brx')
    expect(await tp.recoverTopologies()).toEqual([{ name: 'lab', left: [] }])
    expect(linkNames().sort()).toEqual(['a', 'b', 'br0', 'lo', 'v', 'veth-red-eth0'])
    expect((await tp.planTopology(LAB)).steps).toEqual([])
    await tp.deleteTopology('lab')
    expect(linkNames()).toEqual(['lo'])
  })
})

it.each<[string, (value: Topology) => Operation<unknown>]>([
  ['createTopology', createTopology],
  ['applyTopology', applyTopology],
])('a creation that fails: %s', (_, make) => {
  ip('link add other type bridge')
  const creation = watched(make({ name: 'lab', bridges: { br0: {}, br1: {} } }), (effect) => {
    if (!writes(effect, '"step":"bridges.br1"')) return undefined
    rename('br0', 'brx')
    ip('link add br0 type bridge')
    return full()
  })
  expect(failure(creation)).toMatchObject({ path: 'bridges.br1', code: 'ENOSPC', left: [] })
  expect(linkNames().sort()).toEqual(['br0', 'lo', 'other'])
})

function pairs(count: number): Topology {
  const all = Array.from({ length: count }, (_, i) => [`p${i}`, { peer: `q${i}` }])
  return { links: Object.fromEntries(all) }
}

describe('the same ifindex', () => {
  const { topology: tp } = TOPOLOGY_FACES[1]
  const lone: Topology = { name: 'lone', bridges: { br0: {} } }

  it('of another kind is another interface', () => {
    tp.createTopology(lone)
    const index = indexOf('br0')
    ip('link delete br0')
    ip(`link add index ${index} name other type veth peer name end`)
    tp.deleteTopology('lone')
    expect(linkNames().sort()).toEqual(['end', 'lo', 'other'])
  })

  it('in another namespace, or before the machine started again, is another interface', () => {
    tp.createTopology(lone)
    rename('br0', 'brx')
    const path = '/run/netlink-ts/lone.json'
    const record = readFileSync(path, 'utf8')
    const [, host] = /"host":"([^"]+)"/.exec(record)!
    writeFileSync(path, record.replace(host!, host!.replace(/\d(?=[^\d]*$)/, 'x')))
    tp.deleteTopology('lone')
    expect(linkNames()).toEqual(['lo', 'brx'])
  })
})
