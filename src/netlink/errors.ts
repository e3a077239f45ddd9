/** The errors that users see. Branded, so that two copies of the package know each other's. */

import { errnoCode, errnoText } from './errno.js'
import type { Extack, Policy } from './extack.js'

const NETLINK_ERROR = Symbol.for('netlink-ts.NetlinkError')
const SYSTEM_ERROR = Symbol.for('netlink-ts.SystemError')
const DUMP_INTERRUPTED = Symbol.for('netlink-ts.DumpInterruptedError')

function branded(value: unknown, brand: symbol): boolean {
  return typeof value === 'object' && value !== null && brand in value
}

export interface NetlinkErrorDetails {
  /** The kernel's name of the request, 'RTM_NEWLINK'. */
  operation: string
  errno: number
  /** What the request was about: "interface 'veth0'". */
  subject?: string | undefined
  extack?: Extack | undefined
  /** One line on what to do. */
  advice?: string | undefined
  /** The request as it was sent, for the debug log. */
  request?: Uint8Array | undefined
}

/**
 * The kernel refused a netlink request.
 *
 * `code` is the errno's name ('EEXIST'), `errno` its number (positive), `operation` the request ('RTM_NEWLINK') and `extack` what the
 * kernel added: its text, the attribute that it points at, a missing attribute, the bounds of a value. See netlink(7),
 * linux/netlink.h.
 */
export class NetlinkError extends Error {
  override readonly name = 'NetlinkError'
  readonly code: string
  readonly errno: number
  readonly operation: string
  /** What the request was about, "interface 'veth0'"; null where it is about nothing with a name. */
  readonly subject: string | null
  readonly extack: Extack
  readonly advice: string | null
  /** The bytes that were sent; not enumerable. */
  declare readonly request: Uint8Array | null

  constructor(details: NetlinkErrorDetails) {
    super(describe(details))
    this.code = errnoCode(details.errno)
    this.errno = details.errno
    this.operation = details.operation
    this.subject = details.subject ?? null
    this.extack = details.extack ?? NO_EXTACK
    this.advice = details.advice ?? null
    Object.defineProperty(this, 'request', { value: details.request ?? null, enumerable: false })
  }

  get [NETLINK_ERROR](): true {
    return true
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return branded(value, NETLINK_ERROR)
  }
}

export const NO_EXTACK: Extack = { message: null, path: null, missing: null, policy: null }

function describe({ operation, subject, errno, extack, advice }: NetlinkErrorDetails): string {
  let text = `${operation}${subject ? ` ${subject}` : ''}: ${errnoCode(errno)} (${errnoText(errno)})`
  if (extack?.message) text += `: ${extack.message}`
  if (extack?.path) text += ` [at ${extack.path}]`
  if (extack?.missing) text += ` [missing ${extack.missing}]`
  if (extack?.policy) text += ` [${describePolicy(extack.policy)}]`
  return advice ? `${text}; ${advice}` : text
}

function describePolicy({ min, max, minLength, maxLength, mask }: Policy): string {
  const parts: string[] = []
  if (min !== null || max !== null) parts.push(`allowed: ${min ?? ''}..${max ?? ''}`)
  if (minLength !== null || maxLength !== null)
    parts.push(`length: ${minLength ?? 0}..${maxLength ?? ''} bytes`)
  if (mask !== null) parts.push(`bits: 0x${mask.toString(16)}`)
  return parts.join(', ')
}

export interface SystemErrorDetails {
  errno: number
  syscall: string
  subject?: string | undefined
  advice?: string | undefined
}

/**
 * A system call failed: a socket that cannot be opened, a namespace that cannot be made or mounted. `code`, `errno`
 * (positive) and `syscall` are as in Node's own system errors.
 */
export class SystemError extends Error {
  override readonly name = 'SystemError'
  readonly code: string
  readonly errno: number
  readonly syscall: string
  readonly subject: string | null
  readonly advice: string | null

  constructor({ errno, syscall, subject, advice }: SystemErrorDetails) {
    const text = `${syscall}${subject ? ` ${subject}` : ''}: ${errnoCode(errno)} (${errnoText(errno)})`
    super(advice ? `${text}; ${advice}` : text)
    this.code = errnoCode(errno)
    this.errno = errno
    this.syscall = syscall
    this.subject = subject ?? null
    this.advice = advice ?? null
  }

  get [SYSTEM_ERROR](): true {
    return true
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return branded(value, SYSTEM_ERROR)
  }
}

/**
 * The kernel marked a dump as interrupted (NLM_F_DUMP_INTR): something changed while it was read, so that it may lack entries or
 * show some twice. Lists are repeated a few times before they throw this; streams throw it at once.
 *
 * `values` (not enumerable) is what was read, for who can do with that: of a list that is one dump the entries of the last attempt, of a
 * stream those that it has not handed on, of other calls what was made of the dump that was interrupted.
 */
export class DumpInterruptedError extends Error {
  override readonly name = 'DumpInterruptedError'
  readonly code = 'EINTR'
  declare readonly values: readonly unknown[]

  constructor(
    readonly operation: string,
    attempts: number,
    values: readonly unknown[],
  ) {
    super(
      attempts > 1
        ? `${operation}: the table changed during each of ${attempts} dumps; try again when fewer changes are made`
        : `${operation}: the table changed while it was read; what was read may be incomplete, start again`,
    )
    Object.defineProperty(this, 'values', { value: values, enumerable: false })
  }

  get [DUMP_INTERRUPTED](): true {
    return true
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return branded(value, DUMP_INTERRUPTED)
  }
}
