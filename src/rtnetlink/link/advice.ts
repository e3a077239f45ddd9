/** What is usually the matter, where the kernel gives a number alone. */

import type { Extack } from '../../netlink/extack.js'
import type { Channel } from '../../netlink/operation.js'
import type { Dev } from './request.js'
import type { LinkSettings } from './settings.js'

/** Advice for a link of any kind that could not be made. `channel` is where it was to live. */
export function adviseCreation(
  code: string,
  extack: Extack,
  kind: string,
  { name, ifindex, master }: LinkSettings,
  channel: Channel,
): string | undefined {
  switch (code) {
    case 'EOPNOTSUPP':
      if (extack.message?.startsWith('Unknown device type'))
        return `the kernel lacks link kind '${kind}' (a module to load, or CONFIG_ of the kernel)`
      return adviseMaster(code, master) ?? `this kernel does not support one of the options of kind '${kind}'`
    case 'EEXIST':
      return channel.ifindex(name) > 0
        ? `an interface '${name}' is there already (found by looking)`
        : `no interface '${name}' is there (found by looking): another link has the same parameters`
    case 'EBUSY':
      return ifindex === undefined ? undefined : `the ifindex ${ifindex} may be taken`
    default:
      return undefined
  }
}

/** Advice for an interface that does not become a port. */
export function adviseMaster(code: string, master: Dev | null | undefined): string | undefined {
  if (code !== 'EOPNOTSUPP' || master === undefined || master === null) return undefined
  return `${typeof master === 'number' ? `interface ${master}` : `'${master}'`} takes no ports: it is no bridge, bond, team or VRF`
}

/** Who is in the way of a new name: the kernel does not say, so we look and mark it as our own finding. */
export function adviseTaken(ends: readonly { readonly name: string; readonly channel: Channel }[]): string {
  const taken = ends
    .filter(({ name, channel }) => channel.ifindex(name) > 0)
    .map(({ name, channel }) => `'${name}' ${channel.where}`.trimEnd())
  if (taken.length === 0)
    return 'neither name is taken now (found by looking); both ends cannot have one name in one namespace'
  return `found by looking: ${taken.join(' and ')} ${taken.length === 1 ? 'is' : 'are'} there already`
}
