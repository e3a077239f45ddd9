/** The operations on the networks that a vxlan device takes part in. */

import type { CallOptions } from '../../netlink/call.js'
import { CALL_OPTIONS, checkBoolean, checkKeys } from '../../netlink/check.js'
import { dump, type Operation, withChannel } from '../../netlink/operation.js'
import type { Advice, Request } from '../../netlink/request.js'
import { devNames } from '../devnames.js'
import { AF_BRIDGE, AF_INET6, familyOf } from '../family.js'
import { checkDev, checkIp } from '../input.js'
import { type Dev, describeDev, requestAbout, resolveDev } from '../link/request.js'
import { checkedRange } from '../range.js'
import { checkVni, MAX_VNI } from '../vni.js'
import { delTunnel, getTunnel, newTunnel } from './table.js'
import { readVxlanVnis, type VxlanVni } from './vni.js'

/** One network, or all from the first to the last, both included: 100, [100, 200]. */
export type Vnis = number | readonly [first: number, last: number]

/** Which networks, and where. Null is the same as leaving out, so that a listed `VxlanVni` fits. */
export interface DeleteVxlanVniOptions extends CallOptions {
  /** One network or a range of them, from 1 to 2^24 - 1: 100, [100, 200]. */
  vni: Vnis
}

/** Which networks, what they have, and where. */
export interface AddVxlanVniOptions extends DeleteVxlanVniOptions {
  /** Where frames go whose destination is not known: a multicast group, or the other end, IPv4 or IPv6. */
  group?: string | null | undefined
}

/** All properties of a listed network are known; those that are not options here are not sent. */
const KEYS = ['vni', 'group', 'ifindex', 'dev', 'stats', 'bigStats', ...CALL_OPTIONS]

/**
 * Lets a vxlan device take part in networks, as `bridge vni add`; of one that it has, `group` is set anew. The device was made with
 * `collectMetadata: true, vnifilter: true`. Linux 5.18.
 *
 * @throws RangeError or TypeError naming the option, before anything is sent; NetlinkError ENODEV where there is no such interface,
 * EOPNOTSUPP where the device has no such filter, EINVAL where it is no vxlan device, EEXIST where another device has the network (of the
 * same port)
 * @see bridge(8), linux/if_link.h
 * @example await addVxlanVni('vx0', { vni: [100, 200] })
 * @example await addVxlanVni('vx0', { vni: 300, group: '192.0.2.9' })
 */
export function* addVxlanVni(dev: Dev, options: AddVxlanVniOptions): Operation<void> {
  const { start, end } = check('addVxlanVni', dev, options)
  const { group } = options
  if (group != null) checkIp(group, 'group')
  const field = group != null && familyOf(group) === AF_INET6 ? 'group6' : 'group'
  const entry = { start, end, [field]: group ?? undefined }
  yield* change(newTunnel, dev, options, entry)
}

/**
 * Takes networks from a vxlan device, as `bridge vni delete`. Linux 5.18.
 *
 * @throws as addVxlanVni(), but for EEXIST; ENOENT where the device does not have the network
 * @see bridge(8), linux/if_link.h
 * @example await deleteVxlanVni('vx0', { vni: [100, 200] })
 */
export function* deleteVxlanVni(dev: Dev, options: DeleteVxlanVniOptions): Operation<void> {
  yield* change(delTunnel, dev, options, check('deleteVxlanVni', dev, options))
}

function check(
  call: string,
  dev: Dev,
  options: DeleteVxlanVniOptions,
): { start: number; end: number | undefined } {
  checkKeys(call, options, KEYS)
  checkDev(dev, 'dev')
  const { first, last } = vniRange(options.vni)
  return { start: first, end: last === first ? undefined : last }
}

/** First and last network of what a caller gave. Throws RangeError or TypeError. */
function vniRange(value: unknown): { first: number; last: number } {
  return checkedRange(value, 'vni', (vni, field) => checkVni(vni, field, 1))
}

function* change(
  message: Request['message'],
  dev: Dev,
  { netns }: CallOptions,
  entry: Readonly<Record<string, unknown>>,
): Operation<void> {
  yield* requestAbout(netns, dev, (ifindex) => ({
    message,
    body: { header: { family: AF_BRIDGE, ifindex }, attributes: { entry: [entry] } },
    flags: 0,
    answer: 'ack',
    subject: describeDev(dev),
    advise: ADVICE,
  }))
}

const ADVICE: Advice = {
  EOPNOTSUPP: 'the device was made without vnifilter, or the kernel is older than Linux 5.18',
  ENOENT: 'the device does not take part in the network',
}

/** Which networks, and where. */
export interface ListVxlanVnisOptions extends CallOptions {
  /** Only of this vxlan device. */
  dev?: Dev | undefined
  /** Only this network, or those of a range: 100, [100, 200]. */
  vni?: Vnis | undefined
  /** With counters. */
  statistics?: boolean | undefined
  /** Counters as bigint besides, in `bigStats`: exact beyond 2^53. */
  bigint?: boolean | undefined
}

/**
 * The networks of all vxlan devices with a filter, or of one, as `bridge vni`: one element for each network, also where the kernel tells of a
 * range. The kernel filters by `dev`. Linux 5.18.
 *
 * @throws RangeError or TypeError naming the option, before anything is sent; NetlinkError ENODEV where `dev` is no interface, EINVAL where
 * it is no vxlan device, EOPNOTSUPP where it has no such filter
 * @see bridge(8), linux/if_link.h
 * @example for (const { vni, stats } of await listVxlanVnis({ dev: 'vx0', statistics: true })) console.log(vni, stats?.rxBytes)
 */
export function* listVxlanVnis(options: ListVxlanVnisOptions = {}): Operation<VxlanVni[]> {
  checkKeys('listVxlanVnis', options, ['dev', 'vni', 'statistics', 'bigint', ...CALL_OPTIONS])
  const { dev, vni, statistics = false, bigint = false } = options
  if (dev !== undefined) checkDev(dev, 'dev')
  checkBoolean(statistics, 'statistics')
  checkBoolean(bigint, 'bigint')
  const { first, last } = vni === undefined ? { first: 1, last: MAX_VNI } : vniRange(vni)
  return yield* withChannel(options.netns, function* (channel) {
    const ifindex = dev === undefined ? 0 : yield* resolveDev(channel, dev)
    const nameOf = devNames(channel)
    const lists = yield* dump<VxlanVni[]>(channel, {
      message: getTunnel,
      body: {
        header: { family: AF_BRIDGE, flags: statistics ? ['stats'] : [], ifindex },
        attributes: {},
      },
      flags: 0,
      answer: 'dump',
      read: (bytes, start, end) =>
        readVxlanVnis(bytes, start, end, nameOf, bigint).filter((it) => it.vni >= first && it.vni <= last),
      subject: dev === undefined ? undefined : describeDev(dev),
      advise: ADVICE,
    })
    return lists.flat()
  })
}
