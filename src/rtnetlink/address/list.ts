import type { CallOptions } from '../../netlink/call.js'
import { CALL_OPTIONS, checkKeys } from '../../netlink/check.js'
import { deleteAll } from '../../netlink/delete-all.js'
import { type Channel, dump, items, type Operation, withChannel } from '../../netlink/operation.js'
import { mapped, type Request } from '../../netlink/request.js'
import { devNames } from '../devnames.js'
import { checkFlush, type FlushAll } from '../flush.js'
import { listLinksRequest } from '../link/list.js'
import { adviseTarget, checkTarget, describeDev, resolveDev, type TargetOptions } from '../link/request.js'
import { familyOfPrefix } from '../within.js'
import { type Address, readAddress } from './address.js'
import { type AddressFilter, checkFilter, FILTERS, matcher } from './filter.js'
import { deleteAddressRequest } from './request.js'
import { getAddress } from './table.js'

/** Which addresses, and where. */
export interface ListAddressesOptions extends AddressFilter, TargetOptions, CallOptions {}

/** Which addresses are to go, and where. */
export interface FlushAddressesOptions extends AddressFilter, FlushAll, CallOptions {}

/**
 * The addresses of a namespace. The kernel filters by interface and family; `up`, `kind`, `master` and `group` take a list of links besides, as
 * `target` does.
 *
 * @throws RangeError, TypeError before anything is sent; NetlinkError ENODEV where there is no such interface
 * @see ip-address(8), rtnetlink(7)
 * @example const [first] = await listAddresses({ dev: 'eth0', family: 'ipv4', netns: 'red' })
 */
export function* listAddresses(options: ListAddressesOptions = {}): Operation<Address[]> {
  checkKeys('listAddresses', options, [...FILTERS, 'target', ...CALL_OPTIONS])
  checkFilter(options)
  checkTarget(options)
  return yield* withChannel(options.netns, (channel) => select(channel, options))
}

/**
 * Deletes the addresses that the options apply to, of which there has to be at least one, and returns how many it deleted; with
 * `all: true` all of them. An address that went away meanwhile is no error.
 *
 * @throws RangeError, TypeError before anything is sent; NetlinkError ENODEV where there is no such interface
 * @see ip-address(8), rtnetlink(7)
 * @example await flushAddresses({ dev: 'eth0', scope: 'global' })
 */
export function* flushAddresses(options: FlushAddressesOptions): Operation<number> {
  checkKeys('flushAddresses', options, ['all', ...FILTERS, ...CALL_OPTIONS])
  checkFilter(options)
  checkFlush('flushAddresses', 'addresses', FILTERS, options)
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

function* select(channel: Channel, options: AddressFilter & TargetOptions): Operation<Address[]> {
  const { dev, target } = options
  const ifindex = dev === undefined ? 0 : yield* resolveDev(channel, dev, 'dev', target)
  const links = yield* linksOf(channel, options)
  const chosen = choosesLinks(options)
  const matches = matcher(options)
  const nameOf = links === null ? devNames(channel) : (index: number) => links.get(index) ?? null
  const family = familyOfPrefix(options.family, options.within, 'within')
  const asked: Request<Address> = {
    message: getAddress,
    body: { header: { family, index: ifindex }, attributes: { targetNetnsid: target } },
    flags: 0,
    answer: 'dump',
    advise: target === undefined ? undefined : adviseTarget(target),
    subject: dev === undefined ? undefined : describeDev(dev),
    read(bytes, start, end) {
      const found = readAddress(bytes, start, end, nameOf)
      // One that came after the links is left out only where it is asked what link it has: of a target they are names alone.
      if (found === null || (chosen && !links!.has(found.ifindex))) return undefined
      return matches(found) ? found : undefined
    },
  }
  return yield* items(channel, asked)
}

function choosesLinks({ up, kind, portKind, master, group }: AddressFilter): boolean {
  return [up, kind, portKind, master, group].some((value) => value !== undefined)
}

/** The names of the interfaces that are meant, which another namespace has to be asked for; null for any of this one. */
function* linksOf(
  channel: Channel,
  options: AddressFilter & TargetOptions,
): Operation<Map<number, string> | null> {
  const { up, kind, portKind, master, group, target } = options
  if (target === undefined && !choosesLinks(options)) return null
  const index = master == null ? undefined : yield* resolveDev(channel, master, 'master', target)
  const asked = listLinksRequest({ up, kind, portKind, master, group, target }, index)
  return new Map(
    yield* dump(
      channel,
      mapped(asked, ({ ifindex, name }): [number, string] => [ifindex, name]),
    ),
  )
}
