/** What tells of the records of topologies which names of `nat` they have: never less than the record has, and searched for where it does not. */

import { readdirSync, renameSync, rmSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { SystemError } from '../../src/netlink/errors.js'
import type { Effect, Operation } from '../../src/netlink/operation.js'
import { runSync } from '../../src/socket/sync-driver.js'
import { readRecord } from '../../src/topology/journal.js'
import { marksIn } from '../../src/topology/nat-marks.js'
import * as operations from '../../src/topology/operations.js'
import { parseTopology } from '../../src/topology/parse.js'
import { createTopology, deleteTopology, recoverTopologies, type Topology } from '../../src/topology-sync.js'
import { needNftables } from './needs.js'
import { execFileSync } from './programs.js'
import { hasTool } from './support.js'
import { atEffect, cleanAll, full, killNames, wasKilled } from './topology-support.js'
import { watched, writes } from './watched.js'

needNftables()

afterEach(() => {
  cleanAll()
  if (hasTool('nft')) execFileSync('nft', ['flush', 'ruleset'])
})

const JOURNAL = '/run/netlink-ts'

const named = (name: string, ...names: readonly string[]): Topology => ({
  name,
  bridges: { [name]: {} },
  nat: { masquerade: names.map((one, index) => ({ name: one, source: `10.${index}.0.0/16` })) },
})

const ONE = named('mine', 'a', 'b')
const TWO = named('mine', 'b', 'c')
const NONE = named('mine')
/** More names than a mark holds. */
const MANY = named('mine', ...Array.from({ length: 60 }, (_, index) => `n${index}`))

const marks = () => readdirSync(JOURNAL).filter((file) => file.endsWith('.names'))

/** Throws where a mark would keep a record from being read that has a name. */
function checkMarks(): number {
  const files = readdirSync('/run').includes('netlink-ts') ? readdirSync(JOURNAL) : []
  let known = 0
  for (const file of files.filter((one) => /\.(json|deleting)$/.test(one))) {
    const name = file.slice(0, file.lastIndexOf('.'))
    const { complete, pending } = runSync(readRecord('test', JOURNAL, name))!
    for (const value of [complete, pending])
      for (const { value: model } of value === null ? [] : parseTopology(value).places.get('')!.nat) {
        const may = marksIn(files, [model])(name)
        if (may === false) throw new Error(`${model.name} is not among ${files.join(', ')}`)
        if (may) known++
      }
  }
  return known
}

const isOfJournal = (effect: Effect) =>
  effect.kind === 'primitive' && String(effect.args[0]).includes(JOURNAL)

/** Runs an operation, and looks before each of its effects. */
function looked(operation: Operation<unknown>): number {
  let known = checkMarks()
  runSync(
    watched(operation, () => {
      known += checkMarks()
      return undefined
    }),
  )
  return known + checkMarks()
}

it('has the names of its record at every effect of what is done to it', () => {
  let known = looked(operations.createTopology(ONE))
  for (const value of [TWO, ONE, NONE, TWO, MANY, TWO]) known += looked(operations.applyTopology(value))
  known += looked(operations.deleteTopology('mine'))
  expect(known).toBeGreaterThan(100)
  expect(readdirSync(JOURNAL)).toEqual([])
})

/** An operation that gets an error in the place of its first effect that `isIt` tells of. */
function failing(
  operation: Operation<unknown>,
  isIt: (effect: Effect) => boolean,
  error: Error,
): Operation<unknown> {
  let fails = 1
  return watched(operation, (effect) => {
    checkMarks()
    if (fails === 0 || !isIt(effect)) return undefined
    fails--
    return error
  })
}

const isMark = (effect: Effect) =>
  effect.kind === 'primitive' && effect.name === 'claimLink' && String(effect.args[0]).endsWith('.names')

const isPrimitive = (effect: Effect, name: string) => effect.kind === 'primitive' && effect.name === name

it.each(['"step":"nat.masquerade[1]"', '"make":'])('and where a change fails at %s', (line) => {
  createTopology(ONE)
  const before = marks()
  expect(before).toHaveLength(1)
  const change = failing(operations.applyTopology(TWO), (effect) => writes(effect, line), full())
  expect(() => runSync(change)).toThrow('ENOSPC')
  checkMarks()
  expect(marks()).toEqual(before)
  deleteTopology('mine')
  expect(readdirSync(JOURNAL)).toEqual([])
})

it.each<[string, (effect: Effect) => boolean]>([
  ['its file', (effect) => isPrimitive(effect, 'createFile')],
  ['its first line', (effect) => writes(effect, '"make":')],
])('goes where a record cannot be begun: %s', (_, isIt) => {
  expect(() => runSync(failing(operations.createTopology(ONE), isIt, full()))).toThrow('ENOSPC')
  expect(readdirSync(JOURNAL)).toEqual([])
})

it('is not there where a file system takes no name as long, and the record is read', () => {
  const long = new SystemError({ errno: 36, syscall: 'symlink', subject: 'the journal' })
  runSync(failing(operations.createTopology(ONE), isMark, long))
  expect(marks()).toEqual([])
  expect(() => createTopology(named('other', 'b'))).toThrow(
    "a masquerade() of the name 'b' already, of the topology 'mine'",
  )
})

it.each<[string, () => void, () => Operation<unknown>]>([
  ['makes', () => {}, () => operations.createTopology(ONE)],
  ['changes', () => createTopology(ONE), () => operations.applyTopology(TWO)],
  ['deletes', () => createTopology(ONE), () => operations.deleteTopology('mine')],
])('nothing is left of a process that was killed while it %s a topology', (_, before, operation) => {
  let killed = 0
  for (let point = 1; ; point++) {
    before()
    const at = atEffect(point)
    if (!wasKilled('mine', operation(), (effect) => isOfJournal(effect) && at())) break
    killed++
    killNames()
    checkMarks()
    runSync(watched(operations.recoverTopologies(), () => void checkMarks()))
    checkMarks()
    deleteTopology('mine')
    expect(readdirSync(JOURNAL), `at ${point}`).toEqual([])
    // Its names are free.
    createTopology(named('other', 'a', 'b', 'c'))
    deleteTopology('other')
  }
  expect(killed).toBeGreaterThan(8)
  checkMarks()
})

it('a process that is killed between the mark and the record leaves nothing after recovery', () => {
  const isRecord = (effect: Effect) => effect.kind === 'primitive' && effect.name === 'createFile'
  expect(wasKilled('mine', operations.createTopology(ONE), isRecord)).toBe(true)
  killNames()
  expect(marks()).toHaveLength(1)
  createTopology(named('other', 'a'))
  deleteTopology('other')
  expect(recoverTopologies()).toEqual([])
  expect(readdirSync(JOURNAL)).toEqual([])
})

describe('another topology', () => {
  const searched = (value: Topology): string[] => {
    const files: string[] = []
    const doing = watched(operations.createTopology(value), (effect) => {
      if (effect.kind !== 'primitive') return undefined
      const [path, ...more] = effect.args
      if (effect.name === 'filesWith') files.push(...(more[0] as string[]))
      if (effect.name === 'readText' && String(path).startsWith(JOURNAL))
        files.push(String(path).slice(JOURNAL.length + 1))
      return undefined
    })
    try {
      runSync(doing)
    } finally {
      // Whether there is one of its own is asked, too.
      files.splice(0, files.length, ...files.filter((file) => !file.startsWith('other.')))
    }
    return files
  }

  it('reads no record but those that have its names', () => {
    for (let i = 0; i < 5; i++) createTopology(named(`t${i}`, `x${i}`))
    createTopology(named('none'))
    expect(searched(named('other', 'y', 'z'))).toEqual([])
  })

  it('searches a record without a mark, of an earlier version', (context) => {
    context.skip(!hasTool('nft'), 'no nft')
    createTopology(ONE)
    createTopology(named('third', 'd'))
    rmSync(`${JOURNAL}/${marks().find((file) => file.startsWith('mine.'))}`)
    execFileSync('nft', ['flush', 'ruleset'])
    expect(() => createTopology(named('other', 'b'))).toThrow(
      "the topology 'mine' has a masquerade() of the name 'b'",
    )
    expect(searched(named('other', 'e'))).toEqual(['mine.json'])
    deleteTopology('other')
    // It has one once it is changed, also of what it has at that time.
    looked(operations.applyTopology(TWO))
    expect(marks().filter((file) => file.startsWith('mine.'))).toHaveLength(1)
    expect(searched(named('other', 'e'))).toEqual([])
  })

  it('finds a name among more than a mark holds', (context) => {
    context.skip(!hasTool('nft'), 'no nft')
    createTopology(MANY)
    expect(marks()).toEqual([])
    execFileSync('nft', ['flush', 'ruleset'])
    expect(() => createTopology(named('other', 'n59'))).toThrow(
      "the topology 'mine' has a masquerade() of the name 'n59'",
    )
  })

  it('finds the name of one that is being deleted', (context) => {
    context.skip(!hasTool('nft'), 'no nft')
    createTopology(ONE)
    execFileSync('nft', ['flush', 'ruleset'])
    renameSync(`${JOURNAL}/mine.json`, `${JOURNAL}/mine.deleting`)
    expect(() => createTopology(named('other', 'a'))).toThrow('left half-made: recoverTopologies()')
  })

  it('of a name that looks like a mark has its own', () => {
    createTopology(named('mine', 'a'))
    const [mark] = marks()
    createTopology({ name: mark!, nat: named('', 'b').nat! })
    deleteTopology('mine')
    expect(readdirSync(JOURNAL)).toHaveLength(2)
    expect(marks()).toEqual([expect.stringMatching(`^${mark}.\\w{6}.names$`)])
    expect(readdirSync(JOURNAL)).toContain(`${mark}.json`)
    deleteTopology(mark!)
    expect(readdirSync(JOURNAL)).toEqual([])
  })
})
