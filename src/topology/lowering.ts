/** Links whose MTU the kernel lowers with that of the link underneath, and does not give back. */

import type { Call, Step } from './call.js'
import { findLink, type LinkModel, type Network } from './network.js'
import type { Raw } from './raw.js'

/** Their kinds (vlan_device_event(), macvlan_device_event()). */
const LOWERED = ['macvlan', 'macvtap', 'vlan']

/** A step that lowers one. */
export type Lowering = Step & { readonly call: Extract<Call, { call: 'setLink' }> }

/**
 * The steps that lower those which say none before the kernel does, the uppermost first: taken back, the last step first, they give back what
 * there was. Not what is on a bridge that follows its ports: whether one follows them the kernel does not tell.
 */
export function loweringSteps(raw: Raw, wanted: Network): Lowering[] {
  const lowered: [height: number, step: Lowering][] = []
  for (const { netns, links } of wanted.places.values()) {
    const limits = [...links.values()].flatMap((link) => limitOf(link, wanted) ?? [])
    if (limits.length === 0) continue
    const found = new Map(raw.places.get(netns)?.links.map(({ name, mtu }) => [name, mtu]))
    for (const { link, height, mtu } of limits) {
      const before = found.get(link.name)
      if (before === undefined || before <= mtu) continue
      const call = { call: 'setLink', netns, dev: link.name } as const
      const undo = { ...call, options: { mtu: before } }
      lowered.push([height, { path: link.path, call: { ...call, options: { mtu } }, undo }])
    }
  }
  return lowered.toSorted(([a], [b]) => b - a).map(([, step]) => step)
}

/** What a link that says none may have at most, and how many others below it may not have more either; null where nothing is said. */
function limitOf(link: LinkModel, wanted: Network): { link: LinkModel; mtu: number; height: number } | null {
  let height = 0
  for (let lower = link; LOWERED.includes(lower.kind) && lower.link !== null; height++) {
    const below = findLink(wanted, lower.link)
    if (lower.options['mtu'] !== undefined || below === undefined) return null
    const { mtu } = below.options
    if (typeof mtu === 'number') return { link, mtu, height }
    lower = below
  }
  return null
}
