/** What tests take of their kernel, and what calls get where it lacks that. It is asked what it has; its version is for what it would not tell. */

import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { release } from 'node:os'
import { beforeEach, expect, type TestContext } from 'vitest'
import { spawnSync } from './programs.js'

/** What a call gets of a kernel that is built without something, or keeps it from this user. */
export interface Refusal {
  readonly code: string
  /** A part of the advice: what is missing, by its name. */
  readonly advice: string
}

/** A test where the kernel lacks what it is about: not skipped, the call is refused and the error says why. */
export async function expectRefused(call: () => unknown, { code, advice }: Refusal): Promise<void> {
  await expect(async () => call()).rejects.toMatchObject({ code, advice: expect.stringContaining(advice) })
}

export const noKind = (kind: string): Refusal => ({
  code: 'EOPNOTSUPP',
  advice: `the kernel lacks link kind '${kind}'`,
})
export const NO_MPLS: Refusal = { code: 'EOPNOTSUPP', advice: 'the kernel has no MPLS routing' }
export const NO_DEVICE_PREFIXES: Refusal = {
  code: 'EINVAL',
  advice: 'devices by the beginning of their names need Linux 6.16',
}
export const NO_HOOKS: Refusal = {
  code: 'EINVAL',
  advice: 'the kernel does not tell its hooks (before Linux 5.14, or CONFIG_NETFILTER_NETLINK_HOOK',
}
export const NO_VLANS: Refusal = { code: 'EOPNOTSUPP', advice: 'the kernel has no bridge VLAN filtering' }
export const NO_GLOBAL_VLANS: Refusal = {
  code: 'EINVAL',
  advice: 'options of VLANs on all ports need Linux 5.15',
}
export const NO_GROUP: Refusal = { code: 'EINVAL', advice: 'the kernel has no such group' }
export const NO_TUN: Refusal = existsSync('/dev/net/tun')
  ? { code: 'EACCES', advice: 'may not open /dev/net/tun' }
  : { code: 'ENOENT', advice: '/dev/net/tun is not there' }

/** Whether the kernel is this new: `since(6, 8)`. */
export function since(major: number, minor: number): boolean {
  const [ours = 0, least = 0] = release().split('.').map(Number)
  return ours > major || (ours === major && least >= minor)
}

/** Whether the kernel is of the tests alone (test/kernels): its end is that of a process. */
export const IS_GUEST =
  readFileSync('/proc/cpuinfo', 'utf8').includes('User Mode Linux') ||
  readFileSync('/proc/cmdline', 'utf8').includes('netlink-ts.guest')

/** Whether this user may make TUN and TAP devices. */
export function hasTun(): boolean {
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** Whether there are several tables of multicast routes, and rules that choose among them. */
export const hasMulticastRules = (): boolean =>
  ['-4', '-6'].every((family) => spawnSync('ip', [family, 'mrule']).stdout !== '')

/** Whether there are MPLS routes, whose module guests load when they start (test/kernels). */
export const hasMpls = (): boolean => existsSync('/proc/sys/net/mpls')

/** What ip prints of receive queues: nothing where the kernel, built for one processor, has no CONFIG_RPS (rtnl_fill_ifinfo()). */
export const rxQueues = (count: number): { num_rx_queues?: number } =>
  existsSync('/proc/sys/net/core/rps_sock_flow_entries') ? { num_rx_queues: count } : {}

const LIST_HOOKS =
  'nft "add table ip t; add chain ip t c { type filter hook input priority 0; }" && nft list hooks'

/** Whether the kernel tells its hooks: nft prints nothing where it does not. */
export const hasHooks = (): boolean =>
  spawnSync('unshare', ['-n', 'sh', '-c', LIST_HOOKS]).stdout.includes('chain ip t c')

/** The last of those of joined addresses, which came together. linux/rtnetlink.h */
export const RTNLGRP_IPV6_ACADDR = 39

const JOIN = `
import socket, sys
# SOL_NETLINK, NETLINK_ADD_MEMBERSHIP
socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0).setsockopt(270, 1, int(sys.argv[1]))
`

/** Whether rtnetlink has a multicast group: a socket of another program tells. False without python3, so that tests can be collected. */
export function hasGroup(group: number): boolean {
  const { status, stderr } = spawnSync('python3', ['-c', JOIN, `${group}`])
  if (status === 1 && !stderr.includes('Invalid argument')) throw new Error(stderr)
  return status === 0
}

const TRANSLATES =
  'add table inet t; add chain inet t c { type nat hook prerouting priority 0; }; add rule inet t c dnat ip to 10.0.0.1'

/** What nft says of a kernel that is built without the family or without the expression. */
export const LACKING = /Operation not supported|No such file or directory/

let isWithoutNat: boolean | undefined

/** Whether the kernel has no tables of family inet or no address translation in them. */
export function lacksNat(): boolean {
  // Where nft itself is missing, the tests that take it say so.
  isWithoutNat ??= LACKING.test(spawnSync('unshare', ['-n', 'nft', TRANSLATES]).stderr ?? '')
  return isWithoutNat
}

const REFUSES =
  'add table netdev t; add chain netdev t c { type filter hook ingress device lo priority 0; }; add rule netdev t c reject'

/** Whether packets cannot be refused where they come in by a device, as Debian builds no nft_reject_netdev. */
export const lacksNetdevReject = (): boolean =>
  LACKING.test(spawnSync('unshare', ['-n', 'nft', REFUSES]).stderr ?? '')

/** Skips a test, visibly, where it lacks them. */
export function skipWithoutNat({ skip }: TestContext): void {
  skip(lacksNat(), 'cannot be installed: this kernel has no NAT by nftables of family inet')
}

/** The same for all tests of a file or of a group. */
export const needNftables = (): void => beforeEach(skipWithoutNat)
