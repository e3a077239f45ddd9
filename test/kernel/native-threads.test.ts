import { readdirSync, readlinkSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { CreatedNetns } from '../../src/socket/native.js'
import { must, native, PLAIN, runScript, threads } from './native-addon.js'
import { create, later, path, SHARED } from './native-namespaces.js'
import { openFds } from './open-descriptors.js'
import { seconds } from './patience.js'

describe('threads', () => {
  test('those of Node never leave, and the addon’s own are home after the last answer', async () => {
    const home = readlinkSync('/proc/thread-self/ns/net')
    const created = await Promise.all(
      Array.from({ length: 200 }, () =>
        later<CreatedNetns>((done) => native.createNetns(null, PLAIN, false, done)),
      ),
    )
    const at = threads()
    expect(at.filter(({ netns }) => netns !== home)).toEqual([])
    expect(at.filter(({ name }) => name === 'netlink-netns')).toHaveLength(4)
    for (const one of created.map(must)) {
      native.readFile(one.fd, '/proc/sys/net/ipv4/ip_forward')
      one.socket.close()
      native.close(one.fd)
    }
    expect(threads().filter(({ netns }) => netns !== home)).toEqual([])
  })

  test('one thread serves what is asked one after another', async () => {
    const source = `const { readFileSync } = require('node:fs')
for (let i = 0; i < 10; i++) native.createNetns(null, PLAIN, false)
let left = 10
const next = () => native.createNetns(null, PLAIN, false, () => (left-- > 0 ? next() : report()))
const report = () =>
  console.log(readdirSync('/proc/self/task').filter((id) => /netlink/.test(readFileSync('/proc/self/task/' + id + '/comm', 'utf8'))).length)
next()`
    expect(await runScript(source)).toMatchObject({ stdout: '1\n', stderr: '' })
  })

  test('signals are left to Node’s threads', () => {
    create()
    const ours = threads().filter(({ name }) => name.startsWith('netlink-'))
    expect(ours).not.toEqual([])
    // all but SIGKILL, SIGSTOP and the two that the C library keeps to itself
    for (const { blockedSignals } of ours) expect(blockedSignals).toBe('fffffffe7ffbfeff')
  })

  test('a thread that cannot get home ends, and the rest of the work is done by others', async () => {
    // In a user namespace of its own the process may make network namespaces, but not enter that which it comes from.
    const { stdout, stderr, status } = await runScript(
      `const home = readlinkSync('/proc/self/ns/net')
const away = () => readdirSync('/proc/self/task').filter((id) => {
  try { return readlinkSync('/proc/self/task/' + id + '/ns/net') !== home } catch { return false }
}).length
const answers = []
const count = (answer) => answers.push(must(answer))
for (let i = 0; i < 50; i++) {
  native.createNetns(null, PLAIN, false, count)
  native.readFile(-1, '/proc/sys/net/ipv4/ip_forward', count)
}
for (let i = 0; i < 20; i++) count(native.createNetns(null, PLAIN, false))
const wait = () => (answers.length < 120 || away() > 0 ? setImmediate(wait) : console.log(answers.length))
wait()`,
      ['timeout', seconds(15), 'unshare', '-Ur'],
    )
    expect({ stdout, stderr, status }).toEqual({ stdout: '120\n', stderr: '', status: 0 })
  })

  test('1,000 cycles leave descriptors and threads as they were', async () => {
    const cycle = async (count: number) => {
      const names = Array.from({ length: count }, path)
      const created = await Promise.all(
        names.map((name) => later<CreatedNetns>((done) => native.createNetns(name, PLAIN, false, done))),
      )
      for (const one of created.map(must)) {
        one.socket.close()
        native.close(one.fd)
      }
      const removed = names.map((name) => later((done) => native.removeNetns(name, done)))
      expect(new Set(await Promise.all(removed))).toEqual(new Set([0]))
    }
    await cycle(10)
    const before = { fds: openFds(), threads: threads().length, files: readdirSync(SHARED) }
    await cycle(1000)
    expect({ fds: openFds(), threads: threads().length, files: readdirSync(SHARED) }).toEqual(before)
  })
})
