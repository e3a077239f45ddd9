/** Which connection: what get, update and delete are given. */

import { checkInteger } from '../netlink/check.js'
import { type ConntrackTupleInput, checkFamily, checkTuple, checkZone, MAX_U32 } from './check.js'
import type { ConntrackEntry } from './entry.js'
import type { ConntrackAttributes } from './table.js'
import { type ConntrackTuple, describeTuple, protocolFamily, tupleBody } from './tuple.js'

/** Which connection: one of its two directions, and its zone. A listed entry names itself. */
export interface ConntrackKey {
  /** The packets of the end that began, as they arrive. */
  original?: ConntrackTupleInput | undefined
  /** The answers, as they arrive; looked at where `original` is not given, which alone tells a connection from all others. */
  reply?: ConntrackTupleInput | undefined
  zone?: number | undefined
  /** To delete: this very entry and none that has taken its place. */
  id?: number | undefined
}

/** What listed entries have besides, and a key passes over. */
export const ENTRY_KEYS = [
  'family',
  'original',
  'reply',
  'zone',
  'id',
  'status',
  'state',
  'timeout',
  'mark',
  'labels',
  'helper',
  'master',
  'counters',
  'bigCounters',
  'timestamp',
  'tcp',
  'sctp',
  'dccp',
  'seqAdjust',
  'synproxy',
  'use',
  'secctx',
] as const satisfies readonly (keyof ConntrackEntry)[]

/** A key that has been checked. */
export interface CheckedKey {
  readonly family: number
  readonly direction: 'original' | 'reply'
  readonly tuple: ConntrackTuple
  readonly zone: number
  readonly id: number | undefined
}

export function checkKey(call: string, key: ConntrackKey & { family?: unknown }): CheckedKey {
  const family = checkFamily(key.family)
  const direction = key.original === undefined ? 'reply' : 'original'
  const given = key[direction]
  if (given === undefined)
    throw new TypeError(`${call}: which connection? Give its original tuple, or that of its replies`)
  const tuple = checkTuple(given, direction, family)
  const zone = key.zone === undefined ? 0 : checkZone(key.zone, 'zone')
  if (zone !== 0 && tuple.zone !== null)
    throw new TypeError(`zone: ${zone} is said of both directions, and ${direction}.zone of one`)
  if (key.id !== undefined) checkInteger(key.id, 'id', 0, MAX_U32, 'an id')
  return { family: protocolFamily(tuple.src), direction, tuple, zone, id: key.id }
}

/** The attributes that find a connection. */
export function keyBody({ family, direction, tuple, zone }: CheckedKey): ConntrackAttributes {
  const body = tupleBody(tuple, family)
  return {
    ...(direction === 'original' ? { tupleOrig: body } : { tupleReply: body }),
    zone: zone === 0 ? undefined : zone,
  }
}

export function describeKey({ direction, tuple, zone }: CheckedKey): string {
  const answers = direction === 'reply' ? 'answered by ' : ''
  return `connection ${answers}${describeTuple(tuple)}${zone === 0 ? '' : ` in zone ${zone}`}`
}
