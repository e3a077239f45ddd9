/** Where named namespaces live: the same files as `ip netns` uses (ip-netns(8)). */

import { show } from '../codec/fault.js'

export const NETNS_DIRECTORY = '/run/netns'

/** Advice where a name is not there. */
export const NO_SUCH_NAME =
  'there is no namespace of that name in this mount namespace (listNetns() tells which there are)'

/** The file of a named namespace. Throws RangeError for a name that cannot be a file of that directory. */
export function namedPath(name: string, field = 'netns'): string {
  if (typeof name !== 'string') throw new TypeError(`${field}: ${show(name)} is not a string`)
  if (name === '' || name === '.' || name === '..' || name.includes('/') || name.includes('\0')) {
    const path = name.startsWith('/') ? '; a path is { path }' : ''
    throw new RangeError(
      `${field}: ${show(name)} is not the name of a namespace (no '/', NUL, '.' or '..'${path})`,
    )
  }
  const length = new TextEncoder().encode(name).length
  if (length > 255)
    throw new RangeError(`${field}: '${name.slice(0, 40)}…' has ${length} bytes; a name has at most 255`)
  return `${NETNS_DIRECTORY}/${name}`
}
