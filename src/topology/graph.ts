/** A network as boxes and lines, whatever they are drawn with. */

import {
  findLink,
  HOST,
  type LinkModel,
  type Network,
  type Place,
  type Reference,
  referenceText,
} from './network.js'

export interface Graph {
  readonly boxes: readonly Box[]
  readonly lines: readonly Line[]
}

/** A namespace. */
export interface Box {
  readonly id: string
  readonly title: string
  readonly nodes: readonly Node[]
}

/** An interface. */
export interface Node {
  readonly id: string
  readonly shape: 'interface' | 'bridge'
  readonly up: boolean
  /** Name, kind, addresses, MAC … */
  readonly text: readonly string[]
}

export interface Line {
  readonly from: string
  readonly to: string
  readonly label: string
  /** 'cable' joins two ends, 'port' a port and its bridge, 'above' an interface and what it stands on. */
  readonly kind: 'cable' | 'port' | 'above'
  readonly up: boolean
}

export function graphOf(network: Network): Graph {
  const ids = new Map<LinkModel, string>()
  const boxes: Box[] = []
  for (const place of network.places.values()) {
    const shown = [...place.links.values()].filter((link) => !isShort(network, link))
    for (const link of shown) ids.set(link, `i${ids.size}`)
    if (place.netns === HOST && shown.length === 0 && place.nat.length === 0) continue
    boxes.push({
      id: `n${boxes.length}`,
      title: place.netns === HOST ? 'host' : place.netns,
      nodes: [...shown.map((link) => nodeOf(network, link, ids.get(link)!)), ...natNode(place, boxes.length)],
    })
  }
  const lines = [...network.places.values()].flatMap((place) =>
    [...place.links.values()].flatMap((link) => linesOf(network, place, link, ids)),
  )
  return { boxes, lines }
}

/** A port that is there for a bridge alone, and has nothing to say: its name on the line is enough. */
function isShort(network: Network, { implied, peer, addresses, master }: LinkModel): boolean {
  return (
    implied &&
    addresses.length === 0 &&
    master !== null &&
    peer !== null &&
    findLink(network, peer) !== undefined
  )
}

function nodeOf(network: Network, link: LinkModel, id: string): Node {
  const { name, kind, options, addresses, netns, link: below, peer } = link
  const { mac, mtu, up } = options
  const outside = [below, peer].filter(
    (one): one is Reference => one !== null && findLink(network, one) === undefined,
  )
  const details = ['id', 'mode', 'table', 'remote', 'local']
    .filter((key) => ['string', 'number'].includes(typeof options[key]))
    .map((key) => `${key} ${options[key]}`)
  return {
    id,
    shape: kind === 'bridge' ? 'bridge' : 'interface',
    up: up !== false,
    text: [
      `${name}${up === false ? ' (down)' : ''}`,
      ...(kind === 'veth' ? [] : [[kind, ...details].join(' ')]),
      ...addresses.map(({ address, peer: far }) => (far == null ? address : `${address} peer ${far}`)),
      ...(typeof mac === 'string' ? [mac.toLowerCase()] : []),
      ...(typeof mtu === 'number' ? [`mtu ${mtu}`] : []),
      ...outside.map((one) => `on ${referenceText(one, netns)}`),
    ],
  }
}

/** What is translated, in a box of its own. */
function natNode({ nat }: Place, index: number): Node[] {
  if (nat.length === 0) return []
  const text = nat.map(({ value }) => {
    if (value.verb === 'masquerade') return `masquerade ${value.options.source}`
    const { protocol = 'tcp', hostAddress, hostPort, to } = value.options
    return `${hostAddress ?? '*'}:${hostPort}/${protocol} to ${to}`
  })
  return [{ id: `t${index}`, shape: 'interface', up: true, text }]
}

function linesOf(
  network: Network,
  place: Place,
  link: LinkModel,
  ids: ReadonlyMap<LinkModel, string>,
): Line[] {
  const lines: Line[] = []
  const up = link.options['up'] !== false
  const far = link.peer === null ? undefined : findLink(network, link.peer)
  const master = link.master === null ? undefined : place.links.get(link.master)
  const own = ids.get(link)
  if (own === undefined) {
    const both = up && far!.options['up'] !== false
    return [{ from: ids.get(far!)!, to: ids.get(master!)!, label: link.name, kind: 'port', up: both }]
  }
  const other = far === undefined ? undefined : ids.get(far)
  // Once for the two ends.
  if (other !== undefined && idNumber(own) < idNumber(other))
    lines.push({ from: own, to: other, label: '', kind: 'cable', up: up && far!.options['up'] !== false })
  if (master !== undefined) lines.push({ from: own, to: ids.get(master)!, label: '', kind: 'port', up })
  const below = link.link === null ? undefined : findLink(network, link.link)
  const lower = below === undefined ? undefined : ids.get(below)
  if (lower !== undefined) lines.push({ from: own, to: lower, label: '', kind: 'above', up })
  return lines
}

function idNumber(id: string): number {
  return Number(id.slice(1))
}
