/** linux/if_link.h, enum IFLA_BAREUDP_*: any protocol in UDP; docs in Documentation/networking/bareudp.rst. */

import { attributes, be16, enumeration, flag, names, u16 } from '../../../codec/index.js'
import { kind } from './kind.js'

/** linux/if_ether.h, ETH_P_*: what is carried. */
const etherTypes = names({ ipv4: 0x0800, ipv6: 0x86dd, mpls_uc: 0x8847, mpls_mc: 0x8848 })

/** Ports are UDP; without `multiprotoMode` only `ethertype` is carried. */
export const bareudp = kind(
  'bareudp',
  () =>
    attributes('IFLA_BAREUDP', {
      dstport: [1, be16],
      ethertype: [2, enumeration(be16, etherTypes)],
      srcportMin: [3, u16],
      multiprotoMode: [4, flag],
    }),
  { required: ['dstport', 'ethertype'] },
)
