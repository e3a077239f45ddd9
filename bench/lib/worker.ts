import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
import ts from 'typescript'
import { packagePath } from './child.js'
import type { Missing } from './suite.js'

const BUILT = 'bench/results/workers'

/**
 * The command line of `bench/workers/NAME.ts`: types are taken away beforehand, so that plain Node runs it and no loader is
 * measured with it. What comes out lies inside the package, where 'netlink-ts' resolves to the built package.
 */
export async function worker(name: string): Promise<string[]> {
  await stripTypes('bench/workers')
  return [process.execPath, packagePath(`${BUILT}/${name}.js`)]
}

/** The same for a file of bench/peers, which runs other programs. */
export async function peerWorker(name: string): Promise<string[]> {
  await stripTypes('bench/peers')
  return [process.execPath, packagePath(`${BUILT}/${name}.js`)]
}

/** The same for one that uses parts of the sources that are no public exports: it is bundled with them. */
export async function bundledWorker(name: string): Promise<string[]> {
  const outfile = packagePath(`${BUILT}/${name}.mjs`)
  const entryPoints = [packagePath(`bench/workers/${name}.ts`)]
  await build({ entryPoints, outfile, bundle: true, platform: 'node', format: 'esm', target: 'node20' })
  return [process.execPath, outfile]
}

async function stripTypes(directory: string): Promise<void> {
  await mkdir(packagePath(BUILT), { recursive: true })
  for (const file of await readdir(packagePath(directory))) {
    if (!file.endsWith('.ts')) continue
    const { outputText } = ts.transpileModule(await readFile(packagePath(join(directory, file)), 'utf8'), {
      compilerOptions: {
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.ESNext,
        verbatimModuleSyntax: true,
      },
    })
    await writeFile(packagePath(join(BUILT, file.replace(/\.ts$/, '.js'))), outputText)
  }
}

/** What is missing where netlink-ts is not built. */
export function missingBuild(): Missing[] {
  if (existsSync(packagePath('dist/esm/sync.js'))) return []
  return [{ name: 'netlink-ts', remedy: 'npm run build', required: true }]
}
