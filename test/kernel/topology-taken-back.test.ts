/** Whichever step fails, the error names it, and what was made before it goes in reverse order. */

import { readdirSync, readFileSync } from 'node:fs'
import { afterEach, expect, it } from 'vitest'
import { SystemError } from '../../src/netlink/errors.js'
import { getLink } from '../../src/sync.js'
import { build } from '../../src/topology/build.js'
import { applyTopology, createTopology } from '../../src/topology/operations.js'
import { parseTopology } from '../../src/topology/parse.js'
import type { Topology } from '../../src/topology/value.js'
import * as sync from '../../src/topology-sync.js'
import { lacksNat } from './needs.js'
import { execFileSync } from './programs.js'
import { restoreHost } from './restore.js'
import { cleanAll, failure } from './topology-support.js'
import { watched, writes } from './watched.js'

afterEach(() => {
  cleanAll()
  restoreHost()
})

/** Something of every kind, most of it in the process's own namespace, where it does not go with another thing. */
const VALUE: Topology = {
  name: 'back',
  sysctls: { 'net.ipv4.ip_forward': 1, 'net.ipv4.conf.default.rp_filter': 2 },
  bridges: { br7: { addresses: ['10.7.0.1/24'], ports: ['b1:eth0'] } },
  links: { a: { peer: 'b' }, mv: { kind: 'macvlan', link: 'a' } },
  routes: [
    { to: '10.9.1.0/24', type: 'blackhole' },
    { to: '10.9.2.0/24', type: 'blackhole' },
  ],
  rules: [
    { from: '10.9.1.0/24', table: 100, priority: 901 },
    { from: '10.9.2.0/24', table: 100, priority: 902 },
  ],
  neighbours: [
    { to: '10.7.0.98', mac: '02:00:00:00:00:98', dev: 'br7' },
    { to: '10.7.0.99', mac: '02:00:00:00:00:99', dev: 'br7' },
  ],
  ...(!lacksNat() && { nat: { publish: [{ hostPort: 8080, to: '10.7.0.2:80' }] } }),
  namespaces: {
    b1: { routes: [{ to: '10.9.3.0/24', type: 'blackhole' }], sysctls: { 'net.ipv4.ip_forward': 1 } },
    b2: {},
    b3: { links: { eth0: { kind: 'macvlan', link: ':a' } } },
  },
}

/** What there is of it, by the names of its steps; the interfaces are one thing, as they go at once. One process asks, as it is asked often. */
function present(): string[] {
  const parameter = (path: string) => readFileSync(`/proc/sys/net/ipv4/${path}`, 'utf8').trim()
  const input = 'route\nrule\nneighbour\nlink\n'
  const shown = execFileSync('ip', ['-batch', '-'], { input })
  const all: [string, boolean][] = [
    ['sysctls.net.ipv4.ip_forward', parameter('ip_forward') === '1'],
    ['sysctls.net.ipv4.conf.default.rp_filter', parameter('conf/default/rp_filter') === '2'],
    ['routes[0]', shown.includes('blackhole 10.9.1.0/24')],
    ['routes[1]', shown.includes('blackhole 10.9.2.0/24')],
    ['rules[0]', shown.includes('901:')],
    ['rules[1]', shown.includes('902:')],
    ['neighbours[0]', shown.includes('10.7.0.98 ')],
    ['neighbours[1]', shown.includes('10.7.0.99 ')],
    ['links', /^\d+: (?!lo:)/m.test(shown)],
    ...readdirSync('/run/netns').map((name): [string, boolean] => [`namespaces.${name}`, true]),
  ]
  return all.filter(([, is]) => is).map(([name]) => name)
}

it('what was made goes in reverse order: entries, then the interfaces at once, then namespaces', () => {
  const came: string[] = []
  const went: string[] = []
  let before = present()
  const look = () => {
    const now = present()
    came.push(...now.filter((name) => !before.includes(name)))
    went.push(...before.filter((name) => !now.includes(name)))
    before = now
    return undefined
  }
  expect(before).toEqual([])
  // The last step.
  const value: Topology = {
    ...VALUE,
    namespaces: { ...VALUE.namespaces, zz: { links: { v: { kind: 'macvlan', link: ':nowhere' } } } },
  }
  const error = failure(watched(createTopology(value), look))
  look()
  expect(error).toMatchObject({ path: 'namespaces.zz.links.v', code: 'ENODEV', left: [] })
  const isEntry = (name: string) => !/^(links|namespaces\.\w+)$/.test(name)
  const isNetns = (name: string) => name.startsWith('namespaces')
  expect(came).toHaveLength(13)
  expect(went).toEqual([...came.filter(isEntry).reverse(), 'links', ...came.filter(isNetns).reverse()])
})

const steps = build(parseTopology(VALUE)).map(({ path }) => path)

it.each(steps.map((path, index) => [path, index] as const))(
  '%s fails: it is named, nothing is left',
  (path, index) => {
    // Of two steps of one path (the interfaces of a pair) the number tells which.
    const nth = steps.slice(0, index).filter((one) => one === path).length
    let seen = 0
    let isNext = false
    const doing = watched(createTopology(VALUE), (effect) => {
      if (isNext) {
        isNext = false
        return new SystemError({ errno: 16, syscall: 'test' })
      }
      isNext = writes(effect, `"step":"${path}"`) && seen++ === nth
      return undefined
    })
    expect(failure(doing)).toMatchObject({ path, code: 'EBUSY', left: [] })
    expect(present()).toEqual([])
  },
)

it('a state of an interface that cannot be set is not put back, and keeps nothing from being so', async () => {
  const value = (operState: 'dormant' | 'up', more: Partial<Topology> = {}): Topology => ({
    name: 'back',
    links: { a: { peer: 'b', up: true, operState }, b: { up: false } },
    ...more,
  })
  sync.createTopology(value('dormant'))
  await expect.poll(() => getLink('a').operState).toBe('lowerlayerdown')
  const failing = value('up', { routes: [{ to: '10.0.0.0/8', via: '192.0.2.1' }] })
  expect(failure(applyTopology(failing))).toMatchObject({ path: 'routes[0]', left: [] })
  expect(sync.recoverTopologies()).toEqual([])
  sync.applyTopology(value('dormant'))
})
