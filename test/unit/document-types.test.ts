/** The programs in the documents are right to the compiler, too, as strict as `tsc --init` makes it. */

import { existsSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import ts from 'typescript'
import { expect, it } from 'vitest'
import { blocks } from '../kernel/documents.js'

const DOCUMENTS = [
  'README.md',
  ...['guide', 'netns', 'conntrack', 'nftables', 'nat', 'from-iptables', 'topology', 'embedding'].map(
    (name) => `docs/${name}.md`,
  ),
]

/** The file of an entry: 'netlink-ts/nftables/sync' is src/nftables-sync.ts. */
function entryFile(name: string): string {
  const path = name.replace(/^netlink-ts\/?/, '').replace('/', '-') || 'index'
  return [`src/${path}.ts`, `src/${path}/index.ts`]
    .map((file) => resolve(file))
    .find((file) => existsSync(file))!
}

const programs = new Map(
  DOCUMENTS.flatMap((document) =>
    blocks(document).map((code, i) => [resolve(`${basename(document)}-${i}.mts`), code] as const),
  ),
)

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
