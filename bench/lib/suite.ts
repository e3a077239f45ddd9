import type { Competitor } from './interleave.js'

/** For suites of microseconds, of which any five rounds may hit either of two speeds of C, and those that are near their goals. */
export const MANY_ROUNDS = 11

export interface SuiteOptions {
  /** Small numbers: proves that the suite works, measures little. */
  quick: boolean
  /** Other programs and libraries too, where they are installed. */
  peers: boolean
}

/** A competitor that does not run here; `remedy` is the command that brings it. */
export interface Missing {
  name: string
  remedy: string
  /** Why it does not run, where it is there. */
  because?: string
  /** Without this one the suite proves nothing, so that the benchmark ends with status 1. */
  required?: boolean
}

/** One comparison; the first competitor is the baseline. */
export interface Suite {
  /** Of its results: `bench/results/NAME.json`, and of its place in docs/performance.md. */
  name: string
  title: string
  /**
   * What a figure is: the time of a whole run ('run'), or of one of its units of work ('unit': a dump, a call), so that a slow
   * competitor can make fewer of them.
   */
  figure: 'run' | 'unit'
  competitors: Competitor[]
  missing: Missing[]
  /** Runs only where its suite is named, so that all the others take less than five minutes. */
  long?: true
  /** More rounds than usual where the suite is named and no number is: a round is short, and runs of microseconds differ. */
  rounds?: number
  /** Fewer rounds than usual, where a round is long. */
  maxRounds?: number
  /** Makes what all runs need, before the checks; returns what takes it away. */
  setUp?(): Promise<() => Promise<void>>
  /** After each run and check, not timed: lets the kernel finish, or undoes, what the run left behind. */
  afterRun?(): Promise<void>
}

/** What each of bench/suites/*.ts exports as `prepare`. */
export type Prepare = (options: SuiteOptions) => Promise<Suite[]>
