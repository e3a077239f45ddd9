import { drawTopology } from './draw.js'
import type { Topology } from './value.js'

/**
 * The drawing of drawTopology() as SVG, laid out by Graphviz. That is the package `@hpcc-js/wasm-graphviz` (0.8 MB, WebAssembly, nothing
 * native), which is installed beside this one where drawings are wanted, and loaded when the first is made.
 *
 * @throws RangeError, TypeError naming the path in the value; Error ERR_MODULE_NOT_FOUND where the package is not installed
 * @see dot(1)
 * @example await writeFile('lab.svg', await drawTopologySvg(await readTopology()))
 */
export async function drawTopologySvg(topology: Topology): Promise<string> {
  const dot = drawTopology(topology, { format: 'dot' })
  const { Graphviz } = await load()
  return (await Graphviz.load()).dot(dot)
}

async function load() {
  try {
    return await import('@hpcc-js/wasm-graphviz')
  } catch (error) {
    if (error instanceof Error && 'code' in error && /MODULE_NOT_FOUND$/.test(String(error.code)))
      error.message = `drawTopologySvg: npm install @hpcc-js/wasm-graphviz (${error.message})`
    throw error
  }
}
