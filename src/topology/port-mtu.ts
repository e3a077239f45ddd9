/** Bonds and teams give their ports their MTU. */

import { show } from '../codec/fault.js'
import type { Call, Step } from './call.js'
import { same } from './compare.js'
import { findLink, type Network, OPENING, type Reference, referenceText } from './network.js'
import { DEFAULT_MTU } from './unsaid-link.js'

/**
 * Checks the ports that steps would make or give an MTU, and no others: somebody may have given a port another one since, which is read and
 * drawn, deleted and left alone.
 *
 * @throws RangeError for the MTU of a port that its bond or team would give another
 */
export function checkPortMtus(network: Network, steps: readonly Step[]): void {
  const given = new Set(steps.flatMap(({ call }) => givenMtu(call)).map((link) => referenceText(link)))
  for (const { links } of network.places.values())
    for (const port of links.values()) {
      const { netns, path, master } = port
      const over = master === null ? undefined : findLink(network, { netns, name: master })
      if (over === undefined || !OPENING.includes(over.kind)) continue
      const { mtu = DEFAULT_MTU } = over.options
      if ([port, over].some((link) => given.has(referenceText(link))) && !same(port.options['mtu'], mtu))
        throw new RangeError(`${path}.mtu: '${over.name}' gives its ports its own MTU, ${show(mtu)}`)
    }
}

/** The links that a call makes, or gives an MTU of their own or of a master. */
function givenMtu(call: Call): Reference[] {
  switch (call.call) {
    case 'createVethPair':
      return [call.near, call.far]
    case 'createLink':
      return [call.link]
    case 'setLink':
      return 'mtu' in call.options || 'master' in call.options ? [{ netns: call.netns, name: call.dev }] : []
    default:
      return []
  }
}
