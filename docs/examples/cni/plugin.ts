/**
 * A CNI plugin that does what `bridge` (with `host-local`) and `portmap` do, for configurations of theirs. As one file that a runtime can
 * start, by the name of a link to it:
 *
 *   npx esbuild docs/examples/cni/plugin.ts --bundle --packages=external --platform=node --format=esm --outfile=plugin.mjs \
 *     --banner:js='#!/usr/bin/env node'
 *   chmod +x plugin.mjs; ln -s plugin.mjs bridge; ln -s plugin.mjs portmap
 */
import { text } from 'node:stream/consumers'
import { handle, printed } from './handle.js'

const answer = await handle(process.env, await text(process.stdin))
process.stdout.write(printed(answer))
process.exitCode = answer.status
