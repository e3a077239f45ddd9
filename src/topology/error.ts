import { Aborted } from '../netlink/operation.js'

const BRAND = Symbol.for('netlink-ts.TopologyError')

export interface TopologyErrorDetails {
  call: string
  path: string
  code: string | null
  text: string
  left?: readonly string[] | undefined
  cause?: unknown
}

/**
 * A topology could not be made, changed or deleted. `path` is the part of the value whose step failed, `code` the errno's name ('EEXIST') and
 * `cause` the error of that step. Whatever had been made has been taken back, but for what `left` names.
 */
export class TopologyError extends Error {
  override readonly name = 'TopologyError'
  /** 'EEXIST', as the error of the step has it; null where that has none. */
  readonly code: string | null
  /** 'namespaces.red.links.eth0' */
  readonly path: string
  /** What could not be taken back, one line each; recoverTopologies() tries again. */
  readonly left: readonly string[]

  constructor({ call, path, code, text, left = [], cause }: TopologyErrorDetails) {
    const remains = left.length === 0 ? '' : `; could not be taken back: ${left.join('; ')}`
    super(`${call}: ${path}: ${text}${remains}`, cause === undefined ? {} : { cause })
    this.code = code
    this.path = path
    this.left = left
  }

  get [BRAND](): true {
    return true
  }

  /** Recognises the errors of any copy of this package. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && BRAND in value
  }
}

/** The errno's name that an error has; null for one without. */
export function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null
}

export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** What a topology would take for its own, and take away with it, is somebody else's. */
export function taken(call: string, path: string, what: string, whose = ''): TopologyError {
  return new TopologyError({ call, path, code: 'EEXIST', text: `there is ${what} already${whose}` })
}

/** Of the journal. `path` is that of the step that could not be written down. */
export function unwritable(call: string, text: string, cause: unknown, path = 'journal'): Error {
  if (cause instanceof Aborted) return cause
  const whole = `${text}; the option journal names another directory`
  return new TopologyError({ call, path, code: codeOf(cause), text: whole, cause })
}
