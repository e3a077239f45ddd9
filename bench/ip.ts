import { worker } from './lib/child.js'

/** The same attach by the `ip` command, started from Node by spawnSync: command lines of bench/workers/ip.ts. */
export async function ipCompetitors(): Promise<[name: string, command: string[]][]> {
  const command = await worker('ip')
  return [
    ['ip -batch, 2 processes each', [...command, '--mode', 'batch']],
    ['ip, 6 processes each', [...command, '--mode', 'processes']],
  ]
}
