/** Addresses that the kernel has: those that the value gives, in its words, and what somebody has added. */

import type { Address } from '../rtnetlink/address/address.js'
import { type AddressFlag, type AddressInput, flagNames } from '../rtnetlink/address/options.js'
import { remains, same } from './compare.js'
import { addressKey } from './parse-link.js'
import { withoutNothing } from './record.js'

export function projectAddresses(found: readonly Address[], wanted: readonly AddressInput[]): AddressInput[] {
  const left = found.filter(
    (address) => isMadeAddress(address) || wanted.some((one) => isAddress(one, address)),
  )
  const addresses: AddressInput[] = []
  for (const one of wanted) {
    const index = left.findIndex((address) => isAddress(one, address))
    if (index < 0) continue
    const [address] = left.splice(index, 1)
    addresses.push(addressLike(one, address!))
  }
  return [...addresses, ...left.map(lastingInput)]
}

function isAddress(wanted: AddressInput, found: Address): boolean {
  return addressKey(wanted) === addressKey(found)
}

/** Fields that count down, and what tells an address from the others. */
const UNCOMPARED = ['validLifetime', 'preferredLifetime', 'address', 'peer']

/** Flags that stay as they were given: those of the kernel come and go, and 'optimistic' goes when the address is known to be free. */
const LASTING: readonly unknown[] = ['nodad', 'home', 'mngtmpaddr', 'noprefixroute', 'autojoin']

/** In an order of their own. */
function lasting(flags: AddressInput['flags'] = []) {
  return LASTING.filter((flag) => flagNames(flags).includes(flag as never)) as AddressFlag[]
}

function addressLike(wanted: AddressInput, found: Address): AddressInput {
  const fields = Object.entries(wanted).map(([key, value]) => {
    if (key === 'flags') {
      const actual = lasting(found.flags)
      return [key, same(lasting(wanted.flags), actual) ? value : actual]
    }
    const actual = found[key as keyof Address]
    const computed = key === 'broadcast' && value === true && actual !== null
    return [key, UNCOMPARED.includes(key) || computed || same(value, actual) ? value : actual]
  })
  return { ...wanted, ...Object.fromEntries(fields) }
}

/** An address without what counts down. */
function lastingInput(found: Address): AddressInput {
  const { validLifetime: _valid, preferredLifetime: _preferred, ...rest } = addressInput(found)
  return rest
}

/** All that an address is made again with. */
export function addressInput(found: Address): AddressInput {
  const { address, peer, broadcast, label, dev, scope, flags, metric, protocol } = found
  const { validLifetime, preferredLifetime } = found
  const kept = lasting(flags)
  return withoutNothing<AddressInput>({
    address,
    peer,
    broadcast,
    label: label === dev ? null : label,
    scope: scope === 'global' ? undefined : scope,
    flags: kept.length === 0 ? undefined : kept,
    metric,
    protocol,
    // In the last second none is left.
    validLifetime: typeof validLifetime === 'number' ? Math.max(validLifetime, 1) : undefined,
    preferredLifetime: typeof preferredLifetime === 'number' ? preferredLifetime : undefined,
  })
}

/** Whether an address has a setting still that was said of it before, and is not any more. */
export function remainsOfAddress(
  before: AddressInput | undefined,
  wanted: AddressInput,
  found: Address,
): boolean {
  const unsaid = {
    ...{ broadcast: null, metric: null, protocol: null, flags: null, validLifetime: 'forever' },
    label: found.label === null ? null : found.dev,
    // That of IPv6 goes by the address.
    scope: found.address.startsWith('127.') ? 'host' : 'global',
    preferredLifetime: found.validLifetime,
  }
  return remains(before, wanted, { ...found, flags: lasting(found.flags) }, unsaid)
}

/** DHCP gives an address a lifetime, and so does the kernel to one that a router advertises: which it was is told of IPv6 by the protocol. */
function isMadeAddress({ address, scope, protocol, flags, validLifetime }: Address): boolean {
  if (scope === 'host') return false
  if (validLifetime !== 'forever')
    return !address.includes(':') || (protocol !== null && !/^kernel_/.test(String(protocol)))
  return !(
    scope === 'link' &&
    address.includes(':') &&
    (protocol === 'kernel_ll' || protocol === null) &&
    flags.includes('permanent' as never)
  )
}
