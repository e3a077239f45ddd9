/** What setLink() refuses before anything is sent, and what it takes. */

import { describe, expect, it } from 'vitest'
import { decodeAttributes } from '../../src/codec/index.js'
import type { ByName } from '../../src/rtnetlink/link/arrays.js'
import { createLink } from '../../src/rtnetlink/link/create.js'
import { setLink } from '../../src/rtnetlink/link/set.js'
import { setLinkGroup } from '../../src/rtnetlink/link/set-group.js'
import { ifinfomsg, linkAttributes } from '../../src/rtnetlink/link/table.js'
import {
  type Bad,
  BOOLEANS,
  cases,
  DEVS,
  expectRefused,
  type Loose,
  NEW_NAMES,
  OPTIONS,
  range,
  type,
} from './link-bad-values.js'
import { sentBy } from './sent-by.js'

const SETTINGS: Record<string, Bad[]> = {
  ...OPTIONS,
  name: NEW_NAMES,
  master: DEVS.filter(({ value }) => value !== null),
  alias: [type(5), type(true), range('x'.repeat(256), 'has 256 bytes'), range('a\0', "'a\\u0000'")],
  carrier: BOOLEANS,
  protoDown: BOOLEANS,
  addAltNames: [type('one', "'one'")],
  removeAltNames: [type(null)],
  vfs: [type({}, '{}')],
  kind: [type('no-such-kind', "'no-such-kind'"), type(5)],
}

describe('setLink refuses, before anything is sent,', () => {
  it.each(cases(SETTINGS))('$field: $value', ({ field, value, ...bad }) => {
    expectRefused(() => setLink('a', { [field]: value } as Loose), field, bad)
  })
  it.each(DEVS)('dev: $value', ({ value, ...bad }) => {
    expectRefused(() => setLink(value as Loose, { up: true }), 'dev', bad)
  })
  it.each([
    { options: null, field: 'null', error: TypeError },
    { options: undefined, field: 'undefined', error: TypeError },
    { options: { mut: 1500 }, field: "'mut'", error: TypeError },
    { options: { rawKind: 'ppp', data: null }, field: 'data', error: TypeError },
    { options: { stp: true }, field: "'stp'", error: TypeError },
    { options: { kind: 'bridge', rootPort: 5 }, field: "'rootPort'", error: TypeError },
    { options: { kind: 'bridge', link: 'eth0' }, field: "'link'", error: TypeError },
    { options: { kind: 'bridge', priority: -1 }, field: 'priority', error: RangeError },
    { options: { addAltNames: ['fine', 'a b'] }, field: 'addAltNames[1]', error: RangeError },
    { options: { removeAltNames: ['x'.repeat(128)] }, field: 'removeAltNames[0]', error: RangeError },
    { options: { protoDownReason: 5 }, field: 'protoDownReason', error: TypeError },
    { options: { protoDownReason: { value: -1 } }, field: 'protoDownReason.value', error: RangeError },
    { options: { port: { cost: 1 } }, field: 'port', error: RangeError },
    { options: { port: 'bridge' }, field: 'port', error: RangeError },
    { options: { port: { kind: 'bridge' }, master: null }, field: 'port', error: RangeError },
    { options: { port: { kind: 'bridge', costs: 1 } }, field: "'costs'", error: TypeError },
    { options: { port: { kind: 'bridge', cost: 2 ** 32 } }, field: 'cost', error: RangeError },
    { options: { port: { kind: 'bridge', state: 'open' } }, field: 'state', error: RangeError },
    { options: { port: { kind: 'bridge', backupPort: 0 } }, field: 'backupPort', error: RangeError },
    { options: { afSpec: { ipv4: {} } }, field: "'ipv4'", error: TypeError },
    { options: { afSpec: { inet: { config: {} } } }, field: "'config'", error: TypeError },
    { options: { afSpec: { inet: { conf: { no_such: 1 } } } }, field: 'inet.conf', error: RangeError },
    { options: { afSpec: { inet: { conf: { rp_filter: '2' } } } }, field: 'inet.conf', error: TypeError },
    { options: { afSpec: { inet6: { token: '192.0.2.1' } } }, field: 'inet6.token', error: RangeError },
    { options: { xdp: { fd: -1 } }, field: 'xdp.fd', error: RangeError },
    { options: { xdp: { fd: 3, flags: ['fast'] } }, field: 'xdp.flags', error: RangeError },
    { options: { xdp: { pinned: '' } }, field: 'xdp.pinned', error: TypeError },
    { options: { xdp: { pinned: '/a\0b' } }, field: 'xdp.pinned', error: TypeError },
    { options: { xdp: { pinned: '/a', fd: 3 } }, field: 'xdp.pinned: not with xdp.fd', error: TypeError },
    { options: { xdp: { descriptor: 3 } }, field: "'descriptor'", error: TypeError },
    { options: { vfs: [{ vf: -1 }] }, field: 'vfs[0].vf', error: RangeError },
    { options: { vfs: [{ vf: 0, vlan: 4095 }] }, field: 'vfs[0].vlan', error: RangeError },
    { options: { vfs: [{ vf: 0, nodeGuid: 5 }] }, field: 'vfs[0].nodeGuid', error: TypeError },
    { options: { vfs: [{ vf: 0, portGuid: 1n << 64n }] }, field: 'vfs[0].portGuid', error: RangeError },
    {
      options: { vfs: [{ vf: 0, minTxRate: 3, maxTxRate: 2 }] },
      field: 'vfs[0].minTxRate',
      error: RangeError,
    },
    { options: { vfs: [{ vf: 0, qos: 3 }] }, field: 'vfs[0].qos', error: TypeError },
    { options: { vfs: [{ vf: 0, trust: 1 }] }, field: 'vfs[0].trust', error: TypeError },
    { options: { vfs: [{ vf: 0, linkState: 'on' }] }, field: 'vfs[0].linkState', error: RangeError },
    { options: { vfs: [{ vf: 0, mac: '01:00:00:00:00:00' }] }, field: 'vfs[0].mac', error: RangeError },
  ])('$options', ({ options, field, error }) => {
    expectRefused(() => setLink('a', options as Loose), field, { error, shows: '' })
  })
})

describe('setLink takes', () => {
  it.each([
    ['of a tunnel over IPv4', 'c0:00:02:01'],
    ['of FireWire', '02:00:00:00:00:00:00:01'],
    ['of a tunnel over IPv6', '20:01:0d:b8:00:00:00:00:00:00:00:00:00:00:00:01'],
    [
      'of InfiniBand, which is no multicast one',
      '01:00:02:08:fe:80:00:00:00:00:00:00:00:02:c9:03:00:31:78:91',
    ],
  ])('a link-layer address %s', (_, mac) => {
    const [, message] = sentBy(setLink(5, { mac }), [[{ mac }]])
    const { address } = decodeAttributes(linkAttributes, message!, 16 + ifinfomsg.size, message!.length)
    expect(address).toBe(mac)
    expect(() => sentBy(setLink(5, { broadcast: mac }), [[{ mac: '02:00:00:00:00:01' }]])).toThrow(RangeError)
    expect(() => createLink({ name: 'a', kind: 'dummy', mac } as Loose).next()).toThrow(RangeError)
    expect(() => setLinkGroup(5, { mac }).next()).toThrow(RangeError)
    expect(() => setLink(5, { vfs: [{ vf: 0, mac }] }).next()).toThrow(RangeError)
  })

  it('an address of zeros, of which the driver has to say whether it takes it', () => {
    const zeros = '00:00:00:00:00:00'
    expect(sentBy(setLink(5, { mac: zeros }), [[]])).toHaveLength(1)
    // It takes back what was given to a virtual function.
    expect(sentBy(setLink(5, { vfs: [{ vf: 0, mac: zeros }] }), [[]])).toHaveLength(1)
  })

  it('no link-layer address that is not as long as the one that is there', () => {
    const set = (options: object, mac: string | null) => () => sentBy(setLink(5, options), [[{ mac }]])
    expect(set({ mac: '02:00:00:00:00:01:02:03' }, '02:00:00:00:00:01')).toThrow(
      new RangeError("mac: '02:00:00:00:00:01:02:03' has 8 bytes, the addresses of this interface have 6"),
    )
    expect(set({ broadcast: 'ff:ff:ff:ff:ff:ff' }, 'c0:00:02:01')).toThrow(
      new RangeError("broadcast: 'ff:ff:ff:ff:ff:ff' has 6 bytes, the addresses of this interface have 4"),
    )
    expect(set({ broadcast: 'ff:ff:ff:ff:ff:ff' }, null)).toThrow(RangeError)
  })

  it('a rate of a virtual function that fits the other one, which it has', () => {
    const set = (rates: object, there: object) =>
      sentBy(setLink(5, { vfs: [{ vf: 0 }, { vf: 1, ...rates }] }), [[{ vfs: [{ vf: 1, ...there }] }], []])
    expect(() => set({ minTxRate: 3 }, { minTxRate: 1, maxTxRate: 2 })).toThrow(
      new RangeError('vfs[1].minTxRate: 3 is more than maxTxRate, 2'),
    )
    expect(() => set({ maxTxRate: 2 }, { minTxRate: 3, maxTxRate: 0 })).toThrow(RangeError)
    // No limit.
    expect(set({ minTxRate: 3 }, { minTxRate: 0, maxTxRate: 0 })).toHaveLength(2)
    expect(set({ minTxRate: 3 }, {})).toHaveLength(2)
  })

  it('settings of IPv4 as a set that says so, without what only the kernel sets', () => {
    const settings = (conf: ByName<'forwarding' | 'mc_forwarding' | 'arp_ignore'>) => {
      const [sent] = sentBy(setLink(5, { afSpec: { inet: { conf } } }))
      return Buffer.from(sent!.subarray(32)).toString('hex')
    }
    // IFLA_AF_SPEC { AF_INET { IFLA_INET_CONF | NLA_F_NESTED { FORWARDING 1, ARP_IGNORE 2 } } }
    const whole = `1c001a00${`18000200${`14000180${'0800010001000000'}${'0800130002000000'}`}`}`
    expect(settings({ forwarding: 1, arp_ignore: 2 })).toBe(whole)
    expect(settings({ forwarding: 1, mc_forwarding: 1, arp_ignore: 2 })).toBe(whole)
    expect(settings({ 0: 1, 1: 1, 18: 2 })).toBe(whole)
  })
})
