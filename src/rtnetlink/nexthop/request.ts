/** A nexthop object as callers write it, its checks, and the requests that operations are made of. */

import { show } from '../../codec/fault.js'
import type { AnyOf, Infer, OneOf } from '../../codec/index.js'
import { checkBoolean, checkInteger, checkKeys } from '../../netlink/check.js'
import { NLM_F_ECHO } from '../../netlink/constants.js'
import type { Channel, Operation } from '../../netlink/operation.js'
import type { Advice, Request } from '../../netlink/request.js'
import { AF_UNSPEC, type Family, familyNumber, familyOf } from '../family.js'
import { checkDev, checkIfindex, checkIp, checkOneOf } from '../input.js'
import { type Dev, resolveDev } from '../link/request.js'
import { adviseTunnel, NO_WAY_TO_GATEWAY, type SentEncap } from '../route/advice.js'
import { checkEncap, encapAttributes, type RouteEncapInput } from '../route/encap/encap.js'
import type { NexthopFlag, RouteProtocol, RouteScope } from '../route/input.js'
import { routeProtocols } from '../route/table.js'
import {
  type NexthopGroupEntry,
  type NexthopGroupType,
  type NexthopMemberStats,
  type ResilientGroup,
  readNexthop,
} from './nexthop.js'
import { delNexthop, groupTypes, newNexthop, type nexthopAttributes } from './table.js'

/** A nexthop object to add. Null and false are the same as leaving out, so that a listed `Nexthop` fits. */
export interface NexthopObjectInput {
  /** 1 to 4,294,967,295; the kernel chooses without it. */
  id?: number | null | undefined
  /** Needed where `via` does not tell it, but for a group. */
  family?: Family | null | undefined
  via?: string | null | undefined
  dev?: Dev | null | undefined
  /** Used where there is no `dev`. */
  ifindex?: number | null | undefined
  /** Takes the gateway to be on the link, whatever the addresses say. */
  onlink?: boolean | null | undefined
  /** Drops what is sent to it. */
  blackhole?: boolean | null | undefined
  /** For entries of a bridge's or VXLAN's table (fdb), not for routes. */
  fdb?: boolean | null | undefined
  /** With `fdb`, for VXLAN: the UDP port at the other end, instead of that of the device (Linux 7.3). */
  dstPort?: number | null | undefined
  /** The members, by their ids; 1 is the weight that is left out. */
  group?: readonly { id: number; weight?: number | undefined }[] | null | undefined
  /** Without it 'mpath', or 'resilient' where `resilient` is given. */
  groupType?: OneOf<NexthopGroupType> | null | undefined
  /** Times in seconds; the kernel has defaults for what is left out. */
  resilient?: Partial<ResilientGroup> | null | undefined
  /** Who makes it, by name or number. */
  protocol?: OneOf<RouteProtocol> | null | undefined
  /** Of a group: hardware that forwards its packets is to count them (Linux 6.9). */
  hwStats?: boolean | null | undefined
  /** What the kernel reports: not sent. */
  hwStatsUsed?: boolean | null | undefined
  groupStats?: readonly NexthopMemberStats[] | null | undefined
  scope?: OneOf<RouteScope> | undefined
  flags?: AnyOf<NexthopFlag> | undefined
  /** A lightweight tunnel; options of 'ip' and 'ip6' tunnels are read, not sent. */
  encap?: RouteEncapInput | null | undefined
}

export const NEXTHOP_KEYS: readonly (keyof NexthopObjectInput)[] = [
  'id',
  'family',
  'via',
  'dev',
  'ifindex',
  'onlink',
  'blackhole',
  'fdb',
  'dstPort',
  'group',
  'groupType',
  'resilient',
  'protocol',
  'hwStats',
  'hwStatsUsed',
  'groupStats',
  'scope',
  'flags',
  'encap',
]

const MAX_ID = 0xffffffff
/** The kernel keeps it in 16 bits, although the message would hold one more. */
const MAX_WEIGHT = 65535
const MAX_SECONDS = Math.floor(0xffffffff / 100)

/** Throws RangeError or TypeError. */
export function checkNexthop(input: NexthopObjectInput): void {
  const { id, via, dev, ifindex, group, resilient } = input
  if (id != null) checkInteger(id, 'id', 1, MAX_ID)
  if (via != null) checkIp(via, 'via')
  familyOfNexthop(input)
  if (dev != null) checkDev(dev, 'dev')
  if (ifindex != null) checkIfindex(ifindex, 'ifindex')
  for (const name of ['onlink', 'blackhole', 'fdb', 'hwStats'] as const)
    if (input[name] != null) checkBoolean(input[name], name)
  if (input.groupType != null) checkOneOf(groupTypes, input.groupType, 'groupType')
  if (input.protocol != null) checkOneOf(routeProtocols, input.protocol, 'protocol')
  if (group == null) {
    for (const name of OF_GROUPS)
      if (input[name] != null) throw new TypeError(`${name}: ${show(input[name])} is for groups alone`)
  } else {
    checkGroup(group)
    if (input.onlink) throw new TypeError('onlink: a group has no gateway, its members have')
  }
  if (resilient != null) checkResilient(resilient)
  if (input.dstPort != null) checkInteger(input.dstPort, 'dstPort', 1, 0xffff, 'a UDP port')
  if (input.encap != null) checkEncap(input.encap, 'encap')
}

/** The kernel passes over the latter two. */
const OF_GROUPS = ['hwStats', 'groupType', 'resilient'] as const

function checkGroup(group: NonNullable<NexthopObjectInput['group']>): void {
  if (!Array.isArray(group) || group.length === 0)
    throw new TypeError(`group: ${show(group)} is not an array of members { id, weight }`)
  group.forEach((member: Partial<NexthopGroupEntry>, index) => {
    checkKeys(`group[${index}]`, member, ['id', 'weight'])
    checkInteger(member.id, `group[${index}].id`, 1, MAX_ID)
    if (member.weight !== undefined) checkInteger(member.weight, `group[${index}].weight`, 1, MAX_WEIGHT)
  })
}

function checkResilient(resilient: Partial<ResilientGroup>): void {
  checkKeys('resilient', resilient, ['buckets', 'idleTimer', 'unbalancedTimer', 'unbalancedTime'])
  if (resilient.buckets !== undefined) checkInteger(resilient.buckets, 'resilient.buckets', 1, 0xffff)
  for (const name of ['idleTimer', 'unbalancedTimer'] as const) {
    const value = resilient[name]
    if (value !== undefined && !(typeof value === 'number' && value >= 0 && value <= MAX_SECONDS))
      throw new RangeError(
        `resilient.${name}: ${show(value)} is not a number of seconds up to ${MAX_SECONDS}`,
      )
  }
}

/** The family, from whatever tells it; none for a group. */
function familyOfNexthop({ family, via, group }: NexthopObjectInput): number {
  const given = family == null ? undefined : familyNumber(family)
  if (group != null) return AF_UNSPEC
  const told = typeof via === 'string' ? familyOf(via) : undefined
  if (given !== undefined && told !== undefined && given !== told)
    throw new RangeError(`via: '${via}' is not ${family === 'ipv4' ? 'IPv4' : 'IPv6'}`)
  const found = given ?? told
  if (found === undefined) throw new TypeError("family: a nexthop without via needs it ('ipv4' or 'ipv6')")
  return found
}

/**
 * RTM_NEWNEXTHOP with NLM_F_CREATE and the like, which is answered with the id: with the one that was given, or the one that the
 * kernel chose and echoes.
 */
export function* newNexthopRequest(
  channel: Channel,
  input: NexthopObjectInput,
  flags: number,
): Operation<Request<number>> {
  const { id, via, dev, group, resilient, groupType, protocol } = input
  const oif = dev == null ? (input.ifindex ?? 0) : yield* resolveDev(channel, dev)
  const attributes: Infer<typeof nexthopAttributes> = {}
  // In the order of iproute2.
  if (id != null) attributes.id = id
  if (group != null) attributes.group = group.map(groupEntry)
  if (resilient != null) attributes.resGroup = timers(resilient)
  if (groupType != null) attributes.groupType = groupTypes.toNumber(groupType)
  else if (resilient != null) attributes.groupType = 'resilient'
  if (input.hwStats != null) attributes.hwStatsEnable = input.hwStats ? 1 : 0
  if (input.encap != null) Object.assign(attributes, yield* encapAttributes(channel, input.encap, 'encap'))
  if (input.blackhole) attributes.blackhole = true
  if (via != null) attributes.gateway = via
  if (oif > 0) attributes.oif = oif
  if (input.fdb) attributes.fdb = true
  if (input.dstPort != null) attributes.dstPort = input.dstPort
  return {
    message: newNexthop,
    body: {
      header: {
        family: familyOfNexthop(input),
        protocol: routeProtocols.toNumber(protocol ?? 0),
        flags: input.onlink ? ['onlink'] : [],
      },
      attributes,
    },
    flags: id == null ? flags | NLM_F_ECHO : flags,
    answer: id == null ? 'replies' : 'ack',
    read: (bytes, start, end) => readNexthop(bytes, start, end, () => null).id,
    subject: id == null ? 'nexthop' : `nexthop ${id}`,
    advise: adviseNew(attributes),
  }
}

/** What errors of a nexthop that is to be made mean. */
function adviseNew(tunnel: SentEncap): NonNullable<Request['advise']> {
  return (code, extack) => {
    const ofTunnel = adviseTunnel(code, extack, tunnel)
    if (ofTunnel !== undefined) return ofTunnel
    const { message, path } = extack
    switch (code) {
      case 'EEXIST':
        return 'there is a nexthop of this id: replaceNexthop changes it'
      // The latter is what IPv6 says.
      case 'ENETUNREACH':
      case 'EHOSTUNREACH':
        return NO_WAY_TO_GATEWAY
      default:
        return RECENT[path ?? ''] ?? WEIGHTS[message ?? '']
    }
  }
}

/** What an older kernel lacks that refuses them, or their buckets. */
export const RESILIENT = 'resilient groups need Linux 5.13'

/** Attributes that an older kernel refuses, by their names. */
const RECENT: Advice = {
  resGroup: RESILIENT,
  hwStatsEnable: 'hwStats needs Linux 6.9',
  dstPort: 'dstPort needs Linux 7.3',
}

/** What kernels of one byte for a weight say of more (nh_check_attr_group()). */
const WEIGHTS: Advice = {
  'Reserved fields in nexthop_grp must be 0': 'weights above 255 need Linux 6.12',
  'Invalid value for weight': 'weights above 255 need Linux 6.12',
}

function groupEntry({ id, weight = 1 }: { id: number; weight?: number | undefined }) {
  return { id, weight: (weight - 1) & 0xff, weightHigh: (weight - 1) >> 8 }
}

/** How long it has been out of balance is the kernel's to say. */
function timers({ unbalancedTime, ...settings }: Partial<ResilientGroup>): Partial<ResilientGroup> {
  return settings
}

/** RTM_DELNEXTHOP */
export function deleteNexthopRequest(id: number): Request {
  return {
    message: delNexthop,
    body: { header: {}, attributes: { id } },
    flags: 0,
    answer: 'ack',
    subject: `nexthop ${id}`,
    advise: ABSENT,
  }
}

export const ABSENT: Advice = { ENOENT: 'there is no nexthop of this id' }
