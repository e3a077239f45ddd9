import { show } from '../../codec/fault.js'
import { parseMac } from '../../codec/index.js'
import { type Channel, type Operation, requestOne } from '../../netlink/operation.js'
import type { LinkOptions } from './options.js'
import { getLinkRequest } from './request.js'

export const ETHERNET = 6
const length = (address: string | null | undefined) => (address ? parseMac(address)!.length : 0)

/**
 * Throws RangeError for addresses that are not as long as those of the device: the kernel drops the end of a longer one. That is asked
 * only where it may be: devices with shorter addresses than Ethernet's have theirs for good.
 */
export function* checkAddressLengths(
  channel: Channel,
  ifindex: number,
  { mac, broadcast }: LinkOptions,
): Operation<void> {
  if (broadcast === undefined && (mac === undefined || length(mac) === ETHERNET)) return
  const there = length((yield* requestOne(channel, getLinkRequest(ifindex))).mac)
  for (const [field, address] of Object.entries({ mac, broadcast }))
    if (address !== undefined && length(address) !== there)
      throw new RangeError(
        `${field}: ${show(address)} has ${length(address)} bytes, the addresses of this interface have ${there}`,
      )
}
