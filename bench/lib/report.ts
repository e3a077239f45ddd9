import { mkdirSync, writeFileSync } from 'node:fs'
import { packagePath } from './child.js'
import { describeEnvironment } from './environment.js'
import type { Summary } from './interleave.js'
import type { Suite } from './suite.js'

const HEADINGS = ['', 'median ms', 'min', 'max', 'ratio', 'p50 ms each', 'p99']

/** The table for the terminal, the first column to the left and the figures to the right. */
export function formatTable(title: string, summaries: readonly Summary[]): string {
  const rows = [HEADINGS, ...summaries.map(row)]
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((cells) => cells[column]!.length)))
  const lines = rows.map((cells) =>
    cells
      .map((cell, column) => (column ? cell.padStart(widths[column]!) : cell.padEnd(widths[0]!)))
      .join('  '),
  )
  return [title, ...lines].join('\n')
}

function row({ name, median, min, max, ratio, each }: Summary): string[] {
  return [
    name,
    ...[median, min, max].map(inDigits),
    `${ratio.toFixed(2)} x`,
    inDigits(each.p50),
    inDigits(each.p99),
  ]
}

function inDigits(milliseconds: number): string {
  return milliseconds.toFixed(milliseconds < 10 ? 2 : milliseconds < 100 ? 1 : 0)
}

/** Writes bench/results/`name`.json, every run and each unit of work in it, and returns its path. */
export function writeResult(
  name: string,
  suite: Suite,
  rounds: number,
  summaries: readonly Summary[],
): string {
  const path = packagePath(`bench/results/${name}.json`)
  const result = {
    suite: name,
    title: suite.title,
    date: new Date().toISOString(),
    environment: describeEnvironment(),
    rounds,
    missing: suite.missing,
    competitors: summaries,
  }
  mkdirSync(packagePath('bench/results'), { recursive: true })
  writeFileSync(path, `${JSON.stringify(result)}\n`)
  return path
}

/** One line on standard error that is written over and over; nothing when that is not a terminal. */
export function showProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`)
}
