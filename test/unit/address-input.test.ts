/** What the address operations refuse before anything is sent. */

import { describe, expect, it } from 'vitest'
import type { Operation } from '../../src/netlink/operation.js'
import { addAddress, deleteAddress, replaceAddress } from '../../src/rtnetlink/address/change.js'
import { flushAddresses, listAddresses } from '../../src/rtnetlink/address/list.js'
import { checkAddressInput } from '../../src/rtnetlink/address/options.js'
import { sentBy } from './sent-by.js'

/** Input as it comes from JavaScript, where nothing checks types. */
// biome-ignore lint/suspicious/noExplicitAny: wrong types are what is tested
const any = (value: unknown): any => value

const add = (address: unknown, options: unknown = {}) => addAddress('eth0', any(address), any(options))

interface Bad {
  operation: () => Operation<unknown>
  error: typeof RangeError | typeof TypeError
  says: string
}

const bad: Bad[] = [
  { operation: () => add('10.0.0.256/24'), error: RangeError, says: "address: '10.0.0.256/24'" },
  { operation: () => add('10.0.0.1/33'), error: RangeError, says: 'from 0 to 32' },
  { operation: () => add('fe80::1/129'), error: RangeError, says: 'from 0 to 128' },
  { operation: () => add('10.0.0.1/'), error: RangeError, says: "address: '10.0.0.1/'" },
  { operation: () => add('eth0'), error: RangeError, says: "address: 'eth0'" },
  { operation: () => add(''), error: RangeError, says: "address: ''" },
  { operation: () => add(5), error: TypeError, says: 'address: 5' },
  { operation: () => add(null), error: TypeError, says: 'address: null' },
  { operation: () => add({ address: 5 }), error: TypeError, says: 'address.address: 5' },
  {
    operation: () => add({ address: '10.0.0.1', label: 7 }),
    error: TypeError,
    says: 'address.label: 7 is not a string',
  },
  {
    operation: () => add({ address: '10.0.0.1', broadcost: true }),
    error: TypeError,
    says: "address: unknown option 'broadcost'",
  },
  {
    operation: () => add('10.0.0.1/24', { brd: true }),
    error: TypeError,
    says: "addAddress: unknown option 'brd'",
  },
  {
    operation: () => add('10.0.0.1/24', { dev: 'eth1' }),
    error: TypeError,
    says: "addAddress: unknown option 'dev'",
  },
  { operation: () => add('10.0.0.1/24', null), error: TypeError, says: 'addAddress: null' },
  {
    operation: () => add('10.0.0.1/24', { broadcast: 'fe80::1' }),
    error: RangeError,
    says: "broadcast: 'fe80::1' is not an IPv4 address",
  },
  {
    operation: () => add('10.0.0.1/24', { broadcast: false }),
    error: RangeError,
    says: 'broadcast: false',
  },
  {
    operation: () => add('fe80::1/64', { broadcast: true }),
    error: RangeError,
    says: 'broadcast: an IPv6 address has none',
  },
  {
    operation: () => add('fe80::1/64', { label: 'eth0:1' }),
    error: RangeError,
    says: 'label: an IPv6 address has none',
  },
  {
    operation: () => add('10.0.0.1', { label: 'a label of sixteen' }),
    error: RangeError,
    says: "label: 'a label of sixteen'",
  },
  { operation: () => add('10.0.0.1', { label: 'ööööööö…' }), error: RangeError, says: 'label' },
  { operation: () => add('10.0.0.1', { label: '' }), error: RangeError, says: "label: ''" },
  { operation: () => add('10.0.0.1', { label: 'a\0b' }), error: RangeError, says: 'label' },
  {
    operation: () => add('10.0.0.1', { scope: 'galaxy' }),
    error: RangeError,
    says: "scope: 'galaxy' is not one of global, site, link, host, nowhere",
  },
  { operation: () => add('10.0.0.1', { scope: 256 }), error: RangeError, says: 'scope: 256' },
  { operation: () => add('10.0.0.1', { scope: true }), error: TypeError, says: 'scope: true' },
  {
    operation: () => add('10.0.0.1', { peer: 'fe80::1' }),
    error: RangeError,
    says: "peer: 'fe80::1' is not of the family of '10.0.0.1'",
  },
  {
    operation: () => add('10.0.0.1/24', { peer: '10.0.0.2/32' }),
    error: RangeError,
    says: "peer: '10.0.0.2/32' has another prefix length than '10.0.0.1/24'",
  },
  { operation: () => add('10.0.0.1', { peer: 7 }), error: TypeError, says: 'peer: 7' },
  {
    operation: () => add('10.0.0.1', { flags: ['nodat'] }),
    error: RangeError,
    says: "flags: 'nodat' is not one of",
  },
  { operation: () => add('10.0.0.1', { flags: 'nodad' }), error: TypeError, says: "flags: 'nodad'" },
  ...['nodad', 'home', 'mngtmpaddr', 'optimistic'].map((flag) => ({
    operation: () => add('10.0.0.1', { flags: ['noprefixroute', flag] }),
    error: RangeError,
    says: `an IPv4 address has no '${flag}'`,
  })),
  { operation: () => add('0.0.0.0/0', {}), error: RangeError, says: "address: '0.0.0.0/0' is no address" },
  { operation: () => add('10.0.0.1', { flags: [-1] }), error: RangeError, says: 'flags: -1' },
  { operation: () => add('10.0.0.1', { metric: -1 }), error: RangeError, says: 'metric: -1' },
  { operation: () => add('10.0.0.1', { metric: '5' }), error: TypeError, says: "metric: '5'" },
  { operation: () => add('10.0.0.1', { metric: 2 ** 32 }), error: RangeError, says: 'metric: 4294967296' },
  { operation: () => add('10.0.0.1', { protocol: 0 }), error: RangeError, says: 'protocol: 0' },
  { operation: () => add('10.0.0.1', { protocol: 'dhcp' }), error: RangeError, says: "protocol: 'dhcp'" },
  { operation: () => add('10.0.0.1', { validLifetime: 0 }), error: RangeError, says: 'validLifetime: 0' },
  {
    operation: () => add('10.0.0.1', { validLifetime: 0xffffffff }),
    error: RangeError,
    says: 'validLifetime: 4294967295',
  },
  {
    operation: () => add('10.0.0.1', { validLifetime: 'ever' }),
    error: TypeError,
    says: "validLifetime: 'ever' is not 'forever' or a number of seconds",
  },
  {
    operation: () => add('10.0.0.1', { preferredLifetime: 1.5 }),
    error: RangeError,
    says: 'preferredLifetime: 1.5',
  },
  {
    operation: () => add('10.0.0.1', { validLifetime: 60, preferredLifetime: 61 }),
    error: RangeError,
    says: 'preferredLifetime: 61 is longer than validLifetime, 60 s',
  },
  {
    operation: () => add('10.0.0.1', { validLifetime: 60, preferredLifetime: 'forever' }),
    error: RangeError,
    says: "preferredLifetime: 'forever' is longer",
  },
  { operation: () => addAddress('', '10.0.0.1'), error: RangeError, says: 'dev: ' },
  { operation: () => addAddress(0, '10.0.0.1'), error: RangeError, says: 'dev: 0' },
  { operation: () => addAddress(1.5, '10.0.0.1'), error: RangeError, says: 'dev: 1.5' },
  { operation: () => replaceAddress('eth0', '10.0.0.1/99'), error: RangeError, says: 'address' },
  { operation: () => deleteAddress('eth0', '10.0.0.1/99'), error: RangeError, says: 'address' },
  {
    operation: () => deleteAddress('eth0', '10.0.0.1/24', any({ label: 'eth0:1' })),
    error: TypeError,
    says: "deleteAddress: unknown option 'label'",
  },
  { operation: () => listAddresses(any({ family: 'inet' })), error: RangeError, says: "family: 'inet'" },
  { operation: () => listAddresses(any({ up: 'yes' })), error: TypeError, says: "up: 'yes'" },
  { operation: () => listAddresses(any({ scope: 'all' })), error: RangeError, says: "scope: 'all'" },
  { operation: () => listAddresses({ dev: 'a/b' }), error: RangeError, says: "dev: 'a/b'" },
  { operation: () => listAddresses(any({ alias: 'x' })), error: TypeError, says: 'listAddresses: unknown' },
  { operation: () => listAddresses({ label: '' }), error: TypeError, says: "label: ''" },
  { operation: () => listAddresses({ within: '10.0.0.0/33' }), error: RangeError, says: 'within: ' },
  {
    operation: () => listAddresses({ within: '10.0.0.0/8', family: 'ipv6' }),
    error: RangeError,
    says: "within: '10.0.0.0/8' is not IPv6",
  },
  { operation: () => listAddresses(any({ flags: ['dynamic'] })), error: RangeError, says: 'flags' },
  { operation: () => listAddresses(any({ flags: 'home' })), error: TypeError, says: 'flags' },
  { operation: () => listAddresses(any({ withoutFlags: ['x'] })), error: RangeError, says: 'withoutFlags' },
  { operation: () => listAddresses(any({ protocol: 'ra' })), error: RangeError, says: "protocol: 'ra'" },
  { operation: () => listAddresses(any({ kind: 7 })), error: TypeError, says: 'kind: 7' },
  {
    operation: () => listAddresses(any({ portKind: '' })),
    error: TypeError,
    says: "portKind: '' is not a kind",
  },
  { operation: () => flushAddresses({ master: '' }), error: RangeError, says: 'master: ' },
  { operation: () => listAddresses({ group: -1 }), error: RangeError, says: 'group: -1 is not' },
  {
    operation: () => flushAddresses(any({ all: true, up: false })),
    error: TypeError,
    says: 'flushAddresses: all: true is every one of the addresses, not those by up',
  },
  ...[{}, { flags: [] }, { withoutFlags: [] }, { dev: undefined, withoutFlags: [] }].map((options) => ({
    operation: () => flushAddresses(any(options)),
    error: TypeError,
    says: 'flushAddresses: which addresses? Give at least one of dev, family',
  })),
]

describe('input of the address operations', () => {
  it.each(bad)('is refused: $says', ({ operation, error, says }) => {
    // The first step would ask for a socket already.
    const first = () => operation().next()
    expect(first).toThrow(error)
    expect(first).toThrow(says)
  })

  it('is what the object says where an option is undefined', () => {
    const object = { address: '10.0.0.1/24', label: 'eth0:1', peer: '10.0.0.2/24' }
    expect(sentBy(addAddress('eth0', object, { label: undefined, peer: undefined }))).toEqual(
      sentBy(addAddress('eth0', object)),
    )
    expect(sentBy(deleteAddress('eth0', object, { peer: undefined }))).toEqual(
      sentBy(deleteAddress('eth0', object)),
    )
  })

  it('is named by its place in a list', () => {
    expect(() => checkAddressInput('10.0.0.1/40', 'addresses[0]')).toThrow("addresses[0]: '10.0.0.1/40'")
    expect(() => checkAddressInput({ address: '10.0.0.1/40' }, 'addresses[1]')).toThrow(
      "addresses[1].address: '10.0.0.1/40'",
    )
    expect(() => checkAddressInput({ address: '10.0.0.1', scope: 999 }, 'far.addresses[2]')).toThrow(
      'far.addresses[2].scope: 999',
    )
  })
})
