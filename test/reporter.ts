import type { Reporter, TestCase, TestModule } from 'vitest/node'

/** How a skip begins whose reason no package can take away (the kernel's protocol descriptions lie in its source tree alone). */
const UNAVOIDABLE = 'cannot be installed: '
/** How a skip begins for which a slow machine had no time left (test/kernel/time-left.ts). */
export const NOT_RUN = 'NOT RUN: '

/**
 * Besides the usual output: a run that its time limit ends (package.json: `timeout`) says which tests it was at, a test that passes only when
 * it is run again is reported, skipped tests say why, and with NETLINK_REQUIRE=all they are failures, so that nothing is left out where
 * everything is installed.
 */
export class Strict implements Reporter {
  readonly #running = new Map<string, string>()

  onInit(): void {
    process.once('SIGTERM', () => {
      process.stderr.write(`\nended by SIGTERM while it ran:\n${[...this.#running.values()].join('\n')}\n`)
    })
  }

  onTestModuleQueued(module: TestModule): void {
    this.#running.set(module.id, `  ${module.relativeModuleId}`)
  }

  onTestModuleEnd(module: TestModule): void {
    this.#running.delete(module.id)
  }

  onTestCaseReady(test: TestCase): void {
    this.#running.set(test.id, `  ${nameOf(test)}`)
  }

  onTestCaseResult(test: TestCase): void {
    this.#running.delete(test.id)
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    reportUnsteady(modules)
    const skipped = modules.flatMap((module) => [...module.children.allTests('skipped')])
    const isRequired = process.env['NETLINK_REQUIRE'] === 'all'
    if (skipped.length === 0 || !(isRequired || skipped.some(reasonOf))) return
    for (const reason of new Set(skipped.map(reasonOf))) {
      const names = skipped.filter((test) => reasonOf(test) === reason).map(nameOf)
      const shown = names.length > 3 ? `${names.length} tests` : names.join(', ')
      process.stderr.write(`skipped: ${reason ?? 'no reason given'}: ${shown}\n`)
    }
    const isAllowed = (reason: string) => reason.startsWith(UNAVOIDABLE) || reason.startsWith(NOT_RUN)
    const avoidable = skipped.filter((test) => !isAllowed(reasonOf(test) ?? ''))
    if (!isRequired || avoidable.length === 0) return
    process.stderr.write(`NETLINK_REQUIRE=all: ${avoidable.length} skipped tests are failures\n`)
    process.exitCode = 1
  }
}

/** Tests that passed when they were run once more, with what failed before. */
function reportUnsteady(modules: readonly TestModule[]): void {
  const passed = modules.flatMap((module) => [...module.children.allTests('passed')])
  for (const test of passed) {
    if (!test.diagnostic()?.flaky) continue
    const errors = (test.result().errors ?? []).map(({ stack, message }) => stack ?? message)
    process.stderr.write(`UNSTEADY, passed when it was run again: ${nameOf(test)}\n${errors.join('\n')}\n`)
  }
}

function nameOf(test: TestCase): string {
  return `${test.module.relativeModuleId} > ${test.fullName}`
}

function reasonOf(test: TestCase): string | undefined {
  const result = test.result()
  return result.state === 'skipped' ? result.note : undefined
}
