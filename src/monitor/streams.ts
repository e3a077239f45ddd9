/** The lists in a form whose memory does not grow with the table. */

import { checkKeys } from '../netlink/check.js'
import type { Address } from '../rtnetlink/address/address.js'
import { LIST_ADDRESS_KEYS, type ListAddressesOptions, listAddresses } from '../rtnetlink/address/list.js'
import type { FdbEntry } from '../rtnetlink/bridge/fdb/entry.js'
import { LIST_FDB_KEYS, type ListFdbOptions, listFdb } from '../rtnetlink/bridge/fdb/list.js'
import type { Link } from '../rtnetlink/link/link.js'
import { LIST_LINK_KEYS, type ListLinksOptions, listLinks } from '../rtnetlink/link/list.js'
import {
  LIST_NEIGHBOUR_KEYS,
  type ListNeighboursOptions,
  listNeighbours,
} from '../rtnetlink/neighbour/list.js'
import type { Neighbour } from '../rtnetlink/neighbour/neighbour.js'
import { LIST_ROUTE_KEYS, type ListRoutesOptions, listRoutes } from '../rtnetlink/route/operations.js'
import type { Route } from '../rtnetlink/route/route.js'
import { LIST_RULE_KEYS, type ListRulesOptions, listRules } from '../rtnetlink/rule/operations.js'
import type { Rule } from '../rtnetlink/rule/rule.js'
import type { Feed } from '../socket/feed.js'
import { streamOf } from '../socket/item-source.js'

/**
 * The interfaces of a namespace, one by one, as listLinks() lists them. The stream has a socket of its own, reads on only when what it
 * has read was taken, and closes it at the end, when the loop is left, or when the signal fires.
 *
 * @throws TypeError at once for an unknown option, RangeError for the part 'linkNetns'; what listLinks() throws, when the first is asked
 * for; DumpInterruptedError at once when the kernel says that the table changed meanwhile: start again
 * @see rtnetlink(7), ip-link(8)
 * @example for await (const { name, up } of streamLinks({ kind: 'veth' })) console.log(name, up)
 */
export function streamLinks(options: ListLinksOptions = {}): Feed<Link> {
  checkKeys('streamLinks', options, LIST_LINK_KEYS)
  if (Array.isArray(options.include) && options.include.includes('linkNetns'))
    throw new RangeError(
      "include: 'linkNetns' is for whole lists; listNsids({ names: true }) tells the names",
    )
  return streamOf(listLinks(options), options)
}

/**
 * The addresses of a namespace, one by one, as listAddresses() lists them; see streamLinks().
 *
 * @throws TypeError at once for an unknown option; what listAddresses() throws, when the first is asked for; DumpInterruptedError
 * @see rtnetlink(7), ip-address(8)
 * @example for await (const { address, dev } of streamAddresses({ family: 'ipv6' })) console.log(dev, address)
 */
export function streamAddresses(options: ListAddressesOptions = {}): Feed<Address> {
  checkKeys('streamAddresses', options, LIST_ADDRESS_KEYS)
  return streamOf(listAddresses(options), options)
}

/**
 * The routes of a namespace, one by one, as listRoutes() lists them; see streamLinks(). A million routes take no more memory than a
 * thousand.
 *
 * @throws TypeError at once for an unknown option; what listRoutes() throws, when the first is asked for; DumpInterruptedError. Linux 6.18
 * does not say that routes were added or deleted meanwhile: then some may be missing
 * @see rtnetlink(7), ip-route(8)
 * @example for await (const { to, via } of streamRoutes({ table: 254 })) console.log(to, via)
 */
export function streamRoutes(options: ListRoutesOptions = {}): Feed<Route> {
  checkKeys('streamRoutes', options, LIST_ROUTE_KEYS)
  return streamOf(listRoutes(options), options)
}

/**
 * The neighbours of a namespace, one by one, as listNeighbours() lists them; see streamLinks().
 *
 * @throws TypeError at once for an unknown option; what listNeighbours() throws, when the first is asked for; DumpInterruptedError
 * @see rtnetlink(7), ip-neighbour(8)
 * @example for await (const { to, mac } of streamNeighbours({ dev: 'eth0' })) console.log(to, mac)
 */
export function streamNeighbours(options: ListNeighboursOptions = {}): Feed<Neighbour> {
  checkKeys('streamNeighbours', options, LIST_NEIGHBOUR_KEYS)
  return streamOf(listNeighbours(options), options)
}

/**
 * The entries of forwarding tables, one by one, as listFdb() lists them; see streamLinks().
 *
 * @throws TypeError at once for an unknown option; what listFdb() throws, when the first is asked for; DumpInterruptedError
 * @see rtnetlink(7), bridge(8)
 * @example for await (const { mac, dev } of streamFdb({ bridge: 'v-net-0' })) console.log(mac, dev)
 */
export function streamFdb(options: ListFdbOptions = {}): Feed<FdbEntry> {
  checkKeys('streamFdb', options, LIST_FDB_KEYS)
  return streamOf(listFdb(options), options)
}

/**
 * The routing rules of a namespace, one by one, as listRules() lists them; see streamLinks().
 *
 * @throws TypeError at once for an unknown option; what listRules() throws, when the first is asked for; DumpInterruptedError
 * @see rtnetlink(7), ip-rule(8)
 * @example for await (const { priority, table } of streamRules({ family: 'ipv4' })) console.log(priority, table)
 */
export function streamRules(options: ListRulesOptions = {}): Feed<Rule> {
  checkKeys('streamRules', options, LIST_RULE_KEYS)
  return streamOf(listRules(options), options)
}
