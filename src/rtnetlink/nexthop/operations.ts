/** The operations on nexthop objects. */

import { show } from '../../codec/fault.js'
import type { OneOf } from '../../codec/index.js'
import type { CallOptions } from '../../netlink/call.js'
import { CALL_OPTIONS, checkBoolean, checkInteger, checkKeys } from '../../netlink/check.js'
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../netlink/constants.js'
import { deleteAll } from '../../netlink/delete-all.js'
import type { Extack } from '../../netlink/extack.js'
import {
  type Channel,
  items,
  type Operation,
  request,
  requestOne,
  withChannel,
} from '../../netlink/operation.js'
import type { Request } from '../../netlink/request.js'
import { devNames, type NameOf } from '../devnames.js'
import { type Family, familyNumber } from '../family.js'
import { checkFlush, type FlushAll } from '../flush.js'
import { checkDev, checkOneOf } from '../input.js'
import { type Dev, resolveDev } from '../link/request.js'
import type { RouteProtocol } from '../route/input.js'
import { routeProtocols } from '../route/table.js'
import { NHA_OP_FLAG_DUMP_HW_STATS, NHA_OP_FLAG_DUMP_STATS } from './constants.js'
import { type Nexthop, readNexthop } from './nexthop.js'
import {
  ABSENT,
  checkNexthop,
  deleteNexthopRequest,
  NEXTHOP_KEYS,
  type NexthopObjectInput,
  newNexthopRequest,
} from './request.js'
import { getNexthopMessage } from './table.js'

/** A nexthop object, and where. */
export interface NexthopOptions extends NexthopObjectInput, CallOptions {}

const CHANGE_KEYS = [...NEXTHOP_KEYS, ...CALL_OPTIONS]

/**
 * Adds a nexthop object, or a group of them, as `ip nexthop add`, and returns its id.
 *
 * @throws RangeError or TypeError naming the field, before anything is sent; NetlinkError EEXIST where the id is taken.
 * @see ip-nexthop(8), linux/nexthop.h
 * @example
 * const id = await addNexthop({ via: '192.168.15.5', dev: 'eth0' })
 * await addRoute({ to: '192.168.1.0/24', nhid: id })
 */
export function* addNexthop(options: NexthopOptions): Operation<number> {
  return yield* change('addNexthop', options, NLM_F_CREATE | NLM_F_EXCL)
}

/**
 * Adds a nexthop object or changes the one of the same id, and with it every route that names it, as `ip nexthop replace`.
 *
 * @throws as addNexthop, but for EEXIST.
 * @see ip-nexthop(8), linux/nexthop.h
 * @example await replaceNexthop({ id: 1, via: '192.168.15.6', dev: 'eth0' })
 */
export function* replaceNexthop(options: NexthopOptions): Operation<number> {
  return yield* change('replaceNexthop', options, NLM_F_CREATE | NLM_F_REPLACE)
}

function* change(call: string, options: NexthopOptions, flags: number): Operation<number> {
  checkKeys(call, options, CHANGE_KEYS)
  checkNexthop(options)
  return yield* withChannel(options.netns, function* (channel) {
    const [chosen] = yield* request(channel, yield* newNexthopRequest(channel, options, flags))
    return options.id ?? chosen ?? 0
  })
}

/**
 * Deletes a nexthop object, and the routes that name it, as `ip nexthop delete`. A listed nexthop names itself by its id; nothing
 * else of it counts.
 *
 * @throws RangeError or TypeError naming the field, before anything is sent; NetlinkError ENOENT where there is none.
 * @see ip-nexthop(8), linux/nexthop.h
 * @example await deleteNexthop({ id: 1, netns: 'red' })
 */
export function* deleteNexthop(options: NexthopOptions): Operation<void> {
  checkKeys('deleteNexthop', options, CHANGE_KEYS)
  const id = checkInteger(options.id, 'id', 1, 0xffffffff)
  yield* withChannel(options.netns, (channel) => request(channel, deleteNexthopRequest(id)))
}

/** What is told of a nexthop object, and where it is. */
export interface GetNexthopOptions extends CallOptions {
  /**
   * With the packets that went to each member of a group, in `groupStats`; 'hardware' asks the hardware that counts for the group as well, as
   * `ip -s -s nexthop`. Linux 6.9: EINVAL before.
   */
  statistics?: boolean | 'hardware' | undefined
}

/**
 * One nexthop object, by its id, as `ip nexthop get`.
 *
 * @throws RangeError or TypeError naming the argument, before anything is sent; NetlinkError ENOENT where there is none.
 * @see ip-nexthop(8), linux/nexthop.h
 * @example const { via, dev } = await getNexthop(1)
 */
export function* getNexthop(id: number, options: GetNexthopOptions = {}): Operation<Nexthop> {
  checkKeys('getNexthop', options, ['statistics', ...CALL_OPTIONS])
  checkInteger(id, 'id', 1, 0xffffffff)
  const { statistics = false } = options
  checkStatistics(statistics)
  return yield* withChannel(options.netns, function* (channel) {
    const nameOf = devNames(channel)
    return yield* requestOne(channel, {
      message: getNexthopMessage,
      body: { header: {}, attributes: { id, opFlags: opFlags(statistics) } },
      flags: 0,
      answer: 'reply',
      read: (bytes, start, end) => readNexthop(bytes, start, end, nameOf),
      subject: `nexthop ${id}`,
      advise: (code, extack) => ABSENT[code] ?? adviseStatistics(statistics)?.(code, extack),
    })
  })
}

/** Of a dump's attribute the kernel does not say which one it is, and Linux 5.10 not even that; the others are as old as nexthop objects. */
function adviseStatistics(asked: boolean | 'hardware') {
  if (!asked) return undefined
  return (code: string, { message }: Extack) =>
    code === 'EINVAL' && (message === null || message === 'Unknown attribute type')
      ? 'statistics need Linux 6.9'
      : undefined
}

/** NHA_OP_FLAGS: strict kernels before 6.9 refuse the attribute, so that it is sent only where it is needed. */
function opFlags(statistics: boolean | 'hardware'): number | undefined {
  if (statistics === 'hardware') return NHA_OP_FLAG_DUMP_STATS | NHA_OP_FLAG_DUMP_HW_STATS
  return statistics ? NHA_OP_FLAG_DUMP_STATS : undefined
}

function checkStatistics(statistics: boolean | 'hardware'): void {
  if (typeof statistics !== 'boolean' && statistics !== 'hardware')
    throw new TypeError(`statistics: ${show(statistics)} is not true, false or 'hardware'`)
}

/** Which nexthop objects; whatever is given must hold. */
export interface NexthopFilter {
  /** Leaves out groups, which have none. */
  family?: Family | undefined
  dev?: Dev | undefined
  /** A VRF, of whose interfaces it is. */
  master?: Dev | undefined
  /** Only groups. */
  groups?: boolean | undefined
  /** Only those for bridges and VXLAN, or (false) only the others. */
  fdb?: boolean | undefined
  /** Who made it, by name or number. */
  protocol?: OneOf<RouteProtocol> | undefined
}

/** Which nexthop objects, and where. */
export interface ListNexthopsOptions extends NexthopFilter, GetNexthopOptions {}

/** Which nexthop objects are to go, and where. */
export interface FlushNexthopsOptions extends NexthopFilter, CallOptions, FlushAll {}

const FILTERS: readonly (keyof NexthopFilter)[] = ['family', 'dev', 'master', 'groups', 'fdb', 'protocol']

function checkFilter({ family, dev, master, groups, fdb, protocol }: NexthopFilter): void {
  familyNumber(family)
  if (dev !== undefined) checkDev(dev, 'dev')
  if (master !== undefined) checkDev(master, 'master')
  if (groups !== undefined) checkBoolean(groups, 'groups')
  if (fdb !== undefined) checkBoolean(fdb, 'fdb')
  if (protocol !== undefined) checkOneOf(routeProtocols, protocol, 'protocol')
}

/**
 * Lists the nexthop objects, in the order of their ids.
 *
 * @throws RangeError or TypeError naming the option; NetlinkError ENODEV where `dev` or `master` is no interface.
 * @see ip-nexthop(8), linux/nexthop.h
 * @example const groups = await listNexthops({ groups: true })
 */
export function* listNexthops(options: ListNexthopsOptions = {}): Operation<Nexthop[]> {
  checkKeys('listNexthops', options, [...FILTERS, 'statistics', ...CALL_OPTIONS])
  checkFilter(options)
  const { statistics, netns } = options
  if (statistics !== undefined) checkStatistics(statistics)
  return yield* withChannel(netns, (channel) => select(channel, options))
}

/**
 * Deletes the nexthop objects that the options let through, of which there has to be at least one that is not false, and the routes that
 * name them, and returns how many; with `all: true` all of them, as `ip nexthop flush`. Groups go first. What the kernel deletes together with another
 * (a group with its last member) is not counted unless it was meant, too.
 *
 * @throws TypeError without any option, RangeError or TypeError naming an option, before anything is sent; NetlinkError ENODEV where
 * `dev` or `master` is no interface.
 * @see ip-nexthop(8), linux/nexthop.h
 * @example await flushNexthops({ protocol: 'bgp', netns: 'red' })
 */
export function* flushNexthops(options: FlushNexthopsOptions): Operation<number> {
  checkKeys('flushNexthops', options, ['all', ...FILTERS, ...CALL_OPTIONS])
  checkFilter(options)
  checkFlush('flushNexthops', 'nexthop objects', FILTERS, options)
  return yield* withChannel(options.netns, function* (channel) {
    const found = yield* select(channel, options)
    // The kernel would delete a group together with its last member: first, it is counted.
    const groups = found.filter(({ group }) => group !== null)
    const order = [...groups, ...found.filter(({ group }) => group === null)]
    return yield* deleteAll(
      channel,
      order.map(({ id }) => deleteNexthopRequest(id)),
      ['ENOENT'],
    )
  })
}

function* select(channel: Channel, options: ListNexthopsOptions): Operation<Nexthop[]> {
  const { dev, master } = options
  const oif = dev === undefined ? undefined : yield* resolveDev(channel, dev)
  const vrf = master === undefined ? undefined : yield* resolveDev(channel, master, 'master')
  return yield* items(channel, dumpRequest(options, oif, vrf, devNames(channel)))
}

/** RTM_GETNEXTHOP with NLM_F_DUMP. The kernel takes NHA_FDB in it and does not filter by it, nor by protocol. */
function dumpRequest(
  { family, groups, fdb, protocol, statistics = false }: ListNexthopsOptions,
  oif: number | undefined,
  master: number | undefined,
  nameOf: NameOf,
): Request<Nexthop> {
  const maker = protocol === undefined ? undefined : routeProtocols.normal(protocol)
  return {
    message: getNexthopMessage,
    body: {
      header: { family: familyNumber(family) },
      attributes: { oif, groups, master, opFlags: opFlags(statistics) },
    },
    flags: 0,
    answer: 'dump',
    read: (bytes, start, end) => {
      const nexthop = readNexthop(bytes, start, end, nameOf)
      if (fdb !== undefined && nexthop.fdb !== fdb) return undefined
      return maker === undefined || nexthop.protocol === maker ? nexthop : undefined
    },
    advise: adviseStatistics(statistics),
  }
}
