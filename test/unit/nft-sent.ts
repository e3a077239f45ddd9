/** What a transaction sends, against the messages that nft(8) sent for the same. */

import { Writer } from '../../src/codec/index.js'
import { writeRequest } from '../../src/netlink/nlmsg.js'
import type { Request } from '../../src/netlink/request.js'
import { Transaction } from '../../src/nftables/recorder.js'
import { recordsOf, userdataOf } from '../../src/nftables/userdata.js'
import { dissect } from '../golden/dissect.js'
import { findGolden, type GoldenMessage } from '../golden/golden.js'

const IFINDEXES: Readonly<Record<string, number>> = { lo: 1, eth0: 10, eth1: 11 }

/** The messages of the calls, each as it stands in the batch, without NLM_F_ACK. */
export function sentByCalls(
  record: (tx: Transaction) => void,
  ids = 0,
  ifindex = (name: string) => IFINDEXES[name] ?? -1,
): Uint8Array[] {
  const tx = new Transaction(ids)
  record(tx)
  return tx.recorded.flatMap((one) => one.make({ shapeOf: () => undefined, ifindex }).map(bytesOf))
}

function bytesOf(request: Request): Uint8Array {
  const out = new Writer()
  writeRequest(request, 1, out)
  return out.take()
}

const NEWSET = 2569
/** NFTNL_UDATA_SET_KEY_TYPEOF and NFTNL_UDATA_SET_DATA_TYPEOF of libnftnl, EXPR_CONCAT of nft(8) */
const KEY_TYPEOF = 3
const DATA_TYPEOF = 4
const CONCAT = 13

/**
 * The changes of a fixture, without the ends of the batch. The records by which nft remembers the expression that a set's type comes
 * from (typeof) are left out: the kernel does not read them, and nft needs them only for types that have no name.
 */
export function changesOf(area: string, name: string): GoldenMessage[] {
  return findGolden(area, name)
    .messages.slice(1, -1)
    .map((message) => ({ ...message, bytes: withoutTypeof(message.bytes) }))
}

function withoutTypeof(bytes: Uint8Array): Uint8Array {
  const { type, attributes } = dissect(bytes)
  const userdata = type === NEWSET ? attributes.find(({ path }) => path === '13') : undefined
  if (userdata === undefined) return bytes
  const records = recordsOf(userdata.payload)
  const isOfSeveral = records.some(
    ({ type, value }) => type === KEY_TYPEOF && value[2] === CONCAT && value.length > 8,
  )
  if (isOfSeveral) return bytes
  const kept = userdataOf(records.filter(({ type }) => type !== KEY_TYPEOF && type !== DATA_TYPEOF))
  const length = 4 + kept.length
  const after = userdata.offset + userdata.length + userdata.padding.length
  const changed = [
    ...bytes.subarray(0, userdata.offset),
    ...[length & 0xff, length >> 8, 13, 0],
    ...kept,
    ...Array((4 - (length % 4)) % 4).fill(0),
    ...bytes.subarray(after),
  ]
  changed[0] = changed.length & 0xff
  changed[1] = changed.length >> 8
  return Uint8Array.from(changed)
}
