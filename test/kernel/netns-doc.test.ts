/** The programs in docs/netns.md are run as they stand there. */

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const text = readFileSync(new URL('../../docs/netns.md', import.meta.url), 'utf8')
const programs = [...text.matchAll(/```ts\n(.+?)```/gs)].map(([, code]) => code!)

it('docs/netns.md has programs', () => expect(programs).toHaveLength(2))

it.each(programs)('a program of docs/netns.md prints what its comments say: %#', (code) => {
  const directory = mkdtempSync(join(tmpdir(), 'netlink-ts-'))
  try {
    const file = join(directory, 'program.mts')
    const library = JSON.stringify(new URL('../../src/index.ts', import.meta.url).href)
    writeFileSync(file, code.replace("'netlink-ts'", library))
    const said = [...code.matchAll(/console\.log.* \/\/ (.*)$/gm)].map(([, comment]) => `${comment}\n`)
    const printed = execFileSync('timeout', ['20', process.execPath, '--import', 'tsx', file], {
      encoding: 'utf8',
    })
    expect(printed).toBe(said.join(''))
  } finally {
    rmSync(directory, { recursive: true })
  }
})
