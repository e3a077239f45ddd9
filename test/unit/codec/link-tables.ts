/** Tables of links and VLANs, and how a test writes and reads by them. */

import type { Table } from '../../../src/codec/index.js'
import {
  attributes,
  be16,
  bytes,
  decodeAttributes,
  encodeAttributes,
  flag,
  flagged,
  guarded,
  mac,
  nested,
  repeated,
  string,
  struct,
  u8,
  u16,
  u32,
  Writer,
} from '../../../src/codec/index.js'

export function write(table: Table, value: unknown): Uint8Array {
  const out = new Writer()
  guarded(table.name, () => encodeAttributes(table, out, value as Record<string, unknown>))
  return out.take()
}

export function read<T extends Table>(table: T, data: Uint8Array) {
  return guarded(table.name, () => decodeAttributes(table, data, 0, data.length))
}

export const qosMapping = struct({ from: u32, to: u32 })

export const vlanQos = attributes('IFLA_VLAN_QOS', { mapping: [1, repeated(qosMapping)] })

export const vlan = attributes('IFLA_VLAN', {
  id: [1, u16],
  flags: [2, struct({ flags: u32, mask: u32 })],
  egressQos: [3, nested(vlanQos)],
  ingressQos: [4, nested(vlanQos)],
  protocol: [5, be16],
})

export const link = attributes('IFLA', {
  address: [1, mac],
  ifname: [3, string],
  mtu: [4, u32],
  carrier: [33, u8],
  altnames: [53, repeated(string)],
  present: [7, flag],
  raw: [8, bytes],
  vlan: [9, nested(vlan)],
  propList: [52, flagged(nested(attributes('PROP', { name: [53, repeated(string)] })))],
})
