import { show } from '../codec/fault.js'
import { checkKeys } from '../netlink/check.js'
import { type Graph, graphOf, type Line, type Node } from './graph.js'
import { parseValue } from './parse.js'
import type { Topology } from './value.js'

/** What a drawing is written in. */
export interface DrawOptions {
  /** 'mermaid' without it, which GitHub and others show; 'dot' is Graphviz's language. */
  format?: 'mermaid' | 'dot' | undefined
}

/**
 * Draws a topology: namespaces as boxes, their interfaces with addresses, bridges, and lines with the names of ports; what is down is
 * dashed. What is there now is drawn by `drawTopology(await readTopology())`, with the MAC addresses that the kernel chose.
 *
 * @throws RangeError, TypeError naming the path in the value, or a format that there is not
 * @see dot(1), whose language the format `dot` is
 * @example console.log(drawTopology(star(3), { format: 'dot' }))
 */
export function drawTopology(topology: Topology, options: DrawOptions = {}): string {
  checkKeys('drawTopology', options, ['format'])
  const { format = 'mermaid' } = options
  if (format !== 'mermaid' && format !== 'dot')
    throw new RangeError(`format: ${show(format)} is not 'mermaid' or 'dot'`)
  const graph = graphOf(parseValue(topology))
  return format === 'dot' ? toDot(graph) : toMermaid(graph)
}

const MERMAID_LINES = { cable: '---', port: '---', above: '-.->' } as const

function toMermaid({ boxes, lines }: Graph): string {
  const text = ['flowchart LR']
  for (const { id, title, nodes } of boxes) {
    text.push(`  subgraph ${id}["${escapeMermaid(title)}"]`)
    for (const node of nodes) text.push(`    ${mermaidNode(node)}`)
    text.push('  end')
  }
  for (const { from, to, label, kind, up } of lines) {
    const line = up ? MERMAID_LINES[kind] : '-.-'
    text.push(`  ${from} ${line}${label === '' ? '' : `|"${escapeMermaid(label)}"|`} ${to}`)
  }
  const down = boxes.flatMap(({ nodes }) => nodes.filter(({ up }) => !up).map(({ id }) => id))
  if (down.length > 0) text.push('  classDef down stroke-dasharray: 4', `  class ${down.join(',')} down`)
  return `${text.join('\n')}\n`
}

function mermaidNode({ id, shape, text }: Node): string {
  const label = text.map(escapeMermaid).join('<br>')
  return shape === 'bridge' ? `${id}{{"${label}"}}` : `${id}["${label}"]`
}

/** What Mermaid takes for something else than text within quotes, too. */
const SPECIAL = [
  // Quotes, entities, tags, directives, formulas … and whatever comes yet; not what is in most names, addresses and commands.
  /[^\p{L}\p{M}\p{N} .,:/()_-]/u,
  // It would be cut off.
  /^ | $/u,
  // Words of its own: of colours, behind which '#' begins no entity, of directions and of icons.
  /s(?=tyle)|c(?=lassDef)|d(?=irection )|:(?=fa-)/u,
  // Markdown, which it took all texts for in early releases of Mermaid 11 (its pull request 7276): emphasis and lists.
  /(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|^-|(?<=^\p{N}+)[.)](?= |$)/u,
]
const SPECIAL_CHARACTER = new RegExp(SPECIAL.map(({ source }) => source).join('|'), 'gu')

/** Mermaid has entities of its own: '#34;'. */
function escapeMermaid(text: string): string {
  return text.replace(SPECIAL_CHARACTER, (character) => `#${character.codePointAt(0)};`)
}

function toDot({ boxes, lines }: Graph): string {
  const text = [
    'graph topology {',
    '  rankdir=LR',
    '  node [shape=box fontname="sans-serif" fontsize=10]',
    '  edge [fontname="sans-serif" fontsize=9]',
  ]
  for (const { id, title, nodes } of boxes) {
    text.push(
      `  subgraph cluster_${id} {`,
      `    label=${quoted(title)}`,
      '    fontname="sans-serif"',
      '    style=rounded',
    )
    // A box without an interface would not be drawn.
    if (nodes.length === 0) text.push(`    ${id} [label="" shape=point style=invis]`)
    for (const node of nodes) text.push(`    ${dotNode(node)}`)
    text.push('  }')
  }
  for (const line of lines) text.push(`  ${dotLine(line)}`)
  text.push('}')
  return `${text.join('\n')}\n`
}

function dotNode({ id, shape, up, text }: Node): string {
  const styles = [...(shape === 'bridge' ? ['filled'] : []), ...(up ? [] : ['dashed'])]
  return `${id} [label=${quoted(text.join('\n'))}${shape === 'bridge' ? ' shape=hexagon fillcolor="#e8eef7"' : ''}${
    styles.length === 0 ? '' : ` style="${styles.join(',')}"`
  }]`
}

function dotLine({ from, to, label, kind, up }: Line): string {
  const style = up ? (kind === 'above' ? 'dotted' : 'solid') : 'dashed'
  return `${from} -- ${to} [style=${style}${label === '' ? '' : ` label=${quoted(label)}`}]`
}

/** Graphviz decodes the entities of HTML. */
function quoted(text: string): string {
  return `"${text.replaceAll('&', '&amp;').replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`
}
