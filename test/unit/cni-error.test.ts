/** Which number of the CNI specification an error of somebody else gets in docs/examples/cni. */

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { asCniError } from '../../docs/examples/cni/error.js'
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
