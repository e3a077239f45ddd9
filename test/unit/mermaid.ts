/** What Mermaid's own parser reads in a flowchart: that of its package without any dependency, which is made for browsers. */

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createContext, runInContext } from 'node:vm'

/** A flowchart as it is drawn: texts with their line breaks, where `end` is of what Mermaid calls an edge. */
export interface Flowchart {
  readonly boxes: readonly { id: string; title: string; nodes: readonly string[] }[]
  readonly nodes: readonly { id: string; shape: string; text: string; classes: readonly string[] }[]
  readonly lines: readonly { from: string; to: string; text: string; stroke: string; arrow: string }[]
  readonly classes: Readonly<Record<string, readonly string[]>>
}

interface Label {
  readonly labelType: string
}
interface Vertex extends Label {
  readonly id: string
  readonly type: string
  readonly text: string
  readonly classes: readonly string[]
}
interface Edge extends Label {
  readonly start: string
  readonly end: string
  readonly text: string
  readonly stroke: string
  readonly type: string
}
interface Subgraph extends Label {
  readonly id: string
  readonly title: string
  readonly nodes: readonly string[]
}
interface Diagram {
  readonly type: string
  readonly db: {
    getVertices(): Map<string, Vertex>
    getEdges(): readonly Edge[]
    getSubGraphs(): readonly Subgraph[]
    getClasses(): Map<string, { readonly styles: readonly string[] }>
  }
}
interface Mermaid {
  initialize(config: { startOnLoad: boolean }): void
  readonly mermaidAPI: { getDiagramFromText(text: string): Promise<Diagram> }
}

/** As much of a browser as it looks at when it is loaded; DOMPurify, which is in it, leaves texts as they are where documents cannot be made. */
function load(): Mermaid {
  const browser: Record<string, unknown> = {
    document: { nodeType: 9, addEventListener() {}, createElement: () => ({}) },
    addEventListener() {},
    Element: class {},
    console,
    structuredClone,
  }
  browser['window'] = browser
  const context = createContext(browser)
  const file = createRequire(import.meta.url).resolve('@mermaid-js/tiny')
  runInContext(readFileSync(file, 'utf8'), context, { filename: file })
  const mermaid = browser['mermaid'] as Mermaid
  mermaid.initialize({ startOnLoad: false })
  return mermaid
}

const mermaid = load()

/** @throws what Mermaid says against it */
export async function readMermaid(text: string): Promise<Flowchart> {
  const { type, db } = await mermaid.mermaidAPI.getDiagramFromText(text)
  if (type !== 'flowchart-v2') throw new Error(`a diagram of the type ${type}`)
  return {
    boxes: db
      .getSubGraphs()
      .map((box) => ({ id: box.id, title: shown(box.title, box), nodes: [...box.nodes] })),
    nodes: [...db.getVertices().values()].map((node) => ({
      id: node.id,
      shape: node.type,
      text: shown(node.text, node),
      classes: [...node.classes],
    })),
    lines: db.getEdges().map((edge) => ({
      from: edge.start,
      to: edge.end,
      text: shown(edge.text, edge),
      stroke: edge.stroke,
      arrow: edge.type,
    })),
    classes: Object.fromEntries([...db.getClasses()].map(([name, { styles }]) => [name, [...styles]])),
  }
}

/** What Mermaid, when it draws, takes for other things than text: line breaks, formulas, icons. Its parser tells Markdown by itself. */
const DRAWN_OTHERWISE = /\\n|\$\$|fa[bklrs]?:fa-/
/** Early releases of Mermaid 11 took all labels for Markdown (its pull request 7276). */
const MARKDOWN = /[*`~[]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|^(?:[-+]|\d+[.)])(?:\s|$)|^#/u

/** A label as a browser shows it: entities, for which Mermaid has characters of its own meanwhile (decodeEntities() of its utils.ts). */
function shown(label: string, { labelType }: Label): string {
  if (!['string', 'text'].includes(labelType)) throw new Error(`${label} is ${labelType}`)
  for (const pattern of [DRAWN_OTHERWISE, MARKDOWN])
    if (pattern.test(label))
      throw new Error(`${label} is drawn as something else: ${pattern.exec(label)![0]}`)
  const html = label.replaceAll('ﬂ°°', '&#').replaceAll('ﬂ°', '&').replaceAll('¶ß', ';')
  return html.split('<br>').map(textOf).join('\n')
}

function textOf(html: string): string {
  if (/[<>]|&(?!#\d+;)/.test(html)) throw new Error(`${html} is no text`)
  return html.replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
}
