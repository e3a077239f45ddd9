import type { Measured } from './profile.js'
import { median, quantile } from './statistics.js'

/** What one run of a competitor took, in nanoseconds: in all, and for each unit of work (a container, a dump …). */
export interface Measurement {
  totalNs: number
  eachNs: number[]
  /** The most memory that the run took above that of the started program. */
  peakBytes?: number | undefined
  /** Events that were not told. */
  lost?: number | undefined
  /** For bench/profile.ts. */
  measured?: Measured | undefined
}

/** What the project wants of a competitor: at most this ratio, at most this memory. */
export interface Goal {
  ratio?: number
  peakMb?: number
  /** At least so many times as fast as these, by their names; those that do not run are passed over. */
  times?: Readonly<Record<string, number>>
  /** At most so many times the time of these. */
  within?: Readonly<Record<string, number>>
  /** Every event told of. */
  noneLost?: boolean
}

/** Of the programs and libraries that a competitor is made of, by their names, as these tell them. */
export type Versions = Readonly<Record<string, string>>

export interface Competitor {
  name: string
  run(): Promise<Measurement>
  /** Proves that the work has its effect; runs once, before anything is timed. */
  check?(): Promise<unknown>
  goal?: Goal | undefined
  /** Only in so many rounds, for one that takes long. */
  rounds?: number | undefined
  versions?: Versions | undefined
}

/** One run: milliseconds, in all or for one unit of its work, and the quantiles of the units. */
export interface Run {
  ms: number
  p50: number
  p99: number
  peakMb: number | null
  lost: number | null
}

/** The runs of one competitor in figures, in milliseconds. */
export interface Summary {
  name: string
  median: number
  min: number
  max: number
  /** Its median over that of the first competitor; null where either has lost events, whose time says nothing then. */
  ratio: number | null
  /** Of the units of work in all runs; null where there are none. */
  each: { count: number; p50: number; p99: number } | null
  /** The largest of all runs. */
  peakMb: number | null
  /** Of all runs together. */
  lost: number | null
  goal: Goal | null
  runs: Run[]
}

export interface InterleaveOptions {
  rounds: number
  figure: 'run' | 'unit'
  /** Before each run, for a progress line. */
  onRun?(name: string, round: number): void
  /** After each run, not timed. */
  afterRun?: (() => Promise<void>) | undefined
}

/**
 * Runs every competitor once a round, A B C A B C …, so that whatever else the machine does falls on all alike and
 * ratios hold where absolute times do not. The first competitor is the baseline of the ratios.
 */
export async function interleave(
  competitors: readonly Competitor[],
  { rounds, figure, onRun, afterRun }: InterleaveOptions,
): Promise<Summary[]> {
  const measured = competitors.map((): Measurement[] => [])
  for (let round = 1; round <= rounds; round++) {
    for (const [index, competitor] of competitors.entries()) {
      if (round > (competitor.rounds ?? rounds)) continue
      onRun?.(competitor.name, round)
      measured[index]!.push(await competitor.run())
      await afterRun?.()
    }
  }
  const figures = measured.map((runs) => summarise(runs, figure))
  const baseline = figures[0]!
  return competitors.map(({ name, goal }, index) => {
    const own = figures[index]!
    const ratio = own.lost || baseline.lost ? null : own.median / baseline.median
    return { name, goal: goal ?? null, ratio, ...own }
  })
}

function figureOf({ totalNs, eachNs }: Measurement, figure: 'run' | 'unit'): number {
  return figure === 'run' ? totalNs / 1e6 : totalNs / 1e6 / eachNs.length
}

function summarise(measured: Measurement[], figure: 'run' | 'unit') {
  const runs = measured.map((run): Run => {
    const { p50, p99 } = quantiles(run.eachNs)
    const peakMb = run.peakBytes === undefined ? null : run.peakBytes / 1e6
    return { ms: figureOf(run, figure), p50, p99, peakMb, lost: run.lost ?? null }
  })
  const times = runs.map(({ ms }) => ms)
  const each = measured.flatMap(({ eachNs }) => eachNs)
  return {
    median: median(times),
    min: Math.min(...times),
    max: Math.max(...times),
    each: each.length > 0 ? { count: each.length, ...quantiles(each) } : null,
    peakMb: reduce(runs, 'peakMb', Math.max),
    lost: reduce(runs, 'lost', (a, b) => a + b),
    runs,
  }
}

function quantiles(ns: readonly number[]) {
  const ms = ns.map((it) => it / 1e6)
  return { p50: quantile(ms, 0.5), p99: quantile(ms, 0.99) }
}

function reduce(
  runs: readonly Run[],
  key: 'peakMb' | 'lost',
  join: (a: number, b: number) => number,
): number | null {
  const values = runs.map((run) => run[key]).filter((value) => value !== null)
  return values.length === 0 ? null : values.reduce((a, b) => join(a, b))
}
