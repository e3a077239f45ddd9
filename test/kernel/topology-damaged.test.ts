/** Records that were damaged, or are of another version: errors name the file, and nothing is changed. */

import { readFileSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Topology } from '../../src/topology.js'
import { ip } from './support.js'
import { cleanAll, linkNames, TOPOLOGY_FACES } from './topology-support.js'

beforeEach(cleanAll)
afterEach(cleanAll)

const FILE = '/run/netlink-ts/lab.json'
const LAB: Topology = { name: 'lab', bridges: { br0: {}, br1: {} } }

const VALUES: [what: string, before: string, after: string, why: string][] = [
  ['an option that there is not', '"br1":{}', '"br1":{"colour":1}', "bridges.br1: unknown option 'colour'"],
  ['a value of another type', '"br1":{}', '"br1":{"mtu":"x"}', "bridges.br1.mtu: 'x' is not an MTU"],
  ['no value', '"bridges":{"br0":{},"br1":{}}', '"bridges":5', 'bridges: 5 is not an object'],
]

const edit = (before: string | RegExp, after: string) => {
  const text = readFileSync(FILE, 'utf8')
  expect(text).toMatch(before)
  writeFileSync(FILE, text.replace(before, after))
}

/** What recoverTopologies() and the others say. */
const says = (why: string) => `journal: ${FILE} is damaged, or of another version: ${why}`

describe.each(TOPOLOGY_FACES)('$face:', ({ topology: tp }) => {
  async function expectRefused(why: string): Promise<void> {
    const [record, links] = [readFileSync(FILE, 'utf8'), linkNames()]
    for (const [name, call] of [
      ['deleteTopology', () => tp.deleteTopology('lab')],
      ['deleteTopology', () => tp.deleteTopology(LAB)],
      ['planTopology', () => tp.planTopology(LAB)],
      ['applyTopology', () => tp.applyTopology(LAB)],
    ] as const)
      await expect(async () => call()).rejects.toMatchObject({
        ...{ name: 'TopologyError', path: 'journal', code: null, left: [] },
        message: expect.stringContaining(`${name}: ${says(why)}`),
      })
    expect([readFileSync(FILE, 'utf8'), linkNames()]).toEqual([record, links])
  }

  it.for(VALUES)('%s in what is there', async ([, before, after, why]) => {
    await tp.createTopology(LAB)
    edit(before, after)
    await expectRefused(why)
    // Nothing is under way.
    expect(await tp.recoverTopologies()).toEqual([])
  })

  it.for(VALUES)('%s in what was left half-made', async ([, before, after, why]) => {
    await tp.createTopology(LAB)
    edit('{"complete":true}\n', '')
    edit(before, after)
    const left = [expect.stringContaining(`recoverTopologies: ${says(why)}`)]
    expect(await tp.recoverTopologies()).toEqual([{ name: 'lab', left }])
    const message = expect.stringContaining(`deleteTopology: ${says(why)}`)
    await expect(async () => tp.deleteTopology('lab')).rejects.toMatchObject({ message })
    expect(linkNames()).toEqual(['lo', 'br0', 'br1'])
  })

  it.for(VALUES)('%s in what it was being changed into', async ([, before, after, why]) => {
    await tp.createTopology(LAB)
    edit(/$/, readFileSync(FILE, 'utf8').split(/(?<=\n)/)[0]!)
    edit(new RegExp(`${before}(?=.*\\n$)`), after)
    ip('link set br0 name brx')
    const message = expect.stringContaining(says(why))
    await expect(async () => tp.deleteTopology('lab')).rejects.toMatchObject({ message })
    await expect(async () => tp.planTopology(LAB)).rejects.toMatchObject({ message })
    expect(await tp.recoverTopologies()).toEqual([{ name: 'lab', left: [message] }])
    expect(linkNames()).toContain('brx')
  })

  it('a first line that is none: it is not taken for one of which nothing was begun', async () => {
    await tp.createTopology(LAB)
    edit(/^.*/, '\0\0\0')
    const why = 'no line of it tells a value; deleteTopology() deletes what the others tell of'
    expect(await tp.recoverTopologies()).toEqual([{ name: 'lab', left: [`recoverTopologies: ${says(why)}`] }])
    await tp.deleteTopology('lab')
    expect(linkNames()).toEqual(['lo'])
    expect(await tp.recoverTopologies()).toEqual([])
  })
})
