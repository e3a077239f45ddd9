/** Kernel parameters that the kernel writes when another one is written. */

import type { NetnsHandle, Operation } from '../netlink/operation.js'
import { getSysctl, setSysctl, sysctlPath, words } from '../netns/sysctl.js'
import { listLinks } from '../rtnetlink/link/list.js'
import { codeOf } from './error.js'

/**
 * What they are now, by their keys; those that are written with others come first. inet_forward_change() and devinet_copy_dflt_conf() of
 * net/ipv4/devinet.c; addrconf_fixup_forwarding() and its like of net/ipv6/addrconf.c.
 */
export function* readFanOut(
  key: string,
  netns: NetnsHandle | undefined,
): Operation<Readonly<Record<string, string>>> {
  const path = sysctlPath(key).replace(/^.*\/ip_forward$/, '/proc/sys/net/ipv4/conf/all/forwarding')
  const [, conf, whose, field] =
    /^\/proc\/sys\/(net\/ipv[46]\/conf)\/(all|default)\/([^/]+)$/.exec(path) ?? []
  if (conf === undefined) return {}
  const keys: string[] = []
  if (`${conf}/${field}` === 'net/ipv4/conf/forwarding') keys.push(`${conf}/all/accept_redirects`)
  if (whose === 'all') keys.push(`${conf}/default/${field}`)
  for (const { name } of yield* listLinks({ netns })) keys.push(`${conf}/${name}/${field}`)
  const values: Record<string, string> = {}
  for (const one of keys) {
    const value = yield* ifThere(getSysctl(one, { netns }))
    if (value !== undefined) values[one] = value
  }
  return values
}

/** Puts them back, once what they hang on is; those of interfaces that have gone are none any more. */
export function* putBackFanOut(
  values: Readonly<Record<string, string>>,
  netns: NetnsHandle | undefined,
): Operation<void> {
  for (const [key, value] of Object.entries(values)) {
    const now = yield* ifThere(getSysctl(key, { netns }))
    if (now !== undefined && words(now) !== words(value)) yield* ifThere(setSysctl(key, value, { netns }))
  }
}

function* ifThere<T>(operation: Operation<T>): Operation<T | undefined> {
  try {
    return yield* operation
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}
