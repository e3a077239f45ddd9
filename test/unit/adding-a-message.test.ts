/** The code in docs/adding-a-message.md is the source's: each block names its file, '…' is what was left out. */

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

const blocks = [...read('docs/adding-a-message.md').matchAll(/```ts\n\/\/ (\S+)\n(.+?)```/gs)].map(
  ([, path, code]) => ({ path: path!, lines: code!.split('\n').filter((line) => line !== '') }),
)

describe('docs/adding-a-message.md', () => {
  it('has code', () => expect(blocks.length).toBeGreaterThan(6))

  it.each(blocks)('quotes $path', ({ path, lines }) => {
    const source = read(path).split('\n')
    const wanted = lines.filter((line) => line.trim() !== '…')
    expect(wanted.filter((line) => !source.includes(line))).toEqual([])
    // In the order of the source.
    let at = -1
    for (const line of wanted) {
      const next = source.indexOf(line, at + 1)
      expect(next, line).toBeGreaterThan(at)
      at = next
    }
  })

  it('names files that are there', () => {
    const text = read('docs/adding-a-message.md')
    const paths = [...text.matchAll(/`((?:src|test)\/[\w./-]+\.(?:ts|sh))`/g)].map(([, path]) => path!)
    expect(paths.length).toBeGreaterThan(10)
    for (const path of paths) expect(() => read(path), path).not.toThrow()
  })
})
