/** The stack of an error leads to the line of the caller, however deep in the library it was found. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { transaction } from '../../src/nftables-sync.js'
import { FACES, withNetns } from './support.js'

// As in a program: vitest has V8 keep more.
const { stackTraceLimit } = Error
beforeAll(() => {
  Error.stackTraceLimit = 10
})
afterAll(() => {
  Error.stackTraceLimit = stackTraceLimit
})

describe.each(FACES)('the stack of an error ($face)', ({ nl }) => {
  const end = { name: 'eth0' }
  const calls: [string, (netns: string) => unknown][] = [
    ['of an argument', () => nl.createVethPair({ ...end, mac: 'x' }, { name: 'eth1' })],
    ['of what is no options object', () => nl.createBridge('br0' as never)],
    [
      'of an argument deep in another',
      () => nl.createVethPair({ ...end, addresses: ['x'] }, { name: 'eth1' }),
    ],
    ['of the kernel', (netns) => nl.addRoute({ to: '10.2.0.0/16', via: '203.0.113.1', netns })],
    ['of a name that is not there', (netns) => nl.addAddress('eth7', '10.0.0.1/24', { netns })],
    [
      'of the last of many steps',
      (netns) =>
        nl.createVethPair(
          { ...end, netns, routes: [{ to: '10.2.0.0/16', via: '203.0.113.1' }] },
          { name: 'eth1', netns },
        ),
    ],
    ['of a system call', (netns) => nl.setSysctl('net.ipv4.nope', 1, { netns })],
  ]

  it.each(calls)('%s', (_, call) =>
    withNetns(async (netns) => {
      const callOfTheUser = async () => await call(netns)
      const error = await callOfTheUser().then(
        () => undefined,
        (error: Error) => error,
      )
      expect(error?.stack).toContain('callOfTheUser')
      expect(error?.stack).toContain(error?.message)
      expect(error?.stack).not.toContain('leadToCaller')
      const calls = error!.stack!.split('\n')
      expect(calls).toEqual([...new Set(calls)])
    }),
  )
})

it('a call from inside of map() is in the stack', () => {
  const type = ['ipv4_addr', 'inet_service'] as const
  const make = () =>
    ['x'].map(function callOfTheUser(port) {
      return transaction((tx) =>
        tx.addSet({ family: 'ip', table: 't', name: 's', type }, [['10.0.0.1', port]]),
      )
    })
  expect(make).toThrow(expect.objectContaining({ stack: expect.stringContaining('callOfTheUser') }))
})

it('an argument keeps the place where it was found', () => {
  const [{ nl }] = [FACES[1]]
  expect(() => nl.createVethPair({ name: 'a', addresses: ['x'] }, { name: 'b' })).toThrow(
    expect.objectContaining({ stack: expect.stringMatching(/parsePrefix[\s\S]*runSync/) }),
  )
})

it('the reason of an abort is left as it is', async () => {
  const reason = new RangeError('enough')
  reason.stack = `${reason.stack}${'\n    at somewhere'.repeat(20)}`
  const { stack } = reason
  const controller = new AbortController()
  const call = FACES[0].nl.listLinks({ signal: controller.signal })
  controller.abort(reason)
  await expect(call).rejects.toBe(reason)
  expect(reason.stack).toBe(stack)
})
