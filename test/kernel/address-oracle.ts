/** Addresses as ip prints them. */

import type { Address, AddressFlag } from '../../src/index.js'
import { coarseTime, type Key, type Oracle, trueIf, unlessNull } from './read-back.js'
import { ipJson, type Printed } from './support.js'

/** What ip tells of the addresses of an interface. */
export function allPrinted(netns: string, dev = 'eth0'): Printed[] {
  const [link] = ipJson(`address show dev ${dev}`, netns)
  return link!['addr_info'] as Printed[]
}

/** The same without the link-local ones that the kernel makes by itself. */
export function printed(netns: string, dev = 'eth0'): Printed[] {
  return allPrinted(netns, dev).filter(({ scope }) => scope !== 'link')
}

export const FOREVER = 0xffffffff

/** Seconds run on: to a coarse number. */
export const coarse = (seconds: unknown) =>
  seconds === FOREVER || seconds === 'forever' ? 'forever' : coarseTime(seconds as number)

export const lifetime = (of: (address: Address) => Address['validLifetime']): Key<Address, void> => ({
  print: (address) => coarse(of(address)),
  normalized: coarse,
})

/** Keys of flags, by the names that ip has for them. */
export const FLAG_KEYS = Object.fromEntries(
  [
    ...['secondary', 'temporary', 'nodad', 'optimistic', 'dadfailed', 'home', 'deprecated'],
    ...['mngtmpaddr', 'noprefixroute', 'autojoin', 'stable-privacy'],
  ].map((name) => [name, ({ flags }: Address) => trueIf(flags.includes(name as AddressFlag))]),
)

export const ADDRESS: Oracle<Address> = {
  keys: {
    ...FLAG_KEYS,
    family: ({ family }) => (family === 'ipv4' ? 'inet' : 'inet6'),
    local: ({ address }) => address.split('/')[0],
    prefixlen: ({ address }) => Number(address.split('/')[1]),
    address: ({ peer }) => unlessNull(peer),
    broadcast: ({ broadcast }) => unlessNull(broadcast),
    label: ({ label }) => unlessNull(label),
    scope: ({ scope }) => scope,
    metric: ({ metric }) => unlessNull(metric),
    dynamic: ({ flags }) => trueIf(!flags.includes('permanent')),
    tentative: 'until a work queue has run',
    valid_life_time: lifetime(({ validLifetime }) => validLifetime),
    // The kernel says 'forever' of an IPv4 address that is deprecated and valid for ever.
    preferred_life_time: lifetime(({ family, preferredLifetime, validLifetime }) =>
      family === 'ipv4' && preferredLifetime === 0 ? validLifetime : preferredLifetime,
    ),
    // Since ip 6.3.
    protocol: {
      print: ({ protocol }) => (protocol === null ? undefined : String(protocol)),
      normalized: (name) => String(name).replace(/[[\]]/g, ''),
      optional: true,
    },
  },
  // Which ip has in the order of their coming.
  order: ['local', 'prefixlen'],
  notPrinted: {
    ...{ ifindex: 'of the link around it', dev: 'of the link around it' },
    ...{ created: 'ip has no key for it', updated: 'ip has no key for it' },
  },
}
