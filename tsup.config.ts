import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, posix, resolve } from 'node:path'
import { defineConfig } from 'tsup'
import { toCommonJs, wrapperOf } from './tsup.commonjs.js'
import { declarations } from './tsup.declarations.js'
import { fromPack, loadedWith, packed } from './tsup.pack.js'
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
]

/** Parts of the library that become files of their own, loaded with the first call that needs them. */
const PARTS = [
  'src/codec/fault.ts',
  'src/monitor/monitor.ts',
  'src/monitor/monitor-all.ts',
  'src/monitor/streams.ts',
  'src/monitor/watch-netns.ts',
  'src/netns/operations.ts',
  'src/raw/socket.ts',
  'src/raw/sync.ts',
  'src/rtnetlink/bridge/operations.ts',
  'src/rtnetlink/link/link-netns.ts',
  'src/rtnetlink/link/list.ts',
  'src/rtnetlink/link/operations.ts',
  'src/rtnetlink/operations.ts',
  'src/rtnetlink/tuntap/operations.ts',
  'src/spawn.ts',
  ...kindFiles(),
]

/** Each kind of link; what several of them share falls to the files that need it. */
function kindFiles(): string[] {
  const directory = 'src/rtnetlink/link/kinds'
  const shared = ['check.ts', 'index.ts', 'kind.ts', 'peer.ts', 'tunnel.ts']
  return readdirSync(directory)
    .filter((file) => !shared.includes(file))
    .map((file) => `${directory}/${file}`)
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

// Splitting keeps one copy of each module for all sub-paths: a NetlinkError of '.' and of './sync' is one class.
export default defineConfig({
  entry: [...ENTRIES, ...PARTS],
  format: 'esm',
  outDir: 'dist/cjs',
  target: 'node20',
  platform: 'node',
  splitting: true,
  clean: true,
  silent: true,
  external: ['bindings', 'debug', '@hpcc-js/wasm-graphviz'],
  outExtension: () => ({ js: '.js' }),
  metafile: true,
  async onSuccess() {
    rmSync('dist/esm', { recursive: true, force: true })
    for (const [format, type] of [
      ['esm', 'module'],
      ['cjs', 'commonjs'],
    ] as const) {
      write(`dist/${format}/package.json`, `${JSON.stringify({ type })}\n`)
      for (const [file, text] of declarations(ENTRIES)) write(join('dist', format, file), text)
    }
    const contents = takeContents()
    const files = new Map<string, string>()
    for (const [file, modules] of contents) {
      const isLater = (path: string) =>
        modules.some(isGate) || contents.get(posix.join(posix.dirname(file), path))!.some(isKind)
      files.set(posix.relative('dist/cjs', file), await toCommonJs(readFileSync(file, 'utf8'), isLater))
    }
    packStart(files, contents)
    for (const [file, text] of files) write(join('dist/cjs', file), text)
    for (const entry of ENTRIES) writeWrapper(entry.replace(/^src\/(.*)\.ts$/, '$1.js'))
    write('dist/topology.schema.json', `${JSON.stringify(schemaOf('src/topology/value.ts', 'Topology'))}\n`)
  },
})

/** The modules in each file that was built. */
function takeContents(): Map<string, string[]> {
  const metafile = 'dist/cjs/metafile-esm.json'
  const { outputs } = JSON.parse(readFileSync(metafile, 'utf8')) as {
    outputs: Record<string, { inputs: object }>
  }
  rmSync(metafile)
  return new Map(Object.entries(outputs).map(([file, { inputs }]) => [file, Object.keys(inputs)]))
}

/** What the first call needs, whatever it is; some of it an entry has loaded already, and that stays as it is. */
const START = ['src/rtnetlink/link/list.ts', 'src/rtnetlink/link/table.ts', 'src/socket/sync-driver.ts']
const PACK = 'start.js'

function packStart(files: Map<string, string>, contents: ReadonlyMap<string, readonly string[]>): void {
  const fileOf = (module: string) => {
    const [file] = [...contents].find(([, modules]) => modules.includes(module))!
    return posix.relative('dist/cjs', file)
  }
  const start = loadedWith(START.map(fileOf), files)
  for (const file of loadedWith(['src/face.ts', 'src/codec/fault.ts'].map(fileOf), files)) start.delete(file)
  const pack = packed(start, files)
  for (const file of start) {
    files.delete(file)
    rmSync(join('dist/cjs', file))
  }
  for (const [file, code] of files) files.set(file, fromPack(code, PACK, start))
  files.set(PACK, pack)
}

/** What leads to the rest, which is loaded when it is called: the entries, the lists of operations, the class that an entry has to offer at once. */
const GATES = [
  ...ENTRIES,
  'src/methods.ts',
  'src/operations.ts',
  'src/raw/opened.ts',
  'src/raw/socket.ts',
  'src/raw/sync.ts',
]

function isGate(module: string): boolean {
  return GATES.includes(module)
}

function isKind(module: string): boolean {
  return kindFiles().includes(module)
}

const load = createRequire(import.meta.url)

/**
 * The entry for `import`. The file between it and the CommonJS one is there for Node's search for the names that a CommonJS file exports: in
 * 15 KB it takes 2 ms, and V8 compiles the searching code meanwhile, which a short process waits for at its end (10 ms in Node 22).
 */
function writeWrapper(file: string): void {
  const built = join('dist/cjs', file)
  const path = posix.relative(posix.dirname(join('dist/esm', file)), built)
  const between = file.replace(/\.js$/, '.cjs')
  write(join('dist/esm', between), `const library = require('${path}')\nmodule.exports = library\n`)
  const wrapper = wrapperOf(readFileSync(built, 'utf8'), `./${posix.basename(between)}`, load(resolve(built)))
  write(join('dist/esm', file), wrapper)
}
