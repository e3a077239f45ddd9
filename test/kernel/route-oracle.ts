/** Routes as ip prints them, and a network to have them in. */

import type { Route, RouteNexthop } from '../../src/index.js'
import { ipBatch } from './ip-batch.js'
import { NETWORK, ROUTES } from './made-by-ip.js'
import { asPrinted, hex, type Oracle, tableName, unlessNull } from './read-back.js'
import { ipJson, type Printed, withVeth } from './support.js'

/** Two interfaces with addresses, and two nexthop objects. */
export function withNetwork<T>(work: (netns: string) => T | Promise<T>): Promise<T> {
  return withVeth((netns) => {
    ipBatch(NETWORK, netns)
    // The kernel enters its own addresses a moment later: that of lo, one of ours, two link-local ones.
    while (ipJson('-6 route show table local type local', netns).length < 4);
    return work(netns)
  })
}

const STRAY = ['dead', 'pervasive', 'offload']

/** All routes of all tables as ip prints them, which before Linux 5.15 takes the realms of a nexthop for one more nexthop. */
export function printedRoutes(netns: string): Printed[] {
  return ipJson('route show table all', netns).map((route) => {
    if (!('nexthops' in route)) return route
    const nexthops: Printed[] = []
    for (const hop of route['nexthops']) {
      if (STRAY.every((flag) => hop.flags.includes(flag)))
        Object.assign(nexthops.at(-1)!, { flow: { to: hop.dev.replace(/^if/, '') } })
      else nexthops.push(hop)
    }
    return { ...route, nexthops }
  })
}

export const VIA = '192.0.2.254'

export const VIA6 = '2001:db8::fe'

export const METRICS: Readonly<Record<string, string>> = { rtoMin: 'rto_min', ccAlgo: 'congestion' }

export function metricsPrinted(metrics: Route['metrics']): unknown {
  if (metrics === null) return undefined
  const { lock, features = [], ...numbers } = metrics
  const told: Printed = Object.fromEntries(features.map((name) => [name, null]))
  for (const [name, value] of Object.entries(numbers)) told[METRICS[name] ?? name] = value
  return [told]
}

export type Hop = Pick<RouteNexthop, 'via' | 'dev' | 'realms'>

/** Where a route of a family leads: the gateway of another family has a key of its own. */
export const leading = (family: Route['family'] | undefined): Oracle<Hop>['keys'] => ({
  gateway: ({ via }) => (isForeign(via, family) ? undefined : unlessNull(via)),
  via: ({ via }) => (isForeign(via, family) ? { family: 'inet6', host: via } : undefined),
  dev: ({ dev }) => unlessNull(dev),
  flow: ({ realms }) =>
    realms === null
      ? undefined
      : { ...(realms.from === 0 ? {} : { from: String(realms.from) }), to: String(realms.to) },
})

export const isForeign = (via: string | null, family: Route['family'] | undefined) =>
  family === 'ipv4' && (via?.includes(':') ?? false)

export const hopOf = (family: Route['family']): Oracle<RouteNexthop> => ({
  keys: { ...leading(family), weight: ({ weight }) => weight, flags: ({ flags }) => flags },
})

export const oracleOf = (family: Route['family']): Oracle<Route> => ({
  keys: {
    ...(leading(family) as Oracle<Route>['keys']),
    type: ({ type }) => type,
    dst: ({ to }) => to,
    from: ({ from }) => unlessNull(from),
    tos: ({ tos }) => (tos === 0 ? undefined : hex(tos)),
    table: ({ table }) => tableName(table),
    protocol: ({ protocol }) => protocol,
    scope: ({ scope }) => scope,
    flags: ({ flags }) => flags,
    nhid: ({ nhid }) => unlessNull(nhid),
    prefsrc: ({ src }) => unlessNull(src),
    metric: ({ metric }) => unlessNull(metric),
    expires: ({ expires }) => unlessNull(expires),
    pref: ({ preference }) => unlessNull(preference),
    metrics: ({ metrics }) => metricsPrinted(metrics),
    nexthops: ({ nexthops }) => nexthops?.map((hop) => asPrinted(hopOf(family), hop)),
    nh_info: 'what ip looks up of the nexthop object besides',
  },
  notPrinted: {
    family: 'ip tells it by the addresses',
    ifindex: 'ip prints the name',
    onlink: 'one of the flags',
    cacheinfo: 'compared by the tests of what is learned',
    encap: 'tunnels are read back in guests (encap.test.ts)',
    'nexthops[].encap': 'tunnels are read back in guests (encap.test.ts)',
    ...{ 'nexthops[].ifindex': 'ip prints the name', 'nexthops[].onlink': 'one of the flags' },
    'metrics.lock': 'the JSON of ip does not tell which are locked',
  },
})

export function withRoutes<T>(work: (netns: string) => T | Promise<T>): Promise<T> {
  return withNetwork((netns) => {
    ipBatch(ROUTES, netns)
    return work(netns)
  })
}
