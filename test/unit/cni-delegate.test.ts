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

it('two minutes, behind which it is killed and may be asked again', async () => {
  standIn(`echo $$ >${directory}/pid; exec sleep 300`)
  const refused = expect(delegate('mine').allocate(callOf())).rejects.toMatchObject({
    code: 11,
    message: `ipam.type: ${directory}/mine is not waited for: it has not answered for 120 s`,
  })
  // Of the clock that is not set by hand.
  const pid = await new Promise<number>((resolve) => {
    const look = setInterval(() => {
      try {
        const [, digits] = /^(\d+)\n$/.exec(readFileSync(join(directory, 'pid'), 'utf8')) ?? []
        if (digits === undefined) return
        clearInterval(look)
        resolve(Number(digits))
      } catch {
        // It has not begun.
      }
    }, 10)
  })
  vi.advanceTimersByTime(119_999)
  process.kill(pid, 0)
  vi.advanceTimersByTime(1)
  await refused
  const isOver = (): boolean => {
    try {
      process.kill(pid, 0)
      return false
    } catch {
      return true
    }
  }
  while (!isOver()) await new Promise(setImmediate)
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
