/** Lines at random, of words that are given or at random themselves. */

import fc from 'fast-check'

export function phrase(...parts: readonly (string | fc.Arbitrary<string>)[]): fc.Arbitrary<string> {
  return fc
    .tuple(...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part)))
    .map((words) => words.join(' '))
}
