import { show } from '../codec/fault.js'
import type { CallOptions } from '../netlink/call.js'
import { CALL_OPTIONS, checkBoolean, checkKeys } from '../netlink/check.js'
import { SystemError } from '../netlink/errors.js'
import type { Operation } from '../netlink/operation.js'
import { getSysctl, setSysctl } from '../netns/sysctl.js'
import { checkDevices } from './check.js'

/** Between which networks a machine forwards. */
export interface EnableForwardingOptions extends CallOptions {
  /** IPv4: only what comes in by these. Without it all interfaces, those of the future too. IPv6 has all or none. */
  interfaces?: string | readonly string[] | undefined
  /** Without it both; IPv6 is passed over then where the kernel has none. */
  family?: 'ipv4' | 'ipv6' | undefined
  /**
   * Connections to 127.0.0.1 can go out by the `interfaces`, to a target behind them (`route_localnet`). From outside nobody reaches
   * 127.0.0.1 by it once a port is published: the table that publishPort() makes drops that.
   */
  localhost?: boolean | undefined
}

const IPV4 = 'net/ipv4'
const IPV6 = 'net/ipv6/conf/all/forwarding'

/**
 * Makes a machine, or a namespace, a router: sets the kernel parameters that masquerade() and publishPort() need. One that is right
 * already is no error where /proc/sys is read-only. A machine that takes its own IPv6 address from router advertisements goes on doing so
 * only where `accept_ra` of that interface is 2. Where one of the interfaces is not there, nothing is set.
 *
 * @throws RangeError or TypeError naming the option; SystemError ENOENT for an interface that is not there, EROFS, EACCES
 * @see ip-sysctl of the kernel's documentation, sysctl(8)
 * @example await enableForwarding()
 */
export function* enableForwarding(options: EnableForwardingOptions = {}): Operation<void> {
  checkKeys('enableForwarding', options, ['interfaces', 'family', 'localhost', ...CALL_OPTIONS])
  const { family, localhost = false, netns } = options
  const interfaces = options.interfaces === undefined ? [] : checkDevices(options.interfaces, 'interfaces')
  if (family !== undefined && family !== 'ipv4' && family !== 'ipv6')
    throw new RangeError(`family: ${show(family)} is not 'ipv4' or 'ipv6'`)
  if (checkBoolean(localhost, 'localhost') && interfaces.length === 0)
    throw new TypeError('localhost: it needs interfaces, behind which the targets are')
  if (family === 'ipv6' && interfaces.length > 0 && !localhost)
    throw new TypeError('interfaces: IPv6 is forwarded between all or none')
  const of = (name: string) => interfaces.map((dev) => `${IPV4}/conf/${dev}/${name}`)
  const ipv4 = interfaces.length === 0 ? [`${IPV4}/ip_forward`] : of('forwarding')
  const keys = [
    ...(family === 'ipv6' ? [] : ipv4),
    ...(family === 'ipv4' ? [] : [IPV6]),
    ...(localhost ? of('route_localnet') : []),
  ]
  const found: string[] = []
  // All are looked for before one is set: what is missing leaves the machine as it was.
  for (const key of keys)
    if (yield* isThere(key, netns, key === IPV6 && family === undefined)) found.push(key)
  for (const key of found) yield* setSysctl(key, 1, { netns })
}

function* isThere(key: string, netns: CallOptions['netns'], mayBeAbsent: boolean): Operation<boolean> {
  try {
    yield* getSysctl(key, { netns })
    return true
  } catch (error) {
    if (mayBeAbsent && error instanceof SystemError && error.code === 'ENOENT') return false
    throw error
  }
}
