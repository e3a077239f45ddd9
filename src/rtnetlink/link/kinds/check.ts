/** Checks that several kinds share. */

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
