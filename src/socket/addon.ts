/** Loads the addon, once, when the first call needs it; a failure says what to do. */

import { createRequire } from 'node:module'
import type { Addon } from './native.js'
import { PACKAGE_ROOT } from './package-root.js'

let loaded: Addon | undefined

export function addon(): Addon {
  loaded ??= load()
  return loaded
}

function load(): Addon {
  if (process.platform !== 'linux') {
    throw new Error(
      `netlink-ts: netlink exists on Linux only; on ${process.platform} the package can be imported but not used`,
    )
  }
  return bindings({}) as Addon
}

/** Finds the addon and loads it, or with `path` tells where it is. */
function bindings(how: { readonly path?: true }): unknown {
  const require = createRequire(import.meta.url)
  try {
    return require('bindings')({ bindings: 'netlink', module_root: PACKAGE_ROOT, ...how })
  } catch (error) {
    throw new Error(explain(error), { cause: error })
  }
}

/** Where the addon is. */
export function addonPath(): string {
  return bindings({ path: true }) as string
}

/** What glibc's and musl's loaders say of a file that was built for another C library, a newer one, or another processor. */
const FOREIGN =
  /GLIBC|cannot open shared object|Error loading shared library|Error relocating|invalid ELF|wrong ELF|Exec format/

/** What to do about an addon that does not load. */
export function explain(error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error)
  const start = 'netlink-ts: the native addon cannot be loaded'
  if (/Could not locate the bindings file/.test(reason)) {
    return (
      `${start}: it has not been built. If npm blocked the install script, run ` +
      '`npm install-scripts approve netlink-ts && npm rebuild netlink-ts`; otherwise install a C++ compiler, make and ' +
      'python3 (Debian: apt-get install g++ make python3; Alpine: apk add g++ make python3 linux-headers) and run `npm rebuild netlink-ts`'
    )
  }
  if (FOREIGN.test(reason)) {
    return (
      `${start}: it was built for another C library or machine (${reason.split('\n')[0]}). ` +
      'Run `npm rebuild netlink-ts` on this machine; do not copy node_modules between Alpine (musl) and glibc systems'
    )
  }
  return `${start}: ${reason.split('\n')[0]}. Run \`npm rebuild netlink-ts\``
}
