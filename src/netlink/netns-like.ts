import { show } from '../codec/fault.js'
import { checkKeys } from './check.js'
import { namedPath } from './netns-name.js'
import { NETNS, type NetnsHandle, type NetnsLike } from './operation.js'

/** Whether it is a handle of a namespace, of either face. */
export function isNetnsHandle(value: unknown): value is NetnsHandle {
  return typeof value === 'object' && value !== null && NETNS in value
}

/** Throws RangeError or TypeError, naming the field, for what cannot stand for a namespace. */
export function checkNetns(netns: unknown, field: string): asserts netns is NetnsLike {
  if (isNetnsHandle(netns)) return
  if (typeof netns === 'string') {
    namedPath(netns, field)
    return
  }
  if (typeof netns === 'object' && netns !== null) {
    if ('pid' in netns) {
      checkKeys(field, netns, ['pid'])
      if (!isInteger(netns.pid, 1))
        throw new RangeError(`${field}.pid: ${show(netns.pid)} is not a process id`)
      return
    }
    if ('path' in netns) {
      checkKeys(field, netns, ['path'])
      if (typeof netns.path !== 'string')
        throw new TypeError(`${field}.path: ${show(netns.path)} is not a path`)
      if (netns.path.includes('\0'))
        throw new RangeError(`${field}.path: ${show(netns.path)} contains NUL, which no path does`)
      return
    }
    if ('fd' in netns) {
      checkKeys(field, netns, ['fd'])
      if (!isInteger(netns.fd, 0)) throw new RangeError(`${field}.fd: ${show(netns.fd)} is not a descriptor`)
      return
    }
  }
  throw new TypeError(`${field}: ${show(netns)} is not a name, a handle, { pid }, { path } or { fd }`)
}

function isInteger(value: unknown, least: number): value is number {
  return Number.isInteger(value) && (value as number) >= least
}
