/** Compares a link as this library reads it with what `ip -j -d link` prints of it, field by field and completely. */

import { expect } from 'vitest'
import { formatIpv6 } from '../../src/codec/index.js'
import { type Link, NetlinkError } from '../../src/index.js'
import { DATA_KEYS, type Names } from './kind-oracle.js'
import { ipJson, type Printed } from './support.js'

/** A field of ours as ip would print it; undefined where it would print nothing. */
type Shown = (link: Link, names: Names) => unknown

const upper = (text: unknown) => String(text).toUpperCase()
const unlessZero = (value: number | null) => (value === 0 || value === null ? undefined : value)
const unlessNull = <T>(value: T | null) => (value === null ? undefined : value)
const unlessEmpty = <T>(list: readonly T[]) => (list.length === 0 ? undefined : list)

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

/** Every key that ip prints of a link, and what it is made of here. */
const KEYS: Record<string, Shown> = {
  ifindex: ({ ifindex }) => ifindex,
  ifname: ({ name }) => name,
  // A name where it is in this namespace, a number where it is not.
  link: ({ link, linkNetnsid }, names) => (linkNetnsid === null && link !== null ? names(link) : undefined),
  link_index: ({ link, linkNetnsid }) => (linkNetnsid === null ? undefined : unlessNull(link)),
  link_netnsid: ({ linkNetnsid }) => unlessNull(linkNetnsid),
  flags: ({ flags }) => flagsOf(flags),
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
  ifalias: ({ alias }) => unlessNull(alias),
  altnames: ({ altNames }) => unlessEmpty(altNames),
  proto_down: ({ protoDown }) => (protoDown ? true : undefined),
  parentbus: ({ parentDevBusName }) => unlessNull(parentDevBusName),
  parentdev: ({ parentDevName }) => unlessNull(parentDevName),
}
/** What is compared apart, or is no state of the link. */
const APART = ['linkinfo', 'stats', 'stats64', 'xdp', 'vfinfo_list']

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

/**
 * Compares one link. Keys that ip prints and nothing here knows fail, so that none is forgotten; so does what we read and ip does
 * not print.
 */
export function expectLikeIp(link: Link, printed: Printed, names: Names): void {
  const shown: Record<string, unknown> = {}
  for (const [key, show] of Object.entries(KEYS)) {
    const value = show(link, names)
    if (value !== undefined) shown[key] = value
  }
  const { flags, ...rest } = printed
  const expected: Record<string, unknown> = { ...rest, flags: flagsPrinted(flags as string[]) }
  for (const key of APART) delete expected[key]
  // The interface underneath is 0: there is none.
  if (expected['link'] === null) delete expected['link']
  expect(shown).toEqual(expected)
  const linkinfo = (printed['linkinfo'] ?? {}) as Printed
  expect(link.kind ?? undefined).toBe(linkinfo['info_kind'])
  expect(link.portKind ?? undefined).toBe(linkinfo['info_slave_kind'])
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

const camel = (key: string) => key.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
/** ip prints some booleans as numbers. */
const loose = (value: unknown) => (typeof value === 'boolean' ? Number(value) : value)

/** Compares the data of a kind with what ip prints of it. */
export function expectDataLikeIp(
  kind: string | null,
  data: Link['data'],
  printed: Printed | undefined,
  names: Names,
): void {
  if (printed === undefined) return
  const read = data as Record<string, unknown>
  const known = DATA_KEYS[kind ?? ''] ?? {}
  const shown: Record<string, unknown> = {}
  const expected: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(printed)) {
    const entry = known[key] === undefined ? { field: camel(key) } : known[key]
    if (entry === null) continue
    const { [entry.field]: ours = entry.absent } = read
    shown[key] = loose(entry.show === undefined || ours === undefined ? ours : entry.show(ours, names, read))
    expected[key] = loose(value)
  }
  expect({ kind, ...shown }).toEqual({ kind, ...expected })
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

/** What a refused call throws. */
export async function failure(call: () => unknown): Promise<NetlinkError> {
  try {
    await call()
  } catch (error) {
    expect(error).toBeInstanceOf(NetlinkError)
    return error as NetlinkError
  }
  throw new Error('the call succeeded')
}
