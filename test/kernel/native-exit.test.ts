import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ADDON_PATH, must, native, PLAIN, RTNLGRP_LINK, runScript, threads } from './native-addon.js'
import { openFds } from './open-descriptors.js'
import { PATIENCE, seconds } from './patience.js'

const CLEAN = { status: 0, signal: null, stderr: '' }

/** Leaves work of every kind in flight: queued, running, and finished but not yet answered. */
const IN_FLIGHT = `
const JOINED = Int32Array.of(0, 0, 270, 1, ${RTNLGRP_LINK})
function leave(done) {
  const socket = must(native.openNetlink(-1, 0, PLAIN))
  for (let i = 0; i < 100; i++) socket.submit(getLink(1, i), 32, new Uint8Array(4096), done)
  socket.close()
  for (let i = 0; i < 50; i++) native.createNetns(null, PLAIN, false, done)
  for (let i = 0; i < 50; i++) native.beginNetns(null, PLAIN, false)
  native.finishNetns(native.beginNetns(null, PLAIN, false), done)
  for (let i = 0; i < 50; i++) native.readFile(-1, '/proc/sys/net/ipv4/ip_forward', done)
  for (let i = 0; i < 50; i++) native.openNetlink(-1, 0, PLAIN, done)
  must(native.openNetlink(-1, 0, JOINED)).watch(done)
}
`

/** Blocks until a count that another thread counts is beyond `count`: it is to be met in the middle of its work. */
function untilMore(told: Int32Array, count: number): void {
  const deadline = Date.now() + 10_000 * PATIENCE
  for (let now = Atomics.load(told, 0); now <= count; now = Atomics.load(told, 0)) {
    if (Date.now() > deadline) throw new Error(`told of ${now} descriptors only`)
    Atomics.wait(told, 0, now, 1000)
  }
}

describe('the process ends', () => {
  test('by itself, when nothing is in flight, though sockets and namespaces are open', async () => {
    const source = `const { socket } = native.createNetns(null, PLAIN, false)
native.duplicate(0)
socket.submit(getLink(1, 1), 32, new Uint8Array(4096), (error, received) => console.log(error, received > 0))`
    expect(await runScript(source, ['timeout', seconds(15)])).toMatchObject({ ...CLEAN, stdout: '0 true\n' })
  })

  test('not before what is in flight has been answered', async () => {
    const source = `const answers = []
for (let i = 0; i < 20; i++) native.createNetns(null, PLAIN, false, (answer) => answers.push(must(answer)))
native.openSocket(-1, 2, 1, 0, new Uint8Array(0), (answer) => answers.push(must(answer)))
process.on('exit', () => console.log(answers.length))`
    expect(await runScript(source, ['timeout', seconds(15)])).toMatchObject({ ...CLEAN, stdout: '21\n' })
  })

  test('not while a socket is watched', async () => {
    const source = `must(native.openNetlink(-1, 0, Int32Array.of(0, 0, 270, 1, ${RTNLGRP_LINK}))).watch(() => {
  console.log('event')
  process.exit()
})
require('child_process').spawn('ip', ['link', 'add', 'type', 'ifb'], { stdio: 'ignore' }).unref()`
    expect(await runScript(source, ['timeout', seconds(15)])).toMatchObject({ ...CLEAN, stdout: 'event\n' })
  })

  test.each(['unwatch', 'close'])('after %s() of what was watched', async (method) => {
    const source = `const socket = must(native.openNetlink(-1, 0, PLAIN))
socket.watch(() => {})
socket.${method}()`
    expect(await runScript(source, ['timeout', seconds(15)])).toMatchObject({ ...CLEAN, stdout: '' })
  })

  test.each([
    ['at once', 'process.exit(7)'],
    ['in a callback', 'native.createNetns(null, PLAIN, false, () => process.exit(7))'],
    ['in a turn of the loop', 'setImmediate(() => process.exit(7))'],
  ])('by process.exit() with requests in flight, %s', async (_, exit) => {
    const source = `${IN_FLIGHT}
let exiting = false
process.on('exit', () => { exiting = true })
leave(() => { if (exiting) console.log('called after the exit') })
${exit}`
    for (let i = 0; i < 5; i++) {
      expect(await runScript(source, ['timeout', seconds(15)])).toEqual({ ...CLEAN, status: 7, stdout: '' })
    }
  })

  test('by an exception with requests in flight', async () => {
    const { status, stderr } = await runScript(
      `${IN_FLIGHT}leave(() => {}); throw new Error('of the program')`,
      ['timeout', seconds(15)],
    )
    expect({ status, message: /^Error: .*/m.exec(stderr)?.[0] }).toEqual({
      status: 1,
      message: 'Error: of the program',
    })
  })
})

describe('callbacks that throw', () => {
  test('reach uncaughtException, and the other answers still come', async () => {
    const source = `const caught = []
process.on('uncaughtException', (error) => caught.push(error.message ?? error))
const socket = must(native.openNetlink(-1, 0, PLAIN))
let answers = 0
for (let i = 0; i < 10; i++)
  socket.submit(getLink(1, i), 32, new Uint8Array(4096), () => {
    answers++
    if (i === 2) throw new Error('an error')
    if (i === 4) throw 'a string'
    if (i === 6) Promise.reject(new Error('a rejection'))
    if (i === 8) process.nextTick(() => { throw new Error('a tick') })
  })
process.on('exit', () => console.log(JSON.stringify([answers, caught])))`
    const { stdout, ...ended } = await runScript(source, ['timeout', seconds(15)])
    expect(ended).toEqual(CLEAN)
    expect(JSON.parse(stdout)).toEqual([10, ['an error', 'a string', 'a rejection', 'a tick']])
  })

  test('end the process where nobody listens', async () => {
    const source = `native.createNetns(null, PLAIN, false, () => { throw new Error('of a callback') })`
    const { status, stdout, stderr } = await runScript(source, ['timeout', seconds(15)])
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toContain('Error: of a callback')
  })

  test('promises resolved by them go on before the next callback', async () => {
    const source = `const order = []
const socket = must(native.openNetlink(-1, 0, PLAIN))
for (let i = 0; i < 3; i++)
  new Promise((done) => socket.submit(getLink(1, i), 32, new Uint8Array(4096), done)).then(() => order.push('then ' + i))
for (let i = 3; i < 5; i++) socket.submit(getLink(1, i), 32, new Uint8Array(4096), () => order.push('call ' + i))
process.on('exit', () => console.log(order.join()))`
    expect((await runScript(source, ['timeout', seconds(15)])).stdout).toBe(
      'then 0,then 1,then 2,call 3,call 4\n',
    )
  })
})

describe('worker threads', () => {
  const PRELUDE = `
const { parentPort, workerData } = require('node:worker_threads')
const native = require(${JSON.stringify(ADDON_PATH)})
const PLAIN = Int32Array.of(0, 0)
const getLink = () => Buffer.from('20000000120001000100000000000000000000000100000000000000ffffffff', 'hex')
const must = (answer) => { if (answer.syscall) throw new Error(answer.syscall); return answer }
`

  function start(source: string): Worker {
    const worker = new Worker(PRELUDE + IN_FLIGHT + source, { eval: true })
    onTestFinished(() => void worker.terminate())
    return worker
  }

  const exit = (worker: Worker) => new Promise((resolve) => worker.on('exit', resolve))

  /** The main thread's own worker, which holds a descriptor. */
  const startThread = () => {
    const { fd, socket } = must(native.createNetns(null, PLAIN, false))
    socket.close()
    native.close(fd)
  }

  test('use the addon at once with the main thread', async () => {
    const source = `let left = 50
for (let i = 0; i < 25; i++) {
  native.createNetns(null, PLAIN, false, ({ fd, socket }) => {
    socket.close()
    native.close(fd)
    if (--left === 0) parentPort.postMessage('done')
  })
  const { fd, socket } = native.createNetns(null, PLAIN, false)
  socket.submit(getLink(), 32, new Uint8Array(4096), (error, received) => {
    if (error !== 0 || received < 1000) throw new Error(error + ' ' + received)
    socket.close()
    native.close(fd)
    if (--left === 0) parentPort.postMessage('done')
  })
}`
    startThread()
    const before = openFds()
    const workers = [start(source), start(source), start(source)]
    const done = Promise.all(workers.map((worker) => once(worker, 'message')))
    const ended = Promise.all(workers.map(exit))
    for (let i = 0; i < 20; i++) {
      const { fd, socket } = must(native.createNetns(null, PLAIN, false))
      socket.close()
      native.close(fd)
    }
    expect(await done).toEqual([['done'], ['done'], ['done']])
    expect(await ended).toEqual([0, 0, 0])
    expect(openFds()).toBe(before)
  })

  test.each([
    ['terminated', '', 1],
    ['ended by process.exit()', 'setImmediate(() => process.exit(5))', 5],
    [
      'ended by process.exit() in a callback',
      'native.createNetns(null, PLAIN, false, () => process.exit(5))',
      5,
    ],
    ['ended by an exception', "setImmediate(() => { throw new Error('expected') })", 1],
    ['terminated in a callback', 'native.createNetns(null, PLAIN, false, () => { for (;;); })', 1],
  ])('%s with requests in flight, leave nothing behind', async (how, source, status) => {
    startThread()
    const before = { fds: openFds(), threads: threads().length }
    for (let i = 0; i < 10; i++) {
      const worker = start(`leave(() => {}); parentPort.postMessage('left'); ${source}`)
      worker.on('error', (error) => expect(error.message).toBe('expected'))
      const ended = exit(worker)
      await new Promise((resolve) => worker.on('message', resolve))
      if (how.startsWith('terminated')) await worker.terminate()
      expect(await ended).toBe(status)
    }
    expect({ fds: openFds(), threads: threads().length }).toEqual(before)
  })

  test('ended by process.exit() in a callback, close the descriptors that nobody was given', async () => {
    startThread()
    const before = openFds()
    // It is answered once, and leaves when the other nineteen are open, too.
    const worker = start(`
const { readdirSync, readlinkSync } = require('node:fs')
const openFds = () => readdirSync('/proc/self/fd').filter((fd) => {
  try { return /^(socket|net):/.test(readlinkSync('/proc/self/fd/' + fd)) } catch { return false }
}).length
const before = openFds()
for (let i = 0; i < 20; i++)
  native.openSocket(-1, 2, 1, 0, new Uint8Array(0), (fd) => {
    while (openFds() < before + 20) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)
    native.close(fd)
    process.exit(5)
  })`)
    expect(await exit(worker)).toBe(5)
    expect(openFds()).toBe(before)
  })

  test('terminated while they are told of descriptors, close those that nobody was given', async () => {
    startThread()
    const before = openFds()
    for (let round = 0; round < 15; round++) {
      const told = new Int32Array(new SharedArrayBuffer(4))
      // Those of the thread's own namespace are opened at once: the answers follow on one another.
      const source = `const told = new Int32Array(workerData)
for (let i = 0; i < 1000; i++)
  native.openSocket(-1, 2, 1, 0, new Uint8Array(0), (fd) => { native.close(fd); Atomics.add(told, 0, 1); Atomics.notify(told, 0) })`
      const worker = new Worker(PRELUDE + source, { eval: true, workerData: told.buffer })
      onTestFinished(() => void worker.terminate())
      await once(worker, 'online')
      untilMore(told, 60 * round)
      await worker.terminate()
    }
    expect(openFds()).toBe(before)
  })
})
