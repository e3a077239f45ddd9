/** The tables of documents of what somebody knows and the call that does the same. */

import { readFileSync } from 'node:fs'

/** What a table has in its two columns. */
export function rowsOf(document: string): { text: string; call: string }[] {
  return readFileSync(new URL(`../../docs/${document}`, import.meta.url), 'utf8')
    .split('\n')
    .map((line) => /^\| `(.+?)` \| `(.+)` \|$/.exec(line))
    .filter((match) => match !== null)
    .map((match) => ({ text: match[1]!, call: match[2]! }))
}

/** The body of a function that makes a call. */
export const bodyOf = (call: string): string => (call.startsWith('for ') ? call : `return ${call}`)
