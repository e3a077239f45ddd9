/** What callers give for an entry of a forwarding table, and the checks on it. */

import { toBits } from '../../../codec/choice.js'
import { show } from '../../../codec/fault.js'
import { type AnyOf, guarded, type OneOf, parseMac } from '../../../codec/index.js'
import { checkBoolean, checkInteger } from '../../../netlink/check.js'
import { checkDev, checkIfindex, checkIp, checkOneOf } from '../../input.js'
import type { Dev } from '../../link/request.js'
import { checkVni } from '../../vni.js'
import { checkVid } from '../vid.js'
import { type FdbFlag, type FdbState, fdbFlags, fdbStates } from './table.js'

/** Which entry. Null is the same as leaving out, so that a listed `FdbEntry` fits. */
export interface FdbKey {
  /** '02:00:00:00:00:09'; of a vxlan device also '00:00:00:00:00:00', for all that is not known. */
  mac: string
  /** The bridge's port, the vxlan device, or the bridge itself. */
  dev?: Dev | null | undefined
  /** Used where there is no `dev`: one of the two is needed. */
  ifindex?: number | null | undefined
  /** The table of the bridge that `dev` is a port of. */
  master?: boolean | undefined
  /** The table of `dev` itself. As in `bridge fdb`, this is the default: for a port of a bridge, say `master`. */
  self?: boolean | undefined
  /** 1 to 4094, of a bridge: to a vxlan device an entry is one of all. */
  vlan?: number | null | undefined
  /** vxlan: the tunnel's other end, '192.0.2.9' or '2001:db8::9'. */
  dst?: string | null | undefined
  /** vxlan: the UDP port there. */
  port?: number | null | undefined
  /** vxlan: the network id there, from 0 to 2^24 - 1. */
  vni?: number | null | undefined
  /** vxlan with collected metadata: the network id here. */
  srcVni?: number | null | undefined
  /** vxlan: the interface to send by. */
  via?: Dev | null | undefined
  /** vxlan: a nexthop object instead of `dst`. */
  nhid?: number | null | undefined
}

/** An entry to be put into a table. */
export interface FdbInput extends FdbKey {
  /**
   * 'permanent' (the default, as in `bridge fdb`): an address of this machine, for a bridge; 'static' and 'dynamic': one behind the
   * port, the second with an end. 'stale' counts as 'dynamic'.
   */
  state?: OneOf<FdbState> | undefined
  /**
   * 'sticky' (does not move to another port), 'extern_learn' (somebody else learnt it), 'use' (was just seen), 'router' (vxlan: the
   * other end routes). 'offload' and 'locked' are the kernel's to say: not looked at by a bridge.
   */
  flags?: AnyOf<FdbFlag> | undefined
  /** Tell listeners when it is used again after it was not for the ageing time; of a bridge, as what follows. */
  activityNotify?: boolean | undefined
  /** It counts as not used for that time from now on. */
  inactive?: boolean | undefined
  /** Leave its time of last use as it is. */
  norefresh?: boolean | undefined
}

/** All properties of a listed entry are known; those that are not in FdbInput are not sent. */
export const FDB_KEYS = [
  ...['mac', 'dev', 'ifindex', 'master', 'self', 'vlan', 'dst', 'port', 'vni', 'srcVni', 'via', 'nhid'],
  ...['state', 'flags', 'activityNotify', 'inactive', 'norefresh'],
  ...['bridge', 'bridgeIfindex', 'linkNetnsid', 'used', 'updated'],
]

/** @throws RangeError, TypeError naming the option */
export function checkFdbKey(key: FdbKey): void {
  checkFdbMac(key.mac)
  if (key.ifindex != null) checkIfindex(key.ifindex, 'ifindex')
  if (key.dev != null || key.ifindex == null) checkDev(key.dev, 'dev')
  checkTunnel(key)
  if (isOfBridge(key))
    for (const option of OF_VXLAN)
      if (key[option] != null)
        throw new TypeError(
          `${option}: ${show(key[option])} is for the table of a vxlan device itself (self)`,
        )
  const told = ofVxlan(key)
  if (told !== undefined && key.vlan != null)
    throw new TypeError(`vlan: ${show(key.vlan)} is for the table of a bridge, and ${told} is not`)
}

/** The option that tells of an entry of a vxlan device; undefined where it is, or may be, one of a bridge, too. */
const ofVxlan = (key: FdbKey) =>
  key.master === true ? undefined : OF_VXLAN.find((option) => key[option] != null)

/** What a bridge passes over (br_fdb_add() of net/bridge/br_fdb.c). */
const OF_VXLAN = ['dst', 'port', 'vni', 'srcVni', 'via', 'nhid'] as const
const FLAGS_OF_VXLAN: readonly FdbFlag[] = ['router', 'managed']
/** What a vxlan device passes over (vxlan_fdb_add() of drivers/net/vxlan/vxlan_core.c). */
const OF_BRIDGE = ['activityNotify', 'inactive', 'norefresh'] as const
const FLAGS_OF_BRIDGE: readonly FdbFlag[] = ['locked', 'managed']

const isOfBridge = ({ master, self }: FdbKey) => master === true && self !== true

/** The interface of a checked key. */
export function fdbDev({ dev, ifindex }: FdbKey): Dev {
  return (dev ?? ifindex)!
}

/** What tells one entry of an address from another. Throws RangeError, TypeError naming the option. */
export function checkTunnel(key: Partial<FdbKey>): void {
  const { vlan, dst, port, vni, srcVni, via, nhid } = key
  for (const option of ['master', 'self'] as const)
    if (key[option] !== undefined) checkBoolean(key[option], option)
  if (vlan != null) checkVid(vlan, 'vlan')
  if (dst != null) checkIp(dst, 'dst')
  if (port != null) checkInteger(port, 'port', 0, 0xffff, 'a UDP port')
  if (vni != null) checkVni(vni, 'vni')
  if (srcVni != null) checkVni(srcVni, 'srcVni')
  if (via != null) checkDev(via, 'via')
  if (nhid != null) checkInteger(nhid, 'nhid', 1, 0xffffffff, 'the id of a nexthop')
}

/** @throws RangeError, TypeError naming the option */
export function checkFdbInput(input: FdbInput): void {
  checkFdbKey(input)
  if (input.state !== undefined) checkFdbState(input.state, 'state')
  const { flags } = input
  const bits = flags === undefined ? 0 : guarded('flags', () => toBits(fdbFlags, flags))
  const foreign =
    isOfBridge(input) && fdbFlags.toNames(bits).find((flag) => FLAGS_OF_VXLAN.includes(flag as FdbFlag))
  if (foreign) throw new RangeError(`flags: ${show(foreign)} is not for the table of a bridge`)
  for (const option of OF_BRIDGE) if (input[option] !== undefined) checkBoolean(input[option], option)
  const told = ofVxlan(input)
  if (told !== undefined) checkOfVxlan(input, bits, told)
}

/** Listed entries say that they have none of it. */
function checkOfVxlan(input: FdbInput, bits: number, told: string): void {
  for (const option of OF_BRIDGE)
    if (input[option] === true)
      throw new TypeError(`${option}: true is for the table of a bridge, and ${told} is not`)
  const foreign = fdbFlags.toNames(bits).find((flag) => FLAGS_OF_BRIDGE.includes(flag as FdbFlag))
  if (foreign)
    throw new RangeError(`flags: ${show(foreign)} is not for the table of a vxlan device, and ${told} is`)
}

export function checkFdbState(state: OneOf<FdbState>, field: string): void {
  checkOneOf(fdbStates, state, field, 0xffff)
}

/** Any address of six bytes: a device's own table takes multicast ones too. */
export function checkFdbMac(mac: unknown): void {
  if (parseMac(mac)?.length !== 6)
    throw new RangeError(`mac: ${show(mac)} is not a MAC address of six bytes such as '02:00:00:00:00:09'`)
}
