/** What the verbs send, as strace sees it: each one batch, and as much beside ten thousand ports as beside none. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { needNftables } from './needs.js'
import { library, lines, program } from './program.js'
import { hasTool, ip, withNetns } from './support.js'

needNftables()

/** Runs calls of a face in a namespace; the netlink sends of each. What starts a program takes longest: there is one for a face. */
async function sendsOf(netns: string, entry: string, calls: readonly string[]): Promise<string[][]> {
  const directory = mkdtempSync(join(tmpdir(), 'netlink-ts-'))
  try {
    const log = join(directory, 'strace')
    const trace = ['strace', '-f', '--seccomp-bpf', '-yy', '-qq', '-o', log]
    const calling = ['-e', 'trace=write,sendmsg,sendto,sendmmsg']
    const source = `const nft = await import(${library(entry)})
      print('mark')
      ${calls.map((call) => `await nft.${call}; print('mark')`).join('\n')}`
    await lines(program(source, { wrapper: ['ip', 'netns', 'exec', netns, ...trace, ...calling] }))
    const parts: string[][] = [[]]
    for (const line of readFileSync(log, 'utf8').split('\n')) {
      if (line.includes('write(1<') && line.includes('mark')) parts.push([])
      else if (/send(msg|to|mmsg)\(/.test(line) && line.includes('NETLINK')) parts.at(-1)!.push(line)
    }
    return parts.slice(1, -1)
  } finally {
    rmSync(directory, { recursive: true })
  }
}

const isBatch = (line: string) => line.includes('NFNL_MSG_BATCH_BEGIN')

it.skipIf(!hasTool('strace')).each(['nftables', 'nftables-sync'])(
  '%s sends one batch for each verb, none where nothing is to be changed, and the same for a port, however many there are',
  (entry) =>
    withNetns(async (netns) => {
      ip('link add v-net-0 type bridge', netns)
      ip('address add 192.168.15.5/24 dev v-net-0', netns)
      const publish = (ports: string, to = '192.168.15.2:80') =>
        `publishPort({ hostPort: ${ports}, to: '${to}' })`
      const verbs = [
        `masquerade({ source: '192.168.15.0/24' })`,
        publish('20000'),
        `isolate('v-net-0')`,
        `blockPort({ port: 22 })`,
        `allowForwarding({ from: 'v-net-0', to: 'eth0' })`,
      ]
      const calls = [
        ...[...verbs, ...verbs.slice(0, -1)],
        ...[publish('20001'), publish("'1-10000'", '192.168.15.2'), publish('20002')],
      ]
      const sends = await sendsOf(netns, entry, calls)
      const batches = sends.map((lines) => lines.filter(isBatch).length)
      expect(batches.slice(0, 9)).toEqual([1, 1, 1, 1, 1, 0, 0, 0, 0])
      const [alone, , beside] = sends.slice(9)
      expect(beside).toHaveLength(alone!.length)
      expect(beside!.filter(isBatch)).toHaveLength(1)
    }),
)
