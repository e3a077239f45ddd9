/** The steps that turn a link that is there into the wanted one. */

import type { AddressInput } from '../rtnetlink/address/options.js'
import { findKind } from '../rtnetlink/link/kinds/index.js'
import type { Step } from './call.js'
import { changedOptions } from './compare.js'
import type { Found } from './diff.js'
import { changesMaster, type Gone, hasMaster } from './gone.js'
import { addressChanges, isIpv4 } from './gone-addresses.js'
import { findLink, type LinkModel, type Network, OPENING } from './network.js'
import { addressKey } from './parse-link.js'

export function changesOf(
  link: LinkModel,
  wanted: Network,
  owned: Network | null,
  found: Found,
  gone: Gone,
): Step[] {
  const there = findLink(found.wanted, link)!
  const { deleted, added } = addressChanges(link, there, owned)
  const { netns, name: dev, path } = link
  const change = (change: 'addAddress' | 'deleteAddress', address: AddressInput): Step => {
    const call = { netns, dev, address }
    const undo = change === 'addAddress' ? 'deleteAddress' : 'addAddress'
    return { path, call: { call: change, ...call }, undo: { call: undo, ...call } }
  }
  // They are there still where net.ipv6.conf.*.keep_addr_on_down is set.
  const replaced = link.addresses.filter(
    (address) => gone.isDown(link) && !isIpv4(address) && !added.has(addressKey(address)),
  )
  return [
    ...[...deleted.values()].map((address) => change('deleteAddress', address)),
    ...setLinkSteps(link, there, wanted, owned, found, gone),
    ...replaced.map(
      (address): Step => ({ path, call: { call: 'replaceAddress', netns, dev, address }, undo: null }),
    ),
    ...[...added.values()].map((address) => change('addAddress', address)),
  ]
}

/** What is set of it, its master with it. */
function setLinkSteps(
  link: LinkModel,
  there: LinkModel,
  wanted: Network,
  owned: Network | null,
  found: Found,
  gone: Gone,
): Step[] {
  const { netns, name: dev, path, kind, master } = link
  const set = (options: Record<string, unknown>, before: Record<string, unknown>): Step => {
    const call = { call: 'setLink', netns, dev } as const
    return { path, call: { ...call, options }, undo: { ...call, options: before } }
  }
  const changed = Object.fromEntries(changedOptions(link, there).map((key) => [key, link.options[key]]))
  const ofKind = Object.keys(changed).some((key) => findKind(kind)?.options.includes(key))
  const moves = changesMaster(link, there, owned, gone)
  // Such a master wants it down, and brings it up.
  const opens = moves && hasMaster(OPENING, link, there, wanted, found)
  if (opens) delete changed['up']
  const options = { ...(ofKind ? { kind } : {}), ...changed, ...(moves ? { master } : {}) }
  const steps: Step[] = []
  if (opens && there.options['up'] !== false) steps.push(set({ up: false }, { up: true }))
  if (Object.keys(options).length > 0) {
    const before: Record<string, unknown> = { kind, master: there.master, ...there.options }
    steps.push(set(options, Object.fromEntries(Object.keys(options).map((key) => [key, before[key]]))))
  }
  if (opens) steps.push(set({ up: link.options['up'] !== false }, { up: false }))
  return steps
}
