import type { CallOptions } from '../../netlink/call.js'
import type { NetnsLike, Operation } from '../../netlink/operation.js'
import { exchange, NETNS, request, requestOne, withChannel, withNetns } from '../../netlink/operation.js'
import type { Request } from '../../netlink/request.js'
import {
  CALL_OPTIONS,
  checkBoolean,
  checkIfindex,
  checkIfname,
  checkInteger,
  checkKeys,
  checkMac,
} from '../input.js'
import { IFF_ALLMULTI, IFF_MULTICAST, IFF_NOARP, IFF_PROMISC, IFF_UP } from './constants.js'
import type { Link } from './link.js'
import {
  type Dev,
  deleteLinkRequest,
  describeDev,
  getLinkRequest,
  type LinkBody,
  newLinkRequest,
  resolveDev,
} from './request.js'
import { checkDev } from './settings.js'
import { delLinkProp, newLinkProp } from './table.js'

export interface SetLinkOptions extends CallOptions {
  up?: boolean | undefined
  /** Bytes. */
  mtu?: number | undefined
  mac?: string | undefined
  /** A new name. */
  name?: string | undefined
  /** A bridge, bond or VRF that it becomes a port of; null takes it out. */
  master?: Dev | null | undefined
  /** Packets. */
  txQueueLength?: number | undefined
  /** A text for people, of at most 255 bytes; null removes it. */
  alias?: string | null | undefined
  group?: number | undefined
  promiscuous?: boolean | undefined
  arp?: boolean | undefined
  multicast?: boolean | undefined
  allMulticast?: boolean | undefined
  /** Alternative names, of at most 127 bytes each. */
  addAltNames?: readonly string[] | undefined
  removeAltNames?: readonly string[] | undefined
}

/** Options that are a bit of ifi_flags; `inverted` where the kernel's bit means the opposite. */
const FLAG_OPTIONS = [
  { option: 'up', bit: IFF_UP, inverted: false },
  { option: 'promiscuous', bit: IFF_PROMISC, inverted: false },
  { option: 'arp', bit: IFF_NOARP, inverted: true },
  { option: 'multicast', bit: IFF_MULTICAST, inverted: false },
  { option: 'allMulticast', bit: IFF_ALLMULTI, inverted: false },
] as const satisfies readonly { option: keyof SetLinkOptions; bit: number; inverted: boolean }[]

const SET_OPTIONS = [
  ...FLAG_OPTIONS.map(({ option }) => option),
  'mtu',
  'mac',
  'name',
  'master',
  'txQueueLength',
  'alias',
  'group',
  'addAltNames',
  'removeAltNames',
  ...CALL_OPTIONS,
]

/**
 * Changes an interface: all that is given in one request (alternative names in another). What is not given stays.
 *
 * @throws RangeError or TypeError naming the option; NetlinkError ENODEV where there is no such interface
 * @see ip-link(8), rtnetlink(7)
 * @example await setLink('veth-red', { mtu: 9000, master: null, up: true, netns: 'red' })
 */
export function* setLink(dev: Dev, options: SetLinkOptions): Operation<void> {
  checkKeys('setLink', options, SET_OPTIONS)
  checkDev(dev, 'dev')
  checkSettings(options)
  yield* withChannel(options.netns, function* (channel) {
    const ifindex = yield* resolveDev(channel, dev)
    const { master } = options
    const masterIndex =
      master === null ? 0 : master === undefined ? undefined : yield* resolveDev(channel, master, 'master')
    for (const asked of setLinkRequests(ifindex, describeDev(dev), options, masterIndex))
      yield* request(channel, asked)
  })
}

function checkSettings(options: SetLinkOptions): void {
  for (const { option } of FLAG_OPTIONS)
    if (options[option] !== undefined) checkBoolean(options[option], option)
  const { mtu, mac, name, master, txQueueLength, alias, group } = options
  if (mtu !== undefined) checkInteger(mtu, 'mtu', 0, 0x7fffffff, 'an MTU')
  if (mac !== undefined) checkMac(mac)
  if (name !== undefined) checkIfname(name)
  if (master !== undefined && master !== null) checkDev(master, 'master')
  if (txQueueLength !== undefined) checkInteger(txQueueLength, 'txQueueLength', 0, 0xffffffff)
  if (group !== undefined) checkInteger(group, 'group', 0, 0xffffffff)
  if (alias !== undefined && alias !== null && typeof alias !== 'string')
    throw new TypeError(`alias: ${String(alias)} is not a string`)
  for (const option of ['addAltNames', 'removeAltNames'] as const) {
    options[option]?.forEach((value, index) => {
      checkDev(value, `${option}[${index}]`)
    })
  }
}

/** The requests of one change. */
export function setLinkRequests(
  ifindex: number,
  subject: string,
  options: SetLinkOptions,
  master: number | undefined,
): Request[] {
  const { mtu, mac, name, txQueueLength, alias, group, addAltNames = [], removeAltNames = [] } = options
  let flags = 0
  let change = 0
  for (const { option, bit, inverted } of FLAG_OPTIONS) {
    const value = options[option]
    if (value === undefined) continue
    change |= bit
    if (value !== inverted) flags |= bit
  }
  const attributes: LinkBody['attributes'] = {
    ifname: name,
    address: mac,
    mtu,
    txqlen: txQueueLength,
    ifalias: alias === null ? '' : alias,
    group,
    master,
  }
  const requests: Request[] = []
  if (change !== 0 || Object.values(attributes).some((value) => value !== undefined)) {
    requests.push(newLinkRequest(subject, 0, { header: { index: ifindex, flags, change }, attributes }))
  }
  for (const [message, names] of [
    [delLinkProp, removeAltNames] as const,
    [newLinkProp, addAltNames] as const,
  ]) {
    if (names.length === 0) continue
    const body = { header: { index: ifindex }, attributes: { propList: { altIfname: names } } }
    requests.push({ message, body, flags: 0, answer: 'ack', subject })
  }
  return requests
}

export interface MoveLinkOptions extends CallOptions {
  /** Its name over there. */
  name?: string | undefined
  /** Its ifindex over there. */
  ifindex?: number | undefined
}

/**
 * Moves an interface to another namespace and reads it back there. The kernel waits for readers on all processors: some 15 to 20 ms,
 * where making an interface in its namespace costs nothing more (createVethPair does that). It loses its addresses and routes, and is
 * down.
 *
 * @throws NetlinkError EEXIST where the name is taken over there, EINVAL for interfaces that cannot move (lo, a bridge)
 * @example await moveLink('eth7', 'red', { name: 'eth0' })
 */
export function* moveLink(dev: Dev, target: NetnsLike, options: MoveLinkOptions = {}): Operation<Link> {
  checkKeys('moveLink', options, ['name', 'ifindex', ...CALL_OPTIONS])
  checkDev(dev, 'dev')
  if (options.name !== undefined) checkIfname(options.name)
  if (options.ifindex !== undefined) checkIfindex(options.ifindex, 'ifindex')
  return yield* withChannel(options.netns, (channel) =>
    withNetns(target, function* (netns) {
      const ifindex = yield* resolveDev(channel, dev)
      const subject = describeDev(dev)
      const name = options.name ?? channel.ifname(ifindex) ?? ifindex
      const attributes = { netNsFd: netns.fd, ifname: options.name, newIfindex: options.ifindex }
      const move = newLinkRequest(subject, 0, { header: { index: ifindex }, attributes })
      const [moved] = yield* exchange(channel, [{ ...move, holds: [netns] }])
      if (moved!.error !== null) throw moved!.error
      return yield* withChannel({ [NETNS]: netns }, (there) => requestOne(there, getLinkRequest(name)))
    }),
  )
}

/**
 * Deletes an interface; a veth's peer goes too. Deleting the namespace of many interfaces is much faster than deleting them one by one.
 *
 * @throws NetlinkError ENODEV where there is no such interface, EOPNOTSUPP for one that was not made by netlink (lo)
 * @example await deleteLink('veth-red-br')
 */
export function* deleteLink(dev: Dev, options: CallOptions = {}): Operation<void> {
  checkKeys('deleteLink', options, CALL_OPTIONS)
  checkDev(dev, 'dev')
  yield* withChannel(options.netns, function* (channel) {
    const ifindex = yield* resolveDev(channel, dev)
    yield* request(channel, deleteLinkRequest(ifindex, describeDev(dev)))
  })
}
