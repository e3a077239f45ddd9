/** Rows of docs/from-vishvananda.md about bridges, and the bridge of other rows. */

import { expect } from 'vitest'
import type * as netlink from '../../src/index.js'
import type { Row } from './document-rows.js'
import { bridgeJson, noIpv6, VLANS_ROW, VX } from './document-worlds.js'
import type { Printed } from './support.js'

export const BRIDGE = 'link add v-net-0 index 40 address 02:00:00:00:01:00 type bridge vlan_default_pvid 0'
/** A bridge and veth-red as its port. */
export const PORT = [
  noIpv6,
  BRIDGE,
  'link add veth-red address 02:00:00:00:01:01 type veth peer name veth-blue',
  'link set veth-red master v-net-0',
]
/** A setting of the port, as `ip link set` has it. */
const portSetting = (words: string): Row => ({
  given: PORT,
  like: ['link show dev veth-red'],
  command: `ip link set veth-red type bridge_slave ${words}`,
})

const FILTERING = [
  'link add v-net-0 address 02:00:00:00:01:00 type bridge vlan_filtering 1',
  'link add veth-red address 02:00:00:00:01:01 type veth peer name veth-blue',
  'link set veth-red master v-net-0',
]
const TUNNEL_PORT = [
  'link add vx0 type vxlan external dstport 4789',
  'link set vx0 master v-net-0',
  'bridge link set dev vx0 vlan_tunnel on',
]
const TUNNEL = [
  'link add v-net-0 type bridge vlan_filtering 1 vlan_default_pvid 0',
  ...TUNNEL_PORT,
  'bridge vlan add dev vx0 vid 100',
]
const TUNNEL_INFO = 'bridge vlan add dev vx0 vid 100 tunnel_info id 1000'
const vlanRow = (command: string, before: readonly string[] = []): Row => ({
  lacking: { ...VLANS_ROW, given: PORT },
  given: [...FILTERING, ...before],
  like: ['bridge vlan show'],
  command,
})
const RANGE = 'bridge vlan add dev v-net-0 vid 100-110 self'
const vniRow = (command: string, before: readonly string[] = []): Row => ({
  given: [VX, ...before],
  like: ['bridge vni show dev vx0'],
  command,
})
/** Deletions of VLANs that are not there the kernel says nothing of. */
const silently = (row: Row): Row => ({ ...row, lacking: { ...row.lacking!, refused: undefined } })

export const BRIDGES: Record<string, Row> = {
  'BridgeSetMcastSnoop(br, false)': {
    given: [BRIDGE],
    like: ['link show dev v-net-0'],
    command: 'ip link set v-net-0 type bridge mcast_snooping 0',
  },
  'BridgeSetVlanFiltering(br, true)': {
    lacking: { ...VLANS_ROW, given: [BRIDGE] },
    given: [BRIDGE],
    like: ['link show dev v-net-0'],
    command: 'ip link set v-net-0 type bridge vlan_filtering 1',
  },
  'BridgeSetVlanDefaultPVID(br, 7)': {
    lacking: { ...VLANS_ROW, given: [BRIDGE], refused: undefined },
    given: [BRIDGE],
    like: ['link show dev v-net-0'],
    command: 'ip link set v-net-0 type bridge vlan_default_pvid 7',
  },
  'LinkGetProtinfo(link)': {
    given: [...PORT, 'bridge link set dev veth-red hairpin on learning off'],
    check: (data: netlink.BridgePort['data']) => {
      const [printed] = bridgeJson('link show dev veth-red')
      expect(printed).toMatchObject({
        hairpin: data.hairpin,
        guard: data.guard,
        fastleave: data.fastLeave,
        root_block: data.rootBlock,
        learning: data.learning,
        flood: data.flood,
      })
      expect([data.hairpin, data.learning]).toEqual([true, false])
    },
  },
  'LinkSetHairpin(link, true)': portSetting('hairpin on'),
  'LinkSetGuard(link, true)': portSetting('guard on'),
  'LinkSetFastLeave(link, true)': portSetting('fastleave on'),
  'LinkSetLearning(link, false)': portSetting('learning off'),
  'LinkSetRootBlock(link, true)': portSetting('root_block on'),
  'LinkSetFlood(link, false)': portSetting('flood off'),
  'LinkSetIsolated(link, true)': portSetting('isolated on'),
  'LinkSetBrProxyArp(link, true)': portSetting('proxy_arp on'),
  'LinkSetBrProxyArpWiFi(link, true)': portSetting('proxy_arp_wifi on'),
  'LinkSetBrNeighSuppress(link, true)': portSetting('neigh_suppress on'),
  'LinkSetBRSlaveGroupFwdMask(link, 8)': portSetting('group_fwd_mask 8'),
  'BridgeVlanList()': {
    lacking: { ...VLANS_ROW, given: PORT },
    given: FILTERING,
    check: (list: netlink.BridgeVlan[]) =>
      expect(new Set(list.map(({ dev }) => dev))).toEqual(
        new Set(bridgeJson('vlan show').map(({ ifname }) => ifname)),
      ),
  },
  'BridgeVlanAdd(link, 100, true, true, false, true)': vlanRow(
    'bridge vlan add dev veth-red vid 100 pvid untagged',
  ),
  'BridgeVlanAddRange(br, 100, 110, false, false, true, false)': vlanRow(RANGE),
  'BridgeVlanDel(link, 1, true, true, false, true)': silently(vlanRow('bridge vlan del dev veth-red vid 1')),
  'BridgeVlanDelRange(br, 100, 110, false, false, true, false)': silently(
    vlanRow('bridge vlan del dev v-net-0 vid 100-110 self', [RANGE]),
  ),
  'BridgeVlanAddTunnelInfo(vx0, 100, 1000, false, true)': {
    lacking: { ...VLANS_ROW, given: [BRIDGE, ...TUNNEL_PORT] },
    given: TUNNEL,
    like: ['bridge vlan tunnelshow'],
    command: TUNNEL_INFO,
  },
  'BridgeVlanDelTunnelInfo(vx0, 100, 1000, false, true)': {
    lacking: { ...VLANS_ROW, given: [BRIDGE, ...TUNNEL_PORT] },
    given: [...TUNNEL, TUNNEL_INFO],
    like: ['bridge vlan tunnelshow'],
    command: 'bridge vlan del dev vx0 vid 100 tunnel_info id 1000',
  },
  'BridgeVlanTunnelShow()': {
    lacking: { ...VLANS_ROW, given: [BRIDGE, ...TUNNEL_PORT] },
    given: [...TUNNEL, TUNNEL_INFO],
    check: (list: netlink.BridgeVlan[]) =>
      expect(list).toMatchObject([{ dev: 'vx0', vid: 100, tunnelId: 1000 }]),
  },
  'BridgeVniAdd(vx0, 100)': vniRow('bridge vni add dev vx0 vni 100'),
  'BridgeVniAddRange(vx0, 100, 110)': vniRow('bridge vni add dev vx0 vni 100-110'),
  'BridgeVniDel(vx0, 100)': vniRow('bridge vni delete dev vx0 vni 100', [
    'bridge vni add dev vx0 vni 100-110',
  ]),
  'BridgeVniDelRange(vx0, 100, 110)': vniRow('bridge vni delete dev vx0 vni 100-110', [
    'bridge vni add dev vx0 vni 100-120',
  ]),
  'BridgeVniList()': {
    given: [VX, 'bridge vni add dev vx0 vni 100-110'],
    check: (list: netlink.VxlanVni[]) => {
      const [{ vnis }] = bridgeJson('vni show dev vx0') as [Printed]
      expect(vnis).toEqual([{ vni: list[0]!.vni, vniEnd: list.at(-1)!.vni }])
    },
  },
}
