/**
 * What is wrong with a value (encode) or with received bytes (decode). Faults are thrown inside the codec, gather the
 * names of the attributes they pass on their way out, and leave it as errors that name the whole path.
 */

/**
 * A fault on its way out of the codec. It becomes the error that users see in `encodeBody`, `decodeBody` and `guarded`;
 * it is an Error itself so that one which nobody guards is still readable.
 */
export class Fault extends Error {
  override readonly name = 'Fault'
  /** The attribute, in dots, as far as it is known: 'linkinfo.data.id'. */
  path = ''

  constructor(
    /** Which error it becomes: RangeError, TypeError or DecodeError. */
    readonly kind: 'range' | 'type' | 'decode',
    readonly detail: string,
    /** Where in the received bytes; -1 when encoding. */
    readonly offset = -1,
  ) {
    super(detail)
  }

  /** Puts the name of an attribute, or the index of a list ('[3]'), before the path. */
  within(name: string): this {
    this.path =
      this.path === '' ? name : this.path.startsWith('[') ? name + this.path : `${name}.${this.path}`
    return this
  }

  /**
   * The error for users, with the stack of the code that called the codec. `subject` is the message type or the
   * operation; offsets are counted from `start`.
   */
  toError(subject: string, start = 0): Error {
    if (this.kind === 'decode') return new DecodeError(subject, this.path, this.offset - start, this.detail)
    const message = [subject, this.path, this.detail].filter((part) => part !== '').join(': ')
    return this.kind === 'range' ? new RangeError(message) : new TypeError(message)
  }
}

/** Puts a name before the path of a fault; any other error stays as it is. To be thrown on. */
export function located(error: unknown, name: string): unknown {
  return error instanceof Fault ? error.within(name) : error
}

/**
 * Runs `work`, turning a fault into the error that users see: RangeError or TypeError for a value, DecodeError for bytes.
 * `subject` is the message type or the operation; offsets are counted from `start`.
 *
 * @example guarded('prefix', () => { throw outOfRange(33, 'a length from 0 to 32') }) // RangeError: prefix: 33 is not a length from 0 to 32
 */
export function guarded<T>(subject: string, work: () => T, start = 0): T {
  try {
    return work()
  } catch (error) {
    throw error instanceof Fault ? error.toError(subject, start) : error
  }
}

/**
 * The fault of a value that does not fit: `300 is not …`. It becomes a RangeError.
 *
 * @example outOfRange(33, 'a length from 0 to 32').detail // '33 is not a length from 0 to 32'
 */
export function outOfRange(value: unknown, expected: string): Fault {
  return new Fault('range', `${show(value)} is not ${expected}`)
}

/**
 * The fault of a value of the wrong type: `'300' is not …`. It becomes a TypeError.
 *
 * @example wrongType('33', 'a number').detail // "'33' is not a number"
 */
export function wrongType(value: unknown, expected: string): Fault {
  return new Fault('type', `${show(value)} is not ${expected}`)
}

/**
 * The fault of received bytes, `offset` as the decoder got it. It becomes a DecodeError.
 *
 * @example guarded('RTM_NEWLINK', () => { throw malformed('2 bytes where 4 are fixed', 20) }, 16) // DecodeError: RTM_NEWLINK
 */
export function malformed(detail: string, offset: number): Fault {
  return new Fault('decode', detail, offset)
}

/**
 * Whether a value is a plain object (of any realm). Arrays, Maps, Dates and Promises are not: their properties, which are
 * none, would be encoded without complaint.
 */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null
}

/** A value as an error shows it: short, on one line, strings in quotes. */
export function show(value: unknown): string {
  if (typeof value === 'string') return quoted(value)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function') return 'a function'
  if (typeof value !== 'object' || value === null) return String(value)
  if (value instanceof Uint8Array) return `${value.length} bytes`
  if (Array.isArray(value)) {
    const items = value.slice(0, 5).map((item) => (Array.isArray(item) ? '[…]' : show(item)))
    return `[${items.join(', ')}${value.length > 5 ? ', …' : ''}]`
  }
  if (value instanceof Promise) return 'a promise (is an await missing?)'
  if (!isRecord(value)) return className(value)
  const keys = Object.keys(value)
  if (keys.length === 0) return '{}'
  return `{ ${keys.slice(0, 5).join(', ')}${keys.length > 5 ? ', …' : ''} }`
}

/** '[object Map]', and of a class of somebody's own its name: '[object Netns]'. */
function className(value: object): string {
  const tag = Object.prototype.toString.call(value)
  return tag === '[object Object]' ? `[object ${value.constructor.name}]` : tag
}

function quoted(text: string): string {
  const shown = text.length > 80 ? `${text.slice(0, 77)}…` : text
  return `'${JSON.stringify(shown).slice(1, -1).replaceAll('\\"', '"')}'`
}

const BRAND = Symbol.for('netlink-ts.DecodeError')

/** Received bytes do not have the form that their message type prescribes. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError'

  constructor(
    /** The kernel's name of the message: 'RTM_NEWLINK'. */
    readonly messageType: string,
    /** The attribute, in dots: 'linkinfo.data.id'. Empty where it is the message itself. */
    readonly path: string,
    /**
     * Where, in bytes: from the `struct nlmsghdr` of a message that a socket received (as the kernel's own
     * NLMSGERR_ATTR_OFFS counts), or from the start that `decodeBody` was given.
     */
    readonly offset: number,
    detail: string,
  ) {
    super(`${messageType}${path === '' ? '' : ` ${path}`}: ${detail} (at byte ${offset})`)
  }

  /** Recognises the errors of any copy of this package. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && BRAND in value
  }

  get [BRAND](): true {
    return true
  }
}
