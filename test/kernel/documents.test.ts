/** The programs in the documents below are run as they stand there. */

import { describe, expect, it } from 'vitest'
import { blocks, promised, runCode } from './documents.js'
import { needNftables, since } from './needs.js'

/** What an older kernel prints in place of a line, as the documents say there. */
const OLDER: Readonly<Record<string, { since: [number, number]; prints: RegExp }>> = {
  // docs/guide.md: a new interface whose carrier has not been followed yet
  'lowerlayerdown up': { since: [6, 8], prints: /^(unknown|lowerlayerdown) up$/ },
  // docs/conntrack.md: what the kernel cannot flush alone is counted
  null: { since: [6, 12], prints: /^1$/ },
}

/** What a line has to be here. */
function expected(line: string): unknown {
  const older = Object.hasOwn(OLDER, line) ? OLDER[line]! : null
  return older === null || since(...older.since) ? line : expect.stringMatching(older.prints)
}

describe.each([
  ['docs/guide.md', 10],
  ['docs/netns.md', 2],
  ['docs/conntrack.md', 3],
  ['docs/nftables.md', 6],
  ['docs/topology.md', 4],
  ['docs/embedding.md', 1],
])('%s', (document, count) => {
  const programs = blocks(document)
  if (document === 'docs/nftables.md') needNftables()

  it('has programs', () => expect(programs).toHaveLength(count))

  it.each(programs)('a program prints what its comments say: %#', async (code) => {
    expect(promised(code)).not.toBe('')
    const printed = await runCode(code)
    expect(printed.split('\n')).toEqual(promised(code).split('\n').map(expected))
  })
})
