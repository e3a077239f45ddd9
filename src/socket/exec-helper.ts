import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { addonPath } from './addon.js'

/** The executable that enters a namespace before a command: it is built with the addon and lies beside it. */
export function execHelper(): string {
  const path = join(dirname(addonPath()), 'netlink-exec')
  if (existsSync(path)) return path
  throw new Error(
    `netlink-ts: ${path}, which commands are started by, is not there. Run \`npm rebuild netlink-ts\``,
  )
}
