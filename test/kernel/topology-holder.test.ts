/** What is of another topology already is refused by the name of that one. */

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
})
