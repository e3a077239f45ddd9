import { parse, View } from 'vega'
import { compile, type TopLevelSpec } from 'vega-lite'
import type { Summary } from './interleave.js'

/** From this ratio on the axis is logarithmic. */
const WIDE = 10
const [OURS, OTHERS] = ['#2166ac', '#bdbdbd']

/**
 * An SVG picture of one comparison: a bar to the median of each competitor, whiskers from its least to its greatest run. Null where none
 * can be compared.
 */
export async function drawChart(title: string, summaries: readonly Summary[]): Promise<string | null> {
  const baseline = summaries[0]!
  const values = summaries.flatMap(({ name, median, min, max, ratio }) => {
    if (ratio === null) return []
    return {
      name,
      ours: name.startsWith('netlink-ts'),
      median: median / baseline.median,
      min: min / baseline.median,
      max: max / baseline.median,
      label: `${ratio.toFixed(2)} ×`,
    }
  })
  if (values.length === 0) return null
  const greatest = Math.max(...values.map(({ max }) => max))
  const least = Math.min(...values.map(({ min }) => min))
  const scale =
    greatest > WIDE
      ? ({
          type: 'log',
          domainMin: Math.min(0.5, least / 2),
          domainMax: greatest * 1.6,
          nice: false,
        } as const)
      : ({ type: 'linear', domainMin: 0, domainMax: greatest * 1.12, nice: false } as const)
  const y = { field: 'name', type: 'nominal', sort: null, title: null, axis: { labelLimit: 320 } } as const
  const x = { type: 'quantitative', scale, title: `time, as a multiple of ${baseline.name}` } as const
  const spec: TopLevelSpec = {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    title: { text: title, anchor: 'start' },
    background: 'white',
    width: 480,
    height: { step: 24 },
    data: { values },
    encoding: { y },
    layer: [
      {
        mark: { type: 'bar', height: 15 },
        encoding: {
          x: { ...x, field: 'median' },
          x2: { datum: scale.domainMin },
          color: {
            field: 'ours',
            type: 'nominal',
            scale: { domain: [true, false], range: [OURS, OTHERS] },
            legend: null,
          },
        },
      },
      {
        mark: { type: 'rule', color: 'black' },
        encoding: { x: { ...x, field: 'min' }, x2: { field: 'max' } },
      },
      { mark: { type: 'tick', size: 7, color: 'black' }, encoding: { x: { ...x, field: 'min' } } },
      { mark: { type: 'tick', size: 7, color: 'black' }, encoding: { x: { ...x, field: 'max' } } },
      {
        mark: { type: 'text', align: 'left', dx: 5, fontSize: 10 },
        encoding: { x: { ...x, field: 'max' }, text: { field: 'label' } },
      },
    ],
  }
  return new View(parse(compile(spec).spec), { renderer: 'none' }).toSVG()
}
