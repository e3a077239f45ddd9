/** Whatever an entry exports, types included, shows an editor what it is: read from the declarations that the build writes. */

import { resolve } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { declarations } from '../../tsup.declarations.js'

const ENTRIES = [
  'index',
  'sync',
  'codec/index',
  'testing/index',
  'conntrack',
  'conntrack-sync',
  'topology',
  'topology-sync',
  'nftables',
  'nftables-sync',
]

const files = new Map<string, string>()
for (const [path, text] of declarations(ENTRIES.map((entry) => `src/${entry}.ts`)))
  files.set(resolve(path), text)

const options = { module: ts.ModuleKind.NodeNext, noLib: true, types: [] } satisfies ts.CompilerOptions
const program = ts.createProgram(
  ENTRIES.map((entry) => resolve(`${entry}.d.ts`)),
  options,
  {
    ...ts.createCompilerHost(options),
    directoryExists: () => true,
    fileExists: (file) => files.has(file) || ts.sys.fileExists(file),
    readFile: (file) => files.get(file) ?? ts.sys.readFile(file),
    getSourceFile: (file, target) => {
      const text = files.get(file) ?? ts.sys.readFile(file)
      return text === undefined ? undefined : ts.createSourceFile(file, text, target)
    },
  },
)
const checker = program.getTypeChecker()

/** The exports of an entry, each with its documentation. */
function documentation(entry: string): [name: string, text: string][] {
  const module = checker.getSymbolAtLocation(program.getSourceFile(resolve(`${entry}.d.ts`))!)!
  return checker.getExportsOfModule(module).map((symbol) => {
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
    return [symbol.name, ts.displayPartsToString(target.getDocumentationComment(checker))]
  })
}

test('functions, classes and types are looked at', () => {
  const names = ENTRIES.flatMap((entry) => documentation(entry).map(([name]) => name))
  expect(names).toEqual(
    expect.arrayContaining(['addRoute', 'Netns', 'Route', 'RouteType', 'attributes', 'FakeKernelOptions']),
  )
})

test.each(ENTRIES)('%s: every export says what it is', (entry) => {
  const silent = documentation(entry).filter(([, text]) => !/\w+ \w+/.test(text))
  expect(silent.map(([name]) => name)).toEqual([])
})
