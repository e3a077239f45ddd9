import { execFileSync } from 'node:child_process'

/** Runs many commands in one process of ip: `ipBatch(['route add …', …], netns, '-6')`. Throws where one failed. */
export function ipBatch(commands: readonly string[], netns: string, ...options: readonly string[]): void {
  execFileSync('ip', [...options, '-n', netns, '-batch', '-'], {
    input: commands.join('\n'),
    stdio: ['pipe', 'pipe', 'pipe'],
  })
}
