/** The lists in a form whose memory does not grow with the table. */

import type { Address } from '../rtnetlink/address/address.js'
import { type ListAddressesOptions, listAddresses } from '../rtnetlink/address/list.js'
import type { FdbEntry } from '../rtnetlink/bridge/fdb/entry.js'
import { type ListFdbOptions, listFdb } from '../rtnetlink/bridge/fdb/list.js'
import type { Link } from '../rtnetlink/link/link.js'
import { type ListLinksOptions, listLinks } from '../rtnetlink/link/list.js'
import type { MplsRoute } from '../rtnetlink/mpls/mpls-route.js'
import { type ListMplsRoutesOptions, listMplsRoutes } from '../rtnetlink/mpls/operations.js'
import { type ListNeighboursOptions, listNeighbours } from '../rtnetlink/neighbour/list.js'
import type { Neighbour } from '../rtnetlink/neighbour/neighbour.js'
import {
  type ListNexthopBucketsOptions,
  listNexthopBuckets,
  type NexthopBucket,
} from '../rtnetlink/nexthop/bucket.js'
import type { Nexthop } from '../rtnetlink/nexthop/nexthop.js'
import { type ListNexthopsOptions, listNexthops } from '../rtnetlink/nexthop/operations.js'
import { type ListRoutesOptions, listRoutes } from '../rtnetlink/route/operations.js'
import type { Route } from '../rtnetlink/route/route.js'
import { type ListRulesOptions, listRules } from '../rtnetlink/rule/operations.js'
import type { Rule } from '../rtnetlink/rule/rule.js'
import type { Feed } from '../socket/feed.js'
import { streamOf } from '../socket/item-source.js'

/**
 * The interfaces of a namespace, one by one, as listLinks() lists them. The stream has a socket of its own, reads on only when what it
 * has read was taken, and closes it at the end, when the loop is left, or when the signal fires.
 *
 * @throws at once what listLinks() throws before anything is sent, and RangeError for the part 'linkNetns'; the rest when the first is
 * asked for; DumpInterruptedError when the kernel says that the table changed meanwhile: start again
 * @see rtnetlink(7), ip-link(8)
 * @example for await (const { name, up } of streamLinks({ kind: 'veth' })) console.log(name, up)
 */
export function streamLinks(options: ListLinksOptions = {}): Feed<Link> {
  const links = streamOf(listLinks(options), options)
  if (!options.include?.includes('linkNetns')) return links
  links.close()
  throw new RangeError("include: 'linkNetns' is for whole lists; listNsids({ names: true }) tells the names")
}

/**
 * The addresses of a namespace, one by one, as listAddresses() lists them; see streamLinks().
 *
 * @throws at once what listAddresses() throws before anything is sent, the rest when the first is asked for; DumpInterruptedError
 * @see rtnetlink(7), ip-address(8)
 * @example for await (const { address, dev } of streamAddresses({ family: 'ipv6' })) console.log(dev, address)
 */
export function streamAddresses(options: ListAddressesOptions = {}): Feed<Address> {
  return streamOf(listAddresses(options), options)
}

/**
 * The routes of a namespace, one by one, as listRoutes() lists them; see streamLinks(). A million routes take no more memory than a
 * thousand.
 *
 * @throws at once what listRoutes() throws before anything is sent, the rest when the first is asked for; DumpInterruptedError. Linux 6.18
 * does not say that routes were added or deleted meanwhile: then some may be missing
 * @see rtnetlink(7), ip-route(8)
 * @example for await (const { to, via } of streamRoutes({ table: 254 })) console.log(to, via)
 */
export function streamRoutes(options: ListRoutesOptions = {}): Feed<Route> {
  return streamOf(listRoutes(options), options)
}

/**
 * The neighbours of a namespace, one by one, as listNeighbours() lists them; see streamLinks().
 *
 * @throws at once what listNeighbours() throws before anything is sent, the rest when the first is asked for; DumpInterruptedError
 * @see rtnetlink(7), ip-neighbour(8)
 * @example for await (const { to, mac } of streamNeighbours({ dev: 'eth0' })) console.log(to, mac)
 */
export function streamNeighbours(options: ListNeighboursOptions = {}): Feed<Neighbour> {
  return streamOf(listNeighbours(options), options)
}

/**
 * The entries of forwarding tables, one by one, as listFdb() lists them; see streamLinks().
 *
 * @throws at once what listFdb() throws before anything is sent, the rest when the first is asked for; DumpInterruptedError
 * @see rtnetlink(7), bridge(8)
 * @example for await (const { mac, dev } of streamFdb({ bridge: 'v-net-0' })) console.log(mac, dev)
 */
export function streamFdb(options: ListFdbOptions = {}): Feed<FdbEntry> {
  return streamOf(listFdb(options), options)
}

/**
 * The routing rules of a namespace, one by one, as listRules() lists them; see streamLinks().
 *
 * @throws at once what listRules() throws before anything is sent, the rest when the first is asked for; DumpInterruptedError
 * @see rtnetlink(7), ip-rule(8)
 * @example for await (const { priority, table } of streamRules({ family: 'ipv4' })) console.log(priority, table)
 */
export function streamRules(options: ListRulesOptions = {}): Feed<Rule> {
  return streamOf(listRules(options), options)
}

/**
 * The nexthop objects of a namespace, one by one, as listNexthops() lists them; see streamLinks().
 *
 * @throws at once what listNexthops() throws before anything is sent, the rest when the first is asked for; DumpInterruptedError
 * @see rtnetlink(7), ip-nexthop(8)
 * @example for await (const { id, via } of streamNexthops({ dev: 'eth0' })) console.log(id, via)
 */
export function streamNexthops(options: ListNexthopsOptions = {}): Feed<Nexthop> {
  return streamOf(listNexthops(options), options)
}

/**
 * The buckets of resilient groups, one by one, as listNexthopBuckets() lists them; see streamLinks().
 *
 * @throws at once what listNexthopBuckets() throws before anything is sent, the rest when the first is asked for; DumpInterruptedError
 * @see rtnetlink(7), ip-nexthop(8)
 * @example for await (const { index, nhid } of streamNexthopBuckets({ id: 10 })) console.log(index, nhid)
 */
export function streamNexthopBuckets(options: ListNexthopBucketsOptions = {}): Feed<NexthopBucket> {
  return streamOf(listNexthopBuckets(options), options)
}

/**
 * The MPLS routes of a namespace, one by one, as listMplsRoutes() lists them; see streamLinks().
 *
 * @throws at once what listMplsRoutes() throws before anything is sent, the rest when the first is asked for; DumpInterruptedError
 * @see rtnetlink(7), ip-route(8)
 * @example for await (const { label, as } of streamMplsRoutes()) console.log(label, as)
 */
export function streamMplsRoutes(options: ListMplsRoutesOptions = {}): Feed<MplsRoute> {
  return streamOf(listMplsRoutes(options), options)
}
