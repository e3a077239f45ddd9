/** Which number of the CNI specification an error of somebody else gets in docs/examples/cni, and what it tells besides. */

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { asCniError, Failures } from '../../docs/examples/cni/error.js'
import { DumpInterruptedError, SystemError } from '../../src/netlink/errors.js'
import { TopologyError } from '../../src/topology/error.js'

const ofFile = () => {
  try {
    return readFileSync('/nowhere/file')
  } catch (error) {
    return error
  }
}

it.each<[string, unknown, number]>([
  ['a file that is not there', ofFile(), 5],
  ['a program that is not there', spawnSync('/nowhere/program').error, 100],
  [
    'a part of a topology',
    new TopologyError({ call: 'c', path: 'bridges.br0', code: 'EPERM', text: 't' }),
    100,
  ],
  ['what others are at work on', new SystemError({ errno: 16, syscall: 'request' }), 11],
  ['a ruleset that others change all the time', new DumpInterruptedError('getRule', 10, []), 11],
  ['anything else', new SystemError({ errno: 1, syscall: 'request' }), 100],
])('%s', (_, error, code) => {
  expect(asCniError(error)).toMatchObject({ code, message: (error as Error).message })
})

it('what could not be taken back stands in the details, but for what says the same', async () => {
  const busy = new SystemError({ errno: 16, syscall: 'request' })
  const failures = new Failures()
  expect(failures.behind(busy)).toMatchObject({ code: 11, message: busy.message, details: 'EBUSY' })
  await failures.attempt(() => Promise.reject(busy))
  expect(failures.behind(busy).details).toBe('EBUSY')
  const first = new Error('the disk is full')
  expect(failures.behind(first)).toMatchObject({
    ...{ code: 100, message: first.message },
    details: `not taken back: ${busy.message}`,
  })
  await failures.attempt(() => Promise.reject(first))
  expect(failures.behind(busy).details).toBe(`EBUSY; not taken back: ${first.message}`)
})
