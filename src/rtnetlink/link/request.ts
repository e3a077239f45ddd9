/** The link requests that operations are made of. */

import { show } from '../../codec/fault.js'
import type { Body, Infer } from '../../codec/index.js'
import { checkArray, checkBoolean, checkInteger } from '../../netlink/check.js'
import { ENODEV } from '../../netlink/errno.js'
import { NetlinkError } from '../../netlink/errors.js'
import {
  type Channel,
  exchange,
  type NetnsLike,
  type Operation,
  request,
  requestOne,
  withChannel,
} from '../../netlink/operation.js'
import { type Reader, type Request, refined } from '../../netlink/request.js'
import { checkDevName, checkIfindex, MAX_IFNAME } from '../input.js'
import { MAX_NSID } from '../nsid/request.js'
import { RTEXT_FILTER_SKIP_STATS, RTEXT_FILTER_VF } from './constants.js'
import { type LinkIdentity, readIdentity } from './identity.js'
import { type Link, type LinkPart, linkReader } from './link.js'
import { delLink, delLinkProp, getLinkMessage, type linkAttributes, newLink } from './table.js'

/** An interface, by name (an alternative name too) or by ifindex. */
export type Dev = string | number

/** What a link request carries. */
export type LinkBody = { header?: Body<typeof newLink>['header']; attributes: Infer<typeof linkAttributes> }

/** An interface in errors: "interface 'eth0'". */
export function describeDev(dev: Dev): string {
  return typeof dev === 'number' ? `interface ${dev}` : `interface '${dev}'`
}

/** The parts of the answer that are large come only when asked for. */
export interface IncludeOptions {
  /**
   * 'stats': packet and byte counters. 'afSpec': the settings of IPv4 and IPv6 (in Linux 5.10 `inet6.token` with 'stats' alone). 'vfs': what
   * a network card knows of its virtual functions, whose counters come with 'stats'. 'linkNetns': the name of the namespace of `link`, which
   * costs a request for each name under /run/netns.
   */
  include?: readonly LinkPart[] | undefined
  /** Counters as bigint besides, in `bigStats`: exact beyond 2^53. */
  bigint?: boolean | undefined
}

/** A namespace that is known by its id alone. */
export interface TargetOptions {
  /**
   * The namespace that has this id in `netns` is read (getNsid(), `nsid` of monitorAllNetns()), instead of `netns`. It needs CAP_NET_ADMIN in
   * the user namespace that owns it. Ids in the answer are those of `netns`.
   */
  target?: number | undefined
}

/** Throws for what is no id of a namespace. */
export function checkTarget({ target }: TargetOptions): void {
  if (target !== undefined) checkInteger(target, 'target', 0, MAX_NSID, 'an id')
}

const LINK_PARTS: readonly LinkPart[] = ['stats', 'afSpec', 'vfs', 'linkNetns']
/** The options of `IncludeOptions`. */
export const INCLUDE_KEYS = ['include', 'bigint'] as const satisfies readonly (keyof IncludeOptions)[]

/** Throws for a part that there is not. */
export function checkInclude({ include, bigint }: IncludeOptions): void {
  if (bigint !== undefined) checkBoolean(bigint, 'bigint')
  if (include === undefined) return
  checkArray(include, 'include')
  for (const part of include as readonly LinkPart[])
    if (!LINK_PARTS.includes(part))
      throw new RangeError(`include: ${show(part)} is not one of ${LINK_PARTS.join(', ')}`)
}

/** IFLA_EXT_MASK of a request. */
export function extMask({ include = [] }: IncludeOptions): number {
  return (
    (include.includes('stats') ? 0 : RTEXT_FILTER_SKIP_STATS) |
    (include.includes('vfs') ? RTEXT_FILTER_VF : 0)
  )
}

/** The reader of the parts that were asked for. */
export function readerOf({
  include = [],
  bigint = false,
}: IncludeOptions): (bytes: Uint8Array, start: number, end: number) => Link {
  return linkReader(include, bigint)
}

/** A question about one interface. */
export type AskLink<T> = (dev: Dev) => Request<T>

/** RTM_GETLINK of one interface: one request, no dump. IFLA_IFNAME finds alternative names too, but has room for 15 bytes only. */
export function getLinkRequest(dev: Dev, options: IncludeOptions & TargetOptions = {}): Request<Link> {
  return question(dev, options, readerOf(options))
}

/** The same, of which no more is read than what tells the interface from others. */
export function getIdentityRequest(dev: Dev): Request<LinkIdentity> {
  return question(dev, {}, readIdentity)
}

function question<T>(dev: Dev, options: IncludeOptions & TargetOptions, read: Reader<T>): Request<T> {
  const mask = { extMask: extMask(options), targetNetnsid: options.target }
  const attributes =
    typeof dev === 'number' ? mask : isLong(dev) ? { altIfname: dev, ...mask } : { ifname: dev, ...mask }
  return {
    message: getLinkMessage,
    body: { header: typeof dev === 'number' ? { index: dev } : {}, attributes },
    flags: 0,
    answer: 'reply',
    read,
    subject: describeDev(dev),
  }
}

/** Whether an interface has this name, or alternative name. Unlike SIOCGIFINDEX it makes the kernel load no module (dev_load()). */
export function* isNameTaken(channel: Channel, name: string): Operation<boolean> {
  const [found] = yield* exchange(channel, [getLinkRequest(name)])
  const { error, values } = found!
  if (error !== null && !(error instanceof NetlinkError && error.errno === ENODEV)) throw error
  return values.length > 0
}

/** Whether a name is too long for struct ifreq and IFLA_IFNAME: then it can only be an alternative one. */
export function isLong(name: string): boolean {
  if (name.length > MAX_IFNAME) return true
  return /[^\x20-\x7e]/.test(name) && new TextEncoder().encode(name).length > MAX_IFNAME
}

/** RTM_NEWLINK, to create (with NLM_F_CREATE) or to change. */
export function newLinkRequest(
  subject: string,
  flags: number,
  { header = {}, attributes }: LinkBody,
): Request {
  return { message: newLink, body: { header, attributes }, flags, answer: 'ack', subject }
}

/** Whether a name can be that of another interface, or of none, after a request. */
export function changesNames({ message, body }: Request): boolean {
  if (message === delLinkProp) return true
  return message === newLink && (body.attributes as LinkBody['attributes']).ifname !== undefined
}

/** RTM_DELLINK. */
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
 * that does not fit there is an alternative one and takes a request, as one in the namespace of the id `target` does. Never a dump, never a
 * cache.
 */
export function* resolveDev(
  channel: Channel,
  dev: Dev,
  field = 'dev',
  target?: number | undefined,
): Operation<number> {
  const ifindex = target === undefined || typeof dev === 'number' ? ifindexOf(channel, dev, field) : 0
  if (ifindex > 0) return ifindex
  const asked = refined(getLinkRequest(dev, { target }), { advise: adviseMissing(channel, target) })
  return (yield* requestOne(channel, asked)).ifindex
}

/** One request about an interface, which is looked up where the request goes. */
export function* requestAbout<T>(
  netns: NetnsLike | undefined,
  dev: Dev,
  make: (ifindex: number, channel: Channel) => Request<T>,
): Operation<readonly T[]> {
  return yield* withChannel(netns, (channel) => requestOn(channel, dev, make))
}

function* requestOn<T>(
  channel: Channel,
  dev: Dev,
  make: (ifindex: number, channel: Channel) => Request<T>,
): Operation<readonly T[]> {
  return yield* request(channel, make(yield* resolveDev(channel, dev), channel))
}

/** The same where it takes no request; 0 for a name that does. */
export function ifindexOf(channel: Channel, dev: Dev, field = 'dev'): number {
  if (typeof dev === 'number') return checkIfindex(dev, field)
  if (isLong(checkDevName(dev, field))) return 0
  const ifindex = channel.ifindex(dev)
  if (ifindex > 0) return ifindex
  throw new NetlinkError({
    operation: 'SIOCGIFINDEX',
    errno: ifindex === 0 ? ENODEV : -ifindex,
    subject: `${field} '${dev}'`,
    advice: missing(channel),
  })
}

function missing({ where }: Channel): string {
  return `there is no such interface ${where || "in the process's own namespace"}`
}

/** Advice for a request about an interface that may not be there, or of the namespace of the id `target`. */
export function adviseMissing(channel: Channel, target?: number): (code: string) => string | undefined {
  if (target !== undefined) return adviseTarget(target)
  return (code) => (code === 'ENODEV' ? missing(channel) : undefined)
}

/** Advice for a request that reads the namespace of an id. */
export function adviseTarget(target: number): (code: string) => string | undefined {
  return (code) => TARGET_ADVICE[code]?.(`namespace of id ${target}`)
}

const TARGET_ADVICE: Readonly<Record<string, (elsewhere: string) => string>> = {
  EACCES: (elsewhere) => `needs CAP_NET_ADMIN in the user namespace that owns the ${elsewhere}, too`,
  EINVAL: (elsewhere) => `there is no ${elsewhere}`,
  ENODEV: (elsewhere) => `there is none in the ${elsewhere}`,
}
