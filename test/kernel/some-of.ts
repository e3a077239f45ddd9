/** Records at random that lack some of their keys. */

import fc from 'fast-check'

/** At least `least` and at most `most` of the keys, with a value of each. */
export const someOf = <T extends object = Record<string, unknown>>(
  values: Readonly<Record<string, fc.Arbitrary<unknown>>>,
  most: number,
  least = 0,
): fc.Arbitrary<Partial<T>> =>
  fc
    .subarray(Object.entries(values), { minLength: least, maxLength: most })
    .chain((some) => fc.record(Object.fromEntries(some)) as fc.Arbitrary<Partial<T>>)
