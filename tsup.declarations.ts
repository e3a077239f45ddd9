/**
 * The package's .d.ts files, by tsc. An operation's documentation is written once, on its generator. It would be lost on the way to the
 * functions that a face exports, as they are destructured from a value, and to the methods of handles, as their mapped types find the
 * re-export and not the function: here it is put before both.
 */

import { relative } from 'node:path'
import ts from 'typescript'

/** The entries that are faces, with the module of their operations. */
const FACES: Readonly<Record<string, string>> = {
  'index.d.ts': 'src/operations.ts',
  'sync.d.ts': 'src/operations.ts',
  'conntrack.d.ts': 'src/conntrack/operations.ts',
  'conntrack-sync.d.ts': 'src/conntrack/operations.ts',
  'topology.d.ts': 'src/topology/operations.ts',
  'topology-sync.d.ts': 'src/topology/operations.ts',
  'nftables.d.ts': 'src/nat/operations.ts',
  'nftables-sync.d.ts': 'src/nat/operations.ts',
}

let made: Map<string, string> | undefined

/** Path below the output directory -> text. */
export function declarations(entries: readonly string[]): ReadonlyMap<string, string> {
  made ??= emit(entries)
  return made
}

function emit(entries: readonly string[]): Map<string, string> {
  const { config } = ts.readConfigFile('tsconfig.json', ts.sys.readFile)
  const {
    paths: _paths,
    incremental: _incremental,
    tsBuildInfoFile: _file,
    ...options
  } = config.compilerOptions
  const program = ts.createProgram([...entries, ...Object.values(FACES)], {
    ...ts.convertCompilerOptionsFromJson(options, '.').options,
    noEmit: false,
    emitDeclarationOnly: true,
    rootDir: 'src',
    outDir: 'dist',
  })
  const faults = program.getDeclarationDiagnostics()
  if (faults.length > 0) throw new Error(ts.formatDiagnostics(faults, ts.createCompilerHost({})))
  const files = new Map<string, string>()
  program.emit(undefined, (name, text, _bom, _onError, sources) => {
    const file = relative('dist', name)
    const operations = FACES[file]
    files.set(
      file,
      operations === undefined
        ? withReexportDocumentation(text, functionComments(program, sources![0]!.fileName))
        : withDocumentation(text, functionComments(program, operations)),
    )
  })
  return files
}

/** Name of each function that a module exports -> its doc comment as it is written. */
function functionComments(program: ts.Program, file: string): Map<string, string> {
  const checker = program.getTypeChecker()
  const module = checker.getSymbolAtLocation(program.getSourceFile(file)!)!
  const comments = new Map<string, string>()
  for (const symbol of checker.getExportsOfModule(module)) {
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
    const declaration = target.valueDeclaration
    if (!declaration || !ts.isFunctionDeclaration(declaration)) continue
    const comment = ts.getJSDocCommentsAndTags(declaration).findLast(ts.isJSDoc)
    if (comment) comments.set(symbol.name, comment.getText())
  }
  return comments
}

/** `export declare const a: A, b: B;` becomes a statement for each, with its comment. */
function withDocumentation(text: string, comments: ReadonlyMap<string, string>): string {
  const source = ts.createSourceFile('face.d.ts', text, ts.ScriptTarget.Latest, true)
  const statements = source.statements.map((statement) => {
    if (!ts.isVariableStatement(statement) || !statement.getText().startsWith('export '))
      return statement.getFullText()
    return statement.declarationList.declarations
      .map((declaration) => {
        const comment = comments.get(declaration.name.getText())
        return `\n${comment ? `${comment}\n` : ''}export declare const ${declaration.getText()};`
      })
      .join('')
  })
  return `${statements.join('')}\n`
}

/** `export { a, b } from './c.js'` gets a comment before each name. */
function withReexportDocumentation(text: string, comments: ReadonlyMap<string, string>): string {
  const source = ts.createSourceFile('module.d.ts', text, ts.ScriptTarget.Latest, true)
  let documented = ''
  let end = 0
  for (const statement of source.statements) {
    if (!ts.isExportDeclaration(statement) || !statement.exportClause) continue
    if (!ts.isNamedExports(statement.exportClause)) continue
    for (const specifier of statement.exportClause.elements) {
      const comment = comments.get(specifier.name.text)
      documented += `${text.slice(end, specifier.getStart())}${comment ? `\n${comment}\n` : ''}`
      end = specifier.getStart()
    }
  }
  return documented + text.slice(end)
}
