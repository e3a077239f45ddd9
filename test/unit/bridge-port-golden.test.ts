import { describe, expect, it } from 'vitest'
import {
  listBridgePorts,
  type SetBridgePortOptions,
  setBridgePort,
} from '../../src/rtnetlink/bridge/port/operations.js'
import { loadGolden } from '../golden/golden.js'
import { expectGolden, type GoldenCase } from './golden-case.js'

function set(name: string, options: SetBridgePortOptions): GoldenCase {
  return { name, operation: () => setBridgePort('eth0', options) }
}

const cases: GoldenCase[] = [
  set('bridge-link-cost', { cost: 100 }),
  set('bridge-link-priority', { priority: 16 }),
  set('bridge-link-state', { state: 'forwarding' }),
  set('bridge-link-hairpin', { hairpin: true }),
  set('bridge-link-isolated', { isolated: true }),
  set('bridge-link-flags', {
    guard: true,
    fastLeave: true,
    rootBlock: true,
    flood: false,
    mcastFlood: false,
    bcastFlood: false,
    mcastToUnicast: true,
    learning: false,
    neighSuppress: true,
    vlanTunnel: true,
    locked: true,
  }),
  set('bridge-link-mcast-router', { mcastRouter: 'permanent' }),
  set('bridge-link-backup-port', { backupPort: 'eth1' }),
  set('bridge-link-master', { flood: false, master: true }),
  set('bridge-link-self', { flood: false, self: true }),
  {
    ...set('bridge-link-hwmode', { hwMode: 'vepa' }),
    differs: {
      why: 'iproute2 sends an empty IFLA_PROTINFO too, which changes nothing',
      lines: [
        '- header  length 56, type 19, flags 0x5, portid 0',
        '+ header  length 52, type 19, flags 0x5, portid 0',
        '- 12 |0x8000 (4)',
      ],
    },
  },
  { name: 'bridge-link-show', operation: () => listBridgePorts() },
  { name: 'bridge-link-show-dev', operation: () => listBridgePorts() },
  { name: 'bridge-link-show-details', operation: () => listBridgePorts({ bridge: 'br0' }) },
]

describe('bridge port requests', () => {
  it.each(cases)('$name', (it) => {
    expectGolden('bridge-tool', it)
  })

  it('cover every fixture', () => {
    const all = loadGolden('bridge-tool').map(({ name }) => name)
    expect(cases.map(({ name }) => name).sort()).toEqual(
      all.filter((name) => name.startsWith('bridge-link-')).sort(),
    )
  })
})
