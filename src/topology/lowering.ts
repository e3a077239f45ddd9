/** Links whose MTU the kernel lowers with that of the link underneath, and does not give back. */

import type { Step } from './call.js'
import { findLink, type LinkModel, type Network, type Reference } from './network.js'
import type { Raw } from './raw.js'

/** Their kinds (vlan_device_event(), macvlan_device_event()). */
const LOWERED = ['macvlan', 'macvtap', 'vlan']

/**
 * The steps that lower those which say none before the kernel does, the uppermost first: taken back, the last step first, they give back what
 * there was. Not what is on a bridge that follows its ports: whether one follows them the kernel does not tell.
 */
export function loweringSteps(raw: Raw, wanted: Network): Step[] {
  const lowered: [height: number, step: Step][] = []
  for (const { links } of wanted.places.values())
    for (const link of links.values()) {
      if (!isLowered(link)) continue
      const { netns, name: dev, path } = link
      const before = mtuOf(raw, link)
      const mtu = mtuToBe(raw, wanted, link)
      if (before === undefined || mtu === before) continue
      const call = { call: 'setLink', netns, dev } as const
      const step = { path, call: { ...call, options: { mtu } }, undo: { ...call, options: { mtu: before } } }
      lowered.push([heightOf(wanted, link), step])
    }
  return lowered.toSorted(([a], [b]) => b - a).map(([, step]) => step)
}

function isLowered({ kind, options }: LinkModel): boolean {
  return LOWERED.includes(kind) && options['mtu'] === undefined
}

function mtuOf(raw: Raw, { netns, name }: Reference): number | undefined {
  return raw.places.get(netns)?.links.find((link) => link.name === name)?.mtu
}

/** Undefined of what is not there yet. */
function mtuToBe(raw: Raw, wanted: Network, reference: Reference): number | undefined {
  const link = findLink(wanted, reference)
  const said = link?.options['mtu']
  if (typeof said === 'number') return said
  const mtu = mtuOf(raw, reference)
  if (mtu === undefined || !link?.link || !isLowered(link)) return mtu
  return Math.min(mtu, mtuToBe(raw, wanted, link.link) ?? mtu)
}

/** How many links it is on that are lowered, too. */
function heightOf(wanted: Network, { link }: LinkModel): number {
  const below = link === null ? undefined : findLink(wanted, link)
  return below === undefined || !isLowered(below) ? 0 : 1 + heightOf(wanted, below)
}
