/** linux/if_link.h, enum IFLA_VRF_* and IFLA_VRF_PORT_*; docs in Documentation/networking/vrf.rst. */

import { attributes, u32 } from '../../../codec/index.js'
import { kind } from './kind.js'

/** The routing table that the ports of the VRF use. */
export const vrf = kind('vrf', () => attributes('IFLA_VRF', { table: [1, u32] }), { required: ['table'] })

/** Its name in IFLA_INFO_SLAVE_KIND is the VRF's. */
export const vrfPort = kind('vrf', () => attributes('IFLA_VRF_PORT', { table: [1, u32] }), {
  readOnly: ['table'],
})
