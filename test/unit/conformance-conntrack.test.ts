/** The tables of conntrack against the kernel's own description, and their numbers against its uapi headers. */

import { readFileSync } from 'node:fs'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Message } from '../../src/codec/index.js'
import * as constants from '../../src/conntrack/constants.js'
import * as expectations from '../../src/conntrack/expect-table.js'
import * as protoinfo from '../../src/conntrack/protoinfo-table.js'
import * as stats from '../../src/conntrack/stats-table.js'
import * as table from '../../src/conntrack/table.js'
import * as tuple from '../../src/conntrack/tuple-table.js'
import { NFNL_SUBSYS_CTNETLINK, NFNL_SUBSYS_CTNETLINK_EXP, nfgenmsg } from '../../src/netlink/netfilter.js'
import { ctStatuses } from '../../src/nftables/value-names.js'
import { compareSet, compareStruct, type Tables } from '../conformance/compare.js'
import { loadSpec, noSpec } from '../conformance/spec.js'
import { definesOf, enumsOf, headerSets } from '../conformance/uapi.js'

const spec = loadSpec('conntrack')!

const tables: Tables = {
  'counter-attrs': table.counterAttributes,
  'tuple-proto-attrs': tuple.tupleProtoAttributes,
  'tuple-ip-attrs': tuple.tupleIpAttributes,
  'tuple-attrs': tuple.tupleAttributes,
  'protoinfo-tcp-attrs': protoinfo.tcpAttributes,
  'protoinfo-dccp-attrs': protoinfo.dccpAttributes,
  'protoinfo-sctp-attrs': protoinfo.sctpAttributes,
  'protoinfo-attrs': protoinfo.protoinfoAttributes,
  'help-attrs': table.helpAttributes,
  'nat-proto-attrs': table.natProtoAttributes,
  'nat-attrs': table.natAttributes,
  'seqadj-attrs': table.seqadjAttributes,
  'secctx-attrs': table.secctxAttributes,
  'synproxy-attrs': table.synproxyAttributes,
  'conntrack-attrs': table.conntrackAttributes,
  'conntrack-stats-attrs': stats.statsAttributes,
}

/** Differences that are meant: the reason, and what it explains. */
const KNOWN: Record<string, readonly string[]> = {
  'enum ctattr_filter has two sets of flags in host order (ctnetlink_parse_filter())': [
    'conntrack-attrs.filter: holds CTA_FILTER instead of tuple-attrs',
  ],
  'a name with a space in it': ["conntrack-attrs.labels mask: is called 'labelsMask'"],
  'enum ctattr_tstamp: ctnetlink_dump_timestamp() nests the beginning and the end': [
    'conntrack-attrs.timestamp: u64 big-endian is read as nested',
  ],
  'not described: CTA_HELP_INFO': ["help-attrs: 'helpInfo' (2) is not described"],
  'enum ctattr_nat has the ports before the addresses of IPv6': [
    "nat-attrs.nat-proto: is called 'natV6Maxip'",
    'nat-attrs.nat-proto: nest is read as ipv6',
    'nat-attrs.nat-v6-maxip: binary is read as ipv6',
    "nat-attrs.nat-v6-maxip: is called 'natV6Minip'",
    'nat-attrs.nat-v6-minip: binary is read as nested',
    "nat-attrs.nat-v6-minip: is called 'natProto'",
  ],
  'struct nf_ct_seqadj has them signed': [
    'seqadj-attrs.offset-after: u32 big-endian is read as sbe32',
    'seqadj-attrs.offset-before: u32 big-endian is read as sbe32',
  ],
  'an address': [
    'nat-attrs.nat-v4-maxip: u32 big-endian is read as ipv4',
    'nat-attrs.nat-v4-minip: u32 big-endian is read as ipv4',
    'tuple-ip-attrs.ip-v4-dst: u32 big-endian is read as ipv4',
    'tuple-ip-attrs.ip-v4-src: u32 big-endian is read as ipv4',
  ],
  'named as enum sctp_conntrack of the header is': [
    "protoinfo-sctp-attrs.sctp-state: nf-ct-sctp-state cloned (1) is 'closed'",
    "protoinfo-sctp-attrs.sctp-state: nf-ct-sctp-state shutdown-heartbeat-sent (8) is 'heartbeat-sent'",
  ],
  'no state that a connection has: for the compiler, or for what a packet does': [
    "protoinfo-tcp-attrs.tcp-state: nf-ct-tcp-state ignore (11) is '11'",
    "protoinfo-tcp-attrs.tcp-state: nf-ct-tcp-state max (10) is '10'",
    "protoinfo-tcp-attrs.tcp-state: nf-ct-tcp-state retrans (12) is '12'",
    "protoinfo-tcp-attrs.tcp-state: nf-ct-tcp-state timeout-max (14) is '14'",
    "protoinfo-tcp-attrs.tcp-state: nf-ct-tcp-state unack (13) is '13'",
  ],
}

describe('conntrack.yaml', () => {
  beforeEach(({ skip }) => skip(spec === null, noSpec('conntrack')))

  it('every attribute set has a table that agrees with it, but for what is known', () => {
    const differences = spec['attribute-sets'].flatMap(({ name }) => compareSet(spec, name, tables))
    expect(differences.sort()).toEqual(Object.values(KNOWN).flat().sort())
  })

  it('struct nfgenmsg', () => {
    const definition = spec.definitions.find(({ name }) => name === 'nfgenmsg')!
    expect(compareStruct(spec, definition, nfgenmsg, tables, 'nfgen-')).toEqual([])
  })
})

const HEADER = 'linux/netfilter/nfnetlink_conntrack.h'
const COMMON = 'linux/netfilter/nf_conntrack_common.h'
const TCP = 'linux/netfilter/nf_conntrack_tcp.h'
const SCTP = 'linux/netfilter/nf_conntrack_sctp.h'

describe.each(headerSets())('numbers and the uapi headers $title', ({ directory, missing }) => {
  beforeEach(({ skip }) => skip(missing !== null, missing ?? ''))
  const enums = (name: string) => (directory === null ? [] : enumsOf(name, directory))
  const known = new Map([HEADER, COMMON, TCP, SCTP].flatMap((name) => enums(name).flatMap((one) => [...one])))
  const numbers = constants as Readonly<Record<string, number>>
  const named = (prefix: string, values: Readonly<Record<string, number>>) =>
    Object.entries(values).map(
      ([name, number]) => [`${prefix}${name.toUpperCase().replace(/-/g, '_')}`, number] as const,
    )
  /** Kept inside the kernel (net/netfilter/nf_internals.h), and newer than many headers (Linux 6.14). */
  const ELSEWHERE = /^(CTA_FILTER_F_.*|CTA_TIMESTAMP_EVENT)$/

  it('every constant is the number of the header', () => {
    const wrong = Object.entries(numbers).filter(
      ([name, number]) => !ELSEWHERE.test(name) && !name.startsWith('IPS_') && known.get(name) !== number,
    )
    expect(wrong).toEqual([])
  })

  it('every flag of a status is the bit of the header', () => {
    const text = readFileSync(`${directory}/${COMMON}`, 'utf8')
    const bits = [...text.matchAll(/\b(IPS_\w+)_BIT = (\d+)/g)].map(([, name, bit]) => [
      name,
      1 << Number(bit),
    ])
    // IPS_UNTRACKED is not used any more; the kernel calls the bit IPS_NAT_CLASH.
    const ours = Object.entries(numbers)
      .filter(([name]) => name.startsWith('IPS_'))
      .map(([name, bit]) => [name === 'IPS_NAT_CLASH' ? 'IPS_UNTRACKED' : name, bit])
    expect(bits.length).toBeGreaterThan(12)
    expect(ours.sort()).toEqual(bits.sort())
  })

  it('the flags of a status that nftables names are the same', () => {
    const { 'src-nat': snat, 'dst-nat': dnat, ...others } = table.conntrackStatuses.numbers
    expect(ctStatuses.numbers).toEqual({ ...others, snat, dnat })
  })

  it('no attribute of the header is missing', () => {
    const counted = [stats.statsAttributes, stats.globalStatsAttributes, stats.expectStatsAttributes]
    const inTables = new Map(
      counted.flatMap(({ name, fields }) =>
        Object.entries(fields).map(([field, [number]]) => [
          `${name}_${field.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`,
          number,
        ]),
      ),
    )
    /** Old names, and what no operation asks for. */
    const without = /^(CTA_NAT_SEQ_.*|IPCTNL_MSG_CT_GET_(CTRZERO|DYING|UNCONFIRMED)|.*_(UNSPEC|PAD|MAX))$/
    const absent = enums(HEADER)
      .flatMap((one) => [...one])
      .filter(([name, number]) => (numbers[name] ?? inTables.get(name)) !== number && !without.test(name))
    expect(absent).toEqual([])
  })

  it('states and flags have the numbers of the headers', () => {
    const states = [
      ...named('TCP_CONNTRACK_', protoinfo.tcpStates.numbers),
      ...named('SCTP_CONNTRACK_', protoinfo.sctpStates.numbers),
    ]
    // Each is another name of the one on the right there.
    const renamed: Record<string, string> = {
      TCP_CONNTRACK_SYN_SENT2: 'TCP_CONNTRACK_LISTEN',
      SCTP_CONNTRACK_SHUTDOWN_RECEIVED: 'SCTP_CONNTRACK_SHUTDOWN_RECD',
    }
    expect(states.filter(([name, number]) => known.get(renamed[name] ?? name) !== number)).toEqual([])
    const flags = definesOf(TCP, directory!)
    const tcpFlags = named('IP_CT_TCP_FLAG_', protoinfo.tcpFlags.numbers)
    // IP_CT_TCP_FLAG_UNACKED is called IP_CT_TCP_FLAG_DATA_UNACKNOWLEDGED, and so on: the description has short names.
    const short = tcpFlags.filter(([name]) => flags.has(name))
    expect(short.length).toBeGreaterThan(3)
    expect(short.filter(([name, number]) => flags.get(name) !== number)).toEqual([])
  })

  it('message types', () => {
    const messages = [table, expectations, stats].flatMap((module) =>
      Object.values(module as Readonly<Record<string, unknown>>).filter(
        (one): one is Message => typeof one === 'object' && one !== null && 'header' in one && 'table' in one,
      ),
    )
    expect(messages).toHaveLength(10)
    for (const { name, number } of messages) {
      const subsystem = name.includes('_EXP_') ? NFNL_SUBSYS_CTNETLINK_EXP : NFNL_SUBSYS_CTNETLINK
      expect({ [name]: number }).toEqual({ [name]: (subsystem << 8) | known.get(name)! })
    }
  })
})
