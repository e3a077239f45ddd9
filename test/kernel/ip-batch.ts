import { execFileSync } from 'node:child_process'

/** Runs many commands in one process of ip: `ipBatch(['route add …', …], netns, '-6')`. Throws where one failed. */
export function ipBatch(commands: readonly string[], netns?: string, ...options: readonly string[]): void {
  const where = netns === undefined ? [] : ['-n', netns]
  execFileSync('ip', [...options, ...where, '-batch', '-'], {
    input: commands.join('\n'),
    stdio: ['pipe', 'pipe', 'pipe'],
  })
}
