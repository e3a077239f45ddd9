/** The operation on the settings of interfaces; they are set by setSysctl(). */

import type { CallOptions } from '../../netlink/call.js'
import { CALL_OPTIONS, checkKeys } from '../../netlink/check.js'
import { dump, type Operation, withChannel } from '../../netlink/operation.js'
import { mapped, type Request } from '../../netlink/request.js'
import { devNames, type NameOf } from '../devnames.js'
import { AF_MPLS, AF_UNSPEC, type Family, familyNumber } from '../family.js'
import { checkDev } from '../input.js'
import { type Dev, resolveDev } from '../link/request.js'
import { type Netconf, readNetconf } from './netconf.js'
import { getNetconfMessage } from './table.js'

/** Whose settings; whatever is given must hold. */
export interface NetconfFilter {
  family?: Family | 'mpls' | undefined
  /** An interface, or 'all' or 'default'. */
  dev?: Dev | undefined
}

/** Whose settings, and where. */
export interface ListNetconfOptions extends NetconfFilter, CallOptions {}

/**
 * What the address families do on each interface and in general: forwarding, the check of source addresses and so on, as `ip netconf`.
 * `setSysctl()` changes it; `monitor(['netconf'])` tells of changes.
 *
 * @throws RangeError, TypeError before anything is sent; NetlinkError ENODEV where there is no interface of that name
 * @see ip-netconf(8), rtnetlink(7), linux/netconf.h
 * @example const [all] = await listNetconf({ family: 'ipv4', dev: 'all' })
 */
export function* listNetconf(options: ListNetconfOptions = {}): Operation<Netconf[]> {
  checkKeys('listNetconf', options, ['family', 'dev', ...CALL_OPTIONS])
  const { family, dev } = options
  const wanted = family === 'mpls' ? AF_MPLS : familyNumber(family)
  const general = dev === 'all' || dev === 'default' ? dev : null
  if (dev !== undefined) checkDev(dev, 'dev')
  return yield* withChannel(options.netns, function* (channel) {
    const ifindex = dev === undefined || general !== null ? null : yield* resolveDev(channel, dev)
    const asked = mapped(listNetconfRequest(wanted, devNames(channel)), (netconf) => {
      if (general !== null && netconf.dev !== general) return undefined
      if (ifindex !== null && netconf.ifindex !== ifindex) return undefined
      return netconf
    })
    return yield* dump(channel, asked)
  })
}

/** RTM_GETNETCONF with NLM_F_DUMP. The kernel filters by family only (inet_netconf_dump_devconf() of net/ipv4/devinet.c). */
function listNetconfRequest(family: number, nameOf: NameOf): Request<Netconf> {
  return {
    message: getNetconfMessage,
    body: { header: { family }, attributes: {} },
    flags: 0,
    answer: 'dump',
    read: (bytes, start, end) => {
      // A dump of a family that the kernel lacks is one of all.
      if (family !== AF_UNSPEC && bytes[start] !== family) return undefined
      return readNetconf(bytes, start, end, nameOf) ?? undefined
    },
  }
}
