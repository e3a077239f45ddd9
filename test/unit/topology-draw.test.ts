/** Drawings: Mermaid and DOT by our own code, SVG by Graphviz, which reads our DOT. */

import { expect, it } from 'vitest'
import { drawTopology, leafSpine, line, ring, star, type Topology } from '../../src/topology/public.js'
import { drawTopologySvg } from '../../src/topology/svg.js'

const LAB: Topology = {
  namespaces: {
    red: {
      links: {
        eth0: { addresses: ['192.168.15.1/24'], mac: '02:00:00:00:00:0A' },
        'v"x': { peer: 'blue:y', up: false },
      },
    },
    blue: { links: { eth0: { kind: 'vlan', link: 'y', id: 5, mtu: 1400 } } },
    empty: {},
  },
  bridges: { 'v-net-0': { addresses: ['192.168.15.5/24'], ports: ['red:eth0'] } },
}

it('Mermaid: namespaces as boxes, ports by name, what is down dashed', () => {
  expect(drawTopology(LAB)).toBe(`flowchart LR
  subgraph n0["host"]
    i0{{"v-net-0<br>bridge<br>192.168.15.5/24"}}
  end
  subgraph n1["red"]
    i1["eth0<br>192.168.15.1/24<br>02:00:00:00:00:0a"]
    i2["v#34;x (down)"]
  end
  subgraph n2["blue"]
    i3["eth0<br>vlan id 5<br>mtu 1400"]
    i4["y"]
  end
  subgraph n3["empty"]
  end
  i1 ---|"veth-red-eth0"| i0
  i2 -.- i4
  i3 -.-> i4
  classDef down stroke-dasharray: 4
  class i2 down
`)
})

it('a port of a bond that somebody gave another MTU', () => {
  const links: Topology['links'] = {
    b: { kind: 'bond' },
    d: { kind: 'dummy', master: 'b', mtu: 1400 },
  }
  expect(drawTopology({ links })).toContain('mtu 1400')
})

it('DOT has the same', () => {
  const dot = drawTopology(LAB, { format: 'dot' })
  expect(dot).toContain('    i2 [label="v\\"x (down)" style="dashed"]\n')
  expect(dot).toContain(
    '    i0 [label="v-net-0\\nbridge\\n192.168.15.5/24" shape=hexagon fillcolor="#e8eef7" style="filled"]\n',
  )
  expect(dot).toContain('  i1 -- i0 [style=solid label="veth-red-eth0"]\n')
  expect(dot).toContain('  i2 -- i4 [style=dashed]\n  i3 -- i4 [style=dotted]\n')
})

it.each([
  [
    'everything',
    LAB,
    ['red', 'blue', 'empty', 'v-net-0', '192.168.15.1/24', 'veth-red-eth0', 'v&quot;x (down)'],
  ],
  ['a star', star(5), ['star-5', '10.0.0.6/16']],
  [
    'NAT',
    {
      bridges: { br0: { addresses: ['10.5.0.1/24'] } },
      nat: {
        masquerade: [{ source: '10.5.0.0/24' }],
        publish: [{ hostPort: 8080, to: '10.5.0.2:80' }],
      },
    },
    ['masquerade 10.5.0.0/24', '*:8080/tcp to 10.5.0.2:80'],
  ],
  ['a line', line(3), ['line-3']],
  ['a ring', ring(3), ['ring-3']],
  ['leaves and spines', leafSpine({ spines: 2, leaves: 2 }), ['fabric-leaf-2', 'br0']],
] as [string, Topology, string[]][])('%s as SVG, by Graphviz', async (_, topology, texts) => {
  const svg = await drawTopologySvg(topology)
  expect(svg).toMatch(/<svg [\s\S]*<\/svg>\s*$/)
  for (const text of texts) expect(svg.replaceAll('&#45;', '-')).toContain(`>${text}</text>`)
})

it('names with entities in them are drawn as they are', async () => {
  const names = ['a"b<c>&amp;', '&lt;', '&#65;']
  const links = Object.fromEntries(names.map((name) => [name, { kind: 'dummy' as const }]))
  const svg = await drawTopologySvg({ links })
  for (const text of ['>a&quot;b&lt;c&gt;&amp;amp;<', '>&amp;lt;<', '>&amp;#65;<'])
    expect(svg).toContain(text)
})

it.each([
  ['`a`', '#96;a#96;'],
  ['%%{init}%%', '#37;#37;#123;init#125;#37;#37;'],
  ['direction TB', '#100;irection TB'],
  ['style a:b', '#115;tyle a:b'],
  ['fa:fa-car', 'fa#58;fa-car'],
  ['a\\nb\nc', 'a#92;nb#10;c'],
  [' - 1. ', '#32;- 1.#32;'],
  ['- _a_b', '#45; #95;a_b'],
  ['1. a', '1#46; a'],
  ['10.0.0.1 (a)', '10.0.0.1 (a)'],
])('what Mermaid would take for something else than text: %j', (name, escaped) => {
  const drawn = drawTopology({ name: 'lab', namespaces: { [name]: {} } })
  expect(drawn).toBe(`flowchart LR\n  subgraph n0["${escaped}"]\n  end\n`)
})

it('another format is refused', () => {
  expect(() => drawTopology(LAB, { format: 'png' as 'dot' })).toThrow(
    "format: 'png' is not 'mermaid' or 'dot'",
  )
})
