/** The table of docs/kernels.md. */

import { readFileSync, writeFileSync } from 'node:fs'
import type { FeatureFact, RunFact, State } from './reporter.js'

/** What came out of the tests on one kernel. */
export interface Run {
  readonly title: string
  readonly features: readonly FeatureFact[]
  /** Null where the run did not come to its end. */
  readonly summary: RunFact | null
}

const [BEGIN, END] = ['<!-- kernels -->', '<!-- /kernels -->']

const CELLS: Readonly<Record<State, string>> = { works: 'yes', lacks: 'no', fails: '**fails**' }

const HEADINGS: Readonly<Record<FeatureFact['group'], string>> = {
  kind: 'kind of link',
  encapsulation: 'encapsulation of a route',
  route: 'routes of',
}

/** Writes the tables between the marks, and nothing else. */
export function writeKernels(path: string, runs: readonly Run[]): void {
  const text = readFileSync(path, 'utf8')
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)]
  if (begin < 0 || end < begin) throw new Error(`${path}: there are no lines ${BEGIN} and ${END}`)
  const tables = [versionTable(runs), ...Object.keys(HEADINGS).map((group) => featureTable(group, runs))]
  writeFileSync(path, `${text.slice(0, begin + BEGIN.length)}\n${tables.join('\n\n')}\n${text.slice(end)}`)
}

function versionTable(runs: readonly Run[]): string {
  const rows = runs.map(({ title, summary }) => [
    title,
    ...(['release', 'passed', 'failed', 'skipped'] as const).map((key) => String(summary![key])),
  ])
  return table(['kernel', 'release', 'tests passed', 'failed', 'skipped'], rows)
}

function featureTable(group: string, runs: readonly Run[]): string {
  const known = runs.map(
    ({ features }) =>
      new Map(features.filter((fact) => fact.group === group).map(({ name, state }) => [name, CELLS[state]])),
  )
  const names = [...new Set(known.flatMap((states) => [...states.keys()]))].sort()
  const rows = names.map((name) => [`\`${name}\``, ...known.map((states) => states.get(name) ?? 'not tried')])
  return table([HEADINGS[group as FeatureFact['group']], ...runs.map(({ title }) => title)], rows)
}

function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (row: readonly string[]) => `| ${row.join(' | ')} |`
  return [line(headings), line(headings.map(() => '---')), ...rows.map(line)].join('\n')
}
