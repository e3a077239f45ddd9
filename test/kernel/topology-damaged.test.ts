/** Records that were damaged, or are of another version: errors name the file, and nothing is changed. */

import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
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
    ip('link set br0 down')
    ip('link set br0 name brx')
    const message = expect.stringContaining(says(why))
    await expect(async () => tp.deleteTopology('lab')).rejects.toMatchObject({ message })
    await expect(async () => tp.planTopology(LAB)).rejects.toMatchObject({ message })
    expect(await tp.recoverTopologies()).toEqual([{ name: 'lab', left: [message] }])
    expect(linkNames()).toContain('brx')
  })

  /** Its record is refused by all, and goes by hand. */
  async function expectLeft(why: string): Promise<void> {
    const all = `${why}; without the file deleteTopology() goes by the names of a value`
    await expectRefused(all)
    const [record, links] = [readFileSync(FILE, 'utf8'), linkNames()]
    expect(await tp.recoverTopologies()).toEqual([{ name: 'lab', left: [`recoverTopologies: ${says(all)}`] }])
    await expect(async () => tp.createTopology(LAB)).rejects.toMatchObject({ code: 'EEXIST' })
    expect([readFileSync(FILE, 'utf8'), linkNames()]).toEqual([record, links])
    rmSync(FILE)
    await tp.deleteTopology(LAB)
    expect(linkNames()).toEqual(['lo'])
    expect(await tp.recoverTopologies()).toEqual([])
  }

  const UNDO = '"undo":{"call":"deleteLink","netns":"","dev":"br0"}'

  it.for<[what: string, after: string]>([
    ['a number', '"undo":5'],
    ['an empty object', '"undo":{}'],
    ['no object', '"undo":"deleteLink"'],
    ['a call without its fields', '"undo":{"call":"deleteLink"}'],
    ['a call without its namespace', '"undo":{"call":"deleteLink","dev":"br0"}'],
    ['a call with a field of another type', '"undo":{"call":"deleteLink","netns":"","dev":7}'],
    ['a call that there is not', '"undo":{"call":"deleteLunk","netns":"","dev":"br0"}'],
    ['a call that takes nothing back', '"undo":{"call":"createNetns","netns":"br0","loopback":true}'],
    ['none', '"udno":null'],
  ])('what takes back a step is %s: it is not forgotten', async ([, after]) => {
    for (const complete of [true, false]) {
      await tp.createTopology(LAB)
      edit(UNDO, after)
      if (!complete) edit('{"complete":true}\n', '')
      await expectLeft('line 2 is none of a record')
    }
  })

  it.for<[what: string, before: RegExp, after: string, why: string]>([
    ['all lines', /.+/g, '\0\0\0', 'line 1 is none of a record'],
    ['all there is', /^.*$/s, '\0\0\0', 'line 1 is none of a record'],
    ['the first line', /^.*/, '\0\0\0', 'line 1 is none of a record'],
    ['the first line, which is missing', /^.*\n/, '', 'its first line tells no value'],
    ['the value', /^\{"make":\{.*?\}\}\}/, '{"make":7', 'line 1 is none of a record'],
    ['the host', /"host":"/, '"host":0,"was":"', 'line 1 is none of a record'],
    ['the first step', /(?<=\n)\{"step".*/, '{"stop":1}', 'line 2 is none of a record'],
    ['a step’s place', /"step":"bridges.br0"/, '"step":1', 'line 2 is none of a record'],
    ['what a step made', /"is":"\d+"/, '"is":5', 'line 3 is none of a record'],
    ['the end of a creation', /"complete":true/, '"complete":tru', 'line 6 is none of a record'],
    ['the end of a creation, of another word', /"complete"/, '"complete!"', 'line 6 is none of a record'],
    [
      'the end of a creation, of another type',
      /"complete":true/,
      '"complete":1',
      'line 6 is none of a record',
    ],
    ['an empty line', /$/, '\n', 'line 7 is none of a record'],
  ])('a line that cannot be read: %s', async ([, before, after, why]) => {
    await tp.createTopology(LAB)
    edit(before, after)
    await expectLeft(why)
  })

  it.for<[what: string, before: RegExp, after: string, why: string]>([
    [
      'a destination that is none',
      /(?<="undo".*)"to":"10\.9\.0\.0\/16"/,
      '"to":"10.9.0.0/61"',
      "route.to: '10.9.0.0/61' has a prefix length that is not from 0 to 32",
    ],
    [
      'no destination',
      /(?<="undo".*)"to":"10\.9\.0\.0\/16",/,
      '',
      "route.to: undefined is not a string such as '192.168.15.1/24'",
    ],
    [
      'a gateway of another type',
      /(?<="undo".*)"via":"10\.1\.0\.9"/,
      '"via":{}',
      'route.via: {} is not an IPv4 or IPv6 address',
    ],
    [
      'a metric of another type',
      /(?<="undo".*)"mtu":1300/,
      '"mtu":"1300"',
      "route.metrics.mtu: '1300' is not an integer from 0 to 4294967295 (u32)",
    ],
  ])(
    'what takes back a step has a route with %s: it is not deleted in part',
    async ([, before, after, why]) => {
      const routed: Topology = {
        ...LAB,
        bridges: { br0: { addresses: ['10.1.0.1/24'] }, br1: {} },
        routes: [{ to: '10.9.0.0/16', via: '10.1.0.9', dev: 'br1', onlink: true, metrics: { mtu: 1300 } }],
      }
      await tp.createTopology(routed)
      edit(before, after)
      await expectLeft(`line 6 is none of a record: ${why}`)
    },
  )

  it('a line that cannot be read of what was to be deleted', async () => {
    await tp.createTopology(LAB)
    edit(UNDO, '"undo":5')
    const deleting = FILE.replace('.json', '.deleting')
    renameSync(FILE, deleting)
    const why = 'line 2 is none of a record; without the file deleteTopology() goes by the names of a value'
    const message = expect.stringContaining(`journal: ${deleting} is damaged, or of another version: ${why}`)
    expect(await tp.recoverTopologies()).toEqual([{ name: 'lab', left: [message] }])
    await expect(async () => tp.deleteTopology('lab')).rejects.toMatchObject({ message })
    expect([linkNames(), existsSync(deleting)]).toEqual([['lo', 'br0', 'br1'], true])
  })

  it('the others are recovered, and whose the rest is can be told', async () => {
    await tp.createTopology(LAB)
    edit(UNDO, '"undo":5')
    const other: Topology = { name: 'other', bridges: { br2: {} } }
    await tp.createTopology(other)
    const file = FILE.replace('lab', 'other')
    writeFileSync(file, readFileSync(file, 'utf8').replace('{"complete":true}\n', ''))
    expect(await tp.recoverTopologies()).toMatchObject([
      { name: 'lab', left: [{}] },
      { name: 'other', left: [] },
    ])
    expect(linkNames()).toEqual(['lo', 'br0', 'br1'])
    await expect(async () =>
      tp.createTopology({ name: 'other', bridges: { br0: {} } }),
    ).rejects.toMatchObject({
      message: "createTopology: bridges.br0: there is an interface 'br0' already, of the topology 'lab'",
    })
  })

  it.for(['', '{"complete":tru', '{"complete":true}'])('its last line was cut off: %j', async (rest) => {
    await tp.createTopology(LAB)
    edit('{"complete":true}\n', rest)
    expect(await tp.recoverTopologies()).toEqual([{ name: 'lab', left: [] }])
    expect(linkNames()).toEqual(['lo'])
  })

  it.for(['', '{"make":{"name":"lab"', '!'])('its first line was cut off: %j', async (rest) => {
    await tp.createTopology(LAB)
    await tp.deleteTopology(LAB)
    writeFileSync(FILE, rest)
    expect(await tp.recoverTopologies()).toEqual([])
    expect(existsSync(FILE)).toBe(false)
  })
})
