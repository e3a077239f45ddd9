/** What is counted of VLANs, bonds and MPLS, in the order of the kernel's structs: the machines of the tests have none to count. */

import { expect, it } from 'vitest'
import { decodeAttributes } from '../../src/codec/index.js'
import type { Request } from '../../src/netlink/request.js'
import { getLinkStats, type InterfaceStats, listLinkStats } from '../../src/rtnetlink/link/list-stats.js'
import { readOffload } from '../../src/rtnetlink/link/offload-stats.js'
import { setLinkStats } from '../../src/rtnetlink/link/set-stats.js'
import { statsAttributes } from '../../src/rtnetlink/link/stats-table.js'
import { readExtended } from '../../src/rtnetlink/link/xstats.js'
import { expectGolden } from './golden-case.js'

function u64(...values: number[]): number[] {
  return values.flatMap((value) => [value, 0, 0, 0, 0, 0, 0, 0])
}

function attribute(type: number, ...payload: number[][]): number[] {
  const bytes = payload.flat()
  const length = 4 + bytes.length
  return [length & 255, length >> 8, type, 0, ...bytes]
}

function read(...groups: number[][]) {
  const bytes = Uint8Array.from(groups.flat())
  return readExtended(decodeAttributes(statsAttributes, bytes, 0, bytes.length))
}

const NOTHING = { bridge: null, bridgePort: null, bond: null, bondPort: null, mpls: null }
const LACP = {
  lacpduRx: 1,
  lacpduTx: 2,
  lacpduUnknownRx: 3,
  lacpduIllegalRx: 4,
  markerRx: 5,
  markerTx: 6,
  markerRespRx: 7,
  markerRespTx: 8,
  markerUnknownRx: 9,
}
const lacp = attribute(2, attribute(1, ...Object.values(LACP).map((value, n) => attribute(n, u64(value)))))

it('of a bond and its ports, with the empty attributes that align 64 bits', () => {
  expect(read(attribute(2, lacp))).toEqual({ ...NOTHING, bond: LACP })
  const aligned = attribute(2, attribute(1, attribute(9), attribute(0, u64(7))))
  expect(read(attribute(3, aligned))).toEqual({ ...NOTHING, bondPort: { lacpduRx: 7 } })
})

it('of a bridge: VLANs, the spanning tree, multicast', () => {
  const vlan = (vid: number) => attribute(1, u64(10, 11, 12, 13), [vid, 0, 2, 0, 0, 0, 0, 0])
  const stp = attribute(4, u64(1, 2, 3, 4, 5, 6))
  const mcast = attribute(2, u64(...Array.from({ length: 30 }, (_, n) => n + 1)))
  const { bridge } = read(attribute(2, attribute(1, vlan(100), vlan(101), mcast, stp)))
  const counted = { rxBytes: 10, rxPackets: 11, txBytes: 12, txPackets: 13, flags: 2 }
  expect(bridge).toEqual({
    vlans: [
      { ...counted, vid: 100 },
      { ...counted, vid: 101 },
    ],
    stp: { transitionBlk: 1, transitionFwd: 2, rxBpdu: 3, txBpdu: 4, rxTcn: 5, txTcn: 6 },
    mcast: {
      igmpV1Queries: { rx: 1, tx: 2 },
      igmpV2Queries: { rx: 3, tx: 4 },
      igmpV3Queries: { rx: 5, tx: 6 },
      igmpLeaves: { rx: 7, tx: 8 },
      igmpV1Reports: { rx: 9, tx: 10 },
      igmpV2Reports: { rx: 11, tx: 12 },
      igmpV3Reports: { rx: 13, tx: 14 },
      igmpParseErrors: 15,
      mldV1Queries: { rx: 16, tx: 17 },
      mldV2Queries: { rx: 18, tx: 19 },
      mldLeaves: { rx: 20, tx: 21 },
      mldV1Reports: { rx: 22, tx: 23 },
      mldV2Reports: { rx: 24, tx: 25 },
      mldParseErrors: 26,
      mcastBytes: { rx: 27, tx: 28 },
      mcastPackets: { rx: 29, tx: 30 },
    },
  })
})

it('of MPLS', () => {
  const link = attribute(1, u64(1, 2, 3, 4, 5, 6, 7, 8, 9))
  expect(read(attribute(5, attribute(28, link)))).toEqual({
    ...NOTHING,
    mpls: {
      rxPackets: 1,
      txPackets: 2,
      rxBytes: 3,
      txBytes: 4,
      rxErrors: 5,
      txErrors: 6,
      rxDropped: 7,
      txDropped: 8,
      rxNoroute: 9,
    },
  })
})

/** What a dump of the messages of an interface of that ifindex gives, each of some groups. */
function dumped(ifindex: number, ...messages: number[][]) {
  const operation = listLinkStats({ extended: true })
  operation.next()
  const { value } = operation.next({ ifname: () => 'br0', release() {} } as never)
  const { read } = (value as unknown as { requests: [Request] }).requests[0]
  const values = messages.map((groups) => {
    const bytes = Uint8Array.from([0, 0, 0, 0, ifindex, 0, 0, 0, 0, 0, 0, 0, ...groups])
    return read!(bytes, 0, bytes.length, 92)
  })
  return operation.next([{ error: null, values }]).value
}

it('of a bridge whose VLANs take several messages are one entry', () => {
  const vlan = (vid: number) => attribute(1, u64(10, 11, 12, 13), [vid, 0, 2, 0, 0, 0, 0, 0])
  const own = attribute(1, u64(...Array.from({ length: 24 }, (_, n) => n + 1)))
  const first = attribute(2, attribute(1, vlan(100), vlan(101)))
  const second = attribute(2, attribute(1, vlan(102), attribute(4, u64(1, 2, 3, 4, 5, 6))))
  const port = attribute(3, attribute(1, vlan(7)))
  const [one, ...others] = dumped(20, [...own, ...first], second, port) as InterfaceStats[]
  expect(others).toEqual([])
  expect(one).toMatchObject({ ifindex: 20, dev: 'br0', stats: { rxPackets: 1, txPackets: 2 } })
  const { bridge, bridgePort } = one!.extended!
  expect(bridge!.vlans.map(({ vid }) => vid)).toEqual([100, 101, 102])
  expect(bridge!.stp).toMatchObject({ transitionBlk: 1, txTcn: 6 })
  expect(bridgePort!.vlans.map(({ vid }) => vid)).toEqual([7])
})

it('is refused before anything is sent where an option is none', () => {
  expect(() => getLinkStats('eth0', { extended: 1 as never }).next()).toThrow(
    'extended: 1 is not true or false',
  )
  expect(() => listLinkStats({ xstats: true } as never).next()).toThrow(
    "listLinkStats: unknown option 'xstats'",
  )
})

const info = (request: number, used: number) => [
  attribute(1, [request]).concat(0, 0, 0),
  attribute(2, [used]).concat(0, 0, 0),
]
/** The type of the one inside is the number of its group: a later kernel may tell of others besides. */
const l3 = (value: number) => attribute(2, attribute(4, ...info(0, 0)), attribute(3, ...info(1, value)))

it('of hardware, as a driver that counts has them', () => {
  const counted = attribute(3, u64(1, 2, 3, 4, 5, 6, 7, 8, 9))
  const bytes = Uint8Array.from(attribute(4, l3(1), counted))
  expect(readOffload(decodeAttributes(statsAttributes, bytes, 0, bytes.length))).toEqual({
    cpuHit: null,
    l3: {
      request: true,
      used: true,
      stats: {
        ...{ rxPackets: 1, txPackets: 2, rxBytes: 3, txBytes: 4, rxErrors: 5, txErrors: 6 },
        ...{ rxDropped: 7, txDropped: 8, multicast: 9 },
      },
    },
  })
})

it.each([
  ['stats-set-l3-on', true],
  ['stats-set-l3-off', false],
] as const)('are asked of hardware as ip asks: %s', (name, l3) =>
  expectGolden('stats', { name, operation: () => setLinkStats('eth0', { l3 }) }),
)

it('are asked of hardware by true or false', () => {
  expect(() => setLinkStats('eth0', {} as never).next()).toThrow('l3: undefined is not true or false')
  expect(() => setLinkStats('eth0', { l3: true, l4: true } as never).next()).toThrow("unknown option 'l4'")
  expect(() => getLinkStats('eth0', { offload: 1 as never }).next()).toThrow('offload: 1 is not')
})
