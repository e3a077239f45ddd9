import { show } from '../codec/fault.js'
import type { CallOptions } from '../netlink/call.js'
import { CALL_OPTIONS, checkKeys } from '../netlink/check.js'
import { SystemError } from '../netlink/errors.js'
import { type OpenNetns, type Operation, withPlace } from '../netlink/operation.js'
import { primitive } from '../netlink/primitives.js'

/**
 * Reads a kernel parameter as a namespace has it, without the newline at its end. Keys are written as for sysctl(8):
 * 'net.ipv4.ip_forward' or 'net/ipv4/ip_forward'; where an interface's name contains a dot, 'net.ipv4.conf.eth0/100.forwarding' or
 * 'net/ipv4/conf/eth0.100/forwarding'. Keys outside `net` belong to the whole machine or to the user namespace.
 *
 * @throws RangeError for a key that is not a path below /proc/sys; SystemError ENOENT where there is no such parameter, EISDIR for a
 * group of them.
 * @see sysctl(8), proc(5)
 * @example const forwards = (await getSysctl('net.ipv4.ip_forward', { netns: red })) === '1'
 */
export function* getSysctl(key: string, options: CallOptions = {}): Operation<string> {
  checkKeys('getSysctl', options, CALL_OPTIONS)
  const path = sysctlPath(key)
  return yield* withPlace(options.netns, (netns) => read(netns, path, key))
}

/**
 * Sets a kernel parameter in a namespace; keys are those of getSysctl(). A parameter that cannot be written, as /proc/sys is
 * read-only in most containers, is no error where it has the value already.
 *
 * @throws RangeError for a key that is not a path below /proc/sys; TypeError for a value that is neither text nor an integer;
 * SystemError EINVAL for a value that the kernel refuses, EROFS, EACCES, ENOENT.
 * @see sysctl(8), proc(5)
 * @example await setSysctl('net.ipv4.ip_forward', 1, { netns: red })
 */
export function* setSysctl(key: string, value: string | number, options: CallOptions = {}): Operation<void> {
  checkKeys('setSysctl', options, CALL_OPTIONS)
  const path = sysctlPath(key)
  const text = sysctlText(value)
  yield* withPlace(options.netns, function* (netns) {
    try {
      // The newline makes an empty value a write: the kernel takes one of no bytes for none at all.
      yield* primitive('writeFile', netns, path, `${text}\n`)
    } catch (error) {
      if (forbidden(error) && (yield* hasValue(netns, path, text))) return
      throw explain(error, key, netns)
    }
  })
}

function* read(netns: OpenNetns | null, path: string, key: string): Operation<string> {
  try {
    return (yield* primitive('readFile', netns, path)).replace(/\n$/, '')
  } catch (error) {
    throw explain(error, key, netns)
  }
}

function forbidden(error: unknown): boolean {
  return error instanceof SystemError && ['EROFS', 'EACCES', 'EPERM'].includes(error.code)
}

function* hasValue(netns: OpenNetns | null, path: string, text: string): Operation<boolean> {
  try {
    return words(yield* primitive('readFile', netns, path)) === words(text)
  } catch (error) {
    if (error instanceof SystemError) return false
    throw error
  }
}

/** The kernel separates the numbers of a parameter by tabs, whatever they were written with. */
export function words(text: string): string {
  return text.trim().split(/\s+/).join(' ')
}

/** net.ipv4.conf.NAME.parameter, where the name of the interface has dots. */
const OF_INTERFACE = /^net\.[^.]+\.(conf|neigh)\.[^.]+\.[^.]+\./

function explain(error: unknown, key: string, netns: OpenNetns | null): unknown {
  if (!(error instanceof SystemError)) return error
  const where = netns === null ? '' : ` in ${netns.label}`
  const { errno, syscall } = error
  return new SystemError({
    errno,
    syscall,
    subject: `sysctl '${key}'${where}`,
    advice: advise(error.code, key),
  })
}

function advise(code: string, key: string): string | undefined {
  switch (code) {
    case 'ENOENT':
      return `there is no such parameter: its module or interface is missing, or only the initial namespace has it${OF_INTERFACE.test(key) ? "; a dot in the name of an interface is written '/'" : ''}`
    case 'EISDIR':
      return 'this is a group of parameters'
    case 'EINVAL':
      return 'the kernel does not accept this value'
    case 'EROFS':
      return '/proc/sys is read-only here, as in most containers, and the value is another one'
    case 'EACCES':
    case 'EPERM':
      return 'needs CAP_NET_ADMIN in the user namespace that owns the network namespace; some parameters can only be read or only be written'
    default:
      return undefined
  }
}

/**
 * The file of a key. As in sysctl(8) the first separator decides: after a dot, dots separate and a slash stands for a dot; after
 * a slash, slashes separate.
 */
export function sysctlPath(key: string): string {
  if (typeof key !== 'string') throw new TypeError(`key: ${show(key)} is not a string`)
  const dotted = /[./]/.exec(key)?.[0] === '.'
  const parts = dotted ? key.split('.').map((part) => part.replaceAll('/', '.')) : key.split('/')
  if (parts.some((part) => part === '' || part === '.' || part === '..' || part.includes('\0'))) {
    throw new RangeError(
      `key: ${show(key)} is not the name of a parameter such as 'net.ipv4.ip_forward' or 'net/ipv4/ip_forward'`,
    )
  }
  return `/proc/sys/${parts.join('/')}`
}

/** Throws for a value that no parameter can have. */
export function sysctlText(value: unknown, field = 'value'): string {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value)
  if (typeof value !== 'string')
    throw new TypeError(`${field}: ${show(value)} is neither text nor an integer`)
  if (/[\0\n]/.test(value)) {
    throw new RangeError(
      `${field}: ${show(value)} contains a newline or NUL, where the kernel would stop reading`,
    )
  }
  return value
}
