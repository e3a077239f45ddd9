import { describe, expect, it } from 'vitest'
import {
  type AddBridgeVlanOptions,
  addBridgeVlan,
  deleteBridgeVlan,
} from '../../src/rtnetlink/bridge/vlan/change.js'
import { listBridgeVlans, listGlobalBridgeVlans } from '../../src/rtnetlink/bridge/vlan/list.js'
import { setBridgeVlan, setGlobalBridgeVlan } from '../../src/rtnetlink/bridge/vlan/options.js'
import { loadGolden } from '../golden/golden.js'
import { expectGolden, type GoldenCase } from './golden-case.js'

function add(name: string, options: AddBridgeVlanOptions, dev = 'eth0'): GoldenCase {
  return { name, operation: () => addBridgeVlan(dev, options) }
}

const cases: GoldenCase[] = [
  add('bridge-vlan-add', { vid: 100 }),
  add('bridge-vlan-add-pvid', { vid: 100, pvid: true, untagged: true }),
  add('bridge-vlan-add-range', { vid: [100, 200] }),
  add('bridge-vlan-add-self', { vid: 100, self: true }, 'br0'),
  add('bridge-vlan-add-master', { vid: 100, master: true }),
  {
    ...add('bridge-vlan-add-tunnel', { vid: 100, tunnelId: 1000 }),
    questions: 1,
    differs: {
      why: 'iproute2 gives a VLAN that is there its tunnel; ours makes the VLAN and its tunnel in one request',
      lines: [
        '- header  length 64, type 19, flags 0x5, portid 0',
        '+ header  length 72, type 19, flags 0x5, portid 0',
        '- 26 (32)',
        '+ 26 (40)',
        '+   26.2 (8) 00006400',
      ],
    },
  },
  { name: 'bridge-vlan-delete', operation: () => deleteBridgeVlan('eth0', { vid: 100 }) },
  { name: 'bridge-vlan-delete-range', operation: () => deleteBridgeVlan('eth0', { vid: [100, 200] }) },
  { name: 'bridge-vlan-set-state', operation: () => setBridgeVlan('eth0', { vid: 100, state: 'blocking' }) },
  {
    name: 'bridge-vlan-global-set',
    operation: () => setGlobalBridgeVlan('br0', { vid: 100, mcastSnooping: true }),
  },
  { name: 'bridge-vlan-show-details', operation: () => listBridgeVlans() },
  { name: 'bridge-vlan-global-show', operation: () => listGlobalBridgeVlans() },
]

/** Asked for by older messages, which tell less than RTM_GETVLAN (in Linux since 5.6): membership, tunnels and counters apart. */
const OTHERWISE = [
  'bridge-vlan-show',
  'bridge-vlan-show-dev',
  'bridge-vlan-show-statistics',
  'bridge-vlan-tunnelshow',
]

describe('VLAN requests', () => {
  it.each(cases)('$name', (it) => {
    expectGolden('bridge-tool', it)
  })

  it('cover every fixture', () => {
    const all = loadGolden('bridge-tool').map(({ name }) => name)
    expect([...cases.map(({ name }) => name), ...OTHERWISE].sort()).toEqual(
      all.filter((name) => name.startsWith('bridge-vlan-')).sort(),
    )
  })
})
