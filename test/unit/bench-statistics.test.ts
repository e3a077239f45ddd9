/** What the benchmarks make of measured times: medians, quantiles, ratios, and the cells of the tables. */

import { expect, it } from 'vitest'
import { type Competitor, interleave, type Measurement } from '../../bench/lib/interleave.js'
import { median, quantile } from '../../bench/lib/statistics.js'
import { formatMarkdown, formatTable } from '../../bench/lib/table.js'

const MS = 1e6

it.each([
  ['an odd number of values', [30, 10, 20], 20],
  ['an even number of values', [40, 10, 20, 30], 25],
  ['one value', [7], 7],
  ['none', [], 0],
])('median: %s', (_, values, expected) => {
  expect(median(values)).toBe(expected)
})

it('a quantile lies between the two values that are next to it, and leaves its values as they were', () => {
  const values = [5, 1, 3, 2, 4]
  expect([0, 0.25, 0.9, 1].map((share) => quantile(values, share))).toEqual([1, 2, 4.6, 5])
  expect(values).toEqual([5, 1, 3, 2, 4])
})

/** Runs one measurement after another. */
function competitor(
  name: string,
  runs: readonly Partial<Measurement>[],
  more: Partial<Competitor> = {},
): Competitor {
  const left = [...runs]
  return { name, run: async () => ({ totalNs: 0, eachNs: [], ...left.shift()! }), ...more }
}

const totals = (...ms: number[]) => ms.map((it) => ({ totalNs: it * MS }))

it('competitors run in turn, and median, min, max and ratio are of the rounds', async () => {
  const order: string[] = []
  const summaries = await interleave(
    [
      competitor('C', totals(10, 30, 20)),
      competitor('ours', totals(60, 40, 50)),
      competitor('slow', totals(500), { rounds: 1 }),
    ],
    {
      rounds: 3,
      figure: 'run',
      onRun: (name, round) => order.push(`${name}${round}`),
      afterRun: async () => void order.push('-'),
    },
  )
  expect(order.join(' ')).toBe('C1 - ours1 - slow1 - C2 - ours2 - C3 - ours3 -')
  expect(summaries.map(({ name, median, min, max, ratio }) => [name, median, min, max, ratio])).toEqual([
    ['C', 20, 10, 30, 1],
    ['ours', 50, 40, 60, 2.5],
    ['slow', 500, 500, 500, 25],
  ])
  expect(summaries.map(({ runs }) => runs.length)).toEqual([3, 3, 1])
})

it('the figure of a unit is the mean of a run, p50 and p99 are of the units of all runs', async () => {
  const units = (...ms: number[]) => ({
    totalNs: ms.reduce((a, b) => a + b) * MS,
    eachNs: ms.map((it) => it * MS),
  })
  const [summary] = await interleave([competitor('C', [units(1, 2, 6), units(4, 5)])], {
    rounds: 2,
    figure: 'unit',
  })
  expect(summary).toMatchObject({ median: 3.75, min: 3, max: 4.5, each: { count: 5, p50: 4 } })
  expect(summary!.each!.p99).toBeCloseTo(5.96)
  expect(summary!.runs).toMatchObject([
    { ms: 3, p50: 2, peakMb: null, lost: null },
    { ms: 4.5, p50: 4.5 },
  ])
})

it('the largest memory of all runs counts, and all that was lost', async () => {
  const runs = [
    { totalNs: MS, peakBytes: 3e6, lost: 2 },
    { totalNs: MS, peakBytes: 1e6, lost: 5 },
  ]
  const [summary] = await interleave([competitor('C', runs)], { rounds: 2, figure: 'run' })
  expect(summary).toMatchObject({ peakMb: 3, lost: 7, each: null, ratio: null })
})

/** The rows of a table, by their headings. */
async function rows(competitors: readonly Competitor[], figure: 'run' | 'unit' = 'run') {
  const [headings, , ...lines] = formatMarkdown(await interleave(competitors, { rounds: 1, figure }))
    .split('\n')
    .map((line) => line.slice(2, -2).split(' | '))
  return lines.map((line) => Object.fromEntries(line.map((cell, at) => [headings![at]!, cell])))
}

it.each([
  [199, undefined],
  [200, '1.00'],
])('of %i units p99 is %s', async (count, expected) => {
  const run = { totalNs: count * MS, eachNs: Array<number>(count).fill(MS) }
  const [row] = await rows([competitor('C', [run])], 'unit')
  expect(row!['p50 ms each']).toBe('1.00')
  expect(row!['p99']).toBe(expected)
})

it('columns that nobody fills are not there, and a smaller number has more digits', async () => {
  const [first, ...others] = await rows(
    [0.0123, 3.456, 45.67, 456.7].map((ms) => competitor(`${ms}`, totals(ms))),
  )
  expect(first).toEqual({
    '': '0.0123',
    'median ms': '0.0123',
    min: '0.0123',
    max: '0.0123',
    ratio: '1.00 x',
  })
  expect(others.map((row) => row['median ms'])).toEqual(['3.46', '45.7', '457'])
})

it.each([
  ['a ratio', { ratio: 2 }, '<= 2.00 x met'],
  ['a smaller one', { ratio: 1.9 }, '<= 1.90 x NOT MET'],
  ['memory', { peakMb: 20 }, '<= 20 MB met'],
  ['less memory', { peakMb: 10 }, '<= 10 MB NOT MET'],
  ['so many times as fast', { times: { Go: 3 } }, '3 x as fast as Go: 3.0 met'],
  ['more times as fast', { times: { Go: 4 } }, '4 x as fast as Go: 3.0 NOT MET'],
  ['at most so many times the time', { within: { Go: 0.4 } }, '<= 0.40 x of Go: 0.33 met'],
  ['less than that', { within: { Go: 0.3 } }, '<= 0.30 x of Go: 0.33 NOT MET'],
  ['beside one that does not run', { times: { Rust: 3 } }, undefined],
  ['two', { ratio: 1, peakMb: 20 }, '<= 1.00 x NOT MET; <= 20 MB met'],
  ['no loss', { noneLost: true }, 'none lost met'],
])('a goal: %s', async (_, goal, expected) => {
  const ours = competitor('ours', [{ totalNs: 2 * MS, peakBytes: 15e6 }], { goal })
  const [, row] = await rows([competitor('C', totals(1)), ours, competitor('Go', totals(6))])
  expect(row!['goal']).toBe(expected)
})

it('a goal beside one of ours that there is not is a mistake', async () => {
  const ours = competitor('ours', totals(2), { goal: { within: { other: 1 } } })
  await expect(rows([competitor('C', totals(1)), ours])).rejects.toThrow("beside 'other', who does not run")
})

it('a table for the terminal has its names on the left and its figures on the right', async () => {
  const summaries = await interleave([competitor('C', totals(1)), competitor('netlink-ts', totals(20))], {
    rounds: 1,
    figure: 'run',
  })
  expect(formatTable('a title', summaries).split('\n')).toEqual([
    'a title',
    '            median ms   min   max    ratio',
    'C                1.00  1.00  1.00   1.00 x',
    'netlink-ts       20.0  20.0  20.0  20.00 x',
  ])
})
