/** The programs in the documents below are run as they stand there. */

import { describe, expect, it } from 'vitest'
import { blocks, promised, runCode } from './documents.js'
import { needNftables } from './needs.js'

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
    expect(await runCode(code)).toBe(promised(code))
  })
})
