/** Records that processes leave that are killed as they write: a line that was cut off is none, and no damage. */

import { describe, expect, it } from 'vitest'
import { type Line, readLines } from '../../src/topology/journal-line.js'

const HOST = { netns: '', dev: 'br0' } as const
const LINES: readonly Line[] = [
  { make: { name: 'é', bridges: { br0: {} } }, host: 'x' },
  { step: 'bridges.br0', undo: { call: 'deleteLink', ...HOST } },
  { is: '7' },
  { step: 'bridges.br0.addresses[0]', undo: null },
  { step: 'namespaces.red', undo: { call: 'deleteNetns', netns: 'red' }, ahead: true },
  { failed: true, ahead: true },
  { complete: true },
  { make: { name: 'é' }, host: null },
  { step: 'sysctls', undo: { call: 'setSysctl', netns: '', key: 'a', value: '1', also: { b: '2' } } },
  { undone: true },
]
const TEXT = LINES.map((line) => `${JSON.stringify(line)}\n`).join('')

/** How many lines end before a place in the text. */
const wholeAt = (at: number) => TEXT.slice(0, at).split('\n').length - 1

describe('a record that was cut off at any place', () => {
  const places = Array.from({ length: TEXT.length + 1 }, (_, at) => at)

  it('tells the lines before that', () => {
    for (const at of places)
      expect(readLines(TEXT.slice(0, at))).toEqual({ lines: LINES.slice(0, wholeAt(at)), damage: null })
  })

  it.each(['!\n', '!!\n', '!\n!\n'])(
    'and that was written on after %j: those that follow, too',
    (spoiled) => {
      for (const at of places) {
        const whole = LINES.slice(0, wholeAt(at))
        const rest = whole.length === 0 ? TEXT : '{"undone":true}\n'
        const lines = whole.length === 0 ? LINES : [...whole, { undone: true }]
        expect(readLines(`${TEXT.slice(0, at)}${spoiled}${rest}`)).toEqual({ lines, damage: null })
      }
    },
  )
})

it('a line with a character that no record has is none, wherever it stands', () => {
  for (const [index, line] of LINES.entries()) {
    const text = JSON.stringify(line)
    const before = TEXT.split('\n').slice(0, index)
    const after = TEXT.split('\n').slice(index + 1)
    for (let at = 0; at < text.length; at++) {
      const changed = `${text.slice(0, at)}\0${text.slice(at + 1)}`
      const { damage } = readLines([...before, changed, ...after].join('\n'))
      expect(damage, changed).toBe(`line ${index + 1} is none of a record`)
    }
  }
})

describe('what takes a step back is checked as its operation checks it', () => {
  const NETNS = { netns: 'red' } as const
  const route = { to: '10.9.0.0/16', nexthops: [{ via: '10.1.0.1', weight: 2 }], metrics: { mtu: 1300 } }
  const rule = { priority: 7, from: '10.0.0.0/8', table: 9, dport: { start: 80, end: 90 } }
  const neighbour = { to: '10.1.0.9', dev: 'x', mac: '02:00:00:00:00:09' }
  const address = { address: '10.1.0.1/24', flags: ['noprefixroute'], validLifetime: 9 }
  const options = { kind: 'bridge', master: null, up: false, mtu: 1500, stp: true, operState: 'dormant' }
  const port = { verb: 'publishPort', name: 'p', options: { hostPort: 80, to: '10.1.0.2:80' } }
  const masquerade = { verb: 'masquerade', name: 'm', options: { source: '10.1.0.0/24' } }

  /** The call, its fields, and what each of these cannot be. */
  const CALLS: [call: string, fields: object, damaged: object[]][] = [
    [
      'addRoute',
      { route },
      [
        { route: {} },
        { route: { ...route, to: 7 } },
        { route: { ...route, nexthops: [{ via: 5 }] } },
        { route: { ...route, nexthops: {} } },
        { route: { ...route, metrics: { mtu: '1300' } } },
        { route: { ...route, metrics: 5 } },
        { route: { ...route, colour: 1 } },
        { route: { to: '10.9.0.0/16', dev: {} } },
      ],
    ],
    ['deleteRoute', { route }, [{ route: { ...route, table: 'main' } }]],
    [
      'addRule',
      { rule },
      [{ rule: {} }, { rule: { ...rule, priority: '7' } }, { rule: { ...rule, dport: { start: 80 } } }],
    ],
    ['deleteRule', { rule }, [{ rule: { ...rule, from: 5 } }, { rule: { ...rule, form: '10.0.0.0/8' } }]],
    [
      'addNeighbour',
      { neighbour },
      [
        { neighbour: {} },
        { neighbour: { ...neighbour, mac: '02' } },
        { neighbour: { ...neighbour, up: true } },
      ],
    ],
    ['deleteNeighbour', { neighbour }, [{ neighbour: { ...neighbour, to: null } }]],
    [
      'addAddress',
      { dev: 'x', address },
      [
        { address: {} },
        { address: { ...address, address: 7 } },
        { address: { ...address, flags: ['nodda'] } },
        { address: { ...address, validLifetime: 'forver' } },
      ],
    ],
    ['deleteAddress', { dev: 'x', address }, [{ address: { ...address, peer: [] } }, { dev: 7 }]],
    [
      'setLink',
      { dev: 'x', options },
      [
        { options: { ...options, kind: 'bridgt' } },
        { options: { ...options, mtu: '1500' } },
        { options: { ...options, stp: 5 } },
        { options: { ...options, colour: 1 } },
        { options: { ...options, master: {} } },
      ],
    ],
    [
      'addNat',
      { nat: port, before: port },
      [
        { nat: { ...port, verb: 'publish' } },
        { nat: { ...port, options: {} } },
        { nat: { ...port, options: { ...port.options, to: 7 } } },
        { before: { ...port, options: { ...port.options, colour: 1 } } },
      ],
    ],
    ['deleteNat', { nat: masquerade }, [{ nat: { ...masquerade, options: { source: 'x' } } }]],
  ]
  const read = (call: string, fields: object) =>
    readLines(
      [{ make: {} }, { step: 'x', undo: { call, ...NETNS, ...fields } }]
        .map((line) => `${JSON.stringify(line)}\n`)
        .join(''),
    ).damage

  it('what is wrong with a field is told', () => {
    expect(read('addRoute', { route: { to: '10.0.0.0/8', colour: 1 } })).toMatch(
      /^line 2 is none of a record: route: unknown option 'colour' \(known: to, /,
    )
  })

  it.each(CALLS)('%s', (call, fields, damaged) => {
    expect(read(call, fields)).toBeNull()
    for (const one of damaged)
      expect(read(call, { ...fields, ...one }), JSON.stringify(one)).toMatch(
        /^line 2 is none of a record(: .+)?$/,
      )
  })
})
