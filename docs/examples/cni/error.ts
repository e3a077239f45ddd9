/** Errors as the CNI specification numbers them. */

/** Below 100 the specification's, from 100 the plugin's own. */
const CODES = {
  incompatibleVersion: 1,
  unsupportedField: 2,
  unknownContainer: 3,
  invalidEnvironment: 4,
  io: 5,
  decoding: 6,
  invalidConfig: 7,
  tryAgain: 11,
  notAvailable: 50,
  failed: 100,
  /** CHECK found something else than ADD had made. */
  changed: 101,
  /** No address is free. */
  exhausted: 102,
} as const

export class CniError extends Error {
  constructor(
    /** A number is that of another plugin's error. */
    readonly reason: keyof typeof CODES | number,
    message: string,
    readonly details = '',
  ) {
    super(message)
  }

  get code(): number {
    return typeof this.reason === 'number' ? this.reason : CODES[this.reason]
  }
}

/** What passes: EINTR is of a ruleset that others changed each time that it was read, ETXTBSY of a program that is being written. */
const PASSING = ['EBUSY', 'EAGAIN', 'EINTR', 'ETXTBSY']
/** The system calls of files, as node:fs tells them. */
const FILES = ['open', 'read', 'write', 'link', 'unlink', 'mkdir', 'rm', 'rmdir', 'scandir', 'stat', 'lstat']

/** What is thrown by others: the kernel's errors have their code in front. */
export function asCniError(error: unknown): CniError {
  if (error instanceof CniError) return error
  const { message, code = '', path, syscall = '' } = error as NodeJS.ErrnoException
  // What the library says of values that do not fit, before anything is sent: they come from the configuration.
  if (error instanceof TypeError || error instanceof RangeError) return new CniError('invalidConfig', message)
  if (PASSING.includes(code)) return new CniError('tryAgain', message, code)
  // TopologyError and those of child processes have a path, too.
  const isOfFile = path !== undefined && FILES.includes(syscall)
  return new CniError(isOfFile ? 'io' : 'failed', message, code)
}

/** Where what was made is taken away: each is tried, and what could not be is told in the end. */
export class Failures {
  readonly #errors: CniError[] = []

  /** Resolves to whether it failed. */
  async attempt(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work()
      return false
    } catch (error) {
      this.#errors.push(asCniError(error))
      return true
    }
  }

  /** What ADD failed for, with what could not be taken back of it in the details. */
  behind(error: unknown): CniError {
    const { reason, message, details } = asCniError(error)
    // An IPAM plugin may say the same of ADD and of DEL.
    const words = this.#words().filter((one) => one !== message)
    const left = words.length === 0 ? [] : [`not taken back: ${words.join('; ')}`]
    return new CniError(reason, message, [...(details === '' ? [] : [details]), ...left].join('; '))
  }

  /** Throws CniError with the number of the first error and the words of all, unless there is none. */
  throwAny(): void {
    const [first] = this.#errors
    if (first === undefined) return
    throw new CniError(first.reason, this.#words().join('; '), first.details)
  }

  #words(): string[] {
    return this.#errors.map(({ message }) => message)
  }
}
