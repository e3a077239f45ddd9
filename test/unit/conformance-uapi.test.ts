/** The constants and attribute numbers of rtnetlink against the kernel's uapi headers; those of links have a test of their own. */

import { beforeEach, describe, expect, it } from 'vitest'
import type { Table } from '../../src/codec/table.js'
import * as address from '../../src/rtnetlink/address/constants.js'
import { addressAttributes } from '../../src/rtnetlink/address/table.js'
import * as addressLabel from '../../src/rtnetlink/address-label/constants.js'
import * as groups from '../../src/rtnetlink/groups.js'
import * as neighbour from '../../src/rtnetlink/neighbour/constants.js'
import { neighbourAttributes } from '../../src/rtnetlink/neighbour/table.js'
import * as neighbourTable from '../../src/rtnetlink/neighbour-table/constants.js'
import { neighbourTableAttributes, parameterAttributes } from '../../src/rtnetlink/neighbour-table/table.js'
import * as netconf from '../../src/rtnetlink/netconf/constants.js'
import { netconfAttributes } from '../../src/rtnetlink/netconf/table.js'
import * as nexthop from '../../src/rtnetlink/nexthop/constants.js'
import { nexthopAttributes, resilientAttributes } from '../../src/rtnetlink/nexthop/table.js'
import * as nsid from '../../src/rtnetlink/nsid/constants.js'
import { nsidAttributes } from '../../src/rtnetlink/nsid/table.js'
import * as route from '../../src/rtnetlink/route/constants.js'
import * as encap from '../../src/rtnetlink/route/encap/constants.js'
import { encapTables } from '../../src/rtnetlink/route/encap/table.js'
import { metricAttributes, routeAttributes } from '../../src/rtnetlink/route/table.js'
import * as advertisement from '../../src/rtnetlink/router-advertisement/constants.js'
import { ndUserOptionAttributes, prefixAttributes } from '../../src/rtnetlink/router-advertisement/table.js'
import * as rule from '../../src/rtnetlink/rule/constants.js'
import { ruleAttributes } from '../../src/rtnetlink/rule/table.js'
import * as vxlanVni from '../../src/rtnetlink/vxlan-vni/constants.js'
import { vniAttributes, vniEntryAttributes, vniStatsAttributes } from '../../src/rtnetlink/vxlan-vni/table.js'
import { definesOf, enumsOf, hasHeader, headerSets } from '../conformance/uapi.js'

const HEADERS = [
  'rtnetlink',
  'if_addr',
  'if_addrlabel',
  'if_link',
  'neighbour',
  'nexthop',
  'fib_rules',
  'net_namespace',
  'netconf',
  'lwtunnel',
  'mpls_iptunnel',
  'seg6_iptunnel',
  'seg6_local',
  'rpl_iptunnel',
  'ioam6_iptunnel',
  'icmpv6',
  'in_route',
].map((name) => `linux/${name}.h`)

/** Of include/net/, which programs do not see, and of RFCs; negative numbers. */
const INTERNAL =
  /^(INFINITY_LIFE_TIME|NTF_EXT_SHIFT|NETNSA_NSID_NOT_ASSIGNED|NETCONFA_IFINDEX_\w+|IF_PREFIX_\w+|ND_OPT_\w+)$/
/** What came after Linux 6.1, whose headers are the oldest that this is compared with. */
const NEWER = [
  /^FRA_(DSCP|FLOWLABEL|SPORT_MASK|DPORT_MASK)/,
  /^NHA_(OP_FLAG|GROUP_STATS|HW_STATS|DST_PORT)/,
  /^IFA_MC_USERS$/,
  /^RTM_(NEW|DEL)(MULTICAST|ANYCAST)$/,
  /^NETCONFA_FORCE_FORWARDING$/,
  /^SEG6_IPTUNNEL_(SRC|TABLE)$/,
  /^IOAM6_IPTUNNEL_SRC$/,
  /^NTF_EXT_(LOCKED|EXT_VALIDATED)$/,
  /^RT(PROT_OVN|A_FLOWLABEL|A_DEL_REASON|AX_FEATURE_TCP_USEC_TS)$/,
  /^RT_DEL_REASON_/,
  /^RTNLGRP_IPV(4_MC|6_MC|6_AC)ADDR$/,
]
const NO_ATTRIBUTE = /_(UNSPEC|NONE|UNUSED\d?)$/

const modules = {
  address,
  addressLabel,
  advertisement,
  encap,
  groups,
  neighbour,
  neighbourTable,
  netconf,
  nexthop,
  nsid,
  route,
  rule,
  vxlanVni,
}
const tables: Record<string, Table> = {
  IFA: addressAttributes,
  NDA: neighbourAttributes,
  NDTA: neighbourTableAttributes,
  NDTPA: parameterAttributes,
  NETCONFA: netconfAttributes,
  NDUSEROPT: ndUserOptionAttributes,
  PREFIX: prefixAttributes,
  NHA: nexthopAttributes,
  NHA_RES_GROUP: resilientAttributes,
  NETNSA: nsidAttributes,
  RTA: routeAttributes,
  RTAX: metricAttributes,
  FRA: ruleAttributes,
  VXLAN_VNIFILTER: vniAttributes,
  VXLAN_VNIFILTER_ENTRY: vniEntryAttributes,
  VNIFILTER_ENTRY_STATS: vniStatsAttributes,
  MPLS_IPTUNNEL: encapTables.mpls,
  LWTUNNEL_IP: encapTables.ip,
  LWTUNNEL_IP6: encapTables.ip6,
  SEG6_IPTUNNEL: encapTables.seg6,
  LWT_BPF: encapTables.bpf,
  SEG6_LOCAL: encapTables.seg6local,
  RPL_IPTUNNEL: encapTables.rpl,
  IOAM6_IPTUNNEL: encapTables.ioam6,
  LWT_XFRM: encapTables.xfrm,
}

describe.each(headerSets())('the uapi headers $title', ({ directory, missing }) => {
  beforeEach(({ skip }) => skip(missing !== null, missing ?? ''))
  const headers = directory === null ? [] : HEADERS.filter((name) => hasHeader(name, directory))
  const enums = headers.flatMap((name) => enumsOf(name, directory!))
  const known = new Map([
    ...headers.flatMap((name) => [...definesOf(name, directory!)]),
    ...enums.flatMap((one) => [...one]),
  ])

  it('are all there', () => {
    expect(headers).toEqual(HEADERS)
  })

  it.each(Object.entries(modules))('have the constants of %s', (_, constants) => {
    const named = Object.entries(constants).filter(([name]) => known.has(name))
    expect(Object.fromEntries(named)).toEqual(
      Object.fromEntries(named.map(([name]) => [name, known.get(name)])),
    )
    const unknown = Object.keys(constants).filter((name) => !known.has(name) && !INTERNAL.test(name))
    expect(unknown.filter((name) => !NEWER.some((newer) => newer.test(name)))).toEqual([])
    expect(named.length).toBeGreaterThan(3)
  })

  it.each(Object.entries(tables))('have no attribute %s_* that the table lacks', (prefix, table) => {
    const attributes = enums.find((one) => one.has(`${prefix}_UNSPEC`) || one.has(`${prefix}_NONE`))!
    const pads = [...attributes].filter(([name]) => name.endsWith('_PAD')).map(([, number]) => number)
    expect(pads).toEqual(table.pad === undefined ? [] : [table.pad])
    const lacking = [...attributes].filter(
      ([name, number]) =>
        !NO_ATTRIBUTE.test(name) && !pads.includes(number) && table.byNumber(number) === undefined,
    )
    expect(lacking).toEqual([])
  })
})
