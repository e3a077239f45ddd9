/** Prints what the tests found out about their kernel, one fact a line, so that it comes out of a guest through its console. */

import { release } from 'node:os'
import type { Reporter, TestCase, TestModule } from 'vitest/node'
import type { Feature } from '../kernel/feature.js'

export type State = 'works' | 'lacks' | 'fails'

/** What is known of a feature. */
export interface FeatureFact {
  readonly group: Feature['group']
  readonly name: string
  readonly state: State
}

/** How the tests of one file ended. */
export interface FileFact {
  /** test/kernel/route.test.ts */
  readonly file: string
  readonly release: string
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

export type Fact = FeatureFact | FileFact

/** The line of a fact. Consoles lose and mix what is printed at once, so that it says how long it is. */
export function lineOf(fact: Fact): string {
  const text = JSON.stringify(fact)
  return `netlink-ts fact of ${text.length}: ${text}`
}

/** The fact that a line of a console ends with; null where there is none or it is not whole. */
export function factOf(line: string): Fact | null {
  const [, length, text] = /netlink-ts fact of (\d+): (\{.*\})$/.exec(line) ?? []
  return text !== undefined && text.length === Number(length) ? (JSON.parse(text) as Fact) : null
}

interface Wrong {
  readonly message: string
  readonly stack?: string | undefined
  readonly diff?: string | undefined
  readonly cause?: Wrong | undefined
}

export default class Facts implements Reporter {
  readonly #write: (text: string) => void

  /** Where the facts go. What a part of the whole prints (test/parts) comes when it has ended, and of one that is ended never. */
  constructor(write: (text: string) => void = (text) => process.stdout.write(text)) {
    this.#write = write
  }

  onTestModuleEnd(module: TestModule): void {
    const tests = [...module.children.allTests()]
    const count = (state: string) => tests.filter((test) => test.result().state === state).length
    this.#tell({
      file: module.relativeModuleId.replace(/\.mjs$/, '.ts'),
      release: release(),
      passed: count('passed'),
      failed: count('failed') + (module.errors().length > 0 ? 1 : 0),
      skipped: count('skipped'),
    })
    // What runs for hours tells at once why something failed: vitest tells it at the end.
    for (const [name, errors] of [
      [module.relativeModuleId, module.errors()] as const,
      ...tests.map((test) => [test.fullName, test.result().errors ?? []] as const),
    ])
      for (const error of errors) this.#write(`\n${name}\n${textOf(error)}\n`)
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    for (const fact of featuresOf(modules.flatMap((module) => [...module.children.allTests()])))
      this.#tell(fact)
  }

  #tell(fact: Fact): void {
    this.#write(`\n${lineOf(fact)}\n`)
  }
}

function textOf({ stack, message, diff, cause }: Wrong): string {
  return [stack ?? message, diff, cause && textOf(cause)].filter(Boolean).join('\n')
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
