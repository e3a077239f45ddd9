/** Kernel parameters that the kernel writes when another one is written. */

import type { NetnsHandle, Operation } from '../netlink/operation.js'
import { getSysctl, setSysctl, sysctlPath, words } from '../netns/sysctl.js'
import { listLinks } from '../rtnetlink/link/list.js'
import { codeOf } from './error.js'
import type { SetSysctl } from './setting.js'

const REDIRECTS = 'net/ipv4/conf/all/accept_redirects'

/** Of conf/default, copied to the interfaces that have none of their own (devinet_conf_proc() of net/ipv4/devinet.c). */
const IPV4_DEFAULTS = [
  ...['accept_local', 'accept_redirects', 'accept_source_route', 'arp_accept', 'arp_announce'],
  ...['arp_evict_nocarrier', 'arp_filter', 'arp_ignore', 'arp_notify', 'bc_forwarding', 'bootp_relay'],
  ...['drop_gratuitous_arp', 'force_igmp_version', 'igmpv2_unsolicited_report_interval'],
  ...['igmpv3_unsolicited_report_interval', 'ignore_routes_with_linkdown', 'log_martians', 'medium_id'],
  ...['proxy_arp', 'proxy_arp_pvlan', 'rp_filter', 'secure_redirects', 'send_redirects', 'shared_media'],
  ...['src_valid_mark', 'tag'],
]

/** Of conf/all, copied to conf/default and to every interface (addrconf_disable_ipv6() and its like of net/ipv6/addrconf.c). */
const IPV6_ALL = ['addr_gen_mode', 'disable_ipv6', 'ignore_routes_with_linkdown']

/** What is written with a parameter, `*` being every interface. */
const FAN_OUT: Readonly<Record<string, readonly string[]>> = {
  // inet_forward_change() of net/ipv4/devinet.c.
  'net/ipv4/conf/all/forwarding': [
    ...[REDIRECTS, 'net/ipv4/conf/default/forwarding'],
    'net/ipv4/conf/*/forwarding',
  ],
  ...Object.fromEntries(
    IPV4_DEFAULTS.map((field) => [`net/ipv4/conf/default/${field}`, [`net/ipv4/conf/*/${field}`]]),
  ),
  // addrconf_fixup_forwarding(): interfaces that do not forward are not forced to.
  'net/ipv6/conf/all/forwarding': [
    ...['net/ipv6/conf/default/forwarding', 'net/ipv6/conf/*/forwarding'],
    'net/ipv6/conf/*/force_forwarding',
  ],
  'net/ipv6/conf/all/force_forwarding': [
    ...['net/ipv6/conf/default/force_forwarding', 'net/ipv6/conf/*/force_forwarding'],
  ],
  ...Object.fromEntries(
    IPV6_ALL.map((field) => [
      `net/ipv6/conf/all/${field}`,
      [`net/ipv6/conf/default/${field}`, `net/ipv6/conf/*/${field}`],
    ]),
  ),
}

/** The name of a parameter below /proc/sys; of `ip_forward`, which has two, the other one. */
export function parameterOf(key: string): string {
  const path = sysctlPath(key).replace('/proc/sys/', '')
  return path === 'net/ipv4/ip_forward' ? 'net/ipv4/conf/all/forwarding' : path
}

/** Whether the kernel writes others when a parameter is written. */
export function fansOut(key: string): boolean {
  return Object.hasOwn(FAN_OUT, parameterOf(key))
}

/** Whether the kernel may write another parameter when one is written. */
export function mayWrite(key: string, other: string): boolean {
  const [written, parameter] = [parameterOf(key), parameterOf(other)]
  if (written === parameter) return false
  return (FAN_OUT[written] ?? []).some((one) => {
    const [before, after] = one.split('*') as [string, string?]
    if (after === undefined) return parameter === one
    return parameter.startsWith(before) && parameter.endsWith(after)
  })
}

/** Whether it always does, and copyOf() is what it writes. */
export function isCopied(key: string, other: string): boolean {
  const parameter = parameterOf(key)
  if (parameter.startsWith('net/ipv4/conf/default/')) return false
  return other === REDIRECTS || other.split('/').at(-1) === parameter.split('/').at(-1)
}

/** The interface that a parameter is of; undefined for one of all interfaces, or of none. */
export function deviceOf(key: string): string | undefined {
  const [, , group = '', name] = parameterOf(key).split('/')
  return ['conf', 'neigh'].includes(group) ? name : undefined
}

/** The same parameter of interfaces that are still to be made. */
export function ofDefault(key: string): string {
  return parameterOf(key).replace(/(?<=^net\/[^/]+\/(?:conf|neigh)\/)[^/]+/, 'default')
}

/** What they are now, by their keys; those that are written with others come first. */
export function* readFanOut(
  key: string,
  netns: NetnsHandle | undefined,
): Operation<Readonly<Record<string, string>>> {
  const others = FAN_OUT[parameterOf(key)]
  if (others === undefined) return {}
  const links = yield* listLinks({ netns })
  const keys = others.flatMap((one) =>
    one.includes('*') ? links.map(({ name }) => one.replace('*', () => name)) : [one],
  )
  const values: Record<string, string> = {}
  for (const one of keys) {
    const value = yield* ifThere(getSysctl(one, { netns }))
    if (value !== undefined) values[one] = value
  }
  return values
}

/** What the kernel writes to another parameter with a value: who forwards takes no redirects. */
export function copyOf(value: string, key: string): string {
  return key === REDIRECTS ? String(Number(value === '0')) : value
}

/** Sets a parameter, then the others that the kernel has not written with it as they are to be. */
export function* setWithOthers(
  { key, value, also = {} }: SetSysctl,
  netns: NetnsHandle | undefined,
): Operation<void> {
  yield* setSysctl(key, value, { netns })
  for (const [other, text] of Object.entries(also)) {
    const is = yield* ifThere(getSysctl(other, { netns }))
    if (is !== undefined && words(is) !== words(text)) yield* ifThere(setSysctl(other, text, { netns }))
  }
}

export function* ifThere<T>(operation: Operation<T>): Operation<T | undefined> {
  try {
    return yield* operation
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}
