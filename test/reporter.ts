import type { Reporter, TestCase, TestModule } from 'vitest/node'

/**
 * Besides the usual output: a run that its time limit ends (package.json: `timeout`) says which tests it was at, and with
 * NETLINK_REQUIRE=all a skipped test is a failure, so that nothing is left out unseen where everything is installed.
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
    this.#running.set(test.id, `  ${test.module.relativeModuleId} > ${test.fullName}`)
  }

  onTestCaseResult(test: TestCase): void {
    this.#running.delete(test.id)
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    if (process.env['NETLINK_REQUIRE'] !== 'all') return
    const skipped = modules.flatMap((module) => [...module.children.allTests('skipped')])
    for (const test of skipped) {
      const { note } = test.result() as { note?: string }
      process.stderr.write(
        `skipped: ${test.module.relativeModuleId} > ${test.fullName}: ${note ?? 'no reason given'}\n`,
      )
    }
    if (skipped.length === 0) return
    process.stderr.write(`NETLINK_REQUIRE=all: ${skipped.length} skipped tests are failures\n`)
    process.exitCode = 1
  }
}
