/** What is of another topology already is refused by the name of that one. */

import { readFileSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Topology } from '../../src/topology.js'
import { ip } from './support.js'
import { cleanAll, TOPOLOGY_FACES } from './topology-support.js'

beforeEach(cleanAll)
afterEach(cleanAll)

describe.each(TOPOLOGY_FACES)('$face:', ({ topology: { applyTopology, createTopology } }) => {
  const derived =
    "; this value has no name, so that its first part names it 'blue': name 'red' is for a change of that one"

  it.for<[string, Topology, Topology, string, string]>([
    [
      'a namespace that comes before the first one',
      { namespaces: { red: {} } },
      { namespaces: { blue: {}, red: {} } },
      'namespaces.red',
      `there is a namespace 'red' already, of the topology 'red'${derived}`,
    ],
    [
      'a bridge that comes before the first one',
      { bridges: { red: {} } },
      { bridges: { blue: {}, red: {} } },
      'bridges.red',
      `there is an interface 'red' already, of the topology 'red'${derived}`,
    ],
    [
      'a value with a name',
      { name: 'one', namespaces: { red: {} } },
      { name: 'two', namespaces: { red: {} } },
      'namespaces.red',
      "there is a namespace 'red' already, of the topology 'one'",
    ],
  ])('%s', async ([, first, second, path, text]) => {
    await createTopology(first)
    for (const make of [applyTopology, createTopology])
      await expect(async () => make(second)).rejects.toMatchObject({
        code: 'EEXIST',
        path,
        message: `${make.name}: ${path}: ${text}`,
      })
  })

  it('what is of no topology is somebody’s', async () => {
    await createTopology({ name: 'other', namespaces: { green: {} } })
    ip('netns add red')
    for (const make of [applyTopology, createTopology])
      await expect(async () => make({ namespaces: { red: {} } })).rejects.toMatchObject({
        message: `${make.name}: namespaces.red: there is a namespace 'red' already`,
      })
  })

  it('a topology of another namespace has no interface here, but the namespaces with a name', async () => {
    await createTopology({ name: 'one', bridges: { br0: {} }, namespaces: { red: {} } })
    const path = '/run/netlink-ts/one.json'
    const record = readFileSync(path, 'utf8')
    const [, host] = /"host":"([^"]+)"/.exec(record)!
    writeFileSync(path, record.replace(host!, host!.replace(/\d(?=[^\d]*$)/, 'x')))
    for (const make of [applyTopology, createTopology]) {
      await expect(async () => make({ name: 'two', bridges: { br0: {} } })).rejects.toMatchObject({
        message: `${make.name}: bridges.br0: there is an interface 'br0' already`,
      })
      await expect(async () => make({ name: 'two', namespaces: { red: {} } })).rejects.toMatchObject({
        message: `${make.name}: namespaces.red: there is a namespace 'red' already, of the topology 'one'`,
      })
    }
  })

  it('a record of another version names nobody', async () => {
    await createTopology({ name: 'one', bridges: { br1: {} } })
    const path = '/run/netlink-ts/one.json'
    writeFileSync(path, readFileSync(path, 'utf8').replace('"br1":{}', '"br1":{"colour":1}'))
    ip('link add br0 type bridge')
    for (const make of [applyTopology, createTopology])
      await expect(async () => make({ name: 'two', bridges: { br0: {} } })).rejects.toMatchObject({
        code: 'EEXIST',
        message: `${make.name}: bridges.br0: there is an interface 'br0' already`,
      })
  })
})
