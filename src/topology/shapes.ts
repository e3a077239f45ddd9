/** The common shapes of networks, as values that can be changed before they are made. */

import { formatIpv4, parseIpv4 } from '../codec/index.js'
import { checkInteger, checkKeys } from '../netlink/check.js'
import { namedPath } from '../netlink/netns-name.js'
import { AF_INET } from '../rtnetlink/family.js'
import { parsePrefix } from '../rtnetlink/input.js'
import type { Topology, TopologyBridge, TopologyNamespace } from './value.js'

/** What a shape is called and which network its addresses are of. */
export interface ShapeOptions {
  /** Of the topology, and the beginning of its namespaces' names; without it that of the shape. */
  name?: string | undefined
  /** IPv4: '10.0.0.0/16'. */
  network?: string | undefined
}

const SHAPE_OPTIONS = ['name', 'network'] as const

function checkOptions(shape: string, options: ShapeOptions, own: readonly string[] = []): void {
  checkKeys(shape, options, [...own, ...SHAPE_OPTIONS])
  if (options.name !== undefined) namedPath(options.name, 'name')
}

/** Addresses of a network, one after another; throws where it has no more. */
class Addresses {
  readonly length: number
  readonly #base: number
  readonly #text: string

  constructor(network: string) {
    const { family, address, length } = parsePrefix(network, 'network')
    if (family !== AF_INET) throw new RangeError(`network: '${network}' is not an IPv4 network`)
    const bytes = new Uint8Array(4)
    parseIpv4(address, bytes, 0)
    this.#base = new DataView(bytes.buffer).getUint32(0)
    this.#text = network
    this.length = length
    if (this.#base % 2 ** (32 - length) !== 0)
      throw new RangeError(`network: '${network}' has bits after its prefix length`)
  }

  /** The address so far from the start; the last one is for broadcasts. */
  at(offset: number): string {
    if (offset > 2 ** (32 - this.length) - 2)
      throw new RangeError(`network: '${this.#text}' has no room for that many namespaces`)
    const bytes = new Uint8Array(4)
    new DataView(bytes.buffer).setUint32(0, this.#base + offset)
    return formatIpv4(bytes, 0)
  }
}

function number(value: unknown, field: string, min: number): number {
  return checkInteger(value, field, min, 65536, 'a number')
}

/**
 * Two namespaces that one cable joins: NAME-1 and NAME-2, each with `eth0`, .1 and .2 of 10.0.0.0/24.
 *
 * @throws RangeError, TypeError naming the option
 * @see veth(4)
 * @example await createTopology(pair())
 */
export function pair(options: ShapeOptions = {}): Topology {
  checkOptions('pair', options)
  const { name = 'pair', network = '10.0.0.0/24' } = options
  const addresses = new Addresses(network)
  const end = (offset: number) => `${addresses.at(offset)}/${addresses.length}`
  return {
    name,
    namespaces: {
      [`${name}-1`]: { links: { eth0: { peer: `${name}-2:eth0`, addresses: [end(1)] } } },
      [`${name}-2`]: { links: { eth0: { addresses: [end(2)] } } },
    },
  }
}

/**
 * Namespaces on a bridge of the process's own namespace: NAME-1 … NAME-n, each with `eth0` and a default route to the bridge, which has
 * the first address of 10.0.0.0/16.
 *
 * @throws RangeError, TypeError naming the option
 * @see veth(4), bridge(8)
 * @example await createTopology(star(100, { name: 'box', network: '10.1.0.0/16' }))
 */
export function star(count: number, options: ShapeOptions = {}): Topology {
  checkOptions('star', options)
  const { name = 'star', network = '10.0.0.0/16' } = options
  number(count, 'count', 1)
  const addresses = new Addresses(network)
  const gateway = addresses.at(1)
  const namespaces: { [name: string]: TopologyNamespace } = {}
  for (let index = 1; index <= count; index++)
    namespaces[`${name}-${index}`] = {
      links: { eth0: { addresses: [`${addresses.at(1 + index)}/${addresses.length}`] } },
      routes: [{ to: 'default', via: gateway }],
    }
  const bridge: TopologyBridge = {
    addresses: [`${gateway}/${addresses.length}`],
    ports: Object.keys(namespaces).map((netns) => `${netns}:eth0`),
  }
  return { name, namespaces, bridges: { [`${name}-br`]: bridge } }
}

const FORWARDING = { 'net.ipv4.ip_forward': 1 }

interface Cable {
  readonly left: string
  readonly right: string
}

/** Routers in a row, `eth1` of each joined to `eth0` of the next by a network of four addresses, with routes to all other cables. */
function chain(shape: string, count: number, options: ShapeOptions, closed: boolean): Topology {
  checkOptions(shape, options)
  const { name = shape, network = '10.0.0.0/16' } = options
  number(count, 'count', closed ? 3 : 2)
  const addresses = new Addresses(network)
  const netns = (index: number) => `${name}-${(index % count) + 1}`
  const cables: Cable[] = Array.from({ length: closed ? count : count - 1 }, (_, index) => ({
    left: addresses.at(index * 4 + 1),
    right: addresses.at(index * 4 + 2),
  }))
  const namespaces: { [name: string]: TopologyNamespace } = {}
  for (let index = 0; index < count; index++) {
    const after = cables[index]
    const before = cables[index === 0 && closed ? count - 1 : index - 1]
    const routes = cables.flatMap((_, cable) => {
      if (cables[cable] === after || cables[cable] === before) return []
      // The shorter way round; a line has one way only.
      const forward = (cable - index + cables.length) % cables.length
      const backward = (index - 1 - cable + cables.length) % cables.length
      const right = closed ? forward <= backward : cable > index
      return [{ to: `${addresses.at(cable * 4)}/30`, via: right ? after!.right : before!.left }]
    })
    namespaces[netns(index)] = {
      sysctls: FORWARDING,
      links: {
        ...(before === undefined ? {} : { eth0: { addresses: [`${before.right}/30`] } }),
        ...(after === undefined
          ? {}
          : { eth1: { peer: `${netns(index + 1)}:eth0`, addresses: [`${after.left}/30`] } }),
      },
      routes,
    }
  }
  return { name, namespaces }
}

/**
 * Routers in a row: NAME-1 … NAME-n, `eth1` of each joined to `eth0` of the next; every one reaches every other.
 *
 * @throws RangeError, TypeError naming the option
 * @see veth(4), ip-route(8)
 * @example await createTopology(line(4))
 */
export function line(count: number, options: ShapeOptions = {}): Topology {
  return chain('line', count, options, false)
}

/**
 * Routers in a ring, of at least three: as a line whose last is joined to its first. Packets take the shorter way.
 *
 * @throws RangeError, TypeError naming the option
 * @see veth(4), ip-route(8)
 * @example await createTopology(ring(5))
 */
export function ring(count: number, options: ShapeOptions = {}): Topology {
  return chain('ring', count, options, true)
}

/** What a network of spines and leaves is made of. */
export interface LeafSpineOptions extends ShapeOptions {
  spines: number
  leaves: number
  /** Behind each leaf; 1 without it. */
  hosts?: number | undefined
}

/** Addresses of a leaf's own network, and how many hosts it can have. */
const LEAF_SIZE = 256
const MAX_HOSTS = 252

/**
 * A data centre in small: every leaf is joined to every spine, every host to its leaf, whose bridge `br0` is its gateway; leaves share what
 * goes elsewhere among the spines by ECMP. NAME-spine-S, NAME-leaf-L and NAME-host-L-H; hosts of leaf L have x.y.L.0/24 of the network
 * (10.0.0.0/8), the cables what follows the leaves.
 *
 * @throws RangeError, TypeError naming the option
 * @see veth(4), bridge(8), ip-route(8) on routes of several nexthops
 * @example await createTopology(leafSpine({ spines: 2, leaves: 4, hosts: 3 }))
 */
export function leafSpine(options: LeafSpineOptions): Topology {
  checkOptions('leafSpine', options, ['spines', 'leaves', 'hosts'])
  const { name = 'fabric', network = '10.0.0.0/8', hosts = 1 } = options
  const spines = number(options.spines, 'spines', 1)
  const leaves = number(options.leaves, 'leaves', 1)
  checkInteger(hosts, 'hosts', 0, MAX_HOSTS, 'a number')
  const addresses = new Addresses(network)
  const subnet = (leaf: number) => addresses.at(leaf * LEAF_SIZE)
  /** The cable's network; the spine has the first address, the leaf the second. */
  const cable = (leaf: number, spine: number) => (leaves + 1) * LEAF_SIZE + (leaf * spines + spine) * 4
  const namespaces: { [name: string]: TopologyNamespace } = {}
  for (let spine = 0; spine < spines; spine++) {
    const links: TopologyNamespace['links'] = {}
    for (let leaf = 0; leaf < leaves; leaf++)
      links[`leaf${leaf + 1}`] = { addresses: [`${addresses.at(cable(leaf, spine) + 1)}/30`] }
    namespaces[`${name}-spine-${spine + 1}`] = {
      sysctls: FORWARDING,
      links,
      routes: Array.from({ length: leaves }, (_, leaf) => ({
        to: `${subnet(leaf + 1)}/24`,
        via: addresses.at(cable(leaf, spine) + 2),
      })),
    }
  }
  for (let leaf = 0; leaf < leaves; leaf++) {
    const links: TopologyNamespace['links'] = {}
    for (let spine = 0; spine < spines; spine++)
      links[`spine${spine + 1}`] = {
        peer: `${name}-spine-${spine + 1}:leaf${leaf + 1}`,
        addresses: [`${addresses.at(cable(leaf, spine) + 2)}/30`],
      }
    const base = (leaf + 1) * LEAF_SIZE
    const gateway = addresses.at(base + 1)
    const ports: string[] = []
    for (let host = 0; host < hosts; host++) {
      const netns = `${name}-host-${leaf + 1}-${host + 1}`
      ports.push(`${netns}:eth0`)
      namespaces[netns] = {
        links: { eth0: { addresses: [`${addresses.at(base + 2 + host)}/24`] } },
        routes: [{ to: 'default', via: gateway }],
      }
    }
    const vias = Array.from({ length: spines }, (_, spine) => addresses.at(cable(leaf, spine) + 1))
    namespaces[`${name}-leaf-${leaf + 1}`] = {
      sysctls: { ...FORWARDING, 'net.ipv4.fib_multipath_hash_policy': 1 },
      links,
      bridges: { br0: { addresses: [`${gateway}/24`], ports } },
      routes: [
        spines === 1
          ? { to: 'default', via: vias[0] }
          : { to: 'default', family: 'ipv4', nexthops: vias.map((via) => ({ via })) },
      ],
    }
  }
  return { name, namespaces }
}
