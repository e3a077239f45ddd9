/** What the kernel has of every namespace, as ip(8), bridge(8), nft(8) and /proc/sys tell it, so that two networks can be compared. */

import { readdirSync } from 'node:fs'
import { execFileSync } from './programs.js'
import { execIn, ipJsonAll, type Printed } from './support.js'

/** What goes by the order of making, by chance or by the time, and what the kernel does by itself a while later. */
const NOT_COMPARED = new Set(
  `ifindex link_netnsid operstate state tentative dadfailed refcnt carrier_changes qdisc no
  valid_life_time preferred_life_time expires config_pending root_id root_port root_path_cost
  designated_root designated_bridge designated_cost designated_port
  topology_change topology_change_detected topology_change_ack topology_change_timer
  hello_timer tcn_timer tc_timer gc_timer hold_timer forward_delay_timer message_age_timer`.split(/\s+/),
)
const FLAGS = ['LOWER_UP', 'NO-CARRIER', 'linkdown', 'dead']

const HOST = ''

/** `given` is what was made: the MAC addresses in it are compared, others are the kernel's. */
export function world(given: unknown): string[] {
  const macs = new Set(JSON.stringify(given).toLowerCase().match(MAC) ?? [])
  const places = [HOST, ...readdirSync('/run/netns').sort()].map((name) => [name, printedOf(name)] as const)
  const indexes = new Map(places.map(([name, { tables }]) => [name, indexesOf(tables.link)]))
  return places.flatMap(([name, printed]) =>
    placeOf(name, printed, indexes, macs).map((line) => `${name || 'host'} ${line}`),
  )
}

const MAC = /\b(?:[\da-f]{1,2}:){5}[\da-f]{1,2}\b/g

type Indexes = Map<string, Map<number, string>>

const indexesOf = (links: readonly Printed[]) =>
  new Map(links.map(({ ifindex, ifname }) => [ifindex, ifname] as [number, string]))

const COMMANDS = ['netns list-id', 'link', 'address', 'neighbour show nud all', 'neighbour show proxy']
const ROUTING = ['route show table all', 'rule']
/** The rest by one shell in the namespace: sysctl(8) reads all parameters of the kernel, which takes three times as long. */
const SCRIPT = `
  bridge -j vlan; echo =====
  nft -j list ruleset 2>/dev/null; echo =====
  grep -rs . /proc/sys/net/ipv4 /proc/sys/net/ipv6 /proc/sys/net/core /proc/sys/net/mpls; echo =====
  ip -4 route show table all; ip -6 route show table all`

interface Place {
  tables: Record<string, Printed[]> &
    Record<'nsids' | 'link' | 'address' | 'routes6' | 'neighbours', Printed[]>
  /** Kernel parameters, and routes with locked metrics. */
  lines: string[]
}

function printedOf(name: string): Place {
  const where = name === HOST ? [] : ['-n', name]
  const [nsids, link, address, neighbours, proxies] = ipJsonAll(COMMANDS, ...where)
  const [routes, rules] = ipJsonAll(ROUTING, ...where, '-4')
  const [routes6, rules6] = ipJsonAll(ROUTING, ...where, '-6')
  const inside = ['sh', '-c', SCRIPT]
  const [vlans, nft, sysctls, told] = (
    name === HOST ? execFileSync(inside[0]!, inside.slice(1)) : execIn(name, ...inside)
  ).split('=====\n')
  const parse = (text: string) => JSON.parse(text.trim() || '[]')
  const parameters = sysctls!.split('\n').filter((line) => !line.includes('stable_secret'))
  // JSON does not tell of metrics that they are locked.
  const locked = told!.split('\n').filter((line) => line.includes(' lock '))
  return {
    tables: {
      nsids: nsids!,
      link: link!,
      address: address!,
      routes: routes!,
      routes6: routes6!,
      rules: rules!,
      rules6: rules6!,
      neighbours: neighbours!,
      proxies: proxies!,
      vlans: parse(vlans!),
      nft: parse(nft!)['nftables']?.slice(1) ?? [],
    },
    lines: [...parameters, ...locked.map((line) => line.replace(/expires [^ ]* /, ''))].sort(),
  }
}

function placeOf(
  name: string,
  { tables: { nsids, ...tables }, lines }: Place,
  indexes: Indexes,
  macs: ReadonlySet<string>,
): string[] {
  const names = new Map(nsids.map(({ nsid, name: of }) => [nsid, of ?? HOST]))
  const below = (link: Printed): Printed => {
    const { link_index: index, link_netnsid: nsid, ...rest } = link
    if (index === undefined) return rest
    const data = rest['linkinfo']?.info_data as Printed | undefined
    if (nsid !== undefined && data?.['link'] !== undefined) {
      // Of one that has it among its own data the kernel tells its own index, and ip looks for the name in its own namespace.
      delete data['link']
      return rest
    }
    const place = nsid === undefined ? name : names.get(nsid)
    return { ...rest, below: `${place}:${indexes.get(place)?.get(index)}` }
  }
  const found = {
    ...tables,
    link: tables.link.map(below),
    // Each interface with a carrier has an address of its own, and a route with it.
    address: tables.address.map(({ ifname, addr_info }) => ({
      ifname,
      addr_info: (addr_info as Printed[]).filter(({ local }) => !local.startsWith('fe80:')),
    })),
    // The kernel has those of an address when it has found no other.
    routes6: tables.routes6.filter(({ table, dst }) => table !== 'local' && dst !== 'fe80::/64'),
    // What it has learned of an interface without ARP is there for good.
    neighbours: tables.neighbours.filter(
      ({ dst, state }) =>
        /PERMANENT|NOARP/.test(String(state)) && !/^(ff|2[23]\d\.|127|::1?$|fe80::\w+:)/.test(dst),
    ),
  }
  const text = JSON.stringify(found, (key, value) => (NOT_COMPARED.has(key) ? undefined : value)).replace(
    MAC,
    (mac) => (macs.has(mac) ? mac : 'the kernel’s'),
  )
  const rest = Object.entries(JSON.parse(text) as Record<string, Printed[]>)
  return [
    ...rest.flatMap(([table, rows]) => rows.flatMap((row) => linesOf(table, withoutFlags(row))).sort()),
    ...lines,
  ]
}

function withoutFlags(row: Printed): Printed {
  const { flags } = row
  return Array.isArray(flags) ? { ...row, flags: flags.filter((one) => !FLAGS.includes(one)).sort() } : row
}

/** One for each field of a link, which has many. */
function linesOf(table: string, row: Printed): string[] {
  if (table !== 'link') return [`${table} ${JSON.stringify(row)}`]
  const fields = Object.entries({ ...row, ...row['linkinfo'], ...row['linkinfo']?.info_data })
  return fields.map(([key, value]) => `link ${row['ifname']} ${key} ${JSON.stringify(value)}`)
}
