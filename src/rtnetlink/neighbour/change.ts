import { show } from '../../codec/fault.js'
import { parseMac } from '../../codec/index.js'
import type { CallOptions } from '../../netlink/call.js'
import { CALL_OPTIONS, checkKeys } from '../../netlink/check.js'
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../netlink/constants.js'
import { type Operation, request, withChannel } from '../../netlink/operation.js'
import type { Request } from '../../netlink/request.js'
import { checkAddressLengths, ETHERNET } from '../link/address-length.js'
import { getLink } from '../link/list.js'
import { describeDev, requestAbout, resolveDev } from '../link/request.js'
import {
  checkNeighbourInput,
  checkNeighbourKey,
  lacksMac,
  NEIGHBOUR_KEYS,
  type NeighbourInput,
  type NeighbourKey,
} from './options.js'
import { deleteNeighbourRequest, EVERY_INTERFACE, newNeighbourRequest } from './request.js'

/** The entry, and the namespace of its interface. */
export interface AddNeighbourOptions extends NeighbourInput, CallOptions {}

/** Which entry, and the namespace of its interface. */
export interface DeleteNeighbourOptions extends NeighbourKey, CallOptions {}

/**
 * Puts an entry into the ARP (IPv4) or NDP (IPv6) table of an interface, or into those of the proxies.
 *
 * @throws RangeError, TypeError before anything is changed; NetlinkError EEXIST where there is an entry already, ENODEV where
 * there is no such interface
 * @see ip-neighbour(8), arp(7), rtnetlink(7)
 * @example await addNeighbour({ to: '192.168.15.9', mac: '02:00:00:00:00:09', dev: 'eth0', netns: 'red' })
 * @example await addNeighbour({ to: '192.168.15.7', proxy: true, dev: 'eth0' })
 */
export function addNeighbour(neighbour: AddNeighbourOptions): Operation<void> {
  return put('addNeighbour', neighbour, NLM_F_CREATE | NLM_F_EXCL)
}

/**
 * Puts an entry into the table, or changes the one that is there. Without a `mac` the known one stays:
 * `replaceNeighbour({ to, dev, state: 'permanent' })` makes an entry that was learnt permanent.
 *
 * @throws RangeError, TypeError before anything is sent; NetlinkError ENODEV where there is no such interface
 * @see ip-neighbour(8), arp(7), rtnetlink(7)
 * @example await replaceNeighbour({ to: '192.168.15.9', mac: '02:00:00:00:00:0a', dev: 'eth0', state: 'stale' })
 */
export function replaceNeighbour(neighbour: AddNeighbourOptions): Operation<void> {
  return put('replaceNeighbour', neighbour, NLM_F_CREATE | NLM_F_REPLACE)
}

/**
 * Changes an entry that is there, as `ip neighbour change`: replaceNeighbour() that makes none.
 *
 * @throws RangeError, TypeError before anything is sent; NetlinkError ENOENT where there is no such entry, ENODEV where there is no such
 * interface
 * @see ip-neighbour(8), arp(7), rtnetlink(7)
 * @example await changeNeighbour({ to: '192.168.15.9', mac: '02:00:00:00:00:0a', dev: 'eth0' })
 */
export function changeNeighbour(neighbour: AddNeighbourOptions): Operation<void> {
  return put('changeNeighbour', neighbour, NLM_F_REPLACE)
}

function* put(call: string, neighbour: AddNeighbourOptions, flags: number): Operation<void> {
  checkKeys(call, neighbour, [...NEIGHBOUR_KEYS, ...CALL_OPTIONS])
  checkNeighbourInput(neighbour)
  if (neighbour.mac != null) yield* checkLength(neighbour)
  // Of an entry that is there the address stays.
  if ((flags & NLM_F_REPLACE) === 0 && lacksMac(neighbour)) yield* checkWithoutMac(neighbour)
  yield* send(neighbour, (ifindex) => newNeighbourRequest(ifindex, neighbour, flags))
}

/**
 * Deletes an entry. One that the kernel is using stays for a moment, as 'failed'.
 *
 * @throws RangeError, TypeError before anything is sent; NetlinkError ENOENT where there is no such entry, ENODEV where there
 * is no such interface
 * @see ip-neighbour(8), arp(7), rtnetlink(7)
 * @example await deleteNeighbour({ to: '192.168.15.9', dev: 'eth0', netns: red })
 */
export function* deleteNeighbour(neighbour: DeleteNeighbourOptions): Operation<void> {
  checkKeys('deleteNeighbour', neighbour, [...NEIGHBOUR_KEYS, ...CALL_OPTIONS])
  checkNeighbourKey(neighbour)
  yield* send(neighbour, (ifindex) => deleteNeighbourRequest(ifindex, neighbour))
}

/** The kernel drops the end of an address that is longer than those of the interface. */
function* checkLength({ netns, dev, ifindex, mac }: AddNeighbourOptions): Operation<void> {
  // One that is shorter the kernel refuses.
  if (parseMac(mac)!.length <= ETHERNET) return
  yield* withChannel(netns, function* (channel) {
    yield* checkAddressLengths(channel, yield* resolveDev(channel, (dev ?? ifindex)!), { mac: mac! })
  })
}

/** The kernel would refuse it too, but leave an entry without state behind. */
function* checkWithoutMac({ netns, dev, ifindex, state }: AddNeighbourOptions): Operation<void> {
  const { mac, name } = yield* getLink(dev ?? ifindex!, { netns })
  if (mac !== null) throw new TypeError(`mac: state ${show(state)} needs one on ${describeDev(name)}`)
}

function* send(
  { netns, dev, ifindex }: DeleteNeighbourOptions,
  make: (ifindex: number) => Request,
): Operation<void> {
  const about = dev ?? ifindex
  if (about != null) yield* requestAbout(netns, about, make)
  else yield* withChannel(netns, (channel) => request(channel, make(EVERY_INTERFACE)))
}
