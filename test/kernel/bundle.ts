/** Examples as one file each, for tests that start them often: Node is there in a tenth of a second. */

import { chmodSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/**
 * Bundles docs/examples/NAME.ts with the package's source, as an executable; the caller removes it. It lies two levels below the package's
 * directory, as the sources do, which look for the addon from there.
 */
export function bundle(name: string): string {
  const outfile = file(`../../build/test/${basename(name)}-${process.pid}.mjs`)
  buildSync({
    entryPoints: [file(`../../docs/examples/${name}.ts`)],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    tsconfig: file('../../tsconfig.json'),
    banner: { js: `#!${process.execPath}` },
  })
  chmodSync(outfile, 0o755)
  return outfile
}
