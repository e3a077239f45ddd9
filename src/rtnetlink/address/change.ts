import type { CallOptions } from '../../netlink/call.js'
import { CALL_OPTIONS, checkKeys } from '../../netlink/check.js'
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../netlink/constants.js'
import type { Operation } from '../../netlink/operation.js'
import { checkDev } from '../input.js'
import { type Dev, requestAbout } from '../link/request.js'
import {
  ADDRESS_OPTIONS,
  type AddressInput,
  type AddressOptions,
  checkAddress,
  checkAddressInput,
} from './options.js'
import { deleteAddressRequest, newAddressRequest } from './request.js'

/** What the address has besides its text, and where the interface is. */
export interface AddAddressOptions extends AddressOptions, CallOptions {}

/** What tells the address from another with the same text, and where the interface is. */
export interface DeleteAddressOptions extends CallOptions {
  /** The address at the other end, where the address has one. */
  peer?: string | null | undefined
}

/**
 * Gives an interface an address, IPv4 or IPv6: text, or an object with options, such as a listed `Address`. The call's own
 * options go before the object's.
 *
 * @throws RangeError, TypeError before anything is sent; NetlinkError EEXIST where the interface has the address already,
 * ENODEV where there is no such interface
 * @see ip-address(8), rtnetlink(7)
 * @example await addAddress('eth0', '192.168.15.1/24', { broadcast: true, netns: 'red' })
 * @example await addAddress('eth0', '2001:db8::1/64', { flags: ['nodad'] })
 */
export function* addAddress(
  dev: Dev,
  address: string | AddressInput,
  options: AddAddressOptions = {},
): Operation<void> {
  yield* put('addAddress', dev, address, options, NLM_F_CREATE | NLM_F_EXCL)
}

/**
 * Gives an interface an address, or changes the one that it has: lifetimes and metric, and flags and peer if it is IPv6. The
 * kernel leaves scope, label and broadcast of an existing IPv4 address as they are, without a word.
 *
 * @throws RangeError, TypeError before anything is sent; NetlinkError ENODEV where there is no such interface
 * @see ip-address(8), rtnetlink(7)
 * @example await replaceAddress('eth0', '192.168.15.1/24', { validLifetime: 3600, preferredLifetime: 1800 })
 */
export function* replaceAddress(
  dev: Dev,
  address: string | AddressInput,
  options: AddAddressOptions = {},
): Operation<void> {
  yield* put('replaceAddress', dev, address, options, NLM_F_CREATE | NLM_F_REPLACE)
}

function* put(
  call: string,
  dev: Dev,
  address: string | AddressInput,
  options: AddAddressOptions,
  flags: number,
): Operation<void> {
  checkDev(dev, 'dev')
  checkKeys(call, options, [...ADDRESS_OPTIONS, ...CALL_OPTIONS])
  const input = checkAddress({ ...given(address), ...stated(options) }, 'address', '')
  yield* requestAbout(options.netns, dev, (ifindex) => newAddressRequest(ifindex, dev, input, flags))
}

/**
 * Takes an address from an interface. Prefix length and peer have to be those of the address. Where it was a primary IPv4
 * address, the kernel removes the secondary ones of its prefix too, unless net.ipv4.conf.*.promote_secondaries is set.
 *
 * @throws RangeError, TypeError before anything is sent; NetlinkError EADDRNOTAVAIL where the interface has no such address,
 * ENODEV where there is no such interface
 * @see ip-address(8), rtnetlink(7)
 * @example await deleteAddress('eth0', '192.168.15.1/24', { netns: red })
 */
export function* deleteAddress(
  dev: Dev,
  address: string | AddressInput,
  options: DeleteAddressOptions = {},
): Operation<void> {
  checkDev(dev, 'dev')
  checkKeys('deleteAddress', options, ['peer', ...CALL_OPTIONS])
  const input = checkAddress({ ...given(address), ...stated(options) }, 'address', '')
  yield* requestAbout(options.netns, dev, (ifindex) => deleteAddressRequest(ifindex, dev, input))
}

/** The options that say something: one that is undefined leaves what the object says. */
function stated<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>
}

function given(address: string | AddressInput): AddressInput {
  return typeof address === 'string' ? { address } : checkAddressInput(address, 'address')
}
