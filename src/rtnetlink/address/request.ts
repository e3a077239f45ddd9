/** The address requests that operations are made of. */

import { formatIpv4, parseIpv4 } from '../../codec/index.js'
import type { Extack } from '../../netlink/extack.js'
import type { Request } from '../../netlink/request.js'
import { AF_INET, AF_INET6 } from '../family.js'
import { type Dev, describeDev } from '../link/request.js'
import { RT_SCOPE_HOST, RT_SCOPE_UNIVERSE } from '../route/constants.js'
import { type AddressInput, flagBits, lifetimesOf, type Place, placeOf } from './options.js'
import { delAddress, newAddress } from './table.js'

/**
 * RTM_NEWADDR, to add (NLM_F_CREATE, NLM_F_EXCL) or to replace (NLM_F_CREATE, NLM_F_REPLACE). `dev` is the interface as errors
 * shall name it; the input has been checked.
 */
export function newAddressRequest(ifindex: number, dev: Dev, input: AddressInput, flags: number): Request {
  const place = placeOf(input)
  const bits = flagBits(input.flags ?? [])
  const attributes = {
    local: place.local,
    label: input.label ?? undefined,
    rtPriority: input.metric ?? undefined,
    // As iproute2: in the header what has its place there.
    flags: bits > 0xff ? [bits] : undefined,
    address: place.address,
    broadcast: input.broadcast === true ? broadcastOf(place) : (input.broadcast ?? undefined),
    proto: input.protocol ?? undefined,
    cacheinfo: lifetimesOf(input),
  }
  return {
    message: newAddress,
    body: {
      header: {
        family: place.family,
        prefixlen: place.length,
        flags: bits > 0xff ? [] : [bits],
        scope: input.scope ?? defaultScope(place),
        index: ifindex,
      },
      attributes,
    },
    flags,
    answer: 'ack',
    subject: describe(input, dev),
    advise: place.family === AF_INET6 ? adviseAddingIpv6 : adviseAdding,
  }
}

function adviseAdding(code: string): string | undefined {
  return code === 'EEXIST' ? 'the interface has it already; replaceAddress() changes it' : undefined
}

/** Without IPv6 on the interface there is no idev, and the kernel does not say why (ipv6_add_dev() of net/ipv6/addrconf.c). */
function adviseAddingIpv6(code: string, { message }: Extack): string | undefined {
  if (code === 'EINVAL' && message === null)
    return 'perhaps the MTU of the interface is below 1280, with which it has no IPv6'
  return adviseAdding(code)
}

/** RTM_DELADDR: the kernel looks for address, prefix length and peer. */
export function deleteAddressRequest(ifindex: number, dev: Dev, input: AddressInput): Request {
  const { family, length, local, address } = placeOf(input)
  return {
    message: delAddress,
    body: { header: { family, prefixlen: length, index: ifindex }, attributes: { local, address } },
    flags: 0,
    answer: 'ack',
    subject: describe(input, dev),
    advise: {
      EADDRNOTAVAIL:
        'the interface has no such address; the prefix length and the peer have to be the same too',
    },
  }
}

function describe({ address, peer }: AddressInput, dev: Dev): string {
  return `address ${address}${peer == null ? '' : ` peer ${peer}`} on ${describeDev(dev)}`
}

/** What iproute2 gives an address of whose scope nothing is said. */
export function defaultScope({ family, local }: Place): number {
  return family === AF_INET && local.startsWith('127.') ? RT_SCOPE_HOST : RT_SCOPE_UNIVERSE
}

/** The last address of the prefix; one of at most two addresses has none to spare. */
function broadcastOf({ address, length }: Place): string | undefined {
  if (length > 30) return undefined
  const bytes = new Uint8Array(4)
  parseIpv4(address, bytes, 0)
  for (let bit = length; bit < 32; bit++) bytes[bit >> 3]! |= 0x80 >> (bit & 7)
  return formatIpv4(bytes, 0)
}
