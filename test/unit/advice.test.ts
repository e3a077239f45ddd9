/** What is said besides where the kernel gives a number, and nothing where it has words of its own. */

import { describe, expect, it } from 'vitest'
import { advise } from '../../src/netlink/advice.js'
import { EMSGSIZE } from '../../src/netlink/errno.js'
import { NO_EXTACK } from '../../src/netlink/errors.js'
import type { Channel } from '../../src/netlink/operation.js'
import { adviceOf } from '../../src/netlink/request.js'
import { addTable } from '../../src/nftables/table.js'
import { adviseEncap, adviseGtp, adviseMaster } from '../../src/rtnetlink/link/advice.js'

const channel = { ifindex: () => 7, ifname: () => 'br0' } as unknown as Channel

describe('advice', () => {
  it('about a master is none where the kernel says what is the matter with the port', () => {
    expect(adviseMaster('EOPNOTSUPP', NO_EXTACK, 'br0', channel)).toMatch(/^'br0' takes no ports/)
    // br_add_if() of net/bridge/br_if.c, of wireless devices.
    const message = 'Device does not allow enslaving to a bridge'
    expect(adviseMaster('EOPNOTSUPP', { ...NO_EXTACK, message }, 'br0', channel)).toBeUndefined()
  })

  it('about an outer header names what the kernel lacks, over IPv4 and over IPv6', () => {
    const about = (kind: string, data: object, extack = NO_EXTACK) =>
      adviseEncap('EINVAL', extack, kind, data)
    expect(about('gretap', { encapType: 'gue' })).toMatch(
      /^perhaps the kernel has no encapType 'gue': modprobe fou,/,
    )
    expect(about('ip6tnl', { encapType: 'fou' })).toMatch(/^perhaps .* modprobe fou6,/)
    expect(about('ip6gre', { encapType: 'mpls' })).toMatch(/: of tunnels over IPv6 it has none$/)
    expect(about('gre', { encapType: 'none' })).toBeUndefined()
    expect(about('gre', {})).toBeUndefined()
    expect(about('gre', { encapType: 'fou' }, { ...NO_EXTACK, message: 'another thing' })).toBeUndefined()
  })

  it('about GPRS tunnels asks for sockets where none were given', () => {
    const about = (options: object, extack = NO_EXTACK) => adviseGtp('EINVAL', extack, options)
    expect(about({ role: 'sgsn', fd0: undefined })).toMatch(/^perhaps .* before Linux 5.18 .* fd0 or fd1$/)
    expect(about({ createSockets: false })).toBe('without createSockets it needs sockets: give fd0 or fd1')
    expect(about({ fd1: 5 })).toBeUndefined()
    expect(about({}, { ...NO_EXTACK, path: 'linkinfo.data.role' })).toBeUndefined()
    expect(adviseGtp('EEXIST', NO_EXTACK, {})).toBeUndefined()
  })

  it('about an answer that is too long is not about the request', () => {
    expect(advise(EMSGSIZE, '')).toMatch(/^the answer does not fit/)
  })

  it('about a table is its family first, and about flags where some were given', () => {
    const about = (given: object) =>
      adviceOf(addTable({ family: 'ip6', name: 'x', ...given }, 'add', false), 'EOPNOTSUPP', NO_EXTACK)
    const lacks = "this kernel may have no tables of family 'ip6' (CONFIG_NF_TABLES_IPV6)"
    expect(about({})).toBe(lacks)
    expect(about({ flags: ['dormant'] })).toMatch(`${lacks}, or: 'owner'`)
    expect(
      adviceOf(addTable({ family: 'ip6', name: 'x' }, 'add', false), 'EEXIST', NO_EXTACK),
    ).toBeUndefined()
  })
})
