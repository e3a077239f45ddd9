/** linux/if_link.h, enum IFLA_IPVLAN_*: ipvlan and ipvtap; docs in Documentation/networking/ipvlan.rst. */

import { show } from '../../../codec/fault.js'
import { attributes, enumeration, flags, names, u16 } from '../../../codec/index.js'
import { kind } from './kind.js'

/** enum ipvlan_mode */
const ipvlanModes = names({ l2: 0, l3: 1, l3s: 2 })
/** IPVLAN_F_*; neither is bridge. */
const ipvlanFlags = names({ private: 1, vepa: 2 })

const ipvlanAttributes = () =>
  attributes('IFLA_IPVLAN', {
    mode: [1, enumeration(u16, ipvlanModes)],
    flags: [2, flags(u16, ipvlanFlags)],
  })

/** Each rules the other out (ipvlan_nl_validate()). */
function checkFlags({ flags }: Readonly<Record<string, unknown>>): Record<string, unknown> {
  if (Array.isArray(flags) && flags.includes('private') && flags.includes('vepa'))
    throw new RangeError(`flags: ${show(flags)}: an ipvlan is 'private' or 'vepa', not both`)
  return {}
}

const traits = { needsLink: true, complete: checkFlags } as const

/** Shares the link-layer address of the interface underneath. */
export const ipvlan = kind('ipvlan', ipvlanAttributes, traits)
/** The same as a TAP device. */
export const ipvtap = kind('ipvtap', ipvlanAttributes, traits)
