import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { packagePath } from './child.js'
import { type Result, writeChart } from './report.js'
import { formatMarkdown } from './table.js'

const DOCUMENT = 'docs/performance.md'
const CHARTS = 'docs/charts'

/**
 * Writes a comparison into docs/performance.md, between the lines `<!-- bench:NAME -->` and `<!-- /bench:NAME -->`, and its chart, where
 * there is one, into docs/charts.
 */
export function writeDocument(result: Result, chart: string | null): void {
  const { suite, title, environment, rounds, date } = result
  const { kernel, cpu, cores, node, versions } = environment
  const path = packagePath(DOCUMENT)
  const [begin, end] = [`<!-- bench:${suite} -->`, `<!-- /bench:${suite} -->`]
  const [before, rest] = split(readFileSync(path, 'utf8'), begin)
  const [, after] = split(rest, end)
  const figures = [
    `**${title}**`,
    formatMarkdown(result.competitors),
    ...(chart === null ? [] : [`![${title}](charts/${suite}.svg)`]),
    `Median of ${rounds} interleaved rounds, ${date.slice(0, 10)}; Linux ${kernel}, ${cpu}, ${cores} cores, Node ${node}.`,
    `With ${Object.entries(versions)
      .map(([name, text]) => `${name} ${shortVersion(text)}`)
      .join(', ')}.`,
    ...result.missing.map(
      ({ name, remedy, because }) =>
        `Not measured: ${name}${because === undefined ? '' : `, because ${because}`} (\`${remedy}\`).`,
    ),
  ]
  writeFileSync(path, withOverview(`${before}${begin}\n${figures.join('\n\n')}\n${end}${after}`))
  mkdirSync(packagePath(CHARTS), { recursive: true })
  writeChart(packagePath(`${CHARTS}/${suite}.svg`), chart)
}

const GOALS = ['<!-- goals -->', '<!-- /goals -->'] as const

/** The document with the goals of all its tables, and what became of them, between the lines `<!-- goals -->` and `<!-- /goals -->`. */
export function withOverview(text: string): string {
  const [before, rest] = split(text, GOALS[0])
  const [, after] = split(rest, GOALS[1])
  const rows = [...text.matchAll(/<!-- bench:.*? -->\n\*\*(.*)\*\*\n\n((?:\|.*\n)+)/g)].flatMap(
    ([, title, table = '']) => {
      const [headings = [], , ...lines] = table.trimEnd().split('\n').map(cellsOf)
      const [ratio, goal] = [headings.indexOf('ratio'), headings.indexOf('goal')]
      return lines
        .filter((line) => goal >= 0 && line[goal] !== '')
        .map((line) => [title, line[0], line[ratio], line[goal]])
    },
  )
  const lines = [['what', 'who', 'ratio', 'goal'], ['---', '---', '--:', '---'], ...rows]
  const overview = lines.map((line) => `| ${line.join(' | ')} |`).join('\n')
  return `${before}${GOALS[0]}\n${overview}\n${GOALS[1]}${after}`
}

/** Of a row: '| a |  | b |' has the cells 'a', '' and 'b'. */
function cellsOf(row: string): string[] {
  return row
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim())
}

/** The number in what a program says of its version, with the day where a package was made of what has no release. */
export function shortVersion(text: string): string {
  return /\d+(\.\d+)+(~git\d+)?/.exec(text)?.[0] ?? text
}

function split(text: string, mark: string): [before: string, after: string] {
  const at = text.indexOf(mark)
  if (at < 0) throw new Error(`${DOCUMENT}: there is no line ${mark}`)
  return [text.slice(0, at), text.slice(at + mark.length)]
}
