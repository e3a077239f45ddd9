/** What the verbs send, as strace sees it: each one batch, and as much beside ten thousand ports as beside none. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { needNftables } from './needs.js'
import { library, lines, program } from './program.js'
import { hasTool, ip, withNetns } from './support.js'

needNftables()

/** Runs calls of a face in a namespace; the netlink sends of each. */
async function sendsOf(
  netns: string,
  entry: string,
  setup: string,
  calls: readonly string[],
): Promise<string[][]> {
  const directory = mkdtempSync(join(tmpdir(), 'netlink-ts-'))
  try {
    const log = join(directory, 'strace')
    const trace = ['strace', '-f', '-yy', '-qq', '-o', log, '-e', 'trace=write,sendmsg,sendto,sendmmsg']
    const source = `const nft = await import(${library(entry)})
      ${setup}
      print('mark')
      ${calls.map((call) => `await nft.${call}; print('mark')`).join('\n')}`
    await lines(program(source, { wrapper: ['ip', 'netns', 'exec', netns, ...trace] }))
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

describe.skipIf(!hasTool('strace')).each(['nftables', 'nftables-sync'])('%s sends', (entry) => {
  const port = `publishPort({ hostPort: 20000, to: '192.168.15.2:80' })`
  const calls = [
    `masquerade({ source: '192.168.15.0/24' })`,
    port,
    `isolate('v-net-0')`,
    `allowForwarding({ from: 'v-net-0', to: 'eth0' })`,
    `blockPort({ port: 22 })`,
  ]

  it('one batch for each verb, and none where nothing is to be changed', () =>
    withNetns(async (netns) => {
      ip('link add v-net-0 type bridge', netns)
      ip('address add 192.168.15.5/24 dev v-net-0', netns)
      const sends = await sendsOf(netns, entry, '', [
        ...calls,
        ...calls.filter((it) => !it.startsWith('allow')),
      ])
      const batches = sends.map((lines) => lines.filter(isBatch).length)
      expect(batches).toEqual([1, 1, 1, 1, 1, 0, 0, 0, 0])
    }))

  it('the same for a port, however many there are', () =>
    withNetns(async (netns) => {
      const many = `await nft.publishPort({ hostPort: '1-10000', to: '192.168.15.2' })`
      const one = `await nft.publishPort({ hostPort: 1, to: '192.168.15.2' })`
      const [beside] = await sendsOf(netns, entry, many, [port])
      const [alone] = await withNetns((other) => sendsOf(other, entry, one, [port]))
      expect(beside).toHaveLength(alone!.length)
      expect(beside!.filter(isBatch)).toHaveLength(1)
    }))
})
