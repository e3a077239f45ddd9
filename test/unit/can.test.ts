/** A CAN controller as its driver tells of it (can_fill_info() of drivers/net/can/dev/netlink.c): no machine of the tests has one. */

import { expect, it } from 'vitest'
import { decodeAttributes } from '../../src/codec/decode.js'
import { encodeAttributes, Writer } from '../../src/codec/index.js'
import { kindTable } from '../../src/rtnetlink/link/kinds/index.js'
import { readLink } from '../../src/rtnetlink/link/link.js'
import { attribute, u32 } from './attribute-bytes.js'

it('is read with its names, its units and its lists', () => {
  const name = [...'flexcan'].map((letter) => letter.charCodeAt(0))
  const bytes = Uint8Array.from([
    ...attribute(1, u32(500_000, 875, 125, 6, 7, 2, 1, 5)),
    ...attribute(2, [...name, ...Array(16 - name.length).fill(0), ...u32(4, 16, 2, 8, 4, 1, 256, 1)]),
    ...attribute(3, u32(40_000_000)),
    ...attribute(4, u32(3)),
    // The mask is zero.
    ...attribute(5, u32(0, 0x41021)),
    ...attribute(6, u32(100)),
    ...attribute(8, [7, 0, 9, 1]),
    ...attribute(11, [120, 0]),
    ...attribute(12, [0, 0, 120, 0]),
    ...attribute(13, u32(125_000, 500_000)),
    ...attribute(16, [...attribute(2, u32(127)), ...attribute(8, u32(16))]),
    ...attribute(17, attribute(1, u32(0x2f))),
    ...attribute(18, u32(8_000_000)),
    ...attribute(20, u32(5_000_000, 8_000_000)),
    ...attribute(21, attribute(8, u32(20))),
    ...attribute(22, [...attribute(2, u32(8)), ...attribute(7, u32(3)), ...attribute(9, u32(1))]),
  ])
  expect(decodeAttributes(kindTable('can')!, bytes, 0, bytes.length)).toEqual({
    bittiming: {
      bitrate: 500_000,
      samplePoint: 0.875,
      tq: 125,
      propSeg: 6,
      phaseSeg1: 7,
      phaseSeg2: 2,
      sjw: 1,
      brp: 5,
    },
    bittimingConst: {
      name: 'flexcan',
      tseg1Min: 4,
      tseg1Max: 16,
      tseg2Min: 2,
      tseg2Max: 8,
      sjwMax: 4,
      brpMin: 1,
      brpMax: 256,
      brpInc: 1,
    },
    clock: 40_000_000,
    state: 'bus-off',
    ctrlmode: { loopback: true, fd: true, xl: true, '0x40000': true },
    restartMs: 100,
    berrCounter: { txerr: 7, rxerr: 265 },
    termination: 120,
    terminationConst: [0, 120],
    bitrateConst: [125_000, 500_000],
    tdc: { tdcvMax: 127, tdco: 16 },
    ctrlmodeExt: { supported: 0x2f },
    xlDataBittiming: { bitrate: 8_000_000 },
    xlDataBitrateConst: [5_000_000, 8_000_000],
    xlTdc: { tdco: 20 },
    xlPwm: { pwmsMax: 8, pwms: 3, pwmo: 1 },
  })
})

it('tells how often there were errors', () => {
  const kind = attribute(
    1,
    [...'can'].map((letter) => letter.charCodeAt(0)),
  )
  const linkinfo = attribute(18, [...kind, ...attribute(3, u32(1, 2, 3, 4, 5, 6))])
  const bytes = Uint8Array.from([0, 0, 0x18, 1, ...u32(7, 0, 0), ...linkinfo])
  expect(readLink(bytes, 0, bytes.length).canStats).toEqual({
    busError: 1,
    errorWarning: 2,
    errorPassive: 3,
    busOff: 4,
    arbitrationLost: 5,
    restarts: 6,
  })
  expect(readLink(bytes, 0, 16).canStats).toBeNull()
})

it('takes modes back that have no name', () => {
  const table = kindTable('can')!
  const out = new Writer()
  encodeAttributes(table, out, { ctrlmode: { fd: false, xl: true, '0x40000': true, '0X80000': false } })
  expect([...out.take()]).toEqual(attribute(5, u32(0xc1020, 0x41000)))
})
