/** Prints what the tests found out about their kernel, one fact a line, so that it comes out of a guest through its console. */

import { appendFileSync } from 'node:fs'
import { release } from 'node:os'
import type { Reporter, TestCase, TestModule } from 'vitest/node'
import type { Feature } from '../kernel/feature.js'

export const MARK = 'netlink-ts fact: '

export type State = 'works' | 'lacks' | 'fails'

/** What is known of a feature. */
export interface FeatureFact {
  readonly group: Feature['group']
  readonly name: string
  readonly state: State
}

/** The run as a whole. */
export interface RunFact {
  readonly release: string
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

export type Fact = FeatureFact | RunFact

export default class Facts implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const count = (state: string) => tests.filter((test) => test.result().state === state).length
    const broken = modules.filter((module) => module.state() === 'failed' && module.errors().length > 0)
    const facts: Fact[] = [
      ...featuresOf(tests),
      {
        release: release(),
        passed: count('passed'),
        failed: count('failed') + broken.length,
        skipped: count('skipped'),
      },
    ]
    process.stdout.write(`\n${facts.map((fact) => `${MARK}${JSON.stringify(fact)}\n`).join('')}`)
  }
}

function featuresOf(tests: readonly TestCase[]): FeatureFact[] {
  const states = new Map<string, State[]>()
  for (const test of tests) {
    const { feature } = test.meta()
    if (feature === undefined) continue
    const key = JSON.stringify({ group: feature.group, name: feature.name })
    const state = test.result().state === 'failed' ? 'fails' : feature.lacks ? 'lacks' : 'works'
    states.set(key, [...(states.get(key) ?? []), state])
  }
  // A failure of one of its tests is one of the feature; it is lacking where no test had it.
  return [...states].map(([key, found]) => ({
    ...(JSON.parse(key) as Pick<FeatureFact, 'group' | 'name'>),
    state: found.includes('fails') ? 'fails' : found.includes('works') ? 'works' : 'lacks',
  }))
}

/** Says on the console of a guest how far it is: what a part prints (test/parts) comes when it has ended, which takes long there. */
export class Progress implements Reporter {
  onTestModuleEnd(module: TestModule): void {
    const tests = [...module.children.allTests()]
    const errors = [
      ...module.errors().map((error) => ({ name: '', error })),
      ...tests.flatMap((test) =>
        (test.result().errors ?? []).map((error) => ({ name: test.fullName, error })),
      ),
    ]
    const count = (state: string) => tests.filter((test) => test.result().state === state).length
    const lines = errors.map(({ name, error }) => `  FAILED ${name}: ${error.message}\n${error.stack ?? ''}`)
    const counts = `${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`
    const seconds = (module.diagnostic().duration / 1000).toFixed(1)
    appendFileSync(
      '/dev/console',
      [`${module.relativeModuleId}: ${counts}, ${seconds} s`, ...lines, ''].join('\n'),
    )
  }
}
