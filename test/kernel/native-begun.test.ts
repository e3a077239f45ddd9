/** Namespaces that are begun, and asked for later. */

import { statSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import type { CreatedNetns } from '../../src/socket/native.js'
import { EEXIST, must, native, PLAIN, runScript, threads } from './native-addon.js'
import { identity, path, ways } from './native-namespaces.js'
import { openFds } from './open-descriptors.js'
import { seconds } from './patience.js'

function identityOf(file: string): string {
  const { dev, ino } = statSync(file)
  return `${dev}:${ino}`
}

function close({ fd, socket }: CreatedNetns): void {
  socket.close()
  native.close(fd)
}

test.each(ways)('are had in any order (%s)', async (_, call) => {
  const names = [path(), path(), path()]
  const begun = names.map((name) => native.beginNetns(name, PLAIN, false))
  onTestFinished(() => names.forEach((name) => void native.removeNetns(name)))
  for (const at of [1, 2, 0]) {
    const made = must(await call<CreatedNetns>((done) => native.finishNetns(begun[at]!, done)))
    expect(identity(made.fd)).toBe(identityOf(names[at]!))
    close(made)
  }
})

test.each(ways)('tell then what went wrong (%s)', async (_, call) => {
  const name = path()
  close(must(native.createNetns(name, PLAIN, false) as CreatedNetns))
  onTestFinished(() => void native.removeNetns(name))
  const begun = native.beginNetns(name, PLAIN, false)
  expect(await call<CreatedNetns>((done) => native.finishNetns(begun, done))).toEqual({
    errno: EEXIST,
    syscall: 'open',
  })
})

test('a call that blocks meanwhile gets its own answer', () => {
  const [ahead, own] = [path(), path()]
  const begun = native.beginNetns(ahead, PLAIN, false)
  const made = must(native.createNetns(own, PLAIN, false) as CreatedNetns)
  const first = must(native.finishNetns(begun) as CreatedNetns)
  onTestFinished(() => [ahead, own].forEach((name) => void native.removeNetns(name)))
  const ids = [ahead, own].map(identityOf)
  expect([first, made].map(({ fd }) => identity(fd))).toEqual(ids)
  close(made)
  close(first)
})

test('are had once', () => {
  const begun = native.beginNetns(null, PLAIN, false)
  close(must(native.finishNetns(begun) as CreatedNetns))
  for (const number of [begun, 0, -1, begun + 1])
    expect(() => native.finishNetns(number)).toThrow(/argument 0 must be what beginNetns\(\) returned/)
})

test('leave no descriptor and no thread behind', () => {
  const run = () => {
    const begun = Array.from({ length: 10 }, () => native.beginNetns(null, PLAIN, false))
    for (const one of begun) close(must(native.finishNetns(one) as CreatedNetns))
  }
  // As often as it takes until all threads have been away.
  for (let i = 0; i < 20; i++) run()
  const before = [openFds(), threads()]
  for (let i = 0; i < 20; i++) run()
  expect([openFds(), threads()]).toEqual(before)
})

test.each(['', 'process.exit()'])('do not keep a process that never asks for them: %s', async (end) => {
  const source = `for (let i = 0; i < 20; i++) native.beginNetns(null, PLAIN, true)
${end}`
  expect(await runScript(source, ['timeout', seconds(15)])).toMatchObject({
    status: 0,
    signal: null,
    stderr: '',
  })
})
