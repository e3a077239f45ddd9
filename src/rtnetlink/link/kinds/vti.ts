/** linux/if_tunnel.h, enum IFLA_VTI_*: tunnels whose packets IPsec policies with their keys as mark transform. */

import { attributes, be32, ipv4, ipv6, type Type, u32 } from '../../../codec/index.js'
import { kind } from './kind.js'

const vtiAttributes = (address: Type<string>) =>
  attributes('IFLA_VTI', {
    link: [1, u32],
    ikey: [2, be32],
    okey: [3, be32],
    local: [4, address],
    remote: [5, address],
    fwmark: [6, u32],
  })

/** Over IPv4. */
export const vti = kind('vti', () => vtiAttributes(ipv4), { resets: true })
/** Over IPv6. */
export const vti6 = kind('vti6', () => vtiAttributes(ipv6), { resets: true })
