/** Prints the reports of a sanitizer that are about the addon: one of their stacks begins in it. Exit status 1 if there are any. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const directory = process.argv[2]
const INTERCEPTOR = /lib[atu]+san/

/** The first frame of a stack that is not the sanitizer's own. */
function origin(stack) {
  return stack.split('\n').find((line) => /^\s+#\d+ /.test(line) && !INTERCEPTOR.test(line))
}

const reports = readdirSync(directory)
  .filter((name) => name.startsWith('report.'))
  .flatMap((name) => readFileSync(join(directory, name), 'utf8').split(/^=+$/m))
const ours = reports.filter((report) =>
  report.split(/\n\s*\n/).some((stack) => /netlink\.node|native\/\S+\.(cc|h)/.test(origin(stack) ?? '')),
)
for (const report of ours) console.log(report)
console.log(`${ours.length} of ${reports.length} reports are about the addon`)
process.exitCode = ours.length > 0 ? 1 : 0
