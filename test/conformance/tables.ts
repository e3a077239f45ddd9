/** Every attribute table, found from the messages and from what is chosen by a kind. */

import type { Message } from '../../src/codec/index.js'
import type { Table } from '../../src/codec/table.js'
import { NO_SIBLINGS } from '../../src/codec/type.js'
import * as expectations from '../../src/conntrack/expect-table.js'
import * as conntrackStats from '../../src/conntrack/stats-table.js'
import * as conntrack from '../../src/conntrack/table.js'
import { expressionTable } from '../../src/nftables/expression-table.js'
import { expressions } from '../../src/nftables/expressions/registry.js'
import * as nftables from '../../src/nftables/messages.js'
import { objects } from '../../src/nftables/objects/registry.js'
import * as address from '../../src/rtnetlink/address/table.js'
import * as addressLabel from '../../src/rtnetlink/address-label/table.js'
import * as bridgeLink from '../../src/rtnetlink/bridge/link-table.js'
import * as mdb from '../../src/rtnetlink/bridge/mdb/table.js'
import * as vlan from '../../src/rtnetlink/bridge/vlan/table.js'
import { kinds, portKinds } from '../../src/rtnetlink/link/kinds/index.js'
import * as stats from '../../src/rtnetlink/link/stats-table.js'
import * as link from '../../src/rtnetlink/link/table.js'
import * as mpls from '../../src/rtnetlink/mpls/table.js'
import * as multicastRoute from '../../src/rtnetlink/multicast-route/table.js'
import * as neighbour from '../../src/rtnetlink/neighbour/table.js'
import * as neighbourTable from '../../src/rtnetlink/neighbour-table/table.js'
import * as netconf from '../../src/rtnetlink/netconf/table.js'
import * as nexthop from '../../src/rtnetlink/nexthop/table.js'
import * as nsid from '../../src/rtnetlink/nsid/table.js'
import { encapTables } from '../../src/rtnetlink/route/encap/table.js'
import * as route from '../../src/rtnetlink/route/table.js'
import * as advertisement from '../../src/rtnetlink/router-advertisement/table.js'
import * as rule from '../../src/rtnetlink/rule/table.js'
import * as vxlanVni from '../../src/rtnetlink/vxlan-vni/table.js'

const modules = [
  address,
  addressLabel,
  advertisement,
  bridgeLink,
  conntrack,
  conntrackStats,
  expectations,
  link,
  mdb,
  mpls,
  multicastRoute,
  neighbour,
  neighbourTable,
  netconf,
  nexthop,
  nftables,
  nsid,
  route,
  rule,
  stats,
  vlan,
  vxlanVni,
]

function isMessage(value: unknown): value is Message {
  return typeof value === 'object' && value !== null && 'header' in value && 'table' in value
}

/** Every message, by name. */
const messages: readonly Message[] = modules.flatMap((module) =>
  Object.values(module as Record<string, unknown>).filter(isMessage),
)

/** Tables by a name of their own: the path from the message or the kind. */
export function everyTable(): Map<string, Table> {
  const found = new Map<string, Table>()
  const add = (path: string, table: Table) => {
    if ([...found.values()].includes(table)) return
    found.set(path, table)
    for (const [name, [, type]] of Object.entries(table.fields)) addType(`${path}.${name}`, type)
  }
  const addType = (path: string, type: { inner?: (siblings: typeof NO_SIBLINGS) => Table | null }) => {
    const inner = type.inner?.(NO_SIBLINGS)
    if (inner == null) return
    // A list holds elements of one type, which may be a table.
    if (inner.name === 'list') addType(`${path}[]`, inner.byNumber(1)!.type)
    else add(path, inner)
  }
  for (const { name, table } of messages) add(name, table)
  const addKinds = (label: string, kinds: Readonly<Record<string, () => { table: Table | null }>>) => {
    for (const [name, kind] of Object.entries(kinds)) {
      const { table } = kind()
      if (table !== null) add(`${label} ${name}`, table)
    }
  }
  addKinds('kind', kinds)
  addKinds('port', portKinds)
  for (const [name, table] of Object.entries(encapTables)) add(`encap ${name}`, table)
  for (const name of Object.keys(expressions)) add(`expression ${name}`, expressionTable(name)!)
  for (const [name, table] of Object.entries(objects)) add(`object ${name}`, table as Table)
  return found
}
