/** A namespace of a topology is made while the steps before it are done: whatever ends these, it does not stay. */

import { existsSync, readdirSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { SystemError } from '../../src/netlink/errors.js'
import type { Effect, Operation } from '../../src/netlink/operation.js'
import { runAsync } from '../../src/socket/async-driver.js'
import { runSync } from '../../src/socket/sync-driver.js'
import { createTopology } from '../../src/topology/operations.js'
import type { Topology } from '../../src/topology/value.js'
import { recoverTopologies } from '../../src/topology-sync.js'
import { ip } from './support.js'
import { cleanAll, killHolder, linkNames } from './topology-support.js'
import { KILLED, watched, writes } from './watched.js'

afterEach(cleanAll)

const value: Topology = {
  name: 'st',
  namespaces: { red: {}, blue: {} },
  bridges: { br7: { ports: ['red:eth0', 'blue:eth0'] } },
}

const state = () => ({
  namespaces: existsSync('/run/netns') ? readdirSync('/run/netns') : [],
  links: linkNames(),
  journal: existsSync('/run/netlink-ts') ? readdirSync('/run/netlink-ts') : [],
})

const NOTHING = { namespaces: [], links: ['lo'], journal: [] }

const busy = () => new SystemError({ errno: 16, syscall: 'request' })

/** 'beginNetns blue', or the kind of an effect that is no primitive. */
function textOf(effect: Effect): string {
  if (effect.kind !== 'primitive') return effect.kind
  const [first, second] = effect.args
  return effect.name === 'beginNetns' ? `begin ${second}` : `${effect.name} ${JSON.stringify(first)}`
}

/** At the first exchange after blue was begun, which makes the interfaces of red. */
function atLinksOfRed(then: () => Error | undefined): (effect: Effect) => Error | undefined {
  let begun = false
  return (effect) => {
    const isIt = begun && effect.kind === 'exchange'
    begun = !isIt && (begun || textOf(effect) === 'begin blue')
    return isIt ? then() : undefined
  }
}

it('is begun before the interfaces of the one before it are made', () => {
  const seen: string[] = []
  const doing = watched(createTopology(value), (effect) => {
    seen.push(textOf(effect).replace(/"number":\d+/, '"number":0'))
    return undefined
  })
  runSync(doing)
  expect(seen.filter((one) => /begin|finish|exchange/.test(one))).toEqual([
    'begin red',
    'exchange',
    'finishNetns {"name":"red","number":0}',
    'begin blue',
    ...['exchange', 'exchange'],
    'finishNetns {"name":"blue","number":0}',
    ...['exchange', 'exchange'],
  ])
})

describe.each<[string, (operation: Operation<unknown>) => Promise<unknown>]>([
  ['sync', async (operation) => runSync(operation)],
  ['promises', (operation) => runAsync(operation)],
])('is gone (%s)', (_, run) => {
  it('where a step before it fails', async () => {
    const doing = run(watched(createTopology(value), atLinksOfRed(busy)))
    await expect(doing).rejects.toMatchObject({ path: 'bridges.br7.ports[0]', code: 'EBUSY', left: [] })
    expect(state()).toEqual(NOTHING)
  })

  it('but not what has its name, which is why it fails, too', async () => {
    const doing = watched(createTopology(value), (effect) => {
      if (textOf(effect) === 'begin blue') ip('netns add blue')
      return fault(effect)
    })
    const fault = atLinksOfRed(busy)
    await expect(run(doing)).rejects.toMatchObject({ path: 'bridges.br7.ports[0]', code: 'EBUSY', left: [] })
    expect(state()).toEqual({ ...NOTHING, namespaces: ['blue'] })
  })

  it('but not what has its name, which the error says when its turn has come', async () => {
    const doing = watched(createTopology(value), (effect) => {
      if (textOf(effect) === 'begin blue') ip('netns add blue')
      return undefined
    })
    await expect(run(doing)).rejects.toMatchObject({ path: 'namespaces.blue', code: 'EEXIST', left: [] })
    expect(state()).toEqual({ ...NOTHING, namespaces: ['blue'] })
  })
})

it('is taken back by its line wherever the process is killed', () => {
  let isThere = false
  let effects = 0
  for (; !isThere; effects++) {
    let done = 0
    const killed = watched(createTopology(value), (effect) => {
      isThere ||= writes(effect, '"complete"')
      return done++ === effects ? KILLED : undefined
    })
    expect(() => runSync(killed)).toThrow()
    killHolder('st')
    recoverTopologies()
    expect(state(), `killed before effect ${effects}`).toEqual(NOTHING)
  }
  expect(effects).toBeGreaterThan(30)
})

it('is told by its line from what has its name later', () => {
  let written = false
  const killed = watched(createTopology(value), (effect) => {
    if (written) return KILLED
    written = writes(effect, '"step":"bridges.br7.ports[1]"')
    return undefined
  })
  expect(() => runSync(killed)).toThrow()
  killHolder('st')
  ip('netns delete blue')
  ip('netns add blue')
  expect(recoverTopologies()).toEqual([{ name: 'st', left: [] }])
  expect(state().namespaces).toEqual(['blue'])
})

it('that failed is told by its line, too', () => {
  let written = false
  const killed = watched(createTopology(value), (effect) => {
    if (textOf(effect) === 'begin blue') ip('netns add blue')
    if (written) return KILLED
    written = writes(effect, '{"failed":true,"ahead":true}')
    return undefined
  })
  expect(() => runSync(killed)).toThrow()
  killHolder('st')
  expect(recoverTopologies()).toEqual([{ name: 'st', left: [] }])
  expect(state()).toEqual({ ...NOTHING, namespaces: ['blue'] })
})

it('waits for parameters of the process, which may be for new namespaces', () => {
  const seen: string[] = []
  const sysctls = { 'net.ipv4.conf.default.rp_filter': 2 }
  const doing = watched(createTopology({ ...value, sysctls }), (effect) => {
    seen.push(textOf(effect))
    return undefined
  })
  runSync(doing)
  const first = seen.findIndex((one) => one.startsWith('begin '))
  expect(seen.findIndex((one) => one.startsWith('writeFile'))).toBeLessThan(first)
})
