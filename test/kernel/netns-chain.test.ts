/** Where the addon's threads are while namespaces are made, as strace sees it: a thread goes home when it has nothing more to do. */

import { expect, it } from 'vitest'
import { traced } from './strace.js'
import { hasTool } from './support.js'

const COUNT = 40

/** What each thread did, a letter for each call that has ended: n, a new namespace; h, one that was entered. */
function waysOf(lines: readonly string[]): string[] {
  const ways = new Map<string, string>()
  for (const line of lines) {
    const [, thread, call] = /^(\d+) .*\b(unshare|setns)\b.* = 0$/.exec(line) ?? []
    if (call !== undefined) ways.set(thread!, `${ways.get(thread!) ?? ''}${call === 'unshare' ? 'n' : 'h'}`)
  }
  return [...ways.values()]
}

it('namespaces made at once follow one another, and the threads are home when the last promise has settled', async (context) => {
  context.skip(!hasTool('strace'), 'strace is not there')
  // While another program holds the lock of the names none is made, so that all are asked for before a thread has nothing more to do.
  const ways = waysOf(
    await traced(
      `const { spawn } = await import('node:child_process')
      fs.mkdirSync('/run/netns', { recursive: true })
      const { ino } = fs.statSync('/run/netns')
      const holder = spawn('flock', ['/run/netns', 'sh', '-c', 'echo locked && exec cat'])
      await new Promise((resolve) => holder.stdout.once('data', resolve))
      print('begin')
      const names = Array.from({ length: ${COUNT} }, (_, i) => 'chain' + i)
      const making = Promise.all(names.map((name) => nl.createNetns(name)))
      const waits = new RegExp('-> FLOCK .*:' + ino + ' ')
      while (!waits.test(fs.readFileSync('/proc/locks', 'utf8'))) await new Promise(setImmediate)
      holder.stdin.end()
      const made = await making
      print('end')
      for (const one of made) one.close()
      for (const name of names) sync.deleteNetns(name)`,
      ['unshare', 'setns'],
    ),
  )
  expect(ways.join('').replaceAll('h', '')).toHaveLength(COUNT)
  for (const way of ways) expect(way).toMatch(/^n+h$/)
})

it('a namespace made by itself costs one way home, before the call returns', async (context) => {
  context.skip(!hasTool('strace'), 'strace is not there')
  const lines = await traced(
    `print('begin')
    for (const number of [1, 2, 3]) {
      sync.createNetns().close()
      print(number)
    }
    print('end')`,
    ['unshare', 'setns'],
    [1, 2, 3],
  )
  const order = lines.flatMap(
    (line) => /\b(unshare|setns)\b.* = 0$|write\(1<.*>, "(\d)/.exec(line)?.slice(1) ?? [],
  )
  expect(order.filter(Boolean)).toEqual([1, 2, 3].flatMap((number) => ['unshare', 'setns', `${number}`]))
})
