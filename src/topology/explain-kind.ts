/** The options of each kind of link as the words of ip-link(8). */

import { decodeAttributes } from '../codec/decode.js'
import { encodeAttributes } from '../codec/encode.js'
import type { OneOf } from '../codec/index.js'
import { Writer } from '../codec/writer.js'
import { type McastRouter, routerTypes } from '../rtnetlink/bridge/router-types.js'
import { findKind } from '../rtnetlink/link/kinds/index.js'
import { hasLinkData } from '../rtnetlink/link/kinds/kind.js'
import { LINK_OPTIONS } from '../rtnetlink/link/options.js'
import { quote, tosWords } from './explain-words.js'

export type Options = Readonly<Record<string, unknown>>

/** The words for a value; '' where there are none. */
type Write = (value: unknown, options: Options) => string

const times =
  (factor: number) =>
  (word: string): Write =>
  (value) =>
    `${word} ${Math.round(Number(value) * factor)}`
/** Seconds, which `ip` has in hundredths. */
const hundredths = times(100)
const milliseconds = times(1000)
/** 'learning' or 'nolearning'. */
const prefixed =
  (word: string): Write =>
  (value) =>
    value ? word : `no${word}`
const onlyIf =
  (word: string): Write =>
  (value) =>
    value ? word : ''
const joinedBy =
  (separator: string) =>
  (word: string): Write =>
  (value) =>
    `${word} ${(value as unknown[]).join(separator)}`
const joined = joinedBy(',')
const onOff =
  (words: Readonly<Record<string, string>> = {}): Write =>
  (value) =>
    Object.entries(value as Record<string, boolean>)
      .map(([name, isOn]) => `${words[name] ?? name} ${isOn ? 'on' : 'off'}`)
      .join(' ')
const mappings =
  (word: string): Write =>
  (value) =>
    [word, ...(value as { from: number; to: number }[]).map(({ from, to }) => `${from}:${to}`)].join(' ')
const each =
  (word: string): Write =>
  (value) =>
    (value as string[]).map((one) => `${word}${one}`).join(' ')

/** Flags of GRE: that there is a key is said by the key. */
const keyed =
  (end: 'i' | 'o'): Write =>
  (value, { [`${end}key`]: key }) =>
    (value as string[])
      .flatMap((flag) => (flag !== 'key' ? `${end}${flag}` : key === undefined ? `${end}key 0` : []))
      .join(' ')

const ip: Write = (value) => `${isGroup(String(value)) ? 'group' : 'remote'} ${value}`

function isGroup(address: string): boolean {
  const first = Number.parseInt(address, 10)
  return address.includes(':') ? /^ff..:/i.test(address) : first >= 224 && first <= 239
}

const UDP = {
  udpCsum: prefixed('udpcsum'),
  udpZeroCsum6Tx: prefixed('udp6zerocsumtx'),
  udpZeroCsum6Rx: prefixed('udp6zerocsumrx'),
  collectMetadata: prefixed('external'),
  label: 'flowlabel',
  ttlInherit: onlyIf('ttl inherit'),
} satisfies Words

const TUNNEL = {
  collectMetadata: onlyIf('external'),
  pmtudisc: prefixed('pmtudisc'),
  ignoreDf: prefixed('ignore-df'),
  proto: 'mode',
  iflags: keyed('i'),
  oflags: keyed('o'),
  encapLimit: 'encaplimit',
  encapType: 'encap',
  encapSport: 'encap-sport',
  encapDport: 'encap-dport',
  encapFlags: (value) =>
    each('encap-')(
      (value as string[]).map((flag) => (flag === 'csum6' ? 'udp6-csum' : flag)),
      {},
    ),
  erspanIndex: 'erspan',
} satisfies Words

/** What stands in `flowinfo`, unless a flag says that it is the packet's. */
const FLOWINFO = [
  { word: 'tclass', inherit: 'use_orig_tclass', of: (flowinfo: number) => (flowinfo >>> 20) & 0xff },
  { word: 'flowlabel', inherit: 'use_orig_flowlabel', of: (flowinfo: number) => flowinfo & 0xfffff },
]

/** IP6_TNL_F_*; the others have no word. */
const IP6_FLAGS: Readonly<Record<string, string>> = {
  ign_encap_limit: 'encaplimit none',
  use_orig_tclass: 'tclass inherit',
  use_orig_flowlabel: 'flowlabel inherit',
  rcv_dscp_copy: 'dscp inherit',
  use_orig_fwmark: 'fwmark inherit',
  allow_local_remote: 'allow-localremote',
}

/** A value behind a flag of the same word would take it back. */
const IP6_TUNNEL = {
  ...TUNNEL,
  encapLimit: (limit, { flags }) => (hasFlag(flags, 'ign_encap_limit') ? '' : `encaplimit ${limit}`),
  fwmark: (mark, { flags }) => (hasFlag(flags, 'use_orig_fwmark') ? '' : `fwmark ${mark}`),
  flowinfo: (flowinfo, { flags }) =>
    FLOWINFO.filter(({ inherit }) => !hasFlag(flags, inherit))
      .map(({ word, of }) => `${word} 0x${of(Number(flowinfo)).toString(16)}`)
      .join(' '),
  flags: (value, { encapLimit }) =>
    (value as string[])
      .flatMap((flag) => [
        ...(flag === 'ign_encap_limit' && encapLimit !== undefined ? [`encaplimit ${encapLimit}`] : []),
        ...(IP6_FLAGS[flag] === undefined ? [] : [IP6_FLAGS[flag]]),
      ])
      .join(' '),
} satisfies Words

function hasFlag(flags: unknown, flag: string): boolean {
  return Array.isArray(flags) && flags.includes(flag)
}

const MACVLAN = {
  flags: each('flag '),
  bcQueueLen: 'bcqueuelen',
  bcCutoff: 'bclim',
  macaddrMode: (mode, { macaddr, macaddrData = [] }) =>
    ['macaddr', mode, macaddr ?? (macaddrData as string[]).join(' ')].join(' '),
  macaddr: () => '',
  macaddrData: (data, { macaddrMode }) =>
    macaddrMode === undefined ? joinedBy(' ')('macaddr set')(data, {}) : '',
} satisfies Words
const IPVLAN = { flags: each('') } satisfies Words

/** What is no word of its own is the option's name in small letters, with underscores. */
type Words = Readonly<Record<string, string | Write>>

const WORDS: Readonly<Record<string, Words>> = {
  bridge: {
    stp: (value) => `stp_state ${value === false ? 0 : 1}`,
    vlanStats: 'vlan_stats_enabled',
    mcastStats: 'mcast_stats_enabled',
    fdbFlush: onlyIf('fdb_flush'),
    mcastRouter: (value) => `mcast_router ${routerTypes.toNumber(value as OneOf<McastRouter>)}`,
    forwardDelay: hundredths('forward_delay'),
    helloTime: hundredths('hello_time'),
    maxAge: hundredths('max_age'),
    ageingTime: hundredths('ageing_time'),
    mcastLastMemberInterval: hundredths('mcast_last_member_interval'),
    mcastMembershipInterval: hundredths('mcast_membership_interval'),
    mcastQuerierInterval: hundredths('mcast_querier_interval'),
    mcastQueryInterval: hundredths('mcast_query_interval'),
    mcastQueryResponseInterval: hundredths('mcast_query_response_interval'),
    mcastStartupQueryInterval: hundredths('mcast_startup_query_interval'),
    multiBoolopt: (value) =>
      Object.entries(value as Record<string, boolean>)
        .map(([name, isOn]) => `${BOOLEANS[name] ?? name} ${isOn ? 1 : 0}`)
        .join(' '),
  },
  vxlan: {
    ...UDP,
    remote: ip,
    // `external` turns learning off, but for the word behind it.
    collectMetadata: (isOn, { learning = true }) =>
      isOn ? `external ${prefixed('learning')(learning, {})}` : 'noexternal',
    learning: (value, { collectMetadata }) => (collectMetadata ? '' : prefixed('learning')(value, {})),
    proxy: prefixed('proxy'),
    rsc: prefixed('rsc'),
    l2miss: prefixed('l2miss'),
    l3miss: prefixed('l3miss'),
    remcsumTx: prefixed('remcsumtx'),
    remcsumRx: prefixed('remcsumrx'),
    vnifilter: prefixed('vnifilter'),
    localbypass: prefixed('localbypass'),
    gbp: onlyIf('gbp'),
    gpe: onlyIf('gpe'),
    limit: 'maxaddress',
    portRange: (value) => {
      const { low, high } = value as { low: number; high: number }
      return `srcport ${low} ${high}`
    },
  },
  hsr: { multicastSpec: 'supervision', protocol: (value) => `proto ${value === 'prp' ? 1 : 0}` },
  geneve: { ...UDP, innerProtoInherit: onlyIf('innerprotoinherit') },
  macvlan: MACVLAN,
  macvtap: MACVLAN,
  ipvlan: IPVLAN,
  ipvtap: IPVLAN,
  vlan: { flags: onOff(), egressQos: mappings('egress-qos-map'), ingressQos: mappings('ingress-qos-map') },
  bond: {
    miimon: milliseconds('miimon'),
    updelay: milliseconds('updelay'),
    downdelay: milliseconds('downdelay'),
    arpInterval: milliseconds('arp_interval'),
    peerNotifDelay: milliseconds('peer_notify_delay'),
    arpIpTarget: joined('arp_ip_target'),
    nsIp6Target: joined('ns_ip6_target'),
    numPeerNotif: 'num_grat_arp',
    adLacpRate: 'lacp_rate',
    adLacpActive: (value) => `lacp_active ${value ? 'on' : 'off'}`,
    missedMax: 'arp_missed_max',
    broadcastNeigh: (value) => `broadcast_neighbor ${value ? 'on' : 'off'}`,
    coupledControl: (value) => `coupled_control ${value ? 'on' : 'off'}`,
  },
  ...Object.fromEntries(
    ['gre', 'gretap', 'erspan', 'ipip', 'vti', 'vti6', 'xfrm'].map((kind) => [kind, TUNNEL]),
  ),
  ...Object.fromEntries(['ip6gre', 'ip6gretap', 'ip6erspan', 'ip6tnl'].map((kind) => [kind, IP6_TUNNEL])),
  sit: { ...TUNNEL, flags: each('') },
}

/** BR_BOOLOPT_*, where `ip` has another name. */
const BOOLEANS: Readonly<Record<string, string>> = {
  no_ll_learn: 'no_linklocal_learn',
  mst_enable: 'mst_enabled',
}

const COMMON: readonly string[] = [...LINK_OPTIONS, 'queues', 'master']

/** What stands behind `type KIND`. `below` is the interface underneath, for kinds that keep it among their own options. */
export function kindWords(kind: string, options: Options, below: string | null = null): string {
  const words = Object.entries(options)
    .filter(([key, value]) => value !== undefined && !COMMON.includes(key))
    .map(([key, given]) => {
      const value = named(kind, key, given)
      const known = key === 'tos' ? (tos: unknown) => tosWords(Number(tos)) : WORDS[kind]?.[key]
      if (typeof known === 'function') return known(value, options)
      const word = known ?? key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
      return `${word} ${quote(typeof value === 'boolean' ? String(Number(value)) : String(value))}`
    })
  if (below !== null && keepsLink(kind)) words.push(`dev ${quote(below)}`)
  return words
    .filter((one) => one !== '')
    .map((one) => ` ${one}`)
    .join('')
}

/** A number that has a name as that name, the only thing that ip(8) takes. */
function named(kind: string, key: string, value: unknown): unknown {
  const table = findKind(kind)?.table
  if (typeof value !== 'number' || table?.byName(key) === undefined) return value
  const out = new Writer(64)
  encodeAttributes(table, out, { [key]: value })
  return (decodeAttributes(table, out.bytes, 0, out.length) as Options)[key]
}

/** Whether the interface underneath stands among the kind's own options: `type vxlan … dev eth0`, not `link add link eth0`. */
export function keepsLink(kind: string): boolean {
  return hasLinkData(findKind(kind))
}
