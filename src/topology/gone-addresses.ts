/** The addresses that a change of a link takes away. */

import { type AddressInput, placeOf } from '../rtnetlink/address/options.js'
import { same } from './compare.js'
import { findLink, type LinkModel, type Network } from './network.js'
import { addressKey } from './parse-link.js'
import { contains } from './reach.js'

/** Addresses that are there and were the topology's, but are not wanted any more. */
export function oldAddresses(link: LinkModel, there: LinkModel, owned: Network | null): AddressInput[] {
  const before = owned === null ? undefined : findLink(owned, link)
  const has = (list: readonly AddressInput[] = [], address: AddressInput) =>
    list.some((one) => addressKey(one) === addressKey(address))
  return there.addresses.filter((one) => has(before?.addresses, one) && !has(link.addresses, one))
}

/** Addresses that are there and go, some of which come again. Those that the kernel would take with others are first, while they are there. */
export function deletedAddresses(
  link: LinkModel,
  there: LinkModel,
  owned: Network | null,
): Set<AddressInput> {
  const replaced = there.addresses.filter((one) => isReplaced(link, one))
  const deleted = [...oldAddresses(link, there, owned), ...replaced]
  return new Set([...deleted.flatMap((one) => takenWith(there, one)), ...deleted])
}

/** The addresses that the kernel deletes together with one, which were added after it to its network (__inet_del_ifa()). */
function takenWith({ addresses, secondaries }: LinkModel, deleted: AddressInput): AddressInput[] {
  if (!isIpv4(deleted) || secondaries?.includes(addressKey(deleted))) return []
  const { address, length } = placeOf(deleted)
  return addresses.filter((one) => {
    const place = placeOf(one)
    return (
      secondaries?.includes(addressKey(one)) &&
      place.length === length &&
      contains(`${address}/${length}`, place.address)
    )
  })
}

/** Whether an address is there with other settings than wanted: it is made anew. */
function isReplaced(link: LinkModel, there: AddressInput): boolean {
  return link.addresses.some((one) => addressKey(one) === addressKey(there) && !same(one, there))
}

export function isIpv4({ address }: AddressInput): boolean {
  return !address.includes(':')
}
