/** What the kernel knows of a packet beside its bytes: meta, connection tracking. */

import { host } from '../../codec/bytes.js'
import { show } from '../../codec/fault.js'
import { type Names, names } from '../../codec/index.js'
import { checkInteger } from '../../netlink/check.js'
import { type Datatype, ruleTypes, datatypes as t } from '../datatypes.js'
import type { ctKeys } from '../expressions/ct.js'
import type { metaKeys } from '../expressions/meta.js'
import { bit, hostU16, hostU32, hostU64, integerType, u32 } from '../integers.js'
import { nfprotos } from '../value-names.js'
import * as clock from './clock.js'
import { type Compiler, REG } from './compiler.js'
import { fact, settableFact } from './fields.js'
import type { Selector, Settable } from './selector.js'

type KeyOf<T> = T extends Names<infer N extends string> ? N : never
type MetaKey = KeyOf<typeof metaKeys>
type CtKey = KeyOf<typeof ctKeys>

const booleans = names({ missing: 0, exists: 1 })
/** 'exists' or 'missing'. */
export const present = integerType('boolean', 39, 1, 'network', booleans)

const load = (key: MetaKey) => (compiler: Compiler, dreg: number) =>
  compiler.emit({ name: 'meta', data: { key, dreg } })
const store = (key: MetaKey) => (compiler: Compiler) =>
  compiler.emit({ name: 'meta', data: { key, sreg: REG } })

function metaFact(key: MetaKey, type: typeof hostU32, more: Parameters<typeof fact>[3] = {}): Selector {
  return fact(`meta ${key}`, type, load(key), more)
}

function metaSettable(key: MetaKey, type: typeof hostU32): Settable {
  return settableFact(`meta ${key}`, type, load(key), store(key))
}

const network = names({ ip: nfprotos.numbers.ipv4, ip6: nfprotos.numbers.ipv6 })

/** Facts about a packet: enum nft_meta_keys of linux/netfilter/nf_tables.h. */
export const meta = {
  length: metaFact('len', hostU32),
  protocol: metaFact('protocol', t.ether_type, {
    learn: (compiler, value) => {
      const type = t.ether_type.decode(value)
      if (type === 'ip' || type === 'ip6' || type === 'arp') compiler.learnNetwork(type)
    },
  }),
  nfproto: metaFact('nfproto', t.nf_proto, {
    learn: (compiler, value) => {
      const name = network.toName(value[0]!)
      if (typeof name === 'string') compiler.learnNetwork(name)
    },
  }),
  l4proto: metaFact('l4proto', t.inet_proto, {
    learn: (compiler, value) => compiler.learnTransport(value[0]!),
  }),
  mark: metaSettable('mark', t.mark),
  /** The class of traffic control: '1:5', which is 0x10005, 'root' or 'none'. */
  priority: metaSettable('priority', t.classid),
  pkttype: metaSettable('pkttype', t.pkt_type),
  nftrace: metaSettable('nftrace', bit),
  /** By ifindex, or by name, which is turned into the ifindex that it has now. */
  iif: metaFact('iif', t.iface_index),
  oif: metaFact('oif', t.iface_index),
  /** By name; 'eth*' is every name that begins so. */
  iifname: metaFact('iifname', t.ifname),
  oifname: metaFact('oifname', t.ifname),
  iiftype: metaFact('iiftype', t.iface_type),
  oiftype: metaFact('oiftype', t.iface_type),
  iifkind: metaFact('iifkind', t.ifname),
  oifkind: metaFact('oifkind', t.ifname),
  iifgroup: metaFact('iifgroup', t.devgroup),
  oifgroup: metaFact('oifgroup', t.devgroup),
  ibrname: metaFact('bri-iifname', t.ifname),
  obrname: metaFact('bri-oifname', t.ifname),
  sdif: metaFact('sdif', t.iface_index),
  sdifname: metaFact('sdifname', t.ifname),
  skuid: metaFact('skuid', t.uid),
  skgid: metaFact('skgid', t.gid),
  rtclassid: metaFact('rtclassid', t.realm),
  /** Whether IPsec was around the packet: 'exists' or 'missing'. */
  secpath: metaFact('secpath', present),
  cpu: metaFact('cpu', hostU32),
  cgroup: metaFact('cgroup', hostU32),
  random: metaFact('prandom', u32),
  /** The security mark, to be kept in `ct.secmark` and taken from there. */
  secmark: metaSettable('secmark', hostU32),
  /** The VLAN and its protocol of the bridge port that it came in by. */
  ibrpvid: metaFact('bri-iifpvid', hostU16),
  ibrvproto: metaFact('bri-iifvproto', t.ether_type),
  /** 1 has a bridge hand the frame to the layers above its port, as ebtables' table broute (Linux 6.4). */
  broute: metaSettable('bri-broute', bit),
  /** When it came, in UTC: '2026-06-06 17:00:00', '2026-06-06' (at its beginning), or seconds since 1970, with parts of one as a text: '1780765200.5'. */
  time: metaFact('time-ns', clock.time),
  /** The day of the week in UTC: 'sunday' or 0 to 'saturday' or 6. */
  day: metaFact('time-day', clock.day),
  /** The time of day in UTC: '17:00', '17:00:30', or seconds since midnight; '09:00-16:59:59' is a range. */
  hour: metaFact('time-hour', clock.hour),
}

/** One bit of 128, which lie in longs of the host (linux/bitmap.h, as nf_conntrack_labels.h has them). */
const label: Datatype = {
  ...integerType('ct_label', 30, 1),
  size: 16,
  order: 'network',
  encode(value, field) {
    const bit = checkInteger(value, field, 0, 127, 'a label')
    const bytes = new Uint8Array(16)
    const inLong = (bit >> 3) & 7
    bytes[(bit >> 6) * 8 + (host.littleEndian ? inLong : 7 - inLong)] = 1 << (bit & 7)
    return bytes
  },
}

/** From the end that began a connection, or back to it. */
export type Direction = 'original' | 'reply'

function ctFact(
  key: CtKey,
  type: typeof hostU32,
  more: { direction?: Direction; bits?: true; cuttable?: true } = {},
): Selector {
  const { direction, ...rest } = more
  const name = `ct ${direction === undefined ? '' : `${direction} `}${key}`
  return fact(name, type, ctLoad(key, direction), rest)
}

function ctLoad(key: CtKey, direction?: Direction) {
  return (compiler: Compiler, dreg: number) => compiler.emit({ name: 'ct', data: { key, dreg, direction } })
}

function ctSettable(key: CtKey, type: Datatype, more: { direction?: Direction; bits?: true } = {}): Settable {
  const { direction, ...rest } = more
  const store = (compiler: Compiler) => compiler.emit({ name: 'ct', data: { key, direction, sreg: REG } })
  const name = `ct ${direction === undefined ? '' : `${direction} `}${key}`
  return settableFact(name, type, ctLoad(key, direction), store, rest)
}

function ctDirection(direction: Direction) {
  const of = (key: CtKey, type: Datatype) => ctFact(key, type, { direction, cuttable: true })
  return {
    l3proto: of('l3protocol', t.nf_proto),
    protocol: of('protocol', t.inet_proto),
    saddr: of('src-ip', t.ipv4_addr),
    daddr: of('dst-ip', t.ipv4_addr),
    saddr6: of('src-ip6', t.ipv6_addr),
    daddr6: of('dst-ip6', t.ipv6_addr),
    protoSrc: of('proto-src', t.inet_service),
    protoDst: of('proto-dst', t.inet_service),
    bytes: of('bytes', hostU64),
    packets: of('pkts', hostU64),
    avgpkt: of('avgpkt', hostU64),
    zone: ctSettable('zone', hostU16, { direction }),
  }
}

/** The connection of a packet: enum nft_ct_keys of linux/netfilter/nf_tables.h. Several states are any of them. */
export const ct = {
  state: ctFact('state', t.ct_state, { bits: true }),
  status: ctFact('status', t.ct_status, { bits: true }),
  direction: ctFact('direction', t.ct_dir),
  mark: ctSettable('mark', t.mark),
  secmark: ctSettable('secmark', hostU32),
  /** The events that are told of it, to be set alone: `ct.event.set('new|destroy')`. */
  event: { set: ctSettable('eventmask', ruleTypes.ct_event).set },
  zone: ctSettable('zone', hostU16),
  helper: ctFact('helper', ruleTypes.string),
  /** Milliseconds. */
  expiration: ctFact('expiration', ruleTypes.time),
  /** As conntrack(8) and netlink-ts/conntrack have it. */
  id: ctFact('ct-id', u32),
  protocol: ctFact('protocol', t.inet_proto),
  l3proto: ctFact('l3protocol', t.nf_proto),
  /** Labels by their numbers, 0 to 127: any of several; in a list each is the only one. One that is set is added to those that there are. */
  label: ctSettable('labels', label, { bits: true }),
  bytes: ctFact('bytes', hostU64),
  packets: ctFact('pkts', hostU64),
  avgpkt: ctFact('avgpkt', hostU64),
  original: ctDirection('original'),
  reply: ctDirection('reply'),
}

/** A number for each packet, from `offset` to below `offset + modulus`: counting up, or random. */
export function numgen(type: 'incremental' | 'random', modulus: number, offset = 0): Selector {
  checkInteger(modulus, 'numgen: modulus', 1, 0xffffffff)
  checkInteger(offset, 'numgen: offset', 0, 2 ** 32 - modulus)
  if (type !== 'incremental' && type !== 'random')
    throw new RangeError(`numgen: ${show(type)} is not 'incremental' or 'random'`)
  const load = (compiler: Compiler, dreg: number) =>
    compiler.emit({ name: 'numgen', data: { dreg, modulus, type, offset } })
  return fact(`numgen ${type}`, hostU32, load, { counts: true })
}
