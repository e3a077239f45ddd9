/** A bridge's port as callers see it, and how one is read out of an RTM_NEWLINK. */

import { getU32 } from '../../../codec/bytes.js'
import { type AnyOf, Attributes, type OneOf } from '../../../codec/index.js'
import type { PortDataOf } from '../../link/kinds/index.js'
import { isPortKind, type Link, type LinkFlag } from '../../link/link.js'
import { ifinfomsg, linkFlags, type OperState } from '../../link/table.js'
import { bridgeLinkAttributes, type bridgeModes } from '../link-table.js'

/** What a bridge knows of a port; times are seconds. What this kernel does not have is missing. */
export type BridgePortData = PortDataOf<'bridge'>

/** An interface that is a port of a bridge. See bridge(8), linux/if_link.h (IFLA_BRPORT_*). */
export interface BridgePort {
  readonly ifindex: number
  readonly dev: string
  /** The bridge's ifindex. */
  readonly master: number
  /** The bridge's name; null where it went away while the list was made. */
  readonly bridge: string | null
  readonly flags: AnyOf<LinkFlag>
  readonly operState: OneOf<OperState>
  /** Bytes. */
  readonly mtu: number
  readonly mac: string | null
  /** Accepted by setBridgePort(), for this port or another one; what only the kernel sets is passed over there. */
  readonly data: Readonly<BridgePortData>
  /**
   * How a network card switches between its functions (`hwMode` of setBridgePort); null where it is the bridge that tells of the port. A list has
   * both where the card is a port of a bridge, as `bridge link`; getBridgePort() asks the bridge.
   */
  readonly hwMode: OneOf<keyof typeof bridgeModes.numbers> | null
}

let reused: Attributes | undefined
const at = ifinfomsg.offsets

/**
 * Reads a message of the family AF_BRIDGE: `start` is its struct ifinfomsg. Null for what is no port, or, if it is not `gone` from its
 * bridge, has no data of one. A bridge tells of itself as its own master.
 */
export function readBridgePort(
  bytes: Uint8Array,
  start: number,
  end: number,
  nameOf: (ifindex: number) => string | null,
  gone = false,
): BridgePort | null {
  reused ??= new Attributes(bridgeLinkAttributes)
  const found = reused.load(bytes, start + ifinfomsg.size, end)
  const field = bridgeLinkAttributes.field
  const data = found.get(field.protinfo) as BridgePortData | null
  const master = found.get(field.master)
  const ifindex = getU32(bytes, start + at.index)
  if (master === null || master === ifindex || (data === null && !gone)) return null
  return {
    ifindex,
    dev: found.get(field.ifname) ?? '',
    master,
    bridge: nameOf(master),
    flags: linkFlags.toNames(getU32(bytes, start + at.flags)),
    operState: found.get(field.operstate) ?? 'unknown',
    mtu: found.get(field.mtu) ?? 0,
    mac: found.get(field.address),
    data: data ?? {},
    hwMode: found.get(field.afSpec)?.mode ?? null,
  }
}

/** The same of a link; null for what is no port of a bridge. */
export function bridgePortOf(link: Link, nameOf: (ifindex: number) => string | null): BridgePort | null {
  const { ifindex, name, master, flags, operState, mtu, mac } = link
  if (!isPortKind(link, 'bridge') || master === null) return null
  return {
    ifindex,
    dev: name,
    master,
    bridge: nameOf(master),
    flags,
    operState,
    mtu,
    mac,
    data: link.portData,
    hwMode: null,
  }
}
