/** Checks that several kinds share. */

import { show } from '../../../codec/fault.js'
import { checkInteger } from '../../../netlink/check.js'
import { checkVni } from '../../vni.js'

type Options = Readonly<Record<string, unknown>>

/** A tunnel has a network identifier unless each packet brings its own (`collectMetadata`). */
export function checkTunnelId(kind: string, { id, collectMetadata }: Options): void {
  if (id !== undefined) checkVni(id, 'id')
  else if (collectMetadata !== true)
    throw new TypeError(`id: a link of kind '${kind}' needs it, or collectMetadata`)
}

/** Addresses of one tunnel are all IPv4 or all IPv6. */
export function checkOneFamily(options: Options, fields: readonly string[]): void {
  const given = fields.filter((field) => typeof options[field] === 'string')
  const isIpv6 = (field: string) => String(options[field]).includes(':')
  const odd = given.find((field) => isIpv6(field) !== isIpv6(given[0]!))
  if (odd !== undefined)
    throw new RangeError(
      `${odd}: '${options[odd]}' is of another family than ${given[0]} '${options[given[0]!]}'`,
    )
}

const MAX_LABEL = 0xfffff

/** What tunnels in UDP are sent. The kernel cuts a longer label in silence, and looks at one of `ttl` and `ttlInherit`. */
export function completeUdpTunnel({ label, ttl, ttlInherit }: Options): Record<string, unknown> {
  if (label !== undefined) checkInteger(label, 'label', 0, MAX_LABEL, 'a flow label')
  if (ttl === undefined) return {}
  if (ttlInherit === true) throw new RangeError(`ttl: ${show(ttl)} does not go with ttlInherit`)
  // Where it stands, Geneve does not look at the other.
  return ttlInherit === false ? { ttlInherit: undefined } : {}
}

/** The TTL is that of the packet inside. */
export const meaninglessTtl = ({ ttlInherit }: Options): ['ttl'] | [] => (ttlInherit === true ? ['ttl'] : [])
