/** What callers give for an entry of a multicast table, and the checks on it. */

import { show } from '../../../codec/fault.js'
import { type OneOf, parseIp, parseMac } from '../../../codec/index.js'
import { ipLength } from '../../../codec/ip.js'
import { checkArray, checkInteger, checkKeys } from '../../../netlink/check.js'
import { familyOf } from '../../family.js'
import { checkDev, checkIfindex, checkIp, checkOneOf } from '../../input.js'
import type { Dev } from '../../link/request.js'
import { routeProtocols } from '../../route/table.js'
import { checkVni } from '../../vni.js'
import { checkVid } from '../vid.js'
import type { MdbProtocol } from './entry.js'
import { filterModes, type MdbFilterMode, type MdbState, mdbStates } from './table.js'

/** Which entry. Null is the same as leaving out, so that a listed `MdbEntry` fits. */
export interface MdbKey {
  /** The bridge, or a vxlan device. */
  dev?: Dev | null | undefined
  /** Used where there is no `dev`: one of the two is needed. */
  ifindex?: number | null | undefined
  /** The port that gets the group; the bridge itself for this machine, and the vxlan device itself. */
  port?: Dev | null | undefined
  /** Used where there is no `port`: one of the two is needed. */
  portIfindex?: number | null | undefined
  /** '239.1.1.1', 'ff05::100', or a link-layer address such as '01:00:5e:01:01:01'; of a vxlan device also '0.0.0.0' and '::'. */
  group: string
  vid?: number | null | undefined
  /** Only what this sender sends. */
  source?: string | null | undefined
  /** vxlan: the tunnel's other end. */
  dst?: string | null | undefined
  /** vxlan: the UDP port there. */
  dstPort?: number | null | undefined
  /** vxlan: the network id there. */
  vni?: number | null | undefined
  /** vxlan with collected metadata: the network id here. */
  srcVni?: number | null | undefined
  /** vxlan: the interface to send by. */
  via?: Dev | null | undefined
}

/** An entry to be put into the table. */
export interface MdbInput extends MdbKey {
  /** 'temp' (the default) ends like one that was asked for by IGMP or MLD; 'permanent' stays. */
  state?: OneOf<MdbState> | undefined
  /** Whether `sources` are wanted or not (Linux 6.2). An entry with a `source` of its own has neither: they are passed over. */
  filterMode?: OneOf<MdbFilterMode> | null | undefined
  /** Senders, by address (Linux 6.2). */
  sources?: readonly (string | { readonly address: string })[] | undefined
  /** Who makes it: 'static', 'zebra', … (Linux 6.2). That of a learned entry, 'kernel', is not sent: a call makes a 'static' one. */
  protocol?: OneOf<MdbProtocol> | null | undefined
}

/** All properties of a listed entry are known; those that are not in MdbInput are not sent. */
export const MDB_KEYS = [
  ...['dev', 'port', 'group', 'vid', 'source', 'dst', 'dstPort', 'vni', 'srcVni', 'via'],
  ...['state', 'filterMode', 'sources', 'protocol'],
  ...['ifindex', 'portIfindex', 'flags', 'timer'],
]

/** The bridge or vxlan device, by whichever of the two is given. The key has been checked. */
export function mdbDev({ dev, ifindex }: Pick<MdbKey, 'dev' | 'ifindex'>): Dev {
  return (dev ?? ifindex)!
}

/** The same of the port. */
export function mdbPort({ port, portIfindex }: MdbKey): Dev {
  return (port ?? portIfindex)!
}

/** @throws RangeError, TypeError naming the option */
export function checkMdbKey(key: MdbKey): void {
  const { group, source, via } = key
  for (const [name, number] of [
    ['dev', 'ifindex'],
    ['port', 'portIfindex'],
  ] as const) {
    if (key[number] != null) checkIfindex(key[number], number)
    if (key[name] != null || key[number] == null) checkDev(key[name], name)
  }
  checkGroup(group)
  if (key.vid != null) checkVid(key.vid, 'vid')
  if (source != null) checkSource(source, group, 'source')
  checkMdbTunnel(key)
  if (via != null) checkDev(via, 'via')
}

/** @throws RangeError, TypeError naming the option */
export function checkMdbTunnel(key: Pick<MdbKey, 'dst' | 'dstPort' | 'vni' | 'srcVni'>): void {
  const { dst, dstPort, vni, srcVni } = key
  if (dst != null) checkIp(dst, 'dst')
  if (dstPort != null) checkInteger(dstPort, 'dstPort', 0, 0xffff, 'a UDP port')
  if (vni != null) checkVni(vni, 'vni')
  if (srcVni != null) checkVni(srcVni, 'srcVni')
}

/** @throws RangeError, TypeError naming the option */
export function checkMdbInput(input: MdbInput): void {
  checkMdbKey(input)
  const { group, state, filterMode, sources, protocol } = input
  if (state !== undefined) checkOneOf(mdbStates, state, 'state')
  if (filterMode != null) checkOneOf(filterModes, filterMode, 'filterMode')
  if (protocol != null) checkOneOf(routeProtocols, protocol, 'protocol')
  if (sources === undefined) return
  checkArray(sources, 'sources')
  for (const [index, source] of sources.entries()) {
    if (typeof source === 'object' && source !== null)
      checkKeys(`sources[${index}]`, source, ['address', 'timer'])
    checkSource(addressOf(source), group, `sources[${index}]`)
  }
}

export function addressOf(source: string | { readonly address: string }): string {
  return typeof source === 'object' && source !== null ? source.address : source
}

function checkSource(source: unknown, group: string, field: string): void {
  if (ipLength(group) === 0)
    throw new RangeError(`${field}: the group ${show(group)} has no senders by address`)
  checkIp(source, field, familyOf(group))
}

/** A multicast address, or the unspecified one. */
function checkGroup(group: unknown): void {
  const octets = typeof group === 'string' ? (parseIp(group) ?? parseMac(group)) : null
  const first = octets?.[0]
  if (octets === null || first === undefined || ![4, 6, 16].includes(octets.length))
    throw new RangeError(`group: ${show(group)} is not an IPv4, IPv6 or MAC address`)
  const multicast =
    octets.length === 4 ? first >> 4 === 0xe : octets.length === 6 ? first & 1 : first === 0xff
  const unspecified = octets.length !== 6 && octets.every((octet) => octet === 0)
  if (!multicast && !unspecified) throw new RangeError(`group: ${show(group)} is not a multicast address`)
}
