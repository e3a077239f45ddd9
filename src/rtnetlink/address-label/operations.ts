/** The operations on the labels of IPv6 addresses. */

import type { CallOptions } from '../../netlink/call.js'
import { CALL_OPTIONS, checkInteger, checkKeys } from '../../netlink/check.js'
import { NLM_F_CREATE, NLM_F_EXCL } from '../../netlink/constants.js'
import { deleteAll } from '../../netlink/delete-all.js'
import { type Channel, dump, type Operation, request, withChannel } from '../../netlink/operation.js'
import { type Advice, type Request, refined } from '../../netlink/request.js'
import { devNames } from '../devnames.js'
import { AF_INET6 } from '../family.js'
import { checkFlush, type FlushAll } from '../flush.js'
import { checkDev, checkIfindex } from '../input.js'
import { type Dev, resolveDev } from '../link/request.js'
import { parseNetwork } from '../route/check.js'
import { type AddressLabel, readAddressLabel } from './address-label.js'
import { delAddressLabel, getAddressLabel, newAddressLabel } from './table.js'

/** Which label, and where. Null is the same as leaving out, so that a listed `AddressLabel` fits. */
export interface DeleteAddressLabelOptions extends CallOptions {
  /** '2001:db8::/32'. */
  prefix: string
  /** The one for this interface alone. */
  dev?: Dev | null | undefined
  /** Used where there is no `dev`. */
  ifindex?: number | null | undefined
  /** Not looked at: of an interface, and for all, a prefix has one label. */
  label?: number | undefined
}

/** A label, and where. */
export interface AddAddressLabelOptions extends DeleteAddressLabelOptions {
  /** 0 to 4,294,967,294. */
  label: number
}

/** Which labels; whatever is given must hold. */
export interface AddressLabelFilter {
  /** Those for this interface alone. */
  dev?: Dev | undefined
  label?: number | undefined
}

/** Which labels, and where. */
export interface ListAddressLabelsOptions extends AddressLabelFilter, CallOptions {}

/** Which labels are to go, and where. */
export interface FlushAddressLabelsOptions extends ListAddressLabelsOptions, FlushAll {}

const KEYS = ['prefix', 'dev', 'ifindex', 'label', ...CALL_OPTIONS]
const FILTERS = ['dev', 'label'] as const
/** IPV6_ADDR_LABEL_DEFAULT of net/ipv6/addrlabel.c, one above, is what has no label. */
const MAX_LABEL = 0xfffffffe

/**
 * Gives the IPv6 addresses in a prefix a label, as `ip addrlabel add`.
 *
 * @throws RangeError or TypeError naming the option, before anything is sent; NetlinkError EEXIST where the prefix has one, ENODEV where
 * there is no interface of this name and EINVAL where there is none of this number, EOPNOTSUPP without IPv6 in the kernel
 * @see ip-addrlabel(8), linux/if_addrlabel.h
 * @example await addAddressLabel({ prefix: '2001:db8::/32', label: 77 })
 */
export function* addAddressLabel(options: AddAddressLabelOptions): Operation<void> {
  check('addAddressLabel', options)
  checkInteger(options.label, 'label', 0, MAX_LABEL)
  yield* change(newAddressLabel, options, NLM_F_CREATE | NLM_F_EXCL)
}

/**
 * Takes the label of a prefix away, as `ip addrlabel del`. A listed label names itself.
 *
 * @throws as addAddressLabel, but for EEXIST and EINVAL; NetlinkError ESRCH where the prefix has none
 * @see ip-addrlabel(8), linux/if_addrlabel.h
 * @example await deleteAddressLabel({ prefix: '2001:db8::/32' })
 */
export function* deleteAddressLabel(options: DeleteAddressLabelOptions): Operation<void> {
  check('deleteAddressLabel', options)
  if (options.label !== undefined) checkInteger(options.label, 'label', 0, MAX_LABEL)
  yield* change(delAddressLabel, options, 0)
}

function check(call: string, options: DeleteAddressLabelOptions): void {
  checkKeys(call, options, KEYS)
  const { prefix, dev, ifindex } = options
  parseNetwork(prefix, 'prefix', AF_INET6)
  if (dev != null) checkDev(dev, 'dev')
  if (ifindex != null) checkIfindex(ifindex, 'ifindex')
}

function* change(
  message: typeof newAddressLabel,
  options: DeleteAddressLabelOptions,
  flags: number,
): Operation<void> {
  const { dev, ifindex } = options
  yield* withChannel(options.netns, function* (channel) {
    const index = dev == null ? (ifindex ?? 0) : yield* resolveDev(channel, dev)
    const asked = labelRequest(message, options, index, flags)
    yield* request(channel, refined(asked, { advise: (code) => adviseChange(code, index, channel) }))
  })
}

function labelRequest(
  message: typeof newAddressLabel,
  { prefix, label = 0 }: DeleteAddressLabelOptions,
  ifindex: number,
  flags: number,
): Request {
  const { address, length } = parseNetwork(prefix, 'prefix', AF_INET6)
  return {
    message,
    body: {
      header: { family: AF_INET6, prefixLength: length, ifindex },
      // The kernel wants a label in a deletion too, and does not look at it.
      attributes: { label, address },
    },
    flags,
    answer: 'ack',
    subject: `label of ${prefix}`,
    advise: ADVICE,
  }
}

function adviseChange(code: string, ifindex: number, channel: Channel): string | undefined {
  return code === 'EINVAL' && ifindex !== 0 && channel.ifname(ifindex) === null
    ? `found by looking: interface ${ifindex} is not there`
    : ADVICE[code]
}

const ADVICE: Advice = {
  EEXIST: 'the prefix has a label already',
  ESRCH: 'the prefix has no label',
  EOPNOTSUPP: 'the kernel has no IPv6',
}

/**
 * Lists the labels of IPv6 addresses, or those that the options let through, as `ip addrlabel list`.
 *
 * @throws RangeError or TypeError naming the option; NetlinkError ENODEV where `dev` is no interface, EOPNOTSUPP without IPv6 in the kernel
 * @see ip-addrlabel(8), linux/if_addrlabel.h
 * @example for (const { prefix, label } of await listAddressLabels()) console.log(prefix, label)
 */
export function* listAddressLabels(options: ListAddressLabelsOptions = {}): Operation<AddressLabel[]> {
  checkKeys('listAddressLabels', options, [...FILTERS, ...CALL_OPTIONS])
  checkFilter(options)
  return yield* withChannel(options.netns, (channel) => select(channel, options))
}

/**
 * Takes away the labels that the options let through, of which there has to be at least one, and returns how many; with `all: true` all of
 * them, those that the kernel begins with too, as `ip addrlabel flush`. One that went away meanwhile is no error.
 *
 * @throws TypeError without any option, RangeError or TypeError naming an option, before anything is sent; NetlinkError ENODEV where `dev`
 * is no interface, EOPNOTSUPP without IPv6 in the kernel
 * @see ip-addrlabel(8), linux/if_addrlabel.h
 * @example await flushAddressLabels({ label: 77, netns: 'red' })
 */
export function* flushAddressLabels(options: FlushAddressLabelsOptions): Operation<number> {
  checkKeys('flushAddressLabels', options, ['all', ...FILTERS, ...CALL_OPTIONS])
  checkFilter(options)
  checkFlush('flushAddressLabels', 'labels', FILTERS, options)
  return yield* withChannel(options.netns, function* (channel) {
    const doomed = yield* select(channel, options)
    const requests = doomed.map((it) => labelRequest(delAddressLabel, it, it.ifindex ?? 0, 0))
    return yield* deleteAll(channel, requests, ['ESRCH'])
  })
}

function checkFilter({ dev, label }: AddressLabelFilter): void {
  if (dev !== undefined) checkDev(dev, 'dev')
  if (label !== undefined) checkInteger(label, 'label', 0, MAX_LABEL)
}

/** The kernel has no filter here (ip6addrlbl_dump() of net/ipv6/addrlabel.c). */
function* select(channel: Channel, { dev, label }: AddressLabelFilter): Operation<AddressLabel[]> {
  const index = dev === undefined ? undefined : yield* resolveDev(channel, dev)
  const nameOf = devNames(channel)
  return yield* dump<AddressLabel>(channel, {
    message: getAddressLabel,
    body: { header: { family: AF_INET6 }, attributes: {} },
    flags: 0,
    answer: 'dump',
    read: (bytes, start, end) => {
      const it = readAddressLabel(bytes, start, end, nameOf)
      if (label !== undefined && it.label !== label) return undefined
      return index === undefined || it.ifindex === index ? it : undefined
    },
    advise: ADVICE,
  })
}
