/**
 * A process that makes or deletes a topology is killed at every step: recoverTopologies() brings everything back to what it was. To start one
 * takes most of the time of a case: between those that are killed stand operations of which no more is run (wasKilled()).
 */

import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { build } from '../../src/topology/build.js'
import * as operations from '../../src/topology/operations.js'
import { parseTopology } from '../../src/topology/parse.js'
import {
  applyTopology,
  createTopology,
  deleteTopology,
  normalizeTopology,
  planTopology,
  readTopology,
  recoverTopologies,
} from '../../src/topology.js'
import { needNftables } from './needs.js'
import { PATIENCE } from './patience.js'
import { restoreHost } from './restore.js'
import { hasTool } from './support.js'
import {
  atEffect,
  atStep,
  cleanAll,
  fillDisk,
  linkNames,
  stateOfAll,
  TOPOLOGY_FACES,
  wasKilled,
} from './topology-support.js'
import { CHANGED, THIRTY_STEPS, TRANSLATED } from './topology-thirty.js'

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url))
/** One file, as it is run a hundred times; two levels below the package's directory, as the sources are. */
const PROGRAM = file(`../../build/test/topology-killed-${process.pid}.mjs`)

beforeAll(() => {
  buildSync({
    entryPoints: [file('topology-killed.ts')],
    outfile: PROGRAM,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
  })
})
afterAll(() => rmSync(PROGRAM))

function child(...args: string[]) {
  const { signal, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], {
    encoding: 'utf8',
    timeout: 30_000 * PATIENCE,
    killSignal: 'SIGTERM',
  })
  return { signal, stdout, stderr }
}

/** What one prints that is not killed. */
function whole(doing: string): Counts {
  const { signal, stdout, stderr } = child('0', doing)
  expect({ signal, stderr }).toEqual({ signal: null, stderr: '' })
  return JSON.parse(stdout) as Counts
}

/** The last effects: a look for an abort, the last line, the lock, the file. Where there is nat the lock of each of its names follows. */
const COMPLETION = 4

interface Counts {
  total: number
  begun: number[]
}

/** Of two points at each step one, the first and the second in turn. */
const isProcess = (index: number) => index % 4 === 0 || index % 4 === 3

/** What the steps set in the process's own namespace. */
const parameters = () =>
  execFileSync('sysctl', Object.keys(THIRTY_STEPS.sysctls!), { encoding: 'utf8' }).split('\n')

afterEach(cleanAll)

describe('a process that is killed', () => {
  it('has thirty steps', () => expect(build(parseTopology(THIRTY_STEPS))).toHaveLength(30))

  it('while it makes a topology leaves nothing after recovery, whichever step it was at', {
    timeout: 180_000 * PATIENCE,
  }, async () => {
    const [before, wereParameters] = [stateOfAll(), parameters()]
    const { total, begun } = whole('create')
    expect(begun).toHaveLength(30)
    // Before the step's first effect, and in its middle: before its last one.
    const last = total - COMPLETION
    const points = begun.flatMap((first, index) => [first, (begun[index + 1] ?? last) - 2])
    const seen = new Set<string>()
    for (const [index, point] of points.entries()) {
      // A process at each step, as it begins or in its middle in turn.
      if (isProcess(index)) expect(child(String(point))).toMatchObject({ signal: 'SIGKILL' })
      else expect(wasKilled('thirty', operations.createTopology(THIRTY_STEPS), atEffect(point))).toBe(true)
      seen.add(JSON.stringify([readdirSync('/run/netns'), linkNames()]))
      // Until somebody recovers, the topology can neither be made nor is it taken for one that is there.
      if (index === 8)
        await expect(createTopology(THIRTY_STEPS)).rejects.toMatchObject({
          code: 'EBUSY',
          message: expect.stringContaining('recoverTopologies()'),
        })
      const { recoverTopologies: recover } = TOPOLOGY_FACES[index % 2]!.topology
      expect(await recover()).toEqual([{ name: 'thirty', left: [] }])
      expect(stateOfAll(), `killed before effect ${point}`).toEqual(before)
      expect(parameters()).toEqual(wereParameters)
    }
    // Five namespaces, the bridge, its ports, the pair, the macvlan.
    expect(seen.size).toBeGreaterThan(12)
    await createTopology(THIRTY_STEPS)
    await deleteTopology(THIRTY_STEPS)
  })

  it('while it deletes a topology leaves nothing after recovery, whichever effect it was at', {
    timeout: 120_000 * PATIENCE,
  }, async () => {
    const before = stateOfAll()
    const { total } = whole('delete')
    expect(stateOfAll()).toEqual(before)
    let wereWhole = 0
    for (let point = 1; point <= total; point++) {
      // A process at every eighth effect.
      if (point % 8 === 0) expect(child(String(point), 'delete')).toMatchObject({ signal: 'SIGKILL' })
      else {
        await createTopology(THIRTY_STEPS)
        expect(wasKilled('thirty', operations.deleteTopology(THIRTY_STEPS), atEffect(point))).toBe(true)
      }
      const recovered = await recoverTopologies()
      expect(recovered.flatMap(({ left }) => left)).toEqual([])
      // Killed before it had begun, it is there as before, whole.
      if (recovered.length === 0 && readdirSync('/run/netns').length > 0) {
        expect((await planTopology(THIRTY_STEPS)).explain()).toEqual([])
        wereWhole++
      }
      await deleteTopology('thirty')
      expect(stateOfAll(), `killed before effect ${point} of ${total}`).toEqual(before)
    }
    expect(wereWhole).toBeGreaterThan(0)
  })

  it('while it changes a topology leaves the one that was there', {
    timeout: 120_000 * PATIENCE,
  }, async () => {
    await createTopology(THIRTY_STEPS)
    const { begun } = whole('apply')
    expect((await planTopology(CHANGED)).explain()).toEqual([])
    await deleteTopology('thirty')
    await createTopology(THIRTY_STEPS)
    const before = await readTopology(THIRTY_STEPS)
    const plan = (await planTopology(CHANGED)).explain()
    expect(before).toEqual(normalizeTopology(THIRTY_STEPS))
    expect(begun.length).toBeGreaterThan(15)
    // As the step begins, and two effects later; the last step may end sooner.
    const points = begun.flatMap((_, index) => [
      [index + 1, 0],
      ...(index + 1 < begun.length ? [[index + 1, 2]] : []),
    ])
    for (const [index, [steps, after]] of points.entries()) {
      if (isProcess(index))
        expect(child('0', 'apply', `${steps}`, `${after}`)).toMatchObject({ signal: 'SIGKILL' })
      else expect(wasKilled('thirty', operations.applyTopology(CHANGED), atStep(steps!, after!))).toBe(true)
      await expect(applyTopology(CHANGED)).rejects.toMatchObject({ code: 'EBUSY' })
      expect(await recoverTopologies()).toEqual([{ name: 'thirty', left: [] }])
      expect(await readTopology(THIRTY_STEPS), `killed ${after} effects into step ${steps}`).toEqual(before)
      expect((await planTopology(THIRTY_STEPS)).explain()).toEqual([])
      // What only the new value names is as it was, too.
      expect((await planTopology(CHANGED)).explain()).toEqual(plan)
      expect(readdirSync('/run/netns').sort()).toEqual(['n1', 'n2', 'n3', 'n4', 'n5'])
      expect(linkNames()).not.toContain('br8')
    }
    await deleteTopology('thirty')
    expect(linkNames()).toEqual(['lo'])
  })
})

describe('a process that is killed while addresses are translated', () => {
  needNftables()
  const ruleset = () => execFileSync('nft', ['-s', 'list', 'ruleset'], { encoding: 'utf8' })
  afterEach(restoreHost)

  it('leaves no rule and no published port after recovery', {
    timeout: 60_000 * PATIENCE,
  }, async (context) => {
    context.skip(!hasTool('nft'), 'not installed: nftables')
    // The library's table stays, with nothing in it: the next one has less to do.
    whole('translate')
    const { total, begun } = whole('translate')
    const names = Object.values(TRANSLATED.nat!).flat().length
    const before = [stateOfAll(), ruleset()]
    expect(before[1]).not.toMatch(/10\.7\.0|8080/)
    const seen: string[] = []
    // Every other effect, for the sake of time: a step has more than two, and each is met while it is at work.
    for (let point = begun.at(-2)!; point <= total; point += 2) {
      expect(child(String(point), 'translate')).toMatchObject({ signal: 'SIGKILL' })
      seen.push(ruleset())
      await recoverTopologies()
      // Killed behind its last line it is there, and whole.
      if (point > total - names - COMPLETION + 2) await deleteTopology('translated')
      expect([stateOfAll(), ruleset()], `killed before effect ${point} of ${total}`).toEqual(before)
    }
    const some = (...texts: string[]) =>
      seen.filter((one) => texts.every((text) => one.includes(text))).length
    expect(some('10.7.0.0/24')).toBeGreaterThan(some('10.7.0.0/24', '8080'))
    expect(some('10.7.0.0/24', '8080')).toBeGreaterThan(0)
  })
})

describe('a process that is killed, and whose disk is full since,', () => {
  const JOURNAL = '/run/netlink-ts'
  beforeEach(() => {
    mkdirSync(JOURNAL)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', JOURNAL])
  })
  afterEach(() => execFileSync('umount', [JOURNAL]))

  /** Of the process's own namespace and those with a name; then the journal. */
  const recoveredFull = async (before: object) => {
    fillDisk(JOURNAL)
    expect(await recoverTopologies()).toEqual([{ name: 'thirty', left: [] }])
    expect(await readTopology()).toEqual(before)
    return readdirSync(JOURNAL).sort()
  }

  it('while it makes a topology leaves nothing after recovery', async () => {
    const before = await readTopology()
    const { begun } = whole('create')
    expect(child(String(begun[20]))).toMatchObject({ signal: 'SIGKILL' })
    expect(await readTopology()).not.toEqual(before)
    expect(await recoveredFull(before)).toEqual(['fill'])
  })

  it('while it deletes a topology leaves nothing after recovery', async () => {
    const before = await readTopology()
    const { total } = whole('delete')
    for (const point of [Math.floor(total / 2), total]) {
      rmSync(`${JOURNAL}/fill`, { force: true })
      expect(child(String(point), 'delete')).toMatchObject({ signal: 'SIGKILL' })
      expect(readdirSync(JOURNAL).sort()).toEqual(
        point === total ? ['thirty.lock'] : ['thirty..names', 'thirty.deleting', 'thirty.lock'],
      )
      if (point < total) expect(await recoveredFull(before)).toEqual(['fill'])
    }
    fillDisk(JOURNAL)
    expect(await recoverTopologies()).toEqual([])
    expect(readdirSync(JOURNAL)).toEqual(['fill'])
  })

  it('while it changes a topology leaves the one that was there', async () => {
    await createTopology(THIRTY_STEPS)
    const before = await readTopology(THIRTY_STEPS)
    expect(child('0', 'apply', '12', '0')).toMatchObject({ signal: 'SIGKILL' })
    expect(await readTopology(THIRTY_STEPS)).not.toEqual(before)
    fillDisk(JOURNAL)
    expect(await recoverTopologies()).toEqual([{ name: 'thirty', left: [] }])
    expect(await readTopology(THIRTY_STEPS)).toEqual(before)
    expect((await planTopology(THIRTY_STEPS)).explain()).toEqual([])
    await deleteTopology('thirty')
    expect([linkNames(), readdirSync(JOURNAL)]).toEqual([['lo'], ['fill']])
  })
})

it('a topology that is there, and one that a living process makes, are not recovered', async () => {
  await createTopology(THIRTY_STEPS)
  const making = createTopology({ namespaces: { slow: { links: { eth0: { peer: ':slow0' } } } } })
  expect(await recoverTopologies()).toEqual([])
  await making
  expect(await recoverTopologies()).toEqual([])
  await deleteTopology('slow')
  await deleteTopology('thirty')
})
