/** What a test says about its kernel, for the table of docs/kernels.md (test/kernels/run.ts collects it). */

import type { TestContext } from 'vitest'

declare module 'vitest' {
  interface TaskMeta {
    feature?: Feature
  }
}

/** Something that kernels are built with or without. */
export interface Feature {
  readonly group: 'kind' | 'encapsulation' | 'route'
  readonly name: string
  /** This kernel is without it: what was tried is that it is refused. */
  readonly lacks: boolean
}

/** Notes for which feature a test stands. */
export function noteFeature({ task }: TestContext, feature: Feature): void {
  task.meta.feature = feature
}
