/** Masquerading and published ports that another topology has under the same name, also where somebody flushed them meanwhile. */

import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { listNat, masquerade } from '../../src/nftables.js'
import { applyTopology as applying } from '../../src/topology/operations.js'
import { normalizeTopology, type Topology, type TopologyNat } from '../../src/topology.js'
import { needNftables } from './needs.js'
import { execFileSync } from './programs.js'
import { hasTool } from './support.js'
import { cleanAll, killNames, TOPOLOGY_FACES, wasKilled } from './topology-support.js'
import { writes } from './watched.js'

needNftables()

afterEach(() => {
  cleanAll()
  if (hasTool('nft')) execFileSync('nft', ['flush', 'ruleset'])
})

const flush = (what: string) => execFileSync('nft', what.split(' '))

type Names = readonly [verb: string, path: string, first: TopologyNat, second: TopologyNat]

const MASQUERADE: Names = [
  'masquerade',
  'nat.masquerade[0]',
  { masquerade: [{ name: 'x', source: '10.1.0.0/16' }] },
  { masquerade: [{ name: 'x', source: '10.2.0.0/16' }] },
]
/** Its description goes with its rules. */
const LONG: Names = [
  'masquerade',
  'nat.masquerade[0]',
  {
    masquerade: [
      { name: 'x', source: '10.5.0.0/24', except: Array.from({ length: 12 }, (_, i) => `10.${i}.0.0/16`) },
    ],
  },
  { masquerade: [{ name: 'x', source: '10.2.0.0/16' }] },
]
const PORT: Names = [
  'publishPort',
  'nat.publish[0]',
  { publish: [{ name: 'x', hostPort: 81, to: '10.0.0.2:80' }] },
  { publish: [{ name: 'x', hostPort: 82, to: '10.0.0.3:80' }] },
]

describe.each(TOPOLOGY_FACES)('$face', ({ topology: tp }) => {
  const topologies = (first: TopologyNat, second: TopologyNat): [Topology, Topology] => [
    { name: 'mine', nat: first },
    { name: 'other', nat: second },
  ]

  /** Makes one by a journal of its own, whose record joins the others. */
  async function createBeside(value: Topology): Promise<void> {
    const journal = '/run/elsewhere'
    await tp.createTopology(value, { journal })
    renameSync(`${journal}/${value.name}.json`, `/run/netlink-ts/${value.name}.json`)
    rmSync(journal, { recursive: true })
  }

  it.for<Names>([MASQUERADE, PORT])('%s() is refused with the name of its topology', async (row) => {
    const [verb, path, first, second] = row
    const [mine, other] = topologies(first, second)
    await tp.createTopology(mine)
    for (const make of [tp.createTopology, tp.applyTopology, tp.planTopology])
      await expect(async () => make(other)).rejects.toMatchObject({
        code: 'EEXIST',
        message: `${make.name}: ${path}: there is a ${verb}() of the name 'x' already, of the topology 'mine'`,
      })
    expect((await tp.planTopology(mine)).steps).toEqual([])
  })

  it.for<[string, ...Names]>([
    ['flush ruleset', ...MASQUERADE],
    ['delete table inet netlink-ts', ...PORT],
    ['flush map inet netlink-ts ports4', ...PORT],
    ['flush table inet netlink-ts', ...LONG],
  ])('after nft %s, a %s() that was another topology’s is no other’s yet', async (row, context) => {
    context.skip(!hasTool('nft'), 'no nft')
    const [command, verb, path, first, second] = row
    const [mine, other] = topologies(first, second)
    await tp.createTopology(mine)
    flush(command)
    const text = `the topology 'mine' has a ${verb}() of the name 'x', which is not there now`
    for (const make of [tp.createTopology, tp.applyTopology, tp.planTopology])
      await expect(async () => make(other)).rejects.toMatchObject({
        code: 'EEXIST',
        path,
        message: `${make.name}: ${path}: ${text}`,
      })
    expect(await listNat()).toEqual([])
    expect(await tp.recoverTopologies()).toEqual([])
    await tp.applyTopology(mine)
    expect(await tp.readTopology(mine)).toEqual(normalizeTopology(mine))
    await tp.deleteTopology('mine')
    await tp.applyTopology(other)
    expect(await tp.readTopology(other)).toEqual(normalizeTopology(other))
  })

  it.for<Names>([MASQUERADE, PORT])(
    '%s(): what another topology made after that is not taken over',
    async ([verb, path, first, second], context) => {
      context.skip(!hasTool('nft'), 'no nft')
      const [mine, other] = topologies(first, second)
      await tp.createTopology(mine)
      flush('flush ruleset')
      await createBeside(other)
      for (const make of [tp.applyTopology, tp.planTopology])
        await expect(async () => make(mine)).rejects.toMatchObject({
          code: 'EEXIST',
          path,
          message: `${make.name}: ${path}: there is a ${verb}() of the name 'x' already, of the topology 'other'`,
        })
      expect((await tp.planTopology(other)).steps).toEqual([])
      await tp.deleteTopology('other')
      await tp.applyTopology(mine)
      expect((await tp.planTopology(mine)).steps).toEqual([])
    },
  )

  it('two that say the same do not stand in each other’s way', async (context) => {
    context.skip(!hasTool('nft'), 'no nft')
    const [mine, other] = topologies(MASQUERADE[2], MASQUERADE[2])
    await tp.createTopology(mine)
    flush('flush ruleset')
    await createBeside(other)
    for (const one of [mine, other]) expect((await tp.applyTopology(one)).steps).toEqual([])
  })

  it.for<[string, string, string]>([
    ['that was left half-deleted', '.deleting', ''],
    ['that was left half-made', '.json', '{"complete":true}\n'],
  ])('of a topology %s it is said what to do first', async ([, suffix, cut], context) => {
    context.skip(!hasTool('nft'), 'no nft')
    const [mine] = topologies(MASQUERADE[2], {})
    await tp.createTopology(mine)
    flush('flush ruleset')
    const [from, to] = ['/run/netlink-ts/mine.json', `/run/netlink-ts/mine${suffix}`]
    const record = readFileSync(from, 'utf8')
    rmSync(from)
    writeFileSync(to, record.replace(cut, ''))
    const other: Topology = { name: 'other', nat: MASQUERADE[3] }
    const text =
      "the topology 'mine' has a masquerade() of the name 'x', which is not there now, and was left half-made"
    await expect(async () => tp.applyTopology(other)).rejects.toMatchObject({
      code: 'EEXIST',
      message: `applyTopology: nat.masquerade[0]: ${text}: recoverTopologies() comes first`,
    })
    await tp.recoverTopologies()
    await tp.applyTopology(other)
  })

  it('what one that was left half-changed was to have is its own, too', async (context) => {
    context.skip(!hasTool('nft'), 'no nft')
    const [mine, other] = topologies(MASQUERADE[2], MASQUERADE[3])
    await tp.createTopology({ name: 'mine', bridges: { br0: {} } })
    expect(wasKilled('mine', applying(mine), (effect) => writes(effect, '"step"'))).toBe(true)
    killNames()
    for (const make of [tp.createTopology, tp.applyTopology, tp.planTopology])
      await expect(async () => make(other)).rejects.toMatchObject({
        code: 'EEXIST',
        message: expect.stringContaining(
          'which is not there now, and was left half-made: recoverTopologies()',
        ),
      })
    await tp.recoverTopologies()
    await tp.createTopology(other)
  })

  it('a value without a name that is meant to be a change is told so', async (context) => {
    context.skip(!hasTool('nft'), 'no nft')
    await tp.createTopology({ bridges: { red: {} }, nat: MASQUERADE[2] })
    flush('flush ruleset')
    await expect(async () =>
      tp.applyTopology({ bridges: { blue: {}, green: {} }, nat: MASQUERADE[3] }),
    ).rejects.toMatchObject({
      message:
        "applyTopology: nat.masquerade[0]: the topology 'red' has a masquerade() of the name 'x', which is not there now; " +
        "this value has no name, so that its first part names it 'blue': name 'red' is for a change of that one",
    })
  })

  it('a name that is made of what an entry is about is known, too', async (context) => {
    context.skip(!hasTool('nft'), 'no nft')
    const nat = { masquerade: [{ source: '10.1.0.0/16' }] }
    await tp.createTopology({ name: 'mine', nat })
    const name = 'mine-10.1.0.0/16'
    expect(await listNat()).toMatchObject([{ name }])
    flush('flush ruleset')
    const other = { name: 'other', nat: { masquerade: [{ name, source: '10.2.0.0/16' }] } }
    await expect(async () => tp.applyTopology(other)).rejects.toMatchObject({ code: 'EEXIST' })
    await tp.deleteTopology('mine')
    await tp.applyTopology(other)
  })

  it('what is of no topology is planned for as if it were this one’s, also where there is no journal', async () => {
    const { source } = MASQUERADE[2].masquerade![0]!
    const made = await masquerade({ name: 'x', source })
    const { steps } = await tp.planTopology({ name: 'other', nat: MASQUERADE[3] })
    expect(steps.map(({ path }) => path)).toEqual(['nat.masquerade[0]'])
    expect((await tp.planTopology({ name: 'mine', nat: MASQUERADE[2] })).steps).toEqual([])
    await made.withdraw()
  })

  it('records of topologies that have no such name are not parsed for it', async () => {
    for (let i = 0; i < 9; i++)
      await tp.createTopology({ name: `t${i}`, nat: { masquerade: [{ source: `10.${i}.0.0/16` }] } })
    const parse = vi.spyOn(JSON, 'parse')
    try {
      await tp.applyTopology({ name: 'other', nat: MASQUERADE[3] })
      expect(parse.mock.calls.filter(([text]) => text.startsWith('{"make"'))).toEqual([])
    } finally {
      parse.mockRestore()
    }
  })

  it('a topology of another namespace has no name here', async (context) => {
    context.skip(!hasTool('nft'), 'no nft')
    const [mine, other] = topologies(MASQUERADE[2], MASQUERADE[3])
    await tp.createTopology(mine)
    flush('flush ruleset')
    const path = '/run/netlink-ts/mine.json'
    const record = readFileSync(path, 'utf8')
    const [, host] = /"host":"([^"]+)"/.exec(record)!
    writeFileSync(path, record.replace(host!, host!.replace(/\d(?=[^\d]*$)/, 'x')))
    await tp.applyTopology(other)
    expect(await listNat()).toMatchObject([{ name: 'x', source: '10.2.0.0/16' }])
  })
})
