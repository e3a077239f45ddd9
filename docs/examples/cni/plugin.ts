/**
 * A CNI plugin that does what `bridge` (with `host-local`) and `portmap` do, for configurations of theirs. As one file that a runtime can
 * start, by the name of a link to it:
 *
 *   npx esbuild docs/examples/cni/plugin.ts --bundle --packages=external --platform=node --format=esm --outfile=plugin.mjs \
 *     --banner:js='#!/usr/bin/env node'
 *   chmod +x plugin.mjs; ln -s plugin.mjs bridge; ln -s plugin.mjs portmap
 */
import { text } from 'node:stream/consumers'
import { CniError } from './error.js'
import { type Answer, handle, printed, refusal } from './handle.js'

async function answered(): Promise<Answer> {
  let input: string
  try {
    input = await text(process.stdin)
  } catch (error) {
    return refusal(new CniError('io', `the configuration cannot be read: ${(error as Error).message}`))
  }
  const end = new AbortController()
  // An IPAM plugin that is being asked has a process group of its own, which a terminal's signals do not reach. A second signal ends this one at once.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
    process.once(signal, () => end.abort(new Error(`the plugin got ${signal}`)))
  return await handle(process.env, input, end.signal)
}

const answer = await answered()
process.stdout.write(printed(answer))
process.exitCode = answer.status
