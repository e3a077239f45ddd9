/** Who lost events in a benchmark has no ratio and meets no goal; where the first competitor did, nobody has. */

import { expect, it } from 'vitest'
import { drawChart } from '../../bench/lib/chart.js'
import { type Goal, interleave } from '../../bench/lib/interleave.js'
import { formatMarkdown } from '../../bench/lib/table.js'

const competitor = (name: string, lost: number, goal?: Goal) => ({
  name,
  goal,
  run: async () => ({ totalNs: 1e6, eachNs: [], lost }),
})

it.each([
  ['nobody', 0, 0, ['1.00 x', '1.00 x', '1.00 x'], 'none lost met; <= 1.40 x met', true],
  ['one', 0, 5, ['1.00 x', '-', '1.00 x'], 'none lost NOT MET; <= 1.40 x NOT MET', true],
  ['the first', 5, 0, ['-', '-', '-'], 'none lost met; <= 1.40 x not known', false],
  ['both', 5, 5, ['-', '-', '-'], 'none lost NOT MET; <= 1.40 x NOT MET', false],
] as const)('%s', async (_, first, second, ratios, goal, hasChart) => {
  const all = [
    competitor('C', first),
    competitor('netlink-ts', second, { ratio: 1.4, noneLost: true }),
    competitor('Go', 0),
  ]
  const summaries = await interleave(all, { rounds: 1, figure: 'run' })
  const rows = formatMarkdown(summaries)
    .split('\n')
    .slice(2)
    .map((row) => row.split(' | '))
  expect(rows.map((row) => row[4])).toEqual(ratios)
  expect(rows[1]!.at(-1)).toBe(`${goal} |`)
  expect((await drawChart('events', summaries)) !== null).toBe(hasChart)
})
