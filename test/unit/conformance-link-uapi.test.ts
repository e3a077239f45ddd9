/** The numbers of all link tables against the kernel's uapi headers, for the kinds that no description covers as well. */

import { beforeEach, describe, expect, it } from 'vitest'
import type { Table } from '../../src/codec/table.js'
import { canTdc } from '../../src/rtnetlink/link/kinds/can.js'
import { kinds, portKinds } from '../../src/rtnetlink/link/kinds/index.js'
import { statsAttributes } from '../../src/rtnetlink/link/stats-table.js'
import { linkAttributes, linkinfoAttributes } from '../../src/rtnetlink/link/table.js'
import { portAttributes, vfAttributes, vfStatsAttributes } from '../../src/rtnetlink/link/vf.js'
import { xdpAttributes } from '../../src/rtnetlink/link/xdp.js'
import {
  bond3adStats,
  bondXstats,
  bridgeXstats,
  mplsStatsAttributes,
  xstatsAttributes,
} from '../../src/rtnetlink/link/xstats-table.js'
import { enumsOf, headerSets } from '../conformance/uapi.js'

const IF_LINK = 'linux/if_link.h'
const IF_TUNNEL = 'linux/if_tunnel.h'
const HEADERS: Record<string, string> = {
  IFLA_GRE: IF_TUNNEL,
  IFLA_IPTUN: IF_TUNNEL,
  IFLA_VTI: IF_TUNNEL,
  VETH_INFO: 'linux/veth.h',
  VXCAN_INFO: 'linux/can/vxcan.h',
  IFLA_BATADV: 'linux/batman_adv.h',
  IFLA_AMT: 'linux/amt.h',
  BRIDGE_XSTATS: 'linux/if_bridge.h',
  BOND_XSTATS: 'linux/if_bonding.h',
  BOND_3AD_STAT: 'linux/if_bonding.h',
  MPLS_STATS: 'linux/mpls.h',
  IFLA_CAN: 'linux/can/netlink.h',
  IFLA_CAN_TDC: 'linux/can/netlink.h',
}

/** Fields that are not called as the kernel's constant is. */
const NAMES: Record<string, Record<string, string>> = {
  IFLA_BR: {
    stp: 'STP_STATE',
    groupAddress: 'GROUP_ADDR',
    mcastLastMemberCount: 'MCAST_LAST_MEMBER_CNT',
    mcastStartupQueryCount: 'MCAST_STARTUP_QUERY_CNT',
    mcastLastMemberInterval: 'MCAST_LAST_MEMBER_INTVL',
    mcastMembershipInterval: 'MCAST_MEMBERSHIP_INTVL',
    mcastQuerierInterval: 'MCAST_QUERIER_INTVL',
    mcastQueryInterval: 'MCAST_QUERY_INTVL',
    mcastQueryResponseInterval: 'MCAST_QUERY_RESPONSE_INTVL',
    mcastStartupQueryInterval: 'MCAST_STARTUP_QUERY_INTVL',
    nfCallIp6tables: 'NF_CALL_IP6TABLES',
    vlanStats: 'VLAN_STATS_ENABLED',
    mcastStats: 'MCAST_STATS_ENABLED',
    fdbLearned: 'FDB_N_LEARNED',
  },
  IFLA_BRPORT: {
    hairpin: 'MODE',
    rootBlock: 'PROTECT',
    flood: 'UNICAST_FLOOD',
    proxyArp: 'PROXYARP',
    proxyArpWifi: 'PROXYARP_WIFI',
    number: 'NO',
    mcastRouter: 'MULTICAST_ROUTER',
    mcastToUnicast: 'MCAST_TO_UCAST',
    mcastEhtHostsCount: 'MCAST_EHT_HOSTS_CNT',
  },
  IFLA_VXLAN: {
    remote: 'GROUP',
    remote6: 'GROUP6',
    local6: 'LOCAL6',
    dstport: 'PORT',
    udpZeroCsum6Tx: 'UDP_ZERO_CSUM6_TX',
    udpZeroCsum6Rx: 'UDP_ZERO_CSUM6_RX',
    l2miss: 'L2MISS',
    l3miss: 'L3MISS',
  },
  IFLA_GENEVE: {
    remote6: 'REMOTE6',
    dstport: 'PORT',
    udpZeroCsum6Tx: 'UDP_ZERO_CSUM6_TX',
    udpZeroCsum6Rx: 'UDP_ZERO_CSUM6_RX',
  },
  IFLA_IPTUN: {
    sixRdPrefix: '6RD_PREFIX',
    sixRdRelayPrefix: '6RD_RELAY_PREFIX',
    sixRdPrefixLength: '6RD_PREFIXLEN',
    sixRdRelayPrefixLength: '6RD_RELAY_PREFIXLEN',
  },
  IFLA_BAREUDP: { dstport: 'PORT' },
  // Of late called CONDUIT, too.
  IFLA_DSA: { conduit: 'MASTER' },
  IFLA_GTP: { fd0: 'FD0', fd1: 'FD1', local6: 'LOCAL6' },
  IFLA_HSR: { slave1: 'SLAVE1', slave2: 'SLAVE2' },
  IFLA_BOND: { nsIp6Target: 'NS_IP6_TARGET' },
  IFLA: { stats64: 'STATS64', vfPorts: 'VF_PORTS' },
  IFLA_STATS: { link64: 'LINK_64' },
}
const NOT_ATTRIBUTES = /_(UNSPEC|PAD)$/

/** Tables with one prefix may have the constants between them: those over IPv4 lack some, those over IPv6 others. */
const tables = new Map<string, Table[]>()
const all = [
  linkAttributes,
  linkinfoAttributes,
  vfAttributes,
  vfStatsAttributes,
  portAttributes,
  xdpAttributes,
  statsAttributes,
  xstatsAttributes,
  bridgeXstats,
  bondXstats,
  bond3adStats,
  mplsStatsAttributes,
  canTdc(),
  ...Object.values({
    ...kinds,
    ...Object.fromEntries(Object.entries(portKinds).map(([k, v]) => [`${k} port`, v])),
  }).map((kind) => kind().table),
]
for (const table of all) {
  if (table === null) continue
  tables.set(table.name, [...(tables.get(table.name) ?? []), table as Table])
}

function constantOf(prefix: string, field: string): string {
  const words = NAMES[prefix]?.[field] ?? field.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()
  return `${prefix}_${words}`
}

/** The attributes of a set: the enum that begins with PREFIX_UNSPEC, or the one whose names all have the prefix. */
function constantsOf(prefix: string, directory: string): Map<string, number> {
  const enums = enumsOf(HEADERS[prefix] ?? IF_LINK, directory)
  const found =
    enums.find((one) => one.has(`${prefix}_UNSPEC`)) ??
    enums.find((one) => one.size > 0 && [...one.keys()].every((name) => name.startsWith(`${prefix}_`))) ??
    new Map<string, number>()
  return new Map([...found].filter(([name]) => !NOT_ATTRIBUTES.test(name)))
}

describe.each(headerSets())(
  'the numbers of link attributes and the uapi headers $title',
  ({ directory, missing }) => {
    beforeEach(({ skip }) => skip(missing !== null, missing ?? ''))

    it.each([...tables.keys()])('%s', (prefix) => {
      const constants = constantsOf(prefix, directory!)
      const newest = Math.max(-1, ...constants.values())
      for (const table of tables.get(prefix)!) {
        for (const [field, [number]] of Object.entries(table.fields)) {
          // Newer than the header.
          if (number > newest) continue
          const name = constantOf(prefix, field)
          expect({ [name]: number }).toEqual({ [name]: constants.get(name) })
        }
      }
      const ours = new Set(
        tables.get(prefix)!.flatMap((table) => Object.values(table.fields).map(([number]) => number)),
      )
      const missing = [...constants].filter(([, number]) => !ours.has(number)).map(([name]) => name)
      expect(missing).toEqual([])
    })
  },
)
