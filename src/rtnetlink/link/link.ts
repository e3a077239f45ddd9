/** A link as callers see it, and how one is read out of an RTM_NEWLINK. */

import { getU16, getU32 } from '../../codec/bytes.js'
import { fromBits } from '../../codec/choice.js'
import { type AnyOf, Attributes, type OneOf, type StructValue } from '../../codec/index.js'
import * as c from './constants.js'
import type { KindData, KindName } from './kinds/index.js'
import { ifinfomsg, linkAttributes, linkFlags, type operStates } from './table.js'

export type LinkFlag = keyof typeof linkFlags.numbers
export type OperState = keyof typeof operStates.numbers

/** A network interface. What an interface does not have is null. See rtnetlink(7), linux/if_link.h. */
export interface Link {
  readonly ifindex: number
  readonly name: string
  /** 'veth', 'bridge', …; null for an interface without a link kind (lo, hardware). */
  readonly kind: string | null
  /** What belongs to the kind (`isKind` narrows it); bytes for a kind that this library has no table of. */
  readonly data: Readonly<Record<string, unknown>> | Uint8Array | null
  /** Administratively up (IFF_UP). */
  readonly up: boolean
  readonly flags: AnyOf<LinkFlag>
  readonly operState: OneOf<OperState>
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
  readonly portData: Readonly<Record<string, unknown>> | Uint8Array | null
  /** The ifindex that it belongs to: a veth's peer, a VLAN's lower interface; counted in that interface's namespace. */
  readonly link: number | null
  /** The id, in this namespace, of the namespace of `link`; null when it is this one. */
  readonly linkNetnsid: number | null
  readonly altNames: readonly string[]
  readonly alias: string | null
  readonly group: number
  /** Packets. */
  readonly txQueueLength: number
  readonly txQueues: number
  readonly rxQueues: number
  readonly qdisc: string | null
  readonly carrier: boolean | null
  readonly carrierChanges: number | null
  readonly promiscuity: number
  readonly gsoMaxSize: number | null
  readonly gsoMaxSegs: number | null
  readonly groMaxSize: number | null
  /** Packets and bytes; null unless asked for with `include: ['stats']`. */
  readonly stats: LinkStats | null
}

export type LinkStats = Partial<StructValue<(typeof linkAttributes.fields.stats64)[1]['members']>>

/** Narrows a link to a kind, so that its data is typed: `if (isKind(link, 'bridge')) link.data.stp`. */
export function isKind<K extends KindName>(
  link: Link,
  kind: K,
): link is Link & { readonly kind: K; readonly data: Readonly<KindData<K>> } {
  return link.kind === kind
}

let reused: Attributes | undefined
const at = ifinfomsg.offsets

/** Reads a link: `start` is its struct ifinfomsg. */
export function readLink(bytes: Uint8Array, start: number, end: number): Link {
  reused ??= new Attributes(linkAttributes)
  const found = reused.load(bytes, start + ifinfomsg.size, end)
  const field = linkAttributes.field
  const flags = getU32(bytes, start + at.flags)
  const info = found.get(field.linkinfo)
  const maxMtu = found.get(field.maxMtu)
  return {
    ifindex: getU32(bytes, start + at.index),
    name: found.get(field.ifname) ?? '',
    kind: info?.kind ?? null,
    data: (info?.data as Link['data'] | undefined) ?? (info?.kind === undefined ? null : {}),
    up: (flags & c.IFF_UP) !== 0,
    flags: fromBits(linkFlags, flags),
    operState: found.get(field.operstate) ?? 'unknown',
    mtu: found.get(field.mtu) ?? 0,
    minMtu: found.get(field.minMtu),
    maxMtu: maxMtu === 0 ? null : maxMtu,
    mac: found.get(field.address),
    broadcast: found.get(field.broadcast),
    permanentMac: found.get(field.permAddress),
    type: getU16(bytes, start + at.type),
    master: found.get(field.master),
    portKind: info?.slaveKind ?? null,
    portData: (info?.slaveData as Link['portData'] | undefined) ?? null,
    link: found.get(field.link) || null,
    linkNetnsid: found.get(field.linkNetnsid),
    altNames: found.get(field.propList)?.altIfname ?? [],
    alias: found.get(field.ifalias),
    group: found.get(field.group) ?? 0,
    txQueueLength: found.get(field.txqlen) ?? 0,
    txQueues: found.get(field.numTxQueues) ?? 0,
    rxQueues: found.get(field.numRxQueues) ?? 0,
    qdisc: found.get(field.qdisc),
    carrier: found.get(field.carrier),
    carrierChanges: found.get(field.carrierChanges),
    promiscuity: found.get(field.promiscuity) ?? 0,
    gsoMaxSize: found.get(field.gsoMaxSize),
    gsoMaxSegs: found.get(field.gsoMaxSegs),
    groMaxSize: found.get(field.groMaxSize),
    stats: found.get(field.stats64),
  }
}
