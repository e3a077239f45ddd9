import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { transform } from 'esbuild'
import { defineConfig } from 'tsup'
import { declarations } from './tsup.declarations.js'
import { schemaOf } from './tsup.schema.js'

const ENTRIES = [
  'src/index.ts',
  'src/sync.ts',
  'src/codec/index.ts',
  'src/testing/index.ts',
  'src/conntrack.ts',
  'src/conntrack-sync.ts',
  'src/topology.ts',
  'src/topology-sync.ts',
  'src/nftables.ts',
  'src/nftables-sync.ts',
].filter((file) => existsSync(file))

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

// Splitting keeps one copy of each module for all sub-paths of a format: a NetlinkError of '.' and of './sync' is one class.
export default defineConfig({
  entry: ENTRIES,
  format: 'esm',
  outDir: 'dist/esm',
  target: 'node20',
  platform: 'node',
  splitting: true,
  clean: true,
  silent: true,
  external: ['bindings', 'debug', '@hpcc-js/wasm-graphviz'],
  outExtension: () => ({ js: '.js' }),
  async onSuccess() {
    await toCommonJs()
    write('dist/topology.schema.json', `${JSON.stringify(schemaOf('src/topology/value.ts', 'Topology'))}\n`)
    for (const [format, type] of [
      ['esm', 'module'],
      ['cjs', 'commonjs'],
    ] as const) {
      write(`dist/${format}/package.json`, `${JSON.stringify({ type })}\n`)
      for (const [file, text] of declarations(ENTRIES)) write(join('dist', format, file), text)
    }
  },
})

/**
 * File by file from the modules: tsup's own CommonJS with splitting rewrites `?.` and `??` into calls with closures, in the hottest code
 * too.
 */
async function toCommonJs(): Promise<void> {
  rmSync('dist/cjs', { recursive: true, force: true })
  for (const file of readdirSync('dist/esm', { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.js')) continue
    const { code } = await transform(readFileSync(join('dist/esm', file), 'utf8'), {
      format: 'cjs',
      platform: 'node',
      target: 'node20',
      // As tsup's own shim, but right for paths with '#', '?' or '%'.
      define: { 'import.meta.url': 'importMetaUrl' },
      banner: "const importMetaUrl = require('node:url').pathToFileURL(__filename).href",
    })
    write(join('dist/cjs', file), code)
  }
}
