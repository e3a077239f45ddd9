/** ip keeps some 4 kB of each command, and a program in user-mode Linux has no more pages than the host's vm.max_map_count (65,530). */
const AT_ONCE = 20_000

import { execFileSync } from './programs.js'
/** Runs many commands in one process of ip, or in a few: `ipBatch(['route add …', …], netns, '-6')`. Throws where one failed. */
export function ipBatch(commands: readonly string[], netns?: string, ...options: readonly string[]): void {
  const where = netns === undefined ? [] : ['-n', netns]
  for (let i = 0; i < commands.length; i += AT_ONCE)
    execFileSync('ip', [...options, ...where, '-batch', '-'], {
      input: commands.slice(i, i + AT_ONCE).join('\n'),
    })
}
