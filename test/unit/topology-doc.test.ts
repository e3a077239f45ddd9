/** The drawings in docs/topology.md are those of docs/examples/lab.ts and published.ts. */

import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { lab } from '../../docs/examples/lab.js'
import { published } from '../../docs/examples/published.js'
import { drawTopology } from '../../src/topology/public.js'
import { drawTopologySvg } from '../../src/topology/svg.js'

const read = (path: string) => readFileSync(new URL(`../../docs/${path}`, import.meta.url), 'utf8')
const block = (language: string) =>
  new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 's').exec(read('topology.md'))![1]

it('the Mermaid one', () => expect(block('mermaid')).toBe(drawTopology(lab)))

it('the one for Graphviz, with what is translated', () =>
  expect(block('dot')).toBe(drawTopology(published, { format: 'dot' })))

it.each([
  ['lab', lab],
  ['published', published],
])('%s.svg', async (name, value) => expect(read(`charts/${name}.svg`)).toBe(await drawTopologySvg(value)))
