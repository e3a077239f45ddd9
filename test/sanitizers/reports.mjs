/** Prints the reports of a sanitizer that are about the addon: one of their stacks begins in it. Exit status 1 if there are any. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const directory = process.argv[2]
/** Frames that are called from where something happened: the sanitizer's own, and those of headers, which are compiled into the addon. */
const CALLED = /lib(a|t|ub)san|libsanitizer|\/usr\/include\/|node-addon-api\//
const ADDON = /netlink\.node|native\/\S+\.(cc|h)/

const frames = (stack) => stack.split('\n').filter((line) => /^\s+#\d+ /.test(line))
const isOurs = (stack) => ADDON.test(frames(stack).find((line) => !CALLED.test(line)) ?? '')

const reports = readdirSync(directory)
  .filter((name) => name.startsWith('report.'))
  .flatMap((name) => readFileSync(join(directory, name), 'utf8').split(/^=+$|^(?=.*: runtime error: )/m))
  .filter((text) => frames(text).length > 0)
const ours = reports.filter((report) => report.split(/\n\s*\n/).some(isOurs))
for (const report of ours) console.log(report)
console.log(`${ours.length} of ${reports.length} reports are about the addon`)
process.exitCode = ours.length > 0 ? 1 : 0
