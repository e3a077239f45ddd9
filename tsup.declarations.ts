/**
 * The package's .d.ts files, by tsc. An operation's documentation is written once, on its generator. Methods of handles keep it
 * through mapped types, but tsc drops it from the functions that a face exports, as they are destructured from a value: here it is
 * put before them.
 */

import { relative } from 'node:path'
import ts from 'typescript'

const OPERATIONS = 'src/operations.ts'
const FACES = ['index.d.ts', 'sync.d.ts']

let made: Map<string, string> | undefined

/** Path below the output directory -> text. */
export function declarations(entries: readonly string[]): ReadonlyMap<string, string> {
  made ??= emit(entries)
  return made
}

function emit(entries: readonly string[]): Map<string, string> {
  const { config } = ts.readConfigFile('tsconfig.json', ts.sys.readFile)
  const { paths: _, ...options } = config.compilerOptions
  const program = ts.createProgram([...entries, OPERATIONS], {
    ...ts.convertCompilerOptionsFromJson(options, '.').options,
    noEmit: false,
    emitDeclarationOnly: true,
    rootDir: 'src',
    outDir: 'dist',
  })
  const faults = program.getDeclarationDiagnostics()
  if (faults.length > 0) throw new Error(ts.formatDiagnostics(faults, ts.createCompilerHost({})))
  const documentation = documentationOf(program)
  const files = new Map<string, string>()
  program.emit(undefined, (name, text) => {
    const file = relative('dist', name)
    files.set(file, FACES.includes(file) ? withDocumentation(text, documentation) : text)
  })
  return files
}

/** Name of each operation -> its doc comment as it is written. */
function documentationOf(program: ts.Program): Map<string, string> {
  const checker = program.getTypeChecker()
  const operations = checker.getSymbolAtLocation(program.getSourceFile(OPERATIONS)!)!
  const comments = new Map<string, string>()
  for (const symbol of checker.getExportsOfModule(operations)) {
    const operation = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
    const comment = ts.getJSDocCommentsAndTags(operation.valueDeclaration!).findLast(ts.isJSDoc)
    if (comment) comments.set(symbol.name, comment.getText())
  }
  return comments
}

/** `export declare const a: A, b: B;` becomes a statement for each, with its comment. */
function withDocumentation(text: string, comments: ReadonlyMap<string, string>): string {
  const source = ts.createSourceFile('face.d.ts', text, ts.ScriptTarget.Latest, true)
  const statements = source.statements.map((statement) => {
    if (!ts.isVariableStatement(statement)) return statement.getFullText()
    return statement.declarationList.declarations
      .map((declaration) => {
        const comment = comments.get(declaration.name.getText())
        return `\n${comment ? `${comment}\n` : ''}export declare const ${declaration.getText()};`
      })
      .join('')
  })
  return `${statements.join('')}\n`
}
