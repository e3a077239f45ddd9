/** Whether a bridge that is there changes its MTU by itself, as its ports change: to the smallest of theirs (br_mtu_auto_adjust()). */

import { changedOptions } from './compare.js'
import type { Gone } from './gone.js'
import type { LinkModel, Network } from './network.js'

export function portsChange(bridge: LinkModel, wanted: Network, found: Network, gone: Gone): boolean {
  const next = portsOf(bridge, wanted)
  const there = portsOf(bridge, found)
  const isOld = (port: LinkModel) => {
    const before = there.find(({ name }) => name === port.name)
    return (
      before === undefined || gone.has(port.netns, port.name) || changedOptions(port, before).includes('mtu')
    )
  }
  return next.some(isOld) || there.some(({ name }) => !next.some((port) => port.name === name))
}

export function portsOf({ netns, name }: LinkModel, network: Network): LinkModel[] {
  const links = network.places.get(netns)?.links.values() ?? []
  return [...links].filter(({ master }) => master === name)
}
