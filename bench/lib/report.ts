import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { packagePath } from './child.js'
import { describeEnvironment } from './environment.js'
import type { Summary } from './interleave.js'
import type { Missing, Suite } from './suite.js'

/** What is kept of one comparison. */
export interface Result {
  suite: string
  title: string
  date: string
  environment: ReturnType<typeof describeEnvironment>
  rounds: number
  missing: Missing[]
  competitors: Summary[]
}

/** Of `rounds` rounds of a suite; the versions are those of what ran. */
export function resultOf(
  suite: Suite,
  summaries: readonly Summary[],
  rounds: number,
  quick: boolean,
): Result {
  const { name, title, missing, competitors } = suite
  return {
    suite: name,
    title,
    date: new Date().toISOString(),
    environment: describeEnvironment(Object.assign({}, ...competitors.map(({ versions }) => versions))),
    rounds,
    missing,
    // A goal is for a machine at rest and for the whole work.
    competitors: summaries.map((it) => (quick ? { ...it, goal: null } : it)),
  }
}

/** A line about what did not run. */
export function describeMissing({ name, remedy, because }: Missing): string {
  return `not run: ${name}${because === undefined ? '' : `, because ${because}`}: ${remedy}`
}

/** Writes bench/results/`suite`.json and, where there is a chart, .svg; returns the path of the first. */
export function writeResult(result: Result, chart: string | null): string {
  const directory = packagePath('bench/results')
  mkdirSync(directory, { recursive: true })
  const path = `${directory}/${result.suite}.json`
  writeFileSync(path, `${JSON.stringify(result)}\n`)
  writeChart(`${directory}/${result.suite}.svg`, chart)
  return path
}

/** Where there is none, one of earlier figures goes. */
export function writeChart(path: string, chart: string | null): void {
  if (chart === null) rmSync(path, { force: true })
  else writeFileSync(path, chart)
}

/** One line on standard error that is written over and over; nothing when that is not a terminal. */
export function showProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`)
}
