/**
 * The checkout as a guest gets it: tests and library bundled, so that vitest imports each by Node's own means. Everything takes many times as
 * long in a guest, and there was more to compile than to test.
 */

import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { build, type Plugin } from 'esbuild'
import { BUNDLED, libraryEntries } from '../kernel/library.js'

/** Two levels below the package's directory, as the tests are: places() counts on it. */
const BUNDLES = 'src/bundle'

const TESTS = 'test/kernel'

/** What else tests read or build from. */
const PARTS = [
  'src',
  'test',
  'docs',
  'native',
  'binding.gyp',
  'package.json',
  'tsconfig.json',
  'README.md',
].concat(['config.gypi', 'Release'].map((part) => `build/${part}`))

/** Modules find files from where their source lies, not from the bundle that they are in. */
const places = (root: string): Plugin => ({
  name: 'places',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\/(src|test)\/.*\.ts$/ }, ({ path }) => {
      const place = `new URL('../../${relative(root, path)}', import.meta.url).href`
      return { contents: readFileSync(path, 'utf8').replaceAll('import.meta.url', place), loader: 'ts' }
    }),
})

/** Makes it anew, in a directory that is its alone. */
export async function compileTree(root: string, tree: string): Promise<void> {
  rmSync(tree, { recursive: true, force: true })
  mkdirSync(tree, { recursive: true })
  for (const part of PARTS) cpSync(join(root, part), join(tree, part), { recursive: true })
  mkdirSync(join(tree, 'build/test'), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'))

  const entries = libraryEntries(root)
  const tests = readdirSync(join(root, TESTS)).filter((file) => file.endsWith('.test.ts'))
  await build({
    absWorkingDir: root,
    entryPoints: [
      ...entries.map(({ file, bundle }) => ({ in: file, out: join(BUNDLES, bundle) })),
      ...[...tests, 'require-isolation.ts'].map((file) => ({
        in: `${TESTS}/${file}`,
        out: `${TESTS}/${file.replace(/\.ts$/, '')}`,
      })),
      { in: 'test/kernels/vitest.config.ts', out: 'vitest.config' },
    ],
    outdir: tree,
    chunkNames: `${BUNDLES}/[name]-[hash]`,
    ...BUNDLED,
    sourcemap: true,
    plugins: [places(root)],
  })
  // The package's own says that modules without names imported can be left out, of which esbuild warns when a test bundles these again.
  writeFileSync(join(tree, BUNDLES, 'package.json'), '{ "type": "module" }\n')
  for (const { file, bundle } of entries) {
    const from = relative(dirname(file), join(BUNDLES, bundle))
    writeFileSync(join(tree, file), `export * from '${from.startsWith('.') ? from : `./${from}`}.mjs'\n`)
  }
}
