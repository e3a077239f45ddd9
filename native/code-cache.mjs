/**
 * Part of the install script: keeps what V8 has compiled of the packs of files that each program needs which lists its links, next to them
 * (dist/cjs/*.cache), for the Node that installs. A short program waits for the compiler for a third of its time otherwise.
 */

import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { Script } from 'node:vm'

const require = createRequire(import.meta.url)
const directory = fileURLToPath(new URL('../dist/cjs/', import.meta.url))
const PACK = /\.pack\.js$/

const scripts = new Map()
for (const file of filesOf(directory).filter((file) => PACK.test(file))) {
  const filename = directory + file
  // The text that the pack's loader compiles (tsup.pack.ts).
  const code = `(function (module, require, __filename) {${readFileSync(filename, 'utf8')}\n})`
  const script = new Script(code, { filename })
  const loader = filename.replace(PACK, '.js')
  require.cache[loader] = { exports: {} }
  script.runInThisContext()(require.cache[loader], createRequire(loader), filename)
  scripts.set(`${filename}.cache`, script)
}
if (scripts.size > 0) await use()
for (const [file, script] of scripts) {
  writeFileSync(`${file}.part`, script.createCachedData())
  renameSync(`${file}.part`, file)
}

/** The package in the repository has no such directory before it is built. */
function filesOf(directory) {
  try {
    return readdirSync(directory)
  } catch (error) {
    if (error.code === 'ENOENT') return []
    throw error
  }
}

/** V8 compiles a function when it is called: what is called here is in the cache. */
async function use() {
  try {
    await require(`${directory}index.js`).listLinks()
    require(`${directory}sync.js`).listLinks()
  } catch (error) {
    console.error(
      `netlink-ts: programs start more slowly, as what they begin with cannot be tried here (${error.message})`,
    )
  }
}
