/** What reads the messages of each recorded dump (test/golden/dumps; golden/record-dumps.ts has the sets). */

import { type Body, decodeBody, type Message, message } from '../../src/codec/index.js'
import { readEntry } from '../../src/conntrack/entry.js'
import { getStatsCpu } from '../../src/conntrack/stats-table.js'
import { newConntrack } from '../../src/conntrack/table.js'
import { chainOf } from '../../src/nftables/chain.js'
import type { RawElement } from '../../src/nftables/element.js'
import { flowtableOf } from '../../src/nftables/flowtable.js'
import { elementsOf } from '../../src/nftables/listed-elements.js'
import * as nft from '../../src/nftables/messages.js'
import { objectOf } from '../../src/nftables/object.js'
import { ruleOf } from '../../src/nftables/rule.js'
import { setOf, shapeOfInput } from '../../src/nftables/set.js'
import { tableOf } from '../../src/nftables/table.js'
import { readAddress } from '../../src/rtnetlink/address/address.js'
import { readMulticast } from '../../src/rtnetlink/address/joined.js'
import { newAddress, newMulticast } from '../../src/rtnetlink/address/table.js'
import { readAddressLabel } from '../../src/rtnetlink/address-label/address-label.js'
import { newAddressLabel } from '../../src/rtnetlink/address-label/table.js'
import { readFdbEntry } from '../../src/rtnetlink/bridge/fdb/entry.js'
import { setBridgeLink } from '../../src/rtnetlink/bridge/link-table.js'
import { readMdb, readRouterPorts } from '../../src/rtnetlink/bridge/mdb/entry.js'
import { mdbAttributes, mdbMessage } from '../../src/rtnetlink/bridge/mdb/table.js'
import { readBridgePort } from '../../src/rtnetlink/bridge/port/port.js'
import { newVlan } from '../../src/rtnetlink/bridge/vlan/table.js'
import { readVlanEvent } from '../../src/rtnetlink/bridge/vlan/vlan.js'
import { readIdentity } from '../../src/rtnetlink/link/identity.js'
import { linkReader, readLink } from '../../src/rtnetlink/link/link.js'
import { readOffload } from '../../src/rtnetlink/link/offload-stats.js'
import { toStats } from '../../src/rtnetlink/link/stats.js'
import { newStats, readStatsGroups } from '../../src/rtnetlink/link/stats-table.js'
import { newLink } from '../../src/rtnetlink/link/table.js'
import { readExtended } from '../../src/rtnetlink/link/xstats.js'
import { readMplsRoute } from '../../src/rtnetlink/mpls/mpls-route.js'
import { newMplsRoute } from '../../src/rtnetlink/mpls/table.js'
import { readNeighbour } from '../../src/rtnetlink/neighbour/neighbour.js'
import { newNeighbour } from '../../src/rtnetlink/neighbour/table.js'
import { readNeighbourTable } from '../../src/rtnetlink/neighbour-table/neighbour-table.js'
import { newNeighbourTable } from '../../src/rtnetlink/neighbour-table/table.js'
import { readNetconf } from '../../src/rtnetlink/netconf/netconf.js'
import { newNetconf } from '../../src/rtnetlink/netconf/table.js'
import { readBucket } from '../../src/rtnetlink/nexthop/bucket.js'
import { readNexthop } from '../../src/rtnetlink/nexthop/nexthop.js'
import { newNexthop, newNexthopBucket } from '../../src/rtnetlink/nexthop/table.js'
import { readNsid } from '../../src/rtnetlink/nsid/request.js'
import { newNsid } from '../../src/rtnetlink/nsid/table.js'
import { readLookup } from '../../src/rtnetlink/route/lookup.js'
import { readRoute } from '../../src/rtnetlink/route/route.js'
import { newRoute } from '../../src/rtnetlink/route/table.js'
import { readRule } from '../../src/rtnetlink/rule/rule.js'
import { newRule } from '../../src/rtnetlink/rule/table.js'
import { newTunnel } from '../../src/rtnetlink/vxlan-vni/table.js'
import { readVxlanVnis } from '../../src/rtnetlink/vxlan-vni/vni.js'

export type Read = (bytes: Uint8Array, start: number, end: number) => unknown

const nameOf = () => 'eth0'
const named =
  (read: (...args: [Uint8Array, number, number, () => string]) => unknown): Read =>
  (bytes, start, end) =>
    read(bytes, start, end, nameOf)
const decoded =
  <M extends Message>(definition: M, read: (body: Body<M>) => unknown): Read =>
  (bytes, start, end) =>
    read(decodeBody(definition, bytes, start, end))
/** A definition and what makes of it what callers get. */
const nftables = <M extends Message>(definition: M, read: (body: Body<M>) => unknown) => ({
  definition,
  readers: [decoded(definition, read)],
})
const elements = (set: Parameters<typeof shapeOfInput>[0]) =>
  nftables(nft.newElements, ({ attributes }) =>
    elementsOf(shapeOfInput(set), (attributes.elements ?? []) as RawElement[]),
  )
/** What has the numbers of millions of networks is right, and takes as long as it takes. */
const readVnis: Read = (...where) => {
  const { entry = [] } = decodeBody(newTunnel, ...where).attributes
  const isWide = entry.some(({ start = 0, end = start }) => end - start > 4096 && end < 1 << 24)
  return isWide ? [] : readVxlanVnis(...where, nameOf, true)
}
const readStats: Read = (...where) => {
  const { ifindex, groups } = readStatsGroups(...where)
  return [ifindex, toStats(groups.link64 ?? {}), readExtended(groups), readOffload(groups)]
}
const vlans = { definition: newVlan, readers: [named(readVlanEvent)] }
const newMdb = message('RTM_NEWMDB', 84, mdbMessage, mdbAttributes)

export const READERS: Record<string, { definition: Message; readers: Read[] }> = {
  link: {
    definition: newLink,
    readers: [readLink, linkReader(['stats', 'afSpec', 'vfs'], true), readIdentity],
  },
  address: { definition: newAddress, readers: [named(readAddress)] },
  route4: { definition: newRoute, readers: [named(readRoute), named(readLookup)] },
  route6: { definition: newRoute, readers: [named(readRoute), named(readLookup)] },
  neighbour: { definition: newNeighbour, readers: [named(readNeighbour)] },
  fdb: { definition: newNeighbour, readers: [named(readFdbEntry)] },
  rule: { definition: newRule, readers: [readRule] },
  multicast: { definition: newMulticast, readers: [named(readMulticast)] },
  'neighbour-table': { definition: newNeighbourTable, readers: [named(readNeighbourTable)] },
  'address-label': { definition: newAddressLabel, readers: [named(readAddressLabel)] },
  netconf: { definition: newNetconf, readers: [named(readNetconf)] },
  mdb: { definition: newMdb, readers: [named(readMdb), named(readRouterPorts)] },
  nsid: { definition: newNsid, readers: [readNsid] },
  nexthop: { definition: newNexthop, readers: [named(readNexthop)] },
  'bridge-link': { definition: setBridgeLink, readers: [named(readBridgePort)] },
  'bridge-vlan': vlans,
  'global-bridge-vlan': vlans,
  mpls: { definition: newMplsRoute, readers: [named(readMplsRoute)] },
  'link-stats': { definition: newStats, readers: [readStats] },
  'nexthop-bucket': { definition: newNexthopBucket, readers: [readBucket] },
  'vxlan-vni': { definition: newTunnel, readers: [readVnis] },
  conntrack: { definition: newConntrack, readers: [readEntry, (...where) => readEntry(...where, true)] },
  'conntrack-stats': {
    definition: getStatsCpu,
    readers: [decoded(getStatsCpu, ({ attributes }) => attributes)],
  },
  'nft-table': nftables(nft.newTable, tableOf),
  'nft-chain': nftables(nft.newChain, chainOf),
  'nft-rule': nftables(nft.newRule, ruleOf),
  'nft-set': nftables(nft.newSet, setOf),
  'nft-elements': elements({ type: ['ipv4_addr', 'inet_service'], flags: ['interval', 'timeout'] }),
  'nft-map-elements': elements({ type: 'ipv4_addr', map: 'verdict', flags: ['interval'] }),
  'nft-object': nftables(nft.newObject, objectOf),
  'nft-flowtable': nftables(nft.newFlowtable, flowtableOf),
}
