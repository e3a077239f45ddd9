/** The programs in the documents, and the calls in their tables, are right to the compiler, too, as strict as `tsc --init` makes it. */

import { existsSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import ts from 'typescript'
import { expect, it } from 'vitest'
import { bodyOf, rowsOf } from '../kernel/document-tables.js'
import { blocks } from '../kernel/documents.js'

const DOCUMENTS = [
  'README.md',
  ...['guide', 'netns', 'conntrack', 'nftables', 'nat', 'from-iptables', 'topology', 'embedding'].map(
    (name) => `docs/${name}.md`,
  ),
]

/** Each has a table of calls, which are those of three entries. */
const TABLES = ['from-ip.md', 'from-pyroute2.md', 'from-rtnetlink.md', 'from-vishvananda.md']

function entryOf(name: string): string {
  if (/Conntrack|Expectation/.test(name)) return 'netlink-ts/conntrack'
  return /Topology/.test(name) ? 'netlink-ts/topology' : 'netlink-ts'
}

/** A program with a function for each call of a table. */
function programOf(table: string): string {
  const calls = rowsOf(table).map(({ call }) => call)
  const used = new Set(
    calls.flatMap((call) => call.match(/(?<![\w.])[a-z]+[A-Z]\w*(?=\()|\bbatch\b|\bmonitor\b/g) ?? []),
  )
  const importOf = (entry: string) =>
    `import { ${[...used].filter((name) => entryOf(name) === entry).join(', ')} } from '${entry}'`
  return [
    ...['netlink-ts', 'netlink-ts/conntrack', 'netlink-ts/topology'].map(importOf),
    ...calls.map((call, i) => `export async function call${i}() { ${bodyOf(call)} }`),
  ].join('\n')
}

/** The file of an entry: 'netlink-ts/nftables/sync' is src/nftables-sync.ts. */
function entryFile(name: string): string {
  const path = name.replace(/^netlink-ts\/?/, '').replace('/', '-') || 'index'
  return [`src/${path}.ts`, `src/${path}/index.ts`]
    .map((file) => resolve(file))
    .find((file) => existsSync(file))!
}

const programs = new Map([
  ...DOCUMENTS.flatMap((document) =>
    blocks(document).map((code, i) => [resolve(`${basename(document)}-${i}.mts`), code] as const),
  ),
  ...TABLES.map((table) => [resolve(`${table}.mts`), programOf(table)] as const),
])

it('of every document compile', () => {
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
    types: ['node'],
  }
  const host = ts.createCompilerHost(options)
  const { fileExists, readFile } = host
  const getSourceFile = host.getSourceFile.bind(host)
  const codeOf = (file: string) =>
    programs
      .get(file)
      ?.replace(
        /from '(netlink-ts.*?)'/g,
        (_, name: string) => `from '${entryFile(name).replace(/\.ts$/, '.js')}'`,
      )
  host.fileExists = (file) => programs.has(file) || fileExists(file)
  host.readFile = (file) => codeOf(file) ?? readFile(file)
  host.getSourceFile = (file, target) => {
    const code = codeOf(file)
    return code === undefined ? getSourceFile(file, target) : ts.createSourceFile(file, code, target)
  }
  const program = ts.createProgram([...programs.keys()], options, host)
  const faults = [...programs.keys()].flatMap((file) => {
    const source = program.getSourceFile(file)
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ messageText }) =>
        `${file.slice(resolve().length + 1)}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
    )
  })
  expect(faults).toEqual([])
  expect(programs.size).toBeGreaterThan(20)
}, 120_000)
