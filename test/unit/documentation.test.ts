/**
 * What an editor shows of an entry's exports, read from the declarations that the build writes: each says what it is, functions have an
 * example, and the examples compile. Those of netlink-ts/codec and netlink-ts/testing, which need no root, are run.
 */

import { resolve } from 'node:path'
import { inspect } from 'node:util'
import ts from 'typescript'
import { expect, test } from 'vitest'
import * as codec from '../../src/codec/index.js'
import * as netlink from '../../src/index.js'
import * as builder from '../../src/nftables/builder/index.js'
import * as testing from '../../src/testing/index.js'
import { declarations } from '../../tsup.declarations.js'
import { onLittleEndianHost } from './codec/hex.js'

onLittleEndianHost()

/** What stands before the examples of a face. */
const before = (face: string) => `
  import http from 'node:http'
  import { attributes, message, struct, text, u8, u16 } from './codec/index.js'
  const familyAttributes = attributes('CTRL_ATTR', { familyName: [2, text()] })
  declare const handler: http.RequestListener
  declare const red: import('./${face}.js').Netns
  declare const link: import('./${face}.js').Link`
const beforeTopology = `
  import { writeFile } from 'node:fs/promises'
  declare const expect: (value: unknown) => { toEqual(other: unknown): void }
  import { recorded as lab } from './lab.mjs'`

/** The entries, each with what the reader of its examples has made before. */
const ENTRIES: Readonly<Record<string, string>> = {
  index: before('index'),
  sync: before('sync'),
  'codec/index': '',
  'testing/index': `import { addAddress, addRoute, getLink, listLinks, listRoutes, setLink } from '../index.js'`,
  conntrack: '',
  'conntrack-sync': '',
  topology: beforeTopology,
  'topology-sync': beforeTopology,
  nftables: '',
  'nftables-sync': '',
}
const entries = Object.keys(ENTRIES)

const files = new Map<string, string>()
for (const [path, text] of declarations(entries.map((entry) => `src/${entry}.ts`)))
  files.set(resolve(path), text)
files.set(resolve('lab.mts'), `export declare const recorded: import('./topology.js').Topology`)

const { config } = ts.readConfigFile('tsconfig.json', ts.sys.readFile)
const { paths: _, noUnusedLocals: __, ...settings } = config.compilerOptions
const { options } = ts.convertCompilerOptionsFromJson(settings, '.')

const sources = new Map<string, ts.SourceFile | undefined>()
function programOf(names: readonly string[]): ts.Program {
  const host = ts.createCompilerHost(options)
  const { getSourceFile } = host
  host.directoryExists = () => true
  host.fileExists = (file) => files.has(file) || ts.sys.fileExists(file)
  host.readFile = (file) => files.get(file) ?? ts.sys.readFile(file)
  host.getSourceFile = (file, target) => {
    if (!sources.has(file)) sources.set(file, getSourceFile.call(host, file, target))
    return sources.get(file)
  }
  return ts.createProgram(
    names.map((name) => resolve(name)),
    options,
    host,
  )
}

interface Export {
  name: string
  isFunction: boolean
  isValue: boolean
  text: string
  tags: string[]
  examples: string[]
}

const declared = programOf(entries.map((entry) => `${entry}.d.ts`))
const checker = declared.getTypeChecker()

/** `export type { A }`, of a class too. */
function typeOnly(symbol: ts.Symbol): boolean {
  return symbol.declarations!.some(
    (one) => ts.isExportSpecifier(one) && (one.isTypeOnly || one.parent.parent.isTypeOnly),
  )
}

function exportsOf(entry: string): Export[] {
  const source = declared.getSourceFile(resolve(`${entry}.d.ts`))!
  return checker.getExportsOfModule(checker.getSymbolAtLocation(source)!).map((symbol) => {
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
    const isValue = (target.flags & ts.SymbolFlags.Value) !== 0 && !typeOnly(symbol)
    const tags = target.getJsDocTags(checker)
    return {
      name: symbol.name,
      isValue,
      isFunction: isValue && checker.getTypeOfSymbol(target).getCallSignatures().length > 0,
      text: ts.displayPartsToString(target.getDocumentationComment(checker)),
      tags: tags.map(({ name }) => name),
      examples: tags
        .filter(({ name }) => name === 'example')
        .map(({ text }) => ts.displayPartsToString(text)),
    }
  })
}

const exported = new Map(entries.map((entry) => [entry, exportsOf(entry)]))
const namesOf = (list: readonly Export[]) => list.map(({ name }) => name)

for (const [entry, list] of exported) {
  const values = namesOf(list.filter(({ isValue }) => isValue))
  const bodies = list.flatMap(({ name, examples }) =>
    examples
      // Examples are written for promises, but for those that say so; `await` of a value does no harm.
      .filter((example) => entry === 'sync' || !example.includes('// ./sync'))
      .map((example, i) => `export async function ${name}${i}() {\n${example}\n}`),
  )
  const own = `import { ${values.join(', ')} } from './${entry.split('/').at(-1)}.js'`
  files.set(resolve(`${entry}.examples.mts`), [ENTRIES[entry], own, ...bodies].join('\n'))
}
const compiled = programOf(entries.map((entry) => `${entry}.examples.mts`))

test('functions, classes and types are looked at', () => {
  expect([...exported.values()].flatMap(namesOf)).toEqual(
    expect.arrayContaining(['addRoute', 'Netns', 'Route', 'RouteType', 'attributes', 'FakeKernelOptions']),
  )
})

test.each(entries)('%s: every export says what it is', (entry) => {
  expect(namesOf(exported.get(entry)!.filter(({ text }) => !/\w+ \w+/.test(text)))).toEqual([])
})

// The words of rules (netlink-ts/nftables) have one for all: that of rule().
test.each(entries.filter((entry) => !entry.startsWith('nftables')))(
  '%s: every function has an example',
  (entry) => {
    const functions = exported.get(entry)!.filter(({ isFunction }) => isFunction)
    expect(functions.length).toBeGreaterThan(5)
    expect(namesOf(functions.filter(({ examples }) => examples.length === 0))).toEqual([])
  },
)

test.each(entries.filter((entry) => !['codec/index', 'testing/index'].includes(entry)))(
  '%s: every operation says what it throws, and where the kernel says more',
  (entry) => {
    const operations = exported
      .get(entry)!
      // Nor the words of rules (netlink-ts/nftables).
      .filter(({ name, isFunction }) => isFunction && !/^is[A-Z]/.test(name) && !(name in builder))
    expect(operations.length).toBeGreaterThan(10)
    for (const tag of ['throws', 'see'])
      expect(namesOf(operations.filter(({ tags }) => !tags.includes(tag)))).toEqual([])
  },
)

test.each(entries)('%s: the examples compile', (entry) => {
  const source = compiled.getSourceFile(resolve(`${entry}.examples.mts`))!
  const problems = [...compiled.getSyntacticDiagnostics(source), ...compiled.getSemanticDiagnostics(source)]
  const said = problems.map(({ start, messageText }) => {
    const { line } = source.getLineAndCharacterOfPosition(start!)
    return `${source.text.split('\n')[line]}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
  })
  expect(said).toEqual([])
})

const AsyncFunction = (async () => {}).constructor as new (
  ...args: string[]
) => (...args: unknown[]) => Promise<unknown>

/** Runs an example whose last line ends in a comment: what it is worth, or the beginning of the error that it throws. */
async function run(example: string, scope: object): Promise<{ value: string; comment: string }> {
  const [, work, last, comment] = /^(.*?)(?:await )?([^\n]*) \/\/ (.*)$/s.exec(example)!
  const { outputText } = ts.transpileModule(`${work}return ${last}`, {
    compilerOptions: { target: ts.ScriptTarget.ES2022 },
  })
  try {
    const value = await new AsyncFunction(...Object.keys(scope), outputText)(...Object.values(scope))
    return { value: inspect(value), comment: comment! }
  } catch (error) {
    return { value: String(error).slice(0, comment!.length), comment: comment! }
  }
}

const runnable = [
  { entry: 'codec/index', scope: codec },
  { entry: 'testing/index', scope: { ...netlink, ...testing } },
].flatMap(({ entry, scope }) =>
  exported
    .get(entry)!
    .filter(({ isFunction }) => isFunction)
    .flatMap(({ name, examples }) => examples.map((example) => ({ name, example, scope }))),
)

test.each(runnable)('$name: the example is worth what its comment says', async ({ example, scope }) => {
  const { value, comment } = await run(example, scope)
  expect(value).toBe(comment)
})
