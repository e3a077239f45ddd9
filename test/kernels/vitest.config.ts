/** How the project `kernel` runs in a guest: as on the machine (vitest.config.ts), from bundles (compile.ts), with more patience. */

import { appendFileSync } from 'node:fs'
import { defineConfig } from 'vitest/config'
import { PATIENCE } from '../kernel/patience.js'
import { Strict } from '../reporter.js'
import Facts from './reporter.js'

export default defineConfig({
  test: {
    name: 'kernel',
    include: ['test/kernel/**/*.test.mjs'],
    setupFiles: ['test/kernel/require-isolation.mjs'],
    pool: 'forks',
    fileParallelism: false,
    reporters: ['default', new Strict(), new Facts((text) => appendFileSync('/dev/console', text))],
    // A test that takes a second on the machine takes half a minute on an emulated processor.
    testTimeout: 20_000 * PATIENCE,
    hookTimeout: 20_000 * PATIENCE,
    expect: { poll: { timeout: 1_000 * PATIENCE } },
    experimental: { viteModuleRunner: false, nodeLoader: false },
  },
})
