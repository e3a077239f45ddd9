import { once } from 'node:events'
import { pathToFileURL } from 'node:url'
import type { Netns } from 'netlink-ts'

/** Whether a module is the program that was started, and not imported by another. */
export function isMain(url: string): boolean {
  return url === pathToFileURL(process.argv[1] ?? '').href
}

/** Runs a command inside a namespace and waits for it; throws if it fails. */
export async function run(netns: Netns, command: string, args: readonly string[]): Promise<void> {
  const [code] = await once(netns.spawnInNetns(command, args, { stdio: 'inherit' }), 'close')
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}: exit status ${code}`)
}
