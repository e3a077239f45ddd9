import { names } from '../../codec/index.js'

/** The EtherTypes of VLAN tags (linux/if_ether.h), as `ip link … type vlan protocol` names them. */
export const vlanProtocols = names({ '802.1Q': 0x8100, '802.1ad': 0x88a8 })
/** The protocol of a VLAN tag. */
export type VlanProtocol = keyof typeof vlanProtocols.numbers
