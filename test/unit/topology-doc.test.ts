/** The drawings in docs/topology.md are those of docs/examples/lab.ts. */

import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { lab } from '../../docs/examples/lab.js'
import { drawTopology } from '../../src/topology/public.js'
import { drawTopologySvg } from '../../src/topology/svg.js'

const read = (path: string) => readFileSync(new URL(`../../docs/${path}`, import.meta.url), 'utf8')

it('the Mermaid one', () => {
  expect(/```mermaid\n(.*?)```/s.exec(read('topology.md'))![1]).toBe(drawTopology(lab))
})

it('the SVG one', async () => expect(read('charts/lab.svg')).toBe(await drawTopologySvg(lab)))
