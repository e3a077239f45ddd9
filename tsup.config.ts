import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { defineConfig } from 'tsup'
import { declarations } from './tsup.declarations.js'

const ENTRIES = [
  'src/index.ts',
  'src/sync.ts',
  'src/codec/index.ts',
  'src/testing/index.ts',
  'src/conntrack.ts',
  'src/conntrack-sync.ts',
].filter((file) => existsSync(file))

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

// Splitting keeps one copy of each module for all sub-paths of a format: a NetlinkError of '.' and of './sync' is one class.
export default defineConfig(
  (['esm', 'cjs'] as const).map((format) => ({
    entry: ENTRIES,
    format,
    outDir: `dist/${format}`,
    target: 'node20',
    platform: 'node',
    splitting: true,
    // As tsup's own shim, but right for paths with '#', '?' or '%'.
    ...(format === 'cjs' && {
      define: { 'import.meta.url': 'importMetaUrl' },
      banner: { js: "const importMetaUrl = require('node:url').pathToFileURL(__filename).href" },
    }),
    clean: true,
    silent: true,
    external: ['bindings', 'debug'],
    outExtension: () => ({ js: '.js' }),
    async onSuccess() {
      const type = format === 'esm' ? 'module' : 'commonjs'
      write(`dist/${format}/package.json`, `${JSON.stringify({ type })}\n`)
      for (const [file, text] of declarations(ENTRIES)) write(join('dist', format, file), text)
    },
  })),
)
