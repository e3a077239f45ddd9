/** The events of a monitor, and how each is read: a table of groups. */

import type { Message } from '../codec/index.js'
import { AF_UNSPEC } from '../rtnetlink/family.js'
import { type Link, readLink } from '../rtnetlink/link/link.js'
import { delLink, newLink } from '../rtnetlink/link/table.js'
import { readNsid } from '../rtnetlink/nsid/request.js'
import { delNsid, newNsid } from '../rtnetlink/nsid/table.js'
import type { Loss } from '../socket/event-socket.js'
import * as group from './groups.js'

/** 'new': it was made, or it changed. 'delete': it is gone; the event shows it as it was. */
export type EventAction = 'new' | 'delete'

export interface LinkEvent {
  readonly type: 'link'
  readonly action: EventAction
  readonly link: Link
}

/** Another namespace got an id here (see getNsid), or the namespace that had it is gone. */
export interface NsidEvent {
  readonly type: 'nsid'
  readonly action: EventAction
  readonly nsid: number
}

/**
 * Events are missing before this one: what was known must be listed again. 'ENOBUFS': the kernel's buffer overflowed because events
 * came faster than they were read.
 */
export interface ResyncEvent {
  readonly type: 'resync'
  readonly reason: Loss
}

export type MonitorEvent = LinkEvent | NsidEvent | ResyncEvent

/** What monitor() can be asked for. */
export type MonitorGroup = Exclude<MonitorEvent['type'], 'resync'>

/** What a monitor of some groups tells. */
export type EventOf<G extends MonitorGroup> = Extract<MonitorEvent, { type: G }> | ResyncEvent

/** The name of an interface now; null when there is none of that ifindex. */
export type NameOf = (ifindex: number) => string | null

/** Makes an event of a message whose fixed struct starts at `start`; undefined for one that is something else. */
type Read = (
  action: EventAction,
  bytes: Uint8Array,
  start: number,
  end: number,
  nameOf: NameOf,
) => MonitorEvent | undefined

export interface EventSource {
  readonly groups: readonly number[]
  readonly new: Message
  readonly delete: Message
  readonly read: Read
}

const link: Read = (action, bytes, start, end) => {
  // The same group has the state of bridge ports (AF_BRIDGE), and there RTM_DELLINK says only that a port left its bridge.
  if (bytes[start] !== AF_UNSPEC) return undefined
  return { type: 'link', action, link: readLink(bytes, start, end) }
}

const nsid: Read = (action, bytes, start, end) => {
  const id = readNsid(bytes, start, end)
  return id === null ? undefined : { type: 'nsid', action, nsid: id }
}

export const EVENT_SOURCES: Readonly<Record<MonitorGroup, EventSource>> = {
  link: { groups: [group.RTNLGRP_LINK], new: newLink, delete: delLink, read: link },
  nsid: { groups: [group.RTNLGRP_NSID], new: newNsid, delete: delNsid, read: nsid },
}
