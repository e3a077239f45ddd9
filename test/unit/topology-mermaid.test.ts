/**
 * Our Mermaid as Mermaid's own parser reads it: the same boxes, nodes, lines and texts, whatever the names are. `MERMAID_RUNS` and
 * `MERMAID_SEED` try other names than CI does.
 */

import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lab } from '../../docs/examples/lab.js'
import { published } from '../../docs/examples/published.js'
import { type Graph, graphOf } from '../../src/topology/graph.js'
import { parseValue } from '../../src/topology/parse.js'
import { drawTopology, leafSpine, line, pair, ring, star, type Topology } from '../../src/topology/public.js'
import { type Flowchart, readMermaid } from './mermaid.js'

const RUNS = Number(process.env['MERMAID_RUNS'] ?? 100)
const SEED = Number(process.env['MERMAID_SEED'] ?? 1)

const SHAPES = { interface: 'square', bridge: 'hexagon' }

/** What is to be drawn, in the words of Mermaid. */
function flowchartOf({ boxes, lines }: Graph): Flowchart {
  const nodes = boxes.flatMap((box) => box.nodes)
  return {
    boxes: boxes.map(({ id, title, nodes }) => ({ id, title, nodes: nodes.map((node) => node.id) })),
    nodes: nodes.map(({ id, shape, up, text }) => ({
      id,
      shape: SHAPES[shape],
      text: text.join('\n'),
      classes: up ? [] : ['down'],
    })),
    lines: lines.map(({ from, to, label, kind, up }) => ({
      from,
      to,
      text: label,
      stroke: up && kind !== 'above' ? 'normal' : 'dotted',
      arrow: up && kind === 'above' ? 'arrow_point' : 'arrow_open',
    })),
    classes: nodes.some(({ up }) => !up) ? { down: ['stroke-dasharray: 4'] } : {},
  }
}

/** In any order: Mermaid has boxes and nodes in that of its own. */
const sorted = ({ boxes, nodes, lines, classes }: Flowchart) => {
  const byId = <T extends { id: string }>(all: readonly T[]) =>
    [...all].sort((a, b) => (a.id < b.id ? -1 : 1))
  return { boxes: byId(boxes), nodes: byId(nodes), lines, classes }
}

async function expectSame(topology: Topology): Promise<void> {
  const read = await readMermaid(drawTopology(topology))
  expect(sorted(read)).toEqual(sorted(flowchartOf(graphOf(parseValue(topology)))))
}

const DOWN_AND_EMPTY: Topology = {
  namespaces: {
    red: {
      links: {
        eth0: { addresses: ['192.168.15.1/24', '2001:db8::1/64'], mac: '02:00:00:00:00:0A' },
        x: { peer: 'blue:y', up: false },
      },
    },
    blue: { links: { eth0: { kind: 'vlan', link: 'y', id: 5, mtu: 1400 } } },
    empty: {},
  },
  bridges: { 'v-net-0': { addresses: ['192.168.15.5/24'], ports: ['red:eth0'], up: false } },
  nat: {
    masquerade: [{ source: '10.5.0.0/24' }],
    publish: [
      { hostPort: 8080, to: '10.5.0.2:80' },
      { hostPort: 8443, to: '10.5.0.2:443' },
    ],
  },
}

describe('what is drawn is what Mermaid reads:', () => {
  it.each<[string, Topology]>([
    ['the lab of the documentation', lab],
    ['its published ports', published],
    ['what is down, empty and translated', DOWN_AND_EMPTY],
    ['a pair', pair()],
    ['a star', star(5)],
    ['a line', line(4)],
    ['a ring', ring(4)],
    ['spines and leaves', leafSpine({ spines: 2, leaves: 3, hosts: 2 })],
  ])('%s', async (_, topology) => expectSame(topology))
})

it('texts, not only what our own code says of them', async () => {
  const { boxes, nodes, lines } = await readMermaid(drawTopology(DOWN_AND_EMPTY))
  expect(boxes.map(({ title }) => title)).toEqual(expect.arrayContaining(['host', 'red', 'blue', 'empty']))
  expect(nodes.map(({ text }) => text)).toEqual(
    expect.arrayContaining([
      'v-net-0 (down)\nbridge\n192.168.15.5/24',
      'eth0\n192.168.15.1/24\n2001:db8::1/64\n02:00:00:00:00:0a',
      'masquerade 10.5.0.0/24\n*:8080/tcp to 10.5.0.2:80\n*:8443/tcp to 10.5.0.2:443',
    ]),
  )
  expect(lines.map(({ text }) => text)).toContain('veth-red-eth0')
})

const NASTY = [
  ...['"', '""', 'a"b"c', "'", '`', '`a`', '"`a`"', '#', '#35;', '#quot;', '&amp;'],
  ...['&#65;', ';', '%', '%%', '[a]', ']', '["', '{{a}}', '}', '(a)', '))', '|', '|a|'],
  ...['<b>', '<br>', '<', '>', '-->', '---', '-.->', '==', 'end', 'End', 'subgraph'],
  ...['flowchart', 'graph', 'class', 'classDef', 'click', 'style', 'down', 'n0', 'i0', 'o'],
  ...['x', '__proto__', 'constructor', '@', '@{}', ':::down', '~~~', '$$', '$$x$$', '\\'],
  ...['\\n', '*a*', '_a_', '**', '~~a~~', '[a](b)', 'a_b', '-', '+', '1.', '2)', 'ß'],
  ...['ﬂ°°65¶ß', '°', 'é', 'e\u0301', '名', 'ع', '🦊'],
]
/** Namespaces may have these, interfaces not. */
const NASTIER = [
  ...['a b', ' a', 'a ', ' ', '- a', '1. a', '# a', 'a\nb', '\n', 'a\n%% b', 'a\tb'],
  ...['\r\n', '\x01', '\u2028', '%%{init: {"theme": "dark"}}%%', '%%{a', '}%%'],
  ...['---\ntitle: a\n---', 'style:"', 'style a:#;', 'classDef:"', 'fa:fa-car', 'fab:fa-x'],
  ...['http://a', 'a::b', 'accTitle: a', 'end\nend', 'direction TB', 'default'],
  ...['a\n  end\n  i0 --- i1'],
]

describe('names:', () => {
  it.each(NASTY)('of an interface and its namespace: %j', async (name) => {
    const netns = name.replaceAll('/', '')
    const mac = '02:00:00:00:00:01'
    const links: Topology['links'] =
      name.includes(':') || name.includes('%') ? {} : { [name]: { kind: 'dummy', mac, up: false } }
    await expectSame({ name: 'lab', namespaces: { [netns]: { links } }, links: { d: { kind: 'dummy' } } })
  })

  it.each(NASTIER)('of a namespace: %j', async (name) => {
    const netns = name.replaceAll('/', '')
    await expectSame({ name: 'lab', namespaces: { [netns]: { links: { eth0: { peer: ':far' } } } } })
  })

  it('on a line', async () => {
    for (const name of ['a"|b', '|', 'end', '#59;', '`a`', '<i>'])
      await expectSame({
        namespaces: { red: { links: { eth0: { peer: `:${name}` } } } },
        links: { [name]: {} },
        bridges: { br: { ports: [name] } },
      })
  })

  it('any', async () => {
    const text = fc
      .string({
        unit: fc.oneof(fc.constantFrom(...NASTY, ...NASTIER), fc.string({ unit: 'grapheme' })),
        maxLength: 4,
      })
      .map((name) => name.replaceAll(/[/\0]/g, ''))
      .filter((name) => !['', '.', '..'].includes(name) && new TextEncoder().encode(name).length < 200)
    await fc.assert(
      fc.asyncProperty(text, (name) =>
        expectSame({ name: 'lab', namespaces: { [name]: { links: { eth0: { peer: ':far' } } } } }),
      ),
      { numRuns: RUNS, seed: SEED },
    )
  })
})

it('what is drawn in the documentation', async () => {
  const docs = new URL('../../docs/', import.meta.url)
  const files = readdirSync(docs, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.md'),
  )
  const texts = ['../README.md', ...files].flatMap((file) =>
    [...readFileSync(new URL(file, docs), 'utf8').matchAll(/```mermaid\n(.*?)```/gs)].map(
      (found) => found[1]!,
    ),
  )
  expect(texts.length).toBeGreaterThan(0)
  for (const text of texts) expect((await readMermaid(text)).nodes.length).toBeGreaterThan(0)
})

it('more lines than Mermaid draws without being told to', async () => {
  await expect(readMermaid(drawTopology(star(501)))).rejects.toThrow('the limit is 500')
})
