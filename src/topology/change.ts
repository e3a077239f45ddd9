/** The steps that turn a link that is there into the wanted one. */

import { isRecord } from '../codec/fault.js'
import type { AddressInput } from '../rtnetlink/address/options.js'
import { findKind } from '../rtnetlink/link/kinds/index.js'
import type { Link } from '../rtnetlink/link/link.js'
import { isSettableState } from '../rtnetlink/link/options.js'
import type { Step } from './call.js'
import { addressChanges, isIpv4 } from './change-addresses.js'
import { changedOptions } from './compare.js'
import type { Change } from './diff.js'
import { changesMaster, hasMaster } from './gone.js'
import { findLink, type LinkModel, OPENING, pathOfAddress } from './network.js'
import { addressKey } from './parse-link.js'

export function changesOf(link: LinkModel, change: Change): Step[] {
  const { owned, found, gone } = change
  const there = findLink(found.wanted, link)!
  const { deleted, added } = addressChanges(link, there, owned)
  const { netns, name: dev, path } = link
  const step = (call: 'addAddress' | 'deleteAddress', address: AddressInput): Step => {
    const undo = call === 'addAddress' ? 'deleteAddress' : 'addAddress'
    const at = pathOfAddress(link, address) ?? path
    return { path: at, call: { call, netns, dev, address }, undo: { call: undo, netns, dev, address } }
  }
  const comesUp = link.options['up'] !== false && there.options['up'] === false
  // They are there still where net.ipv6.conf.*.keep_addr_on_down is set. Of one that it need not look for, the kernel makes no route to the
  // other end where the link comes up later (fixup_permanent_addr() of net/ipv6/addrconf.c).
  const replaced = link.addresses.filter(
    (address) =>
      !isIpv4(address) &&
      !added.has(addressKey(address)) &&
      (gone.isDown(link) || losesIpv6(link, change) || (comesUp && address.peer != null)),
  )
  return [
    ...[...deleted.values()].map((address) => step('deleteAddress', address)),
    ...setLinkSteps(link, there, change),
    ...replaced.map((address): Step => {
      const at = pathOfAddress(link, address)!
      return { path: at, call: { call: 'replaceAddress', netns, dev, address }, undo: null }
    }),
    ...[...added.values()].map((address) => step('addAddress', address)),
  ]
}

/** IPV6_MIN_MTU: with less the kernel takes the addresses away without an error (addrconf_notify()), and refuses others. */
const LEAST_MTU = 1280

function losesIpv6({ netns, name, options }: LinkModel, { found }: Change): boolean {
  const lowered = found.lowering.find(({ call }) => call.netns === netns && call.dev === name)
  const { mtu } = lowered?.call.options ?? options
  return typeof mtu === 'number' && mtu < LEAST_MTU
}

/** Whether all links that it is on are to be up. */
function isOverUp({ link }: LinkModel, change: Change): boolean {
  const below = link === null ? undefined : findLink(change.wanted, link)
  return below === undefined || (below.options['up'] !== false && isOverUp(below, change))
}

/** With the first of two the kernel sets the second one (netif_set_gso_max_size(), netif_set_gro_max_size()). */
const SIZES = [
  ['gsoMaxSize', 'gsoIpv4MaxSize'],
  ['groMaxSize', 'groIpv4MaxSize'],
] as const

/** What is set of it, its master with it. */
function setLinkSteps(link: LinkModel, there: LinkModel, change: Change): Step[] {
  const { netns, name: dev, path, kind, master } = link
  const set = (options: Record<string, unknown>, before: Record<string, unknown>): Step => {
    const call = { call: 'setLink', netns, dev } as const
    return { path, call: { ...call, options }, undo: { ...call, options: before } }
  }
  const changed = Object.fromEntries(changedOptions(link, there).map((key) => [key, link.options[key]]))
  for (const [size, ofIpv4] of SIZES)
    if (size in changed && link.options[ofIpv4] !== undefined) changed[ofIpv4] = link.options[ofIpv4]
  const ofKind = Object.keys(changed).some((key) => findKind(kind)?.options.includes(key))
  const moves = changesMaster(link, there, change)
  // Such a master wants it down, and brings it up.
  const opens = moves && hasMaster(OPENING, link, there, change)
  if (opens) delete changed['up']
  // The kernel may have brought it up with the link underneath.
  else if (change.gone.isDown(link) && link.options['up'] === false) changed['up'] = false
  // It comes up with that, but maybe a moment later, and what goes by it could not be added before.
  else if (change.gone.mayStayUp(link) && isOverUp(link, change)) changed['up'] = true
  // It gives back the MAC address and the MTU that a port came with, whatever they are set to before (__bond_release_one(), team_port_del()).
  const leavesFirst =
    opens && there.master !== null && !change.gone.has(netns, there.master) && Object.keys(changed).length > 0
  const present = leavesFirst ? null : there.master
  // One that is made anew under the same name is another.
  const enters = moves && !(leavesFirst && master === null)
  const options: Record<string, unknown> = {
    ...(ofKind ? { kind } : {}),
    ...changed,
    ...(enters ? { master } : {}),
  }
  const steps: Step[] = []
  if (opens && there.options['up'] !== false) steps.push(set({ up: false }, { up: true }))
  if (leavesFirst) steps.push(set({ master: null }, { master: there.master }))
  if (Object.keys(options).length > 0) {
    const before: Record<string, unknown> = { kind, master: present, ...there.options }
    // Of the states that an interface can be in, few can be set: the others follow by themselves.
    const isSettable = (key: string) =>
      key !== 'operState' || isSettableState(before[key] as Link['operState'])
    for (const part of inTurn(options)) {
      const settable = Object.keys(part).filter(isSettable)
      const undo = settable.map((key) => [key, likeSaid(part[key], before[key])])
      steps.push(set(part, Object.fromEntries(undo)))
    }
  }
  if (opens) steps.push(set({ up: link.options['up'] !== false }, { up: false }))
  return steps
}

/**
 * Of one message the kernel takes a bridge's delay before it begins or ends the spanning tree protocol, with which it takes fewer of them
 * (br_changelink() of net/bridge/br_netlink.c, br_set_forward_delay()): it is changed while that is off.
 */
function inTurn(options: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>>[] {
  const { kind, forwardDelay, ...others } = options
  if (forwardDelay === undefined || others['stp'] === undefined) return [options]
  const [delay, rest] = [
    { kind, forwardDelay },
    { kind, ...others },
  ]
  return others['stp'] ? [delay, rest] : [rest, delay]
}

/** Of switches those that are set: others the kernel may not take at all. */
function likeSaid(value: unknown, before: unknown): unknown {
  if (!isRecord(value) || !isRecord(before)) return before
  return Object.fromEntries(Object.keys(value).map((key) => [key, before[key]]))
}
