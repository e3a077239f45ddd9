/** What a bridge has only where something runs beside the kernel: no machine of the tests has it. */

import { expect, it } from 'vitest'
import { decodeAttributes } from '../../src/codec/decode.js'
import { encodeAttributes } from '../../src/codec/encode.js'
import { Writer } from '../../src/codec/index.js'
import { kindTable } from '../../src/rtnetlink/link/kinds/index.js'

/** IFLA_BR_STP_STATE */
const stateOf = (number: number) => Uint8Array.of(8, 0, 5, 0, number, 0, 0, 0)

// enum of net/bridge/br_private.h
it.each([
  [0, false],
  [1, true],
  [2, 'user'],
])('the state %d of the spanning tree protocol is read as %s', (number, stp) =>
  expect(decodeAttributes(kindTable('bridge')!, stateOf(number), 0, 8)).toEqual({ stp }),
)

it.each([
  [false, 0],
  [true, 1],
  // The kernel finds out who runs it (br_stp_start()).
  ['user', 1],
])('%s is sent as %d', (stp, number) => {
  const out = new Writer()
  encodeAttributes(kindTable('bridge')!, out, { stp })
  expect(out.bytes.subarray(0, out.length)).toEqual(stateOf(number))
})
