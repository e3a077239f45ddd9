/** A call of a transaction, as it is kept until it can be sent. */

import type { Request } from '../netlink/request.js'
import type { NftElementsInput } from './element.js'
import { checkName, familyNumber } from './input.js'
import type { SetShape } from './set-shape.js'

/** A set, whose types have to be known before its elements can be written. */
export interface SetKey {
  readonly family: number
  readonly table: string
  readonly set: string
}

/** What the messages of a call can need to be made: they wait for the answers of the kernel. */
export interface Answers {
  /** The types of a set that the transaction has not made; undefined where there is none, and where the kernel is still to be asked. */
  shapeOf(set: SetKey): SetShape | undefined
  /** The ifindex of an interface. Throws NetlinkError ENODEV. */
  ifindex(name: string): number
}

/** A call, and how its messages are made: twice where it asks for sets, of which the first time does not count. */
export interface Recorded {
  readonly call: string
  make(answers: Answers): readonly Request[]
}

/** Throws what is wrong with the place of elements. */
export function setKey({ family, table, set }: Omit<NftElementsInput, 'elements'>): SetKey {
  return { family: familyNumber(family), table: checkName(table, 'table'), set: checkName(set, 'set') }
}

/** In errors. */
export function describeKey({ table, set }: SetKey): string {
  return `set '${set}' of table '${table}'`
}

export function keyText({ family, table, set }: SetKey): string {
  return `${family} ${table}\0${set}`
}
