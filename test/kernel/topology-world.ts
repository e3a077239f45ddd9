/** What the kernel has of every namespace, as ip(8), bridge(8), nft(8) and sysctl(8) tell it, so that two networks can be compared. */

import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { ipJson, type Printed } from './support.js'

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
  const names = [HOST, ...readdirSync('/run/netns').sort()]
  const indexes = new Map(names.map((name) => [name, indexesOf(name)]))
  return names.flatMap((name) => placeOf(name, indexes, macs).map((line) => `${name || 'host'} ${line}`))
}

const MAC = /\b(?:[\da-f]{1,2}:){5}[\da-f]{1,2}\b/g

type Indexes = Map<string, Map<number, string>>

const argument = (name: string) => (name === HOST ? undefined : name)

function indexesOf(name: string): Map<number, string> {
  return new Map(ipJson('link', argument(name)).map(({ ifindex, ifname }) => [ifindex, ifname]))
}

const COMMANDS = {
  nsids: 'ip -j netns list-id',
  link: 'ip -j -d link',
  address: 'ip -j -d address',
  routes: 'ip -j -d -4 route show table all',
  routes6: 'ip -j -d -6 route show table all',
  rules: 'ip -j -d rule',
  rules6: 'ip -j -d -6 rule',
  neighbours: 'ip -j -d neighbour show nud all',
  proxies: 'ip -j -d neighbour show proxy',
  vlans: 'bridge -j vlan',
  nft: 'nft -j list ruleset',
}
/** Kernel parameters, and routes with locked metrics, of which JSON does not tell that they are. */
const LINES = `
  sysctl -a -r '^net\\.(ipv[46]|mpls|core)\\.' 2>/dev/null | grep -v stable_secret
  for family in 4 6; do ip -$family route show table all | grep ' lock ' | sed 's/expires [^ ]* //'; done`
type Tables = Record<keyof typeof COMMANDS, Printed[]>

function tablesOf(netns: string | undefined): [Tables, string[]] {
  const script = [...Object.values(COMMANDS), LINES].join(' 2>/dev/null; echo =====; ')
  const [file, ...args] = [...(netns === undefined ? [] : ['ip', 'netns', 'exec', netns]), 'sh', '-c', script]
  const printed = execFileSync(file!, args, { encoding: 'utf8', maxBuffer: 1 << 26 }).split(/=====\n/)
  const tables = Object.keys(COMMANDS).map((key, i) => [key, JSON.parse(printed[i]!.trim() || '[]')])
  return [Object.fromEntries(tables), printed.at(-1)!.split('\n').sort()]
}

function placeOf(name: string, indexes: Indexes, macs: ReadonlySet<string>): string[] {
  const [{ nsids, ...tables }, lines] = tablesOf(argument(name))
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
    nft: (tables.nft as Printed)['nftables']?.slice(1) ?? [],
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
