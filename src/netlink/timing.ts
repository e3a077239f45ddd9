/** How long each part of a request took. Kept only while somebody listens; the clock comes from outside. */

/** One request, as `netlink-ts:request` publishes it. Times are milliseconds, sizes bytes. */
export interface RequestTiming {
  /** 'RTM_NEWLINK' */
  readonly operation: string
  /** "in namespace 'red'"; empty for the process's own. */
  readonly where: string
  /** What it failed with, 'EEXIST'; null where it succeeded. */
  readonly code: string | null
  /** Writing the message. */
  readonly encode: number
  /** Waiting for the requests before it to leave. */
  readonly send: number
  /** From leaving to the last message of the answer, less `decode`: the kernel's work, which it does while the message is sent. */
  readonly wait: number
  /** Reading the answer. */
  readonly decode: number
  readonly sentBytes: number
  readonly receivedBytes: number
}

export interface Clock {
  /** Null while nobody listens. */
  start(operation: string, where: string): Timing | null
}

export class Timing {
  #mark: number
  #encode = 0
  #send = 0
  #left = 0
  #decode = 0
  #sentBytes = 0
  #receivedBytes = 0

  constructor(
    readonly operation: string,
    readonly where: string,
    readonly now: () => number,
    readonly listener: (timing: RequestTiming) => void,
  ) {
    this.#mark = now()
  }

  encoded(bytes: number): void {
    const now = this.now()
    this.#encode = now - this.#mark
    this.#sentBytes = bytes
    this.#mark = now
  }

  left(): void {
    this.#left = this.now()
    this.#send = this.#left - this.#mark
  }

  arrived(bytes: number): void {
    this.#mark = this.now()
    this.#receivedBytes += bytes
  }

  decoded(): void {
    this.#decode += this.now() - this.#mark
  }

  publish(error: Error | null): void {
    this.listener({
      operation: this.operation,
      where: this.where,
      code: error === null ? null : 'code' in error ? String(error.code) : error.name,
      encode: this.#encode,
      send: this.#send,
      wait: this.#left === 0 ? 0 : Math.max(0, this.now() - this.#left - this.#decode),
      decode: this.#decode,
      sentBytes: this.#sentBytes,
      receivedBytes: this.#receivedBytes,
    })
  }
}
