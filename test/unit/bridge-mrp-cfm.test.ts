/** Rings and end points as the kernel tells of them (br_mrp_fill_info(), br_cfm_config_fill_info()): few kernels are built with either. */

import { expect, it } from 'vitest'
import { decodeAttributes } from '../../src/codec/decode.js'
import { encodeAttributes } from '../../src/codec/encode.js'
import { toHex, Writer } from '../../src/codec/index.js'
import { bridgeAfSpec } from '../../src/rtnetlink/bridge/link-table.js'
import { attribute, u32 } from './attribute-bytes.js'

const nested = (type: number, ...children: number[][]) => attribute(type | 0x8000, children.flat())
const read = (bytes: number[]) => decodeAttributes(bridgeAfSpec, Uint8Array.from(bytes), 0, bytes.length)

it('a ring is read with its parts by name', () => {
  const info = nested(
    7,
    attribute(1, u32(1)),
    attribute(2, u32(11)),
    attribute(3, u32(12)),
    attribute(4, [0, 0x80]),
    attribute(5, u32(1)),
    attribute(6, u32(2)),
    attribute(7, u32(20_000)),
    attribute(8, u32(3)),
    attribute(9, u32(1)),
  )
  const client = nested(7, attribute(1, u32(2)), attribute(6, u32(1)), attribute(12, u32(1)))
  expect(read(nested(4, info, client))).toEqual({
    mrp: {
      info: [
        {
          ringId: 1,
          pIfindex: 11,
          sIfindex: 12,
          prio: 0x8000,
          ringState: 'closed',
          ringRole: 'manager',
          testInterval: 20_000,
          testMaxMiss: 3,
          testMonitor: true,
        },
        { ringId: 2, ringRole: 'client', inRole: 'client' },
      ],
    },
  })
})

it('a ring is asked for as br_mrp_policy has it', () => {
  const out = new Writer()
  encodeAttributes(bridgeAfSpec, out, {
    mrp: { instance: { ringId: 1, pIfindex: 11, sIfindex: 12 }, startTest: { ringId: 1, interval: 20_000 } },
  })
  const expected = nested(
    4,
    nested(1, attribute(1, u32(1)), attribute(2, u32(11)), attribute(3, u32(12))),
    nested(6, attribute(1, u32(1)), attribute(2, u32(20_000))),
  )
  expect(toHex(out.take())).toBe(toHex(Uint8Array.from(expected)))
})

it('end points are read: how they were made, what they send, and what was heard of others', () => {
  const maid = Array.from({ length: 48 }, (_, n) => n)
  const answer = nested(
    5,
    nested(9, attribute(1, u32(1)), attribute(2, u32(0)), attribute(3, u32(1)), attribute(4, u32(11))),
    nested(
      10,
      attribute(1, u32(1)),
      attribute(2, [2, 0, 0, 0, 0, 1]),
      attribute(3, u32(7)),
      attribute(4, u32(9)),
    ),
    nested(11, attribute(1, u32(1)), attribute(2, u32(1)), attribute(3, u32(4)), attribute(4, maid)),
    nested(12, attribute(1, u32(1)), attribute(2, u32(0))),
    nested(13, attribute(1, u32(1)), attribute(2, [1, 0x80, 0xc2, 0, 0, 0x30]), attribute(6, [4])),
    nested(14, attribute(1, u32(1)), attribute(2, u32(10))),
    nested(15, attribute(1, u32(1)), attribute(4, u32(1))),
    nested(16, attribute(1, u32(1)), attribute(2, u32(10)), attribute(3, u32(1)), attribute(6, [2])),
    nested(16, attribute(1, u32(1)), attribute(2, u32(12)), attribute(3, u32(0))),
  )
  expect(read(answer)).toEqual({
    cfm: {
      mepCreateInfo: [{ instance: 1, domain: 'port', direction: 'up', ifindex: 11 }],
      mepConfigInfo: [{ instance: 1, unicastMac: '02:00:00:00:00:01', mdlevel: 7, mepid: 9 }],
      ccConfigInfo: [{ instance: 1, enable: true, expInterval: '1s', expMaid: Uint8Array.from(maid) }],
      ccRdiInfo: [{ instance: 1, rdi: false }],
      ccCcmTxInfo: [{ instance: 1, dmac: '01:80:c2:00:00:30', ifTlvValue: 4 }],
      ccPeerMepInfo: [{ instance: 1, mepid: 10 }],
      mepStatusInfo: [{ instance: 1, rxLevelLowSeen: true }],
      ccPeerStatusInfo: [
        { instance: 1, peerMepid: 10, ccmDefect: true, ifTlvValue: 2 },
        { instance: 1, peerMepid: 12, ccmDefect: false },
      ],
    },
  })
})
