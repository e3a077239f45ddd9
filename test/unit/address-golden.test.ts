import { describe, expect, it } from 'vitest'
import { NLM_F_REPLACE } from '../../src/netlink/constants.js'
import { request, withChannel } from '../../src/netlink/operation.js'
import { addAddress, deleteAddress, replaceAddress } from '../../src/rtnetlink/address/change.js'
import { listAddresses } from '../../src/rtnetlink/address/list.js'
import type { AddressOptions } from '../../src/rtnetlink/address/options.js'
import { newAddressRequest } from '../../src/rtnetlink/address/request.js'
import { loadGolden } from '../golden/golden.js'
import { expectGolden, type GoldenCase } from './golden-case.js'

const V4 = '192.0.2.1/24'
const V6 = '2001:db8::1/64'
const DAY = { validLifetime: 3600, preferredLifetime: 1800 }

function add(name: string, address: string, options: AddressOptions = {}, dev = 'eth0'): GoldenCase {
  return { name, operation: () => addAddress(dev, address, options) }
}

/** `ip address change` replaces without creating; no operation does that. */
function change(name: string, address: string, options: AddressOptions): GoldenCase {
  return {
    name,
    operation: () =>
      withChannel(undefined, (channel) =>
        request(channel, newAddressRequest(10, 'eth0', { address, ...options }, NLM_F_REPLACE)),
      ),
  }
}

const cases: GoldenCase[] = [
  add('address-v4', V4),
  add('address-v4-without-length', '192.0.2.1'),
  { name: 'address-v4-replace', operation: () => replaceAddress('eth0', V4) },
  change('address-v4-change', V4, { validLifetime: 600, preferredLifetime: 300 }),
  { name: 'address-v4-delete', operation: () => deleteAddress('eth0', V4) },
  {
    ...add('address-v4-broadcast', V4, { broadcast: '192.0.2.255' }),
    differs: {
      why: 'iproute2 puts a given broadcast address before IFA_ADDRESS, a computed one behind; ours is always behind',
      lines: ['- 4 (8) c00002ff', '+ 4 (8) c00002ff'],
    },
  },
  add('address-v4-broadcast-plus', V4, { broadcast: true }),
  add('address-v4-broadcast-minus', V4, { broadcast: '192.0.2.0' }),
  add('address-v4-label', V4, { label: 'eth0:1' }),
  add('address-v4-scope-link', V4, { scope: 'link' }),
  add('address-v4-scope-host', V4, { scope: 'host' }),
  add('address-v4-scope-number', V4, { scope: 200 }),
  add('address-v4-peer', '192.0.2.1', { peer: '192.0.2.2/32' }),
  add('address-v4-peer-without-length', '192.0.2.1', { peer: '192.0.2.2' }),
  add('address-v4-metric', V4, { metric: 500 }),
  add('address-v4-noprefixroute', V4, { flags: ['noprefixroute'] }),
  add('address-v4-lifetimes', V4, DAY),
  add('address-v4-lifetime-forever', V4, { validLifetime: 'forever', preferredLifetime: 1800 }),
  add('address-v4-loopback', '127.0.0.2/8', {}, 'lo'),
  add('address-v4-all', '192.0.2.1/25', {
    broadcast: true,
    label: 'eth0:lan',
    scope: 'global',
    metric: 50,
    flags: ['noprefixroute'],
    validLifetime: 60,
    preferredLifetime: 30,
  }),
  add('address-v6', V6),
  add('address-v6-without-length', '2001:db8::1'),
  { name: 'address-v6-replace', operation: () => replaceAddress('eth0', V6) },
  change('address-v6-change', V6, { preferredLifetime: 0 }),
  { name: 'address-v6-delete', operation: () => deleteAddress('eth0', V6) },
  add('address-v6-nodad', V6, { flags: ['nodad'] }),
  add('address-v6-noprefixroute', V6, { flags: ['noprefixroute'] }),
  add('address-v6-home', V6, { flags: ['home'] }),
  add('address-v6-mngtmpaddr', V6, { flags: ['mngtmpaddr'] }),
  add('address-v6-flags', V6, { flags: ['nodad', 'home', 'mngtmpaddr', 'noprefixroute'] }),
  add('address-v6-autojoin', 'ff05::5/128', { flags: ['autojoin'] }),
  add('address-v6-scope-link', 'fe80::1/64', { scope: 'link' }),
  add('address-v6-peer', '2001:db8::1', { peer: '2001:db8::2/128' }),
  add('address-v6-lifetimes', V6, DAY),
  add('address-v6-metric', V6, { metric: 500 }),
]

/** `ip address show` asks for the links first; the addresses are its second message. */
const dumps: GoldenCase[] = [
  { name: 'dump-address', message: 1, operation: () => listAddresses() },
  { name: 'dump-address-v4', message: 1, operation: () => listAddresses({ family: 'ipv4' }) },
  { name: 'dump-address-v6', message: 1, operation: () => listAddresses({ family: 'ipv6' }) },
  { name: 'dump-address-dev', message: 1, operation: () => listAddresses({ dev: 'eth0' }) },
  {
    name: 'dump-address-dev-v4',
    message: 1,
    operation: () => listAddresses({ dev: 'eth0', family: 'ipv4' }),
  },
  { name: 'dump-address-scope', message: 1, operation: () => listAddresses({ scope: 'global' }) },
]

describe('address requests', () => {
  it.each(cases)('$name', (it) => {
    expectGolden('address', it)
  })

  it.each(dumps)('$name', (it) => {
    expectGolden('dump', it)
  })

  it('leave out the flags that the kernel keeps by itself', () => {
    const flags = [
      ...(['secondary', 'temporary', 'dadfailed', 'deprecated', 'tentative', 'permanent'] as const),
      ...(['stable-privacy', 'nodad'] as const),
    ]
    expectGolden('address', add('address-v6-nodad', V6, { flags }))
  })

  it('cover every fixture', () => {
    expect(cases.map(({ name }) => name)).toEqual(loadGolden('address').map(({ name }) => name))
  })
})
