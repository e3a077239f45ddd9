/** A call of a transaction, as it is kept until it can be sent. */

import type { Request } from '../netlink/request.js'
import type { SetShape } from './set.js'

/** A set, whose types have to be known before its elements can be written. */
export interface SetKey {
  readonly family: number
  readonly table: string
  readonly set: string
}

/** What the messages of a call can need to be made: they wait for the answers of the kernel. */
export interface Answers {
  /** The types of the sets that `needs` names, by keyText(). */
  readonly shapes: ReadonlyMap<string, SetShape>
  /** The ifindex of an interface. Throws NetlinkError ENODEV. */
  ifindex(name: string): number
}

/** A call, and how its messages are made. */
export interface Recorded {
  readonly call: string
  /** Sets whose types have to be asked for, because the transaction has not made them. */
  readonly needs: readonly SetKey[]
  make(answers: Answers): readonly Request[]
}

export function keyText({ family, table, set }: SetKey): string {
  return `${family} ${table}\0${set}`
}
