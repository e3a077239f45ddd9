/**
 * Files that are loaded together become one: Node takes as long to find and open a file as to compile it, and the first call needs
 * two dozen of them.
 */

/** What each file has to have loaded before it runs. */
const FIRST = /^\} = require\("\.\/([^"]+)"\);$/gm

/** `starts` and all the files that are loaded with them. */
export function loadedWith(starts: readonly string[], files: ReadonlyMap<string, string>): Set<string> {
  const found = new Set(starts)
  for (const file of found) for (const [, needed] of files.get(file)!.matchAll(FIRST)) found.add(needed!)
  return found
}

/**
 * One file of several in a directory: a function that loads each when it is asked for. The parentheses tell V8 that what stands in them is
 * going to be called, so that it is not parsed twice.
 */
export function packed(names: Iterable<string>, files: ReadonlyMap<string, string>): string {
  const parts = [...names].map(
    (name) => `  "./${name}": (function (module, exports, require) {\n${files.get(name)}})`,
  )
  return `const parts = {
${parts.join(',\n')},
};
const loaded = new Map();
function load(path) {
  const part = parts[path];
  if (part === undefined) return require(path);
  let module = loaded.get(path);
  if (module === undefined) {
    module = { exports: {} };
    loaded.set(path, module);
    part(module, module.exports, load);
  }
  return module.exports;
}
module.exports = load;
`
}

/** The code of a file outside, which finds what was packed in the pack. */
export function fromPack(code: string, pack: string, names: ReadonlySet<string>): string {
  return code.replace(/\brequire\("(\.\.?\/)([^"]+)"\)/g, (all, directory: string, name: string) =>
    names.has(name) ? `require("${directory}${pack}")("./${name}")` : all,
  )
}
