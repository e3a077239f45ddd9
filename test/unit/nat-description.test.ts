/** What a verb's chain was made of, kept with rules behind its own. */

import { expect, it } from 'vitest'
import { describe, descriptionOf } from '../../src/nat/description.js'

const made = { verb: 'masquerade', name: 'x'.repeat(1000) }
const { chain, rules } = describe(made)
const kept = rules.map((userdata) => ({ userdata }))

it('is whole with all parts', () => {
  expect(kept.length).toBeGreaterThan(2)
  expect(descriptionOf({ userdata: chain }, kept)).toEqual(made)
})

it.each(kept.map((_, i) => i))('is none without part %i', (missing) => {
  // Without one from the middle it is JSON still, of a shorter name.
  expect(
    descriptionOf(
      { userdata: chain },
      kept.filter((_, i) => i !== missing),
    ),
  ).toBeNull()
})
