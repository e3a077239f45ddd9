import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, posix, resolve } from 'node:path'
import { defineConfig } from 'tsup'
import { toCommonJs, wrapperOf } from './tsup.commonjs.js'
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
  async onSuccess() {
    rmSync('dist/esm', { recursive: true, force: true })
    for (const [format, type] of [
      ['esm', 'module'],
      ['cjs', 'commonjs'],
    ] as const) {
      write(`dist/${format}/package.json`, `${JSON.stringify({ type })}\n`)
      for (const [file, text] of declarations(ENTRIES)) write(join('dist', format, file), text)
    }
    for (const file of readdirSync('dist/cjs', { recursive: true, encoding: 'utf8' }))
      if (file.endsWith('.js'))
        write(join('dist/cjs', file), await toCommonJs(readFileSync(join('dist/cjs', file), 'utf8')))
    for (const entry of ENTRIES) writeWrapper(entry.replace(/^src\/(.*)\.ts$/, '$1.js'))
    write('dist/topology.schema.json', `${JSON.stringify(schemaOf('src/topology/value.ts', 'Topology'))}\n`)
  },
})

const load = createRequire(import.meta.url)

function writeWrapper(file: string): void {
  const built = join('dist/cjs', file)
  const path = posix.relative(posix.dirname(join('dist/esm', file)), built)
  write(join('dist/esm', file), wrapperOf(readFileSync(built, 'utf8'), path, load(resolve(built))))
}
