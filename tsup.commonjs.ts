/**
 * The built package has one copy of its code, in CommonJS: only there can a file be loaded in the middle of a call, which is what keeps
 * the start of a program short that uses a part of the library. The modules for `import` are thin, and take everything from it: a
 * NetlinkError is one class for both.
 */

import { transform } from 'esbuild'

/**
 * A module of esbuild's as CommonJS. Of the files of the package that `isLater` names it requires each when it first needs something of it.
 */
export async function toCommonJs(code: string, isLater: (path: string) => boolean): Promise<string> {
  // tsup's own CommonJS with splitting rewrites `?.` and `??` into calls with closures, in the hottest code too.
  const made = await transform(code, {
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    // As tsup's own shim, but right for paths with '#', '?' or '%'.
    define: { 'import.meta.url': 'importMetaUrl' },
    ...(code.includes('import.meta.url') && {
      banner: "const importMetaUrl = require('node:url').pathToFileURL(__filename).href",
    }),
  })
  let text = withPlainExports(made.code)
    // Imported for its effects, of which there are none (`sideEffects` in package.json).
    .replace(/^require\("\.[^"]+"\);\n/gm, '')
    // For Node these names would be the modules' too, and it would read, and so load, all of them.
    .replace(/^\/\/ Annotate the CommonJS export names[\s\S]*?\n}\);\n/m, '')
  for (const [line, name, path] of text.matchAll(/^var (import_\w+) = require\("(\.[^"]+)"\);$/gm))
    text = isLater(path!) ? requiredLater(text, line, name!, path!) : requiredFirst(text, line, name!, path!)
  return text
}

const EXPORTS =
  /^var stdin_exports = {};\n__export\(stdin_exports, {\n([\s\S]*?)\n}\);\nmodule\.exports = __toCommonJS\(stdin_exports\);\n/m

/**
 * esbuild's exports are getters that call getters, for values that change and files that need each other while they load; there are
 * neither. With getters a dump of 100,000 routes took 0.25 s of CPU, with properties 0.04.
 */
function withPlainExports(code: string): string {
  const found = EXPORTS.exec(code)
  if (found === null) throw new Error('esbuild writes exports in another way')
  const own: string[] = []
  const passed: string[] = []
  for (const line of found[1]!.split('\n')) {
    const [, name, value] = /^ {2}(\w+): \(\) => ([\w.$]+),?$/.exec(line) ?? []
    if (name === undefined || value === undefined) throw new Error(`no export of esbuild's: ${line}`)
    if (value.includes('.')) passed.push(`  ${name}: { enumerable: true, get: () => ${value} }`)
    else own.push(name === value ? `  ${name}` : `  ${name}: ${value}`)
  }
  return [
    code
      .slice(0, found.index)
      .replace(/^var __toCommonJS = .*\n/m, '')
      .replace(code.includes('__toESM') ? '' : /^var __copyProps = [\s\S]*?^};\n/m, ''),
    passed.length === 0 ? '' : `Object.defineProperties(exports, {\n${passed.join(',\n')}\n});\n`,
    code.slice(found.index + found[0].length),
    own.length === 0 ? '' : `Object.assign(exports, {\n${own.join(',\n')}\n});\n`,
  ].join('')
}

function usedOf(code: string, name: string): string[] {
  return [...new Set([...code.matchAll(new RegExp(`\\b${name}\\.([\\w$]+)`, 'g'))].map((use) => use[1]!))]
}

/** An object that stands for the exports of a file until one of them is asked for, and is then replaced by them. */
function requiredLater(code: string, line: string, name: string, path: string): string {
  const all = usedOf(code, name)
  if (all.length === 0) return code.replace(`${line}\n`, '')
  const getters = all.map((used) => `get ${used}() { return (${name} = require("${path}")).${used}; }`)
  return code.replace(line, `var ${name} = {\n  ${getters.join(',\n  ')}\n};`)
}

/** Constants for what is used of a file: V8 knows their values, as it does of a module's imports. */
function requiredFirst(code: string, line: string, name: string, path: string): string {
  const constants = usedOf(code, name).map((used) => `${used}: ${name}_${used}`)
  const [head, tail] = code.split(line) as [string, string]
  const uses = new RegExp(`\\(0, ${name}\\.([\\w$]+)\\)|\\b${name}\\.([\\w$]+)`, 'g')
  const direct = (_: string, called: string | undefined, used: string) => `${name}_${called ?? used}`
  return `${head.replace(uses, direct)}const {\n  ${constants.join(',\n  ')}\n} = require("${path}");${tail.replace(uses, direct)}`
}

/** The module that offers what `code`, an entry in CommonJS at `path`, exports; `exports` is what it exports. */
export function wrapperOf(code: string, path: string, exports: Readonly<Record<string, unknown>>): string {
  const elsewhere = new Set(
    [...code.matchAll(/^ {2}(\w+): { enumerable: true, get: /gm)].map((found) => found[1]!),
  )
  const own: string[] = []
  const later: string[] = []
  for (const [name, value] of Object.entries(exports))
    (elsewhere.has(name) && isPlainFunction(value) ? later : own).push(name)
  return [
    `import library from '${path}'\n`,
    own.length === 0 ? '' : `export const {\n  ${own.join(',\n  ')},\n} = library\n`,
    ...later.map((name) => `export function ${name}(...args) {\n  return library.${name}(...args)\n}\n`),
  ].join('\n')
}

function isPlainFunction(value: unknown): boolean {
  return typeof value === 'function' && !/^class\b/.test(Function.prototype.toString.call(value))
}
