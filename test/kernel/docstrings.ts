/** The examples that stand in the docstrings of the public functions, read from the sources. */

import { readdirSync, readFileSync } from 'node:fs'

export interface Example {
  /** The module whose export it shows: 'index', 'nftables'. */
  readonly entry: string
  /** The export, with a number where it is not its first one: 'addRule', 'addMdbEntry 2'. */
  readonly name: string
  readonly code: string
}

const SOURCES = new URL('../../src/', import.meta.url)
const FUNCTION = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\nexport (?:async )?(?:function\*?|const) (\w+)/g
/** Where two entries have an export of the same name, the directory tells whose it is. */
const ENTRIES: Readonly<Record<string, string>> = { nat: 'nftables' }

/** The examples of the exports of entries; what files export to other files alone has none, or is of no entry. */
export function examplesOf(entries: Readonly<Record<string, object>>): Example[] {
  const files = readdirSync(SOURCES, { encoding: 'utf8', recursive: true }).filter(
    // The words of rules have those of codec and of rule() beside them, which need no kernel.
    (file) => file.endsWith('.ts') && !/^(codec|testing|nftables\/builder)\//.test(file),
  )
  return files.sort().flatMap((file) => {
    const directory = file.split('/')[0]!
    const isSync = /(^|[/-])sync\.ts$/.test(file)
    const text = readFileSync(new URL(file, SOURCES), 'utf8')
    return [...text.matchAll(FUNCTION)].flatMap(([, comment, name]) => {
      const having = Object.keys(entries).filter((entry) => Object.hasOwn(entries[entry]!, name!))
      const ofFace = having.filter((entry) => entry.endsWith('sync') === isSync)
      const own =
        ofFace.find((entry) => entry === (ENTRIES[directory] ?? directory)) ?? ofFace[0] ?? having[0]
      if (own === undefined) return []
      return codes(comment!).map((code, i) => ({
        entry: own,
        name: i === 0 ? name! : `${name} ${i + 1}`,
        code,
      }))
    })
  })
}

/** What follows each `@example` of a comment, without the asterisks. */
function codes(comment: string): string[] {
  const lines = comment.split('\n').map((line) => line.replace(/^ \* ?/, ''))
  const [, ...tags] = lines.join('\n').split(/^@/m)
  return tags.filter((tag) => tag.startsWith('example')).map((tag) => tag.slice('example'.length).trim())
}
