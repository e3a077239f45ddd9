import { describe, expect, it } from 'vitest'
import { show } from '../../src/codec/fault.js'
import { SystemError } from '../../src/netlink/errors.js'
import { namedPath } from '../../src/netlink/netns-name.js'
import type { Operation } from '../../src/netlink/operation.js'
import { mountsOn } from '../../src/netns/delete.js'
import * as netns from '../../src/netns/operations.js'
import { setSysctl, sysctlPath } from '../../src/netns/sysctl.js'
import { moveLink } from '../../src/rtnetlink/link/move.js'
import { getNsid, setNsid } from '../../src/rtnetlink/nsid/operations.js'

/** Bad input is found before the first effect. */
function begin(operation: Operation<unknown>): void {
  const { value } = operation.next()
  throw new Error(`asked for ${JSON.stringify(value)}`)
}

describe('names of namespaces', () => {
  it.each(['', '.', '..', 'a/b', '/run', 'a\0b'])('refuses %j', (name) => {
    expect(() => namedPath(name)).toThrow(RangeError)
    for (const operation of [netns.createNetns(name), netns.deleteNetns(name)]) {
      expect(() => begin(operation)).toThrow(`name: ${show(name)} is not the name of a namespace`)
    }
  })

  it('tells a path how it is written', () => {
    expect(() => namedPath('/run/netns/red')).toThrow("(no '/', NUL, '.' or '..'; a path is { path })")
  })

  it('counts bytes: 255 fit, 256 do not', () => {
    expect(namedPath('x'.repeat(255))).toBe(`/run/netns/${'x'.repeat(255)}`)
    expect(() => namedPath('ä'.repeat(128))).toThrow('has 256 bytes; a name has at most 255')
  })

  it('wants text', () => {
    expect(() => namedPath(7 as never)).toThrow(new TypeError('netns: 7 is not a string'))
    expect(() => begin(netns.createNetns({ loopback: true } as never))).toThrow(
      new TypeError('name: { loopback } is not a string'),
    )
  })
})

describe('keys of kernel parameters', () => {
  it.each([
    ['net.ipv4.ip_forward', 'net/ipv4/ip_forward'],
    ['net/ipv4/ip_forward', 'net/ipv4/ip_forward'],
    ['net.ipv4.conf.eth0/100.forwarding', 'net/ipv4/conf/eth0.100/forwarding'],
    ['net/ipv4/conf/eth0.100/forwarding', 'net/ipv4/conf/eth0.100/forwarding'],
    ['kernel', 'kernel'],
  ])('%s is the file %s', (key, file) => {
    expect(sysctlPath(key)).toBe(`/proc/sys/${file}`)
  })

  it.each([
    '',
    '.',
    '..',
    'net..ipv4',
    '/net/ipv4',
    'net/../../etc/passwd',
    'net.//.x',
    'net.ipv4.',
    'net.a\0b',
  ])('refuses %j', (key) => {
    expect(() => sysctlPath(key)).toThrow(RangeError)
    expect(() => sysctlPath(key)).toThrow(`key: ${show(key)} is not the name of a parameter`)
  })
})

describe('what is refused before anything is asked', () => {
  it.each([
    ['value: NaN is neither', TypeError, () => setSysctl('net.ipv4.ip_forward', Number.NaN)],
    ['value: 1.5 is neither', TypeError, () => setSysctl('net.ipv4.ip_forward', 1.5)],
    ['value: true is neither', TypeError, () => setSysctl('net.ipv4.ip_forward', true as never)],
    ["value: '1\\n2' contains a newline", RangeError, () => setSysctl('net.ipv4.ip_forward', '1\n2')],
    ['id: -1 is not', RangeError, () => setNsid('red', -1)],
    ['id: 2147483648 is not', RangeError, () => setNsid('red', 2 ** 31)],
    ["id: '7' is not", TypeError, () => setNsid('red', '7' as never)],
    ['netns: undefined is not a name, a handle', TypeError, () => setNsid(undefined as never, 1)],
    ['netns: undefined is not a name, a handle', TypeError, () => getNsid(undefined as never)],
    [
      'netns: undefined is not a name, a handle',
      TypeError,
      () => netns.openSocketInNetns(undefined as never),
    ],
    ['target: undefined is not a name, a handle', TypeError, () => moveLink('eth0', undefined as never)],
    [
      'netns: a promise (is an await missing?) is not a name, a handle',
      TypeError,
      () => getNsid(Promise.resolve('red') as never),
    ],
    ['netns: undefined is not a name', TypeError, () => netns.listNetnsPids(undefined as never)],
    [
      "listNetnsPids: unknown option 'netns'",
      TypeError,
      () => netns.listNetnsPids('red', { netns: 'a' } as never),
    ],
    ['pid: 0 is not a process id', RangeError, () => netns.identifyNetns(0)],
    [
      "type: 'tcp' is not one of stream",
      RangeError,
      () => netns.openSocketInNetns('red', { type: 'tcp' as never }),
    ],
    ["family: 'ipx' is not", RangeError, () => netns.openSocketInNetns('red', { family: 'ipx' as never })],
    ['port: 65536 is not a port', RangeError, () => netns.openSocketInNetns('red', { port: 65536 })],
    [
      "address: '::1' is not an IPv4 address",
      RangeError,
      () => netns.openSocketInNetns('red', { family: 'ipv4', address: '::1' }),
    ],
    ['only a socket of', RangeError, () => netns.openSocketInNetns('red', { family: 17, port: 1 })],
    ["createNetns: unknown option 'lo'", TypeError, () => netns.createNetns('red', { lo: true } as never)],
    ['loopback: 1 is not true or false', TypeError, () => netns.createNetns('red', { loopback: 1 } as never)],
    ["listNetns: unknown option 'netns'", TypeError, () => netns.listNetns({ netns: 'red' } as never)],
  ] as const)('%s', (message, type, operation) => {
    expect(() => begin(operation())).toThrow(type)
    expect(() => begin(operation())).toThrow(message)
  })
})

describe('a socket that is not opened', () => {
  const NETNS = { fd: 3, name: 'red', label: "namespace 'red'", retain() {}, release() {}, close() {} }

  /** What comes of a system call that fails. */
  function failing(syscall: string, advice: string): unknown {
    const opening = netns.openSocketInNetns('red')
    expect(opening.next().value).toMatchObject({ kind: 'netns' })
    expect(opening.next(NETNS).value).toMatchObject({ kind: 'primitive', name: 'openSocket' })
    try {
      return opening.throw(new SystemError({ errno: 1, syscall, advice }))
    } catch (error) {
      return (error as SystemError).advice
    }
  }

  it('has advice of its own, but where the namespace could not be entered', () => {
    expect(failing('setns', 'needs CAP_SYS_ADMIN')).toBe('needs CAP_SYS_ADMIN')
    expect(failing('socket', 'something')).toContain('a raw socket needs CAP_NET_RAW')
  })
})

describe('mounts on a path', () => {
  const mountinfo = [
    '22 1 0:21 / /proc rw,nosuid shared:5 - proc proc rw',
    '40 29 0:4 net:[4026532001] /run/netns/red rw shared:19 - nsfs nsfs rw',
    '41 30 0:4 net:[4026532001] /run/netns/red rw shared:19 - nsfs nsfs rw',
    '42 30 0:4 net:[4026532002] /run/netns/red\\040and\\134blue rw - nsfs nsfs rw',
    '',
  ].join('\n')

  it('are told by their ids', () => {
    expect(mountsOn('/run/netns/red', mountinfo)).toEqual(['mount 40', 'mount 41'])
    expect(mountsOn('/run/netns/red and\\blue', mountinfo)).toEqual(['mount 42'])
    expect(mountsOn('/run/netns', mountinfo)).toEqual([])
  })
})
