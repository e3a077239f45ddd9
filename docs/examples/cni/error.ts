/** Errors as the CNI specification numbers them. */

/** Below 100 the specification's, from 100 the plugin's own. */
export const CODES = {
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
    readonly reason: keyof typeof CODES,
    message: string,
    readonly details = '',
  ) {
    super(message)
  }

  get code(): number {
    return CODES[this.reason]
  }
}

/** What is thrown by others: the kernel's errors have their code in front, EBUSY passes, and those of files have a path. */
export function asCniError(error: unknown): CniError {
  if (error instanceof CniError) return error
  const { message, code, path } = error as NodeJS.ErrnoException
  const passes = code === 'EBUSY' || code === 'EAGAIN'
  return new CniError(passes ? 'tryAgain' : path === undefined ? 'failed' : 'io', message, code)
}
