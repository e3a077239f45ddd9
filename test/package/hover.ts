/** What an editor shows of a package's exports, by TypeScript's language service. */

import { join } from 'node:path'
import ts from 'typescript'

export interface Hover {
  /** "const addRoute: (…) => Promise<void>" */
  text: string
  documentation: string
}

/** A project with one more file, which exists only in memory. */
export class Editor {
  readonly #service: ts.LanguageService
  readonly #file: string
  readonly #text: string

  /** The file's name decides how imports resolve: 'x.mts' as ESM, 'x.cts' as CommonJS. */
  constructor(project: string, name: string, text: string) {
    this.#file = join(project, name)
    this.#text = text
    const host: ts.LanguageServiceHost = {
      ...ts.sys,
      getCompilationSettings: () => ({
        module: ts.ModuleKind.NodeNext,
        target: ts.ScriptTarget.ES2022,
        strict: true,
        types: ['node'],
        noErrorTruncation: true,
      }),
      getScriptFileNames: () => [this.#file],
      getScriptVersion: () => '1',
      getScriptSnapshot: (file) => {
        const content = file === this.#file ? this.#text : ts.sys.readFile(file)
        return content === undefined ? undefined : ts.ScriptSnapshot.fromString(content)
      },
      getCurrentDirectory: () => project,
      useCaseSensitiveFileNames: () => true,
      getDefaultLibFileName: ts.getDefaultLibFilePath,
    }
    this.#service = ts.createLanguageService(host)
  }

  get errors(): string[] {
    return [
      ...this.#service.getSyntacticDiagnostics(this.#file),
      ...this.#service.getSemanticDiagnostics(this.#file),
    ].map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
  }

  /** What shows over the last character of the first place where `code` stands. */
  hover(code: string): Hover {
    const at = this.#text.indexOf(code)
    if (at < 0) throw new Error(`${code} is not in the file`)
    const info = this.#service.getQuickInfoAtPosition(this.#file, at + code.length - 1)
    if (info === undefined) throw new Error(`nothing shows over ${code}`)
    const tags = info.tags?.map(({ name, text }) => `@${name} ${ts.displayPartsToString(text)}`) ?? []
    return {
      text: ts.displayPartsToString(info.displayParts),
      documentation: [ts.displayPartsToString(info.documentation), ...tags].join('\n').trim(),
    }
  }

  get checker(): ts.TypeChecker {
    return this.#service.getProgram()!.getTypeChecker()
  }

  /** The type of an export of the file, or of one of its members. */
  typeOf(name: string, member?: string): ts.Type {
    const source = this.#service.getProgram()!.getSourceFile(this.#file)!
    const module = this.checker.getSymbolAtLocation(source)!
    const symbol = this.checker.getExportsOfModule(module).find((one) => one.name === name)!
    const type = this.checker.getTypeOfSymbolAtLocation(symbol, source)
    return member === undefined ? type : this.checker.getTypeOfSymbol(type.getProperty(member)!)
  }
}
