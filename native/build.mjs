/**
 * The install script: builds the addon. On another system than Linux there is nothing to build, as the package can be imported
 * there, but not used. The headers that lie beside node, where they do, are taken before any that would have to be downloaded.
 */

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

if (process.platform === 'linux') build()

function build() {
  const prefix = dirname(dirname(process.execPath))
  const env = { ...process.env }
  if (!env.npm_config_nodedir && existsSync(join(prefix, 'include/node/node_api.h')))
    env.npm_config_nodedir = prefix
  const { error, status } = spawnSync('node-gyp', ['rebuild', '--jobs', 'max'], { env, stdio: 'inherit' })
  if (error) console.error(`netlink-ts: node-gyp cannot be started (${error.message}); run this by npm`)
  else if (status !== 0) {
    console.error(
      'netlink-ts: the addon could not be built; it needs a C++ compiler, make and python3 ' +
        "(Debian: apt-get install g++ make python3; Alpine: apk add g++ make python3 linux-headers) and node's headers",
    )
  }
  process.exitCode = status ?? 1
}
