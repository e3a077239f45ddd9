/** Compares a link as this library reads it with what `ip -j -d link` prints of it, field by field and completely. */

import { expect } from 'vitest'
import { formatIpv6 } from '../../src/codec/index.js'
import type { Link } from '../../src/index.js'
import { DATA_KEYS, type DataKey, type Names } from './kind-oracle.js'
import {
  expectReadBack,
  flagAsNumber,
  type Oracle,
  type Print,
  trueIf,
  unlessEmpty,
  unlessNull,
} from './read-back.js'
import { ipJson, type Printed } from './support.js'

const upper = (text: unknown) => String(text).toUpperCase()
const unlessZero = (value: number | null) => (value === 0 || value === null ? undefined : value)

/** ip's own order and spelling of interface flags; it leaves IFF_RUNNING out. */
const FLAG_NAMES: Record<string, string> = {
  'lower-up': 'LOWER_UP',
  pointopoint: 'POINTOPOINT',
}
const LINK_TYPES: Record<number, string> = {
  1: 'ether',
  280: 'can',
  768: 'ipip',
  769: 'tunnel6',
  772: 'loopback',
  776: 'sit',
  778: 'gre',
  823: 'gre6',
  824: 'netlink',
  65534: 'none',
}

const KEYS: Oracle<Link, Names>['keys'] = {
  ifindex: ({ ifindex }) => ifindex,
  ifname: ({ name }) => name,
  // A name where it is in this namespace, a number where it is not.
  link: {
    print: ({ link, linkNetnsid }, names) =>
      linkNetnsid === null && link !== null ? names(link) : undefined,
    // The interface underneath is 0: there is none.
    normalized: (name) => unlessNull(name),
  },
  link_index: ({ link, linkNetnsid }) => (linkNetnsid === null ? undefined : unlessNull(link)),
  link_netnsid: ({ linkNetnsid }) => unlessNull(linkNetnsid),
  flags: { print: ({ flags }) => flagsOf(flags), normalized: (flags) => flagsPrinted(flags as string[]) },
  mtu: ({ mtu }) => mtu,
  qdisc: ({ qdisc }) => unlessNull(qdisc),
  master: ({ master }, names) => (master === null ? undefined : names(master)),
  operstate: ({ operState }) => upper(operState),
  linkmode: ({ linkMode }) => upper(linkMode),
  group: ({ group }) => (group === 0 ? 'default' : String(group)),
  txqlen: ({ txQueueLength }) => unlessZero(txQueueLength),
  link_type: ({ type }) => LINK_TYPES[type] ?? String(type),
  address: ({ type, mac }) => addressOf(type, mac),
  broadcast: ({ type, broadcast }) => addressOf(type, broadcast),
  link_pointtopoint: ({ flags, mac }) => (mac !== null && flags.includes('pointopoint') ? true : undefined),
  permaddr: ({ type, permanentMac, mac }) =>
    permanentMac === mac ? undefined : addressOf(type, permanentMac),
  promiscuity: ({ promiscuity }) => promiscuity,
  allmulti: ({ allMulticast }) => unlessNull(allMulticast),
  min_mtu: ({ minMtu }) => unlessNull(minMtu),
  max_mtu: ({ minMtu, maxMtu }) => (minMtu === null ? undefined : (maxMtu ?? 0)),
  inet6_addr_gen_mode: ({ afSpec }) => afSpec?.inet6?.addrGenMode,
  num_tx_queues: ({ txQueues }) => txQueues,
  num_rx_queues: ({ rxQueues }) => unlessNull(rxQueues),
  gso_max_size: ({ gsoMaxSize }) => unlessNull(gsoMaxSize),
  gso_max_segs: ({ gsoMaxSegs }) => unlessNull(gsoMaxSegs),
  tso_max_size: ({ tsoMaxSize }) => unlessNull(tsoMaxSize),
  tso_max_segs: ({ tsoMaxSegs }) => unlessNull(tsoMaxSegs),
  gro_max_size: ({ groMaxSize }) => unlessNull(groMaxSize),
  // Since ip 6.3.
  gso_ipv4_max_size: { print: ({ gsoIpv4MaxSize }) => unlessNull(gsoIpv4MaxSize), optional: true },
  gro_ipv4_max_size: { print: ({ groIpv4MaxSize }) => unlessNull(groIpv4MaxSize), optional: true },
  ifalias: ({ alias }) => unlessNull(alias),
  altnames: ({ altNames }) => unlessEmpty(altNames),
  proto_down: ({ protoDown }) => trueIf(protoDown === true),
  parentbus: ({ parentDevBusName }) => unlessNull(parentDevBusName),
  parentdev: ({ parentDevName }) => unlessNull(parentDevName),
  phys_port_id: ({ physPortId }) => unlessNull(physPortId),
  phys_port_name: ({ physPortName }) => unlessNull(physPortName),
  // ip has room for 31 bytes; an id has up to 32.
  phys_switch_id: ({ physSwitchId }) => unlessNull(physSwitchId)?.slice(0, 62),
  linkinfo: {
    print: ({ kind, portKind }) =>
      kind === null && portKind === null
        ? undefined
        : { info_kind: kind ?? undefined, info_slave_kind: portKind ?? undefined },
    // The data are compared by kind.
    normalized: (info) => {
      const { info_data, info_slave_data, ...rest } = info as Printed
      return rest
    },
  },
  stats: 'printed with -s alone, and compared by the tests of counters',
  stats64: 'printed with -s alone, and compared by the tests of counters',
  xdp: 'compared by the tests of XDP',
  vfinfo_list: 'compared by the tests of virtual functions',
}

const NO_KEY = 'ip -d link has no key for it'
const OF_MONITOR = 'of messages of a monitor'
const SETTINGS = 'sysctl: ip prints how addresses are generated alone'
const LINK: Oracle<Link, Names> = {
  keys: KEYS,
  notPrinted: {
    up: 'one of the flags',
    data: 'compared by kind',
    portData: 'compared by kind',
    linkNetns: 'ip prints the id alone in JSON',
    ...{ carrier: NO_KEY, carrierChanges: NO_KEY, carrierUpCount: NO_KEY, carrierDownCount: NO_KEY },
    ...{ 'afSpec.inet': SETTINGS, 'afSpec.inet6': SETTINGS },
    ...{ event: OF_MONITOR, newNetnsid: OF_MONITOR, newIfindex: OF_MONITOR },
    protoDownReason: 'ip prints names that its configuration gives to the bits',
    ...{ headroom: NO_KEY, tailroom: NO_KEY },
    netnsImmutable: 'printed since ip 6.13',
    ...{ maxPacingOffloadHorizon: 'printed by newer ip', dpllPin: 'of hardware with a clock' },
    devlinkPort: NO_KEY,
    xdp: 'compared by the tests of XDP',
    ...{ stats: 'printed with -s alone', bigStats: 'printed with -s alone' },
    canStats: 'no device of a test machine is a CAN controller',
    vfs: 'compared by the tests of virtual functions',
  },
}

/** The address of a tunnel over IP is an IP address, which ip prints as one. */
const IPV4_TYPES = [768, 776, 778]
const IPV6_TYPES = [769, 823]

function addressOf(type: number, mac: string | null): string | undefined {
  if (mac === null) return undefined
  const bytes = mac.split(':').map((byte) => Number.parseInt(byte, 16))
  if (IPV4_TYPES.includes(type)) return bytes.join('.')
  return IPV6_TYPES.includes(type) ? formatIpv6(Uint8Array.from(bytes), 0) : mac
}

function flagsOf(flags: Link['flags']): string[] {
  const shown = flags.filter((flag) => flag !== 'running').map((flag) => FLAG_NAMES[flag] ?? upper(flag))
  // ip says so itself of an interface that is up and does not run.
  if (flags.includes('up') && !flags.includes('running')) shown.push('NO-CARRIER')
  return shown.sort()
}

/** Compares one link, and the data of its kind and of the kind of its master. */
function expectLikeIp(link: Link, printed: Printed, names: Names): void {
  expectReadBack(LINK, [link], [printed], names)
  const linkinfo = (printed['linkinfo'] ?? {}) as Printed
  expectDataLikeIp(link.kind, link.data, linkinfo['info_data'] as Printed | undefined, names)
  expectDataLikeIp(
    `${link.portKind} port`,
    link.portData,
    linkinfo['info_slave_data'] as Printed | undefined,
    names,
  )
}

/** M-DOWN and the like are ip's reading of the interface below. */
function flagsPrinted(flags: readonly string[]): string[] {
  return flags.filter((flag) => flag !== 'M-DOWN').sort()
}

/** Kinds that Debian 12's ip does not know: of their data it prints nothing. */
const UNKNOWN_TO_IP: readonly (string | null)[] = ['netkit', 'ovpn']

/** Compares the data of a kind with what ip prints of it. */
export function expectDataLikeIp(
  kind: string | null,
  data: Link['data'],
  printed: Printed | undefined,
  names: Names,
): void {
  if (printed === undefined) {
    if (!UNKNOWN_TO_IP.includes(kind)) expect(data ?? {}).toEqual({})
    return
  }
  const keys = Object.entries(DATA_KEYS[kind ?? ''] ?? {}).map(([key, entry]) => [
    key,
    typeof entry === 'string' ? entry : { print: printedBy(entry), normalized: flagAsNumber },
  ])
  const oracle: Oracle<Data, Names> = { keys: Object.fromEntries(keys), camel: true }
  expectReadBack(oracle, [data as Data], [printed], names)
}

type Data = Readonly<Record<string, unknown>>

function printedBy({ field, show, absent }: DataKey): Print<Data, Names> {
  return (data, names) => {
    const { [field]: ours = absent } = data
    return flagAsNumber(show === undefined || ours === undefined ? ours : show(ours, names, data))
  }
}

/**
 * Reads links and compares all of them with what ip prints. The kernel tells carrier and operstate some time after a change, so that
 * they are read again where ip printed something else before and after.
 */
export async function expectAllLikeIp(
  read: () => Promise<readonly Link[]>,
  netns?: string,
): Promise<readonly Link[]> {
  for (;;) {
    const before = ipJson('link show', netns)
    const links = await read()
    const after = ipJson('link show', netns)
    if (JSON.stringify(withoutTimers(before)) !== JSON.stringify(withoutTimers(after))) continue
    const names: Names = (ifindex) => links.find((link) => link.ifindex === ifindex)?.name
    expect(links.map(({ name }) => name)).toEqual(after.map((one) => one['ifname'] as string))
    for (const [index, link] of links.entries()) expectLikeIp(link, after[index]!, names)
    return links
  }
}

function withoutTimers(printed: unknown): unknown {
  return JSON.parse(JSON.stringify(printed, (key, value: unknown) => (/_timer$/.test(key) ? 0 : value)))
}

/** All links of a namespace as ip prints them, without what the kernel changes by itself some time after another change. */
export function settledLinks(netns?: string): unknown {
  return ipJson('link show', netns).map(({ flags, operstate, ...rest }) => ({
    ...(withoutTimers(rest) as Printed),
    flags: (flags as string[]).filter((flag) => !['NO-CARRIER', 'LOWER_UP'].includes(flag)),
  }))
}

/** What ip prints of one interface. */
export function printedLink(name: string, netns?: string): Printed {
  return ipJson(`link show dev ${name}`, netns)[0]!
}

/** The names of a namespace's interfaces, lo left out. */
export function namesIn(netns?: string): string[] {
  return ipJson('link show', netns)
    .map((one) => one['ifname'] as string)
    .filter((name) => name !== 'lo')
    .sort()
}
