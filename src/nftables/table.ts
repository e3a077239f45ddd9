/** Tables: what holds the chains, sets and objects of one family. */

import { toBits } from '../codec/choice.js'
import type { AnyOf, Body, OneOf, RawAttribute } from '../codec/index.js'
import { checkKeys } from '../netlink/check.js'
import { NLM_F_EXCL } from '../netlink/constants.js'
import type { Request } from '../netlink/request.js'
import { change, type Making } from './change.js'
import {
  anyOf,
  checkName,
  familyNumber,
  nameOrHandle,
  quoted,
  type UnknownInput,
  unknownFor,
} from './input.js'
import { delTable, destroyTable, newTable } from './messages.js'
import { families, type NftFamily, type TableFlag, tableFlags } from './names.js'
import { commentOf, type UserdataInput, userdataFor } from './userdata.js'

/** A table as the kernel has it. See linux/netfilter/nf_tables.h, enum nft_table_attributes. */
export interface NftTable {
  readonly family: OneOf<NftFamily>
  readonly name: string
  readonly handle: number
  readonly flags: AnyOf<TableFlag>
  /** How many chains, sets, objects and flowtables it has. */
  readonly use: number
  /** The port id of the socket that owns it; null where nobody does. */
  readonly owner: number | null
  readonly comment: string | null
  readonly userdata: Uint8Array | null
  /** Attributes that this library does not know. */
  readonly unknown: readonly RawAttribute[]
}

/** A table to add. What a listed table has besides is not sent. */
export interface NftTableInput extends UserdataInput, UnknownInput {
  family: OneOf<NftFamily>
  name: string
  /**
   * Of a table that is there already, too; without it that keeps its own. 'owner' is for the transactions of openNftables(): such a table
   * goes with the socket that made it, and those of transaction() come and go with the calls. 'owner' and 'persist' are given when it is made
   * and named whenever flags are (EOPNOTSUPP otherwise); a table with 'persist' that has no owner can be taken (Linux 6.9).
   */
  flags?: AnyOf<TableFlag> | null | undefined
  handle?: number | undefined
  use?: number | undefined
  owner?: number | null | undefined
}

/** Which table: by its name, or by its handle where there is no name. */
export interface NftTableRef {
  family: OneOf<NftFamily>
  name?: string | undefined
  handle?: number | undefined
}

/** nf_tables_updtable() */
const GIVEN_WHEN_MADE =
  "'owner' (Linux 5.12) and 'persist' (6.9) are given to a table when it is made, and named whenever its flags are; one with 'persist' that has no owner can be taken"

const KEYS = ['family', 'name', 'flags', 'comment', 'userdata', 'handle', 'use', 'owner', 'unknown'] as const

/** What the kernel is built with for tables of a family: net/netfilter/Kconfig and those of ipv4, ipv6 and bridge. */
const BUILT_WITH: Record<NftFamily, string> = {
  inet: 'CONFIG_NF_TABLES_INET',
  ip: 'CONFIG_NF_TABLES_IPV4',
  ip6: 'CONFIG_NF_TABLES_IPV6',
  arp: 'CONFIG_NF_TABLES_ARP',
  bridge: 'CONFIG_NF_TABLES_BRIDGE',
  netdev: 'CONFIG_NF_TABLES_NETDEV',
}

/** NFT_MSG_NEWTABLE */
export function addTable(input: NftTableInput, making: Making, owns: boolean): Request {
  checkKeys(`${making}Table`, input, KEYS)
  const family = familyNumber(input.family)
  const name = checkName(input.name, 'name')
  // A table without 'dormant' among its flags is woken (nf_tables_updtable()).
  const flags = input.flags == null ? undefined : anyOf(tableFlags, input.flags, 'flags')
  if (!owns && (toBits(tableFlags, flags ?? []) & tableFlags.numbers.owner) !== 0)
    throw new RangeError(
      "flags: 'owner' is not to be had here: the table would go with the socket that made it, which may be closed when the call ends; openNftables() keeps one",
    )
  return change(
    newTable,
    family,
    { name, flags, userdata: userdataFor(input), unknown: unknownFor(input) },
    making === 'create' ? NLM_F_EXCL : 0,
    describeTable(input),
    (code) => (code === 'EOPNOTSUPP' ? adviseTable(input.family, flags) : undefined),
  )
}

function adviseTable(family: OneOf<NftFamily>, flags: readonly unknown[] | undefined): string {
  const config = BUILT_WITH[family as NftFamily]
  const built = `this kernel may have no tables of family '${family}' (${config})`
  return flags === undefined ? built : `${built}, or: ${GIVEN_WHEN_MADE}`
}

/** NFT_MSG_DELTABLE, or NFT_MSG_DESTROYTABLE (Linux 6.3), to which an absent table is no error. */
export function deleteTable(ref: NftTableRef, destroy: boolean): Request {
  checkKeys(destroy ? 'destroyTable' : 'deleteTable', ref, [
    ...KEYS,
    'chains',
    'sets',
    'objects',
    'flowtables',
  ])
  const family = familyNumber(ref.family)
  return change(destroy ? destroyTable : delTable, family, nameOrHandle(ref), 0, describeTable(ref))
}

/** NFT_MSG_DELTABLE without a name: all tables, or those of a family. */
export function flushTables(family: OneOf<NftFamily> | undefined): Request {
  return change(
    delTable,
    family === undefined ? 0 : familyNumber(family),
    {},
    0,
    `tables of ${family ?? 'all families'}`,
  )
}

/** In errors: "table inet 'filter'". */
function describeTable({ family, ...ref }: NftTableRef): string {
  return `table ${String(family)} ${quoted(ref)}`
}

/** Reads a NFT_MSG_NEWTABLE. */
export function tableOf({ header, attributes }: Body<typeof newTable>): NftTable {
  return {
    family: families.toName(header.family ?? 0),
    name: attributes.name ?? '',
    handle: attributes.handle ?? 0,
    flags: attributes.flags ?? [],
    use: attributes.use ?? 0,
    owner: attributes.owner ?? null,
    comment: commentOf(attributes.userdata),
    userdata: attributes.userdata ?? null,
    unknown: attributes.unknown ?? [],
  }
}
