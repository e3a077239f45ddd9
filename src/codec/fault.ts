/**
 * What is wrong with a value (encode) or with received bytes (decode). Faults are thrown inside the codec, gather the
 * names of the attributes they pass on their way out, and leave it as errors that name the whole path.
 */

export class Fault {
  path = ''

  constructor(
    readonly kind: 'range' | 'type' | 'decode',
    readonly detail: string,
    /** Where in the received bytes; -1 when encoding. */
    readonly offset = -1,
  ) {}

  within(name: string): this {
    this.path =
      this.path === '' ? name : this.path.startsWith('[') ? name + this.path : `${name}.${this.path}`
    return this
  }

  toError(subject: string): Error {
    const where = this.path === '' ? '' : `${this.path}: `
    if (this.kind === 'decode') return new DecodeError(subject, this.path, this.offset, this.detail)
    const message = `${subject === '' ? '' : `${subject}: `}${where}${this.detail}`
    return this.kind === 'range' ? new RangeError(message) : new TypeError(message)
  }
}

/** Runs `work`, turning a fault into the error that users see. `subject` is the message type or the operation. */
export function guarded<T>(subject: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw error instanceof Fault ? error.toError(subject) : error
  }
}

export function outOfRange(value: unknown, expected: string): Fault {
  return new Fault('range', `${show(value)} is not ${expected}`)
}

export function wrongType(value: unknown, expected: string): Fault {
  return new Fault('type', `${show(value)} is not ${expected}`)
}

export function malformed(detail: string, offset: number): Fault {
  return new Fault('decode', detail, offset)
}

/** A value as an error shows it: short, on one line, strings in quotes. */
export function show(value: unknown): string {
  if (typeof value === 'string') return value.length > 80 ? `'${value.slice(0, 77)}…'` : `'${value}'`
  if (typeof value === 'bigint') return `${value}n`
  if (value instanceof Uint8Array) return `${value.length} bytes`
  if (Array.isArray(value))
    return `[${value.slice(0, 5).map(show).join(', ')}${value.length > 5 ? ', …' : ''}]`
  if (typeof value === 'object' && value !== null) {
    const keys = Object.keys(value)
    return `{ ${keys.slice(0, 5).join(', ')}${keys.length > 5 ? ', …' : ''} }`
  }
  return typeof value === 'function' ? 'a function' : String(value)
}

const BRAND = Symbol.for('netlink-ts.DecodeError')

/**
 * Received bytes do not have the form that their message type prescribes.
 *
 * `messageType` is the kernel's name of the message, `path` the attribute in dots (empty: the message itself),
 * `offset` where in the message, in bytes.
 */
export class DecodeError extends Error {
  override readonly name = 'DecodeError'
  readonly [BRAND] = true

  constructor(
    readonly messageType: string,
    readonly path: string,
    readonly offset: number,
    detail: string,
  ) {
    super(`${messageType}${path === '' ? '' : ` ${path}`}: ${detail} (at byte ${offset})`)
  }

  /** Recognises the errors of any copy of this package (ESM and CommonJS side by side). */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && BRAND in value
  }
}
