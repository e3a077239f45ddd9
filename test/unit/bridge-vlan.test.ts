import { describe, expect, it } from 'vitest'
import { listBridgeMst, setBridgeMst } from '../../src/rtnetlink/bridge/mst.js'
import { setBridgePort } from '../../src/rtnetlink/bridge/port/operations.js'
import { addBridgeVlan, deleteBridgeVlan } from '../../src/rtnetlink/bridge/vlan/change.js'
import { listBridgeVlans, listGlobalBridgeVlans } from '../../src/rtnetlink/bridge/vlan/list.js'
import { setBridgeVlan, setGlobalBridgeVlan } from '../../src/rtnetlink/bridge/vlan/options.js'
import { refusal } from './refusal.js'
import { sentBy } from './sent-by.js'

const VIDS = [0, 4095, 1.5, '1', null, undefined, [1], [1, 2, 3], [5, 4], [0, 5], [5, 4095], [1, '2']]
const add = (options: object) => () => addBridgeVlan('eth0', options as { vid: number })
const remove = (options: object) => () => deleteBridgeVlan('eth0', options as { vid: number })
const set = (options: object) => () => setBridgeVlan('eth0', { vid: 100, ...options })
const setGlobal = (options: object) => () => setGlobalBridgeVlan('br0', { vid: 100, ...options })
const setMst = (options: object) => () => setBridgeMst('eth0', { msti: 1, state: 'blocking', ...options })

describe('what is refused before anything is sent', () => {
  it.each([
    ['addBridgeVlan', add],
    ['deleteBridgeVlan', remove],
    ['setBridgeVlan', set],
    ['setGlobalBridgeVlan', setGlobal],
  ] as const)('a bad vid of %s', (_, call) => {
    for (const vid of VIDS) expect(refusal(call({ vid })).message, String(vid)).toMatch(/^vid(\[[01]\])?:/)
  })

  it.each<[string, object]>([
    ['pvid', { vid: 100, pvid: 1 }],
    ['pvid', { vid: [100, 200], pvid: true }],
    ['untagged', { vid: 100, untagged: 'yes' }],
    ['master', { vid: 100, master: null }],
    ['self', { vid: 100, self: 0 }],
    ['tunnelId', { vid: 100, tunnelId: -1 }],
    ['tunnelId', { vid: 100, tunnelId: 2 ** 24 }],
    ['tunnelId', { vid: [100, 102], tunnelId: 2 ** 24 - 2 }],
    ["'vids'", { vid: 100, vids: 100 }],
  ])('a bad %s of addBridgeVlan', (field, options) => {
    expect(refusal(add(options)).message).toContain(field)
  })

  it.each<[string, object]>([
    ['state', { state: 'block' }],
    ['state', { state: 256 }],
    ['mcastRouter', { mcastRouter: 'yes' }],
    ['mcastRouter', { mcastRouter: -1 }],
    ['mcastMaxGroups', { mcastMaxGroups: 2 ** 32 }],
    ['neighSuppress', { neighSuppress: 1 }],
    ['neighForwardGrat', { neighForwardGrat: 'on' }],
    ['tunnelId', { tunnelId: 2 ** 24 }],
    ["'pvid'", { pvid: true }],
  ])('a bad %s of setBridgeVlan', (field, options) => {
    expect(refusal(set(options)).message).toContain(field)
  })

  it.each<[string, object]>([
    ['mcastSnooping', { mcastSnooping: 1 }],
    ['mcastQuerier', { mcastQuerier: 'on' }],
    ['mcastIgmpVersion', { mcastIgmpVersion: 256 }],
    ['mcastMldVersion', { mcastMldVersion: -1 }],
    ['mcastLastMemberCount', { mcastLastMemberCount: 2 ** 32 }],
    ['mcastStartupQueryCount', { mcastStartupQueryCount: 0.5 }],
    ['mcastLastMemberInterval', { mcastLastMemberInterval: -1 }],
    ['mcastMembershipInterval', { mcastMembershipInterval: '1' }],
    ['mcastQuerierInterval', { mcastQuerierInterval: Number.NaN }],
    ['mcastQueryInterval', { mcastQueryInterval: null }],
    ['mcastQueryResponseInterval', { mcastQueryResponseInterval: Number.POSITIVE_INFINITY }],
    ['mcastStartupQueryInterval', { mcastStartupQueryInterval: -0.1 }],
    ['msti', { msti: 65536 }],
    ["'mcastRouter'", { mcastRouter: 1 }],
  ])('a bad %s of setGlobalBridgeVlan', (field, options) => {
    expect(refusal(setGlobal(options)).message).toContain(field)
  })

  it.each<[string, object]>([
    ['msti', { msti: -1 }],
    ['msti', { msti: 4096 }],
    ['state', { state: 'on' }],
    ["'vid'", { vid: 1 }],
  ])('a bad %s of setBridgeMst', (field, options) => {
    expect(refusal(setMst(options)).message).toContain(field)
  })

  it('the bridge and the device in one call', () => {
    const both = { master: true, self: true }
    for (const operation of [
      () => addBridgeVlan('eth0', { vid: 9, ...both }),
      () => deleteBridgeVlan('eth0', { vid: 9, ...both }),
      () => setBridgePort('eth0', { cost: 5, ...both }),
      () => setBridgePort('eth0', { hwMode: 'veb', master: true }),
    ])
      expect(refusal(operation).message).toContain('self: not with master')
  })

  it.each<
    [string, () => ReturnType<typeof listBridgeVlans | typeof listGlobalBridgeVlans | typeof listBridgeMst>]
  >([
    ['dev', () => listBridgeVlans({ dev: 0 })],
    ['vid', () => listBridgeVlans({ vid: 4095 })],
    ['statistics', () => listBridgeVlans({ statistics: 1 } as object)],
    ['bigint', () => listBridgeVlans({ bigint: 'yes' } as object)],
    ["'bridge'", () => listBridgeVlans({ bridge: 'br0' } as object)],
    ['bridge', () => listGlobalBridgeVlans({ bridge: '' })],
    ['vid', () => listGlobalBridgeVlans({ vid: [2, 1] })],
    ['dev', () => listBridgeMst({ dev: '..' })],
  ])('a bad %s of a list', (field, operation) => {
    expect(refusal(operation).message).toContain(field)
  })
})

const hex = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('hex')

describe('requests', () => {
  it('a range of tunnels has an id for each end', () => {
    const [, sent] = sentBy(addBridgeVlan('eth0', { vid: [100, 102], tunnelId: 1000 }))
    // IFLA_AF_SPEC { two IFLA_BRIDGE_VLAN_INFO, two IFLA_BRIDGE_VLAN_TUNNEL_INFO { id, vid, flags } }
    const info = '0800020008006400' + '0800020010006600'
    const tunnel = (id: string, vid: string, flags: string) =>
      `1c000300${`08000100${id}0000`}${`06000200${vid}0000`}${`06000300${flags}0000`}`
    expect(hex(sent).slice(64)).toBe(
      `4c001a00${info}${tunnel('e803', '6400', '0800')}${tunnel('ea03', '6600', '1000')}`,
    )
  })

  it('the tunnel of a VLAN that is there is set and removed', () => {
    const tail = (options: object) => hex(sentBy(set(options)())[0]).slice(48)
    // BRIDGE_VLANDB_ENTRY { INFO only_opts 100, TUNNEL_INFO { ID, CMD RTM_SETLINK } }
    expect(tail({ tunnelId: 7 })).toBe(
      '200001800800010040006400' + '14000480' + '0800010007000000' + '0800020013000000',
    )
    expect(tail({ tunnelId: null })).toBe('180001800800010040006400' + '0c000480' + '0800020011000000')
  })

  it('what neighbours say unasked', () => {
    // BRIDGE_VLANDB_ENTRY { INFO only_opts 100, NEIGH_SUPPRESS 1, NEIGH_FORWARD_GRAT 0 }
    const [sent] = sentBy(set({ neighSuppress: true, neighForwardGrat: false })())
    expect(hex(sent).slice(48)).toBe('1c00018008000100400064000500090001000000' + '05000a0000000000')
  })

  it('what a port does in a spanning tree', () => {
    // IFLA_AF_SPEC { IFLA_BRIDGE_MST { ENTRY { MSTI 7, STATE 4 } } }
    expect(hex(sentBy(setMst({ msti: 7 })())[0]).slice(64)).toBe(
      '1c001a00' + '18000680' + '14000180' + '0600010007000000' + '0500020004000000',
    )
    const [asked] = sentBy(listBridgeMst())
    expect(hex(asked).slice(64)).toBe('08001d0080000000')
  })

  it('statistics are asked for by a flag', () => {
    expect(hex(sentBy(listBridgeVlans({ statistics: true }))[0]).slice(48)).toBe('0800010001000000')
  })

  it('what only the kernel sets of a VLAN is passed over', () => {
    const plain = sentBy(setGlobal({ mcastSnooping: true })())
    expect(
      sentBy(setGlobal({ dev: 'br0', ifindex: 20, mcastSnooping: true, mcastQuerierState: {} })()),
    ).toEqual(plain)
  })
})
