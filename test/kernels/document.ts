/** The table of docs/kernels.md. */

import { readFileSync, writeFileSync } from 'node:fs'
import type { FeatureFact, FileFact, State } from './reporter.js'

/** What came out of the tests on one kernel. */
export interface Run {
  readonly title: string
  readonly features: readonly FeatureFact[]
  readonly files: readonly FileFact[]
}

/** Of all files together. */
export type Summary = Omit<FileFact, 'file'>

export function sumOf(files: readonly FileFact[]): Summary {
  const sum = (key: 'passed' | 'failed' | 'skipped') => files.reduce((total, file) => total + file[key], 0)
  const { release } = files[0]!
  return { release, passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') }
}

/** The marks between which tables stand. */
const [FEATURES, ALL] = ['kernels', 'whole project'] as const

const CELLS: Readonly<Record<State, string>> = { works: 'yes', lacks: 'no', fails: '**fails**' }

const HEADINGS: Readonly<Record<FeatureFact['group'], string>> = {
  kind: 'kind of link',
  encapsulation: 'encapsulation of a route',
  route: 'routes of',
}

/** Writes the tables between their marks, and nothing else: of the tests about what kernels are built with, and of the whole project. */
export function writeKernels(
  path: string,
  features: readonly Run[],
  all: readonly Run[],
  files: readonly string[],
): void {
  const tables = [
    versionTable(features),
    ...Object.keys(HEADINGS).map((group) => featureTable(group, features)),
  ]
  const text = between(readFileSync(path, 'utf8'), FEATURES, tables.join('\n\n'))
  writeFileSync(path, between(text, ALL, versionTable(all, files)))
}

function between(text: string, mark: string, tables: string): string {
  const [begin, end] = [`<!-- ${mark} -->`, `<!-- /${mark} -->`]
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`there are no lines ${begin} and ${end}`)
  return `${text.slice(0, from + begin.length)}\n${tables}\n${text.slice(to)}`
}

/** With `files`, how many of them each kernel has had. */
function versionTable(runs: readonly Run[], files?: readonly string[]): string {
  const rows = runs.map((run) => {
    const { release, ...counts } = sumOf(run.files)
    const had = files && [`${run.files.length} of ${files.length}`]
    return [run.title, release, ...(had ?? []), ...Object.values(counts).map(String)]
  })
  const had = files ? ['files'] : []
  return table(['kernel', 'release', ...had, 'tests passed', 'failed', 'skipped'], rows)
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
