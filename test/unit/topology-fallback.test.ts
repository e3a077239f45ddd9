/** The tunnels that modules make in every namespace are nobody's, unless a value names them. */

import { expect, it } from 'vitest'
import type { Link } from '../../src/rtnetlink/link/link.js'
import { parseTopology } from '../../src/topology/parse.js'
import { project } from '../../src/topology/project.js'
import type { Raw, RawPlace } from '../../src/topology/raw.js'
import type { Topology } from '../../src/topology/value.js'

const KINDS: [name: string, kind: string][] = [
  ['tunl0', 'ipip'],
  ['gre0', 'gre'],
  ['gretap0', 'gretap'],
  ['erspan0', 'erspan'],
  ['sit0', 'sit'],
  ['ip6tnl0', 'ip6tnl'],
  ['ip6gre0', 'ip6gre'],
  ['ip_vti0', 'vti'],
  ['ip6_vti0', 'vti6'],
]

/** A namespace with some links, besides `lo` and `teql0`, and nothing else. */
function found(...links: [name: string, kind: string][]): Raw {
  const all = [['lo', null], ['teql0', null], ...links].map(
    ([name, kind], index) =>
      ({ name, kind, ifindex: index + 1, up: true, flags: [], master: null, data: null }) as unknown as Link,
  )
  const place = {
    netns: 'red',
    links: all,
    byIndex: new Map(all.map((link) => [link.ifindex, link])),
    ...{ addresses: [], promoting: new Set(), routes: [], rules: [], neighbours: [], nat: [] },
    ...{ sysctls: new Map(), below: new Map() },
  } as RawPlace
  return { places: new Map([['red', place]]), files: new Set() }
}

function linksOf(raw: Raw, like: Topology | null): string[] {
  const network = like === null ? null : parseTopology(like)
  return [...project(raw, network).places.get('red')!.links.keys()]
}

const OTHER: Topology = { name: 'lab', namespaces: { red: { bridges: { br0: {} } } } }

it.each(KINDS)(
  '%s of the kind %s is nobody’s; of another kind, or of another name, it is somebody’s',
  (name, kind) => {
    for (const like of [null, OTHER]) {
      expect(linksOf(found([name, kind]), like)).toEqual([])
      expect(linksOf(found([name, 'bridge']), like)).toEqual([name])
      expect(linksOf(found(['own', kind]), like)).toEqual(['own'])
    }
  },
)

it('one that a value names, with its kind, is that of the value', () => {
  const value = (kind: 'sit' | 'ipip'): Topology => ({
    name: 'lab',
    namespaces: { red: { links: { sit0: { kind, local: '192.0.2.1' } } } },
  })
  expect(linksOf(found(['sit0', 'sit']), value('sit'))).toEqual(['sit0'])
  expect(linksOf(found(['sit0', 'sit']), value('ipip'))).toEqual([])
})
