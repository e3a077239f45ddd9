/** What the kernel tells is read into the public values, or stands here with the reason why not. */

import { afterEach, expect, it, vi } from 'vitest'
import { encodeBody, type Message, Writer } from '../../src/codec/index.js'
import { readAddress } from '../../src/rtnetlink/address/address.js'
import { newAddress } from '../../src/rtnetlink/address/table.js'
import { readFdbEntry } from '../../src/rtnetlink/bridge/fdb/entry.js'
import { linkReader } from '../../src/rtnetlink/link/link.js'
import { newLink } from '../../src/rtnetlink/link/table.js'
import { readNeighbour } from '../../src/rtnetlink/neighbour/neighbour.js'
import { newNeighbour } from '../../src/rtnetlink/neighbour/table.js'
import { readNexthop } from '../../src/rtnetlink/nexthop/nexthop.js'
import { newNexthop } from '../../src/rtnetlink/nexthop/table.js'
import { readRule } from '../../src/rtnetlink/rule/rule.js'
import { newRule } from '../../src/rtnetlink/rule/table.js'

const ASKED = 'is part of requests alone'
const DEAD = 'the kernel does not send it (rtnl_fill_ifinfo())'

interface Read {
  message: Message
  read: (bytes: Uint8Array, start: number, end: number, nameOf: () => null) => unknown
  family: number
  /** Without them there would be nothing to read, or a part less. */
  attributes?: Record<string, unknown>
  /** Attributes that are not read: why. */
  without: Readonly<Record<string, string>>
}

const JOINED = 'of the messages RTM_NEWMULTICAST and RTM_NEWANYCAST, which have readers of their own'
const LINK_WITHOUT = {
  stats: 'stats64 has the same with all their bits',
  ...{ cost: DEAD, priority: DEAD, weight: DEAD },
  wireless: 'of events of the Wi-Fi stack, which tell nothing of the link',
  protinfo: 'of IPv6 and bridges, in messages of their own families',
  map: 'where the device lies in the machine: of ISA cards',
  ...{ netNsPid: ASKED, netNsFd: ASKED, extMask: ASKED, altIfname: 'stands in propList, too' },
  targetNetnsid: 'is the id that was asked with',
  numVf: 'vfs has each of them',
  ...{
    vfPorts: 'of IEEE 802.1Qbg, which one driver had',
    portSelf: 'of IEEE 802.1Qbg, which one driver had',
  },
}

const READERS: Record<string, Read> = {
  link: {
    message: newLink,
    read: linkReader(['stats', 'afSpec', 'vfs'], true),
    family: 0,
    without: LINK_WITHOUT,
  },
  address: {
    message: newAddress,
    read: readAddress,
    family: 2,
    attributes: { address: '10.0.0.1', local: '10.0.0.1' },
    without: { targetNetnsid: ASKED, multicast: JOINED, mcUsers: JOINED, anycast: JOINED },
  },
  rule: { message: newRule, read: readRule, family: 2, without: {} },
  neighbour: {
    message: newNeighbour,
    read(...message) {
      readNeighbour(...message)
      readFdbEntry(...message)
    },
    attributes: { dst: '10.0.0.1' },
    family: 2,
    without: { ndmStateMask: ASKED, ndmFlagsMask: ASKED },
  },
  nexthop: {
    message: newNexthop,
    read: readNexthop,
    attributes: { encapType: 'mpls' },
    family: 2,
    without: {
      ...{ groups: ASKED, master: ASKED, opFlags: ASKED },
      resBucket: 'of buckets, which have messages of their own',
    },
  },
}

afterEach(() => {
  vi.restoreAllMocks()
})

it.each(Object.entries(READERS))('%s', (_, { message, read, family, attributes = {}, without }) => {
  const { table } = message
  const asked = new Set<string>()
  const { field } = table
  vi.spyOn(table, 'field', 'get').mockReturnValue(
    new Proxy(field, {
      get(target, name) {
        asked.add(String(name))
        return Reflect.get(target, name)
      },
    }),
  )
  const out = new Writer()
  encodeBody(message, out, { header: { family }, attributes })
  read(out.bytes, 0, out.length, () => null)
  expect(
    Object.keys(field)
      .filter((name) => !asked.has(name))
      .sort(),
  ).toEqual(Object.keys(without).sort())
})
