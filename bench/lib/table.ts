import type { Goal, Summary } from './interleave.js'

type Column = [heading: string, cell: (summary: Summary) => string | null]

const COLUMNS: readonly Column[] = [
  ['', ({ name }) => name],
  ['median ms', ({ median }) => inDigits(median)],
  ['min', ({ min }) => inDigits(min)],
  ['max', ({ max }) => inDigits(max)],
  ['ratio', ({ ratio }) => `${ratio.toFixed(2)} x`],
  ['p50 ms each', ({ each }) => each && inDigits(each.p50)],
  ['p99', ({ each }) => each && inDigits(each.p99)],
  ['peak MB', ({ peakMb }) => peakMb?.toFixed(1) ?? null],
  ['lost', ({ lost }) => lost?.toString() ?? null],
  ['goal', ({ goal, ratio, peakMb }) => goal && describeGoal(goal, ratio, peakMb)],
]

/** The figures as rows of cells under headings, without the columns that stay empty. */
function cells(summaries: readonly Summary[]): string[][] {
  const columns = COLUMNS.map(([heading, cell]) => [heading, ...summaries.map((it) => cell(it))])
  const filled = columns.filter(([, ...values]) => values.some((value) => value !== null))
  return ['', ...summaries].map((_, row) => filled.map((column) => column[row] ?? ''))
}

function describeGoal(goal: Goal, ratio: number, peakMb: number | null): string {
  const met =
    ratio <= (goal.ratio ?? Number.POSITIVE_INFINITY) &&
    (peakMb ?? 0) <= (goal.peakMb ?? Number.POSITIVE_INFINITY)
  const wanted = goal.ratio === undefined ? `<= ${goal.peakMb} MB` : `<= ${goal.ratio.toFixed(2)} x`
  return `${wanted} ${met ? 'met' : 'NOT MET'}`
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
