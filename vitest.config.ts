import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { Strict } from './test/reporter.js'

/** Names of kernel tests that a second run has no time for (.ci/steps). */
const leftOut = (process.env['NETLINK_LEAVE_OUT'] ?? '')
  .split(' ')
  .filter((name) => name !== '')
  .map((name) => `test/kernel/${name}.test.ts`)

// The kernel project makes real namespaces: its files run one after another, and only inside the private namespaces that test/isolated
// makes. Its files share a process, and those of the unit tests: to load the library anew for each took a quarter and half of the time.
export default defineConfig({
  // Examples import the package by its name; here that is its source.
  resolve: {
    alias: Object.entries({
      'netlink-ts': 'index',
      'netlink-ts/sync': 'sync',
      'netlink-ts/codec': 'codec/index',
      'netlink-ts/testing': 'testing/index',
      'netlink-ts/conntrack': 'conntrack',
      'netlink-ts/conntrack/sync': 'conntrack-sync',
      'netlink-ts/topology': 'topology',
      'netlink-ts/topology/sync': 'topology-sync',
      'netlink-ts/nftables': 'nftables',
      'netlink-ts/nftables/sync': 'nftables-sync',
    }).map(([name, file]) => ({
      find: new RegExp(`^${name}$`),
      replacement: fileURLToPath(new URL(`./src/${file}.ts`, import.meta.url)),
    })),
  },
  test: {
    pool: 'forks',
    // The eight parts of the kernel tests (test/parts) load the same files.
    experimental: { fsModuleCache: true },
    reporters: ['default', new Strict()],
    testTimeout: 20_000,
    hookTimeout: 20_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          setupFiles: ['test/no-addon.ts'],
          isolate: false,
        },
      },
      {
        extends: true,
        test: { name: 'fake', include: ['test/fake/**/*.test.ts'], setupFiles: ['test/no-addon.ts'] },
      },
      {
        extends: true,
        test: {
          name: 'kernel',
          include: ['test/kernel/**/*.test.ts'],
          // What stops some kernels is tried on none that others use: in guests alone, which have a configuration of their own (test/kernels).
          exclude: ['test/kernel/encap.test.ts', ...leftOut],
          fileParallelism: false,
          isolate: false,
          globalSetup: ['test/kernel/library.ts'],
          setupFiles: ['test/kernel/require-isolation.ts', 'test/kernel/time-left.ts'],
          // A virtual machine may stand still for half a minute.
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // Real traffic on a machine that others use: CI runs what failed once more, and prints it (test/reporter.ts).
          retry: process.env['CI'] ? 1 : 0,
        },
      },
      {
        extends: true,
        test: {
          name: 'package',
          include: ['test/package/**/*.test.ts'],
          fileParallelism: false,
          globalSetup: ['test/package/setup.ts'],
          testTimeout: 60_000,
        },
      },
    ],
  },
})
