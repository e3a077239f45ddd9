/** test/fake/README.md: each scenario of the fake kernel is in its tables, and each twin that they name is a test. */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import ts from 'typescript'
import { expect, test } from 'vitest'

const at = (path: string) => new URL(`../${path}`, import.meta.url)
const rows = readFileSync(at('fake/README.md'), 'utf8')
  .split('\n')
  .filter((line) => /^\| (?!---|file )/.test(line))
  .map((line) => line.slice(2, -2).split(' | '))

/** The names of a file's tests. */
function namesIn(path: string): string[] {
  const source = ts.createSourceFile(path, readFileSync(at(path), 'utf8'), ts.ScriptTarget.Latest)
  const names: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && /^(test|it)\b/.test(node.expression.getText(source))) {
      const [name] = node.arguments
      if (name !== undefined && ts.isStringLiteralLike(name)) names.push(name.text)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return names
}

/** About calls that are not right, the fake kernel itself, and the transcripts. */
const OTHERS = ['garbage.test.ts', 'kernel.test.ts', 'transcript.test.ts']
const files = readdirSync(at('fake/')).filter((file) => file.endsWith('.test.ts') && !OTHERS.includes(file))

test.each(files)('test/fake/%s: each scenario is in a table', (file) => {
  const known = rows.filter(([name]) => `${name}.test.ts` === file).map(([, scenario]) => scenario)
  expect(known.sort()).toEqual(namesIn(`fake/${file}`).sort())
})

test('each file is there, and each twin', () => {
  const missing = rows.filter(([file, , where, which]) => {
    if (!files.includes(`${file}.test.ts`)) return true
    if (which === undefined) return false
    if (where === 'transcript') return !existsSync(at(`fake/transcripts/${which.replaceAll(' ', '-')}.json`))
    return !namesIn(`kernel/${where}.test.ts`).includes(which)
  })
  expect(missing).toEqual([])
})
