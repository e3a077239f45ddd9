/** What a monitor tells at random changes: a picture that is kept by its events alone is what lists tell in the end. */

import { setTimeout } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  type EventOf,
  type FdbEntry,
  listAddresses,
  listFdb,
  listLinks,
  listNeighbours,
  listNexthops,
  listRoutes,
  listRules,
  monitor,
} from '../../src/index.js'
import { PATIENCE } from './patience.js'
import { spawnSync } from './programs.js'
import { withNetns, withoutDad } from './support.js'

const RUNS = Number(process.env['MONITOR_RUNS'] ?? 25)
const SEED = Number(process.env['MONITOR_SEED'] ?? 1)

const GROUPS = ['link', 'address', 'neighbour', 'rule', 'nexthop', 'route', 'fdb'] as const
type Group = (typeof GROUPS)[number]
type Told = EventOf<Group>

/** A kind of thing: what an event tells of it, what tells one from others, and the list of all. */
interface Kept<T> {
  readonly of: (event: Told) => T | null
  readonly key: (one: T) => readonly unknown[]
  readonly list: (options: { netns: string }) => Promise<T[]>
  /** Without what the kernel changes and tells nothing of, null where it is all of it. */
  readonly told: (one: T) => object | null
}

const kept = <T>(it: Kept<T>): Kept<unknown> => it as unknown as Kept<unknown>

const KEPT: Readonly<Record<Group, Kept<unknown>>> = {
  link: kept({
    of: (event) => (event.type === 'link' ? event.link : null),
    key: ({ ifindex }) => [ifindex],
    list: listLinks,
    told({ data, alias, group, headroom: _h, promiscuity: _n, ...one }) {
      // Of one that is down not all changes are told (netdev_state_change()).
      const whileUp = one.up ? { alias, group } : {}
      // A veth pair tells of the end that is made first before there is the other; a bridge and its ports take more from each other.
      const { link: _l, portData: _p, tsoMaxSize: _s, tsoMaxSegs: _g, event: _e, ...rest } = one
      return { ...rest, ...whileUp, data: data !== null && 'gcTimer' in data ? null : data }
    },
  }),
  address: kept({
    of: (event) => (event.type === 'address' ? event.address : null),
    key: ({ ifindex, address, peer }) => [ifindex, address, peer],
    list: listAddresses,
    told: (one) => one,
  }),
  neighbour: kept({
    of: (event) => (event.type === 'neighbour' ? event.neighbour : null),
    key: ({ ifindex, to, proxy }) => [ifindex, to, proxy],
    list: listNeighbours,
    // The kernel makes one where it sends to a group.
    told: ({ cacheinfo: _c, probes: _p, ...one }) => (one.type === 'multicast' ? null : one),
  }),
  rule: kept({
    of: (event) => (event.type === 'rule' ? event.rule : null),
    key: ({ flags: _f, ...one }) => [JSON.stringify(one)],
    list: listRules,
    // Whether there are the interfaces that it looks at.
    told: ({ flags: _f, ...one }) => one,
  }),
  nexthop: kept({
    of: (event) => (event.type === 'nexthop' ? event.nexthop : null),
    key: ({ id }) => [id],
    list: listNexthops,
    told: (one) => one,
  }),
  route: kept({
    of: (event) => (event.type === 'route' ? event.route : null),
    key: ({ family, table, to, from, metric, ifindex }) => [family, table, to, from, metric, ifindex],
    list: ({ netns }) => listRoutes({ netns, family: 'ipv6', table: 'all' }),
    // Nothing of IPv4 ones that go with an interface, nor whether there is a carrier.
    told: ({ flags: _f, ...one }) => (one.family === 'ipv4' ? null : one),
  }),
  fdb: kept({
    of: (event) => (event.type === 'fdb' ? event.entry : null),
    // A vxlan device has one way to an address of one machine.
    key: ({ ifindex, mac, vlan, self }) => [ifindex, mac, vlan, self],
    list: listFdb,
    told({ used: _u, updated: _t, ...one }) {
      // What an interface listens to, but a vxlan device (ndo_dflt_fdb_dump()), and the bridge's own, which go from port to port (fdb_delete_local()).
      const isOwn = one.self ? one.dst === null : one.state === 'permanent'
      return isOwn ? null : one
    },
  }),
}

const { constantFrom: one } = fc
const LINK = one('a0', 'b0', 'a1', 'b1', 'br0', 'br1', 'vx0', 'mv0')
const PORT = one('a0', 'b0', 'a1', 'b1', 'vx0')
const MAC = one('02:00:00:00:00:01', '02:00:00:00:00:02', '02:00:00:00:00:03')
const ADDRESS = one('10.0.0.1/24', '10.0.0.2/24', '10.1.0.1/16', 'fd00::1/64', 'fd00::2/64', 'fd00:1::1/48')
const DESTINATION = one('fd01::/64', 'fd01:1::/48', 'default', 'fd01::1/128')
const text = (...parts: (string | fc.Arbitrary<string>)[]) =>
  fc
    .tuple(...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part)))
    .map((words) => words.join(' '))

/** Lines of `ip -batch`. Many fail, and tell nothing. */
const LINE = fc.oneof(
  text('link add', one('a0', 'a1'), 'type veth peer name', one('b0', 'b1')),
  text('link add', one('br0', 'br1'), 'type bridge', one('', 'vlan_filtering 1', 'stp_state 1')),
  text('link add vx0 type vxlan id 7 dstport 4789 local 10.0.0.1'),
  text('link add mv0 link', PORT, 'type macvlan mode', one('bridge', 'private')),
  text('link set', LINK, one('up', 'up', 'up', 'down')),
  text('link set', LINK, one('mtu 1400', 'mtu 1500', 'txqueuelen 7', 'alias other', 'group 7', 'promisc on')),
  text('link set', LINK, 'address', MAC),
  text('link set', PORT, 'master', one('br0', 'br1')),
  text('link set', PORT, 'nomaster'),
  text('link del', LINK),
  text('address', one('add', 'add', 'replace', 'del'), ADDRESS, 'dev', LINK),
  text(
    'address replace',
    ADDRESS,
    'dev',
    LINK,
    one('label a0:1', 'metric 77', 'scope link', 'noprefixroute'),
  ),
  text('address flush dev', LINK),
  text(
    'neighbour',
    one('add', 'replace', 'replace'),
    one('10.0.0.7', '10.0.0.8', 'fd00::7'),
    'lladdr',
    MAC,
    one('nud permanent', 'nud noarp', 'nud permanent router'),
    'dev',
    LINK,
  ),
  text('neighbour add proxy', one('10.0.0.9', 'fd00::9'), 'dev', LINK),
  text('neighbour del', one('10.0.0.7', 'fd00::7', 'proxy 10.0.0.9', 'proxy fd00::9'), 'dev', LINK),
  text(
    one('', '-6'),
    'rule',
    one('add', 'add', 'del'),
    one('priority 7', 'priority 8'),
    one('fwmark 1', 'iif a0', 'ipproto tcp dport 80-90'),
    'table',
    one('7', '8'),
  ),
  text(
    'nexthop',
    one('add', 'replace'),
    one(
      'id 1 via 10.0.0.9 dev a0',
      'id 1 dev a1',
      'id 2 blackhole',
      'id 3 via fd00::9 dev a0',
      'id 4 dev b0',
      'id 5 group 1/4,3',
      'id 5 group 4',
    ),
  ),
  text('nexthop del id', one('1', '2', '3', '4', '5')),
  text(
    '-6 route',
    one('add', 'replace', 'del'),
    DESTINATION,
    one('dev a0', 'dev b0', 'via fd00::9', 'via fd00::9 dev a0 onlink', 'nhid 3', 'nhid 4'),
    one('', 'metric 7', 'table 7'),
  ),
  text('-6 route', one('add', 'del'), one('blackhole', 'unreachable'), DESTINATION),
  text('-6 route flush', DESTINATION),
)

/** Lines of `bridge -batch`. */
const BRIDGE_LINE = text(
  'fdb',
  one('add', 'replace', 'del'),
  MAC,
  'dev',
  PORT,
  one(
    'master',
    'master static',
    'master vlan 7',
    'self',
    'master sticky',
    'self dst 10.0.0.8',
    'self dst 10.0.0.9',
  ),
)

const SCRIPT = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: LINE.map((line) => ({ program: 'ip', line })) },
    { weight: 1, arbitrary: BRIDGE_LINE.map((line) => ({ program: 'bridge', line })) },
  ),
  { minLength: 20, maxLength: 60 },
)

type Script = readonly { readonly program: string; readonly line: string }[]

/** Lines of one program one behind the other in one process. */
function run(netns: string, script: Script): void {
  for (let at = 0; at < script.length; ) {
    const { program } = script[at]!
    const rest = script.slice(at)
    const end = rest.findIndex((one) => one.program !== program)
    const lines = end < 0 ? rest : rest.slice(0, end)
    spawnSync(program, ['-n', netns, '-force', '-batch', '-'], {
      input: lines.map(({ line }) => `${line}\n`).join(''),
    })
    at += lines.length
  }
}

class Picture {
  readonly #all = new Map<Group, Map<string, unknown>>(GROUPS.map((group) => [group, new Map()]))

  set(group: Group, one: unknown): void {
    this.#all.get(group)!.set(JSON.stringify(KEPT[group].key(one)), one)
  }

  tell(event: Told): void {
    if (event.type === 'resync') throw new Error('events are missing')
    const group = event.type
    const known = this.#all.get(group)!
    const one = KEPT[group].of(event)
    const key = JSON.stringify(KEPT[group].key(one))
    if (event.action === 'new') known.set(key, one)
    else known.delete(key)
    // Of what is an interface's own nothing is told when that goes.
    if (event.type === 'link' && event.action === 'delete')
      for (const [key, one] of this.#all.get('fdb')!)
        if ((one as FdbEntry).ifindex === event.link.ifindex) this.#all.get('fdb')!.delete(key)
  }

  get whole(): object {
    return Object.fromEntries(
      [...this.#all].map(([group, known]) => {
        const told = [...known].map(([key, one]) => [key, KEPT[group].told(one)] as const)
        return [group, Object.fromEntries(told.filter(([, one]) => one !== null).sort())]
      }),
    )
  }
}

async function listed(netns: string): Promise<Picture> {
  const picture = new Picture()
  for (const group of GROUPS) for (const one of await KEPT[group].list({ netns })) picture.set(group, one)
  return picture
}

/** The kernel sees to carriers and addresses of IPv6 in a work queue, and tells of it later. */
async function settle(picture: Picture, netns: string): Promise<void> {
  for (let attempt = 0; attempt < 40 * PATIENCE; attempt++) {
    if (isDeepStrictEqual(picture.whole, (await listed(netns)).whole)) return
    await setTimeout(50)
  }
}

it('events of changes at random add up to what is there', { timeout: 120_000 * PATIENCE }, () =>
  fc.assert(
    fc.asyncProperty(SCRIPT, (script) =>
      withNetns(async (netns) => {
        withoutDad(netns)
        await using events = await monitor(GROUPS, { netns })
        const picture = await listed(netns)
        const reading = (async () => {
          for await (const event of events) picture.tell(event)
        })()
        run(netns, script)
        await settle(picture, netns)
        expect(picture.whole).toEqual((await listed(netns)).whole)
        await events.close()
        await reading
      }),
    ),
    { numRuns: RUNS, seed: SEED, endOnFailure: true },
  ),
)
