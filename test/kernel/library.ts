/** The library bundled, for programs that tests start: to compile it took most of their start. Made once for each run of vitest. */

import { readdirSync, rmSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { type BuildOptions, build } from 'esbuild'

/** What the package exports. */
const ENTRIES =
  /^((index|sync|conntrack|nftables|topology)|(conntrack|nftables|topology)-sync|(codec|testing)\/index)\.ts$/

/** How the library and what uses it is bundled: packages stay outside. */
export const BUNDLED = {
  outExtension: { '.js': '.mjs' },
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  packages: 'external',
} as const satisfies BuildOptions

/** The entries of the library, below its root, and the names of their bundles: see library() of program.ts. */
export function libraryEntries(root: string): { readonly file: string; readonly bundle: string }[] {
  const files = readdirSync(`${root}/src`, { recursive: true }) as string[]
  return files
    .filter((file) => ENTRIES.test(file))
    .map((file) => ({ file: `src/${file}`, bundle: file.slice(0, -'.ts'.length).replace('/', '-') }))
}

/** As vitest calls it; what is returned takes the bundles away. */
export default async function setup(): Promise<() => void> {
  const root = fileURLToPath(new URL('../..', import.meta.url))
  // Two levels below the package's directory, as the sources are: they find the addon from where they are.
  const directory = `${root}/build/library-${process.pid}`
  await build({
    absWorkingDir: root,
    entryPoints: libraryEntries(root).map(({ file, bundle }) => ({ in: file, out: bundle })),
    outdir: directory,
    ...BUNDLED,
  })
  process.env['NETLINK_BUNDLES'] = pathToFileURL(`${directory}/`).href
  return () => rmSync(directory, { recursive: true })
}
