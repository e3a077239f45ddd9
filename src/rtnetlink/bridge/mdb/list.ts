/** What is read of multicast tables. */

import type { CallOptions } from '../../../netlink/call.js'
import { CALL_OPTIONS, checkKeys } from '../../../netlink/check.js'
import { type Channel, dump, type Operation, requestOne, withChannel } from '../../../netlink/operation.js'
import { devNames } from '../../devnames.js'
import { AF_BRIDGE } from '../../family.js'
import { checkDev } from '../../input.js'
import { type Dev, describeDev, resolveDev } from '../../link/request.js'
import { checkVid } from '../vid.js'
import { type MdbEntry, type MdbRouterPort, readMdb, readRouterPorts } from './entry.js'
import { checkMdbKey, MDB_KEYS, type MdbKey, mdbDev } from './options.js'
import { getMdb } from './table.js'

/** Which entries, and where: those that everything given applies to. */
export interface ListMdbOptions extends CallOptions {
  /** Only of this bridge or vxlan device. */
  bridge?: Dev | undefined
  /** Only those of this port. */
  port?: Dev | undefined
  /** Only of this VLAN. */
  vid?: number | undefined
}

/** Which group, and where. */
export interface GetMdbEntryOptions extends MdbKey, CallOptions {
  /** Not looked at: the answer has all ports of the group. A listed entry fits. */
  port?: Dev | null | undefined
}

/**
 * The multicast tables of a namespace: which port of a bridge gets which group. The kernel has no filter here.
 *
 * @throws RangeError or TypeError naming the option, before anything is sent; NetlinkError ENODEV where there is no interface of that
 * name
 * @see bridge(8), rtnetlink(7)
 * @example const groups = await listMdb({ bridge: 'v-net-0', port: 'veth-red-br' })
 */
export function* listMdb(options: ListMdbOptions = {}): Operation<MdbEntry[]> {
  checkFilter('listMdb', options)
  return yield* withChannel(options.netns, (channel) => list(channel, options, readMdb))
}

/**
 * The ports behind which bridges know multicast routers, as `bridge -d mdb` tells of them. The kernel has no filter here.
 *
 * @throws RangeError or TypeError naming the option, before anything is sent; NetlinkError ENODEV where there is no interface of that
 * name
 * @see bridge(8), rtnetlink(7)
 * @example const routers = await listMdbRouterPorts({ bridge: 'v-net-0' })
 */
export function* listMdbRouterPorts(options: ListMdbOptions = {}): Operation<MdbRouterPort[]> {
  checkFilter('listMdbRouterPorts', options)
  return yield* withChannel(options.netns, (channel) => list(channel, options, readRouterPorts))
}

function checkFilter(call: string, options: ListMdbOptions): void {
  checkKeys(call, options, ['bridge', 'port', 'vid', ...CALL_OPTIONS])
  const { bridge, port, vid } = options
  if (bridge !== undefined) checkDev(bridge, 'bridge')
  if (port !== undefined) checkDev(port, 'port')
  if (vid !== undefined) checkVid(vid, 'vid')
}

interface OfBridge {
  readonly ifindex: number
  readonly portIfindex: number
  readonly vid: number | null
}

function* list<T extends OfBridge>(
  channel: Channel,
  { bridge, port, vid }: ListMdbOptions,
  read: (bytes: Uint8Array, start: number, end: number, nameOf: (ifindex: number) => string | null) => T[],
): Operation<T[]> {
  const ifindex = bridge === undefined ? undefined : yield* resolveDev(channel, bridge, 'bridge')
  const portIfindex = port === undefined ? undefined : yield* resolveDev(channel, port, 'port')
  const nameOf = devNames(channel)
  const lists = yield* dump<T[]>(channel, {
    message: getMdb,
    body: { header: { family: AF_BRIDGE }, attributes: {} },
    flags: 0,
    answer: 'dump',
    read: (bytes, start, end) =>
      read(bytes, start, end, nameOf).filter(
        (it) =>
          (ifindex === undefined || it.ifindex === ifindex) &&
          (portIfindex === undefined || it.portIfindex === portIfindex) &&
          (vid === undefined || it.vid === vid),
      ),
  })
  return lists.flat()
}

/**
 * All ports that get one multicast group, as `bridge mdb get` (Linux 6.7): one request, no dump.
 *
 * @throws RangeError or TypeError naming the option, before anything is sent; NetlinkError ENOENT where nobody gets the group, ENODEV
 * where there is no such interface, EOPNOTSUPP from an older kernel
 * @see bridge(8), rtnetlink(7)
 * @example const ports = await getMdbEntry({ dev: 'v-net-0', group: '239.1.1.1' })
 */
export function* getMdbEntry(options: GetMdbEntryOptions): Operation<MdbEntry[]> {
  checkKeys('getMdbEntry', options, [...MDB_KEYS, ...CALL_OPTIONS])
  const { group, vid, source, srcVni } = options
  checkMdbKey({ ...options, port: mdbDev(options) })
  const dev = mdbDev(options)
  return yield* withChannel(options.netns, function* (channel) {
    const attrs =
      source == null && srcVni == null
        ? undefined
        : { source: source ?? undefined, srcVni: srcVni ?? undefined }
    return yield* requestOne<MdbEntry[]>(channel, {
      message: getMdb,
      body: {
        header: { family: AF_BRIDGE, ifindex: yield* resolveDev(channel, dev) },
        attributes: { entry: { ifindex: 0, state: 'temp', flags: [], vid: vid ?? 0, group }, attrs },
      },
      flags: 0,
      answer: 'reply',
      read: (bytes, start, end) => readMdb(bytes, start, end, (ifindex) => channel.ifname(ifindex)),
      subject: `multicast group ${group} of ${describeDev(dev)}`,
      advise: {
        ENOENT: 'no port gets this group',
        EOPNOTSUPP: 'it has no such table, or Linux is older than 6.7; listMdb() reads all',
      },
    })
  })
}
