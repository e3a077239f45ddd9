/** What is read of forwarding tables. */

import type { AnyOf, OneOf } from '../../../codec/index.js'
import type { CallOptions } from '../../../netlink/call.js'
import { CALL_OPTIONS, checkKeys } from '../../../netlink/check.js'
import { items, type Operation, requestOne, withChannel } from '../../../netlink/operation.js'
import { devNames } from '../../devnames.js'
import { AF_BRIDGE } from '../../family.js'
import { checkDev } from '../../input.js'
import { type Dev, resolveDev } from '../../link/request.js'
import { NTF_MASTER, NTF_SELF } from '../../neighbour/constants.js'
import { getNeighbour } from '../../neighbour/table.js'
import { oneOrMany } from '../../one-or-many.js'
import { checkVid } from '../vid.js'
import { type FdbEntry, readFdbEntry } from './entry.js'
import { checkFdbMac, checkFdbState, checkTunnel, FDB_KEYS, type FdbKey } from './options.js'
import { type FdbState, stateName } from './table.js'

/** Which entry, and where: of a bridge (`bridge`, or `dev`, a port of it), or of a device's own table (`dev` with `self`). */
export interface GetFdbEntryOptions extends Omit<FdbKey, 'dev' | 'ifindex'>, CallOptions {
  /** A port; its bridge is asked, whose answer may name another port. */
  dev?: Dev | null | undefined
  /** The bridge; not looked at where `dev` is given, so that a listed entry fits. */
  bridge?: Dev | null | undefined
}

/**
 * One entry of a forwarding table, by its address and, where the table has them, `vlan` or `vni`: one request, no dump. The other
 * options of an entry are not looked at.
 *
 * @throws RangeError or TypeError naming the option, before anything is sent; NetlinkError ENOENT where there is no such entry (ENXIO
 * from a vxlan device), ENODEV where there is no such interface, EINVAL where `dev` is no port of a bridge, EOPNOTSUPP where it has no
 * table of its own
 * @see bridge(8), rtnetlink(7)
 * @example const { dev, state } = await getFdbEntry({ mac: '02:00:00:00:00:09', bridge: 'v-net-0' })
 */
export function* getFdbEntry(entry: GetFdbEntryOptions): Operation<FdbEntry> {
  checkKeys('getFdbEntry', entry, [...FDB_KEYS, ...CALL_OPTIONS])
  const { mac, dev, bridge, vlan, vni, self, master } = entry
  checkFdbMac(mac)
  if (dev != null) checkDev(dev, 'dev')
  else if (bridge != null) checkDev(bridge, 'bridge')
  else throw new TypeError('bridge: whose entry? Give the bridge, or a device with dev')
  checkTunnel({ vlan, vni, self, master })
  return yield* withChannel(entry.netns, function* (channel) {
    const table = dev == null ? yield* resolveDev(channel, bridge!, 'bridge') : undefined
    return yield* requestOne<FdbEntry>(channel, {
      message: getNeighbour,
      body: {
        header: {
          family: AF_BRIDGE,
          ifindex: dev == null ? 0 : yield* resolveDev(channel, dev),
          flags: [dev == null ? 0 : (self ? NTF_SELF : 0) | (master ? NTF_MASTER : 0)],
        },
        attributes: { lladdr: mac, vlan: vlan ?? undefined, vni: vni ?? undefined, master: table },
      },
      flags: 0,
      answer: 'reply',
      read: (bytes, start, end) => readFdbEntry(bytes, start, end, (ifindex) => channel.ifname(ifindex)),
      subject: `forwarding entry ${mac}`,
      advise: { ENOENT: 'there is no such entry', ENXIO: 'there is no such entry' },
    })
  })
}

/** Which entries, and where: those that everything given applies to. */
export interface ListFdbOptions extends CallOptions {
  /** A port or a vxlan device: of its own table, and of its bridge's those that lead there. */
  dev?: Dev | undefined
  /** The table of this bridge, and the own tables of its ports. */
  bridge?: Dev | undefined
  mac?: string | undefined
  vlan?: number | undefined
  /** One state, or any of several. */
  state?: OneOf<FdbState> | AnyOf<FdbState> | undefined
}

/**
 * The forwarding tables of a namespace: of bridges and vxlan devices, and the addresses that other devices take in. The kernel filters
 * by `dev` and `bridge`.
 *
 * @throws RangeError or TypeError naming the option, before anything is sent; NetlinkError ENODEV where there is no interface of that
 * name
 * @see bridge(8), rtnetlink(7)
 * @example const learnt = await listFdb({ bridge: 'v-net-0', state: ['dynamic', 'stale'] })
 */
export function* listFdb(options: ListFdbOptions = {}): Operation<FdbEntry[]> {
  checkKeys('listFdb', options, ['dev', 'bridge', 'mac', 'vlan', 'state', ...CALL_OPTIONS])
  const { dev, bridge, vlan } = options
  if (dev !== undefined) checkDev(dev, 'dev')
  if (bridge !== undefined) checkDev(bridge, 'bridge')
  if (options.mac !== undefined) checkFdbMac(options.mac)
  if (vlan !== undefined) checkVid(vlan, 'vlan')
  const mac = options.mac?.toLowerCase().replaceAll('-', ':')
  const states = oneOrMany(options.state)?.map((state) => {
    checkFdbState(state, 'state')
    return typeof state === 'number' ? stateName(state) : state
  })
  return yield* withChannel(options.netns, function* (channel) {
    const ifindex = dev === undefined ? 0 : yield* resolveDev(channel, dev)
    const master = bridge === undefined ? undefined : yield* resolveDev(channel, bridge, 'bridge')
    const nameOf = devNames(channel)
    return yield* items<FdbEntry>(channel, {
      message: getNeighbour,
      body: { header: { family: AF_BRIDGE, ifindex }, attributes: { master } },
      flags: 0,
      answer: 'dump',
      read(bytes, start, end) {
        const entry = readFdbEntry(bytes, start, end, nameOf)
        const wanted =
          (mac === undefined || entry.mac === mac) &&
          (vlan === undefined || entry.vlan === vlan) &&
          (states === undefined || states.includes(entry.state))
        return wanted ? entry : undefined
      },
    })
  })
}
