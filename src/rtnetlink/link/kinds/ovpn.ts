/** linux/if_link.h, enum IFLA_OVPN_*: OpenVPN's data channel, whose peers are set through generic netlink. */

import { attributes, enumeration, names, u8 } from '../../../codec/index.js'
import { kind } from './kind.js'

/** enum ovpn_mode: one peer, or many. */
const ovpnModes = names({ p2p: 0, mp: 1 })

/** Peers, keys and sockets are set through generic netlink. */
export const ovpn = kind('ovpn', () => attributes('IFLA_OVPN', { mode: [1, enumeration(u8, ovpnModes)] }))
