/** The kernel's own rules are nobody's: a rule of a topology that says the same is another one. */

import { afterEach, describe, expect, it } from 'vitest'
import {
  applyTopology,
  createTopology,
  deleteTopology,
  planTopology,
  type Topology,
  type TopologyRule,
} from '../../src/topology-sync.js'
import { spawnSync } from './programs.js'
import { hasKind, ip, ipJson } from './support.js'
import { cleanAll, stateOfAll } from './topology-support.js'

afterEach(cleanAll)

const RULES: TopologyRule[] = [
  { family: 'ipv4', table: 255 },
  { from: '0.0.0.0/0', table: 255, invert: false },
  { family: 'ipv6', table: 255, protocol: 'static' },
  { family: 'ipv4', table: 254 },
  { family: 'ipv4', table: 253 },
  { family: 'ipv6', table: 254, invert: false },
  { family: 'ipv4', table: 255, action: 'unreachable' },
]

const lab = (rules: TopologyRule[], others: Topology['namespaces'] = {}): Topology => ({
  name: 'lab',
  rules,
  namespaces: { red: { rules }, ...others },
})

it.each(RULES)('%j', (rule) => {
  const family = rule.family === 'ipv6' ? '-6 ' : ''
  const count = (netns?: string) => ipJson(`${family}rule`, netns).length
  const nothing = stateOfAll()
  createTopology(lab([]))
  const before = stateOfAll()
  const [host, red] = [count(), count('red')]
  // The last step fails.
  const failing = lab([rule], { zz: { links: { v: { kind: 'macvlan', link: ':nowhere' } } } })
  expect(() => applyTopology(failing)).toThrow(expect.objectContaining({ code: 'ENODEV', left: [] }))
  expect(stateOfAll()).toEqual(before)
  expect(planTopology(lab([rule])).explain()).toHaveLength(2)
  applyTopology(lab([rule]))
  expect([count(), count('red')]).toEqual([host + 1, red + 1])
  expect(planTopology(lab([rule])).explain()).toEqual([])
  applyTopology(lab([]))
  expect(stateOfAll()).toEqual(before)
  applyTopology(lab([rule]))
  deleteTopology('lab')
  expect(stateOfAll()).toEqual(nothing)
})

it('those that say no priority have the one that they had when they are taken back', () => {
  const [first, second]: TopologyRule[] = [
    { from: '10.1.0.0/16', table: 77 },
    { from: '10.2.0.0/16', table: 77 },
  ]
  createTopology(lab([first!, second!]))
  const before = stateOfAll()
  const failing = lab([second!], { zz: { links: { v: { kind: 'macvlan', link: ':nowhere' } } } })
  expect(() => applyTopology(failing)).toThrow(expect.objectContaining({ code: 'ENODEV', left: [] }))
  expect(stateOfAll()).toEqual(before)
  deleteTopology('lab')
})

it('one of the kernel’s that is said, priority and all, stays', () => {
  const own: TopologyRule = { family: 'ipv4', table: 254, priority: 32766 }
  createTopology(lab([]))
  const before = stateOfAll()
  expect(() => applyTopology(lab([own]))).toThrow(expect.objectContaining({ code: 'EEXIST', left: [] }))
  const value = { ...lab([]), namespaces: { red: { rules: [own] } } }
  for (const next of [value, lab([])]) {
    expect(applyTopology(next).explain()).toEqual([])
    expect(stateOfAll()).toEqual(before)
  }
})

describe('somebody else’s of the same priority that has all that the topology’s has', () => {
  const own: TopologyRule = { from: '10.0.0.0/8', table: 4, priority: 3 }
  const protocols = () => ipJson('rule show priority 3').map(({ protocol }) => protocol as unknown)
  afterEach(() => {
    while (spawnSync('ip', ['rule', 'delete', 'priority', '3']).status === 0);
  })

  it.each(['from 10.0.0.0/8 table 4 protocol static', 'from 10.0.0.0/8 iif lo table 4 protocol static'])(
    'stays where it comes first, and the topology’s too: %s',
    (theirs) => {
      ip(`rule add priority 3 ${theirs}`)
      createTopology(lab([own]))
      expect(protocols()).toEqual(['static', 'unspec'])
      const left = "the kernel would delete another one of priority 3 that comes first, of protocol 'static'"
      for (const take of [() => applyTopology(lab([])), () => deleteTopology('lab')])
        expect(take).toThrow(left)
      expect(protocols()).toEqual(['static', 'unspec'])
      ip('rule delete priority 3 protocol static')
      deleteTopology('lab')
      expect(protocols()).toEqual([])
    },
  )

  it('stays where it comes behind', () => {
    createTopology(lab([own]))
    ip('rule add priority 3 from 10.0.0.0/8 table 4 protocol static')
    deleteTopology('lab')
    expect(protocols()).toEqual(['static'])
  })
})

it('the one that comes with a VRF is the kernel’s, too', ({ skip }) => {
  skip(!hasKind('vrf'), 'cannot be installed: this kernel has no VRF')
  const value = (rules: TopologyRule[]): Topology => ({
    name: 'lab',
    namespaces: { red: { links: { v: { kind: 'vrf', table: 77 } }, rules } },
  })
  const l3mdev = () => ipJson('rule', 'red').filter((rule) => 'l3mdev' in rule).length
  const wanted = value([{ family: 'ipv4', l3mdev: true, protocol: 'kernel' }])
  createTopology(wanted)
  expect(planTopology(wanted).explain()).toEqual([])
  expect(l3mdev()).toBe(2)
  applyTopology(value([]))
  expect(l3mdev()).toBe(1)
})
