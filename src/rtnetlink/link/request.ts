/** The link requests that operations are made of. */

import type { Body, Infer } from '../../codec/index.js'
import { ENODEV } from '../../netlink/errno.js'
import { NetlinkError } from '../../netlink/errors.js'
import type { Operation } from '../../netlink/operation.js'
import { type Channel, request } from '../../netlink/operation.js'
import type { Request } from '../../netlink/request.js'
import { checkDevName, checkIfindex } from '../input.js'
import { RTEXT_FILTER_SKIP_STATS, RTEXT_FILTER_VF } from './constants.js'
import { type Link, readLink } from './link.js'
import { delLink, getLinkMessage, type linkAttributes, newLink } from './table.js'

/** An interface, by name (an alternative name too) or by ifindex. */
export type Dev = string | number

export type LinkBody = { header?: Body<typeof newLink>['header']; attributes: Infer<typeof linkAttributes> }

export function describeDev(dev: Dev): string {
  return typeof dev === 'number' ? `interface ${dev}` : `interface '${dev}'`
}

/** The parts of the answer that are large come only when asked for. */
export interface IncludeOptions {
  /** 'stats': packet and byte counters. 'vfs': what a network card knows of its virtual functions. */
  include?: readonly ('stats' | 'vfs')[] | undefined
}

export function extMask({ include = [] }: IncludeOptions): number {
  return (
    (include.includes('stats') ? 0 : RTEXT_FILTER_SKIP_STATS) |
    (include.includes('vfs') ? RTEXT_FILTER_VF : 0)
  )
}

/** RTM_GETLINK of one interface: one request, no dump. */
export function getLinkRequest(dev: Dev, options: IncludeOptions = {}): Request<Link> {
  const mask = { extMask: extMask(options) }
  const attributes =
    typeof dev === 'number' ? mask : dev.length > 15 ? { altIfname: dev, ...mask } : { ifname: dev, ...mask }
  return {
    message: getLinkMessage,
    body: { header: typeof dev === 'number' ? { index: dev } : {}, attributes },
    flags: 0,
    answer: 'reply',
    read: readLink,
    subject: describeDev(dev),
  }
}

/** RTM_NEWLINK, to create (with NLM_F_CREATE) or to change. */
export function newLinkRequest(
  subject: string,
  flags: number,
  { header = {}, attributes }: LinkBody,
): Request {
  return { message: newLink, body: { header, attributes }, flags, answer: 'ack', subject }
}

export function deleteLinkRequest(ifindex: number, subject: string): Request {
  return {
    message: delLink,
    body: { header: { index: ifindex }, attributes: {} },
    flags: 0,
    answer: 'ack',
    subject,
  }
}

/**
 * The ifindex of an interface: by SIOCGIFINDEX on the same socket, so that it is that socket's namespace that is asked; a name
 * that does not fit there is an alternative one and takes a request. Never a dump, never a cache.
 */
export function* resolveDev(channel: Channel, dev: Dev, field = 'dev'): Operation<number> {
  if (typeof dev === 'number') return checkIfindex(dev, field)
  checkDevName(dev, field)
  if (dev.length > 15) {
    const [link] = yield* request(channel, getLinkRequest(dev))
    return link!.ifindex
  }
  const ifindex = channel.ifindex(dev)
  if (ifindex > 0) return ifindex
  throw new NetlinkError({
    operation: 'SIOCGIFINDEX',
    errno: ifindex === 0 ? ENODEV : -ifindex,
    subject: `${field} '${dev}'`,
    advice: `there is no interface '${dev}' ${channel.where || "in the process's own namespace"}`,
  })
}
