/** Entries for several numbers at once are read as one for each; a range that is none is no empty list. */

import { describe, expect, it } from 'vitest'
import { type Body, DecodeError, guarded, type Message } from '../../src/codec/index.js'
import { newVlan } from '../../src/rtnetlink/bridge/vlan/table.js'
import { readVlanEvent } from '../../src/rtnetlink/bridge/vlan/vlan.js'
import { newTunnel } from '../../src/rtnetlink/vxlan-vni/table.js'
import { readVxlanVnis } from '../../src/rtnetlink/vxlan-vni/vni.js'
import { reply } from '../../src/testing/reply.js'

const HEADER = 16
const nameOf = () => 'eth0'

function read<M extends Message, T>(
  definition: M,
  attributes: Body<M>['attributes'],
  reader: (bytes: Uint8Array, start: number, end: number) => T,
): T {
  const body = { header: {}, attributes } as Body<M>
  const bytes = reply(definition, body)({ seq: 1, portid: 0, flags: 0, bytes: new Uint8Array(HEADER) })
  return guarded(definition.name, () => reader(bytes, HEADER, bytes.length))
}

const vnis = (start: number, end?: number) =>
  read(newTunnel, { entry: [{ start, end }] }, (...where) => readVxlanVnis(...where, nameOf, false)).map(
    ({ vni }) => vni,
  )
const vlans = (vid: number, range?: number) =>
  read(newVlan, { entry: [{ info: { vid, flags: [] }, range }] }, (...where) =>
    readVlanEvent(...where, nameOf),
  ).vlans.map((vlan) => vlan.vid)
const globals = (id: number, range?: number) =>
  read(newVlan, { globalOptions: [{ id, range }] }, (...where) =>
    readVlanEvent(...where, nameOf),
  ).globalVlans.map((vlan) => vlan.vid)

describe.each([
  { of: 'networks of a vxlan device', list: vnis },
  { of: 'VLANs of a port', list: vlans },
  { of: 'VLANs of a bridge', list: globals },
])('$of', ({ list }) => {
  it('are read one by one', () => {
    expect(list(5)).toEqual([5])
    expect(list(5, 5)).toEqual([5])
    expect(list(5, 7)).toEqual([5, 6, 7])
  })

  it('are none that a range has which ends before it begins', () => {
    expect(() => list(5, 4)).toThrow(DecodeError)
    expect(() => list(5, 4)).toThrow(/^RTM_NEW(TUNNEL|VLAN): 5-4 is no range of /)
  })
})

it('a network id has 24 bits', () => {
  expect(vnis(0xffffff)).toEqual([0xffffff])
  expect(() => vnis(5, 2 ** 32 - 1)).toThrow(/^RTM_NEWTUNNEL: 5-4294967295 is no range of networks/)
  expect(() => vnis(2 ** 24)).toThrow(DecodeError)
})
