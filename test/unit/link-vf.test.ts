/** Virtual functions as the kernel tells of them (rtnl_fill_vfinfo(), linux/if_link.h), with what simulated cards do not (test/kernel/virtual-functions). */

import { expect, it } from 'vitest'
import type { LinkPart } from '../../src/rtnetlink/link/link.js'
import { linkReader } from '../../src/rtnetlink/link/link.js'
import { attribute, u32, u64 } from './attribute-bytes.js'

const ADDR_LEN = 20
const PADDED = 32
const octets = (first: number, count: number) => Array.from({ length: count }, (_, n) => first + n)
const padded = (address: number[]) => [...address, ...Array(PADDED - address.length).fill(0)]
const text = (address: number[]) => address.map((octet) => octet.toString(16).padStart(2, '0')).join(':')
const NOT_TOLD = 0xffffffff

/** A card with the functions that are given, read with the parts that are asked for. */
function readCard(address: number[], parts: LinkPart[], ...functions: number[][]) {
  const bytes = Uint8Array.from([
    ...[0, 0, 1, 0],
    ...u32(7, 0, 0),
    ...attribute(1, address),
    ...attribute(
      22,
      functions.flatMap((one) => attribute(1, one)),
    ),
    ...attribute(23, u64(...octets(0, 24))),
  ])
  return linkReader(parts, false)(bytes, 0, bytes.length).vfs
}

const told = (setting: number) => [4, 7, 9].flatMap((type) => attribute(type, u32(3, setting)))

it.each([
  [0, false],
  [1, true],
  [NOT_TOLD, null],
])('settings that are %d', (setting, read) => {
  expect(readCard(octets(2, 6), ['vfs'], told(setting))).toEqual([
    expect.objectContaining({ spoofCheck: read, rssQuery: read, trust: read }),
  ])
})

it.each([6, ADDR_LEN])('addresses as long as the %d bytes of the card', (length) => {
  const mac = octets(0x20, length)
  const broadcast = Array(length).fill(255)
  const one = [...attribute(1, [...u32(3), ...padded(mac)]), ...attribute(13, padded(broadcast))]
  expect(readCard(octets(2, length), ['vfs'], one)).toEqual([
    expect.objectContaining({ vf: 3, mac: text(mac), broadcast: text(broadcast) }),
  ])
})

it('no protocol of its VLAN where the driver took it away', () => {
  const vlans = (...protocol: number[]) => attribute(12, attribute(1, [...u32(3, 7, 2), ...protocol, 0, 0]))
  expect(readCard(octets(2, 6), ['vfs'], vlans(0, 0), vlans(0x88, 0xa8))).toEqual([
    expect.objectContaining({ vlan: 7, qos: 2, vlanProtocol: null }),
    expect.objectContaining({ vlan: 7, qos: 2, vlanProtocol: '802.1ad' }),
  ])
})

it('counters with those of the card', () => {
  const counted = attribute(
    8,
    octets(0, 9).flatMap((type) => (type === 6 ? [] : attribute(type, u64(type + 10)))),
  )
  expect(readCard(octets(2, 6), ['vfs'], counted)).toEqual([expect.objectContaining({ stats: null })])
  expect(readCard(octets(2, 6), ['vfs', 'stats'], counted)?.[0]?.stats).toEqual({
    rxPackets: 10,
    txPackets: 11,
    rxBytes: 12,
    txBytes: 13,
    broadcast: 14,
    multicast: 15,
    rxDropped: 17,
    txDropped: 18,
  })
})
