/** What is said besides where the kernel gives a number, and nothing where it has words of its own. */

import { describe, expect, it } from 'vitest'
import { advise } from '../../src/netlink/advice.js'
import { EMSGSIZE } from '../../src/netlink/errno.js'
import { NO_EXTACK } from '../../src/netlink/errors.js'
import type { Extack } from '../../src/netlink/extack.js'
import type { Channel, Operation } from '../../src/netlink/operation.js'
import { adviceOf, type Request } from '../../src/netlink/request.js'
import { addTable } from '../../src/nftables/table.js'
import { addMdbEntry } from '../../src/rtnetlink/bridge/mdb/change.js'
import { setBridgeMst } from '../../src/rtnetlink/bridge/mst.js'
import { setBridgeVlan, setGlobalBridgeVlan } from '../../src/rtnetlink/bridge/vlan/options.js'
import { adviseEncap, adviseGenMode, adviseMaster, adviseRaised } from '../../src/rtnetlink/link/advice.js'
import { adviseBridgePort, adviseKind } from '../../src/rtnetlink/link/kind-advice.js'
import { findKind } from '../../src/rtnetlink/link/kinds/index.js'
import { getNexthopBucket } from '../../src/rtnetlink/nexthop/bucket.js'
import { addNexthop, getNexthop } from '../../src/rtnetlink/nexthop/operations.js'
import { addRoute, getRoute } from '../../src/rtnetlink/route/operations.js'

const channel = { ifindex: () => 7, ifname: () => 'br0' } as unknown as Channel

/** The first request of an operation. */
function requestOf(operation: Operation<unknown>): Request {
  operation.next() // asks for a channel
  const { value } = operation.next(channel)
  const effect = value as { build(channel: Channel): Request } | { requests: readonly Request[] }
  return 'build' in effect ? effect.build(channel) : effect.requests[0]!
}

describe('advice', () => {
  it('about a master is none where the kernel says what is the matter with the port', () => {
    expect(adviseMaster('EOPNOTSUPP', NO_EXTACK, 'br0', channel)).toMatch(/^'br0' takes no ports/)
    expect(adviseMaster('EXFULL', NO_EXTACK, 7, channel)).toMatch(/^interface 7 has 1023 ports/)
    // br_add_if() of net/bridge/br_if.c, of wireless devices.
    const message = 'Device does not allow enslaving to a bridge'
    expect(adviseMaster('EOPNOTSUPP', { ...NO_EXTACK, message }, 'br0', channel)).toBeUndefined()
  })

  it('about a port that comes up too early says who brings it up', () => {
    const messages = [
      ['EPERM', 'Device can not be enslaved while up'],
      ['EBUSY', 'Device is up. Set it down before adding it as a team port'],
    ] as const
    for (const [code, message] of messages) {
      const about = (options: object) => adviseRaised(code, { ...NO_EXTACK, message }, options)
      expect(about({ master: 'bond0', up: true })).toMatch(/^up: .* brings it up itself: leave it out/)
      for (const options of [
        { master: 'bond0' },
        { up: true },
        { master: null, up: true },
        { master: 7, up: false },
      ])
        expect(about(options)).toBeUndefined()
    }
    expect(adviseRaised('EPERM', NO_EXTACK, { master: 'bond0', up: true })).toBeUndefined()
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

  it('about how IPv6 makes addresses asks for the secret', () => {
    const about = (addrGenMode: number | 'none' | 'stable_secret', extack = NO_EXTACK) =>
      adviseGenMode('EINVAL', extack, { addrGenMode }, 'eth0')
    expect(about('stable_secret')).toContain('net.ipv6.conf.eth0.stable_secret')
    expect(about(2)).toBe(about('stable_secret'))
    expect(about(9)).toBe('addrGenMode: 9 has no name here, and may be unknown to the kernel too')
    expect(about('none')).toBeUndefined()
    expect(about('stable_secret', { ...NO_EXTACK, message: 'another thing' })).toBeUndefined()
    expect(adviseGenMode('EPERM', NO_EXTACK, { addrGenMode: 'stable_secret' }, null)).toBeUndefined()
  })

  it('about programs of a route names those that were refused', () => {
    const program = { fd: 9999, name: 'count' }
    const about = (code: string, encap: object, extack = NO_EXTACK) => {
      const leads = { dev: 7, encap: { type: 'bpf', ...encap } } as const
      const ofRoute = requestOf(addRoute({ to: '10.0.0.0/8', ...leads }))
      const ofNexthop = requestOf(addNexthop({ id: 1, family: 'ipv4', ...leads }))
      const advice = adviceOf(ofRoute, code, extack)
      expect(adviceOf(ofNexthop, code, extack)).toBe(advice)
      return advice
    }
    expect(about('EINVAL', {})).toBe("encap: one of type 'bpf' needs a program: in, out or xmit")
    expect(about('EINVAL', { in: program })).toBe(
      'perhaps encap.in.fd: 9999 is no descriptor of a program of type LWT_IN',
    )
    expect(about('EBADF', { out: program, xmit: { fd: 3, name: 'a' } })).toMatch(
      /^perhaps encap\.out\.fd: 9999 .* LWT_OUT; perhaps encap\.xmit\.fd: 3 .* LWT_XMIT$/,
    )
    expect(about('EINVAL', { xmit: { name: 'count' } })).toBe(
      'encap.xmit: it needs the fd of a program, and a name',
    )
    expect(about('ERANGE', { in: program, xmitHeadroom: 257 })).toBe('encap.xmitHeadroom: 257 is above 256')
    expect(about('EINVAL', {}, { ...NO_EXTACK, message: 'another thing' })).toBeUndefined()
  })

  it('about GPRS tunnels asks for sockets where none were given', () => {
    const about = (options: object, extack = NO_EXTACK) =>
      adviseKind('EINVAL', extack, findKind('gtp'), options)
    expect(about({ role: 'sgsn', fd0: undefined })).toMatch(/^perhaps .* before Linux 5.18 .* fd0 or fd1$/)
    expect(about({ createSockets: false })).toBe('without createSockets it needs sockets: give fd0 or fd1')
    expect(about({ fd1: 5 })).toBe('fd1: it has to be a socket of UDP')
    expect(about({}, { ...NO_EXTACK, path: 'linkinfo.data.role' })).toBeUndefined()
    expect(adviseKind('EEXIST', NO_EXTACK, findKind('gtp'), {})).toBeUndefined()
  })

  it.each([
    ['batadv', 'make', { algoName: 'NOPE' }, 'EINVAL', /^algoName: perhaps/],
    ['bridge', 'make', { mcastRouter: 'temp' }, 'EINVAL', /^mcastRouter: a bridge takes 'disabled', /],
    ['bridge', 'change', { vlanDefaultPvid: 4095 }, 'EINVAL', /^vlanDefaultPvid: .* 0 to 4094$/],
    ['bridge', 'make', { vlanProtocol: 5 }, 'EPROTONOSUPPORT', /^vlanProtocol: 5 has no name here/],
    ['bridge', 'make', { helloTime: 11, ageingTime: 5 }, 'ERANGE', /^helloTime: .* 1 to 10 seconds$/],
    ['bridge', 'change', { maxAge: 5 }, 'ERANGE', /^maxAge: .* 6 to 40 seconds$/],
    ['bridge', 'change', { forwardDelay: 1 }, 'ERANGE', /^forwardDelay: .* 2 to 30 seconds/],
    ['gre', 'change', { remote: '0.0.0.0' }, 'EINVAL', /^remote: whether there is none/],
    ['ipip', 'change', { remote: '0.0.0.0' }, 'EINVAL', /^remote: whether there is none/],
    ['sit', 'change', { remote: '0.0.0.0' }, 'EINVAL', /^remote: whether there is one/],
    ['vti', 'change', { remote: '239.1.1.1' }, 'EINVAL', /^remote: whether there is none/],
    ['gtp', 'make', { fd0: 9999 }, 'EBADF', /^fd0: it is no open descriptor$/],
    ['gtp', 'make', { fd1: 0 }, 'ENOTSOCK', /^fd1: it is no socket$/],
    ['gtp', 'make', { fd0: 5 }, 'EBUSY', /^fd0: the socket is in use already$/],
    ['ipvlan', 'make', { link: 'lo' }, 'EINVAL', /^link: perhaps it is lo/],
    ['ip6tnl', 'make', { proto: 137 }, 'EINVAL', /^proto: 137 has no name here/],
    ['macsec', 'make', { icvLen: 9 }, 'EINVAL', /^icvLen: AES-GCM has 8, or 12 to 16/],
    ['macvlan', 'make', { mode: 99 }, 'EINVAL', /^mode: 99 has no name here/],
    ['macvlan', 'make', { flags: ['nodst', 0x80] }, 'EINVAL', /^flags: \['nodst', 128\] has no name here/],
    ['macvlan', 'change', { mode: 'passthru' }, 'EINVAL', /^mode: 'passthru' is for good/],
    [
      'macvlan',
      'change',
      { macaddrMode: 'flush' },
      'EINVAL',
      /^macaddrMode: only a macvlan in mode 'source'/,
    ],
  ] as const)('about %s, to %s, with %j', (kind, act, options, code, advice) => {
    const about = (given: string, extack = NO_EXTACK) =>
      adviseKind(given, extack, findKind(kind), options, act)
    expect(about(code)).toMatch(advice)
    expect(about('ENODEV')).toBeUndefined()
    expect(about(code, { ...NO_EXTACK, message: 'words of its own' })).toBeUndefined()
  })

  it.each([
    [{ state: 5 }, /^state: 5 has no name here/],
    [{ mcastRouter: 4 }, /^mcastRouter: 4 has no name here/],
    [{ groupFwdMask: 2 }, /^groupFwdMask: .* MAC pause$/],
    [{ mcastEhtHostsLimit: 0 }, /^mcastEhtHostsLimit: a port takes 1 and more$/],
  ])('about a port of a bridge with %j', (options, advice) => {
    expect(adviseBridgePort('EINVAL', NO_EXTACK, options)).toMatch(advice)
    expect(adviseBridgePort('EINVAL', { ...NO_EXTACK, message: 'words' }, options)).toBeUndefined()
  })

  it('about VLANs and spanning trees of a bridge says what stands in their way', () => {
    const aboutBridge = (code: string, extack: Extack, options: object) =>
      adviseKind(code, extack, findKind('bridge'), options)
    const trees = { multiBoolopt: { mst_enable: true } }
    // br_mst_set_enabled()
    const busy = { ...NO_EXTACK, message: "MST mode can't be changed while VLANs exist" }
    expect(aboutBridge('EBUSY', busy, trees)).toMatch(/^multiBoolopt\.mst_enable: .* vlanDefaultPvid 0 /)
    expect(aboutBridge('EBUSY', busy, { multiBoolopt: { no_ll_learn: true } })).toBeUndefined()
    expect(aboutBridge('EBUSY', NO_EXTACK, trees)).toBeUndefined()
    expect(aboutBridge('EOPNOTSUPP', NO_EXTACK, trees)).toMatch(
      /^multiBoolopt\.mst_enable: .*CONFIG_BRIDGE_VLAN_/,
    )
    // br_vlan_filter_toggle()
    expect(aboutBridge('EOPNOTSUPP', NO_EXTACK, { vlanFiltering: false })).toMatch(
      /^vlanFiltering: .*CONFIG_BRIDGE_VLAN_.*, or it is no bridge$/,
    )
    expect(aboutBridge('EOPNOTSUPP', NO_EXTACK, { ...trees, vlanFiltering: true })).toMatch(
      /^vlanFiltering, multiBoolopt\.mst_enable: /,
    )
    expect(aboutBridge('EOPNOTSUPP', NO_EXTACK, { ageingTime: 5 })).toBeUndefined()
    const set = requestOf(setBridgeMst('p1', { msti: 7, state: 'blocking' }))
    expect(adviceOf(set, 'EBUSY', NO_EXTACK)).toMatch(/multiBoolopt: { mst_enable: true }/)
    // The common tree is the port's own state.
    const common = requestOf(setBridgeMst('p1', { msti: 0, state: 'blocking' }))
    expect(adviceOf(common, 'EBUSY', NO_EXTACK)).toBe('state: the bridge runs the spanning tree protocol')
    expect(adviceOf(common, 'ENETDOWN', NO_EXTACK)).toMatch(/^state: the port is down/)
    expect(adviceOf(common, 'EOPNOTSUPP', NO_EXTACK)).toBe('it is no port of a bridge')
  })

  it('about a multicast entry says what is newer than the kernel', () => {
    const asked = requestOf(addMdbEntry({ dev: 'br0', port: 'p1', group: '239.1.1.1' }))
    const about = (code: string, path: string | null) => adviceOf(asked, code, { ...NO_EXTACK, path })
    expect(about('EINVAL', 'attrs.srcList')).toBe('sources need Linux 6.2')
    expect(about('EINVAL', 'attrs.groupMode')).toBe('filterMode needs Linux 6.2')
    expect(about('EINVAL', 'attrs.rtprot')).toBe('protocol needs Linux 6.2')
    expect(about('EINVAL', null)).toBeUndefined()
    expect(about('EEXIST', null)).toMatch(/replaceMdbEntry\(\) changes it$/)
  })

  it('about VLANs of a bridge says what is newer than the kernel', () => {
    const port = requestOf(setBridgeVlan('p1', { vid: 1, mcastRouter: 'disabled' }))
    const ofPort = (path: string) => adviceOf(port, 'EINVAL', { ...NO_EXTACK, path })
    expect(ofPort('entry[0].mcastRouter')).toBe('mcastRouter needs Linux 5.15')
    expect(ofPort('entry[0].mcastMaxGroups')).toBe('mcastMaxGroups needs Linux 6.3')
    expect(ofPort('entry[0].neighSuppress')).toBe('neighSuppress needs Linux 6.4')
    expect(ofPort('entry[0].neighForwardGrat')).toBe('neighForwardGrat needs Linux 7.2')
    expect(ofPort('entry[0].state')).toBeUndefined()
    expect(adviceOf(port, 'EINVAL', NO_EXTACK)).toBeUndefined()
    expect(adviceOf(port, 'EOPNOTSUPP', NO_EXTACK)).toMatch(/^the kernel has no bridge VLAN filtering/)

    const whole = requestOf(setGlobalBridgeVlan('br0', { vid: 1, msti: 7 }))
    const ofBridge = (path: string) => adviceOf(whole, 'EINVAL', { ...NO_EXTACK, path })
    expect(ofBridge('globalOptions[0]')).toBe('options of VLANs on all ports need Linux 5.15')
    expect(ofBridge('globalOptions[0].msti')).toBe('msti needs Linux 5.18')
    expect(adviceOf(whole, 'EINVAL', NO_EXTACK)).toBeUndefined()
    for (const options of [{ mcastIgmpVersion: 1 }, { mcastMldVersion: 3 }])
      expect(
        adviceOf(requestOf(setGlobalBridgeVlan('br0', { vid: 1, ...options })), 'EINVAL', NO_EXTACK),
      ).toBe(options.mcastMldVersion ? 'mcastMldVersion: 1 or 2' : 'mcastIgmpVersion: 2 or 3')
  })

  it('about resilient groups says which Linux has them', () => {
    const group = requestOf(addNexthop({ id: 1, group: [{ id: 2 }], resilient: { buckets: 4 } }))
    const needs = 'resilient groups need Linux 5.13'
    expect(adviceOf(group, 'EINVAL', { ...NO_EXTACK, path: 'resGroup' })).toBe(needs)
    const bucket = requestOf(getNexthopBucket(1, 0))
    expect(adviceOf(bucket, 'EOPNOTSUPP', NO_EXTACK)).toBe(needs)
    expect(adviceOf(bucket, 'ENOENT', NO_EXTACK)).toBe('there is no nexthop of this id')
    expect(adviceOf(bucket, 'EINVAL', NO_EXTACK)).toBeUndefined()
  })

  it('about statistics of nexthops is for who asked for them, where the kernel says nothing', () => {
    const about = (statistics: boolean) =>
      adviceOf(requestOf(getNexthop(1, { statistics })), 'EINVAL', NO_EXTACK)
    expect(about(true)).toBe('statistics need Linux 6.9')
    expect(about(false)).toBeUndefined()
  })

  it('about a route that is looked up knows the two numbers of a source that is filtered out', () => {
    const asked = requestOf(getRoute('192.0.2.254', { from: '198.51.100.9', iif: 'eth0' }))
    for (const code of ['EXDEV', 'EINVAL'])
      expect(adviceOf(asked, code, NO_EXTACK)).toContain('net.ipv4.conf.NAME.rp_filter is 1')
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
