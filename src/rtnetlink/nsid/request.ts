/** The requests about namespace ids. The other namespace stands in them by its descriptor. */

import { align } from '../../codec/bytes.js'
import { Attributes } from '../../codec/index.js'
import type { OpenNetns } from '../../netlink/operation.js'
import type { Request } from '../../netlink/request.js'
import { NETNSA_NSID_NOT_ASSIGNED } from './constants.js'
import { getNsidMessage, newNsid, nsidAttributes, rtgenmsg } from './table.js'

/** Ids are an int. */
export const MAX_NSID = 0x7fffffff

/** RTM_NEWNSID: gives `netns` an id; NETNSA_NSID_NOT_ASSIGNED leaves the choice to the kernel. */
export function newNsidRequest(netns: OpenNetns, nsid: number): Request {
  return {
    message: newNsid,
    body: { header: {}, attributes: { fd: netns.fd, nsid } },
    flags: 0,
    answer: 'ack',
    subject: netns.label,
    holds: [netns],
  }
}

/** RTM_GETNSID: the id of `netns`, null where it has none. */
export function getNsidRequest(netns: OpenNetns): Request<number | null> {
  return {
    message: getNsidMessage,
    body: { header: {}, attributes: { fd: netns.fd } },
    flags: 0,
    answer: 'reply',
    read: readNsid,
    subject: netns.label,
    holds: [netns],
  }
}

/** Reads the id out of an answer: `start` is its struct rtgenmsg. */
export function readNsid(bytes: Uint8Array, start: number, end: number): number | null {
  const found = new Attributes(nsidAttributes).load(bytes, start + align(rtgenmsg.size), end)
  const nsid = found.get(nsidAttributes.field.nsid)
  return nsid === NETNSA_NSID_NOT_ASSIGNED ? null : nsid
}

interface Found {
  readonly nsid: number
  readonly current: number | null
  readonly name: null
}

/** RTM_GETNSID with NLM_F_DUMP: the ids that the namespace of id `target` gives, or the socket's own. */
export function listNsidsRequest(target: number | undefined): Request<Found> {
  return { ...findNsidRequest(undefined, target), answer: 'dump' }
}

/** RTM_GETNSID: the id that the namespace of id `target`, or the socket's own, gives to the one with the id `nsid` here. */
export function findNsidRequest(nsid: number | undefined, target: number | undefined): Request<Found> {
  return {
    message: getNsidMessage,
    body: { header: {}, attributes: { nsid, targetNsid: target } },
    flags: 0,
    answer: 'reply',
    subject: target === undefined ? undefined : `namespace of id ${target}`,
    read: (bytes, start, end) => {
      const nsid = readNsid(bytes, start, end)
      return nsid === null ? undefined : { nsid, current: readCurrent(bytes, start, end), name: null }
    },
  }
}

function readCurrent(bytes: Uint8Array, start: number, end: number): number | null {
  const found = new Attributes(nsidAttributes).load(bytes, start + align(rtgenmsg.size), end)
  const current = found.get(nsidAttributes.field.currentNsid)
  return current === NETNSA_NSID_NOT_ASSIGNED ? null : current
}
