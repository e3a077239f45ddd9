import { getU32 } from '../../codec/bytes.js'
import type { OneOf } from '../../codec/index.js'
import type { CallOptions } from '../../netlink/call.js'
import { CALL_OPTIONS, checkBoolean, checkKeys } from '../../netlink/check.js'
import { type Channel, dump, items, type Operation, withChannel } from '../../netlink/operation.js'
import { mapped, type Request } from '../../netlink/request.js'
import { devNames } from '../devnames.js'
import { type Family, familyNumber } from '../family.js'
import { deleteAll } from '../flush.js'
import { checkDev } from '../input.js'
import { IFF_UP, RTEXT_FILTER_SKIP_STATS } from '../link/constants.js'
import { type Dev, describeDev, resolveDev } from '../link/request.js'
import { getLinkMessage, ifinfomsg } from '../link/table.js'
import { routeScopes } from '../route/table.js'
import { type Address, readAddress } from './address.js'
import { type AddressScope, checkScope } from './options.js'
import { deleteAddressRequest } from './request.js'
import { getAddress } from './table.js'

/** Which addresses: those that everything given applies to. */
export interface AddressFilter {
  dev?: Dev | undefined
  family?: Family | undefined
  /** By name or number. */
  scope?: OneOf<AddressScope> | undefined
  /** Only addresses of interfaces that are administratively up (or down: false). */
  up?: boolean | undefined
}

/** Which addresses, and where. */
export interface ListAddressesOptions extends AddressFilter, CallOptions {}

const FILTERS = ['dev', 'family', 'scope', 'up'] as const

function checkFilter(call: string, options: ListAddressesOptions): void {
  checkKeys(call, options, [...FILTERS, ...CALL_OPTIONS])
  if (options.dev !== undefined) checkDev(options.dev, 'dev')
  familyNumber(options.family)
  if (options.scope !== undefined) checkScope(options.scope, 'scope')
  if (options.up !== undefined) checkBoolean(options.up, 'up')
}

/**
 * The addresses of a namespace. The kernel filters by interface and family.
 *
 * @throws RangeError, TypeError before anything is sent; NetlinkError ENODEV where there is no such interface
 * @see ip-address(8), rtnetlink(7)
 * @example const [first] = await listAddresses({ dev: 'eth0', family: 'ipv4', netns: 'red' })
 */
export function* listAddresses(options: ListAddressesOptions = {}): Operation<Address[]> {
  checkFilter('listAddresses', options)
  return yield* withChannel(options.netns, (channel) => select(channel, options))
}

/**
 * Deletes the addresses that the options apply to, of which there has to be at least one, and returns how many it deleted.
 * An address that went away meanwhile is no error.
 *
 * @throws RangeError, TypeError before anything is sent; NetlinkError ENODEV where there is no such interface
 * @see ip-address(8), rtnetlink(7)
 * @example await flushAddresses({ dev: 'eth0', scope: 'global' })
 */
export function* flushAddresses(options: ListAddressesOptions): Operation<number> {
  checkFilter('flushAddresses', options)
  if (FILTERS.every((key) => options[key] === undefined))
    throw new TypeError(`flushAddresses: which addresses? Give at least one of ${FILTERS.join(', ')}`)
  return yield* withChannel(options.netns, function* (channel) {
    const found = yield* select(channel, options)
    // Those that the kernel would remove together with another one go first, so that each is counted.
    const dependent = found.filter(isDependent)
    const order = [...dependent, ...found.filter((address) => !isDependent(address))]
    const requests = order.map((it) => deleteAddressRequest(it.ifindex, it.dev ?? it.ifindex, it))
    return yield* deleteAll(channel, requests, ['EADDRNOTAVAIL', 'ENODEV', 'ENXIO'])
  })
}

function isDependent({ flags }: Address): boolean {
  return flags.includes('secondary') || flags.includes('temporary')
}

function* select(channel: Channel, options: AddressFilter): Operation<Address[]> {
  const { dev, family, up } = options
  const ifindex = dev === undefined ? 0 : yield* resolveDev(channel, dev)
  const scope = options.scope === undefined ? null : routeScopes.toName(routeScopes.toNumber(options.scope))
  const raised = up === undefined ? null : new Set(yield* dump(channel, upRequest))
  const nameOf = devNames(channel)
  const asked = mapped(listAddressesRequest(familyNumber(family), ifindex, dev), (address) => {
    if (scope !== null && address.scope !== scope) return undefined
    if (raised !== null && raised.has(address.ifindex) !== up) return undefined
    return { ...address, dev: nameOf(address.ifindex) }
  })
  return yield* items(channel, asked)
}

/** RTM_GETADDR; ifindex 0 is every interface. */
export function listAddressesRequest(family: number, ifindex: number, dev?: Dev): Request<Address> {
  return {
    message: getAddress,
    body: { header: { family, index: ifindex }, attributes: {} },
    flags: 0,
    answer: 'dump',
    subject: dev === undefined ? undefined : describeDev(dev),
    read: (bytes, start, end) => readAddress(bytes, start, end) ?? undefined,
  }
}

/** The ifindexes of the interfaces that are up. */
const upRequest: Request<number> = {
  message: getLinkMessage,
  body: { header: {}, attributes: { extMask: RTEXT_FILTER_SKIP_STATS } },
  flags: 0,
  answer: 'dump',
  read: (bytes, start) =>
    getU32(bytes, start + ifinfomsg.offsets.flags) & IFF_UP
      ? getU32(bytes, start + ifinfomsg.offsets.index)
      : undefined,
}
