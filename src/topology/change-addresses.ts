/** What a change of a link does to its addresses. */

import { type AddressInput, placeOf } from '../rtnetlink/address/options.js'
import { same } from './compare.js'
import { findLink, type LinkModel, type Network } from './network.js'
import { addressKey } from './parse-link.js'
import { addressInput, remainsOfAddress } from './project-addresses.js'
import { contains } from './reach.js'

/** By addressKey(). */
type Addresses = ReadonlyMap<string, AddressInput>

/**
 * The addresses of a link that are deleted, those first that the kernel would take with others; and those that are added afterwards, of
 * which some were there. The last are deleted first: what is put back on the way back, last first, is in the order that it had, by which the
 * kernel chooses where packets come from.
 */
export function addressChanges(
  link: LinkModel,
  there: LinkModel,
  owned: Network | null,
): { deleted: Addresses; added: Addresses } {
  const [wanted, present] = [byKey(link.addresses), byKey(there.addresses)]
  const before = byKey((owned === null ? undefined : findLink(owned, link))?.addresses ?? [])
  const found = new Map((there.found ?? []).map((one) => [addressKey(one), one]))
  // It is the topology's and not wanted any more, or has other settings than it is to have.
  const ending = [...present].reverse().flatMap(([key, address]) => {
    const [next, one] = [wanted.get(key), found.get(key)]
    if (next === undefined) return before.has(key) ? [address] : []
    if (same(next, address) && !(one && remainsOfAddress(before.get(key), next, one))) return []
    return [one === undefined ? address : addressInput(one)]
  })
  // It is on an interface once, with whatever prefix length (ipv6_add_addr() of net/ipv6/addrconf.c): somebody has given it another one.
  const locals = new Set(link.addresses.filter((one) => !isIpv4(one)).map((one) => placeOf(one).local))
  const isInTheWay = (one: AddressInput) => !wanted.has(addressKey(one)) && locals.has(placeOf(one).local)
  const inTheWay = byKey(there.found?.filter(isInTheWay).map(addressInput) ?? [])
  const deleted = byKey([...ending.flatMap((one) => takenWith(there, one)), ...ending, ...inTheWay.values()])
  const added = link.addresses.filter((one) => !present.has(addressKey(one)) || deleted.has(addressKey(one)))
  const isOthers = (key: string) => !wanted.has(key) && !before.has(key) && !inTheWay.has(key)
  const others = [...deleted].reverse().filter(([key]) => isOthers(key))
  return { deleted, added: new Map([...byKey(added), ...others]) }
}

function byKey(addresses: readonly AddressInput[]): Addresses {
  return new Map(addresses.map((address) => [addressKey(address), address]))
}

/** The addresses that the kernel deletes together with one, which were added after it to its network (__inet_del_ifa()). */
function takenWith({ found = [], promotes }: LinkModel, deleted: AddressInput): AddressInput[] {
  const secondaries = found.filter((one) => isIpv4(one) && one.flags.includes('secondary'))
  const isPrimary = isIpv4(deleted) && !secondaries.some((one) => addressKey(one) === addressKey(deleted))
  if (promotes || !isPrimary) return []
  const { address, length } = placeOf(deleted)
  const taken = secondaries.filter((one) => {
    const place = placeOf(one)
    return place.length === length && contains(`${address}/${length}`, place.address)
  })
  return taken.reverse().map(addressInput)
}

export function isIpv4({ address }: AddressInput): boolean {
  return !address.includes(':')
}
