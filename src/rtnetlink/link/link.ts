/** A link as callers see it, and how one is read out of an RTM_NEWLINK. */

import { getU16, getU32, toHex } from '../../codec/bytes.js'
import { type AnyOf, Attributes, type Infer, type OneOf, type ValueOf } from '../../codec/index.js'
import { NO_SIBLINGS } from '../../codec/type.js'
import { NETNSA_NSID_NOT_ASSIGNED } from '../nsid/constants.js'
import { type AfSpec, withAddrGenMode } from './af-spec.js'
import * as c from './constants.js'
import { type DevlinkPort, devlinkPortOf } from './devlink-port.js'
import {
  type DataOf,
  findKind,
  findPortKind,
  type KindName,
  type PortDataOf,
  type PortKindName,
} from './kinds/index.js'
import { type Kind, presentData } from './kinds/kind.js'
import { type BigLinkStats, type LinkStats, toBigStats, toStats } from './stats.js'
import {
  canDeviceStats,
  ifinfomsg,
  type LinkEventReason,
  type LinkMode,
  linkAttributes,
  linkFlags,
  type linkinfoAttributes,
  type OperState,
} from './table.js'
import { readVfs, type VfInfo } from './vf-info.js'
import { type LinkXdp, toXdp } from './xdp.js'

/** A flag of an interface, as `ip link` prints it. */
export type LinkFlag = keyof typeof linkFlags.numbers

/** A network interface. What an interface does not have is null. See rtnetlink(7), linux/if_link.h. */
export interface Link {
  readonly ifindex: number
  readonly name: string
  /** 'veth', 'bridge', …; null for an interface without a link kind (lo, hardware). */
  readonly kind: string | null
  /**
   * What belongs to the kind (`isKind` narrows it). Of a kind that this library has no table of it is bytes, or null for none, with which
   * createLink() makes another one: `{ rawKind: link.kind, data: link.data }`.
   */
  readonly data: Readonly<Record<string, unknown>> | Uint8Array | null
  /** Administratively up (IFF_UP). */
  readonly up: boolean
  readonly flags: AnyOf<LinkFlag>
  /** Before Linux 6.8 as the kernel has followed carriers so far, which it does after a moment: a new interface can be 'unknown'. */
  readonly operState: OneOf<OperState>
  /** What it becomes when its carrier comes. */
  readonly linkMode: OneOf<LinkMode>
  /** Bytes. */
  readonly mtu: number
  readonly minMtu: number | null
  /** Null: no limit. */
  readonly maxMtu: number | null
  readonly mac: string | null
  readonly broadcast: string | null
  readonly permanentMac: string | null
  /** ARPHRD_* of linux/if_arp.h: 1 is Ethernet, 772 loopback. */
  readonly type: number
  /** The ifindex of the bridge, bond or VRF that it is a port of. */
  readonly master: number | null
  /** 'bridge', 'bond', 'vrf', of a port. */
  readonly portKind: string | null
  /** What the master keeps of its port (`isPortKind` narrows it); bytes where this library has no table of it. */
  readonly portData: Readonly<Record<string, unknown>> | Uint8Array | null
  /** The ifindex that it belongs to: a veth's peer, a VLAN's lower interface; counted in that interface's namespace. */
  readonly link: number | null
  /** The id, in this namespace, of the namespace of `link` (getNsid), -1 where it has none; null when it is this one. */
  readonly linkNetnsid: number | null
  /** The name of that namespace under /run/netns; null unless asked for with `include: ['linkNetns']`, and where it has none. */
  readonly linkNetns: string | null
  readonly altNames: readonly string[]
  readonly alias: string | null
  readonly group: number
  /** Packets. */
  readonly txQueueLength: number
  readonly txQueues: number
  /** Null where the kernel was built without them (CONFIG_RPS). */
  readonly rxQueues: number | null
  readonly qdisc: string | null
  readonly carrier: boolean | null
  readonly carrierChanges: number | null
  readonly carrierUpCount: number | null
  readonly carrierDownCount: number | null
  /** Why a monitor is told of it, where that is a rare one (IFLA_EVENT); null in what is asked for. */
  readonly event: OneOf<LinkEventReason> | null
  /**
   * Where it has gone, in a monitor's event of action 'delete': the id, in this namespace, of the namespace that it was moved to. Null where it
   * was not moved, or where that namespace has no id.
   */
  readonly newNetnsid: number | null
  /** Its ifindex there; null where it was not moved. */
  readonly newIfindex: number | null
  /** Held down by a protocol (`protoDownReason`: bits of /etc/iproute2/protodown_reasons.d). */
  readonly protoDown: boolean | null
  readonly protoDownReason: number | null
  readonly promiscuity: number
  /** How many times all multicast packets were asked for. */
  readonly allMulticast: number | null
  /** Bytes. */
  readonly gsoMaxSize: number | null
  readonly gsoMaxSegs: number | null
  readonly groMaxSize: number | null
  readonly gsoIpv4MaxSize: number | null
  readonly groIpv4MaxSize: number | null
  readonly tsoMaxSize: number | null
  readonly tsoMaxSegs: number | null
  /** Bytes that the device wants before and after a packet. */
  readonly headroom: number | null
  readonly tailroom: number | null
  /** Hexadecimal. */
  readonly physPortId: string | null
  readonly physPortName: string | null
  /** Hexadecimal. */
  readonly physSwitchId: string | null
  /** The device below, as in /sys/bus/NAME/devices. */
  readonly parentDevName: string | null
  readonly parentDevBusName: string | null
  /** The port that devlink(8) has for it, of network cards and switches; null where it has none. Linux 6.2. */
  readonly devlinkPort: DevlinkPort | null
  /** How far ahead a packet can be scheduled that the hardware is to send at its time (SO_TXTIME, fq): nanoseconds; 0 where it cannot. */
  readonly maxPacingOffloadHorizon: number | null
  /** The id of the pin by which its port gives or takes a clock (linux/dpll.h); null where it has none. Linux 6.7. */
  readonly dpllPin: number | null
  /** It cannot be moved to another namespace. */
  readonly netnsImmutable: boolean | null
  /** The BPF programs that see packets first; null without any. */
  readonly xdp: LinkXdp | null
  /** Null unless asked for with `include: ['stats']`. */
  readonly stats: LinkStats | null
  /** The same as bigint; null unless asked for with `bigint: true` besides. */
  readonly bigStats: BigLinkStats | null
  /** How often a CAN controller met errors on the bus, changed its state and came back; null for other kinds. */
  readonly canStats: CanStats | null
  /** Null unless asked for with `include: ['afSpec']`. */
  readonly afSpec: AfSpec | null
  /** Virtual functions; null unless asked for with `include: ['vfs']`, and on a device that can have none. */
  readonly vfs: readonly VfInfo[] | null
}

/** Errors and changes of state of a CAN controller since it was made. struct can_device_stats of linux/can/netlink.h. */
export type CanStats = Readonly<ValueOf<typeof canDeviceStats>>

/**
 * Narrows a link to a kind, so that its data is typed: `if (isKind(link, 'bridge')) link.data.stp`.
 *
 * @example if (isKind(link, 'bridge')) console.log(link.data.stp)
 */
export function isKind<K extends KindName>(
  link: Link,
  kind: K,
): link is Link & { readonly kind: K; readonly data: Readonly<DataOf<K>> } {
  return link.kind === kind
}

/**
 * Narrows a port to the kind of its master: `if (isPortKind(link, 'bridge')) link.portData.state`.
 *
 * @example if (isPortKind(link, 'bridge')) console.log(link.portData.cost)
 */
export function isPortKind<K extends PortKindName>(
  link: Link,
  portKind: K,
): link is Link & { readonly portKind: K; readonly portData: Readonly<PortDataOf<K>> } {
  return link.portKind === portKind
}

/** The parts of an answer that are read only when asked for. */
export type LinkPart = 'stats' | 'afSpec' | 'vfs' | 'linkNetns'

const NO_PARTS: readonly LinkPart[] = []
let reused: Attributes | undefined
const at = ifinfomsg.offsets

/** Reads a link without its heavy parts: `start` is its struct ifinfomsg. */
export function readLink(bytes: Uint8Array, start: number, end: number): Link {
  return read(bytes, start, end, NO_PARTS, false)
}

/** Whether it is the Wi-Fi stack that tells of something: with nothing of the link but its name (wireless_send_event()). */
export function isWirelessEvent(bytes: Uint8Array, start: number, end: number): boolean {
  reused ??= new Attributes(linkAttributes)
  return reused.load(bytes, start + ifinfomsg.size, end).has(linkAttributes.field.wireless)
}

/** A reader of links with the parts that were asked for. */
export function linkReader(
  parts: readonly LinkPart[],
  bigint: boolean,
): (bytes: Uint8Array, start: number, end: number) => Link {
  return parts.length === 0 ? readLink : (bytes, start, end) => read(bytes, start, end, parts, bigint)
}

function read(
  bytes: Uint8Array,
  start: number,
  end: number,
  parts: readonly LinkPart[],
  bigint: boolean,
): Link {
  reused ??= new Attributes(linkAttributes)
  const found = reused.load(bytes, start + ifinfomsg.size, end)
  const field = linkAttributes.field
  const flags = getU32(bytes, start + at.flags)
  const info = found.get(field.linkinfo)
  const maxMtu = found.u32(field.maxMtu)
  const newNetnsid = found.get(field.newNetnsid)
  // The kernel sends the counters also where it was told to leave them out.
  const stats = parts.includes('stats') ? found.get(field.stats64) : null
  return {
    ifindex: getU32(bytes, start + at.index),
    name: found.get(field.ifname) ?? '',
    kind: info?.kind ?? null,
    data: info?.kind === undefined ? null : (present(findKind(info.kind), info.data) ?? {}),
    up: (flags & c.IFF_UP) !== 0,
    flags: linkFlags.toNames(flags),
    operState: found.get(field.operstate) ?? 'unknown',
    linkMode: found.get(field.linkmode) ?? 'default',
    mtu: found.u32(field.mtu) ?? 0,
    minMtu: found.u32(field.minMtu),
    maxMtu: maxMtu === 0 ? null : maxMtu,
    mac: found.get(field.address),
    broadcast: found.get(field.broadcast),
    permanentMac: found.get(field.permAddress),
    type: getU16(bytes, start + at.type),
    master: found.u32(field.master),
    portKind: info?.slaveKind ?? null,
    portData: info?.slaveKind === undefined ? null : present(findPortKind(info.slaveKind), info.slaveData),
    link: found.u32(field.link) || null,
    linkNetnsid: found.get(field.linkNetnsid),
    linkNetns: null,
    altNames: found.get(field.propList)?.altIfname ?? [],
    alias: found.get(field.ifalias),
    group: found.u32(field.group) ?? 0,
    txQueueLength: found.u32(field.txqlen) ?? 0,
    txQueues: found.u32(field.numTxQueues) ?? 0,
    rxQueues: found.u32(field.numRxQueues),
    qdisc: found.get(field.qdisc),
    carrier: found.get(field.carrier),
    carrierChanges: found.u32(field.carrierChanges),
    carrierUpCount: found.u32(field.carrierUpCount),
    carrierDownCount: found.u32(field.carrierDownCount),
    event: found.get(field.event),
    newNetnsid: newNetnsid === NETNSA_NSID_NOT_ASSIGNED ? null : newNetnsid,
    newIfindex: found.get(field.newIfindex),
    protoDown: found.get(field.protoDown),
    protoDownReason: found.get(field.protoDownReason)?.value ?? null,
    promiscuity: found.u32(field.promiscuity) ?? 0,
    allMulticast: found.u32(field.allmulti),
    gsoMaxSize: found.u32(field.gsoMaxSize),
    gsoMaxSegs: found.u32(field.gsoMaxSegs),
    groMaxSize: found.u32(field.groMaxSize),
    gsoIpv4MaxSize: found.u32(field.gsoIpv4MaxSize),
    groIpv4MaxSize: found.u32(field.groIpv4MaxSize),
    tsoMaxSize: found.u32(field.tsoMaxSize),
    tsoMaxSegs: found.u32(field.tsoMaxSegs),
    headroom: found.get(field.headroom),
    tailroom: found.get(field.tailroom),
    physPortId: hex(found.get(field.physPortId)),
    physPortName: found.get(field.physPortName),
    physSwitchId: hex(found.get(field.physSwitchId)),
    parentDevName: found.get(field.parentDevName),
    parentDevBusName: found.get(field.parentDevBusName),
    devlinkPort: devlinkPortOf(found.get(field.devlinkPort)),
    maxPacingOffloadHorizon: found.get(field.maxPacingOffloadHorizon),
    dpllPin: found.get(field.dpllPin)?.id ?? null,
    netnsImmutable: found.get(field.netnsImmutable),
    xdp: toXdp(found.get(field.xdp)),
    stats: stats === null ? null : toStats(stats),
    bigStats: stats === null || !bigint ? null : toBigStats(stats),
    canStats: info?.kind === 'can' && info.xstats ? canStatsOf(info.xstats) : null,
    afSpec: parts.includes('afSpec') ? withAddrGenMode(found.get(field.afSpec)) : null,
    vfs: parts.includes('vfs')
      ? readVfs(found.get(field.vfinfoList), found.get(field.address), stats !== null)
      : null,
  }
}

type ChosenData = Infer<typeof linkinfoAttributes>['data']

function present(kind: Kind | undefined, data: ChosenData): Link['data'] {
  if (data === undefined) return null
  if (kind === undefined || data instanceof Uint8Array) return data as Uint8Array
  return presentData(kind, data as Record<string, unknown>)
}

function canStatsOf(bytes: Uint8Array): CanStats {
  return canDeviceStats.decode(bytes, 0, bytes.length, NO_SIBLINGS)
}

function hex(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : toHex(bytes)
}
