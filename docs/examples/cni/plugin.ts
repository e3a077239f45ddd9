/**
 * A CNI plugin that does what `bridge` (with `host-local`) and `portmap` do, for configurations of theirs. As one file that a runtime can start:
 *
 *   npx esbuild docs/examples/cni/plugin.ts --bundle --packages=external --platform=node --format=esm --outfile=plugin.mjs \
 *     --banner:js='#!/usr/bin/env node'
 *   chmod +x plugin.mjs; ln -s plugin.mjs bridge; ln -s plugin.mjs portmap
 */
import { realpathSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'
import * as bridge from './bridge.js'
import { asCniError, CniError } from './error.js'
import { type Call, parseCall, VERSIONS } from './input.js'
import * as portmap from './portmap.js'
import { inVersion, type Result } from './result.js'

interface Plugin {
  add(call: Call): Promise<Result>
  check(call: Call): Promise<void>
  del(call: Call): Promise<void>
  gc(call: Call): Promise<void>
  status(call: Call): Promise<void>
}

const PLUGINS: Record<string, Plugin> = { bridge, portmap }

export interface Answer {
  /** What is printed; null for nothing. */
  readonly output: object | null
  readonly status: number
}

/** One call of a runtime, from its environment and standard input. A long-lived process can serve as many as it likes. */
export async function handle(env: NodeJS.ProcessEnv, input: string): Promise<Answer> {
  let cniVersion: string = VERSIONS.at(-1)!
  try {
    const call = parseCall(env, input)
    cniVersion = call.config.cniVersion
    return { output: await perform(call), status: 0 }
  } catch (error) {
    const { code, message: msg, details } = asCniError(error)
    return { output: { cniVersion, code, msg, ...(details ? { details } : {}) }, status: 1 }
  }
}

async function perform(call: Call): Promise<object | null> {
  const { command, config } = call
  if (command === 'VERSION') return { cniVersion: config.cniVersion, supportedVersions: VERSIONS }
  const plugin = PLUGINS[config.type]
  if (plugin === undefined)
    throw new CniError('invalidConfig', `type: '${config.type}' is none of ${Object.keys(PLUGINS)}`)
  if (command === 'ADD') return inVersion(await plugin.add(call), config.cniVersion)
  await { CHECK: plugin.check, DEL: plugin.del, GC: plugin.gc, STATUS: plugin.status }[command](call)
  return null
}

// Runtimes start it by the name of a link to it.
if (import.meta.url === pathToFileURL(realpathSync(process.argv[1] ?? '.')).href) {
  const { output, status } = await handle(process.env, await text(process.stdin))
  if (output !== null) process.stdout.write(`${JSON.stringify(output)}\n`)
  process.exitCode = status
}
