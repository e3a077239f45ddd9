/** Topologies at random with what a later value of the same name leaves out of them. */

import fc from 'fast-check'
import type { Topology, TopologyPlace } from '../../src/topology.js'
import { execIn, ipJson, type Printed } from './support.js'
import { topology } from './topology-arbitrary.js'

/** What may be left out of an entry: without anything else it would be another one, or none. */
const OPTIONAL = {
  routes: [
    'metrics',
    'mtu',
    'advmss',
    'hoplimit',
    'protocol',
    'src',
    'preference',
    'realms',
    'weight',
    'expires',
  ],
  rules: ['protocol', 'realms'],
  neighbours: ['protocol'],
  addresses: [
    'metric',
    'broadcast',
    'label',
    'scope',
    'protocol',
    'validLifetime',
    'preferredLifetime',
    'flags',
  ],
  links: [
    ...['mtu', 'txQueueLength', 'group', 'arp', 'multicast', 'allMulticast', 'promiscuous', 'gsoMaxSize'],
    ...['gsoMaxSegs', 'stp', 'ageingTime', 'priority', 'forwardDelay', 'mcastSnooping', 'mcastQuerier'],
    ...['groupFwdMask', 'nfCallIptables', 'learning', 'ageing', 'ttl', 'proxy', 'local', 'udpCsum'],
  ],
} as const

/** `leaves` says of each property that may be left out whether it is. */
function without(value: unknown, keys: readonly string[], leaves: () => boolean): unknown {
  if (Array.isArray(value)) return value.map((one) => without(one, keys, leaves))
  if (typeof value !== 'object' || value === null) return value
  // An address would be looked for in the network before anything could be sent from it.
  const isKept = (key: string, one: unknown) =>
    !keys.includes(key) || String(one).includes('nodad') || !leaves()
  const kept = Object.entries(value).filter(([key, one]) => isKept(key, one))
  return Object.fromEntries(kept.map(([key, one]) => [key, without(one, keys, leaves)]))
}

function thin(value: Topology, leaves: () => boolean): Topology {
  const copy = structuredClone(value)
  for (const place of [copy, ...Object.values(copy.namespaces ?? {})] as TopologyPlace[]) {
    for (const list of ['routes', 'rules', 'neighbours'] as const)
      if (place[list]) place[list] = without(place[list], OPTIONAL[list], leaves) as never
    if (place.sysctls) place.sysctls = without(place.sysctls, Object.keys(place.sysctls), leaves) as never
    for (const links of [place.links, place.bridges])
      for (const [name, link] of Object.entries(links ?? {})) {
        const { addresses, ...settings } = link
        links![name] = {
          ...(without(settings, OPTIONAL.links, leaves) as object),
          ...(addresses && { addresses: without(addresses, OPTIONAL.addresses, leaves) as never }),
        }
      }
  }
  return copy
}

/** One, and what is left of it. */
export const thinned: fc.Arbitrary<[Topology, Topology]> = fc
  .tuple(topology, fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }))
  .map(([value, choices]) => {
    let next = 0
    return [value, thin(value, () => choices[next++ % choices.length]!)]
  })

/** What the kernel finds out, what goes by the order (docs/topology.md), and what another interface of the same name has of its own. */
const FLEETING = ['tentative', 'dadfailed', 'secondary', 'ifindex', 'cache_info']
const COUNTING = ['valid_life_time', 'preferred_life_time', 'expires']
const LASTING = ['onlink', 'permanent', 'noprefixroute', 'nodad']

/** What topologies at random set, and what the kernel writes with it; an interface keeps what it took from `default` when it was made. */
const PARAMETERS =
  /^net\.(ipv4\.ping_group_range|ipv[46]\.(conf|neigh)\..*\.(forwarding|accept_redirects|promote_secondaries|keep_addr_on_down|rp_filter|gc_stale_time)|ipv4\.conf\.default\.arp_announce) /

/** Of several interfaces in the network of a gateway the kernel takes one by the order in which they got their addresses. */
const withoutDevice = (hop: Printed) => (hop['gateway'] === undefined ? hop : { ...hop, dev: undefined })

const FLAGS = ['NOARP', 'MULTICAST', 'ALLMULTI', 'PROMISC']
const COMPARED = ['txqlen', 'group', 'gso_max_size', 'gso_max_segs']
/** Of a bridge, what it finds out and has of its ports' addresses; of a VXLAN nothing. */
const FOUND_OUT = /timer|_id$|^root_|^topology_change/
/** Links that have something of the one underneath as it was when they were made, where it is not said. */
const TAKING = ['macvlan', 'vxlan', 'vlan']

/** Settings of links that a value can leave out. */
function settingsOf({ ifname, mtu, flags, linkinfo, ...rest }: Printed): Printed {
  const { info_kind, info_data = {} } = (linkinfo ?? {}) as Printed
  const isTaking = TAKING.includes(info_kind as string)
  const own = Object.entries(info_data as Printed).filter(([key]) => !FOUND_OUT.test(key))
  return {
    ifname,
    ...Object.fromEntries(COMPARED.map((key) => [key, rest[key]])),
    ...(!isTaking && { mtu }),
    ...(info_kind !== 'vlan' && { flags: FLAGS.filter((flag) => (flags as string[]).includes(flag)) }),
    own: Object.fromEntries(own),
  }
}

/** All that ip tells of the entries of a namespace that the kernel has not made, and sysctl of its parameters. */
export function entriesOf(netns: string): unknown {
  const told = (list: readonly Printed[]) =>
    list
      .map((one) =>
        JSON.stringify(one, (key, value: unknown) => {
          if (FLEETING.includes(key)) return undefined
          if (key === 'nexthops') return (value as Printed[]).map(withoutDevice)
          if (COUNTING.includes(key)) return Math.ceil(Number.parseInt(value as string, 10) / 100)
          return key === 'flags' ? (value as string[]).filter((flag) => LASTING.includes(flag)) : value
        }),
      )
      .sort()
  const links = ipJson('address', netns)
  const addresses = links.flatMap(({ ifname, addr_info }): Printed[] =>
    ((addr_info ?? []) as Printed[]).map((one) => ({ ifname, ...one })),
  )
  const made = (list: readonly Printed[]) => list.filter(({ protocol }) => protocol !== 'kernel')
  const parameters = execIn(netns, 'sysctl', '-e', '-a', '-r', '^net.ipv').split('\n')
  return {
    links: links.map((one) => JSON.stringify(settingsOf(one))).sort(),
    parameters: parameters.filter((line) => PARAMETERS.test(line)),
    addresses: told(addresses.filter(({ local }) => !String(local).startsWith('fe80:'))),
    routes: told(
      [...ipJson('-4 -d route show table all', netns), ...ipJson('-6 -d route show table all', netns)]
        .filter(({ protocol }) => protocol !== 'kernel')
        .map(withoutDevice),
    ),
    rules: told([...ipJson('-d -4 rule', netns), ...ipJson('-d -6 rule', netns)]),
    neighbours: told([
      ...made(ipJson('-d neighbour show nud permanent', netns)),
      ...ipJson('-d neighbour show proxy', netns),
    ]),
  }
}
