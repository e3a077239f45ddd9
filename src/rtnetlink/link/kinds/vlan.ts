/** linux/if_link.h, enum IFLA_VLAN_* */

import { isRecord } from '../../../codec/fault.js'
import { array, attributes, be16, enumeration, names, struct, u16, u32 } from '../../../codec/index.js'
import { checkInteger } from '../../../netlink/check.js'
import { switches, whole } from '../types.js'
import { vlanProtocols } from '../vlan-protocols.js'
import { kind } from './kind.js'

/** linux/if_vlan.h, VLAN_FLAG_* */
export const vlanFlags = names({ reorder_hdr: 1, gvrp: 2, loose_binding: 4, mvrp: 8, bridge_binding: 16 })

/** struct ifla_vlan_qos_mapping: of priorities of packets to those of tags (egress), or back. */
export const vlanQosMapping = struct({ from: u32, to: u32 })
const IFLA_VLAN_QOS_MAPPING = 1

/** 4095 is reserved. */
const MAX_ID = 4094

const MAX_PRIORITY = 7

/** Of a tag's priority the kernel takes the last three bits. */
function checkPriorities(options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  for (const [option, end] of [
    ['egressQos', 'to'],
    ['ingressQos', 'from'],
  ] as const) {
    const { [option]: map } = options
    if (!Array.isArray(map)) continue
    for (const [index, mapping] of map.entries())
      if (isRecord(mapping) && mapping[end] !== undefined)
        checkInteger(mapping[end], `${option}[${index}].${end}`, 0, MAX_PRIORITY, 'the priority of a tag')
  }
  return {}
}

/** `flags` are switches by name; those that are not given stay. */
export const vlan = kind(
  'vlan',
  () =>
    attributes('IFLA_VLAN', {
      id: [1, u16],
      flags: [2, switches(vlanFlags)],
      egressQos: [3, array(whole(vlanQosMapping), IFLA_VLAN_QOS_MAPPING)],
      ingressQos: [4, array(whole(vlanQosMapping), IFLA_VLAN_QOS_MAPPING)],
      protocol: [5, enumeration(be16, vlanProtocols)],
    }),
  {
    required: ['id'],
    needsLink: true,
    fixed: ['id', 'protocol'],
    complete: checkPriorities,
    check: ({ id }) => void checkInteger(id, 'id', 0, MAX_ID, 'a VLAN id'),
  },
)
