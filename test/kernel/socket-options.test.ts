/** The options that each netlink socket is opened with, as strace sees them, and a kernel that has none of them. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, it } from 'vitest'
import { library, lines, program } from './program.js'
import { hasTool } from './support.js'

beforeEach(({ skip }) => skip(!hasTool('strace'), 'strace is not there'))

/** Each opens sockets of its own. */
const CALLS: Readonly<Record<string, string>> = {
  'a blocking call': 'sync.listLinks()',
  'a promise': 'nl.listLinks()',
  'a namespace that is made': "nl.createNetns('options').then((netns) => netns.delete())",
  'a namespace that is named': 'nl.listLinks({ netns: { pid: process.pid } })',
  'a monitor': "nl.monitor(['link']).then((monitor) => monitor.close())",
  'a stream': 'nl.streamLinks().next()',
  'a socket of another protocol': 'nl.openNetlinkSocket(16).then((socket) => socket.close())',
  'another protocol': `import(${library('conntrack-sync')}).then((ct) => ct.countConntrack())`,
}
const SOURCE = Object.values(CALLS)
  .map((call) => `print(await caught(async () => void (await ${call})))`)
  .join('\n')

it('each socket that asks has extended errors, short acknowledgements and strict checking, and is not inherited', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'netlink-ts-'))
  try {
    const log = join(directory, 'strace')
    const wrapper = ['strace', '-f', '-qq', '-o', log, '-e', 'trace=socket,setsockopt,close']
    expect(await lines(program(SOURCE, { wrapper }))).toEqual(Object.values(CALLS).map(() => ({})))
    const missing = new Map<string, Set<string>>()
    let sockets = 0
    for (const line of readFileSync(log, 'utf8').split('\n')) {
      const opened = /socket\(AF_NETLINK, (\S+), .* = (\d+)$/.exec(line)
      if (opened !== null) {
        sockets++
        expect(opened[1]).toContain('SOCK_CLOEXEC')
        missing.set(opened[2]!, new Set(['EXT_ACK', 'CAP_ACK', 'GET_STRICT_CHK']))
      }
      // Of a socket that is told of events and asks nothing.
      missing.delete(/setsockopt\((\d+), SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, /.exec(line)?.[1] ?? '')
      const option = /setsockopt\((\d+), SOL_NETLINK, NETLINK_(\w+), \[1\], 4\) += 0$/.exec(line)
      if (option !== null) missing.get(option[1]!)?.delete(option[2]!)
      // What is closed has had all that it was to have.
      const closed = /close\((\d+)\)/.exec(line)
      if (closed === null) continue
      expect([...(missing.get(closed[1]!) ?? [])]).toEqual([])
      missing.delete(closed[1]!)
    }
    expect([...missing.values()].flatMap((options) => [...options])).toEqual([])
    expect(sockets).toBeGreaterThanOrEqual(Object.keys(CALLS).length)
  } finally {
    rmSync(directory, { recursive: true })
  }
})

it('a kernel that lacks one is told to be too old', async () => {
  const wrapper = ['strace', '-f', '-qq', '-o', '/dev/null', '-e', 'inject=setsockopt:error=ENOPROTOOPT']
  const said = expect.stringMatching(
    /^setsockopt.*: ENOPROTOOPT \(Protocol not available\); this kernel is too old: Linux 5\.10 or later is needed$/,
  )
  expect(await lines(program(SOURCE, { wrapper }))).toEqual(
    Object.values(CALLS).map(() => ({ code: 'ENOPROTOOPT', message: said })),
  )
})
