import { describe, expect, it } from 'vitest'
import {
  addNeighbour,
  changeNeighbour,
  deleteNeighbour,
  replaceNeighbour,
} from '../../src/rtnetlink/neighbour/change.js'
import {
  getNeighbour,
  type ListNeighboursOptions,
  listNeighbours,
} from '../../src/rtnetlink/neighbour/list.js'
import type { NeighbourInput, NeighbourKey, NeighbourState } from '../../src/rtnetlink/neighbour/options.js'
import { loadGolden } from '../golden/golden.js'
import { expectGolden, type GoldenCase } from './golden-case.js'

const MAC = '02:00:00:00:00:09'
const V4 = { to: '192.0.2.9', dev: 'eth0' }
const V6 = { to: '2001:db8::9', dev: 'eth0' }

function add(name: string, input: NeighbourInput): GoldenCase {
  return { name, operation: () => addNeighbour(input) }
}

function body(before: string, after: string, why: string): NonNullable<GoldenCase['differs']> {
  return { why, lines: [`- body    ${before}`, `+ body    ${after}`] }
}

const DELETED =
  'iproute2 sends the state of a new entry (permanent) when it deletes too; the kernel does not look at it'

const changes: GoldenCase[] = [
  add('neighbour-v4', { ...V4, mac: MAC }),
  {
    name: 'neighbour-v4-change',
    operation: () => changeNeighbour({ ...V4, mac: '02:00:00:00:00:08' }),
  },
  { name: 'neighbour-v4-replace', operation: () => replaceNeighbour({ ...V4, mac: MAC }) },
  {
    name: 'neighbour-v4-delete',
    operation: () => deleteNeighbour(V4),
    differs: body('020000000a00000080000000', '020000000a00000000000000', DELETED),
  },
  {
    name: 'neighbour-v4-delete-with-lladdr',
    operation: () => deleteNeighbour(V4),
    differs: {
      why: `${DELETED}; nor at the link-layer address, which ours does not send`,
      lines: [
        '- header  length 48, type 29, flags 0x5, portid 0',
        '- body    020000000a00000080000000',
        '+ header  length 36, type 29, flags 0x5, portid 0',
        '+ body    020000000a00000000000000',
        '- 2 (10) 020000000009',
      ],
    },
  },
  add('neighbour-v6', { ...V6, mac: MAC }),
  add('neighbour-v6-router', { to: 'fe80::9', dev: 'eth0', mac: MAC, flags: ['router'] }),
  {
    name: 'neighbour-v6-delete',
    operation: () => deleteNeighbour(V6),
    differs: body('0a0000000a00000080000000', '0a0000000a00000000000000', DELETED),
  },
  add('neighbour-v4-proxy', { ...V4, proxy: true }),
  add('neighbour-v6-proxy', { ...V6, proxy: true }),
  {
    name: 'neighbour-proxy-delete',
    operation: () => deleteNeighbour({ ...V4, proxy: true }),
    differs: body('020000000a00000080000800', '020000000a00000000000800', DELETED),
  },
  add('neighbour-extern-learn', { ...V4, mac: MAC, state: 'reachable', flags: ['extern_learn'] }),
  {
    ...add('neighbour-use', { ...V4, flags: ['use'] }),
    differs: body(
      '020000000a00000080000100',
      '020000000a00000000000100',
      'iproute2 says permanent, which the kernel takes as: never collect this entry; ours asks for resolution alone',
    ),
  },
  add('neighbour-managed', { ...V4, flags: ['managed'] }),
  add('neighbour-protocol', { ...V4, mac: MAC, protocol: 'static' }),
]

const STATES: NeighbourState[] = [
  'permanent',
  'reachable',
  'stale',
  'delay',
  'probe',
  'noarp',
  'none',
  'failed',
  'incomplete',
]
const states = STATES.map(
  (state): GoldenCase => ({
    name: `neighbour-state-${state}`,
    operation: () => replaceNeighbour({ ...V4, mac: MAC, state }),
  }),
)

function show(name: string, options: ListNeighboursOptions): GoldenCase {
  return { name, operation: () => listNeighbours(options) }
}

function get(name: string, neighbour: NeighbourKey): GoldenCase {
  return { name, operation: () => getNeighbour(neighbour), answers: [[{}]] }
}

const dumps: GoldenCase[] = [
  show('neighbour-show', {}),
  show('neighbour-show-v4', { family: 'ipv4' }),
  show('neighbour-show-v6', { family: 'ipv6' }),
  show('neighbour-show-dev', { dev: 'eth0' }),
  show('neighbour-show-nud', { state: 'permanent' }),
  show('neighbour-show-proxy', { proxy: true }),
  show('neighbour-show-master', { master: 'br0' }),
  show('neighbour-show-nomaster', { master: null }),
  get('neighbour-get', { to: '192.0.2.9', dev: 'eth0' }),
  get('neighbour-get-v6', { to: '2001:db8::9', dev: 'eth0' }),
  get('neighbour-get-proxy', { to: '192.0.2.9', dev: 'eth0', proxy: true }),
]

/** What `ip neighbour` can and this library has no operation for. */
const WITHOUT = ['neighbour-show-to']

describe('neighbour requests', () => {
  it.each([...changes, ...states, ...dumps])('$name', (it) => {
    expectGolden('neighbour', it)
  })

  it('cover every fixture', () => {
    const covered = [...changes, ...states, ...dumps].map(({ name }) => name)
    const all = loadGolden('neighbour').map(({ name }) => name)
    expect([...covered, ...WITHOUT].sort()).toEqual(all.sort())
  })
})
