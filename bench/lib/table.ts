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

function describeGoal({ goal, ratio, peakMb, lost }: Summary, all: readonly Summary[]): string | null {
  if (goal === null) return null
  // Of one who has lost events no time counts; where the first competitor has, there is nothing to compare with.
  const isMet = (at: (ratio: number) => boolean) => (lost ? false : ratio === null ? null : at(ratio))
  const wanted: [text: string, met: boolean | null][] = []
  if (goal.noneLost) wanted.push(['none lost', !lost])
  if (goal.ratio !== undefined)
    wanted.push([`<= ${goal.ratio.toFixed(2)} x`, isMet((own) => own <= goal.ratio!)])
  if (goal.peakMb !== undefined) wanted.push([`<= ${goal.peakMb} MB`, (peakMb ?? 0) <= goal.peakMb])
  const than = (name: string) => all.find((one) => one.name === name)?.ratio ?? null
  for (const [name, most] of Object.entries(goal.within ?? {})) {
    if (!all.some((one) => one.name === name)) throw new Error(`a goal beside '${name}', who does not run`)
    const other = than(name)
    const text = ratio === null || other === null ? '' : `: ${(ratio / other).toFixed(2)}`
    const met = other === null ? null : isMet((own) => own <= most * other)
    wanted.push([`<= ${most.toFixed(2)} x of ${name}${text}`, met])
  }
  for (const [name, times] of Object.entries(goal.times ?? {})) {
    const other = than(name)
    if (other === null) continue
    const text = ratio === null ? '' : `: ${(other / ratio).toFixed(1)}`
    wanted.push([`${times} x as fast as ${name}${text}`, isMet((own) => other >= times * own)])
  }
  const verdict = (met: boolean | null) => (met === null ? 'not known' : met ? 'met' : 'NOT MET')
  return wanted.length === 0 ? null : wanted.map(([text, met]) => `${text} ${verdict(met)}`).join('; ')
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
