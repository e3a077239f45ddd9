/** Addresses at random, given, changed and taken by calls and by `ip address`. */

import fc from 'fast-check'
import { it } from 'vitest'
import type { AddressInput, FlushAddressesOptions } from '../../src/public.js'
import { PATIENCE } from './patience.js'
import { someOf } from './some-of.js'
import { expectTwins, PAIRS, type Step, type Words, wordsOf } from './twins.js'

type Filter = Omit<FlushAddressesOptions, 'netns' | 'signal'>

const WORDS: Words<AddressInput> = {
  address: (value) => value,
  peer: (value) => `peer ${value}`,
  broadcast: (value) => `broadcast ${value === true ? '+' : value}`,
  label: (value) => `label ${value}`,
  scope: (value) => `scope ${value}`,
  flags: (value) => value.join(' '),
  validLifetime: (value) => `valid_lft ${value}`,
  preferredLifetime: (value) => `preferred_lft ${value}`,
  metric: (value) => `metric ${value}`,
  protocol: (value) => `proto ${value}`,
}

const FILTER: Words<Filter> = {
  dev: (value) => `dev ${value}`,
  scope: (value) => `scope ${value}`,
  within: (value) => `to ${value}`,
  label: (value) => `label ${value}`,
  flags: (value) => value.join(' '),
  withoutFlags: (value) => value.map((flag) => `-${flag}`).join(' '),
  up: () => 'up',
}

const LABEL_WORDS: Words<{ prefix: string; dev: string | undefined; label: number }> = {
  prefix: (value) => `prefix ${value}`,
  dev: (value) => `dev ${value}`,
  label: (value) => `label ${value}`,
}

const { constantFrom: one } = fc

const LIFETIMES = fc.oneof(
  fc.constant({}),
  one<object>(
    // Ip takes none that is valid for a while only without the other.
    { validLifetime: 600, preferredLifetime: 600 },
    { validLifetime: 3000, preferredLifetime: 600 },
    { validLifetime: 600, preferredLifetime: 0 },
    { preferredLifetime: 0 },
    { preferredLifetime: 600 },
    { validLifetime: 'forever', preferredLifetime: 'forever' },
  ),
)

const FLAGS4 = fc.constant(['noprefixroute'])
const FLAGS6 = fc
  .subarray(['noprefixroute', 'home', 'mngtmpaddr'], { maxLength: 2 })
  .map((flags) => ['nodad', ...flags])

const MORE4 = someOf<AddressInput>(
  {
    broadcast: one<unknown>(true, '10.1.0.255', '10.9.9.9'),
    label: one('v0', 'v0:1', 'v2:1', 'other'),
    scope: one<unknown>('global', 'link', 'host', 50),
    flags: FLAGS4,
    metric: one(0, 5, 4294967295),
  },
  2,
)
const MORE6 = someOf<AddressInput>(
  { metric: one(0, 5, 4294967295), scope: one<unknown>('link', 'global') },
  1,
)

const ADDRESS: fc.Arbitrary<AddressInput> = fc
  .oneof(
    fc.tuple(
      fc.oneof(
        one('10.1.0.1/24', '10.1.0.2/24', '10.1.0.2/16', '10.1.0.9/32', '10.2.0.1/31', '127.0.0.5/8').map(
          (address) => ({ address }),
        ),
        fc.record({ address: one('10.1.0.1', '10.3.0.1'), peer: one('10.1.0.9', '10.3.0.2/24') }),
        one('224.0.0.9/32', '10.1.0.255/24').map((address) => ({ address })),
      ),
      LIFETIMES,
      MORE4,
    ),
    fc.tuple(
      fc.oneof(
        one('fd00:1::1/64', 'fd00:1::2/64', 'fd00:1::2/48', 'fd00:1::9/128', 'fe80::9/64').map((address) => ({
          address,
        })),
        fc.record({ address: fc.constant('fd00:3::1'), peer: one('fd00:3::2', 'fd00:3::2/64') }),
        one('ff02::9/128', '::1/128', '::/64').map((address) => ({ address })),
      ),
      LIFETIMES,
      fc.tuple(MORE6, FLAGS6).map(([more, flags]) => ({ ...more, flags })),
    ),
  )
  .map((parts) => Object.assign({}, ...parts) as AddressInput)

const FLUSH: fc.Arbitrary<Filter> = fc
  .tuple(
    fc.oneof(fc.record({ dev: one('v0', 'v2') }), fc.record({ within: one('10.1.0.0/16', 'fd00:1::/64') })),
    someOf<AddressInput>(
      {
        scope: one('global', 'link'),
        flags: one<unknown>(['deprecated'], ['permanent'], ['secondary'], ['noprefixroute']),
        withoutFlags: one<unknown>(['deprecated'], ['permanent']),
        up: fc.constant(true),
        label: one('v0', 'v0:*'),
      },
      2,
    ),
  )
  .map((parts) => Object.assign({}, ...parts) as Filter)

/** Which source address IPv6 chooses for which destination. */
const LABEL: fc.Arbitrary<Step> = fc
  .tuple(
    fc.record({
      prefix: one('fd00:1::/64', 'fd00:1::/48', '::/0', 'fd00:1::1/128'),
      dev: one(undefined, 'v0'),
      label: one(0, 7, 99),
    }),
    fc.boolean(),
  )
  .map(([given, adds]) => ({
    command: `addrlabel ${adds ? 'add' : 'del'} ${wordsOf(LABEL_WORDS, given)}`,
    verb: adds ? 'addAddressLabel' : 'deleteAddressLabel',
    args: [given],
  }))

const DEV = one('v0', 'v2', 'v4', 'lo')

const steps: fc.Arbitrary<Step[]> = fc
  .array(fc.tuple(ADDRESS, DEV), { minLength: 1, maxLength: 5 })
  .chain((known) =>
    fc.array(
      fc.oneof(
        { weight: 8, arbitrary: fc.tuple(one(...known), one<Verb>('add', 'add', 'replace')).map(put) },
        { weight: 4, arbitrary: one(...known).map(remove) },
        { weight: 1, arbitrary: FLUSH.map(flush) },
        { weight: 2, arbitrary: LABEL },
      ),
      { minLength: 1, maxLength: 14 },
    ),
  )

type Verb = 'add' | 'replace'
const PUT = { add: 'addAddress', replace: 'replaceAddress' } as const

function put([[address, dev], verb]: [[AddressInput, string], Verb]): Step {
  return {
    command: `address ${verb} ${wordsOf(WORDS, address)} dev ${dev}`,
    verb: PUT[verb],
    args: [dev, address, {}],
  }
}

function remove([{ address, peer }, dev]: [AddressInput, string]): Step {
  const which = { address, peer }
  return {
    command: `address delete ${wordsOf(WORDS, which)} dev ${dev}`,
    verb: 'deleteAddress',
    args: [dev, which, {}],
  }
}

function flush(filter: Filter): Step {
  return {
    command: `address flush ${wordsOf(FILTER, filter)}`,
    verb: 'flushAddresses',
    args: [filter],
  }
}

it('addresses are what ip makes of them', { timeout: 600_000 * PATIENCE }, () =>
  expectTwins(
    {
      given: PAIRS,
      shown: ['address show', 'route show table all', 'addrlabel list'],
      // Of what the kernel says when there is a carrier, or of a joined group.
      ignored: ({ dst }) => dst === 'ff00::/8',
    },
    steps,
    25,
  ),
)
