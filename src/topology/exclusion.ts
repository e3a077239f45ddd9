/** Of what the kernel has one alone in a place, or on a link: the second of two it refuses. */

import { show } from '../codec/fault.js'
import { type AddressInput, placeOf } from '../rtnetlink/address/options.js'
import { defaultScope } from '../rtnetlink/address/request.js'
import type { NeighbourInput } from '../rtnetlink/neighbour/options.js'
import { destinationOf, maskedText } from '../rtnetlink/route/check.js'
import type { RouteInput } from '../rtnetlink/route/input.js'
import { tableOf } from '../rtnetlink/route/request.js'
import { routeScopes } from '../rtnetlink/route/table.js'
import type { Item, LinkModel } from './network.js'
import { addressKey } from './parse-link.js'

/** Throws RangeError naming the later one of two that take the same place, and the earlier. */
export function checkExclusion<T>(
  items: readonly Item<T>[],
  keyOf: (value: T) => string,
  reason: string,
): void {
  const paths = new Map<string, string>()
  for (const { path, value } of items) {
    const key = keyOf(value)
    const other = paths.get(key)
    if (other !== undefined) throw new RangeError(`${path}: ${other} excludes it: ${reason}`)
    paths.set(key, path)
  }
}

export const ONE_ROUTE =
  'the kernel has one route of a destination, table, metric and type of service; another metric keeps both'

/** Where it leads makes no difference with NLM_F_EXCL (fib_table_insert() of net/ipv4/fib_trie.c, fib6_add_rt2node() of net/ipv6/ip6_fib.c). */
export function placeOfRoute(route: RouteInput): string {
  const { to, metric, tos, from } = route
  return JSON.stringify([destinationOf(route).family, to, tableOf(route), metric, tos ?? 0, from])
}

export const ONE_NEIGHBOUR = 'the kernel has one neighbour of an address and interface, and one proxy'

export function placeOfNeighbour({ to, dev, proxy }: NeighbourInput): string {
  return `${dev} ${to}${proxy ? ' proxy' : ''}`
}

/**
 * An IPv6 address is once on an interface, of whatever prefix length (ipv6_add_addr() of net/ipv6/addrconf.c). One of IPv4 may be there in
 * several networks, which are those of the peers, and all addresses of a network have one scope (__inet_insert_ifa() of net/ipv4/devinet.c).
 */
export function checkAddresses({ path, addresses }: LinkModel): void {
  const seen = new Map<string, AddressInput>()
  for (const [index, input] of addresses.entries()) {
    const field = `${path}.addresses[${index}]`
    const { family, local, address, length } = placeOf(input)
    const network = local.includes(':') ? '' : maskedText({ family, address, length })
    const same = seen.get(`${local} ${network}`)
    if (same !== undefined)
      throw new RangeError(
        `${field}: ${show(addressKey(input))} is there already as ${show(addressKey(same))}`,
      )
    seen.set(`${local} ${network}`, input)
    if (network === '') continue
    const first = seen.get(network)
    if (first === undefined) seen.set(network, input)
    else if (scopeOf(input) !== scopeOf(first))
      throw new RangeError(
        `${field}.scope: ${show(scopeOf(input))} is not ${show(scopeOf(first))}, that of ${show(addressKey(first))} in the same network`,
      )
  }
}

function scopeOf(input: AddressInput): unknown {
  return routeScopes.normal(input.scope ?? defaultScope(placeOf(input)))
}
