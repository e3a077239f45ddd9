/** The numbers of the tables of bridges against the kernel's uapi header, which alone describes them. */

import { beforeEach, describe, expect, it } from 'vitest'
import type { Table } from '../../src/codec/table.js'
import { NO_SIBLINGS } from '../../src/codec/type.js'
import * as constants from '../../src/rtnetlink/bridge/constants.js'
import { bridgeAfSpec } from '../../src/rtnetlink/bridge/link-table.js'
import {
  mdbAttributes,
  mdbEntryAttributes,
  mdbRequest,
  mdbSource,
} from '../../src/rtnetlink/bridge/mdb/table.js'
import { vlanAttributes, vlanDumpAttributes } from '../../src/rtnetlink/bridge/vlan/table.js'
import { bridgeQuerier } from '../../src/rtnetlink/link/kinds/bridge.js'
import { definesOf, enumsOf, headerSets } from '../conformance/uapi.js'

const HEADERS = ['if_bridge', 'rtnetlink', 'neighbour', 'if_ether', 'in', 'netlink'].map(
  (name) => `linux/${name}.h`,
)
const NOT_ATTRIBUTES = /_(UNSPEC|PAD)$/

/** Fields that are not called as the kernel's constant is. */
const NAMES: Record<string, string> = {
  BRIDGE_VLANDB_GLOBAL_OPTIONS: 'globalOptions',
  BRIDGE_VLANDB_GOPTS_MCAST_LAST_MEMBER_CNT: 'mcastLastMemberCount',
  BRIDGE_VLANDB_GOPTS_MCAST_STARTUP_QUERY_CNT: 'mcastStartupQueryCount',
  BRIDGE_VLANDB_GOPTS_MCAST_LAST_MEMBER_INTVL: 'mcastLastMemberInterval',
  BRIDGE_VLANDB_GOPTS_MCAST_MEMBERSHIP_INTVL: 'mcastMembershipInterval',
  BRIDGE_VLANDB_GOPTS_MCAST_QUERIER_INTVL: 'mcastQuerierInterval',
  BRIDGE_VLANDB_GOPTS_MCAST_QUERY_INTVL: 'mcastQueryInterval',
  BRIDGE_VLANDB_GOPTS_MCAST_QUERY_RESPONSE_INTVL: 'mcastQueryResponseInterval',
  BRIDGE_VLANDB_GOPTS_MCAST_STARTUP_QUERY_INTVL: 'mcastStartupQueryInterval',
  IFLA_BRIDGE_CFM_CC_PEER_MEPID: 'mepid',
  MDBA_SET_ENTRY: 'entry',
  MDBE_ATTR_IFINDEX: 'ifindex',
}

/** Every table below these, by the prefix of its constants. Two that share numbers (MDBA_GET_ENTRY_*) are one here. */
function collect(roots: readonly Table[]): Map<string, Table> {
  const found = new Map<string, Table>()
  const add = (table: Table) => {
    if (found.has(table.name)) return
    found.set(table.name, table)
    for (const [, [, type]] of Object.entries(table.fields)) {
      const inner = type.inner?.(NO_SIBLINGS)
      if (inner != null) add(inner.name === 'list' ? inner.byNumber(1)!.type.inner!(NO_SIBLINGS)! : inner)
    }
  }
  for (const table of roots) add(table)
  return found
}

const tables = collect([
  bridgeAfSpec as Table,
  vlanAttributes,
  vlanDumpAttributes,
  bridgeQuerier(),
  mdbAttributes,
  mdbEntryAttributes,
  mdbSource,
  mdbRequest,
])

/** 'MCAST_N_GROUPS' as tables have it. */
const camel = (words: string) =>
  words.toLowerCase().replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())

/** The constants of an attribute set: those of the enum that begins with its PREFIX_UNSPEC. */
function constantsOf(prefix: string, directory: string): Map<string, number> {
  const enums = enumsOf('linux/if_bridge.h', directory)
  const found =
    enums.find((one) => one.has(`${prefix}_UNSPEC`)) ??
    enums.find((one) => [...one.keys()][0] === `${prefix}_FLAGS`) ??
    new Map<string, number>()
  return new Map([...found].filter(([name]) => !NOT_ATTRIBUTES.test(name)))
}

/** What came after Linux 6.1, whose headers are the oldest that this is compared with. */
const NEWER = ['MDB_FLAGS_OFFLOAD_FAILED', 'FDB_NOTIFY_BIT', 'FDB_NOTIFY_INACTIVE_BIT']
const NEWER_SETS = ['MDBE_SRC_LIST', 'MDBE_SRCATTR']

describe.each(headerSets())('the uapi headers $title', ({ directory, missing }) => {
  beforeEach(({ skip }) => skip(missing !== null, missing ?? ''))

  it('have many tables of bridges', () => {
    expect(tables.size).toBeGreaterThan(35)
  })

  it.each([...tables])('%s', (prefix, table) => {
    const known = constantsOf(prefix, directory!)
    if (known.size === 0) {
      expect(NEWER_SETS).toContain(prefix)
      return
    }
    const fields = Object.fromEntries(
      Object.entries(table.fields).filter(([, [number]]) => number <= Math.max(...known.values())),
    )
    const named = [...known].map(([name, number]) => [
      NAMES[name] ?? camel(name.slice(prefix.length + 1)),
      number,
    ])
    expect(Object.fromEntries(Object.entries(fields).map(([name, [number]]) => [name, number]))).toEqual(
      Object.fromEntries(named),
    )
  })

  it('have the constants of bridges', () => {
    const known = new Map(
      HEADERS.flatMap((name) => [
        ...definesOf(name, directory!),
        ...enumsOf(name, directory!).flatMap((one) => [...one]),
      ]),
    )
    const named = Object.entries(constants).filter(([name]) => known.has(name))
    expect(Object.fromEntries(named)).toEqual(
      Object.fromEntries(named.map(([name]) => [name, known.get(name)])),
    )
    const unknown = Object.keys(constants).filter((name) => !known.has(name))
    expect(unknown.filter((name) => !NEWER.includes(name))).toEqual([])
  })
})
