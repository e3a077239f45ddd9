/** How the project `kernel` runs in a guest: as on the machine (vitest.config.ts), from bundles (compile.ts), with more patience. */

import { defineConfig } from 'vitest/config'
import { Strict } from '../reporter.js'
import Facts from './reporter.js'

export default defineConfig({
  test: {
    name: 'kernel',
    include: ['test/kernel/**/*.test.mjs'],
    setupFiles: ['test/kernel/require-isolation.mjs'],
    pool: 'forks',
    fileParallelism: false,
    reporters: ['default', new Strict(), new Facts()],
    // A test that takes a second on the machine takes half a minute on an emulated processor.
    testTimeout: 200_000,
    hookTimeout: 200_000,
    experimental: { viteModuleRunner: false, nodeLoader: false },
  },
})
