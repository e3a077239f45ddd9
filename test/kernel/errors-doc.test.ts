/** The examples of docs/errors.md: each call is run, and prints what the document says. */

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import * as netlink from '../../src/index.js'

const text = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')
const examples = [...text.matchAll(/^(await .+)\n\/\/ (.+)$/gm)].map(([, call, printed]) => ({
  call: call!,
  printed: printed!,
}))

const AsyncFunction = (async () => {}).constructor as new (
  ...args: string[]
) => (...args: unknown[]) => Promise<unknown>

describe('docs/errors.md', () => {
  it('has examples', () => expect(examples.length).toBeGreaterThan(8))

  for (const { call, printed } of examples) {
    it(call, async () => {
      const run = new AsyncFunction(...Object.keys(netlink), call)
      const error = await run(...Object.values(netlink)).then(
        () => 'no error',
        (thrown: unknown) => String(thrown),
      )
      expect(error).toBe(printed)
    })
  }
})
