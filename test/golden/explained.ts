/** Explanations of differences: they stand in the tests that make sure of them, and in the fixtures, where a reader looks for them. */

import { readFileSync, writeFileSync } from 'node:fs'
import { expect } from 'vitest'
import { findGolden, type GoldenFile } from './golden.js'

/**
 * Makes sure that an entry tells why our message is another one. With GOLDEN_EXPLAIN=1 in the environment it is told instead: see
 * README.md.
 */
export function expectExplained(area: string, name: string, reasons: readonly string[]): void {
  if (process.env['GOLDEN_EXPLAIN'] === '1') explain(area, name, reasons)
  expect(findGolden(area, name).differences ?? []).toEqual(expect.arrayContaining([...reasons]))
}

function explain(area: string, name: string, reasons: readonly string[]): void {
  const path = new URL(`./fixtures/${area}.json`, import.meta.url)
  const file = JSON.parse(readFileSync(path, 'utf8')) as GoldenFile
  const entry = file.entries.find((one) => one.name === name)!
  const all = new Set([...(entry.differences ?? []), ...reasons])
  if (all.size > 0) entry.differences = [...all]
  writeFileSync(path, `${JSON.stringify(file, null, 2)}\n`)
}
