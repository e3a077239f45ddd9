/** Attributes that came after the kernels and tools of the tests: what is sent, and how they are read. */

import { describe, expect, it } from 'vitest'
import { Writer } from '../../src/codec/index.js'
import { encodeBody } from '../../src/codec/message.js'
import { EVENT_SOURCES } from '../../src/monitor/event-sources.js'
import { NLMSG_HDRLEN } from '../../src/netlink/constants.js'
import { readAnycast, readMulticast } from '../../src/rtnetlink/address/joined.js'
import { newAnycast, newMulticast } from '../../src/rtnetlink/address/table.js'
import { readLink } from '../../src/rtnetlink/link/link.js'
import { readNexthop } from '../../src/rtnetlink/nexthop/nexthop.js'
import { addNexthop } from '../../src/rtnetlink/nexthop/operations.js'
import { newNexthop } from '../../src/rtnetlink/nexthop/table.js'
import { delRoute } from '../../src/rtnetlink/route/table.js'
import { sentBy } from './sent-by.js'

/** A message as it comes, with an empty header. */
function encoded(encode: (out: Writer) => void): Uint8Array {
  const out = new Writer()
  out.reserve(NLMSG_HDRLEN)
  encode(out)
  return out.take()
}

describe('the port that devlink has for an interface (IFLA_DEVLINK_PORT, Linux 6.2)', () => {
  const read = (devlinkPort: string) => {
    // struct ifinfomsg, IFLA_IFNAME 'eth0', IFLA_DEVLINK_PORT
    const bytes = Buffer.from(`${'00'.repeat(16)}090003006574683000000000${devlinkPort}`, 'hex')
    return readLink(bytes, 0, bytes.length).devlinkPort
  }

  it('is read', () => {
    // DEVLINK_ATTR_BUS_NAME 'pci', DEVLINK_ATTR_DEV_NAME '0000:01:00.0', DEVLINK_ATTR_PORT_INDEX 65535, one that is newer
    const nest =
      '08000100' + '70636900' + '11000200' + '303030303a30313a30302e3000000000' + '08000300' + 'ffff0000'
    expect(read(`30003e80${nest}0800c80001000000`)).toEqual({
      busName: 'pci',
      devName: '0000:01:00.0',
      index: 65535,
    })
  })

  it('is null where there is none, or the kernel does not say which', () => {
    expect(read('')).toBeNull()
    expect(read('04003e80')).toBeNull()
  })
})

describe('the UDP port of a nexthop for VXLAN (NHA_DST_PORT, Linux 7.3)', () => {
  const nexthop = { id: 1, via: '192.0.2.254', fdb: true, dstPort: 4790 } as const

  it('is sent in network order', () => {
    const [sent] = sentBy(addNexthop(nexthop))
    // nhmsg, NHA_ID 1, NHA_GATEWAY, NHA_FDB, NHA_DST_PORT 4790
    expect(Buffer.from(sent!.subarray(24)).toString('hex')).toBe(
      '0800010001000000' + '08000600c00002fe' + '04000b00' + '0600120012b60000',
    )
  })

  it('is read, and null where there is none', () => {
    const read = (attributes: object) => {
      const bytes = encoded((out) => encodeBody(newNexthop, out, { header: { family: 2 }, attributes }))
      return readNexthop(bytes, NLMSG_HDRLEN, bytes.length, () => null).dstPort
    }
    expect(read({ id: 1, fdb: true, dstPort: 4790 })).toBe(4790)
    expect(read({ id: 1, fdb: true })).toBeNull()
  })
})

it('how many have joined a multicast group (IFA_MC_USERS)', () => {
  const header = { family: 2, index: 5 }
  const read = (attributes: object) => {
    const bytes = encoded((out) => encodeBody(newMulticast, out, { header, attributes }))
    return readMulticast(bytes, NLMSG_HDRLEN, bytes.length, () => 'eth0')
  }
  expect(read({ multicast: '224.0.0.1', mcUsers: 3 })).toMatchObject({ address: '224.0.0.1', users: 3 })
  expect(read({ multicast: '224.0.0.1' })).toMatchObject({ dev: 'eth0', users: null })
  const anycast = encoded((out) =>
    encodeBody(newAnycast, out, { header: { family: 10, index: 5 }, attributes: { anycast: '2001:db8::' } }),
  )
  expect(readAnycast(anycast, NLMSG_HDRLEN, anycast.length, () => null)).not.toHaveProperty('users')
})

describe('why the kernel deleted a route (RTA_DEL_REASON, Linux 7.3)', () => {
  it.each([
    ['expired', 'expired'],
    ['ra-withdrawn', 'ra-withdrawn'],
    ['unspec', null],
    [7, 7],
    [undefined, null],
  ] as const)('%s is told as %s', (delReason, reason) => {
    const header = { family: 10, dstLen: 32, table: 254 }
    const attributes = { dst: '2001:db8::', delReason }
    const bytes = encoded((out) => encodeBody(delRoute, out, { header, attributes }))
    const read = (action: 'new' | 'delete') =>
      EVENT_SOURCES.route.read(action, bytes, NLMSG_HDRLEN, bytes.length, () => null)
    expect(read('delete')).toMatchObject({ type: 'route', reason, route: { to: '2001:db8::/32' } })
    expect(read('new')).toMatchObject({ reason: null })
  })
})
