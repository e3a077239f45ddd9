import type { Summary } from './interleave.js'

/** Of fewer units the greatest one alone would be it. */
const ENOUGH_FOR_P99 = 200

type Column = [heading: string, cell: (summary: Summary, all: readonly Summary[]) => string | null]

const COLUMNS: readonly Column[] = [
  ['', ({ name }) => name],
  ['median ms', ({ median }) => inDigits(median)],
  ['min', ({ min }) => inDigits(min)],
  ['max', ({ max }) => inDigits(max)],
  ['ratio', ({ ratio }) => (ratio === null ? '-' : `${ratio.toFixed(2)} x`)],
  ['p50 ms each', ({ each }) => each && inDigits(each.p50)],
  ['p99', ({ each }) => each && (each.count >= ENOUGH_FOR_P99 ? inDigits(each.p99) : null)],
  ['peak MB', ({ peakMb }) => peakMb?.toFixed(1) ?? null],
  ['lost', ({ lost }) => lost?.toString() ?? null],
  ['goal', (summary, all) => describeGoal(summary, all)],
]

/** The figures as rows of cells under headings, without the columns that stay empty. */
function cells(summaries: readonly Summary[]): string[][] {
  const columns = COLUMNS.map(([heading, cell]) => [heading, ...summaries.map((it) => cell(it, summaries))])
  const filled = columns.filter(([, ...values]) => values.some((value) => value !== null))
  return ['', ...summaries].map((_, row) => filled.map((column) => column[row] ?? ''))
}

function describeGoal({ goal, ratio, peakMb }: Summary, all: readonly Summary[]): string | null {
  if (goal === null) return null
  if (ratio === null) return '-'
  const wanted: [text: string, met: boolean][] = []
  if (goal.ratio !== undefined) wanted.push([`<= ${goal.ratio.toFixed(2)} x`, ratio <= goal.ratio])
  if (goal.peakMb !== undefined) wanted.push([`<= ${goal.peakMb} MB`, (peakMb ?? 0) <= goal.peakMb])
  for (const [name, times] of Object.entries(goal.times ?? {})) {
    const other = all.find((one) => one.name === name)
    if (other?.ratio != null)
      wanted.push([
        `${times} x as fast as ${name}: ${(other.ratio / ratio).toFixed(1)}`,
        other.ratio >= times * ratio,
      ])
  }
  return wanted.length === 0
    ? null
    : wanted.map(([text, met]) => `${text} ${met ? 'met' : 'NOT MET'}`).join('; ')
}

function inDigits(milliseconds: number): string {
  const digits = milliseconds < 0.1 ? 4 : milliseconds < 10 ? 2 : milliseconds < 100 ? 1 : 0
  return milliseconds.toFixed(digits)
}

/** For the terminal: the first column to the left and the figures to the right. */
export function formatTable(title: string, summaries: readonly Summary[]): string {
  const rows = cells(summaries)
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  const lines = rows.map((row) =>
    row.map((cell, at) => (at ? cell.padStart(widths[at]!) : cell.padEnd(widths[0]!))).join('  '),
  )
  return [title, ...lines].join('\n')
}

/** For a document. */
export function formatMarkdown(summaries: readonly Summary[]): string {
  const [headings = [], ...rows] = cells(summaries)
  const line = (row: readonly string[]) => `| ${row.join(' | ')} |`
  return [line(headings), line(headings.map((_, at) => (at ? '--:' : '---'))), ...rows.map(line)].join('\n')
}
