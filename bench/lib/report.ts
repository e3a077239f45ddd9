import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { packagePath } from './child.js'
import type { describeEnvironment } from './environment.js'
import type { Summary } from './interleave.js'
import type { Missing } from './suite.js'

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
