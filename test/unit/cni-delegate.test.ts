/** For how long docs/examples/cni waits for an IPAM plugin. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { delegate } from '../../docs/examples/cni/delegate.js'
import { parseCall } from '../../docs/examples/cni/input.js'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'netlink-ts-cni-'))
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
  rmSync(directory, { recursive: true })
})

const standIn = (does: string) =>
  writeFileSync(join(directory, 'mine'), `#!/bin/sh\n${does}\n`, { mode: 0o755 })

const callOf = () =>
  parseCall(
    {
      ...{ PATH: process.env['PATH'], CNI_COMMAND: 'ADD', CNI_PATH: directory },
      ...{ CNI_CONTAINERID: 'c1', CNI_NETNS: '/nowhere', CNI_IFNAME: 'eth0' },
    },
    JSON.stringify({ cniVersion: '1.1.0', name: 'net1', type: 'bridge', ipam: { type: 'mine' } }),
  )

/** The numbers of processes in a file, when it is written as a whole. */
async function pidsIn(path: string): Promise<number[]> {
  // Of the clock that is not set by hand.
  return await new Promise((resolve) => {
    const look = setInterval(() => {
      try {
        const [, digits] = /^([\d ]+)\n$/.exec(readFileSync(path, 'utf8')) ?? []
        if (digits === undefined) return
        clearInterval(look)
        resolve(digits.split(' ').map(Number))
      } catch {
        // It has not begun.
      }
    }, 10)
  })
}

/** Until others have noted its end it is a zombie, which can be sent signals, too. */
const isOver = (pid: number): boolean => {
  try {
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return true
  }
}

it('two minutes, behind which it is killed with all that it has started, and may be asked again', async () => {
  standIn(`sleep 300 & (sleep 300 & echo $! >${directory}/inner; wait) &
while [ ! -s ${directory}/inner ]; do sleep 0.01; done
echo $$ $! $(cat ${directory}/inner) >${directory}/pids; wait`)
  const refused = expect(delegate('mine').allocate(callOf())).rejects.toMatchObject({
    code: 11,
    message: `ipam.type: ${directory}/mine is not waited for: it has not answered for 120 s`,
  })
  const pids = await pidsIn(join(directory, 'pids'))
  expect(pids).toHaveLength(3)
  vi.advanceTimersByTime(119_999)
  expect(pids.map(isOver)).toEqual([false, false, false])
  vi.advanceTimersByTime(1)
  await refused
  while (!pids.every(isOver)) await new Promise(setImmediate)
})

it('not for what has left its group and holds its output', async () => {
  standIn(`setsid sh -c 'echo $$ >${directory}/pids; exec sleep 300' & wait`)
  const end = new AbortController()
  const refused = expect(
    delegate('mine').allocate({ ...callOf(), signal: end.signal }),
  ).rejects.toMatchObject({ code: 11, message: expect.stringMatching(/the caller has gone$/) })
  const [pid] = await pidsIn(join(directory, 'pids'))
  end.abort(new Error('the caller has gone'))
  await refused
  expect(isOver(pid!)).toBe(false)
  process.kill(pid!, 'SIGKILL')
})

it('not for what it leaves running when it has answered, and the whole answer counts', async () => {
  const routes = Array.from({ length: 5000 }, (_, i) => ({ dst: `10.${i >> 8}.${i & 255}.0/24` }))
  const answer = JSON.stringify({ ips: [{ address: '10.22.0.5/24' }], routes })
  writeFileSync(join(directory, 'answer'), answer)
  standIn(`sleep 300 & echo $! >${directory}/pids; cat ${directory}/answer`)
  const lease = await delegate('mine').allocate(callOf())
  expect(lease.routes).toHaveLength(5000)
  const [pid] = await pidsIn(join(directory, 'pids'))
  expect(isOver(pid!)).toBe(false)
  process.kill(pid!, 'SIGKILL')
})

it('not at all where nobody waits for the answer', async () => {
  standIn(`touch ${directory}/asked`)
  const call = { ...callOf(), signal: AbortSignal.abort(new Error('the caller has gone')) }
  await expect(delegate('mine').status(call)).rejects.toMatchObject({
    code: 11,
    message: expect.stringMatching(/the caller has gone$/),
  })
  expect(() => readFileSync(join(directory, 'asked'))).toThrow('ENOENT')
})
