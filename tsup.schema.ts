/** JSON Schema of a topology, from its types: `dist/topology.schema.json`. */

import ts from 'typescript'

type Schema = { [key: string]: unknown }

const DIALECT = 'https://json-schema.org/draft/2020-12/schema'

/** The schema of a type that a module exports. */
export function schemaOf(file: string, name: string): Schema {
  const { config } = ts.readConfigFile('tsconfig.json', ts.sys.readFile)
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, '.')
  const program = ts.createProgram([file], options)
  const checker = program.getTypeChecker()
  const module = checker.getSymbolAtLocation(program.getSourceFile(file)!)!
  const symbol = checker.getExportsOfModule(module).find((one) => one.name === name)!
  const writer = new Writer(checker)
  const root = writer.schema(checker.getDeclaredTypeOfSymbol(symbol))
  return { $schema: DIALECT, title: name, ...root, $defs: Object.fromEntries(writer.definitions) }
}

class Writer {
  readonly definitions = new Map<string, Schema | undefined>()

  constructor(readonly checker: ts.TypeChecker) {}

  /** Undefined for what JSON cannot carry. */
  schema(type: ts.Type): Schema | undefined {
    const { flags } = type
    if (flags & (ts.TypeFlags.BigIntLike | ts.TypeFlags.Undefined | ts.TypeFlags.Never)) return undefined
    if (type.isStringLiteral() || type.isNumberLiteral()) return { const: type.value }
    if (flags & ts.TypeFlags.BooleanLiteral) return { const: this.checker.typeToString(type) === 'true' }
    if (flags & ts.TypeFlags.String) return { type: 'string' }
    if (flags & ts.TypeFlags.Number) return { type: 'number' }
    if (flags & ts.TypeFlags.Boolean) return { type: 'boolean' }
    if (flags & ts.TypeFlags.Null) return { type: 'null' }
    if (type.isUnion()) return this.#union(type)
    if (this.checker.isArrayType(type)) {
      const items = this.schema(this.checker.getTypeArguments(type as ts.TypeReference)[0]!)
      return items && { type: 'array', items }
    }
    if (type.symbol?.name === 'Uint8Array') return undefined
    return this.#named(type)
  }

  #union(type: ts.UnionType): Schema | undefined {
    const schemas = type.types.map((one) => this.schema(one)).filter((one) => one !== undefined)
    const values = schemas.flatMap((one) => ('const' in one ? [one['const']] : []))
    const rest = schemas.filter((one) => !('const' in one))
    const both = values.includes(true) && values.includes(false)
    const named = both ? values.filter((one) => typeof one !== 'boolean') : values
    const all = [
      ...(both ? [{ type: 'boolean' }] : []),
      ...(named.length === 1 ? [{ const: named[0] }] : named.length > 1 ? [{ enum: named }] : []),
      ...rest,
    ]
    return all.length === 0 ? undefined : all.length === 1 ? all[0] : { anyOf: all }
  }

  /** An interface or alias stands once among the definitions. */
  #named(type: ts.Type): Schema {
    const name = type.aliasSymbol?.name ?? type.symbol?.name
    const declared = type.symbol !== undefined && type.symbol.flags & ts.SymbolFlags.Interface
    const generic = (type.aliasTypeArguments ?? []).length > 0
    if (generic || name === undefined || (type.aliasSymbol === undefined && !declared))
      return this.#object(type)
    if (!this.definitions.has(name)) {
      this.definitions.set(name, undefined)
      this.definitions.set(name, this.#object(type))
    }
    return { $ref: `#/$defs/${name}` }
  }

  #object(type: ts.Type): Schema {
    const index = this.checker.getIndexInfoOfType(type, ts.IndexKind.String)
    if (index !== undefined) return { type: 'object', additionalProperties: this.schema(index.type) }
    const properties: Record<string, Schema> = {}
    const required: string[] = []
    for (const property of this.checker.getPropertiesOfType(type)) {
      const schema = this.schema(this.checker.getTypeOfSymbol(property))
      if (schema === undefined) continue
      const description = ts.displayPartsToString(property.getDocumentationComment(this.checker))
      properties[property.name] = description === '' ? schema : { description, ...schema }
      if (!(property.flags & ts.SymbolFlags.Optional)) required.push(property.name)
    }
    return {
      type: 'object',
      properties,
      ...(required.length === 0 ? {} : { required }),
      additionalProperties: false,
    }
  }
}
