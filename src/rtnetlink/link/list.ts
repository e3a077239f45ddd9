import type { CallOptions } from '../../netlink/call.js'
import { dump, type Operation, requestOne, withChannel } from '../../netlink/operation.js'
import type { Request } from '../../netlink/request.js'
import { CALL_OPTIONS, checkBoolean, checkKeys } from '../input.js'
import { type Link, readLink } from './link.js'
import { type Dev, extMask, getLinkRequest, type IncludeOptions, resolveDev } from './request.js'
import { checkDev } from './settings.js'
import { getLinkMessage } from './table.js'

export interface GetLinkOptions extends CallOptions, IncludeOptions {}

export interface ListLinksOptions extends CallOptions, IncludeOptions {
  /** Only this kind: 'veth'. */
  kind?: string | undefined
  /** Only ports of this bridge, bond or VRF. */
  master?: Dev | undefined
  /** Only interfaces that are administratively up (or down: false). */
  up?: boolean | undefined
}

const INCLUDE = ['stats', 'vfs']

function checkInclude(include: readonly string[] | undefined): void {
  for (const part of include ?? []) {
    if (!INCLUDE.includes(part))
      throw new RangeError(`include: '${part}' is not one of ${INCLUDE.join(', ')}`)
  }
}

/**
 * One interface, by name, alternative name or ifindex: one request, no dump.
 *
 * @throws NetlinkError ENODEV where there is no such interface
 * @see rtnetlink(7)
 * @example const { mtu } = await getLink('eth0', { netns: red })
 */
export function* getLink(dev: Dev, options: GetLinkOptions = {}): Operation<Link> {
  checkKeys('getLink', options, ['include', ...CALL_OPTIONS])
  checkDev(dev, 'dev')
  checkInclude(options.include)
  return yield* withChannel(options.netns, (channel) =>
    requestOne(channel, {
      ...getLinkRequest(dev, options),
      advise: (code) =>
        code === 'ENODEV'
          ? `there is no such interface ${channel.where || "in the process's own namespace"}`
          : undefined,
    }),
  )
}

/**
 * The interfaces of a namespace. The kernel filters by kind and master, so that a bridge's ports cost no full dump.
 *
 * @see rtnetlink(7), ip-link(8)
 * @example const ports = await listLinks({ master: 'v-net-0' })
 */
export function* listLinks(options: ListLinksOptions = {}): Operation<Link[]> {
  checkKeys('listLinks', options, ['kind', 'master', 'up', 'include', ...CALL_OPTIONS])
  const { kind, up } = options
  if (options.master !== undefined) checkDev(options.master, 'master')
  if (up !== undefined) checkBoolean(up, 'up')
  if (kind !== undefined && (typeof kind !== 'string' || kind === ''))
    throw new TypeError(`kind: ${String(kind)} is not a kind of link`)
  checkInclude(options.include)
  return yield* withChannel(options.netns, function* (channel) {
    const master =
      options.master === undefined ? undefined : yield* resolveDev(channel, options.master, 'master')
    return yield* dump(channel, listLinksRequest(options, master))
  })
}

/** A kind whose module is not loaded is no filter to the kernel, so that kind is looked at again here. */
export function listLinksRequest(options: ListLinksOptions, master: number | undefined): Request<Link> {
  const { kind, up } = options
  return {
    message: getLinkMessage,
    body: {
      header: {},
      attributes: { master, linkinfo: kind === undefined ? undefined : { kind }, extMask: extMask(options) },
    },
    flags: 0,
    answer: 'dump',
    read(bytes, start, end) {
      const link = readLink(bytes, start, end)
      if (kind !== undefined && link.kind !== kind) return undefined
      if (up !== undefined && link.up !== up) return undefined
      return link
    },
  }
}
