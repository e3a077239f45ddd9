/** What tests of the kernel parameters of topologies share. */

import { execFileSync } from './programs.js'
import { execIn } from './support.js'

export const FORWARD = 'net.ipv4.ip_forward'
export const TTL = 'net.ipv4.ip_default_ttl'

/** What sysctl(8) tells of parameters, one text for each. */
export function get(...keys: string[]): string[] {
  return execFileSync('sysctl', ['-n', ...keys])
    .split('\n')
    .slice(0, -1)
}

/** The same in a namespace. */
export function getIn(netns: string, ...keys: string[]): string[] {
  return execIn(netns, 'sysctl', '-n', ...keys)
    .split('\n')
    .filter(Boolean)
}
