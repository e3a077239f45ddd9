import { afterAll, beforeEach } from 'vitest'
import { spawnSync } from './programs.js'
import { restoreHost } from './restore.js'

// Kernel tests change interfaces and /run/netns: without private namespaces they must not start at all.
if (process.env['NETLINK_TS_ISOLATED'] !== '1') {
  throw new Error(
    'kernel tests run only inside private namespaces: test/isolated vitest run --project kernel',
  )
}

// Nearly all of them compare with what ip says, or see whether traffic passes.
const missing = ['ip', 'ping'].filter((tool) => spawnSync(tool, ['-V']).status !== 0)
beforeEach((context) => context.skip(missing.length > 0, `not installed: ${missing.join(', ')}`))
afterAll(() => {
  if (missing.length === 0) restoreHost()
})
