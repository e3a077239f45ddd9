import type { Competitor } from './interleave.js'

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
  /** Without this one the suite proves nothing, so that the benchmark ends with status 1. */
  required?: boolean
}

/** One comparison; the first competitor is the baseline. */
export interface Suite {
  title: string
  competitors: Competitor[]
  missing: Missing[]
}

/** What each of bench/*.ts that is a suite exports as `prepare`. */
export type Prepare = (options: SuiteOptions) => Promise<Suite>
