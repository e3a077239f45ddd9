/**
 * A process is killed while it takes back what it made, and before it has begun. An operation of which no more is run stands for the
 * process here, so that every effect can be the last one; test/kernel/topology-kill.test.ts kills real ones.
 */

import { existsSync, readdirSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import type { Effect, Operation } from '../../src/netlink/operation.js'
import { runSync } from '../../src/socket/sync-driver.js'
import { applyTopology, createTopology } from '../../src/topology/operations.js'
import type { Topology } from '../../src/topology/value.js'
import {
  applyTopology as apply,
  createTopology as create,
  recoverTopologies,
  deleteTopology as remove,
} from '../../src/topology-sync.js'
import { ip, ipJson } from './support.js'
import { cleanAll, deleteLinks, killHolder, linkNames } from './topology-support.js'
import { KILLED, watched } from './watched.js'

afterEach(cleanAll)

const NEVER = Number.POSITIVE_INFINITY

/** What there is; quick to ask for, as it is asked for after every effect. */
const state = () => ({
  links: linkNames(),
  routes: ipJson('route show table all'),
  namespaces: readdirSync('/run/netns'),
  journal: existsSync('/run/netlink-ts') ? readdirSync('/run/netlink-ts') : [],
})

/** What an operation did. */
interface Run {
  /** What it threw, or KILLED. */
  readonly end: unknown
  /** Of its effects, in their order, those that write a line of the journal, by their numbers. */
  readonly lines: ReadonlyMap<number, string>
}

/** Runs an operation up to an effect; what it returns is KILLED then. `fault` is what one throws instead of being run. */
function run(
  operation: Operation<unknown>,
  until: number,
  fault: (effect: Effect, number: number) => Error | undefined = () => undefined,
): Run {
  const lines = new Map<number, string>()
  let number = 0
  const doing = watched(operation, (effect) => {
    if (++number === until) return KILLED
    if (effect.kind === 'primitive' && effect.name === 'appendFile') lines.set(number, String(effect.args[1]))
    return fault(effect, number)
  })
  try {
    runSync(doing)
    return { end: null, lines }
  } catch (error) {
    return { end: error, lines }
  }
}

/** The number of the last effect that wrote such a line. */
function lineOf({ lines }: Run, text: string): number {
  return [...lines].findLast(([, line]) => line.includes(text))![0]
}

/** Kills it before each effect from `first` on; what was left is recovered behind `meanwhile`. Returns how many effects that were. */
function killedFrom(
  first: number,
  name: string,
  start: (until: number) => Run,
  meanwhile: (number: number) => () => void,
  last = NEVER,
): number {
  let number = first
  for (; number <= last && start(number).end === KILLED; number++) {
    killHolder(name)
    const then = meanwhile(number)
    recoverTopologies()
    then()
  }
  return number - first
}

it('while it takes back what it made, as a step failed: what was there is, and nothing else', () => {
  const value: Topology = {
    name: 'failing',
    namespaces: { f1: {} },
    bridges: { br7: { addresses: ['10.7.0.1/24'], ports: ['f1:eth0'] } },
    routes: [
      { to: '10.9.8.0/24', type: 'blackhole' },
      { to: '10.9.9.0/24', type: 'blackhole' },
    ],
  }
  ip('route add blackhole 10.9.9.0/24')
  const before = state()
  const start = (until: number) => run(createTopology(value), until)
  const whole = start(NEVER)
  expect(whole.end).toMatchObject({ path: 'routes[1]', code: 'EEXIST', left: [] })
  const effects = killedFrom(
    lineOf(whole, '"failed"') + 1,
    'failing',
    start,
    (number) => () => expect(state(), `killed before effect ${number}`).toEqual(before),
  )
  expect(effects).toBeGreaterThan(15)
  ip('route delete blackhole 10.9.9.0/24')
})

it('while it takes back what it made, as it was stopped: what others make of its names stays', () => {
  const creation = () => createTopology({ name: 'stopped', bridges: { br7: {}, br8: {} } })
  let behind = 0
  run(creation(), NEVER, (effect, number) => {
    if (effect.kind === 'checkpoint') behind = number
    return undefined
  })
  remove('stopped')
  const start = (until: number) =>
    run(creation(), until, (_, number) =>
      number === behind ? new DOMException('stopped', 'AbortError') : undefined,
    )
  const whole = start(NEVER)
  expect(whole.end).toMatchObject({ name: 'AbortError' })
  const others = new Set<string>()
  killedFrom(lineOf(whole, '"is"') + 1, 'stopped', start, (number) => {
    const gone = ['br7', 'br8'].filter((name) => !linkNames().includes(name))
    for (const name of gone) ip(`link add ${name} type bridge`)
    others.add(gone.join())
    return () => {
      expect(linkNames(), `killed before effect ${number}`).toEqual(['lo', ...gone])
      deleteLinks()
    }
  })
  expect([...others]).toEqual(['', 'br7,br8'])
})

describe('before its first step', () => {
  const value: Topology = { name: 'st', namespaces: { red: {} } }
  const first = ({ lines }: Run) => [...lines].find(([, line]) => line.includes('"step"'))![0]

  it.each([
    ['createTopology', createTopology],
    ['applyTopology', applyTopology],
  ])('of %s: nothing is left', (_, operation) => {
    const before = state()
    const start = (until: number) => run(operation(value), until)
    const last = first(start(NEVER))
    remove('st')
    const meanwhile = (number: number) => () =>
      expect(state(), `killed before effect ${number}`).toEqual(before)
    expect(killedFrom(1, 'st', start, meanwhile, last)).toBe(last)
  })

  it('of a change: it is there as it was, and can be changed', () => {
    const changed = { ...value, bridges: { br7: {} } }
    create(value)
    const before = state()
    const start = (until: number) => run(applyTopology(changed), until)
    const last = first(start(NEVER))
    apply(value)
    expect(state()).toEqual(before)
    const meanwhile = (number: number) => () =>
      expect(state(), `killed before effect ${number}`).toEqual(before)
    expect(killedFrom(1, 'st', start, meanwhile, last)).toBe(last)
    apply(changed)
    expect(linkNames()).toEqual(['lo', 'br7'])
  })
})
