/** A test of tables against one of the kernel's descriptions. What differs is listed, with its reason. */

import { expect, it } from 'vitest'
import { loadSpec, noSpec, type Spec, type SpecDefinition } from './spec.js'

/** Differences that are meant, by their reasons. */
export type Known = Readonly<Record<string, readonly string[]>>

/** Runs `compare` on a description and expects what is known; skips visibly where there is no description. */
export function conforms(name: string, known: Known, compare: (spec: Spec) => readonly string[]): void {
  it(`agree with ${name}.yaml, but for what is listed`, ({ skip }) => {
    const spec = loadSpec(name)
    skip(spec === null, noSpec(name))
    expect([...compare(spec!)].sort()).toEqual(Object.values(known).flat().sort())
  })
}

/** A definition of a description by its name. */
export function defined(spec: Spec, name: string): SpecDefinition {
  const found = spec.definitions.find((one) => one.name === name)
  if (found === undefined) throw new Error(`${name} is not defined`)
  return found
}
