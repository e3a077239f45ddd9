import { median, quantile } from './statistics.js'

/** What one run of a competitor took, in nanoseconds: in all, and for each unit of work (a container, a batch …). */
export interface Measurement {
  totalNs: number
  eachNs: number[]
}

export interface Competitor {
  name: string
  run(): Promise<Measurement>
  /** Proves that the work has its effect; runs once, before anything is timed. */
  check?(): Promise<void>
}

/** The runs of one competitor in figures: milliseconds, and `ratio`, its median over that of the first competitor. */
export interface Summary {
  name: string
  median: number
  min: number
  max: number
  ratio: number
  /** Of the units of work in all runs. */
  each: { p50: number; p99: number }
  runs: Measurement[]
}

export interface InterleaveHooks {
  /** Before each run, for a progress line. */
  onRun?(name: string, round: number): void
  /** After each run, not timed: lets the kernel finish what the run left behind. */
  afterRun?(): Promise<void>
}

/**
 * Runs every competitor once a round, A B C A B C …, so that whatever else the machine does falls on all alike and
 * ratios hold where absolute times do not. The first competitor is the baseline of the ratios.
 */
export async function interleave(
  competitors: readonly Competitor[],
  rounds: number,
  hooks: InterleaveHooks = {},
): Promise<Summary[]> {
  const runs = competitors.map((): Measurement[] => [])
  for (let round = 1; round <= rounds; round++) {
    for (const [index, competitor] of competitors.entries()) {
      hooks.onRun?.(competitor.name, round)
      runs[index]!.push(await competitor.run())
      await hooks.afterRun?.()
    }
  }
  const baseline = median((runs[0] ?? []).map((run) => run.totalNs))
  return competitors.map(({ name }, index) => summarise(name, runs[index]!, baseline))
}

function summarise(name: string, runs: Measurement[], baselineNs: number): Summary {
  const totals = runs.map((run) => run.totalNs / 1e6)
  const each = runs.flatMap((run) => run.eachNs).map((ns) => ns / 1e6)
  return {
    name,
    median: median(totals),
    min: Math.min(...totals),
    max: Math.max(...totals),
    ratio: (median(totals) * 1e6) / baselineNs,
    each: { p50: quantile(each, 0.5), p99: quantile(each, 0.99) },
    runs,
  }
}
